"""Averages worked by hand, selections, and what is missing."""

import weakref
from dataclasses import replace

import pytest
import torch

from crosslift.clip import Clip
from crosslift.errors import DataError, SettingsError
from crosslift.evaluation import Selection, belongs, evaluate
from crosslift.evaluation.protocols import PLAIN, protocol_named
from crosslift.skeletons import H36M_16

from .clips import h36m, off, truth


def errors(clips, wrong, protocol, **options):
    """The evaluation of clips that are wrong by so many millimetres in 16 of 17 joints."""
    pairs = [(off(clip, mm), clip) for clip, mm in zip(clips, wrong, strict=True)]
    return evaluate(pairs, protocol, **options)


def mpjpe(evaluation, *, average: bool = True) -> float:
    return 1000 * 17 / 16 * evaluation.figures(average=average)["mpjpe"]


UNEQUAL = (
    h36m(action="Walking", frames=30),
    h36m("S11", action="Walking", frames=10),
    h36m(action="Sitting", frames=20),
    h36m(action="SittingDown", frames=40),
)
WRONG = (10.0, 50.0, 30.0, 90.0)


def test_frames_actions_and_prefixes_are_averaged_as_worked_by_hand():
    by_frames = (30 * 10 + 10 * 50 + 20 * 30 + 40 * 90) / 100  # 50
    walking, sitting, down = (30 * 10 + 10 * 50) / 40, 30, 90
    with_down = (20 * 30 + 40 * 90) / 60
    for name, expected in (
        ("h36m-p1-frames", by_frames),
        ("h36m-p1", (walking + sitting + down) / 3),  # 46.7
        ("h36m-p1-prefixes", (walking + with_down + down) / 3),  # 60
    ):
        found = errors(UNEQUAL, WRONG, protocol_named(name))
        assert mpjpe(found) == pytest.approx(expected, rel=1e-4)
        assert mpjpe(found, average=False) == pytest.approx(by_frames, rel=1e-4)


def test_sequences_are_averaged_whatever_their_length_or_pieces():
    given = {"annotation": "annot3"}
    clips = [
        truth("one", 30, labels=given | {"subject": "TS1"}),
        truth("two", 10, labels=given | {"subject": "TS2"}),
        truth("three", 30, labels=given | {"subject": "TS2"}),
    ]
    wrong = (10.0, 50.0, 90.0)
    pooled = (30 * 10 + 10 * 50 + 30 * 90) / 70  # 50
    each = (10 + (10 * 50 + 30 * 90) / 40) / 2  # 45
    found = errors(clips, wrong, protocol_named("3dhp-annot3-sequences"))
    assert mpjpe(found) == pytest.approx(each, rel=1e-4)
    found = errors(clips, wrong, protocol_named("3dhp-annot3"))
    assert mpjpe(found) == pytest.approx(pooled, rel=1e-4)


def test_pck_is_averaged_over_its_own_joints():
    labels = {"subject": "TS1", "annotation": "annot3"}
    clip = truth(labels=labels)
    found = evaluate([(off(clip, 200.0, ["head", "nose"]), clip)], protocol_named("3dhp-annot3"))
    assert found.figures()["pck"] == pytest.approx(13 / 14)
    assert found.figures()["mpjpe"] == pytest.approx(0.2 * 2 / 17, rel=1e-4)


def test_groups_have_figures_of_their_own():
    found = errors(UNEQUAL, WRONG, protocol_named("h36m-p1"), by=("subject", "action"))
    groups = found.groups_by("subject")
    assert list(groups) == ["S11", "S9"]
    assert (groups["S9"].clips, groups["S9"].frames) == (3, 90)
    assert list(found.groups_by("action")) == ["Sitting", "SittingDown", "Walking"]
    with_down = errors(UNEQUAL, WRONG, protocol_named("h36m-p1-prefixes"), by=("action",))
    assert with_down.groups_by("action")["Sitting"].frames == 60


def test_clips_without_a_label_are_a_group():
    found = errors(
        [truth("a"), truth("b", labels={"action": "run"})], (1.0, 2.0), PLAIN, by=("action",)
    )
    assert list(found.groups_by("action")) == ["-", "run"]


def test_the_order_of_the_pairs_does_not_matter():
    protocol = protocol_named("h36m-p1")
    one = errors(UNEQUAL, WRONG, protocol).figures()
    other = errors(UNEQUAL[::-1], WRONG[::-1], protocol).figures()
    assert one == pytest.approx(other, nan_ok=True)


def test_clips_that_are_none_of_the_protocols_are_left_out_even_without_an_estimate():
    clip, stranger = h36m(), h36m("S1")
    found = evaluate(
        [(clip, clip), (None, stranger), (stranger, stranger)], protocol_named("h36m-p1")
    )
    assert found.total.clips == 1
    assert found.left_out == 2
    assert found.missing.count == 0


