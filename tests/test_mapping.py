"""Mappings between skeletons: laws, the published index maps, values worked by hand, refusals."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from crosslift.camera import pinhole
from crosslift.clip import Batch, Clip, clip_of
from crosslift.errors import SettingsError, SkeletonError
from crosslift.mapping import mapped, mapped_spread, mapping, rules
from crosslift.motion import Motion
from crosslift.skeleton import Skeleton
from crosslift.skeletons import COCO_17, H36M_16, H36M_17, SKELETONS, skeleton_named

NAMES = sorted(SKELETONS)
LINEAR = ("anatomical", "midpoints", "names")
INDEX_MAPS = {
    ("mpi_inf_3dhp17", "h36m17"): [14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4],
    ("h36m17", "mpi_inf_3dhp17"): [10, 8, 14, 15, 16, 11, 12, 13, 1, 2, 3, 4, 5, 6, 0, 7, 9],
    ("mpi_inf_3dhp28", "h36m17"): [4, 23, 24, 25, 18, 19, 20, 3, 5, 6, 7, 9, 10, 11, 14, 15, 16],
    ("mpi_inf_3dhp28", "mpi_inf_3dhp17"): [7, 5, 14, 15, 16, 9, 10, 11, 23, 24, 25, 18, 19, 20, 4,
                                           3, 6],
    ("h36m32", "h36m17"): [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27],
    ("h36m32", "h36m16"): [0, 1, 2, 3, 6, 7, 8, 12, 13, 15, 17, 18, 19, 25, 26, 27],
    ("h36m17", "h36m16"): [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16],
    ("h36m17", "panoptic15"): [8, 9, 0, 11, 12, 13, 4, 5, 6, 14, 15, 16, 1, 2, 3],
    ("spin24", "h36m16"): [14, 2, 1, 0, 3, 4, 5, 16, 12, 18, 9, 10, 11, 8, 7, 6],
    ("mpii16", "h36m16"): [6, 2, 1, 0, 3, 4, 5, 7, 8, 9, 13, 14, 15, 12, 11, 10],
    ("smpl24", "h36m17"): [0, 2, 5, 8, 1, 4, 7, (3, 6), 12, (12, 15), 15, 16, 18, 20, 17, 19, 21],
    ("halpe26", "h36m17"): [19, 12, 14, 16, 11, 13, 15, (18, 19), 18, 0, 17, 5, 7, 9, 6, 8, 10],
    ("body25", "h36m17"): [8, 9, 10, 11, 12, 13, 14, (1, 8), 1, 0, None, 5, 6, 7, 2, 3, 4],
    ("panoptic19", "h36m17"): [2, 12, 13, 14, 6, 7, 8, (0, 2), 0, 1, None, 3, 4, 5, 9, 10, 11],
    ("panoptic15", "h36m17"): [2, 12, 13, 14, 6, 7, 8, (0, 2), 0, 1, None, 3, 4, 5, 9, 10, 11],
    ("mediapipe33", "h36m17"): [(23, 24), 24, 26, 28, 23, 25, 27, None, None, 0, None, 11, 13, 15,
                                12, 14, 16],
    ("coco17", "h36m17"): [(11, 12), 12, 14, 16, 11, 13, 15, None, None, None, None, 5, 7, 9, 6, 8,
                           10],
}  # fmt: skip
"""Of the formats' descriptions: an index, the two ends of a midpoint, or None for a longer sum."""


def random_poses(skeleton: Skeleton, seed: int = 0, frames: int = 3) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(2, frames, len(skeleton), 3, generator=rng, dtype=torch.float64)


def random_clip(skeleton: Skeleton = COCO_17, **changes: object) -> Clip:
    rng = torch.Generator().manual_seed(0)
    keypoints = 500 + 100 * torch.randn(4, len(skeleton), 2, generator=rng)
    scores = 0.1 + 0.9 * torch.rand(4, len(skeleton), generator=rng)
    clip = clip_of(keypoints, pinhole(1000, (1000, 1000)), skeleton, 30, scores=scores)
    return replace(clip, **changes)


def upright_coco() -> torch.Tensor:
    """COCO's joints of somebody who stands and looks at us, in pixels."""
    places = {
        "nose": (100, 100), "left_eye": (104, 95), "right_eye": (96, 95), "left_ear": (110, 97),
        "right_ear": (90, 97), "left_shoulder": (130, 160), "right_shoulder": (70, 160),
        "left_hip": (115, 280), "right_hip": (85, 280),
    }  # fmt: skip
    return torch.tensor([places.get(joint, (0, 0)) for joint in COCO_17.joints]).float()


@pytest.mark.parametrize("name", NAMES)
def test_a_skeleton_mapped_to_itself_stays_as_it_is(name):
    skeleton = skeleton_named(name)
    poses = random_poses(skeleton)
    assert torch.equal(mapping(name, name).apply3d(poses), poses)
    clip = random_clip(skeleton)
    assert mapped(clip, skeleton) is clip


