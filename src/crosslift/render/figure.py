"""A body of capsules about the joints of a pose: trunk, head, limbs, hands, feet.

Only the 17 joints are needed. What they do not tell follows from them: hands go on where forearms
end, and feet point to where the knees bend and the pelvis faces.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from ..camera import Camera, project
from ..skeletons import H36M_17
from .raster import Capsules

TRUNK = 0.5
"""Metres from pelvis to thorax of the body that the radii below belong to."""


class Part(NamedTuple):
    """A piece of the body, as thick as on a slim person whose trunk is half a metre long."""

    name: str
    radius: tuple[float, float]
    """Metres about its two ends; of the trunk, half its width."""
    flat: float = 1.0
    """Thickness from front to back, as a share of the width."""
    own: tuple[str, ...] = ()
    """Joints that lie in it."""


_MIDDLE = ("pelvis", "spine", "thorax")


def _both(name: str, radius: tuple[float, float], *own: str) -> tuple[Part, Part]:
    """The same piece of the right and of the left side."""
    right, left = (
        Part(
            f"{side}_{name}",
            radius,
            own=tuple(each if each in _MIDDLE else f"{side}_{each}" for each in own),
        )
        for side in ("right", "left")
    )
    return right, left


PARTS = (
    Part("belly", (0.145, 0.135), 0.72, (*_MIDDLE, "right_hip", "left_hip")),
    Part("chest", (0.138, 0.152), 0.70, (*_MIDDLE, "right_shoulder", "left_shoulder")),
    Part("hips", (0.095, 0.095), 1.0, ("pelvis", "right_hip", "left_hip")),
    Part("neck", (0.068, 0.05), 1.0, ("thorax", "nose")),
    Part("head", (0.06, 0.086), 1.0, ("nose", "head")),
    Part("nose", (0.02, 0.014), 1.0, ("nose", "head")),
    Part("hair", (0.08, 0.065), 1.0, ("nose", "head")),
    *_both("shoulder", (0.064, 0.056), "shoulder", "thorax"),
    *_both("thigh", (0.077, 0.053), "hip", "knee", "pelvis"),
    *_both("shin", (0.055, 0.036), "knee", "ankle"),
    *_both("foot", (0.04, 0.033), "ankle"),
    *_both("upper_arm", (0.052, 0.041), "shoulder", "elbow"),
    *_both("forearm", (0.042, 0.029), "elbow", "wrist"),
    *_both("hand", (0.033, 0.027), "wrist"),
)
PLACE = {part.name: number for number, part in enumerate(PARTS)}


class Figure(NamedTuple):
    """The parts of bodies in space, along the camera's axes."""

    ends: Float[Tensor, "pictures parts 2 3"]
    """Metres."""
    radius: Float[Tensor, "pictures parts 2"]
    """Metres; 0 where a part is not there."""
    side: Float[Tensor, "pictures 3"]
    """Along which the trunk is wide: to the person's right."""
    front: Float[Tensor, "pictures 3"]
    """Where the face looks."""
    crown: Float[Tensor, "pictures 3"]
    """From the chin to the top of the head."""


def figure_of(
    poses: Float[Tensor, "pictures 17 3"], thickness: Float[Tensor, "pictures parts"]
) -> Figure:
    """The body about each pose.

    Args:
        thickness: Of each part for that of a slim person; 0 leaves it out.
    """
    joint = dict(zip(H36M_17.joints, poses.unbind(1), strict=True))
    size = _trunk(joint) / TRUNK
    side = normalize(
        joint["right_shoulder"] - joint["left_shoulder"] + joint["right_hip"] - joint["left_hip"],
        dim=-1,
    )
    crown = normalize(joint["head"] - joint["thorax"], dim=-1)
    ahead = joint["nose"] - joint["thorax"]
    front = normalize(_without(ahead, crown), dim=-1)
    places = _trunk_places(joint) | _head_places(joint, crown, front, size)
    for each in ("right", "left"):
        places |= _limb_places(joint, each, side, size)
    ends = torch.stack([torch.stack(places[part.name], dim=1) for part in PARTS], dim=1)
    slim = poses.new_tensor([part.radius for part in PARTS])
    return Figure(ends, size[..., None] * thickness[..., None] * slim, side, front, crown)


Places = dict[str, tuple[Tensor, Tensor]]
Joints = dict[str, Tensor]


def _trunk(joint: Joints) -> Float[Tensor, "pictures 1"]:
    """Metres from pelvis to thorax, bent as it may be."""
    low, high = joint["spine"] - joint["pelvis"], joint["thorax"] - joint["spine"]
    return (low.norm(dim=-1) + high.norm(dim=-1))[:, None]


