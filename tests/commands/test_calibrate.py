"""`crosslift calibrate`, as a person types it, with a small lifter that was trained a little."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from crosslift.camera import to_image_plane
from crosslift.cli import main
from crosslift.domain import fit_domain
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifters.d3dp import D3DPLifter
from crosslift.networks.mixste import MixSTESettings
from crosslift.recipes.diffusion import DiffusionRecipe
from crosslift.recipes.job import Job
from crosslift.recipes.supervised import Optimizing
from crosslift.skeletons import H36M_17
from crosslift.training import Fitting, Schedule
from crosslift.uncertainty import CALIBRATION, read_calibration

from ..people import seen_walker
from ..stores import stored

SIZES = MixSTESettings(frames=5, width=32, depth=1, heads=2)


def walkers(count: int, first: int = 0):
    return [
        replace(seen_walker(2.0, number), name=f"walk/{number}")
        for number in range(first, first + count)
    ]


@pytest.fixture(scope="module")
def drawer(tmp_path_factory) -> Path:
    """A lifter's folder, and beside it the stores that it has not seen."""
    home = tmp_path_factory.mktemp("calibrate")
    about = About("d3dp", D3DPLifter(SIZES), H36M_17)
    fitting = Fitting(epochs=1000, steps=40, schedule=Schedule("constant"), log_every=40)
    recipe = DiffusionRecipe(16, 1, optimizer=Optimizing(rate=3e-3), fitting=fitting)
    job = Job(about, stored(home / "train", walkers(2)), torch.Generator().manual_seed(0))
    plane = [to_image_plane(each.keypoints, each.camera) for each in walkers(8)]
    windows = torch.cat(plane).unflatten(0, (-1, 5))
    domain = fit_domain(windows, H36M_17, torch.Generator().manual_seed(0))
    save_lifter(recipe.train(job).lifter, about, home / "lifter", domain=domain)
    stored(home / "val", walkers(4, 10))
    stored(home / "test", walkers(4, 20))
    return home


@pytest.fixture
def home(drawer, tmp_path) -> Path:
    shutil.copytree(drawer, tmp_path / "home")
    return tmp_path / "home"


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """The exit code and all that was printed, on one line."""
    code = main(["calibrate", *map(str, words)])
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


def test_regions_hold_on_other_recordings_what_they_say(capsys, home):
    words = ("--on", home / "val", "--check", home / "test", "--report", home / "report")
    code, text = said(capsys, home / "lifter", *words, "--hypotheses", 4)
    assert code == 0 and "Regions of 50 % held the truth in" in text
    data = json.loads((home / "report" / "report.json").read_text())
    held = data["total"]["held"]
    assert held["50"] == pytest.approx(0.5, abs=0.1) and held["90"] == pytest.approx(0.9, abs=0.05)
    assert len(data["joints"]) == 16 and not data["out_of_domain"]
    assert sum(row["places"] for row in data["likeness_to_training"].values()) == 4 * 60 * 16
    page = (home / "report" / "report.md").read_text()
    assert "| right hip |" in page and "## By likeness to the training" in page
    told = read_calibration(home / "lifter")
    assert (told.hypotheses, told.steps, told.clips, told.frames) == (4, 1, 4, 240)
    assert told.on.startswith("val (")


def test_halves_judge_each_other_and_json_says_what_was_made(capsys, home):
    code, text = said(
        capsys, home / "lifter", "--on", home / "val", "--hypotheses", 3, "--steps", 2, "--json"
    )
    data = json.loads(text)
    assert code == 0 and data["judged_on"].endswith("each half by the other")
    assert data["files"] == [str(home / "lifter" / CALIBRATION)]
    assert (data["calibration"]["hypotheses"], data["calibration"]["steps"]) == (3, 2)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_calibration(capsys, home):
    found = []
    for _ in range(2):
        said(capsys, home / "lifter", "--on", home / "val", "--hypotheses", 3)
        found.append((home / "lifter" / CALIBRATION).read_bytes())
    assert found[0] == found[1]


def test_a_calibration_is_checked_later_and_stays(capsys, home):
    lifter = home / "lifter"
    said(capsys, lifter, "--on", home / "val", "--hypotheses", 4)
    before = (lifter / CALIBRATION).read_bytes()
    upside_down = [
        replace(clip, keypoints=clip.camera.size[..., None, :] - clip.keypoints)
        for clip in walkers(2, 30)
    ]
    stored(home / "odd", upside_down)
    code, text = said(capsys, lifter, "--check", home / "odd", "--hypotheses", 4, "--json")
    data = json.loads(text)
    assert code == 0 and data["out_of_domain"] is True and data["files"] == []
    assert data["recordings_out_of_domain"]["count"] == 2
    assert data["likeness_to_training"].keys() == {"beyond the 99th"}
    assert (lifter / CALIBRATION).read_bytes() == before
    assert "OUT OF DOMAIN" in said(capsys, lifter, "--check", home / "odd", "--hypotheses", 4)[1]


def test_what_cannot_be_calibrated_is_refused(capsys, home):
    code, text = said(capsys, home / "lifter", "--on", home / "val")
    assert code == 2 and "needs 2 hypotheses or more, but 1 would be drawn" in text
    code, text = said(capsys, home / "lifter", "--check", home / "val", "--hypotheses", 4)
    assert code == 2 and "has not been calibrated" in text
    code, text = said(capsys, "flat", "--on", home / "val")
    assert code == 2 and "draws no hypotheses, so it has no spread to calibrate" in text
    blind = [replace(each, poses=None) for each in walkers(2)]
    stored(home / "blind", blind)
    code, text = said(capsys, home / "lifter", "--on", home / "blind", "--hypotheses", 2)
    assert code == 2 and "has no poses to calibrate with" in text
    assert not (home / "lifter" / CALIBRATION).exists()