@pytest.mark.parametrize("target", ["h36m17", "h36m16", "coco17", "body25", "mpi_inf_3dhp17"])
@pytest.mark.parametrize("source", NAMES)
def test_mirror_commutes_with_mapping(source, target):
    change = mapping(source, target)
    poses = random_poses(change.source)
    mirrored = change.apply3d(poses[..., list(change.source.mirror), :])
    expected = change.apply3d(poses)[..., list(change.target.mirror), :]
    assert_close(mirrored, expected, equal_nan=True)


@pytest.mark.parametrize("source", NAMES)
@pytest.mark.parametrize("target", NAMES)
def test_all_known_skeletons_map_and_weights_add_up_to_one(source, target):
    change = mapping(source, target)
    made = [d for d in change.derivations if d.kind != "missing"]
    for axis in (1, 2):
        sums = torch.tensor([sum(weight[axis] for weight in d.weights) for d in made])
        assert_close(sums, torch.ones(len(made)))


def test_going_by_17_is_going_to_16_directly():
    poses = random_poses(skeleton_named("h36m32"))
    by_17 = mapping("h36m17", "h36m16").apply3d(mapping("h36m32", "h36m17").apply3d(poses))
    assert torch.equal(by_17, mapping("h36m32", "h36m16").apply3d(poses))


@pytest.mark.parametrize(("source", "target"), INDEX_MAPS)
def test_index_maps_are_those_of_the_formats(source, target):
    change = mapping(source, target)
    for used, made, expected in zip(
        change.uses, change.derivations, INDEX_MAPS[source, target], strict=True
    ):
        if isinstance(expected, int):
            assert (used, made.kind) == ((expected,), "copied")
        elif expected is not None:
            assert (used, made.kind) == (expected, "synthesised")
            assert [weight[1:] for weight in made.weights] == [(0.5, 0.5), (0.5, 0.5)]
        else:
            assert made.kind == "synthesised"


@pytest.mark.parametrize("rule", LINEAR)
@given(seed=st.integers(0, 2**16))
@settings(max_examples=10, deadline=None)
def test_pictures_and_space_agree_on_linear_rules(rule, seed):
    change = mapping("coco17", "h36m17", rule)
    poses = random_poses(COCO_17, seed)
    assert_close(change.apply2d(poses[..., :2]).keypoints, change.apply3d(poses)[..., :2])


@given(seed=st.integers(0, 2**16), rule=st.sampled_from(["adjusted", *LINEAR]))
@settings(max_examples=20, deadline=None)
def test_no_rule_cares_where_the_person_is(seed, rule):
    change = mapping("coco17", "h36m17", rule)
    keypoints = random_poses(COCO_17, seed)[..., :2]
    moved = torch.tensor([30.0, -70.0], dtype=keypoints.dtype)
    there = change.apply2d(keypoints + moved).keypoints
    assert_close(there, change.apply2d(keypoints).keypoints + moved)


def test_midpoints_worked_by_hand():
    made = mapping("coco17", "h36m17", "midpoints").apply2d(upright_coco()).keypoints
    middle = {"pelvis": 280, "spine": 220, "thorax": 160, "nose": 100, "head": 95}
    for joint, height in middle.items():
        assert made[H36M_17.index(joint)].tolist() == pytest.approx([100, height])


def test_the_anatomical_rule_worked_by_hand():
    made = mapping("coco17", "h36m17").apply2d(upright_coco()).keypoints
    middle = {"pelvis": 280, "spine": 210, "thorax": 140, "nose": 115, "head": 97 - 0.3 * 63}
    for joint, height in middle.items():
        assert made[H36M_17.index(joint)].tolist() == pytest.approx([100, height])


def test_the_adjusted_rule_worked_by_hand():
    tilted = upright_coco()
    tilted[0, 0] = 112  # the nose alone moves aside
    made = mapping("coco17", "h36m17", "adjusted").apply2d(tilted).keypoints
    middle = {
        "pelvis": (100, 280),
        "spine": (100 + 2 * (100 - 102), 220),
        "thorax": (104, 140 - 2 / 3 * (95 - 100)),
        "nose": (109, 115),
        "head": (100, 90),
    }
    for joint, place in middle.items():
        assert made[H36M_17.index(joint)].tolist() == pytest.approx(place, abs=1e-4)


def test_every_rule_copies_the_limbs():
    for rule in rules(COCO_17, H36M_17):
        kinds = {d.joint: d.kind for d in mapping(COCO_17, H36M_17, rule).derivations}
        sided = {kind for joint, kind in kinds.items() if joint.startswith(("left_", "right_"))}
        assert sided == {"copied"}


def test_the_default_comes_first():
    assert rules(COCO_17, H36M_17)[0] == "anatomical"
    assert rules(skeleton_named("mpii16"), H36M_16)[0] == "published"
    assert rules(skeleton_named("halpe26"), H36M_17)[0] == "names"
    assert rules(H36M_17, COCO_17) == ("names",)


def test_the_face_cannot_be_made_from_motion_capture():
    change = mapping("h36m17", "coco17")
    assert change.missing == ("left_eye", "right_eye", "left_ear", "right_ear")
    keypoints, scores, observed = change.apply2d(torch.ones(2, 17, 2))
    assert keypoints[:, 1:5].isnan().all()
    assert keypoints[:, [0, *range(5, 17)]].isfinite().all()
    assert (scores[:, 1:5] == 0).all()
    assert not observed[:, 1:5].any()


