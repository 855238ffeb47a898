"""Skeletons: what is derived from names and parents, and the tables of those we know."""

import subprocess
import sys

import pytest

from crosslift.errors import SkeletonError
from crosslift.skeleton import Skeleton, other_side
from crosslift.skeletons import SKELETONS, skeleton_named

NAMES = sorted(SKELETONS)
SMALL = Skeleton("small", ("pelvis", "left_hip", "right_hip", "left_knee", "right_knee"),
                 (-1, 0, 0, 1, 2))  # fmt: skip

PARENTS = {
    "h36m17": [-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15],
    "h36m16": [-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 8, 10, 11, 8, 13, 14],
    "h36m32": [-1, 0, 1, 2, 3, 4, 0, 6, 7, 8, 9, 0, 11, 12, 13, 14, 12, 16, 17, 18, 19, 20, 19, 22,
               12, 24, 25, 26, 27, 28, 27, 30],
    "mpi_inf_3dhp17": [16, 15, 1, 2, 3, 1, 5, 6, 14, 8, 9, 14, 11, 12, -1, 14, 1],
    "panoptic15": [2, 0, -1, 0, 3, 4, 2, 6, 7, 0, 9, 10, 2, 12, 13],
    "smpl24": [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21],
}  # fmt: skip
LEFT = {
    "h36m17": [4, 5, 6, 11, 12, 13],
    "h36m16": [4, 5, 6, 10, 11, 12],
    "h36m32": [*range(6, 11), *range(16, 24)],
    "mpi_inf_3dhp17": [5, 6, 7, 11, 12, 13],
    "panoptic15": [3, 4, 5, 6, 7, 8],
    "coco17": [1, 3, 5, 7, 9, 11, 13, 15],
    "mediapipe33": [1, 2, 3, *range(7, 33, 2)],
}
LENGTHS = {
    "h36m17": 17, "h36m16": 16, "h36m32": 32, "coco17": 17, "coco_wholebody_body": 23,
    "halpe26": 26, "body25": 25, "openpose18": 18, "mpi_inf_3dhp28": 28, "mpi_inf_3dhp17": 17,
    "panoptic19": 19, "panoptic15": 15, "mpii16": 16, "lsp14": 14, "smpl24": 24,
    "mediapipe33": 33, "spin24": 24,
}  # fmt: skip


def test_the_formats_that_people_have_are_known():
    assert {name: len(skeleton) for name, skeleton in SKELETONS.items()} == LENGTHS


@pytest.mark.parametrize("name", PARENTS)
def test_parents_are_those_of_the_format(name):
    assert list(skeleton_named(name).parents) == PARENTS[name]


@pytest.mark.parametrize("name", LEFT)
def test_the_left_side_is_that_of_the_format(name):
    assert list(skeleton_named(name).left) == LEFT[name]


@pytest.mark.parametrize("name", NAMES)
def test_mirror_twice_is_the_identity(name):
    skeleton = skeleton_named(name)
    assert [skeleton.mirror[joint] for joint in skeleton.mirror] == list(range(len(skeleton)))


@pytest.mark.parametrize("name", NAMES)
def test_the_mirror_image_of_a_bone_is_a_bone(name):
    skeleton = skeleton_named(name)
    mirrored = {(skeleton.mirror[a], skeleton.mirror[b]) for a, b in skeleton.bones}
    assert mirrored == set(skeleton.bones)


@pytest.mark.parametrize("name", NAMES)
def test_every_chain_ends_at_the_root(name):
    skeleton = skeleton_named(name)
    assert {skeleton.chain(joint)[-1] for joint in range(len(skeleton))} == {skeleton.root}
    assert len(skeleton.bones) == len(skeleton) - 1


@pytest.mark.parametrize("name", NAMES)
def test_outwards_visits_each_joint_after_its_parent(name):
    skeleton, seen = skeleton_named(name), {-1}
    for joint in skeleton.outwards:
        assert skeleton.parents[joint] in seen
        seen.add(joint)
    assert len(seen) == len(skeleton) + 1


@pytest.mark.parametrize("name", NAMES)
def test_limbs_have_the_same_names_everywhere(name):
    limbs = {f"{side}_{joint}" for side in ("left", "right")
             for joint in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")}  # fmt: skip
    assert limbs <= set(skeleton_named(name).joints)


def test_joints_that_only_sound_alike_have_different_names():
    ours, theirs = skeleton_named("h36m17"), skeleton_named("mpi_inf_3dhp17")
    assert set(theirs.joints) - set(ours.joints) == {"head_top", "neck", "head_centre"}
    assert set(ours.joints) - set(theirs.joints) == {"head", "thorax", "nose"}


def test_sides_are_paired_in_one_order():
    assert SMALL.left == (1, 3)
    assert SMALL.right == (2, 4)
    assert SMALL.mirror == (0, 2, 1, 4, 3)
    assert other_side("left_knee") == "right_knee"
    assert other_side("leftover") == "leftover"


def test_index_finds_joints_by_name():
    assert SMALL.index("left_knee") == 3
    assert SMALL.indices("right_hip", "pelvis") == [2, 0]
    assert "left_knee" in SMALL
    assert "nose" not in SMALL


def test_an_unknown_joint_is_answered_with_the_nearest_one():
    with pytest.raises(SkeletonError, match='no joint of the skeleton "small" called "left_kne"; '
                                            'did you mean "left_knee"'):  # fmt: skip
        SMALL.index("left_kne")


def test_an_unknown_skeleton_is_answered_with_the_nearest_one():
    with pytest.raises(SkeletonError, match='no skeleton "coco_17"; did you mean "coco17"'):
        skeleton_named("coco_17")


@pytest.mark.parametrize(
    ("joints", "parents", "words"),
    [
        (("a", "b"), (-1,), "2 joints and 1 parents; give each joint one"),
        (("a", "a"), (-1, 0), 'names "a" twice'),
        (("a", "b"), (-1, -1), "2 roots"),
        (("a", "b"), (-1, 7), "parent outside 0 to 1"),
        (("a", "b", "c"), (-1, 2, 1), "circle of parents"),
        (("a", "left_b"), (-1, 0), 'has "left_b" but not "right_b"; add it'),
    ],
)
def test_a_skeleton_that_is_none_is_refused(joints, parents, words):
    with pytest.raises(SkeletonError, match=words):
        Skeleton("bad", joints, parents)


def test_skeletons_are_known_without_importing_torch():
    code = "import sys, crosslift.skeletons; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
