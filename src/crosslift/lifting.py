"""From a clip of keypoints to a clip with poses, whatever the lifter."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .camera import to_image_plane
from .clip import Clip
from .errors import SkeletonError
from .filling import between_known
from .geometry import place_root
from .kept_parts import Keeping, Part
from .protocols import Lifter, SlidingLifter
from .resampling import at_moments, moments, needs_resampling, resampled, without_gaps
from .rigid import rigid
from .windows import Windowing, batches, plan, stitch

ASSUMED_DISTANCE = 4.0
"""Metres from the camera at which a body is put whose place nothing tells."""

FRAMES_AT_ONCE = 1024
"""Frames in one batch of windows, unless a number of windows is given."""

FRAMES_OF_PART = 10_000
"""Frames of a long recording that are lifted, and kept where a run can go on, at a time."""

Watch = Callable[[float], None]
"""Told from time to time what share of the frames is done."""


def unwatched(done: float) -> None:
    """Tell nobody."""


class Going(NamedTuple):
    """How a long recording is gone through."""

    at_a_time: int | None = None
    """Windows in one batch; less needs less memory."""
    part: int = FRAMES_OF_PART
    """About how many frames are lifted, and kept, at a time."""
    keeping: Keeping | None = None
    """Where the parts of recordings of more than one are kept, so that a later run goes on."""
    watch: Watch = unwatched
    """Told how far it is."""


USUALLY = Going()


def lift(
    clip: Clip,
    lifter: Lifter,
    rng: Generator,
    *,
    at_a_time: int | None = None,
    rigid_limbs: bool = False,
    going: Going = USUALLY,
) -> Clip:
    """The clip with the poses that the lifter finds, placed before the camera by reprojection.

    Poses that the clip already has are not looked at; bone lengths are told to the lifter. Missing
    keypoints are filled in before and stay marked. A clip at another frame rate than the lifter's
    is lifted at the lifter's, which its provenance says.

    Args:
        at_a_time: Windows in one batch; less needs less memory.
        rigid_limbs: Give each bone of the limbs one length, left and right alike: the clip's, where
            it has bone lengths, else the median's over the frames.
        going: How a long recording is gone through in parts.
    """
    if lifter.skeleton != clip.skeleton:
        raise SkeletonError(
            f'The lifter takes the skeleton "{lifter.skeleton.name}", but the clip "{clip.name}" '
            f'has "{clip.skeleton.name}"; map the clip first.'
        )
    clip = replace(clip, poses=None, spread=None, covariance=None, radii=None)
    going = going if at_a_time is None else going._replace(at_a_time=at_a_time)
    said = {}
    with torch.no_grad():
        if lifter.fps is None or not needs_resampling(clip, lifter.fps):
            poses = root_relative(without_gaps(clip), lifter, rng, going=going)
        else:
            even = without_gaps(resampled(clip, lifter.fps))
            poses = root_relative(even, lifter, rng, going=going)
            poses = at_moments(poses, lifter.fps, moments(clip))
            rates = f"{lifter.fps:g} frames a second, where the recording has {clip.fps:g}"
            said["resampled"] = f"lifted at {rates}"
        if rigid_limbs:
            poses = rigid(poses, clip.skeleton, clip.body)
            lengths = "medians over the frames" if clip.body is None else "the body's"
            said["limbs"] = f"of one length, left and right alike: {lengths}"
        found = placed(clip, poses)
    return replace(found, provenance={**clip.provenance, **said})


def root_relative(
    clip: Clip,
    lifter: Lifter,
    rng: Generator,
    at_a_time: int | None = None,
    *,
    going: Going = USUALLY,
) -> Float[Tensor, "hypotheses frames joints 3"]:
    """What the lifter makes of a clip at its frame rate, about the root, part by part."""
    going = going if at_a_time is None else going._replace(at_a_time=at_a_time)
    bounds = part_bounds(len(clip), lifter, going.part)
    keeping = going.keeping if len(bounds) > 2 else None
    kept = None if keeping is None else keeping.of(clip, rng, bounds)
    found = []
    for number, (first, last) in enumerate(pairwise(bounds)):
        part = None if kept is None else kept.read(number)
        if part is None:
            poses = part_lifted(clip, slice(first, last), lifter, rng, going)
            part = Part(poses, rng.get_state())
            if kept is not None:
                kept.write(number, part)
        rng.set_state(part.drawn)
        found.append(part.poses.to(clip.keypoints.device))
        going.watch(last / max(len(clip), 1))
    return torch.cat(found, dim=1)


def part_bounds(frames: int, lifter: Lifter, size: int) -> list[int]:
    """The first frame of each part, and the one after the last; a part of no frames for none.

    Parts are whole numbers of windows, and the last one has room for one at least, so that windows
    lie as they do when there is one part alone.
    """
    size = max(1, size // lifter.frames) * lifter.frames
    firsts = range(0, max(frames - lifter.frames + 1, 1), size)
    return [*firsts, frames]


def part_lifted(
    clip: Clip, frames: slice, lifter: Lifter, rng: Generator, going: Going
) -> Float[Tensor, "hypotheses frames joints 3"]:
    """The poses of some of a clip's frames, which are those of the clip as a whole.

    Windows that answer for all their frames end where the part does; else a window's length is
    looked at on both sides of the part.
    """
    margin = 0 if lifter.predict == "all" else lifter.frames
    seen = slice(max(frames.start - margin, 0), min(frames.stop + margin, len(clip)))
    own = slice(frames.start - seen.start, frames.stop - seen.start)
    part = some_frames(clip, seen)
    if isinstance(lifter, SlidingLifter) and lifter.predict != "all" and len(part):
        return slid(part, lifter, rng)[:, own]
    windowing = Windowing(lifter.frames, predict=lifter.predict)
    where = plan(len(part), windowing)
    if lifter.predict != "all":
        where = where[own]  # a window for each frame; those beside are no part's own

    def answers(size: int) -> Iterator[Tensor]:
        done = 0
        for batch in batches(part, where, size):
            yield lifter.lift(batch.keypoints, batch.camera, rng, scores=batch.scores,
                              body=batch.body)  # fmt: skip
            done += len(batch)
            share = done / max(len(where), 1)
            going.watch((frames.start + share * (frames.stop - frames.start)) / max(len(clip), 1))

    usual = max(1, FRAMES_AT_ONCE // lifter.frames)
    return stitch(answers(going.at_a_time or usual), where)[:, own]


def some_frames(clip: Clip, frames: slice) -> Clip:
    """A stretch of a clip's keypoints."""
    moving = clip.camera.focal.ndim > 1
    return replace(
        clip,
        camera=clip.camera[frames] if moving else clip.camera,
        keypoints=clip.keypoints[frames],
        scores=clip.scores[frames],
        observed=clip.observed[frames],
        poses=None,
        spread=None,
        covariance=None,
        radii=None,
        times=None if clip.times is None else clip.times[frames],
    )