def test_a_derived_joint_has_the_least_score_of_its_sources():
    scores = torch.full((17,), 0.9)
    scores[COCO_17.index("left_hip")] = 0.4
    scores[COCO_17.index("nose")] = 0.0
    made = mapping("coco17", "h36m17").apply2d(torch.ones(17, 2), scores)
    of = dict(zip(H36M_17.joints, made.scores.tolist(), strict=True))
    assert of["pelvis"] == pytest.approx(0.4)
    assert of["spine"] == of["thorax"] == of["nose"] == 0
    assert of["head"] == of["left_knee"] == pytest.approx(0.9)
    assert made.observed.tolist() == [score > 0 for score in made.scores.tolist()]


def test_a_missing_source_makes_its_joints_missing_and_no_others():
    keypoints, scores = torch.ones(1, 17, 2), torch.ones(1, 17)
    keypoints[0, COCO_17.index("right_shoulder")] = torch.nan
    made = mapping("coco17", "h36m17").apply2d(keypoints, scores)
    lost = {H36M_17.joints[i] for i in made.keypoints.isnan().any(dim=-1)[0].nonzero()[:, 0]}
    assert lost == {"spine", "thorax", "nose", "head", "right_shoulder"}
    assert {H36M_17.joints[i] for i in (made.scores[0] == 0).nonzero()[:, 0]} == lost
    poses = torch.ones(1, 17, 3)
    poses[0, COCO_17.index("right_shoulder")] = torch.nan
    assert torch.equal(
        mapping("coco17", "h36m17").apply3d(poses).isnan()[..., 0], made.keypoints.isnan()[..., 0]
    )


def test_gradients_flow_through_and_stay_finite_beside_missing_joints():
    change = mapping("coco17", "h36m17")
    poses = random_poses(COCO_17)[:, :1].requires_grad_()
    assert torch.autograd.gradcheck(change.apply3d, poses)
    keypoints = torch.rand(17, 2, requires_grad=True)
    broken = torch.where(torch.arange(17)[:, None] == 3, torch.nan, keypoints)
    change.apply2d(broken).keypoints.nansum().backward()
    assert keypoints.grad is not None and bool(keypoints.grad.isfinite().all())


def test_the_input_and_its_precision_stay():
    keypoints = torch.rand(2, 17, 2, dtype=torch.float64)
    before = keypoints.clone()
    assert mapping("coco17", "h36m17").apply2d(keypoints).keypoints.dtype == torch.float64
    assert torch.equal(keypoints, before)


def test_no_frames_map_to_no_frames():
    assert mapping("coco17", "h36m17").apply2d(torch.zeros(0, 17, 2)).scores.shape == (0, 17)


def test_the_table_says_of_each_joint_what_becomes_of_it():
    lines = str(mapping("coco17", "h36m17")).splitlines()
    assert lines[0] == 'coco17 to h36m17 by the rule "anatomical"'
    assert len(lines) == 2 + 17
    pelvis = next(line for line in lines if line.startswith("pelvis"))
    assert "midpoint of the hips" in pelvis and "0.5 left_hip + 0.5 right_hip" in pelvis
    assert "x: " in str(mapping("coco17", "h36m17", "adjusted"))
    assert "missing" in str(mapping("h36m17", "coco17"))


def test_unknown_skeletons_map_as_far_as_names_go():
    mine = Skeleton("mine", ("chest", "left_hip", "right_hip", "neck"), (-1, 0, 0, 0))
    change = mapping(mine, H36M_17)
    assert change.synthesised == ("pelvis", "spine")
    assert change.derivations[H36M_17.index("thorax")].words == "neck in its place"
    assert "left_knee" in change.missing


def test_a_root_that_cannot_be_made_is_refused():
    mine = Skeleton("mine", ("neck", "left_wrist", "right_wrist"), (-1, 0, 0))
    with pytest.raises(SkeletonError, match='root of "h36m17" is "pelvis", but "mine" has neither'):
        mapping(mine, H36M_17)


def test_an_unknown_rule_is_answered_with_the_nearest_one():
    with pytest.raises(SettingsError, match='called "mid-points"; did you mean "midpoints"'):
        mapping("coco17", "h36m17", "mid-points")
    with pytest.raises(SettingsError, match='"lsp14" to "h36m17" called "adjusted"'):
        mapping("lsp14", "h36m17", "adjusted")


def test_a_rule_for_pictures_is_refused_in_3d():
    with pytest.raises(SkeletonError, match='"adjusted" takes a picture\'s y .* nothing in 3D'):
        mapping("coco17", "h36m17", "adjusted").apply3d(torch.ones(17, 3))


def test_a_wrong_number_of_joints_is_refused():
    with pytest.raises(SkeletonError, match='"coco17" takes 17 joints, but 16 were found'):
        mapping("coco17", "h36m17").apply2d(torch.ones(16, 2))


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
