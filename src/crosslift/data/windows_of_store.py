"""Windows of a store's clips, gathered straight from the memory map when a batch is asked for.

Nothing is copied before: there is a table of a few numbers for each clip, and a window is known by
its number among all. Frames beyond a clip's ends are its first and last ones again.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view

from ..camera import Camera, joined
from ..clip import Batch, Clip
from ..errors import DataError, SkeletonError
from ..skeleton import Skeleton
from ..windows import Windowing, plan
from .store import Store


@dataclass(frozen=True, eq=False)
class StoreWindows:
    """All windows of a store's clips of one skeleton."""

    store: Store
    windowing: Windowing
    labelled: bool = True
    """Whether poses are read too, and must be there."""

    def __len__(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    @cached_property
    def skeleton(self) -> Skeleton:
        """Of all the clips."""
        first = self.store[0]
        if not isinstance(first, Clip):
            raise DataError(
                f'Training takes clips with keypoints, but "{first.name}" is a motion without a '
                "camera; let cameras look at it first."
            )
        return first.skeleton

    @cached_property
    def frames(self) -> np.ndarray:
        """How many frames each clip has."""
        return self.store.frames

    @cached_property
    def ends(self) -> np.ndarray:
        """How many windows there are up to and with each clip."""
        counts = {int(n): len(plan(int(n), self.windowing)) for n in np.unique(self.frames)}
        return np.cumsum([counts[int(n)] for n in self.frames], dtype=np.int64)

    @cached_property
    def _table(self) -> "_Table":
        return _Table.of(self.store, self.skeleton, labelled=self.labelled)

    def take(self, numbers: Sequence[int] | np.ndarray) -> Batch:
        """The windows of these numbers, as one batch."""
        numbers = np.asarray(numbers, np.int64)
        clips = np.searchsorted(self.ends, numbers, side="right")
        within = numbers - np.where(clips > 0, self.ends[clips - 1], 0)
        frames = self.frames[clips]
        at = self._starts(frames, within)[:, None] + np.arange(self.windowing.frames)
        valid = (at >= 0) & (at < frames[:, None])
        rows = np.clip(at, 0, frames[:, None] - 1)
        return self._table.batch(clips, rows, valid, self.skeleton)

    def _starts(self, frames: np.ndarray, within: np.ndarray) -> np.ndarray:
        """The first frame of each window, from the plans of the clips' lengths."""
        starts = np.empty(len(frames), np.int64)
        for length in np.unique(frames):
            those = frames == length
            starts[those] = self._plan(int(length))[within[those]]
        return starts

    def _plan(self, length: int) -> np.ndarray:
        found = self._plans.get(length)
        if found is None:  # several threads may come here at once, and all find the same
            found = self._plans[length] = plan(length, self.windowing).starts.numpy()
        return found

    @cached_property
    def _plans(self) -> dict[int, np.ndarray]:
        return {}


@dataclass(frozen=True, eq=False)
class _Table:
    """Where each clip's arrays begin in the columns of its shard, and the clips' cameras."""

    shapes: dict[str, tuple[int, ...]]
    """Of one frame's numbers, for each kind of array."""
    columns: dict[str, list[np.ndarray]]
    """For each kind of array, that of every shard, with the frame that begins at each number: a
    shard may hold other skeletons too, so frames need not begin at multiples of their size."""
    begins: dict[str, np.ndarray]
    """The number at which each clip begins in the column of its shard."""
    shard: np.ndarray
    cameras: Camera
    """One for each clip, or one for each of its frames if it moves, clip after clip."""
    first_camera: np.ndarray
    moves: np.ndarray
    bodies: torch.Tensor | None

    @classmethod
    def of(cls, store: Store, skeleton: Skeleton, *, labelled: bool) -> "_Table":
        """The table of a store, whose clips are looked at once."""
        joints = len(skeleton)
        shapes = {"keypoints": (joints, 2), "scores": (joints,)}
        if labelled:
            shapes["poses"] = (joints, 3)
        clips = [checked(store[index], skeleton, labelled=labelled) for index in range(len(store))]
        places = [store.place(index) for index in range(len(store))]
        columns = {
            name: [_frames(shard.arrays, name, math.prod(shape)) for shard in store.shards]
            for name, shape in shapes.items()
        }
        begins = {
            name: np.array([_begin(store.shards[shard].arrays, name, row) for shard, row in places])
            for name in shapes
        }
        moves = np.array([clip.camera.focal.ndim > 1 for clip in clips], bool)
        cameras = [
            clip.camera if moving else clip.camera[None]
            for clip, moving in zip(clips, moves, strict=True)
        ]
        bodies = [clip.body for clip in clips]
        known = [body for body in bodies if body is not None]
        return cls(
            shapes,
            columns,
            begins,
            np.array([shard for shard, _ in places]),
            joined(cameras),
            np.cumsum([0, *(len(camera.focal) for camera in cameras)])[:-1],
            moves,
            torch.stack(known) if len(known) == len(bodies) else None,
        )

    def batch(
        self, clips: np.ndarray, rows: np.ndarray, valid: np.ndarray, skeleton: Skeleton
    ) -> Batch:
        """The windows at these frames of these clips."""
        found = {name: torch.from_numpy(self._gathered(name, clips, rows)) for name in self.columns}
        which, moves = torch.from_numpy(clips), self.moves[clips]
        cameras = self.first_camera[clips][:, None] + rows * moves[:, None]
        seen_by = torch.from_numpy(cameras if moves.any() else cameras[:, :1])
        return Batch(
            skeleton,
            self.cameras.map(lambda each: each[seen_by]),
            found["keypoints"],
            found["scores"],
            torch.from_numpy(valid),
            found.get("poses"),
            None if self.bodies is None else self.bodies[which],
        )

    def _gathered(self, name: str, clips: np.ndarray, rows: np.ndarray) -> np.ndarray:
        shape, columns, shards = self.shapes[name], self.columns[name], self.shard[clips]
        at = self.begins[name][clips][:, None] + rows * math.prod(shape)
        if len(columns) == 1:
            return columns[0][at].reshape(*at.shape, *shape)
        out = np.empty((*at.shape, math.prod(shape)), np.float32)
        for shard in np.unique(shards):
            those = shards == shard
            out[those] = columns[shard][at[those]]
        return out.reshape(*at.shape, *shape)


def checked(recording: object, skeleton: Skeleton, *, labelled: bool) -> Clip:
    """A recording as a clip that can be trained on; refused with the reason where it is none."""
    if not isinstance(recording, Clip):
        raise DataError("Training takes clips with keypoints, but the store holds motions too.")
    if recording.skeleton != skeleton:
        raise SkeletonError(
            f'The clips of one training should have one skeleton, but "{recording.name}" has '
            f'"{recording.skeleton.name}" and others "{skeleton.name}"; convert them with --to.'
        )
    if labelled and (recording.poses is None or len(recording.poses) != 1):
        raise DataError(
            f'Training needs one true pose for every frame, but "{recording.name}" has '
            f"{0 if recording.poses is None else len(recording.poses)}; leave it out."
        )
    return recording


def _frames(arrays: Mapping[str, np.ndarray], name: str, size: int) -> np.ndarray:
    """The frames of so many numbers that begin at each number of a column; a view."""
    flat = arrays.get(name, np.zeros(0, np.float32))
    return sliding_window_view(flat, size) if len(flat) >= size else np.zeros((0, size), np.float32)


def _begin(arrays: Mapping[str, np.ndarray], name: str, row: int) -> int:
    return int(arrays[f"{name}.ends"][row - 1]) if row else 0
