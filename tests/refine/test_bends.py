"""Joints that bend further than people do."""

import math

import pytest
import torch

from crosslift.refine.bends import excess
from crosslift.skeletons import H36M_17

from .clips import true_walker

POSE = true_walker().poses[0, 0].double()


def with_elbow_at(degrees: float) -> torch.Tensor:
    """The pose with the right forearm turned by an angle from the upper arm's direction."""
    shoulder, elbow, wrist = H36M_17.indices("right_shoulder", "right_elbow", "right_wrist")
    pose = POSE.clone()
    along = torch.nn.functional.normalize(pose[elbow] - pose[shoulder], dim=-1)
    side = torch.linalg.cross(along, torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64))
    side = side / side.norm()
    angle = math.radians(degrees)
    pose[wrist] = pose[elbow] + 0.25 * (math.cos(angle) * along + math.sin(angle) * side)
    return pose


def test_a_walker_bends_as_people_do():
    assert excess(true_walker().poses[0], H36M_17).max() == 0


def test_an_elbow_folded_beyond_its_limit_counts_by_the_square_of_the_radians():
    assert float(excess(with_elbow_at(175), H36M_17)) == pytest.approx(math.radians(10) ** 2)
    assert float(excess(with_elbow_at(5), H36M_17)) == 0


def test_its_slope_unfolds_the_elbow():
    pose = with_elbow_at(175).requires_grad_(True)
    excess(pose, H36M_17).backward()
    assert pose.grad is not None
    better = pose.detach() - 0.01 * pose.grad
    assert excess(better, H36M_17) < excess(pose.detach(), H36M_17)
