"""Who accelerates as people do."""

from dataclasses import replace

import pytest
import torch

from crosslift.errors import DataError
from crosslift.label_free import SCORES, Question, usual_acceleration
from crosslift.label_free.question import unlabelled_windows

from .lifters import generator, knowing, off_by, said, walking


def thrown(acceleration: float, fps: float) -> torch.Tensor:
    """All joints but the root on one even acceleration."""
    seconds = torch.arange(9, dtype=torch.float64) / fps
    poses = torch.zeros(1, 9, 17, 3, dtype=torch.float64)
    poses[:, :, 1:, 1] = (acceleration / 2 * seconds**2)[None, :, None]
    return poses


@pytest.mark.parametrize("fps", [25.0, 50.0])
def test_four_times_the_usual_is_two_doublings(fps):
    for acceleration in (16.0, 1.0):  # sixteen of seventeen joints accelerate
        question = said(thrown(acceleration * 17 / 16, fps), fps=fps, usual=4.0)
        found = SCORES["restlessness"].measure(question, generator())
        assert float(found) == pytest.approx(2.0, abs=1e-6)


def test_the_truth_moves_as_its_own_kind_does():
    usual = usual_acceleration(walking(), 30.0)
    assert 1 < usual < 20, "metres per second squared of someone who walks"
    found = SCORES["restlessness"].measure(Question(knowing(), walking(), usual=usual), generator())
    assert found.mean() < 0.5


def test_trembling_and_standing_still_are_both_unusual():
    usual = usual_acceleration(walking(), 30.0)
    for change in (off_by(0.05), lambda poses, rng: 0 * poses):
        question = Question(knowing(change), walking(), usual=usual)
        assert SCORES["restlessness"].measure(question, generator()).min() > 3


def test_two_frames_have_no_acceleration():
    found = SCORES["restlessness"].measure(said(thrown(1.0, 30.0)[:, :2]), generator())
    assert found.isnan().all()


def test_what_is_usual_needs_poses_and_takes_whole_frames():
    with pytest.raises(DataError, match="give labelled windows of the source"):
        usual_acceleration(unlabelled_windows(walking(), tell_body=False), 30.0)
    poses = walking().poses.clone()
    poses[0, 0, 5] = torch.nan
    assert usual_acceleration(replace(walking(), poses=poses), 30.0) == pytest.approx(
        usual_acceleration(walking(), 30.0), rel=0.05
    )
