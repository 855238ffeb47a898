"""Ridge regression on random features."""

from dataclasses import replace

import pytest
import torch

from crosslift.errors import DataError
from crosslift.lifters.ridge import RidgeSettings, fit_ridge
from crosslift.lifting import lift
from crosslift.metrics import mpjpe, rooted
from crosslift.skeletons import H36M_17
from crosslift.windows import Windowing, windows

from ..people import seen_walker

SMALL = RidgeSettings(features=64)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def people(count: int):
    return windows([seen_walker(1.0, seed) for seed in range(count)], Windowing(1))


def test_it_fits_what_it_has_seen():
    lifter = fit_ridge(RidgeSettings(features=512, penalty=1e-8), people(2), generator())
    clip = seen_walker(1.0, 0)
    found = lift(clip, lifter, generator())
    error = mpjpe(rooted(found.poses[0], 0), rooted(clip.poses[0], 0))
    assert error.mean() < 0.003


def test_it_beats_the_mean_pose_on_people_it_has_not_seen():
    batch = people(40)
    lifter = fit_ridge(RidgeSettings(features=512), batch, generator())
    mean = rooted(batch.poses, 0).mean(dim=(0, 1))
    clips = [seen_walker(1.0, seed) for seed in range(100, 108)]
    truth = torch.cat([rooted(clip.poses[0], 0) for clip in clips])
    found = torch.cat([rooted(lift(clip, lifter, generator()).poses[0], 0) for clip in clips])
    assert mpjpe(found, truth).mean() < 0.7 * mpjpe(mean.expand_as(truth), truth).mean()


def test_weights_solve_the_normal_equations():
    batch = people(3)
    lifter = fit_ridge(SMALL, batch, generator())
    from crosslift.lifters.ridge import normalised

    features = lifter.features(normalised(batch.keypoints, batch.camera, H36M_17)).double()
    features = features.flatten(0, 1)
    poses = rooted(batch.poses, 0).flatten(0, 1).flatten(1).double()
    power = features.T @ features
    ridge = SMALL.penalty * power.diagonal().mean() * torch.eye(len(power), dtype=torch.float64)
    slow = torch.linalg.lstsq(power + ridge, features.T @ poses).solution
    torch.testing.assert_close(
        features @ lifter.weights.double(), features @ slow, atol=1e-4, rtol=0
    )


def test_frames_that_are_no_frames_do_not_count():
    batch = people(3)
    padded = replace(batch, valid=batch.valid.clone(), poses=batch.poses.clone())
    padded.valid[::2] = False
    padded.poses[::2] = 1e6
    lifter = fit_ridge(SMALL, padded, generator())
    assert lifter.weights.abs().max() < 1e3


def test_it_answers_nothing_before_it_is_fitted():
    assert lift(seen_walker(), SMALL.build(H36M_17), generator()).poses.isfinite().all()


def test_keypoints_without_poses_are_refused():
    with pytest.raises(DataError, match="needs keypoints with their 3D poses"):
        fit_ridge(SMALL, replace(people(1), poses=None), generator())
