"""Poses are seen where the keypoints are, or are not."""

from dataclasses import replace

import torch

from crosslift.geometry import extent
from crosslift.label_free import SCORES, Question
from crosslift.label_free.picture import off_keypoints

from .lifters import generator, knowing, off_by, said, true_poses, walking


def test_the_truth_is_seen_where_the_keypoints_are():
    for name in ("reprojection_px", "reprojection"):
        assert SCORES[name](knowing(), walking(), generator()).max() < 1e-6


def test_noise_is_seen():
    for name in ("reprojection_px", "reprojection"):
        little, much = (
            SCORES[name](knowing(off_by(metres)), walking(), generator()).mean()
            for metres in (0.01, 0.05)
        )
        assert 0 < 2 * little < much


def test_one_is_the_other_by_the_persons_size():
    question = said(true_poses(walking()) * torch.tensor([1.0, 0.8, 1.0]))
    off = off_keypoints(question)
    size = extent(question.keypoints).amax(dim=-1)
    found = SCORES["reprojection"].measure(question, generator())
    torch.testing.assert_close(found, (off / size[..., None]).mean(dim=(1, 2)))
    found = SCORES["reprojection_px"].measure(question, generator())
    torch.testing.assert_close(found, off.mean(dim=(1, 2)))
    assert found.min() > 1


def test_what_fits_nowhere_is_off_by_the_whole_person():
    question = said(torch.zeros_like(true_poses(walking())))
    found = SCORES["reprojection"].measure(question, generator())
    torch.testing.assert_close(found, torch.ones_like(found))


def test_joints_that_were_not_seen_do_not_count():
    batch = walking()
    keypoints, scores = batch.keypoints.clone(), batch.scores.clone()
    keypoints[..., 4, :], scores[..., 4] = 1e4, 0
    question = replace(
        said(true_poses(batch)), batch=replace(batch, scores=scores, keypoints=keypoints)
    )
    assert SCORES["reprojection_px"].measure(question, generator()).max() < 1e-6


def test_frames_with_too_few_joints_tell_nothing():
    batch = walking()
    scores = batch.scores.clone()
    scores[0, :, 2:] = 0
    scores[1, 1:, 2:] = 0
    truth = true_poses(batch)
    question = Question(said(truth).lifter, replace(batch, scores=scores))
    found = SCORES["reprojection_px"].measure(question, generator())
    assert found.isnan().tolist() == [True] + [False] * (len(batch) - 1)
    assert found[1] < 1e-6


def test_copies_beyond_the_end_of_a_clip_do_not_count():
    batch, poses = walking(), true_poses(walking()).clone()
    poses[:, 5:] *= 0.5 + torch.rand(poses[:, 5:].shape, generator=generator(), dtype=poses.dtype)
    valid = batch.valid.clone()
    valid[:, 5:] = False
    question = Question(said(poses).lifter, replace(batch, valid=valid))
    assert SCORES["reprojection_px"].measure(question, generator()).max() < 1e-6
