"""Whether a lifted clip can be believed, told from the clip alone, and in words.

No figure here knows the truth. Each tells of something that a right result has: it is seen where
the keypoints are, its bones keep their length, it bends as people do, feet that stand do not slide.
A clip that passes may still be wrong; one that fails is. `docs/quality.md` has what was measured.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .camera import camera_to_world, project, world_to_camera
from .clip import Clip
from .domain import Domain
from .geometry import body_lengths, extent
from .ground import Ground, estimated_ground, feet_of, given_ground, is_placed
from .joint_angles import joint_angles
from .metrics import jitter, mean_bone_stretch

MOST_FRAMES = 20_000
"""Frames, evenly spread, in which joint angles are looked at."""
WHITE = math.sqrt(20 * 8 / math.pi)
"""The mean length of the third difference of places that are off by 1 along each axis, each by
itself: its variance is 20, and a normal vector is sqrt(8 / pi) long on the average."""
ABSURD = 10
"""How many times what is allowed a figure is at most told to be."""
NEAR_FLOOR = 0.04
"""Metres above where an ankle stands within which a foot should not slide."""

BENDS = {
    "hip_flexion": (-60, 155),
    "hip_abduction": (-50, 80),
    "hip_rotation": (-90, 90),
    "knee_flexion": (0, 165),
    "shoulder_rotation": (-135, 120),
    "elbow_flexion": (0, 165),
    "trunk_twist": (-70, 70),
}
"""Degrees within which people bend, with room for joints that are a few centimetres off."""


class Check(NamedTuple):
    """When a figure is bad, and what is said then."""

    title: str
    most: float
    """Beyond this it is bad."""
    scale: float
    """From what is kept to what people are told."""
    unit: str
    sentence: str
    """What it is, what was seen ("{seen}"), and what to do."""

    def seen(self, value: float) -> str:
        """A figure for people; how far beyond all reason it is does not matter to them."""
        shown = min(value, ABSURD * self.most)
        return f"{'over ' if shown < value else ''}{self.scale * shown:.0f} {self.unit}"


CHECKS = {
    "reprojection": Check(
        "off the keypoints, by the person's size",
        0.06,
        100,
        "%",
        "The poses are seen {seen} of the person's size beside the keypoints, on the average; "
        "check the order of the joints and the camera, or take a lifter that was trained on such "
        "movements.",
    ),
    "bone_change": Check(
        "bones change their length",
        0.18,
        100,
        "%",
        "Bones change their length by {seen} over time, which no body does; smooth the result, or "
        "give the person's bone lengths.",
    ),
    "asymmetry": Check(
        "left and right differ",
        0.12,
        100,
        "%",
        "Bones of the left side are {seen} longer or shorter than those of the right; check the "
        "order of the joints, or give the person's bone lengths.",
    ),
    "beyond_limits": Check(
        "frames bent as nobody bends",
        0.1,
        100,
        "%",
        "In {seen} of the frames a joint bends as no person's does; check whether left and right "
        "are swapped or the picture is mirrored.",
    ),
    "filled": Check(
        "joints that were not seen",
        0.25,
        100,
        "%",
        "Of the keypoints {seen} were not seen and had to be filled in; use a recording in which "
        "the whole body is in view.",
    ),
    "skating": Check(
        "feet slide",
        0.6,
        100,
        "cm/s",
        "Feet that stand on the floor slide at {seen}; check the focal length and the frame rate, "
        "or smooth the result.",
    ),
    "trembling": Check(
        "joints tremble",
        0.04,
        1000,
        "mm",
        "Joints tremble from frame to frame as if each were off by {seen} at random; smooth the "
        "result.",
    ),
    "unlike_training": Check(
        "frames unlike the training",
        0.2,
        100,
        "%",
        "Of the frames {seen} are unlike all that the lifter was trained on, where 1 % would be "
        "usual; check that the picture is upright, or adapt the lifter to the recording.",
    ),
}
"""Every figure by its name."""


@dataclass(frozen=True)
class Quality:
    """Figures of a lifted clip; None for what it does not tell."""

    frames: int
    """With poses."""
    placed: bool
    """Whether the distance from the camera is measured or follows from the keypoints."""
    reprojection_px: float | None = None
    """Pixels between the keypoints that were observed and where the poses are seen."""
    reprojection: float | None = None
    """The same by the larger side of the box around the person in the picture."""
    bone_change: float | None = None
    """Standard deviation of a bone's length over time, by its mean; mean over bones."""
    asymmetry: float | None = None
    """How much the usual lengths of left and right bones differ, by their mean."""
    beyond_limits: float | None = None
    """The share of the frames in which a joint bends as people do not."""
    filled: float | None = None
    """The share of the keypoints that were not observed."""
    skating: float | None = None
    """Metres a second at which the lower foot moves while it is at the floor; a median."""
    trembling: float | None = None
    """Metres: the standard deviation of independent errors that would tremble as much."""
    unlike_training: float | None = None
    """The share of the frames that are further from the training than 99 % of its own."""
    percentile: float | None = None
    """The percentile of the training that the median frame is at."""

    @property
    def doubtful(self) -> bool:
        """Whether something is bad enough to be said."""
        return bool(self.sentences())

    def sentences(self) -> tuple[str, ...]:
        """One for each thing that is bad: what it is, what was seen, what to do."""
        return tuple(self._said())

    def rows(self) -> list[tuple[str, str, str]]:
        """Every figure that there is, for a table: its title, what was seen, what is allowed."""
        found = ((check, getattr(self, name)) for name, check in CHECKS.items())
        return [
            (check.title, check.seen(value), check.seen(check.most))
            for check, value in found
            if value is not None
        ]

    def data(self) -> dict[str, Any]:
        """All figures, their limits and the sentences as plain data."""
        limits = {name: check.most for name, check in CHECKS.items()}
        said = {"doubtful": self.doubtful, "sentences": list(self.sentences())}
        return {**vars(self), "limits": limits, **said}

    def _said(self) -> Iterator[str]:
        if not self.frames:
            yield "There is nothing to judge: no frame has a pose; check that a person is in view."
            return
        for name, check in CHECKS.items():
            value = getattr(self, name)
            if value is not None and value > check.most:
                yield check.sentence.format(seen=check.seen(value))
        if not self.placed:
            yield (
                "The person's distance from the camera is assumed, for no frame shows enough of "
                "the body; use the poses about the root alone."
            )


