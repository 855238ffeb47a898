"""Arrays as text."""

import numpy as np
import pytest
import torch

from crosslift.view.packing import pack, pack_exact, pack_mask, pack_poses, without_gaps

from .embedded import poses_of, unpacked


def test_numbers_come_back_to_half_a_step():
    values = torch.randn(40, 17, 2, generator=torch.Generator().manual_seed(0)) * 900
    packed = pack(values)
    assert packed["step"] == pytest.approx(float(values.abs().max()) / 32767)
    assert np.abs(unpacked(packed) - values.numpy()).max() <= 0.5001 * packed["step"]


def test_the_largest_numbers_of_both_signs_come_back():
    assert unpacked(pack(torch.tensor([-5.0, 0.0, 5.0]))).tolist() == [-5.0, 0.0, 5.0]


@pytest.mark.parametrize("hole", [torch.nan, torch.inf])
def test_what_is_no_number_comes_back_as_missing(hole):
    back = unpacked(pack(torch.tensor([1.0, hole, -1.0])))
    assert np.isnan(back[1]) and back[[0, 2]].tolist() == [1.0, -1.0]


@pytest.mark.parametrize(
    "values", [torch.zeros(0, 17, 2), torch.zeros(3), torch.tensor([torch.nan])]
)
def test_nothing_zeros_and_unknowns_can_be_packed(values):
    np.testing.assert_array_equal(unpacked(pack(values)), values.numpy())


def test_exact_numbers_and_masks_come_back_as_they_were():
    values = torch.randn(9, dtype=torch.float32)
    np.testing.assert_array_equal(unpacked(pack_exact(values)).astype(np.float32), values.numpy())
    mask = torch.tensor([[True, False], [False, True]])
    np.testing.assert_array_equal(unpacked(pack_mask(mask)), mask.numpy())


def test_poses_far_away_are_as_fine_as_those_near_by():
    poses = torch.randn(2, 5, 17, 3, dtype=torch.float64) * 0.4
    far = poses + torch.tensor([300.0, -200.0, 50.0])
    near, away = (poses_of({"poses": pack_poses(each)}) for each in (poses, far))
    assert np.abs(near - poses.numpy()).max() < 1e-4
    assert np.abs(away - far.numpy()).max() < 1e-4


def test_middles_stay_where_they_were_while_nobody_is_seen():
    track = torch.tensor([[torch.nan, 1.0, torch.nan, torch.nan, 3.0]])[..., None].expand(1, 5, 3)
    assert without_gaps(track)[0, :, 0].tolist() == [1.0, 1.0, 1.0, 1.0, 3.0]
    assert without_gaps(torch.full((1, 2, 3), torch.nan)).tolist() == [[[0.0] * 3] * 2]
    assert without_gaps(torch.zeros(1, 0, 3)).shape == (1, 0, 3)
