"""The demonstration, with fewer people than a user gets."""

import json

import pytest
import torch

from crosslift import demo
from crosslift.cli import main


@pytest.fixture(autouse=True)
def few_people(monkeypatch):
    monkeypatch.setattr(demo, "PEOPLE", 12)


def test_the_fitted_lifter_is_nearer_to_the_truth_than_the_flat_one():
    answers = list(demo.demonstrate(torch.Generator().manual_seed(1)))
    assert [answer.movement for answer in answers[::2]] == list(demo.MOVEMENTS)
    flat, ridge = (
        sum(a.scores.p_mpjpe for a in answers if a.lifter == name) for name in ("flat", "ridge")
    )
    assert ridge < 0.8 * flat


def test_the_person_who_is_lifted_is_in_no_training_recording():
    rng = torch.Generator().manual_seed(1)
    seen = {tuple(row.tolist()) for row in demo.training_set(rng).body}
    answer = next(demo.demonstrate(torch.Generator().manual_seed(1)))
    assert tuple(answer.truth.body.tolist()) not in seen


def test_the_command_writes_a_picture_and_a_report_and_says_where(tmp_path, capsys):
    assert main(["demo", "-o", str(tmp_path / "out"), "--seed", "3"]) == 0
    said = capsys.readouterr().out
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert {row["movement"] for row in report["scores"]} == set(demo.MOVEMENTS)
    assert report["seed"] == 3
    for name in ("demo.png", "report.json"):
        assert (tmp_path / "out" / name).stat().st_size > 0
        assert name in said
    assert "MPJPE" in said


def test_the_same_seed_gives_the_same_report(tmp_path, capsys):
    for name in ("a", "b"):
        assert main(["demo", "-o", str(tmp_path / name), "--json", "--precision", "float64"]) == 0
    one, other = ((tmp_path / name / "report.json").read_text() for name in ("a", "b"))
    assert one == other
    assert json.loads(capsys.readouterr().out.split("}\n{")[0] + "}")["precision"] == "float64"