def quality_of(
    clip: Clip, *, domain: Domain | None = None, ground: Ground | None = None
) -> Quality:
    """The figures of a lifted clip's first hypothesis.

    Args:
        domain: What the lifter was trained on, to tell how unlike it the keypoints are.
        ground: The floor in the camera's frame, where it has been found; it is estimated unless
            given.
    """
    poses = clip.keypoints.new_zeros(0, *clip.scores.shape[1:], 3)
    poses = poses if clip.poses is None else clip.poses[0].detach()
    known = poses.isfinite().all(dim=-1)
    frames = int(known.any(dim=-1).sum())
    score = None if domain is None else domain.score(clip)
    unlike = (
        {} if score is None else {"unlike_training": score.beyond, "percentile": score.percentile}
    )
    seen = {"filled": _number(1 - clip.observed.double().mean())}
    if not frames:
        return Quality(0, placed=True, **seen, **unlike)
    return Quality(
        frames,
        placed=clip.root_from != "assumed",
        **_reprojection(clip, poses),
        bone_change=_number(mean_bone_stretch(poses, clip.skeleton, mask=known)),
        asymmetry=_asymmetry(clip, poses),
        beyond_limits=_beyond_limits(clip, poses),
        skating=_skating(clip, ground),
        trembling=_number(jitter(poses, mask=known) / WHITE),
        **seen,
        **unlike,
    )


def _number(value: Tensor) -> float | None:
    """A figure, or None where there was nothing to average."""
    found = float(value)
    return found if math.isfinite(found) else None


def _reprojection(clip: Clip, poses: Tensor) -> dict[str, float | None]:
    off = (project(poses, clip.camera) - clip.keypoints).norm(dim=-1)
    off = torch.where(clip.observed, off, torch.nan)
    size = extent(clip.keypoints, clip.observed).amax(dim=-1).clamp_min(1e-6)
    return {
        "reprojection_px": _number(off.nanmean()),
        "reprojection": _number((off.nanmean(dim=-1) / size).nanmean()),
    }


def _asymmetry(clip: Clip, poses: Tensor) -> float | None:
    usual = body_lengths(poses, clip.skeleton).nanmedian(dim=0).values
    left, right = usual[list(clip.skeleton.left)], usual[list(clip.skeleton.right)]
    middle = (left + right) / 2
    return _number(((left - right).abs() / middle)[middle > 0].nanmean())


def _beyond_limits(clip: Clip, poses: Tensor) -> float | None:
    """The share of the frames, of those in which an angle is told at all."""
    some = poses[:: max(1, math.ceil(len(poses) / MOST_FRAMES))]
    told, beyond = (torch.zeros(len(some), dtype=torch.bool, device=some.device) for _ in "ab")
    for name, angle in joint_angles(some, clip.skeleton).items():
        least, most = BENDS.get(name.removeprefix("left_").removeprefix("right_"), (-360, 360))
        degrees = angle.rad2deg()
        beyond |= (degrees < least) | (degrees > most)
        told |= degrees.isfinite()
    return _number(beyond[told].double().mean())


def _skating(clip: Clip, ground: Ground | None) -> float | None:
    """The median speed of the lower foot while it is at the floor; None where no foot is seen."""
    if clip.camera.focal.ndim > 1:
        clip = _before_still_camera(clip)
    feet = feet_of(clip)
    if feet is None or not bool(feet.seen.any()):
        return None
    if ground is None:
        ground = given_ground(clip.camera) if is_placed(clip.camera) else estimated_ground(clip)
    height = torch.where(feet.seen, feet.places @ ground.up.to(feet.places), torch.inf)
    height, lower = height.min(dim=1)
    there = height.isfinite()
    level = height[there].quantile(0.1)
    speed = feet.speed.gather(1, lower[:, None])[:, 0]
    return _number(speed[there & (height < level + NEAR_FLOOR)].median())


def _before_still_camera(clip: Clip) -> Clip:
    """The same movement as it would be before the first frame's camera."""
    assert clip.poses is not None
    first = clip.camera[0]
    poses = world_to_camera(camera_to_world(clip.poses, clip.camera), first)
    return replace(clip, poses=poses, camera=first)
