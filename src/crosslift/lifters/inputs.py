"""What a network is given for each joint: keypoints in one of several units, and more."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..camera import Camera, to_image_plane, to_screen
from ..errors import SettingsError
from ..filling import filled_from_body, filled_in_time
from ..networks.simple_baseline import Statistics
from ..skeleton import Skeleton
from ..typical import typical_body
from .facing import Facing, facing, proportions, seen_facing

Unit = Literal["plane", "screen", "relative", "facing", "standard"]


@dataclass(frozen=True)
class Inputs:
    """The numbers for each joint that go into a network."""

    unit: Unit = "plane"
    """Of keypoints: on the image plane, by the camera's focal length, centre and distortion
    (plane); on the screen, -1 to 1 by the picture's width (screen); on the plane about the root in
    units of the joints' mean distance from it, so that neither distance nor focal length matters
    (relative); on the plane of a camera turned to the root, in the same units, with the size beside
    them and bone lengths as shares of the typical (facing); pixels in standard deviations from the
    training data's mean (standard)."""
    scores: bool = False
    """Whether each keypoint's score is told."""
    body: bool = False
    """Whether the length of each joint's bone to its parent is told; the typical person's is,
    where nobody knows better."""

    @property
    def channels(self) -> int:
        """Numbers for each joint."""
        return 2 + self.scores + self.body


PLANE = Inputs()


class Seen(NamedTuple):
    """What a lifter is given."""

    keypoints: Float[Tensor, "batch frames joints 2"]
    camera: Camera
    scores: Float[Tensor, "batch frames joints"] | None = None
    body: Float[Tensor, "batch joints"] | None = None


class Given(NamedTuple):
    """What a network is given, and from where it answers."""

    numbers: Float[Tensor, "batch frames joints channels"]
    facing: Facing | None
    """The turned camera along whose axes it answers, if it does not along the clip's own."""

    def newest(self) -> "Given":
        """What is given of the last frame."""
        facing = self.facing
        if facing is not None:
            facing = facing._replace(turn=facing.turn[:, -1:])
        return Given(self.numbers[:, -1:], facing)


def given(
    seen: Seen, inputs: Inputs, skeleton: Skeleton, statistics: Statistics | None = None
) -> Given:
    """What the network is given; keypoints that are no numbers are filled in.

    A number whose score is 0 was filled in by someone who saw more than this window, and stays.

    Args:
        statistics: Of the training data's keypoints, for the unit "standard".
    """
    known = seen.keypoints.isfinite().all(dim=-1)
    keypoints = filled(seen.keypoints, known, skeleton)
    turned, body = None, told_body(seen, skeleton)
    if inputs.unit == "facing":
        plane = to_image_plane(keypoints, seen.camera)
        turned = facing(plane, body, skeleton)
        found = [seen_facing(plane, turned.turn, skeleton.root)]
        body = proportions(body, turned.size, skeleton)
    else:
        found = [in_unit(keypoints, seen.camera, inputs.unit, skeleton, statistics)]
    if inputs.scores:
        told = known.to(keypoints) if seen.scores is None else seen.scores.to(keypoints) * known
        found.append(told[..., None])
    if inputs.body:
        found.append(body[:, None, :, None].expand(*keypoints.shape[:-1], 1))
    return Given(torch.cat(found, dim=-1) if len(found) > 1 else found[0], turned)


def filled(
    keypoints: Float[Tensor, "batch frames joints 2"],
    known: Bool[Tensor, "batch frames joints"],
    skeleton: Skeleton,
) -> Float[Tensor, "batch frames joints 2"]:
    """Keypoints with the missing ones put where the others suggest."""
    if bool(known.all()):
        return keypoints
    blank = torch.where(known[..., None], keypoints, torch.nan)
    return filled_from_body(filled_in_time(blank, known), skeleton)


def in_unit(
    keypoints: Float[Tensor, "batch frames joints 2"],
    camera: Camera,
    unit: Unit,
    skeleton: Skeleton,
    statistics: Statistics | None,
) -> Float[Tensor, "batch frames joints 2"]:
    """Pixels in a unit that leaves the camera where it is."""
    if unit == "plane":
        return to_image_plane(keypoints, camera)
    if unit == "screen":
        return to_screen(keypoints, camera.size)
    if unit == "relative":
        return about_root(to_image_plane(keypoints, camera), skeleton)
    if statistics is None:
        raise SettingsError(
            "Keypoints in standard deviations need the mean and the spread of the training data, "
            "but this lifter has none; train it, or import it with its statistics."
        )
    return Statistics(*(each.to(keypoints) for each in statistics)).standardised(keypoints)


def about_root(
    plane: Float[Tensor, "*batch joints 2"], skeleton: Skeleton
) -> Float[Tensor, "*batch joints 2"]:
    """Joints about the root in units of their mean distance from it, each frame by itself."""
    about = plane - plane[..., [skeleton.root], :]
    size = torch.linalg.vector_norm(about, dim=-1).mean(dim=-1)
    return about / size.clamp_min(1e-6)[..., None, None]


def told_body(seen: Seen, skeleton: Skeleton) -> Float[Tensor, "batch joints"]:
    """Bone lengths in metres; the typical person's where they are not known."""
    typical = typical_body(skeleton).to(seen.keypoints).nan_to_num(0)
    if seen.body is None:
        return typical.expand(len(seen.keypoints), -1)
    body = seen.body.to(seen.keypoints)
    return torch.where(body.isfinite(), body, typical)
