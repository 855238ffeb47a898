"""Batches of crops by number: read, cut and changed, by any number of processes ahead."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor
from torch.utils.data import DataLoader, Dataset

from ..camera import Camera, stacked
from ..clip import Clip
from ..errors import DataError, SettingsError, SkeletonError, TrainingError
from ..geometry import mirror, mirror_camera, swap_sides
from ..skeleton import Skeleton
from ..training.examples import Examples, seeded
from .images import Crops, inverse_way, joined_ways, moved
from .images_crop import NO_CHANGES, Changes, Framing, cut, drawn_way, recoloured
from .images_store import PictureStore


@dataclass(frozen=True, eq=False)
class StoredCrops:
    """Crops of a store's pictures, shuffled anew for every epoch; see `Examples`.

    What is drawn for a crop follows from the seed, the epoch and its place in it, so that a batch
    is the same whoever prepares it. The last, smaller batch of an epoch is left out.
    """

    pictures: PictureStore
    size: int
    """Crops in a batch."""
    seed: int
    framing: Framing = field(default_factory=Framing)
    changes: Changes = NO_CHANGES

    def __post_init__(self) -> None:
        if self.size < 1:
            raise SettingsError(f"A batch holds at least one crop, but {self.size} were asked for.")
        if len(self.pictures) < self.size:
            raise TrainingError(
                f"A batch of {self.size} crops needs as many, but the store has "
                f"{len(self.pictures)}; give more pictures or a smaller batch."
            )

    def __len__(self) -> int:
        return len(self.pictures) // self.size

    @cached_property
    def skeleton(self) -> Skeleton:
        """Of all clips."""
        return _clip(self.pictures, 0).skeleton

    def batch(self, epoch: int, index: int) -> Crops:
        """One batch."""
        order = torch.randperm(len(self.pictures), generator=seeded(self.seed, epoch))
        chosen = order[index * self.size : (index + 1) * self.size].tolist()
        return self.crops(
            chosen, [seeded(self.seed, epoch, index, place) for place in range(len(chosen))]
        )

    def in_order(self) -> Iterator[Crops]:
        """All crops once, in the order of the store, the last batch being smaller; unchanged."""
        plain = replace(self, changes=NO_CHANGES)
        for first in range(0, len(self.pictures), self.size):
            some = range(first, min(first + self.size, len(self.pictures)))
            yield plain.crops(list(some), [seeded(self.seed)] * len(some))

    def part(self, batch: Crops, which: int, of: int) -> Crops:
        """One process's part of a batch."""
        if len(batch) % of:
            raise SettingsError(
                f"A batch of {len(batch)} crops cannot be shared equally by {of} processes; choose "
                f"a batch of {of * max(1, len(batch) // of)}."
            )
        share = len(batch) // of
        return batch[which * share : (which + 1) * share]

    @property
    def hash(self) -> str:
        """Of the store's clips."""
        return self.pictures.store.hash()

    def crops(self, numbers: list[int], rngs: list[Generator]) -> Crops:
        """The pictures of these numbers, each changed by draws from its own generator."""
        some = [self._crop(number, rng) for number, rng in zip(numbers, rngs, strict=True)]
        poses = [each.poses for each in some]
        known = [pose for pose in poses if pose is not None]
        return Crops(
            self.skeleton,
            torch.stack([each.picture for each in some]),
            torch.stack([each.keypoints for each in some]),
            torch.stack([each.scores for each in some]),
            torch.stack([each.way for each in some]),
            stacked([each.camera for each in some]),
            torch.stack(known) if len(known) == len(poses) else None,
        )

    def _crop(self, number: int, rng: Generator) -> "_Crop":
        where, frame = self.pictures.where(number)
        clip = _clip(self.pictures, where)
        if clip.skeleton != self.skeleton:
            raise SkeletonError(
                f'The clips of one training should have one skeleton, but "{clip.name}" has '
                f'"{clip.skeleton.name}" and others "{self.skeleton.name}"; convert them apart.'
            )
        kept, box = self.pictures.picture(number)
        way = drawn_way(box, self.framing, self.changes, rng)
        mirrored = float(torch.rand((), generator=rng)) < self.changes.flip
        picture = cut(kept.pixels, joined_ways(inverse_way(kept.way), way), self.framing.size)
        found = _Crop(
            recoloured(picture, self.changes.colour, rng),
            moved(clip.keypoints[frame], inverse_way(way)),
            clip.scores[frame],
            way,
            clip.camera[frame] if clip.camera.focal.ndim > 1 else clip.camera,
            None if clip.poses is None else clip.poses[0, frame],
        )
        return _mirrored(found, clip.skeleton) if mirrored else found


class _Crop(NamedTuple):
    """One crop of those that are stacked."""

    picture: Tensor
    keypoints: Tensor
    scores: Tensor
    way: Tensor
    camera: Camera
    poses: Tensor | None


def _mirrored(crop: _Crop, skeleton: Skeleton) -> _Crop:
    """The crop of the mirrored picture, as the mirrored camera sees the mirrored person."""
    last = crop.picture.shape[-1] - 1
    middle = crop.camera.size[0] / 2
    flipped = torch.tensor([[-1.0, 0, last], [0, 1, 0]])
    back = torch.tensor([[-1.0, 0, 2 * float(middle)], [0, 1, 0]])
    return _Crop(
        crop.picture.flip(-1),
        mirror(crop.keypoints, skeleton, middle=last / 2),
        swap_sides(crop.scores, skeleton),
        joined_ways(back, joined_ways(crop.way, flipped)),
        mirror_camera(crop.camera, middle=middle),
        None if crop.poses is None else mirror(crop.poses, skeleton),
    )


def _clip(pictures: PictureStore, index: int) -> Clip:
    found = pictures.store[index]
    if not isinstance(found, Clip):
        raise DataError(f'A store of pictures holds clips, but "{found.name}" is a motion.')
    return found


class _ByNumber(Dataset[Any]):
    """Batches as PyTorch's loader asks for them."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples

    def __getitem__(self, step: int) -> Any:
        return self.examples.batch(step // len(self.examples), step % len(self.examples))


def _alone(worker: int) -> None:
    """Compute in one thread: the processes share the work already."""
    torch.set_num_threads(1)


def ahead_in_processes(examples: Examples, start: int, end: int, workers: int) -> Iterator[Any]:
    """The batches from one number to another in their order, made by so many processes.

    Which process makes a batch changes nothing, since a batch follows from its number.
    """
    numbers = np.arange(start, end).tolist()
    loader = DataLoader(
        _ByNumber(examples),
        sampler=numbers,
        batch_size=None,
        num_workers=workers,
        worker_init_fn=_alone,
        generator=torch.Generator(),  # the loader draws a seed that nobody needs
    )
    yield from loader
