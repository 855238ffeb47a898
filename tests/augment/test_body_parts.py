"""The parts of a body: PoseAug's own lists, and the same for other skeletons."""

import pytest

from crosslift.augment.body_parts import body_parts
from crosslift.errors import SkeletonError
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_16, H36M_17, LSP_14, SKELETONS, SMPL_24


def test_of_sixteen_joints_they_are_the_published_lists():
    parts = body_parts(H36M_16)
    assert parts.trunk == (6, 7)
    assert parts.ratio_of_bone == (0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 6, 7, 8)
    assert (parts.ratios, parts.kept_ratio) == (9, 4)
    assert parts.judged == (
        (7, 9, 10, 11), (7, 12, 13, 14), (0, 1, 2, 3, 6), (0, 3, 4, 5, 6), (0, 3, 6, 7, 8, 9, 12),
    )  # fmt: skip
    assert parts.groups == ((1, 4, 10, 13), (2, 5, 9, 11, 14), (3, 6, 12, 15))
    assert parts.weights == (1, 5, 2, 1, 5, 2, 1, 1, 1, 1, 5, 2, 1, 5, 2, 1)


def test_of_seventeen_joints_nose_and_head_go_with_the_trunk():
    parts = body_parts(H36M_17)
    assert parts.above == tuple(H36M_17.indices("nose", "head"))
    assert parts.judged[4] == (0, 3, 6, 7, 8, 9, 10, 13)
    assert parts.ratios == 10 and parts.kept_ratio == 4


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS)
def test_in_every_skeleton_sides_are_alike_and_every_bone_is_judged(skeleton):
    parts = body_parts(skeleton)
    for bone, (_, child) in enumerate(skeleton.bones):
        for partner in parts.bones([skeleton.mirror[child]]):
            assert parts.ratio_of_bone[bone] == parts.ratio_of_bone[partner]
    assert {bone for part in parts.judged for bone in part} == set(range(len(skeleton.bones)))
    mirrored = [tuple(sorted(skeleton.mirror[joint] for joint in group)) for group in parts.groups]
    assert mirrored == list(parts.groups)


def test_a_trunk_ends_where_the_ways_to_the_shoulders_part():
    names = [SMPL_24.joints[SMPL_24.bones[bone][1]] for bone in body_parts(SMPL_24).trunk]
    assert names == ["lower_spine", "middle_spine", "upper_spine"]
    assert body_parts(LSP_14).trunk == () and body_parts(LSP_14).kept_ratio is None


def test_a_skeleton_without_limbs_is_refused():
    with pytest.raises(SkeletonError, match='has no "left_shoulder"; map the clips'):
        body_parts(Skeleton("stick", ("pelvis", "head"), (-1, 0)))
