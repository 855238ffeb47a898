"""crosslift lift --refine: what is done, and where it is said."""

import json
from dataclasses import replace

import pytest
import torch

from crosslift.cli import main
from crosslift.clip import unlabelled
from crosslift.commands.lift import refining, with_budget
from crosslift.data.clip_file import read_clip, write_clip
from crosslift.find_lifter import find_lifter
from crosslift.lift_job import Lifting, lift_recording
from crosslift.refine import Refining

from ..people import seen_walker

FLAT = find_lifter("flat")
FEW = Lifting(refine=Refining(seconds=1e9, rounds=1, steps=5))


def job(clip):
    return lift_recording(clip, FLAT, FEW, torch.Generator().manual_seed(0), name="flat")


@pytest.mark.parametrize(
    "words, wanted",
    [
        ("a.csv --refine", "a.csv --refine 20s"),
        ("--refine a.csv -o out", "--refine 20s a.csv -o out"),
        ("--refine -o out", "--refine 20s -o out"),
        ("--refine 90s a.csv", "--refine 90s a.csv"),
        ("a.csv --refine-steps 3", "a.csv --refine-steps 3"),
    ],
)
def test_refine_alone_means_a_budget_of_twenty_seconds(words, wanted):
    assert with_budget(words.split()) == wanted.split()


def test_a_budget_is_told_as_a_time():
    assert refining("2m", 7) == Refining(seconds=120, steps=7)
    assert refining(None, 7) is None


def test_true_poses_are_not_looked_at():
    clip = seen_walker(1.0)
    planted = replace(clip, poses=torch.full_like(clip.poses, 3.0))
    one, other = job(clip).clip, job(planted).clip
    assert torch.equal(one.poses, other.poses)


def test_the_summary_and_the_page_say_what_was_done(tmp_path, capsys):
    write_clip(tmp_path / "walk.clip.safetensors", unlabelled(seen_walker(0.5)))
    out = tmp_path / "out"
    words = [tmp_path / "walk.clip.safetensors", "-o", out, "--lifter", "flat", "--refine",
             "--refine-steps", 3]  # fmt: skip
    assert main(["lift", *map(str, words)]) == 0
    told = read_clip(out / "walk.clip.safetensors").provenance["refined"]
    assert told.startswith("9 steps in 3 rounds; ")
    (quality,) = json.loads((out / "summary.json").read_text())["inputs"][0]["quality"].values()
    assert quality["refined"]["steps"] == [3, 3, 3]
    assert set(quality["refined"]["before"]) == set(quality["refined"]["after"])
    assert "9 steps in 3 rounds" in (out / "walk.html").read_text()


def test_a_budget_that_is_no_time_is_refused(tmp_path, capsys):
    assert main(["lift", "a.csv", "-o", str(tmp_path), "--refine", "5"]) == 2
    said = capsys.readouterr()
    assert "such as 90s" in said.out + said.err
