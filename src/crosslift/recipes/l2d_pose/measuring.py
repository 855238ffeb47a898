"""How good a detector is by itself, and behind lifters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ...data.images import Crops, moved
from ...detect.map_detector import MapDetector
from ...errors import DataError
from ...metrics import aligned_joint_error, joint_error, pdj
from ...metrics.pictures import pckh
from ...skeleton import Skeleton
from ...training.examples import Examples
from ..detector import TORSO, batches, knows_torso
from ..guided_loss import Guide, Poses, median_pose
from .windows import windowed

HEAD = ("thorax", "head")
"""The joints whose distance is the head's size in PCKh; MPII's own head is a box."""
MEDIAN = "median"
"""What the median of all lifters' poses is called."""


@dataclass(frozen=True)
class Behind:
    """How far the poses of one lifter are off, in millimetres about the root."""

    mpjpe_mm: float
    p_mpjpe_mm: float
    joints_mm: tuple[float, ...]
    """Mean error of each of the lifter's joints."""


@dataclass(frozen=True)
class Measured:
    """What a detector is worth."""

    pixels: float
    """Mean error of visible joints, in pixels of the cut-out."""
    pdj: float
    """Share of joints within a fifth of the torso."""
    pckh: float
    """Share of joints within half the head."""
    behind: Mapping[str, Behind]
    """By lifter; where there are several of the same joints, of their median too."""

    @property
    def mpjpe_mm(self) -> float:
        """Mean over the lifters, each of which counts the same."""
        own = [each.mpjpe_mm for name, each in self.behind.items() if name != MEDIAN]
        return sum(own) / len(own)

    def figures(self) -> dict[str, float]:
        """All but the single joints' as one table of numbers."""
        found = {"pixels": self.pixels, "pdj": self.pdj, "pckh": self.pckh}
        if self.behind:
            found["mpjpe_mm"] = self.mpjpe_mm
        for name, each in self.behind.items():
            found |= {f"{name}.mpjpe_mm": each.mpjpe_mm, f"{name}.p_mpjpe_mm": each.p_mpjpe_mm}
        return found


class InPictures(NamedTuple):
    """What counts of a batch in the pictures: one number for each joint or each person."""

    pixels: Float[Tensor, " joints"]
    pdj: Float[Tensor, " people"]
    pckh: Float[Tensor, " people"]


def measured(
    detector: MapDetector, guides: Sequence[Guide], examples: Examples, frames: int = 1
) -> Measured:
    """What a detector is worth on all batches of one epoch.

    Lifters answer in one pass, without the mirrored picture, and poses are compared about their
    roots.

    Args:
        frames: Of a window.
    """
    detector.network.eval()
    parts: list[InPictures] = []
    errors: dict[str, list[tuple[Tensor, Tensor]]] = {}
    for batch in batches(examples, detector.device):
        with torch.no_grad():
            found = detector.pixels(detector.averaged_maps(batch.pictures))
            parts.append(in_pictures(found, batch, detector.skeleton))
            for name, each in in_space(found, batch, guides, frames).items():
                errors.setdefault(name, []).append(each)
    pixels, torso, head = (
        float(torch.cat(each).double().mean()) for each in zip(*parts, strict=True)
    )
    if isnan(pixels):
        raise DataError(
            "A detector is measured on pictures with visible joints, but there are none; name "
            "other pictures."
        )
    return Measured(pixels, torso, head, {name: behind(each) for name, each in errors.items()})


def in_pictures(
    found: Float[Tensor, "people joints 2"], batch: Crops, skeleton: Skeleton
) -> InPictures:
    """How well joints are found, those that are outside the pictures left out."""
    seen, truth = batch.scores > 0, batch.keypoints
    pixels = joint_error(found, truth, mask=seen)[seen]
    shares = [pixels.new_full((1,), torch.nan)] * 2
    if knows_torso(skeleton):
        one, other = skeleton.indices(*TORSO)
        shares[0] = pdj(found, truth, torso=(one, other), mask=seen)
    if all(joint in skeleton for joint in HEAD):
        one, other = skeleton.indices(*HEAD)
        shares[1] = pckh(found, truth, head=(one, other), mask=seen)
    kept = [each[each.isfinite()] for each in shares]
    return InPictures(pixels, kept[0], kept[1])


def in_space(
    found: Float[Tensor, "people joints 2"], batch: Crops, guides: Sequence[Guide], frames: int
) -> dict[str, tuple[Float[Tensor, "poses _"], Float[Tensor, "poses _"]]]:
    """How far each joint of each pose is off behind each lifter: as it is, and aligned."""
    if not guides:
        return {}
    if batch.poses is None:
        raise DataError(
            "What a detector is worth behind lifters is told by true poses, but the pictures have "
            "keypoints alone; name others."
        )
    points = windowed(moved(found, batch.to_picture), frames)
    camera = batch.camera.map(lambda each: windowed(each, frames))
    truth, rng = windowed(batch.poses, frames), torch.Generator()
    poses = [each.poses(points, camera, rng, rerooted=True) for each in guides]
    truths = [each.truth(truth) for each in guides]
    told = {
        guide.name: off(found, true)
        for guide, found, true in zip(guides, poses, truths, strict=True)
    }
    if len(guides) > 1 and len({each.lifter.skeleton for each in guides}) == 1:
        told[MEDIAN] = off(median_pose(poses), truths[0])
    return told


def off(poses: Poses, truth: Poses) -> tuple[Tensor, Tensor]:
    """The errors of all joints of those poses whose truth is whole."""
    whole = truth.isfinite().all(dim=-1).all(dim=-1)
    return joint_error(poses[whole], truth[whole]), aligned_joint_error(poses[whole], truth[whole])


def behind(errors: Sequence[tuple[Tensor, Tensor]]) -> Behind:
    """The means of what all batches say."""
    plain, aligned = (1000 * torch.cat(each).double() for each in zip(*errors, strict=True))
    return Behind(float(plain.mean()), float(aligned.mean()), tuple(plain.mean(dim=0).tolist()))
