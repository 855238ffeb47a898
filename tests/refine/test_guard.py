"""Parts in which a score became worse stay as they were."""

from dataclasses import replace

import pytest
import torch

from crosslift.refine.guard import blended, faded, guarded, stretch, worse

from .clips import spoilt, true_walker

TRUTH = true_walker(20.0)
ROUGH = spoilt(TRUTH, 0.02)


def mixed(first, second, frame):
    """The poses of one clip up to a frame, and those of another one from there."""
    return replace(first, poses=torch.cat([first.poses[:, :frame], second.poses[:, frame:]], dim=1))


def test_what_became_better_is_kept_whole():
    found = guarded(ROUGH, TRUTH)
    assert (found.kept, found.parts, found.worse) == (2, 2, {})
    assert torch.equal(found.clip.poses, TRUTH.poses)
    assert found.after["trembling"] < found.before["trembling"]
    assert found.sentences() == () and "joints tremble" in found.words()


def test_what_became_worse_is_as_it_was():
    found = guarded(TRUTH, ROUGH)
    assert found.kept == 0 and found.worse["bone_change"] == 2
    assert torch.equal(found.clip.poses, TRUTH.poses)
    assert "bones change their length" in found.sentences()[0]


def test_the_better_part_of_each_is_taken():
    found = guarded(ROUGH, mixed(TRUTH, spoilt(TRUTH, 0.06), 300))
    assert (found.kept, found.parts) == (1, 2)
    assert "kept in 1 of 2 parts" in found.words()
    assert torch.equal(found.clip.poses[:, :290], TRUTH.poses[:, :290])
    assert torch.equal(found.clip.poses[:, 310:], ROUGH.poses[:, 310:])


def test_one_fades_into_the_other():
    share = faded(torch.arange(60) < 30, 15)
    assert share[:22].eq(1).all() and share[38:].eq(0).all()
    assert share.diff().abs().max() == pytest.approx(1 / 15)
    away = replace(TRUTH, poses=TRUTH.poses + 0.15)
    steps = (blended(TRUTH, away, torch.arange(600) < 300).poses - TRUTH.poses).diff(dim=1)
    assert steps.abs().max() == pytest.approx(0.01, rel=0.01)


def test_scores_may_make_up_for_each_other_by_what_is_allowed_of_them():
    before = {"reprojection": 0.03, "bone_change": 0.09, "skating": 0.3}
    assert worse(before, before) == ()
    assert worse(before, {**before, "skating": 0.36}) == ("skating",)  # a tenth of 0.6
    assert worse(before, {**before, "skating": 0.36, "bone_change": 0.05}) == ()
    assert worse(before, {**before, "skating": 0.48, "bone_change": 0.0}) == ("skating",)


def test_a_score_that_is_lost_is_worse_and_one_that_comes_up_is_not():
    assert worse({"skating": 0.1}, {"skating": None}) == ("skating",)
    assert worse({"skating": None}, {"skating": 0.5}) == ()


def test_some_frames_of_a_clip_keep_their_poses():
    part = stretch(TRUTH, slice(10, 30))
    assert len(part) == 20 and torch.equal(part.poses, TRUTH.poses[:, 10:30])
