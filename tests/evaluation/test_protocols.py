"""The named settings, what they ask of clips, and the page that describes them."""

import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from crosslift.errors import DataError, SettingsError, SkeletonError
from crosslift.evaluation.checks import check_pair, check_truth, misfit
from crosslift.evaluation.protocols import (
    PLAIN,
    PROTOCOLS,
    correct_joints,
    counted_joints,
    protocol_named,
)
from crosslift.skeletons import COCO_17, H36M_16, H36M_17, MPI_INF_3DHP_17, skeleton_named

from .clips import h36m, truth

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_a_protocol_is_defined_for_each_of_its_skeletons(protocol):
    for name in protocol.skeletons:
        skeleton = skeleton_named(name)
        joints = counted_joints(protocol, skeleton)
        assert set(correct_joints(protocol, skeleton)) <= set(joints)
        if protocol.joints is not None:
            assert len(joints) == int(protocol.joints)


def test_the_page_of_protocols_is_the_table_of_protocols():
    page = runpy.run_path(str(DOCS / "make_protocols.py"))
    text = (DOCS / "protocols.md").read_text("utf-8")
    assert text == page["with_tables"](text), "run docs/make_protocols.py"
    for name in PROTOCOLS:
        assert f"`{name}`" in text


@pytest.mark.parametrize(
    "name",
    [
        *(f"h36m-p{number}{joints}" for number in "123" for joints in ("", "-16", "-14")),
        *("h36m-p1-frames", "h36m-p1-prefixes", "h36m-s1-p1", "h36m-cross-subject-p1"),
        *(f"3dhp-{kind}annot3" for kind in ("", "univ-")),
        *("3dhp-annot3-16", "3dhp-annot3-17", "3dhp-univ-annot3-sequences"),
        *("panoptic-15", "panoptic-19", "3dpw-smpl24", "corpus-source", "corpus-target"),
    ],
)
def test_what_is_published_has_a_name(name):
    assert protocol_named(name).name == name


def test_protocols_1_2_and_3_differ_in_the_figure_that_is_quoted():
    quoted = [protocol_named(f"h36m-p{number}").headline for number in (1, 2, 3)]
    assert quoted == ["mpjpe", "p_mpjpe", "n_mpjpe"]


def test_the_official_form_of_3dhp_takes_17_joints_and_for_pck_the_14_of_the_limbs_and_head():
    official = protocol_named("3dhp-annot3")
    assert counted_joints(official, MPI_INF_3DHP_17) == list(range(17))
    assert correct_joints(official, MPI_INF_3DHP_17) == list(range(14))
    left_out = set(range(17)) - set(correct_joints(official, H36M_17))
    assert {H36M_17.joints[joint] for joint in left_out} == {"pelvis", "spine", "nose"}


def test_sixteen_joints_are_all_of_the_16_and_all_but_the_nose_of_the_17():
    sixteen = protocol_named("h36m-p1-16")
    assert counted_joints(sixteen, H36M_16) == list(range(16))
    assert H36M_17.index("nose") not in counted_joints(sixteen, H36M_17)


def test_an_unknown_protocol_is_answered_with_the_nearest():
    with pytest.raises(SettingsError, match='no protocol "h36m-p4"; did you mean "h36m-p'):
        protocol_named("h36m-p4")


def test_the_figures_of_3dpw_that_cannot_be_had_are_named_with_the_reason():
    with pytest.raises(SettingsError, match="14 joints that a regressor draws from the SMPL"):
        protocol_named("3dpw-14")


def test_a_clip_of_another_subject_is_none_of_the_protocols():
    protocol = protocol_named("h36m-p1")
    assert misfit(h36m("S9"), protocol) is None
    assert misfit(h36m("S1"), protocol) == "subject"
    assert misfit(h36m("S1"), protocol_named("h36m-s1-p1")) == "subject"
    assert misfit(h36m("S5"), protocol_named("h36m-cross-subject-p1")) is None


def test_a_label_may_stand_in_the_provenance():
    labels = {"domain": "target", "split": "val"}
    seen = truth(labels=labels, provenance={"format": "mocap", "rig": "source"})
    assert misfit(seen, protocol_named("corpus-people")) is None
    assert misfit(seen, protocol_named("corpus-target")) == "rig"


def test_a_truth_of_another_data_set_is_refused():
    stranger = replace(h36m(), provenance={"format": "panoptic"})
    with pytest.raises(DataError, match="for truths that are read by h36m, .* by panoptic;"):
        check_truth(stranger, protocol_named("h36m-p1"))


def test_the_wrong_kind_of_annotation_is_refused():
    protocol = protocol_named("3dhp-annot3")
    labels = {"subject": "TS1", "annotation": "univ_annot3"}
    with pytest.raises(DataError, match=r"kind annot3 \(true size\), but the truth .* univ_annot3"):
        check_truth(truth(labels=labels), protocol)
    with pytest.raises(DataError, match="does not say its kind; convert it with --annotation"):
        check_truth(truth(labels={"subject": "TS1"}), protocol)
    check_truth(truth(labels=labels | {"annotation": "annot3"}), protocol)


def test_a_truth_without_the_label_that_is_averaged_over_is_refused():
    with pytest.raises(DataError, match='no label "action"; .* --average frames'):
        check_truth(truth(), replace(PLAIN, average="actions"))


def test_a_skeleton_for_which_the_protocol_is_not_defined_is_refused_with_a_remedy():
    seen = truth(skeleton=COCO_17)
    with pytest.raises(SkeletonError, match='has the skeleton "coco17"; add --skeleton h36m17'):
        check_pair(seen, seen, protocol_named("h36m-p1"))


def test_two_skeletons_are_refused_with_the_one_to_map_to():
    pair = truth(skeleton=H36M_16), truth(skeleton=MPI_INF_3DHP_17)
    with pytest.raises(SkeletonError, match="add --skeleton h36m16 to map both"):
        check_pair(*pair, protocol_named("3dhp-annot3-16"))


def test_clips_of_unequal_length_are_refused():
    with pytest.raises(DataError, match="has 7 frames and its truth 8"):
        check_pair(truth(frames=7), truth(frames=8), PLAIN)