def test_what_the_protocol_expects_and_does_not_get_is_named():
    clip, protocol = h36m(), protocol_named("h36m-p1")
    found = evaluate([(clip, clip)], protocol)
    assert found.lacking["subject"] == ("S11",)
    assert len(found.lacking["action"]) == 14
    assert "54138969" not in found.lacking["camera"]
    chosen = Selection(actions=("Walking",))
    assert (
        "action"
        not in evaluate([(clip, clip)], protocol_named("h36m-p1"), selection=chosen).lacking
    )


def test_truths_without_an_estimate_are_counted_and_named():
    found = evaluate([(truth("a"), truth("a")), (None, truth("b")), (None, truth("c"))])
    assert (found.missing.count, found.missing.first) == (2, ["b", "c"])


def test_only_the_actions_that_are_asked_for():
    found = errors(UNEQUAL, WRONG, PLAIN, selection=Selection(actions=("Sitting",)))
    assert found.total.clips == 1
    assert mpjpe(found) == pytest.approx(30, rel=1e-4)
    assert not belongs(UNEQUAL[0], PLAIN, Selection(actions=("Sitting",)))


def test_one_frame_in_so_many():
    clip = truth(frames=10)
    poses = clip.poses.clone()
    poses[:, 1::2, 1:, 0] += 0.5  # wrong where nobody looks
    found = evaluate([(replace(clip, poses=poses), clip)], selection=Selection(downsample=2))
    assert found.total.frames == 5
    assert mpjpe(found) == pytest.approx(0, abs=1e-3)


def test_a_share_of_each_clip_is_consecutive_and_the_same_in_every_run():
    selection = Selection(subset=0.3)
    places = {name: selection.frames(name, 100) for name in ("a", "b", "c", "d")}
    assert all(part.stop - part.start == 30 and part.stop <= 100 for part in places.values())
    assert len({part.start for part in places.values()}) > 1
    assert places == {name: selection.frames(name, 100) for name in places}
    assert selection.frames("a", 1) == slice(0, 0, 1) or selection.frames("a", 1).stop <= 1


def test_selections_that_cannot_be_are_refused():
    with pytest.raises(SettingsError, match="--downsample takes a number from 1 upwards, but 0"):
        Selection(downsample=0)
    with pytest.raises(SettingsError, match="--subset takes a share above 0 and up to 1, but 1.5"):
        Selection(subset=1.5)


def test_the_worst_clips_are_named_first():
    clips = [truth(str(number)) for number in range(8)]
    found = errors(clips, [10.0 * number for number in range(8)], PLAIN)
    assert [name for _, name in found.worst] == ["7", "6", "5", "4", "3"]


def test_nothing_to_compare_is_refused_with_the_reason():
    protocol = protocol_named("h36m-p1")
    with pytest.raises(DataError, match="there was none; name some"):
        evaluate([])
    with pytest.raises(DataError, match="whose subject is S9 or S11, but that .* is S1, S5;"):
        evaluate([(None, h36m("S1")), (None, h36m("S5"))], protocol)
    with pytest.raises(DataError, match='None of the 1 truths, such as "a", has an estimate'):
        evaluate([(None, truth("a"))])
    with pytest.raises(DataError, match="The actions Flying were asked for, but none of the 1"):
        evaluate([(truth(), truth())], selection=Selection(actions=("Flying",)))
    with pytest.raises(DataError, match="No joint is known in both"):
        lost = replace(truth(), poses=torch.full((1, 8, 17, 3), torch.nan))
        evaluate([(lost, truth())])


def test_two_skeletons_are_not_pooled():
    clips = truth("a"), truth("b", skeleton=H36M_16)
    with pytest.raises(DataError, match='"b" has "h36m16" and others have "h36m17"; add --skel'):
        evaluate([(clip, clip) for clip in clips])


def test_no_clip_is_kept_once_it_is_compared():
    alive: list[weakref.ref[Clip]] = []

    def pairs():
        for number in range(12):
            clip = truth(str(number), labels={"action": "run"})
            alive.append(weakref.ref(clip))
            yield clip, clip
            del clip
            assert sum(each() is not None for each in alive) <= 2

    found = evaluate(pairs(), by=("action",))
    assert len(found.groups["action"]) == 1
    assert len(found.worst) == 5


def test_the_names_of_missing_estimates_are_many_but_not_endless():
    pairs = [(None, truth(str(number), frames=1)) for number in range(60)]
    found = evaluate([(truth(), truth()), *pairs])
    assert found.missing.count == 60
    assert len(found.missing.first) == 50
