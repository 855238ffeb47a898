"""The cameras through which the page shows a posed body."""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ...camera import Camera, distortion_or_zeros
from ...cameras_h36m import H36M_INTRINSICS, h36m_camera
from ...kinematics import forward_with_nose
from ...synth.rigs import RIGS, placed
from .keyframes import at
from .start import Start

SUBJECT = "S1"
"""Whose four cameras of Human3.6M are on offer."""
ROOM = torch.cartesian_prod(*[torch.tensor([-0.6, 0.6])] * 3)
"""Corners about a body, so that its arms and legs have room in the picture."""


class Offered(NamedTuple):
    """A camera and what it is called."""

    label: str
    camera: Camera


def offered(start: Start, rng: Generator) -> list[Offered]:
    """The recording's own camera first, then one of each rig that stands still, then Human3.6M's.

    The rigs' cameras are drawn so that they have the first pose in view.
    """
    found = [Offered("its own", start.camera)] if start.camera is not None else []
    corners = middle_of(start) + ROOM
    rigs = [rig for rig in RIGS.values() if not rig.moving]
    found += [
        Offered(rig.name.replace("_", " "), placed(rig, corners[None].float(), 30.0, rng))
        for rig in rigs
    ]
    return found + [
        Offered(f"Human3.6M {SUBJECT}, {name}", h36m_camera(SUBJECT, name))
        for name in H36M_INTRINSICS
    ]


def middle_of(start: Start) -> Float[Tensor, "3"]:
    """The middle of the first pose."""
    angles, rotation, root = at(start.keyed, start.keyed.times[:1])
    joints = forward_with_nose(angles, start.keyed.lengths, rotation, root)[0]
    return (joints.amin(dim=0) + joints.amax(dim=0)) / 2


def camera_words(camera: Camera) -> dict[str, Any]:
    """A camera's numbers, as the page's script reads them."""
    return {
        "focal": camera.focal.tolist(),
        "centre": camera.centre.tolist(),
        "rotation": camera.rotation.flatten().tolist(),
        "translation": camera.translation.tolist(),
        "size": camera.size.tolist(),
        "distortion": distortion_or_zeros(camera).tolist(),
        "twice": 2 if camera.model == "opencv" else 1,
    }
