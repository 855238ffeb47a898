"""Windows of a fixed number of frames: cut from clips in one place, put together in one place.

A network sees some frames at a time. `plan` says which, `windows` cuts them, `stitch` makes one
sequence of what was made of them. A plan is a handful of numbers for each window; the table of
frames, which for overlapping windows is many times as long as the clip, exists for no more
windows at a time than one asks for (`batches`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from .camera import Camera, joined
from .clip import Batch, Clip
from .errors import DataError, SettingsError, SkeletonError

Predict = Literal["all", "centre", "last"]


@dataclass(frozen=True)
class Windowing:
    """How a sequence is cut into windows."""

    frames: int
    """Length of a window."""
    stride: int | None = None
    """Frames from one window to the next; unless given, the window's length when all frames are
    predicted, else 1."""
    predict: Predict = "all"
    """Whether a window stands for all its frames, or for the `stride` frames in its middle or at
    its end; in the latter cases the sequence's ends are repeated around it."""
    end: Literal["slide", "centred"] = "slide"
    """When all frames are predicted and they are no multiple of the stride: slide the last window
    back, or repeat the first and the last frame on both sides (D3DP's training)."""
    short: Literal["right_edge", "left_edge"] = "right_edge"
    """When the sequence is shorter than a sliding window: repeat the last frame behind it and
    mark the copies, or the first frame before it and count the copies as frames, as Diff3DHPE's
    release does by mistake."""

    def __post_init__(self) -> None:
        check_windowing(self)

    @property
    def step(self) -> int:
        """Frames from one window to the next."""
        if self.stride is not None:
            return self.stride
        return self.frames if self.predict == "all" else 1


def check_windowing(windowing: Windowing) -> None:
    """Refuse windows that are empty or leave frames out between them."""
    if windowing.frames < 1:
        raise SettingsError(
            f"A window has at least one frame, but {windowing.frames} were asked for; give the "
            "number of frames that the network was trained with."
        )
    if not 1 <= windowing.step <= windowing.frames:
        raise SettingsError(
            f"Windows of {windowing.frames} frames should start 1 to {windowing.frames} frames "
            f"apart, but a stride of {windowing.step} was asked for; choose one in that range."
        )


@dataclass(frozen=True, eq=False)
class Plan:
    """Where the windows of one sequence lie; a slice of it is the plan of fewer windows.

    The tables have one row for each window and are made when asked for.
    """

    length: int
    """Frames of the sequence."""
    size: int
    """Frames of a window."""
    starts: Int[Tensor, " windows"]
    """The first frame of each window; below 0 where the sequence's first frame is repeated."""
    kept: Int[Tensor, "windows 2"]
    """The first frame for which each window stands, and the one after the last."""
    ends: bool = False
    """Whether outputs of fewer frames than a window has are of its end and not of its middle."""

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, some: slice) -> "Plan":
        return replace(self, starts=self.starts[some], kept=self.kept[some])

    @property
    def unbounded(self) -> Int[Tensor, "windows frames"]:
        """The frame of every position, were the sequence endless."""
        return self.starts[:, None] + torch.arange(self.size, device=self.starts.device)

    @property
    def frames(self) -> Int[Tensor, "windows frames"]:
        """The frame that stands at every position: the nearest one beyond the ends."""
        return self.unbounded.clamp(min=0, max=max(self.length - 1, 0))

    @property
    def valid(self) -> Bool[Tensor, "windows frames"]:
        """Which positions are frames and not copies of the first or the last."""
        at = self.unbounded
        return (at >= 0) & (at < self.length)

    @property
    def keep(self) -> Bool[Tensor, "windows frames"]:
        """Which positions' predictions are kept: one for each frame of the sequence."""
        at = self.unbounded
        return (at >= self.kept[:, :1]) & (at < self.kept[:, 1:])


