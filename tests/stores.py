"""Stores of a few short clips that tests share."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import torch

from crosslift.camera import Camera
from crosslift.clip import Clip
from crosslift.data.store import Store, StoreWriter

from .people import seen_walker


@cache
def short_clips(count: int = 3, frames: int = 15) -> tuple[Clip, ...]:
    """People who walk, each a little longer than the one before, at 50 frames a second."""
    return tuple(
        replace(
            seen_walker((frames + 2 * number) / 30, number),
            name=f"walk/{number}",
            fps=50.0,
            labels={"subject": f"S{number}", "split": "train" if number else "test"},
        )
        for number in range(count)
    )


def stored(folder: Path, clips: Sequence[Clip], *, in_a_shard: int | None = None) -> Store:
    """A store of clips; several shards if only so many are to go into one."""
    with StoreWriter(folder) as writer:
        for number, clip in enumerate(clips):
            if in_a_shard and number and number % in_a_shard == 0:
                writer.flush()
            writer.add(clip)
    return Store.open(folder)


def with_gaps(clip: Clip, share: float = 0.2, seed: int = 0) -> Clip:
    """The clip without a share of its keypoints."""
    rng = torch.Generator().manual_seed(seed)
    lost = torch.rand(clip.scores.shape, generator=rng) < share
    return replace(
        clip,
        keypoints=torch.where(lost[..., None], torch.nan, clip.keypoints),
        scores=torch.where(lost, 0, clip.scores),
        observed=clip.observed & ~lost,
    )


def moving(camera: Camera, frames: int) -> Camera:
    """The camera once for every frame."""
    return camera.map(lambda each: each.expand(frames, *each.shape).clone())
