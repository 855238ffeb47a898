"""The distance of a person: trembling goes, movement stays."""

from dataclasses import replace

import numpy as np
import torch

from crosslift.camera import project
from crosslift.steady import moved_along, smoothest, steadied, trembling

from .people import seen_walker


def shaken(clip, share, seed=0):
    """The clip with a body that is nearer or farther by another share in every frame."""
    drawn = torch.randn(len(clip), generator=torch.Generator().manual_seed(seed))
    root = clip.poses[:, :, [clip.skeleton.root]]
    return replace(clip, poses=clip.poses + root * (share * drawn)[:, None, None])


def test_the_smoothest_numbers_solve_the_stated_problem():
    values = np.random.default_rng(0).normal(size=9)
    second = np.diff(np.eye(9), 2, axis=0)
    wanted = np.linalg.solve(np.eye(9) + 30.0 * second.T @ second, values)
    np.testing.assert_allclose(smoothest(values, 30.0), wanted, atol=1e-10)
    line = np.linspace(1, 3, 12)
    np.testing.assert_allclose(smoothest(line, 1e6), line, atol=1e-6)


def test_trembling_is_told_from_movement():
    noise = np.random.default_rng(1).normal(size=4000)
    assert abs(trembling(0.02 * noise) - 0.02) < 0.002
    moments = np.linspace(0, 4, 120)
    assert trembling(np.log(5 + np.sin(2 * moments))) < 1e-4


def test_a_steady_walk_stays_as_it_is():
    clip = seen_walker(3.0)
    assert steadied(clip) is clip
    assert steadied(replace(clip, poses=None)).poses is None


def test_a_trembling_walk_comes_nearer_to_the_truth_and_is_seen_where_it_was():
    truth = seen_walker(3.0)
    clip = shaken(truth, 0.02)
    found = steadied(clip)
    root = truth.skeleton.root
    off, before = (
        (each.poses[0, :, root] - truth.poses[0, :, root]).norm(dim=-1).mean()
        for each in (found, clip)
    )
    assert off < 0.6 * before
    steps, shaken_steps = (
        each.poses[0, :, root, 2].diff(dim=0).diff(dim=0).abs().mean() for each in (found, clip)
    )
    assert steps < 0.2 * shaken_steps
    here, there = (project(each.poses[0, :, root], each.camera) for each in (found, clip))
    torch.testing.assert_close(here, there, atol=1e-2, rtol=0)
    about = [each.poses - each.poses[:, :, [root]] for each in (found, clip)]
    torch.testing.assert_close(*about, atol=1e-5, rtol=0)
    assert "distance" in found.provenance


def test_each_hypothesis_is_steadied_by_itself():
    clip = seen_walker(2.0)
    both = replace(clip, poses=torch.cat([clip.poses, shaken(clip, 0.02).poses]))
    found = steadied(both)
    assert torch.equal(found.poses[0], clip.poses[0])
    assert not torch.equal(found.poses[1], both.poses[1])


def test_what_is_not_known_or_behind_the_camera_is_left_alone():
    root = torch.tensor([[0.0, 0.0, 4.0]]).repeat(20, 1)
    root[3, 2] = torch.nan
    assert moved_along(root, 30.0) is None
    root[3, 2] = -1.0
    assert moved_along(root, 30.0) is None