def plan(length: int, windowing: Windowing) -> Plan:
    """Where the windows of a sequence of `length` frames lie; there is none for no frames.

    Every frame is kept from exactly one window: where windows overlap, from the earlier one.
    """
    size, step = windowing.frames, windowing.step
    if windowing.predict != "all":
        first, last = torch.arange(0, length, step), windowing.predict == "last"
        kept = torch.stack([first, (first + step).clamp(max=length)], dim=-1)
        before = size - step if last else (size - step) // 2
        return Plan(length, size, first - before, kept, ends=last)
    number = 0 if length == 0 else 1 + max(0, -(-(length - size) // step))
    starts = torch.arange(number) * step
    spare = (number - 1) * step + size - length
    if windowing.end == "centred":
        starts = starts - spare // 2
    elif length >= size or windowing.short == "left_edge":
        starts = starts.clamp(max=length - size)
    ends = starts + size
    kept = torch.stack([torch.cat([starts[:1], ends[:-1]]), ends], dim=-1)
    if windowing.end == "centred" or windowing.short == "right_edge":
        kept = kept.clamp(min=0, max=length)
    return Plan(length, size, starts, kept)


def windows(clips: Clip | Sequence[Clip], windowing: Windowing) -> Batch:
    """All windows of a clip, or of several clips one after the other.

    The first hypothesis stands for the poses. Body lengths are there if every clip has them.
    """
    clips = [clips] if isinstance(clips, Clip) else list(clips)
    check_alike(clips)
    return _cut(clips, [plan(len(clip), windowing) for clip in clips])


def batches(clip: Clip, windowing: Windowing | Plan, size: int) -> Iterator[Batch]:
    """The windows of a clip, or those of a plan for it, at most `size` of them at a time.

    Memory grows with `size` and not with the length of the clip. A clip without frames gives one
    batch without windows, so that what is made of it keeps its shape.
    """
    if size < 1:
        raise SettingsError(
            f"A batch holds at least one window, but {size} were asked for; give 1 or more."
        )
    whole = windowing if isinstance(windowing, Plan) else plan(len(clip), windowing)
    for first in range(0, max(len(whole), 1), size):
        yield _cut([clip], [whole[first : first + size]])


def stitch(
    outputs: Float[Tensor, "windows hypotheses frames *rest"] | Iterable[Tensor],
    where: Plan,
    *,
    blend: bool = False,
) -> Float[Tensor, "hypotheses length *rest"]:
    """One sequence of what was made of its windows; frames that no window keeps are NaN.

    Args:
        outputs: Of all windows, or batch after batch in their order. Those of fewer frames than a
            window has are of its middle, or of its end if the plan says so.
        blend: Mean of all windows that saw a frame, near their ends with little weight (a raised
            cosine), instead of the one window that keeps it.
    """
    parts = iter([outputs] if isinstance(outputs, Tensor) else outputs)
    first, done = next(parts, None), 0
    if first is None:
        raise DataError(_unlike_plan(where, done))
    precise = _precision(first) if blend else first.dtype
    shape = first.shape[1], where.length, *first.shape[3:]
    total = torch.zeros(shape, dtype=precise, device=first.device)
    weight = total.new_zeros(where.length)
    for part in chain([first], parts):
        rows = where[done : done + len(part)]
        done += len(part)
        if done > len(where):
            break
        at, share = _shares(rows, part.shape[2], blend=blend)
        used, at, share = (share > 0).to(part.device), at.to(part.device), share.to(weight)
        values = part.movedim(1, 0)[:, used].to(precise)
        total.index_add_(1, at[used], values * _tall(share[used], values.ndim - 1))
        weight.index_add_(0, at[used], share[used])
    if done != len(where):
        raise DataError(_unlike_plan(where, done))
    return (total / _tall(weight, total.ndim - 1)).to(first.dtype)


def check_alike(clips: Sequence[Clip]) -> None:
    """Refuse to stack windows of no clip, of different skeletons, or with and without poses."""
    if not clips:
        raise DataError("Windows are cut from at least one clip, but none was given; name some.")
    first = clips[0]
    for clip in clips[1:]:
        if clip.skeleton != first.skeleton:
            raise SkeletonError(
                f'The clips of one batch should have one skeleton, but "{first.name}" has '
                f'"{first.skeleton.name}" and "{clip.name}" has "{clip.skeleton.name}"; remap one.'
            )
        if (clip.poses is None) != (first.poses is None):
            with_poses, without = (first, clip) if clip.poses is None else (clip, first)
            raise DataError(
                f'All clips of one batch should have poses or none, but "{with_poses.name}" has '
                f'them and "{without.name}" has not; leave one kind out.'
            )


def _cut(clips: Sequence[Clip], plans: Sequence[Plan]) -> Batch:
    """The planned windows of clips that are alike."""
    frames = [
        rows.frames.to(clip.keypoints.device) for clip, rows in zip(clips, plans, strict=True)
    ]
    poses = [clip.poses[0] for clip in clips if clip.poses is not None]
    bodies = [clip.body for clip in clips if clip.body is not None]
    each = torch.tensor([len(rows) for rows in plans], device=frames[0].device)
    return Batch(
        clips[0].skeleton,
        _cut_cameras([clip.camera for clip in clips], frames),
        _gathered([clip.keypoints for clip in clips], frames),
        _gathered([clip.scores for clip in clips], frames),
        valid=torch.cat([rows.valid for rows in plans]).to(frames[0].device),
        poses=_gathered(poses, frames) if poses else None,
        body=torch.stack(bodies).repeat_interleave(each, dim=0)
        if len(bodies) == len(clips)
        else None,
    )


def _gathered(values: Sequence[Tensor], frames: Sequence[Tensor]) -> Tensor:
    return torch.cat([those[at] for those, at in zip(values, frames, strict=True)])


def _cut_cameras(cameras: Sequence[Camera], frames: Sequence[Tensor]) -> Camera:
    """The camera of each window: of one frame if all stand still, else of every frame."""
    still = [camera.focal.ndim == 1 for camera in cameras]
    rows = [camera[None] if alone else camera for camera, alone in zip(cameras, still, strict=True)]
    places = [
        torch.zeros_like(at) if alone else at for at, alone in zip(frames, still, strict=True)
    ]
    before = [0, *accumulate(len(camera.focal) for camera in rows)]
    index = torch.cat([at + first for at, first in zip(places, before, strict=False)])
    if all(still):
        index = index[:, :1]
    return joined(rows).map(lambda tensor: tensor[index])


def _shares(
    rows: Plan, frames: int, *, blend: bool
) -> tuple[Int[Tensor, "windows frames"], Float[Tensor, "windows frames"]]:
    """The frame of each position of the windows' middle, and its weight in that frame's mean."""
    first = rows.size - frames if rows.ends else (rows.size - frames) // 2
    middle = slice(max(first, 0), first + frames)
    wanted, valid = rows.keep & rows.valid, rows.valid[:, middle]
    if frames > rows.size or wanted.sum() > wanted[:, middle].sum():
        raise DataError(
            f"The outputs have {frames} frames for each window, which are not the {rows.size} of a "
            "window nor a part of it that holds all frames to keep; check the windowing."
        )
    if not blend:
        return rows.frames[:, middle], wanted[:, middle].to(torch.float64)
    rise = torch.sin((torch.arange(rows.size, dtype=torch.float64) + 0.5) * (torch.pi / rows.size))
    return rows.frames[:, middle], valid * rise[middle] ** 2


def _unlike_plan(where: Plan, found: int) -> str:
    return (
        f"The outputs of {len(where)} windows were expected, but those of "
        f"{found if found <= len(where) else 'more'} were found; stitch them with the plan by "
        "which the windows were cut."
    )


def _precision(values: Tensor) -> torch.dtype:
    """In which hundreds of windows are summed; Apple's devices have no float64."""
    return torch.float32 if values.device.type == "mps" else torch.float64


def _tall(values: Tensor, ndim: int) -> Tensor:
    """A vector with trailing axes of length 1."""
    return values.view(-1, *[1] * (ndim - 1))