def slid(
    clip: Clip, lifter: SlidingLifter, rng: Generator
) -> Float[Tensor, "hypotheses frames joints 3"]:
    """The same of a lifter that computes once what its overlapping windows share."""
    camera = clip.camera[None] if clip.camera.focal.ndim > 1 else clip.camera[None][None]
    body = None if clip.body is None else clip.body[None]
    return lifter.slide(clip.keypoints[None], camera, rng, scores=clip.scores[None], body=body)[0]


def placed(clip: Clip, poses: Float[Tensor, "hypotheses frames joints 3"]) -> Clip:
    """The clip with root-relative poses, each put where its reprojection fits the keypoints.

    A frame that shows too little of the body takes its place from its neighbours; where no frame
    shows enough, the body is put at an assumed distance and the clip says so.
    """
    shape = poses.shape[:-1]
    keypoints, scores = clip.keypoints.expand(*shape, 2), clip.scores.expand(shape)
    root = place_root(poses, keypoints, scores, clip.camera)
    known = bool(root.isfinite().any())
    if known:
        root = between_known(root, root.isfinite().all(dim=-1))
    else:
        root = ahead(clip).expand(*shape[:-1], 3)
    how = "reprojection" if known else "assumed"
    return replace(clip, poses=poses + root[..., None, :], root_from=how)


def ahead(clip: Clip) -> Float[Tensor, "frames 3"]:
    """Places at the assumed distance, in the middle of the picture."""
    middle = (clip.camera.size / 2)[..., None, :]
    ray = to_image_plane(middle, clip.camera)[..., 0, :].expand(len(clip), 2)
    return torch.nn.functional.pad(ray, (0, 1), value=1.0) * ASSUMED_DISTANCE
