"""Limbs that keep one length."""

import pytest
import torch

from crosslift.geometry import body_lengths, bone_directions, bone_lengths
from crosslift.rigid import limb_lengths, limbs, rigid
from crosslift.skeletons import COCO_17, H36M_17

from .people import seen_walker


def shaken(noise: float = 0.05, hypotheses: int = 2) -> torch.Tensor:
    """A walker about the root, each joint a few centimetres off."""
    poses = seen_walker(1.0).poses
    poses = (poses - poses[..., :1, :]).repeat(hypotheses, 1, 1, 1)
    off = torch.randn(poses.shape, generator=torch.Generator().manual_seed(0))
    return poses + noise * off


def test_limbs_are_arms_and_legs_below_hip_and_shoulder():
    found = [joint for joint, limb in zip(H36M_17.joints, limbs(H36M_17), strict=True) if limb]
    sides = [f"{side}_{joint}" for side in ("left", "right")
             for joint in ("knee", "ankle", "elbow", "wrist")]  # fmt: skip
    assert sorted(found) == sorted(sides)
    assert int(limbs(COCO_17).sum()) == 8


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_limbs_keep_one_length_left_and_right_alike(dtype):
    poses = rigid(shaken().to(dtype), H36M_17)
    lengths = body_lengths(poses, H36M_17)[..., limbs(H36M_17)]
    assert float((lengths - lengths[:, :1]).abs().max()) < 1e-6
    both = body_lengths(poses, H36M_17)
    mirrored = both[..., list(H36M_17.mirror)]
    assert float((both - mirrored)[..., limbs(H36M_17)].abs().max()) < 1e-6


def test_directions_and_the_trunk_stay_as_they_were():
    before = shaken()
    after = rigid(before, H36M_17)
    torch.testing.assert_close(
        bone_directions(after, H36M_17), bone_directions(before, H36M_17), atol=1e-5, rtol=0
    )
    trunk = ~limbs(H36M_17)
    torch.testing.assert_close(after[..., trunk, :], before[..., trunk, :], atol=1e-6, rtol=0)


def test_the_bodys_lengths_come_first_and_unknown_ones_are_the_median():
    poses = shaken(hypotheses=1)
    body = torch.full((17,), 0.4)
    body[H36M_17.indices("left_wrist", "right_wrist")] = torch.nan
    found = limb_lengths(poses, H36M_17, body)[0]
    assert found[H36M_17.index("left_knee")] == pytest.approx(0.4)
    own = body_lengths(poses, H36M_17)[0].median(dim=0).values
    wrists = H36M_17.indices("left_wrist", "right_wrist")
    assert float(found[wrists[0]]) == pytest.approx(float(own[wrists].mean()))
    assert bool(found[H36M_17.index("spine")].isnan())


def test_frames_that_are_nan_stay_so_and_do_not_count():
    poses = shaken(hypotheses=1)
    lost = poses.clone()
    lost[:, ::2] = torch.nan
    found = rigid(lost, H36M_17)
    torch.testing.assert_close(found[:, 1::2], rigid(poses[:, 1::2], H36M_17))
    assert bool(found[:, ::2].isnan().all())


def test_no_frames_and_one_frame_are_fine():
    assert rigid(torch.zeros(1, 0, 17, 3), H36M_17).shape == (1, 0, 17, 3)
    one = rigid(shaken(hypotheses=1)[:, :1], H36M_17)
    lengths = bone_lengths(one, H36M_17)
    assert bool(lengths.isfinite().all())
