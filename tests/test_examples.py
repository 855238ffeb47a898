"""Every example runs, offline, in seconds, and says what it promises."""

import re
import runpy
import socket
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
SAID = {
    "01_lift_a_clip": r"\(1, 90, 17, 3\) in metres",
    "02_measure_a_lifter": r"ridge +walk +\d+ mm",
    "03_train_a_lifter": r"kept: a simple_baseline for h36m17",
    "04_add_a_lifter": r"5,700 poses remembered; \d+ mm off",
    "05_adapt": r"adapted lifter is kept",
    "06_dh_poses": r"frames of made bodies in \d+ clips",
    "07_hypotheses": r"mean +\d+ mm off",
    "08_low_rank": r"with its adapter \d+ mm",
    "09_train_a_detector": r"behind the lifter \d+ mm",
}
MADE = {
    "01_lift_a_clip": ("walk.clip.safetensors", "walk.png"),
    "02_measure_a_lifter": ("flat.json", "ridge.json"),
    "03_train_a_lifter": ("people/store.json", "run/log.jsonl", "run/lifter/model.safetensors"),
    "05_adapt": ("adapted/report.html", "adapted/lifter/model.safetensors"),
    "09_train_a_detector": ("guided/model.safetensors", "guided/settings.json"),
    "08_low_rank": ("high/adapter.safetensors", "low/adapter.safetensors"),
    "06_dh_poses": (
        "run/generator.safetensors",
        "run/generated/end.png",
        "run/lifter/model.safetensors",
    ),
}


def run(path, folder, monkeypatch):
    def refused(*address):
        raise AssertionError("an example asked for the network")

    monkeypatch.chdir(folder)
    monkeypatch.setattr(socket.socket, "connect", refused)
    runpy.run_path(str(path), run_name="__main__")


def assert_the_fitted_lifter_is_nearer(said):
    found = re.findall(r"^(\w+) +(\w+) +(\d+) mm$", said, re.MULTILINE)
    error = {(lifter, action): int(value) for lifter, action, value in found}
    assert error["ridge", "walk"] < error["flat", "walk"]
    assert error["ridge", "squat"] < error["flat", "squat"]


TAKING_LONG = ("03", "05", "06", "07", "08", "09")
"""Examples that train a network."""
RUN = [
    pytest.param(path, marks=[pytest.mark.slow] * path.stem.startswith(TAKING_LONG), id=path.stem)
    for path in EXAMPLES
]


@pytest.mark.parametrize("path", RUN)
def test_an_example_runs_and_says_what_it_made(path, tmp_path, monkeypatch, capsys):
    run(path, tmp_path, monkeypatch)
    said = capsys.readouterr().out
    assert re.search(SAID[path.stem], said)
    if path.stem == "02_measure_a_lifter":
        assert_the_fitted_lifter_is_nearer(said)
    for name in MADE.get(path.stem, ()):
        assert (tmp_path / name).stat().st_size > 0


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short_and_says_how_it_is_run(path):
    text = path.read_text("utf-8")
    assert 20 <= len(text.splitlines()) <= 75
    assert f"python examples/{path.name}" in text


def test_examples_are_numbered_without_a_gap():
    assert [int(path.stem[:2]) for path in EXAMPLES] == list(range(1, len(EXAMPLES) + 1))
