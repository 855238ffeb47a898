"""The command from two stores to a report."""

import json
from dataclasses import replace

import pytest
import torch

from crosslift.cli import main
from crosslift.clip import Clip
from crosslift.data.store import StoreWriter
from crosslift.evaluation.protocols import PROTOCOLS

from ..people import seen_walker

NAMES = ("walk/1", "walk/2", "walk/3")


@pytest.fixture(scope="module")
def people() -> list[Clip]:
    labels = [{"subject": s, "action": "walk", "camera": "0"} for s in ("one", "two", "three")]
    return [
        replace(seen_walker(0.4, seed), name=name, labels=each)
        for seed, (name, each) in enumerate(zip(NAMES, labels, strict=True))
    ]


@pytest.fixture(scope="module")
def stores(tmp_path_factory, people):
    """True poses, and estimates with one knee 170 mm off."""
    folder = tmp_path_factory.mktemp("stores")
    for name, shift in (("truths", 0.0), ("estimates", 0.170)):
        with StoreWriter(folder / name) as writer:
            for clip in people:
                poses = clip.poses.clone()
                poses[..., clip.skeleton.index("left_knee"), 0] += shift
                writer.add(replace(clip, poses=poses))
    with StoreWriter(folder / "some") as writer:
        writer.add(people[0])
        writer.add(replace(people[1], name="stranger"))
    return folder


def run(stores, *words: str, estimates: str = "estimates") -> int:
    return main(["evaluate", str(stores / estimates), str(stores / "truths"), *words])


def test_a_report_is_printed_and_written(stores, tmp_path, capsys):
    assert run(stores, "--by", "subject,action", "-o", str(tmp_path / "out")) == 0
    said = capsys.readouterr().out
    assert said.startswith("MPJPE 10.0 mm by plain: 36 frames of 3 clips.")
    for part in ("By subject", "three", "By action", "left_knee", "170.0", "report.png"):
        assert part in said
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["figures"]["mpjpe"] == pytest.approx(10, abs=1e-3)
    assert report["figures"]["pck"] == pytest.approx(1600 / 17, abs=1e-3)
    assert report["joints"]["left_knee"]["mpjpe"] == pytest.approx(170, abs=1e-3)
    assert set(report["by"]["subject"]) == {"one", "two", "three"}
    assert report["stamp"]["truths"]["hash"] != report["stamp"]["estimates"]["hash"]
    assert (tmp_path / "out" / "report.png").stat().st_size > 10_000


def test_the_same_as_json(stores, capsys):
    assert run(stores, "--json", "--precision", "float64") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["stamp"]["clips"] == 3
    assert data["gaps"] == []


def test_what_is_missing_is_listed_and_is_the_code_1_unless_it_may_be(stores, capsys):
    assert run(stores, estimates="some") == 1
    said = capsys.readouterr().out
    assert "Missing: 2 truths have no estimate: walk/2, walk/3." in said
    assert "Missing: 1 estimates have no truth: stranger." in said
    assert "--partial accepts it" in said
    assert run(stores, "--partial", estimates="some") == 0
    assert "Missing: 2 truths" in capsys.readouterr().out


def test_selections_and_averages_come_from_the_words(stores, capsys):
    words = ("--average", "actions", "--actions", "walk", "--downsample", "3", "--subset", "0.5")
    assert run(stores, *words, "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["stamp"]["selection"] == {"actions": ["walk"], "downsample": 3, "subset": 0.5}
    assert data["stamp"]["frames"] == 3 * 2
    assert data["stamp"]["protocol"]["average"] == "actions"


def test_other_joints_come_from_a_mapping(stores, capsys):
    assert run(stores, "--skeleton", "h36m16", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["stamp"]["skeleton"] == "h36m16"
    assert data["figures"]["mpjpe"] == pytest.approx(170 / 16, abs=1e-3)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--protocol", "h36m-p1"], 'protocol "h36m-p1" is for clips whose subject is S9 or S11'),
        (["--protocol", "h36m-p9"], 'There is no protocol "h36m-p9"; did you mean'),
        (["--protocol", "3dpw-14"], "14 joints that a regressor draws"),
        (["--skeleton", "h36m18"], 'There is no skeleton "h36m18"; did you mean'),
        (["--subset", "0"], "--subset takes a share above 0"),
        (["--average", "sequences"], 'has no label "recording"'),
    ],
)
def test_bad_words_are_answered_with_a_sentence_and_the_code_2(stores, capsys, words, sentence):
    assert run(stores, *words) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said


def test_clips_that_were_not_lifted_are_refused(stores, tmp_path, capsys, people):
    with StoreWriter(tmp_path / "keypoints") as writer:
        writer.add(replace(people[0], poses=None))
    assert main(["evaluate", str(tmp_path / "keypoints"), str(stores / "truths")]) == 2
    assert (
        'The estimate "walk/1" has no poses to compare; lift it first.' in capsys.readouterr().err
    )


def test_hypotheses_are_told_apart(stores, tmp_path, capsys, people):
    rng = torch.Generator().manual_seed(0)
    with StoreWriter(tmp_path / "many") as writer:
        for clip in people:
            noise = 0.05 * torch.randn(3, *clip.poses.shape[1:], generator=rng)
            writer.add(replace(clip, poses=clip.poses + noise))
    assert main(["evaluate", str(tmp_path / "many"), str(stores / "truths")]) == 0
    assert "oracle: best hypothesis of each frame" in capsys.readouterr().out


def test_the_protocols_are_listed(capsys):
    assert main(["evaluate", "--protocols", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(PROTOCOLS)
    assert main(["evaluate", "--protocols"]) == 0
    assert "h36m-cross-subject-p1" in capsys.readouterr().out


def test_nothing_is_written_when_the_comparison_fails(stores, tmp_path, capsys):
    assert run(stores, "--protocol", "h36m-p1", "-o", str(tmp_path / "out")) == 2
    assert not (tmp_path / "out").exists()