def _trunk_places(joint: Joints) -> Places:
    """Belly, chest and hips; ends keep within, since a ball is about each."""
    pelvis, spine, thorax = (joint[name] for name in _MIDDLE)
    hips = [torch.lerp(pelvis, joint[f"{side}_hip"], 0.62) for side in ("right", "left")]
    return {
        "belly": (torch.lerp(pelvis, spine, 0.25), torch.lerp(pelvis, spine, 0.95)),
        "chest": (torch.lerp(spine, thorax, 0.05), torch.lerp(spine, thorax, 0.44)),
        "hips": (hips[0], hips[1]),
    }


def _head_places(joint: Joints, crown: Tensor, front: Tensor, size: Tensor) -> Places:
    """Neck, head, nose, and the hair behind; Human3.6M's head is in the middle of the skull."""
    thorax = joint["thorax"]
    skull = joint["head"] - 0.015 * size * crown + 0.015 * size * front
    chin = thorax + 0.5 * (joint["head"] - thorax) + 0.045 * size * front
    face = torch.lerp(chin, skull, 0.3) + 0.072 * size * front
    return {
        "neck": (thorax - 0.02 * size * crown, chin - 0.015 * size * front),
        "head": (chin, skull),
        "nose": (face, face + 0.03 * size * crown - 0.01 * size * front),
        "hair": (skull - 0.03 * size * front, thorax + 0.02 * size * crown - 0.07 * size * front),
    }


def _limb_places(joint: Joints, side: str, right: Tensor, size: Tensor) -> Places:
    """An arm with its hand, a leg with its foot."""
    hip, knee, ankle = (joint[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
    shoulder, elbow, wrist = (joint[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
    shin = normalize(ankle - knee, dim=-1)
    toes = _toes(joint, normalize(knee - hip, dim=-1), shin, right)
    hand = normalize(wrist - elbow, dim=-1)
    return {
        f"{side}_thigh": (torch.lerp(hip, joint["pelvis"], 0.22), knee),
        f"{side}_shin": (knee, ankle),
        f"{side}_foot": (
            ankle + size * (0.035 * shin - 0.035 * toes),
            ankle + size * (0.05 * shin + 0.15 * toes),
        ),
        f"{side}_shoulder": (torch.lerp(joint["thorax"], shoulder, 0.22), shoulder),
        f"{side}_upper_arm": (shoulder, elbow),
        f"{side}_forearm": (elbow, wrist),
        f"{side}_hand": (wrist + 0.02 * size * hand, wrist + 0.13 * size * hand),
    }


def _toes(joint: Joints, thigh: Tensor, shin: Tensor, right: Tensor) -> Tensor:
    """Where a foot points, at a right angle to the shin."""
    up = normalize(joint["thorax"] - joint["pelvis"], dim=-1)
    facing = torch.linalg.cross(up, right)
    bent = thigh - shin  # a bent knee points forward
    return normalize(_without(facing + 2 * bent, shin), dim=-1)


def _without(vector: Tensor, axis: Tensor) -> Tensor:
    """What is left of vectors at a right angle to an axis."""
    return vector - (vector * axis).sum(dim=-1, keepdim=True) * axis


def seen_by(figure: Figure, camera: Camera) -> Capsules:
    """The parts as cameras see them.

    A flat part is as wide in a picture as it appears from there, and comes forward by as much as
    it is thick in that direction.
    """
    ends = figure.ends
    pixels = project(ends.flatten(1, 2), camera).unflatten(1, (-1, 2))
    depth = ends[..., 2]
    focal = camera.focal.mean(dim=-1)[:, None, None]
    view = normalize(ends.mean(dim=2), dim=-1)
    axis = normalize(ends[:, :, 1] - ends[:, :, 0] + 1e-6, dim=-1)
    across = normalize(torch.linalg.cross(axis, view), dim=-1)
    flat = ends.new_tensor([part.flat for part in PARTS])
    wide, thick = (_extent(each, figure.side, flat)[..., None] for each in (across, view))
    radius = (figure.radius * wide * focal / depth).nan_to_num(0.0)
    bulge = (depth / focal * thick / wide).mean(dim=-1)
    return Capsules(pixels, radius, depth, bulge)


def _extent(direction: Tensor, side: Tensor, flat: Tensor) -> Float[Tensor, "pictures parts"]:
    """How far an ellipse reaches in a direction, its wide half axis being 1."""
    share = (direction * side[:, None]).sum(dim=-1) ** 2
    return (share + flat**2 * (1 - share)).sqrt()
