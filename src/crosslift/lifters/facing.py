"""Keypoints as a camera in the same place would see them that looks straight at the person.

Where in the picture somebody stands says nothing of the pose, and neither does their size, but
both change every keypoint. So the camera is turned until the root lies in its middle, for each
frame by itself, and lengths are told in units of the person's own size. What a network has to learn
is the same for all places and for large and small people; the poses are turned and sized back.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..skeleton import Skeleton
from ..typical import typical_body
from ..windows import Predict

USUAL_SIZE = 0.12
"""On the image plane, of a person some four metres away."""
NEAREST = 0.1
"""How far in front of the turned camera a ray is taken to end, at least."""


class Facing(NamedTuple):
    """How poses that the turned camera sees are brought back."""

    turn: Float[Tensor, "batch frames 3 3"]
    """From the camera's axes to those of the turned one."""
    size: Float[Tensor, " batch"]
    """Of the person, in units of the typical person's."""

    def back(
        self, poses: Float[Tensor, "batch answered joints 3"], predict: Predict
    ) -> Float[Tensor, "batch answered joints 3"]:
        """Poses along the camera's own axes, in metres.

        Args:
            predict: Which of the frames were answered for, where not all were.
        """
        frames, whole = poses.shape[1], self.turn.shape[1]
        first = whole - frames if predict == "last" else (whole - frames) // 2
        turn = self.turn[:, first : first + frames].to(poses)
        return (poses * self.size.to(poses)[:, None, None, None]) @ turn


def facing(
    plane: Float[Tensor, "batch frames joints 2"],
    body: Float[Tensor, "batch joints"],
    skeleton: Skeleton,
) -> Facing:
    """The camera turned to each frame's root, and how large this body is."""
    known = typical_body(skeleton).to(body).nan_to_num(0)
    return Facing(turn_to(plane[..., skeleton.root, :]), body.sum(dim=-1) / known.sum())


def turn_to(point: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch 3 3"]:
    """The shortest turn of a camera that brings a point of its image plane to the middle."""
    ray = torch.nn.functional.pad(point, (0, 1), value=1.0)
    x, y, z = torch.nn.functional.normalize(ray, dim=-1).unbind(dim=-1)
    both = -x * y / (1 + z)
    rows = [1 - x * x / (1 + z), both, -x, both, 1 - y * y / (1 + z), -y, x, y, z]
    return torch.stack(rows, dim=-1).unflatten(-1, (3, 3))


def seen_facing(
    plane: Float[Tensor, "batch frames joints 2"],
    turn: Float[Tensor, "batch frames 3 3"],
    root: int,
) -> Float[Tensor, "batch frames joints 2"]:
    """Joints on the turned camera's plane, in units of their mean distance from the root.

    In the root's place, which is always zero, stands how large the person appears.
    """
    rays = torch.nn.functional.pad(plane, (0, 1), value=1.0) @ turn.mT
    about = rays[..., :2] / rays[..., 2:].clamp_min(NEAREST)
    size = torch.linalg.vector_norm(about, dim=-1).mean(dim=-1).clamp_min(1e-6)
    found = about / size[..., None, None]
    at_root = torch.zeros_like(found[..., :1, :])
    at_root[..., 0, 0] = (size / USUAL_SIZE).log()
    return torch.cat([found[..., :root, :], at_root, found[..., root + 1 :, :]], dim=-2)


def proportions(
    body: Float[Tensor, "batch joints"], size: Float[Tensor, " batch"], skeleton: Skeleton
) -> Float[Tensor, "batch joints"]:
    """By what share each bone is longer than that of a typical person of the same size."""
    typical = typical_body(skeleton).to(body).nan_to_num(0)
    usual = typical * size[:, None]
    return torch.where(usual > 0, body / usual.clamp_min(1e-6) - 1, 0)
