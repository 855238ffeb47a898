"""Keypoints in pictures: pixel error, shares of the head, HRNet's own measure of progress."""

import math

import pytest
import torch
from torch.testing import assert_close

from crosslift.metrics.pictures import pckh, pixel_error, tenth_hits

TRUTH = torch.tensor([[0.0, 0], [0, 10], [30, 40], [100, 100]])


def test_the_pixel_error_is_the_mean_distance_of_what_counts():
    estimate = TRUTH + torch.tensor([3.0, 4])
    assert pixel_error(estimate, TRUTH) == 5
    estimate[3] += 1000
    mask = torch.tensor([True, True, True, False])
    assert pixel_error(estimate, TRUTH, mask=mask) == 5
    assert bool(pixel_error(estimate, TRUTH, mask=mask & False).isnan())


def test_pckh_counts_what_is_within_half_a_head():
    estimate = TRUTH.clone()  # the head, joints 0 and 1, is 10 pixels long
    estimate[1] += torch.tensor([0.0, 4.9])
    estimate[2] += torch.tensor([5.0, 0])
    assert pckh(estimate, TRUTH, head=(0, 1)) == 0.75
    assert pckh(estimate, TRUTH, head=(0, 1), fraction=0.2) == 0.5


def test_a_keypoint_that_was_not_found_is_a_miss_and_an_unknown_head_is_no_measure():
    estimate, truth = TRUTH.clone(), TRUTH.clone()
    estimate[3] = torch.nan
    assert pckh(estimate, truth, head=(0, 1)) == 0.75
    truth[0] = torch.nan
    assert math.isnan(pckh(TRUTH, truth, head=(0, 1)))


def test_hits_by_a_tenth_swap_the_sides_as_hrnet_does():
    truth = torch.tensor([[20.0, 20], [20, 20], [1, 20], [20, 20]])
    estimate = truth + torch.tensor([[5.9, 0], [6.1, 0], [0, 0], [0, 3.9]])
    found = tenth_hits(estimate, truth, (80, 120))  # x by 12, y by 8
    assert found[:2].tolist() == [1, 0] and found[3] == 1
    assert bool(found[2].isnan())
    assert_close(tenth_hits(truth, truth, (80, 120)).nansum(), torch.tensor(3.0))


@pytest.mark.parametrize("axes", [(), (2,), (2, 3)])
def test_leading_axes_are_kept(axes):
    truth = TRUTH.expand(*axes, 4, 2)
    assert pixel_error(truth, truth).shape == axes
    assert pckh(truth, truth, head=(0, 1)).shape == axes
