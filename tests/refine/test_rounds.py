"""Refined clips: nearer to the truth, within their time, and the same each time."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.geometry import body_lengths
from crosslift.lifting import lift
from crosslift.refine import Refining, Trust, refined_clip
from crosslift.rigid import limbs
from crosslift.skeletons import H36M_17

from ..lifters.knowing import Knowing
from .clips import error, spoilt, true_walker

CLIP = true_walker()
LIFTER = Knowing(spoilt(CLIP, 0.03).poses[0])
FEW = Refining(seconds=1e9, rounds=2, steps=20)


class Silent(Knowing):
    """A lifter that must not be asked."""

    def lift(self, keypoints, camera, rng, *, scores=None, body=None):
        raise AssertionError("it was asked")


def rng():
    return torch.Generator().manual_seed(0)


def lifted(clip=CLIP):
    return lift(clip, LIFTER, rng())


@pytest.fixture(scope="module")
def found():
    """The walker, lifted with 3 cm of noise along each axis and refined, with rigid limbs."""
    return refined_clip(lifted(), LIFTER, FEW, rng(), rigid_limbs=True)


def test_a_refined_clip_is_nearer_to_the_truth_and_says_so(found):
    assert error(found.clip, CLIP) < 0.75 * error(lifted(), CLIP)
    assert found.steps == (20, 20) and found.guarded.kept == 1
    assert found.clip.provenance["refined"].startswith("40 steps in 2 rounds; off the keypoints")
    assert found.data()["after"]["trembling"] < found.data()["before"]["trembling"]


def test_the_same_comes_out_each_time_and_what_goes_in_stays_as_it_is(found):
    before = lifted()
    again = refined_clip(before, LIFTER, FEW, rng(), rigid_limbs=True).clip
    assert torch.equal(again.poses, found.clip.poses)
    assert again.provenance == found.clip.provenance
    assert torch.equal(before.poses, lifted().poses)


def test_limbs_are_of_one_length_if_that_is_asked_for(found):
    lengths = body_lengths(found.clip.poses[0], H36M_17)[:, limbs(H36M_17)]
    assert float((lengths - lengths[0]).abs().max()) < 1e-5


def test_what_is_right_already_hardly_moves():
    before = lift(CLIP, Knowing(CLIP.poses[0]), rng())
    after = refined_clip(before, Knowing(CLIP.poses[0]), FEW, rng()).clip
    assert error(before, CLIP) < 1e-3 and error(after, CLIP) < 5e-3


def test_bones_that_were_told_wrongly_come_nearer_and_measured_ones_stay():
    knees = list(H36M_17.indices("left_knee", "right_knee"))
    wrong = CLIP.body.clone()
    wrong[knees] *= 1.1
    before = lifted(replace(CLIP, body=wrong))
    free, held = (
        refined_clip(before, LIFTER, FEW, rng(), held=held).clip.body for held in (False, True)
    )
    assert_close(held, wrong)
    assert (free - CLIP.body)[knees].abs().max() < 0.8 * (wrong - CLIP.body)[knees].abs().max()


def test_when_time_is_over_the_poses_are_those_of_the_lifter():
    before = lifted()
    found = refined_clip(before, LIFTER, replace(FEW, seconds=1e-9), rng())
    assert sum(found.steps) == 0
    assert_close(found.clip.poses, before.poses)


def test_several_hypotheses_are_moved_without_asking_again():
    one = lifted()
    several = replace(one, poses=torch.cat([one.poses, spoilt(CLIP, 0.05, 1).poses]))
    found = refined_clip(several, Silent(CLIP.poses[0]), FEW, rng())
    assert found.steps == (20,) and found.clip.poses.shape == several.poses.shape
    for number in (0, 1):
        was, now = (replace(each, poses=each.poses[[number]]) for each in (several, found.clip))
        assert error(now, CLIP) < error(was, CLIP)


def test_where_nobody_is_seen_nothing_is_done():
    nobody = replace(lifted(), observed=CLIP.observed & False)
    found = refined_clip(nobody, LIFTER, FEW, rng())
    assert found.clip is nobody and found.steps == () and found.sentences() == ()
    assert found.words() == "not at all: nobody is seen" and found.data()["steps"] == []


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_the_shortest_clips_are_refined_too(frames):
    short = true_walker(frames / 30)
    found = refined_clip(spoilt(short, 0.02), Knowing(short.poses[0]), FEW, rng())
    assert found.clip.poses.isfinite().all() and sum(found.steps) == 40


def test_numbers_that_cannot_be_are_refused():
    with pytest.raises(SettingsError, match="seconds is 0; give more"):
        Refining(seconds=0)
    with pytest.raises(SettingsError, match="trust.bones is -1"):
        Trust(bones=-1)
    assert Trust(doubt=0).doubt == 0
