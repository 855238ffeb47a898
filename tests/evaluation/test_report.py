"""What a report says, as data, in words and as a picture."""

import json
import subprocess
from dataclasses import replace
from io import StringIO

import pytest
import torch
from rich.console import Console

from crosslift import __version__
from crosslift.evaluation import Report, Selection, draw_report, evaluate, stamp
from crosslift.evaluation.protocols import PLAIN, protocol_named
from crosslift.evaluation.stamp import commit
from crosslift.evaluation.tables import words
from crosslift.evaluation.tally import CURVE

from .clips import h36m, noisy, off, truth


def report(hypotheses: int = 1, **stamped: str) -> Report:
    clips = [h36m(action=action, frames=6) for action in ("Walking", "Sitting")]
    pairs = [(noisy(clip, hypotheses), clip) for clip in clips]
    evaluation = evaluate(pairs, protocol_named("h36m-p2"), by=("action",))
    return Report(evaluation, stamped, by=("action",))


def said(some: Report) -> str:
    """The words as printed, on one line."""
    console = Console(width=100, file=StringIO())
    for part in words(some):
        console.print(part)
    return " ".join(console.file.getvalue().split())


def test_the_data_is_json_and_holds_what_was_measured():
    data = json.loads(json.dumps(report().data(), allow_nan=False))
    assert set(data["figures"]) == {"mpjpe", "p_mpjpe", "n_mpjpe", "mpjve", "acceleration_error",
                                    "pck", "auc", "cps"}  # fmt: skip
    assert 100 < data["figures"]["mpjpe"] < 200
    assert data["figures"]["p_mpjpe"] < data["figures"]["mpjpe"]
    assert list(data["by"]["action"]) == ["Sitting", "Walking"]
    assert len(data["joints"]) == 17
    assert data["joints"]["pelvis"]["mpjpe"] == 0
    assert data["plausibility"]["truth"].keys() == data["plausibility"]["estimate"].keys()


def test_the_stamp_tells_everything_that_the_figures_depend_on():
    stamped = report(crosslift="0.0").full_stamp()
    assert stamped["crosslift"] == "0.0"
    assert stamped["protocol"]["name"] == "h36m-p2"
    assert stamped["protocol"]["average"] == "actions"
    assert stamped["selection"] == {"actions": (), "downsample": 1, "subset": 1.0}
    assert stamped["keypoints_from"] == {"gt": 2}
    assert stamped["flip"] == stamped["annotation"] == {"unknown": 2}
    assert (stamped["clips"], stamped["frames"]) == (2, 12)
    assert len(stamped["joints"]) == len(stamped["pck_joints"]) == 17


def test_a_flip_that_the_estimates_tell_of_is_in_the_stamp():
    clip = truth()
    told = replace(clip, provenance={"flip": "averaged"})
    found = Report(evaluate([(told, clip)]), {}).full_stamp()
    assert found["flip"] == {"averaged": 1}


def test_the_headline_is_the_figure_that_the_protocol_quotes():
    first = next(iter(words(report())))
    assert first.startswith("P-MPJPE ")
    assert "by h36m-p2: 12 frames of 2 clips" in first


def test_the_words_name_groups_joints_and_gaps():
    text = said(report())
    for part in ("By action", "Walking", "left_ankle", "by actions", "by frames"):
        assert part in text
    assert "Missing: Of the protocol, there is no subject S11." in text
    assert "Hypotheses" not in text


def test_brackets_in_names_are_printed_as_they_are():
    clip = truth("[red]a[/]", labels={"action": "[bold]run"})
    text = said(Report(evaluate([(clip, clip)], by=("action",)), {}, by=("action",)))
    assert "[red]a[/] (0 mm)" in text
    assert "[bold]run" in text


def test_of_several_hypotheses_the_oracles_are_named_so():
    some = report(hypotheses=3)
    text = said(some)
    assert "oracle: best hypothesis of each frame" in text
    assert "bounds and no results" in text
    errors = [row["mpjpe"] for row in some.choices().values()]
    assert errors[3] < errors[2] < errors[1]


def test_what_is_missing_is_told_in_sentences():
    clip = truth()
    poses = clip.poses.clone()
    poses[:, 0, 3:6] = torch.nan
    pairs = [(replace(clip, poses=poses), clip), *((None, truth(name)) for name in "bcde")]
    found = Report(evaluate(pairs), {}, without_truth=["x"]).gaps()
    assert found == [
        "4 truths have no estimate: b, c, d and 1 more.",
        "1 estimates have no truth: x.",
        "2.2 % of the known joints have no estimate and are in no figure.",
    ]
    assert Report(evaluate([(clip, clip)]), {}).gaps() == []


def test_a_protocols_number_of_frames_is_compared_unless_some_are_chosen():
    labels = {"annotation": "annot3"}
    clips = [truth(f"TS{n}", 4, labels=labels | {"subject": f"TS{n}"}) for n in range(1, 7)]
    pairs = [(clip, clip) for clip in clips]
    protocol = protocol_named("3dhp-annot3")
    notes = Report(evaluate(pairs, protocol), {}).notes()
    assert "The protocol has 2929 frames; 24 were compared." in notes
    chosen = evaluate(pairs, protocol, selection=Selection(downsample=2))
    assert not any("2929" in note for note in Report(chosen, {}).notes())


def test_what_cannot_be_measured_is_null_and_a_dash():
    clip = truth(frames=1)
    some = Report(evaluate([(off(clip, 10.0), clip)]), {})
    assert some.data()["figures"]["mpjve"] is None
    assert "-" in said(some)


def test_percentiles_are_the_millimetres_within_which_so_many_joints_lie():
    clip = truth()
    some = Report(evaluate([(off(clip, 42.5), clip)]), {})
    assert some.percentiles() == {"50": 43, "90": 43, "99": 43}
    far = Report(evaluate([(off(clip, 400.0), clip)]), {})
    assert far.percentiles()["50"] is None
    assert "less than 50 % within 300 mm" in said(far)


def test_the_picture_has_a_bar_for_each_joint_and_the_curve_of_shares(tmp_path):
    some = report()
    figure = draw_report(some)
    left, right = figure.axes
    assert left.get_yticklabels()[0].get_text() == "pelvis"
    assert len(left.patches) == 2 * 17
    (curve, _) = right.lines
    assert len(curve.get_xdata()) == len(CURVE)
    assert curve.get_ydata()[150] == pytest.approx(some.data()["figures_by_frame"]["pck"], abs=1e-3)
    figure.savefig(tmp_path / "report.png")


def test_a_stamp_has_version_and_date():
    assert stamp()["crosslift"] == __version__
    assert stamp()["date"].endswith("+00:00")


def test_the_commit_is_told_of_a_checkout_of_this_project_only(tmp_path):
    assert commit(tmp_path) is None
    (tmp_path / ".git").mkdir()
    assert commit(tmp_path) is None  # another project that this one is installed into
    here = tmp_path / "src" / "crosslift" / "evaluation"
    here.mkdir(parents=True)
    (here / "stamp.py").touch()
    assert commit(tmp_path) is None  # git finds no repository there
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    for order in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *order], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert commit(tmp_path) == head.stdout.strip()
    (here / "stamp.py").write_text("changed")
    assert commit(tmp_path) == head.stdout.strip() + "-dirty"


def test_another_average_is_stamped():
    clip = h36m()
    protocol = replace(PLAIN, average="actions")
    some = Report(evaluate([(clip, clip)], protocol), {})
    assert some.full_stamp()["protocol"]["average"] == "actions"
    assert some.notes()[0].startswith("Averages: every action has the same weight")
