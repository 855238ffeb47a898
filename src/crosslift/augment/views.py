"""Which way up is in the target's pictures, told by the lines along which people stand in them.

In a picture, lines that are upright in the world meet in one point or are parallel. So someone who
stands left and right of the middle tells how far the camera is tilted, and wherever they stand how
far it is rolled. Where nobody moves aside, what is known of cameras in general remains.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..joint_angles.segments import SIDES, landmarks
from .target import Target

PITCH, ROLL = math.tan(math.radians(30)), math.tan(math.radians(5))
"""How far cameras are tilted up or down, and to the side: standard deviations, as slopes."""
LEAN = math.tan(math.radians(6))
"""The same of the line from the feet to the neck of people who stand or walk."""
LASTING = 20
"""Frames in which somebody leans the same way: so many tell no more than one."""
DOUBT = (math.tan(math.radians(2)), math.tan(math.radians(5)))
"""What always remains uncertain of both leans, however many frames there are, for nobody's feet are
straight below the neck on the average: standard deviations, as slopes."""
STEPS = 10
STEEPEST = math.tan(math.radians(75))
"""Slope beyond which no camera is drawn."""


class Views(NamedTuple):
    """Up in the camera's frame, of every stand of a camera: along `(right, -1, forward)`.

    A camera that looks down has its up behind it: below 0 forward.
    """

    lean: Float[Tensor, "stands 2"]
    """How far up leans to the right and forward, as slopes."""
    covariance: Float[Tensor, "stands 2 2"]
    """How surely that is known."""
    weight: Float[Tensor, " stands"]
    """How often each is drawn: by its frames."""

    def draw(self, count: int, rng: Generator) -> Float[Tensor, "count 2"]:
        """Leans of cameras, as uncertain as they are known."""
        share = self.weight.cumsum(dim=0) / self.weight.sum()
        where = torch.rand(count, dtype=share.dtype, generator=rng)
        which = torch.searchsorted(share, where).clamp_max(len(share) - 1)
        noise = torch.randn(count, 2, 1, dtype=self.lean.dtype, generator=rng)
        off = torch.linalg.cholesky(self.covariance)[which] @ noise
        return (self.lean[which] + off[..., 0]).clamp(-STEEPEST, STEEPEST)


def estimated_views(target: Target) -> Views:
    """The views of a target's cameras, from its keypoints."""
    lines = standing_lines(target)
    known = lines.isfinite().all(dim=-1)
    stands = int(target.stand.max()) + 1
    found = [lean_of(lines[known & (target.stand == stand)].double()) for stand in range(stands)]
    return Views(
        torch.stack([lean for lean, _ in found]),
        torch.stack([covariance for _, covariance in found]),
        torch.bincount(target.stand, minlength=stands).double(),
    )


def standing_lines(target: Target) -> Float[Tensor, "frames 3"]:
    """For each frame, the unit normal of the plane through the camera, the feet and the neck."""
    rays = torch.nn.functional.pad(target.plane, (0, 1), value=1.0)
    points = landmarks(rays, target.skeleton)
    needed = ["neck", *(f"{side}_ankle" for side in SIDES)]
    if not all(name in points for name in needed):
        return torch.full_like(rays[:, 0], torch.nan)
    feet = (points["left_ankle"] + points["right_ankle"]) / 2
    normal = torch.linalg.cross(feet, points["neck"])
    return normal / normal.norm(dim=-1, keepdim=True)


def lean_of(
    lines: Float[Tensor, "frames 3"],
) -> tuple[Float[Tensor, "2"], Float[Tensor, "2 2"]]:
    """How far up leans, and how surely that is known; people who bend or lie count for little.

    Up lies in the plane of everybody who stands: a linear equation for its slopes.
    """
    prior = torch.diag(lines.new_tensor([ROLL, PITCH]) ** -2)
    lean, power = lines.new_zeros(2), prior
    for _ in range(STEPS):
        length = (1 + lean.square().sum()).sqrt()
        off = (lines[:, ::2] @ lean - lines[:, 1]) / length
        weight = 1 / (1 + (off / (2 * LEAN)) ** 2) / (LASTING * (LEAN * length) ** 2)
        rows = lines[:, ::2] * weight[:, None]
        power = prior + rows.T @ lines[:, ::2]
        lean = torch.linalg.solve(power, rows.T @ lines[:, 1])
    return lean, torch.linalg.inv(power) + torch.diag(lines.new_tensor(DOUBT) ** 2)
