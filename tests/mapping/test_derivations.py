"""What each joint is made of: the published index maps, values worked by hand, refusals."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import SettingsError, SkeletonError
from crosslift.mapping import mapping, rules
from crosslift.skeleton import Skeleton
from crosslift.skeletons import COCO_17, H36M_16, H36M_17, skeleton_named

from .made_up import NAMES

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


def upright_coco() -> torch.Tensor:
    """COCO's joints of somebody who stands and looks at us, in pixels."""
    places = {
        "nose": (100, 100), "left_eye": (104, 95), "right_eye": (96, 95), "left_ear": (110, 97),
        "right_ear": (90, 97), "left_shoulder": (130, 160), "right_shoulder": (70, 160),
        "left_hip": (115, 280), "right_hip": (85, 280),
    }  # fmt: skip
    return torch.tensor([places.get(joint, (0, 0)) for joint in COCO_17.joints]).float()


@pytest.mark.parametrize("source", NAMES)
@pytest.mark.parametrize("target", NAMES)
def test_all_known_skeletons_map_and_weights_add_up_to_one(source, target):
    change = mapping(source, target)
    made = [d for d in change.derivations if d.kind != "missing"]
    for axis in (1, 2):
        sums = torch.tensor([sum(weight[axis] for weight in d.weights) for d in made])
        assert_close(sums, torch.ones(len(made)))


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
