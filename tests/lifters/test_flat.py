"""The depth-free baseline."""

import pytest
import torch

from crosslift.camera import pinhole
from crosslift.clip import clip_of, unlabelled
from crosslift.geometry import at_bones, bone_lengths
from crosslift.lifters.flat import FlatSettings
from crosslift.lifting import lift
from crosslift.skeletons import H36M_17
from crosslift.typical import typical_body

from ..people import seen_walker

RNG = torch.Generator()


def test_all_joints_have_one_depth():
    poses = lift(seen_walker(), FlatSettings().build(H36M_17), RNG).poses
    assert poses[..., 2].std(dim=-1).max() < 1e-5


def test_the_third_longest_bone_is_seen_at_full_length():
    clip = unlabelled(seen_walker())
    poses = lift(clip, FlatSettings(rank=3).build(H36M_17), RNG).poses[0]
    typical = at_bones(typical_body(H36M_17), H36M_17)
    share = bone_lengths(poses, H36M_17) / typical
    torch.testing.assert_close(share.sort(dim=-1).values[:, -3], torch.ones(len(clip)))


def test_a_body_that_is_told_sets_the_size():
    clip, lifter = seen_walker(), FlatSettings().build(H36M_17)
    keypoints, camera = clip.keypoints[:1, None], clip.camera[None][None]
    body = typical_body(H36M_17)[None]
    small = lifter.lift(keypoints, camera, RNG, body=body)
    large = lifter.lift(keypoints, camera, RNG, body=1.2 * body)
    torch.testing.assert_close(large, 1.2 * small)


def test_a_person_who_stands_parallel_to_the_picture_is_right_but_for_the_depth():
    body = torch.zeros(17, 3)
    body[:, :2] = torch.randn(17, 2, generator=RNG.manual_seed(1)) * 0.4
    body = body - body[0]
    keypoints = (body[:, :2] / 4.0 * 800 + 500)[None]
    lengths = torch.linalg.vector_norm(body - body[list(H36M_17.parents)], dim=-1)
    clip = clip_of(keypoints, pinhole(800.0, (1000, 1000)), H36M_17, 30.0)
    found = (
        FlatSettings()
        .build(H36M_17)
        .lift(clip.keypoints[None], clip.camera[None][None], RNG, body=lengths[None])
    )
    torch.testing.assert_close(found[0, 0, 0], body, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("rank", [1, 3, 16, 99])
def test_every_rank_gives_numbers(rank):
    assert lift(seen_walker(), FlatSettings(rank).build(H36M_17), RNG).poses.isfinite().all()
