"""Regions hold what they say: of hypotheses whose law is known, and of such as lie too near."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.clip import unlabelled
from crosslift.data.clip_file import read_clip, write_clip
from crosslift.errors import DataError, SettingsError, SkeletonError
from crosslift.mapping import mapped
from crosslift.skeletons import H36M_17
from crosslift.uncertainty import (
    LEVELS,
    Calibration,
    covariance_about,
    fit_calibration,
    measured,
    report_of,
    with_uncertainty,
)
from crosslift.uncertainty.calibration import NORMAL
from crosslift.view.words import warnings

from ..people import seen_walker
from .drawn import drawn, sample


def plain(radii: tuple[float, ...] = NORMAL) -> Calibration:
    """The calibration of someone who takes hypotheses and normal laws at their word."""
    rows = tuple((each,) * 17 for each in radii)
    return Calibration(H36M_17.joints, (1.0,) * 17, rows, hypotheses=20)


def held(samples, calibration) -> tuple[float, ...]:
    """The per cent of the places of joints that the regions hold."""
    total = report_of([(each, calibration) for each in samples], calibration, "a test").total
    return tuple(100 * each for each in total.held)


def test_normal_hypotheses_hold_by_law_what_the_regions_say():
    assert held([sample(hypotheses=400, frames=400)], plain()) == pytest.approx([50, 90], abs=1)


@pytest.mark.parametrize("hypotheses", [5, 20])
@pytest.mark.parametrize("apart", [0.3, 1.0, 2.0])
def test_calibrated_regions_hold_what_they_say_of_others_than_they_were_fitted_to(
    hypotheses, apart
):
    fitted = fit_calibration([sample(hypotheses, seed=1, apart=apart)], H36M_17, hypotheses)
    other = [sample(hypotheses, seed=2, apart=apart)]
    assert held(other, fitted) == pytest.approx([50, 90], abs=1.5)
    expected = (1 + apart**2 / hypotheses) / (apart**2 * (1 + 1 / hypotheses))
    assert fitted.temperatures[5] == pytest.approx(expected, rel=0.1)


def test_without_calibration_hypotheses_that_lie_too_near_hold_too_little():
    assert held([sample(apart=0.3)], plain())[1] < 30


def test_each_joint_has_a_temperature_of_its_own():
    """Hypotheses of one joint lie at a third of the distance that they should have."""
    samples = []
    for seed in (1, 2):
        lifted, truth = drawn(seed=seed)
        mean = lifted.poses.mean(dim=0)
        near = lifted.poses.clone()
        near[:, :, 4] = mean[:, 4] + (near[:, :, 4] - mean[:, 4]) / 3
        samples.append(measured(near.mean(dim=0), near, truth))
    fitted = fit_calibration(samples[:1], H36M_17, 20)
    assert fitted.temperatures[4] / fitted.temperatures[5] == pytest.approx(9, rel=0.15)
    rows = report_of([(samples[1], fitted)], fitted, "a test").joints
    assert rows["left_hip"].held == pytest.approx([0.5, 0.9], abs=0.04)


def test_a_joint_whose_truth_is_hardly_known_takes_what_all_have():
    lifted, truth = drawn(frames=300)
    poses = truth.poses.clone()
    poses[:, 20:, 4] = torch.nan
    one = measured(lifted.poses.mean(dim=0), lifted.poses, replace(truth, poses=poses))
    fitted = fit_calibration([one], H36M_17, 20)
    assert fitted.temperatures[4] == fitted.temperatures[0] != fitted.temperatures[5]
    assert fitted.radii[1][4] == fitted.radii[1][0]


def test_too_few_frames_are_refused():
    with pytest.raises(DataError, match="needs 100 frames or more .* but 40 were found"):
        fit_calibration([sample(frames=40)], H36M_17, 20)


@pytest.mark.parametrize("radii", [((1.0,) * 17,), ((1.0,) * 17, (0.0,) * 17)])
def test_a_calibration_that_cannot_be_is_refused(radii):
    with pytest.raises(SettingsError, match="calibrate the lifter anew"):
        Calibration(H36M_17.joints, (1.0,) * 17, radii, hypotheses=5)


def test_a_clip_is_given_its_covariances_and_keeps_them_in_a_file(tmp_path):
    lifted, _ = drawn(hypotheses=5, frames=30)
    fitted = fit_calibration([sample(5)], H36M_17, 5)
    found = with_uncertainty(lifted, calibration=replace(fitted, on="a store"))
    assert found.covariance.shape == (30, 17, 3, 3) and found.radii.shape == (len(LEVELS), 17)
    assert_close(found.spread, found.covariance.diagonal(dim1=-2, dim2=-1).sum(-1).sqrt())
    assert found.provenance["uncertainty"] == (
        "5 hypotheses, calibrated with 5 hypotheses on a store"
    )
    write_clip(tmp_path / "a.clip.safetensors", found)
    again = read_clip(tmp_path / "a.clip.safetensors")
    assert torch.equal(again.covariance, found.covariance) and torch.equal(again.radii, found.radii)
    bare = unlabelled(found)
    assert bare.covariance is None and bare.radii is None and bare.spread is None


def test_what_was_not_calibrated_says_so_and_has_no_regions():
    found = with_uncertainty(drawn(hypotheses=5, frames=30)[0])
    assert found.covariance is not None and found.radii is None
    assert found.provenance["uncertainty"] == "5 hypotheses, not calibrated"


@pytest.mark.parametrize(("beyond", "outside"), [(None, False), (0.1, False), (0.6, True)])
def test_unlikeness_to_the_training_is_kept_with_the_result(beyond, outside):
    found = with_uncertainty(drawn(5, 30)[0], calibration=plain(), beyond=beyond)
    assert ("out of their domain" in found.provenance["uncertainty"]) is outside
    assert bool(warnings(found)) is outside


def test_a_pose_that_was_made_of_hypotheses_is_told_by_them():
    lifted, _ = drawn(hypotheses=5, frames=30)
    one = replace(lifted, poses=lifted.poses.mean(dim=0, keepdim=True))
    found = with_uncertainty(one, lifted.poses)
    assert_close(found.covariance[:, 1:], with_mean(lifted)[:, 1:], atol=1e-7, rtol=1e-3)


def with_mean(lifted):
    return covariance_about(lifted.poses.mean(dim=0), lifted.poses, 0)


def test_nothing_is_invented_where_there_are_no_hypotheses():
    clip = seen_walker(0.5)
    assert with_uncertainty(clip) is clip
    assert with_uncertainty(unlabelled(clip)).covariance is None


def test_a_calibration_of_other_joints_is_refused():
    lifted, _ = drawn(hypotheses=5, frames=5)
    other = replace(lifted, covariance=None)
    with pytest.raises(SkeletonError, match="map the clip to the lifter's skeleton first"):
        with_uncertainty(mapped(other, "h36m16"), calibration=plain())
