"""Bones keep their length, are alike left and right, and bend as they can; by hand."""

from dataclasses import replace

import pytest
import torch

from crosslift.geometry import body_lengths, with_bones_scaled
from crosslift.kinematics import ANGLES, AVERAGE, forward_with_nose
from crosslift.label_free import SCORES
from crosslift.skeletons import H36M_17
from crosslift.typical import typical_body

from .lifters import generator, knowing, off_by, said, true_poses, walking


def standing(frames: int = 4) -> torch.Tensor:
    """The average person at rest, in one window."""
    angles = torch.zeros(1, len(ANGLES), dtype=torch.float64)
    pose = forward_with_nose(angles, torch.tensor(AVERAGE))[0]
    return (pose - pose[0]).expand(1, frames, -1, -1).clone()


def score(name: str, poses: torch.Tensor) -> float:
    return float(SCORES[name].measure(said(poses), generator()))


@pytest.mark.parametrize("name", ["bone_change", "asymmetry", "body", "beyond_limits"])
def test_the_truth_is_a_body(name):
    found = SCORES[name](knowing(), walking(), generator())
    assert found.shape == (len(walking()),)
    assert found.max() < 1e-5


@pytest.mark.parametrize("name", ["bone_change", "asymmetry", "body", "beyond_limits"])
def test_noise_is_no_body(name):
    little, much = (
        SCORES[name](knowing(off_by(metres)), walking(), generator()).mean()
        for metres in (0.02, 0.1)
    )
    assert 0 <= little < much / 2


def test_a_body_that_grows_by_a_tenth_changes_by_a_twentieth_of_its_mean():
    poses = standing(2)
    poses[:, 1] *= 1.1
    assert score("bone_change", poses) == pytest.approx(0.05 / 1.05)


def test_one_frame_tells_no_change():
    found = SCORES["bone_change"].measure(said(standing(1)), generator())
    assert found.isnan().all()


def test_one_longer_bone_of_six_pairs():
    factors = torch.ones(16, dtype=torch.float64)
    factors[H36M_17.index("left_knee") - 1] = 1.2
    longer = with_bones_scaled(standing(), factors, H36M_17)
    assert score("asymmetry", longer) == pytest.approx(0.2 / 1.1 / 6, rel=1e-6)


def test_who_is_a_tenth_too_large_is_a_tenth_from_the_body():
    question = said(1.1 * standing())
    told = body_lengths(standing()[:, 0], H36M_17)
    question = replace(question, batch=replace(question.batch, body=told))
    assert float(SCORES["body"].measure(question, generator())) == pytest.approx(0.1)


def test_without_a_body_the_typical_one_is_taken():
    question = said(standing())
    question = replace(question, batch=replace(question.batch, body=None))
    size = typical_body(H36M_17)[1:].double() / body_lengths(standing()[0, 0], H36M_17)[1:]
    assert size.max() / size.min() < 1.001, "the average person is the typical one, scaled"
    wanted = float((1 / size - 1).abs().mean())
    assert float(SCORES["body"].measure(question, generator())) == pytest.approx(wanted, abs=1e-5)


def test_an_elbow_bent_too_far_by_ten_degrees_in_half_of_the_frames():
    poses = standing(4)
    shoulder, elbow, wrist = H36M_17.indices("left_shoulder", "left_elbow", "left_wrist")
    upper = poses[:, 2:, elbow] - poses[:, 2:, shoulder]
    forwards = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
    bent = torch.tensor(175.0, dtype=torch.float64).deg2rad()
    poses[:, 2:, wrist] = (
        poses[:, 2:, elbow]
        + bent.cos() * upper
        + bent.sin() * (upper.norm(dim=-1, keepdim=True) * forwards)
    )
    assert score("beyond_limits", poses) == pytest.approx(5.0, abs=1e-3)


def test_a_mirrored_depth_is_no_body():
    poses = true_poses(walking()) * torch.tensor([1.0, 1.0, -1.0])
    assert SCORES["beyond_limits"].measure(said(poses), generator()).min() > 10
