"""Clips, batches and motions in another skeleton: what stays, what is made, what is noted."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.clip import Batch
from crosslift.errors import SkeletonError
from crosslift.mapping import mapped, mapped_spread, mapping
from crosslift.motion import Motion
from crosslift.skeletons import COCO_17, H36M_16, H36M_17, skeleton_named

from .made_up import random_clip


def test_a_mapped_clip_says_what_was_synthesised():
    clip = random_clip(labels={"action": "walk"}, provenance={"licence": "ours"})
    made = mapped(clip, "h36m17")
    assert made.skeleton == H36M_17
    assert made.labels == {"action": "walk"}
    assert made.provenance == {
        "licence": "ours",
        "mapping": 'coco17 to h36m17 by the rule "anatomical"',
        "synthesised": "pelvis spine thorax nose head",
    }
    assert made.observed.all()
    assert clip.provenance == {"licence": "ours"}


def test_joints_once_synthesised_stay_so():
    made = mapped(mapped(random_clip(), "h36m17"), "h36m16")
    assert made.provenance["synthesised"] == "pelvis spine thorax head"
    assert made.provenance["mapping"].count(" to ") == 2


def test_filled_joints_are_not_observed_after_mapping():
    clip = random_clip()
    observed = clip.observed.clone()
    observed[1, COCO_17.index("left_hip")] = False
    made = mapped(replace(clip, observed=observed), "h36m17")
    gaps = {H36M_17.joints[joint] for _, joint in (~made.observed).nonzero().tolist()}
    assert gaps == {"left_hip", "pelvis", "spine"}
    assert made.keypoints.isfinite().all()


def test_poses_spread_and_body_of_a_clip_are_mapped_too():
    rng = torch.Generator().manual_seed(1)
    poses = torch.randn(2, 1, 17, 3, generator=rng).expand(2, 4, 17, 3)
    body = torch.arange(17).float()
    clip = random_clip(H36M_17, poses=poses, spread=torch.full((4, 17), 0.1), body=body)
    made = mapped(clip, "h36m16")
    assert made.poses is not None and made.poses.shape == (2, 4, 16, 3)
    assert made.spread is not None and made.body is not None
    assert_close(made.spread, torch.full((4, 16), 0.1))
    head = H36M_16.index("head")  # a new bone: its length comes from the poses
    kept = [joint for joint in range(16) if joint != head]
    assert made.body[kept].tolist() == [joint for joint in range(17) if joint not in (9, 10)]
    thorax = made.poses[:, 0, H36M_16.index("thorax")]
    lengths = (made.poses[:, 0, head] - thorax).norm(dim=-1)
    assert float(lengths.min()) <= float(made.body[head]) <= float(lengths.max())


def test_a_body_that_cannot_be_told_is_left_out():
    assert mapped(random_clip(H36M_17, body=torch.ones(17)), "h36m16").body is None
    longer = mapped(random_clip(skeleton_named("mpi_inf_3dhp17"), body=torch.ones(17)), "h36m17")
    assert longer.body is not None and longer.body.tolist() == [0.0] + [1.0] * 16


def test_the_spread_of_a_sum_is_that_of_errors_that_agree():
    change = mapping("coco17", "h36m17")
    made = mapped_spread(torch.full((17,), 0.1), change)
    assert float(made[H36M_17.index("pelvis")]) == pytest.approx(0.1)
    assert float(made[H36M_17.index("head")]) == pytest.approx(0.16)


def test_a_clip_with_poses_is_not_mapped_by_a_rule_for_pictures():
    clip = random_clip(poses=torch.ones(1, 4, 17, 3))
    with pytest.raises(SkeletonError, match="nothing in 3D"):
        mapped(clip, "h36m17", "adjusted")


def test_batches_and_motions_are_mapped_like_clips():
    clip = random_clip(poses=torch.rand(1, 4, 17, 3) + 1)
    assert clip.poses is not None
    batch = Batch(COCO_17, clip.camera[None][None], clip.keypoints[None], clip.scores[None],
                  torch.ones(1, 4, dtype=torch.bool), clip.poses)  # fmt: skip
    motion = Motion("walk", COCO_17, 30, clip.poses[0])
    made = mapped(clip, "h36m17")
    assert made.poses is not None
    assert torch.equal(mapped(batch, "h36m17").keypoints[0], made.keypoints)
    moved = mapped(motion, "h36m17")
    assert torch.equal(moved.positions, made.poses[0])
    assert moved.provenance == made.provenance
