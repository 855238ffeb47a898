"""The frozen lifters that guide a detector: found by name, and tried before they are believed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch

from ...data.images import Crops, moved
from ...errors import CheckpointError, SettingsError
from ...find_lifter import Found, find_lifter
from ...lifters.direct import Direct
from ...metrics import joint_error
from ...protocols import Lifter
from ...skeleton import Skeleton
from ...training.examples import Examples
from ..guided_loss import Guide
from .every_frame import EveryFrame
from .windows import StoredWindows, windowed

FAR = 3.0
"""Metres of mean error on true keypoints beyond which nothing about a lifter can be right."""
UNLIKE = 5.0
"""Standard deviations from a lifter's training data, on average, beyond which they are not its."""

UNEQUAL = 0.1
"""The share by which frame rates may differ."""


class Named(NamedTuple):
    """A guide, and where it comes from."""

    guide: Guide
    found: Found


def guides_named(names: Iterable[str], detected: Skeleton, device: str = "cpu") -> list[Named]:
    """The lifters of some folders, frozen, as guides of a detector; each with a name of its own."""
    made: list[Named] = []
    for name in names:
        found = find_lifter(name, device, fast=False)
        taken = {each.guide.name for each in made}
        title = next(each for each in titles(found.about.name) if each not in taken)
        made.append(Named(guide_of(title, found.lifter, detected), found))
    return made


def titles(name: str) -> Iterable[str]:
    """A name, and what another of the same name is called."""
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


def guide_of(name: str, lifter: Lifter, detected: Skeleton) -> Guide:
    """A lifter as a guide that answers for every frame that it is shown."""
    plain = Guide.of(name, lifter, detected)
    return replace(plain, lifter=EveryFrame(plain.lifter))


def tried(guides: Sequence[Guide], batch: Crops, frames: int = 1) -> None:
    """Refuse guides that say nothing of a batch, or nothing that could be true.

    They are told the true keypoints, so that what goes wrong here is theirs.

    Args:
        frames: Of a window.
    """
    if guides and batch.poses is None:
        raise SettingsError(
            "Lifters guide a detector where the poses of the people are known, but the pictures "
            "have keypoints alone; name other pictures, or leave --lifters out."
        )
    for guide in guides:
        check_statistics(guide, batch)
        check_answer(guide, batch, frames)


def check_rates(guides: Sequence[Guide], examples: Examples) -> None:
    """Refuse windows of pictures that follow each other at another rate than a guide knows."""
    if not isinstance(examples, StoredWindows):
        return
    rate = examples.crops.pictures.store.fps(0)
    for guide in guides:
        own = guide.lifter.fps
        if own is not None and abs(rate / own - 1) > UNEQUAL:
            raise SettingsError(
                f'The lifter "{guide.name}" sees motion at {own:g} frames a second, but the '
                f"pictures follow each other at {rate:g}; make them at its rate (crosslift render "
                "--every), or leave frames 1."
            )


def check_statistics(guide: Guide, batch: Crops) -> None:
    """Refuse mean and spread of other joints, or of pictures that are quite unlike these."""
    lifter = guide.lifter.lifter if isinstance(guide.lifter, EveryFrame) else guide.lifter
    if not isinstance(lifter, Direct):
        return
    for known in (lifter.keypoint_statistics, lifter.pose_statistics):
        if known is not None and len(known.mean) != len(lifter.skeleton):
            raise CheckpointError(
                f'The statistics of the lifter "{guide.name}" should be of its '
                f"{len(lifter.skeleton)} joints, but are of {len(known.mean)}; import it with its "
                "own."
            )
    if lifter.inputs.unit != "standard":
        return
    if lifter.keypoint_statistics is None:
        raise CheckpointError(
            f'The lifter "{guide.name}" takes keypoints in standard deviations of its training '
            "data, but has no statistics; import it with those that belong to it."
        )
    mean, spread = (each.to(batch.keypoints) for each in lifter.keypoint_statistics)
    own = guide.joints.apply2d(moved(batch.keypoints, batch.to_picture)).keypoints
    off = ((own - mean) / spread.clamp_min(1e-8)).abs()
    far = float(off[off.isfinite()].mean())
    if not far < UNLIKE:
        raise CheckpointError(
            f'The keypoints are {far:.0f} standard deviations off those that the lifter "'
            f'{guide.name}" was trained on: its statistics are of other data or other pictures; '
            "import it with its own, or name another lifter."
        )


def check_answer(guide: Guide, batch: Crops, frames: int) -> None:
    """Refuse a lifter without a gradient, and one whose answers could not be a body."""
    assert batch.poses is not None, "checked before"
    points = windowed(moved(batch.keypoints, batch.to_picture), frames).requires_grad_()
    camera = batch.camera.map(lambda each: windowed(each, frames))
    with torch.enable_grad():
        found = guide.poses(points, camera, torch.Generator(), rerooted=True)
    if not found.requires_grad:
        raise SettingsError(
            f'The lifter "{guide.name}" gives no gradient by its keypoints, so that it cannot '
            "guide a detector; name one whose network is computed here."
        )
    errors = joint_error(found.detach(), guide.truth(windowed(batch.poses, frames)))
    off = float(errors.nanmean())
    if not off < FAR:
        raise CheckpointError(
            f'The lifter "{guide.name}" is {off:.1f} m off on true keypoints: its weights, its '
            "statistics or their unit are of other data; import it anew."
        )
