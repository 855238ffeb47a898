"""Lifters that know the truth, and lifters that spoil it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Generator, Tensor

from crosslift.camera import Camera, project, to_image_plane
from crosslift.clip import Batch
from crosslift.geometry import mirror
from crosslift.label_free import Question
from crosslift.metrics import rooted
from crosslift.skeletons import H36M_17
from crosslift.windows import Windowing, windows

from ..people import seen_walker

FRAMES = 9


def generator(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


@cache
def walking() -> Batch:
    """Windows of someone who walks, seen without error, in double precision."""
    return exact(windows(seen_walker(2.0), Windowing(FRAMES)))


def exact(batch: Batch) -> Batch:
    """The windows in double precision, with the keypoints that follow from their poses."""
    batch = batch.to("cpu", torch.float64)
    assert batch.poses is not None
    return replace(batch, keypoints=project(batch.poses, batch.camera))


def true_poses(batch: Batch) -> Tensor:
    assert batch.poses is not None
    return rooted(batch.poses, batch.skeleton.root)


def unchanged(poses: Tensor, rng: Generator) -> Tensor:
    return poses


@dataclass(frozen=True, eq=False)
class Knowing:
    """Knows how the body bends in each frame, and finds how it, or its mirror image, is turned.

    Exact for keypoints without error, whatever the camera: the pose is a linear map of the known
    one, which follows from the keypoints without iteration (the direct linear transform).
    """

    known: Tensor
    change: Callable[[Tensor, Generator], Tensor] = unchanged
    skeleton = H36M_17
    frames: int = FRAMES
    predict: str = "all"
    fps: float | None = None

    def lift(
        self,
        keypoints: Tensor,
        camera: Camera,
        rng: Generator,
        *,
        scores: Tensor | None = None,
        body: Tensor | None = None,
    ) -> Tensor:
        plane = to_image_plane(keypoints, camera)
        found = [solved(each, plane) for each in (self.known, mirror(self.known, H36M_17))]
        (first, off), (second, other) = found
        poses = torch.where((off < other)[..., None, None], first, second)
        return self.change(rooted(poses, H36M_17.root), rng)[:, None]


def solved(known: Tensor, plane: Tensor) -> tuple[Tensor, Tensor]:
    """The known joints as the camera sees them turned, and how badly that fits."""
    points = torch.nn.functional.pad(known, (0, 1), value=1.0)
    nothing, (u, v) = torch.zeros_like(points), plane.split(1, dim=-1)
    rows = [torch.cat([points, nothing, -u * points], dim=-1)]
    rows.append(torch.cat([nothing, points, -v * points], dim=-1))
    _, powers, directions = torch.linalg.svd(torch.cat(rows, dim=-2))
    matrix = directions[..., -1, :].unflatten(-1, (3, 4))
    size = torch.linalg.det(matrix[..., :3])
    matrix = matrix / (size.sign() * size.abs() ** (1 / 3))[..., None, None]
    return points @ matrix.mT, powers[..., -1]


@dataclass(frozen=True, eq=False)
class Saying:
    """Says the same whatever it sees."""

    poses: Tensor  # windows hypotheses frames joints 3
    skeleton = H36M_17
    predict: str = "all"
    fps: float | None = None

    @property
    def frames(self) -> int:
        return self.poses.shape[2]

    def lift(
        self,
        keypoints: Tensor,
        camera: Camera,
        rng: Generator,
        *,
        scores: Tensor | None = None,
        body: Tensor | None = None,
    ) -> Tensor:
        return self.poses


def off_by(metres: float) -> Callable[[Tensor, Generator], Tensor]:
    """Every joint but the root off by a normal error of its own."""

    def change(poses: Tensor, rng: Generator) -> Tensor:
        off = metres * torch.randn(poses.shape, generator=rng, dtype=poses.dtype)
        off[..., H36M_17.root, :] = 0
        return poses + off

    return change


def knowing(change: Callable[[Tensor, Generator], Tensor] = unchanged) -> Knowing:
    return Knowing(true_poses(walking()), change)


def said(poses: Tensor, **more: float) -> Question:
    """A question that is answered with these poses in each window, as one hypothesis."""
    frames = poses.shape[1]
    batch = exact(windows(seen_walker(2.0), Windowing(frames))[: len(poses)])
    return Question(Saying(poses[:, None]), batch, **more)
