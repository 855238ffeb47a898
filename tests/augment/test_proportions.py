"""Source movement by the bones of a target's people."""

from dataclasses import replace

import pytest
import torch

from crosslift.augment.proportions import ProportionsSettings, StatureSettings
from crosslift.augment.target import Target
from crosslift.errors import DataError, SettingsError, SkeletonError
from crosslift.geometry import body_lengths, bone_directions, stature
from crosslift.skeletons import H36M_16, H36M_17

from .targets import body, source, target, target_clips
from .test_contract import generator
from .test_viewpoint import many


def test_without_spread_bones_are_as_long_as_estimated_and_point_as_before():
    given, of = source(), Target.of(target_clips(), [body(0.8)])
    found = ProportionsSettings(spread=0.0).build(of)(given, generator())
    lengths = body(0.8).lengths
    for made in (found.body, body_lengths(found.poses, H36M_17)):
        torch.testing.assert_close(made, lengths.expand_as(made), atol=1e-5, rtol=0)
    directions = [bone_directions(each.poses, H36M_17) for each in (given, found)]
    torch.testing.assert_close(*directions, atol=1e-4, rtol=0)
    assert torch.equal(found.poses[:, :, 0], given.poses[:, :, 0])


def test_each_window_has_one_of_the_people_and_all_are_drawn():
    found = ProportionsSettings(spread=0.0).build(target())(many(), generator())
    factor = found.body[:, 1:] / body().lengths[1:]
    assert float(factor.std(dim=1).max()) < 1e-3
    small = (factor.mean(dim=1) - 0.8).abs() < 1e-3
    assert ((factor.mean(dim=1)[~small] - 1.1).abs() < 1e-3).all()
    assert 0.4 < float(small.float().mean()) < 0.6


def test_lengths_are_off_by_their_doubt_and_alike_on_both_sides():
    of = Target.of(target_clips(), [body(1.0, 0.02)])
    found = ProportionsSettings(spread=0.5).build(of)(many(), generator())
    off = found.body - body().lengths
    torch.testing.assert_close(off[:, 1:].std(dim=0), torch.full((16,), 0.01), atol=2e-3, rtol=0)
    torch.testing.assert_close(off, off[:, list(H36M_17.mirror)], atol=1e-5, rtol=0)


def test_no_bone_turns_over_however_doubtful_it_is():
    of = Target.of(target_clips(), [body(1.0, 5.0)])
    found = ProportionsSettings().build(of)(many(), generator())
    assert float((found.body / body().lengths)[:, 1:].min()) > 0.099


def test_with_the_stature_alone_proportions_stay():
    given = many()
    found = StatureSettings().build(Target.of(target_clips(), [body(0.8)]))(given, generator())
    tall = stature(body_lengths(found.poses, H36M_17), H36M_17)
    torch.testing.assert_close(
        tall, stature(body(0.8).lengths, H36M_17).expand_as(tall), atol=1e-4, rtol=0
    )
    ratio = found.body[:, 1:] / body_lengths(given.poses, H36M_17).nanmean(dim=1)[:, 1:]
    assert float(ratio.std(dim=1).max()) < 1e-4
    assert torch.equal(found.poses[:, :, 0], given.poses[:, :, 0])


def test_a_window_that_does_not_tell_its_person_s_size_keeps_it():
    given = source()
    poses = given.poses.clone()
    poses[0, :, H36M_17.index("head")] = torch.nan
    found = StatureSettings().build(target())(replace(given, poses=poses), generator())
    torch.testing.assert_close(found.poses[0], poses[0], equal_nan=True)
    assert not torch.allclose(found.poses[1], poses[1], equal_nan=True)


def test_what_has_no_body_or_another_one_is_refused():
    with pytest.raises(DataError, match="estimate one from its keypoints with crosslift body"):
        ProportionsSettings().build(Target.of(target_clips()))
    with pytest.raises(DataError, match="no body of the target is known"):
        StatureSettings().build(Target.of(target_clips()))
    other = replace(body(), lengths=torch.ones(16), spread=torch.ones(16), skeleton=H36M_16)
    with pytest.raises(SkeletonError, match='has "h36m16"'):
        ProportionsSettings().build(Target.of(target_clips(), [other]))
    with pytest.raises(SettingsError, match="but -1 was given"):
        ProportionsSettings(spread=-1.0)
