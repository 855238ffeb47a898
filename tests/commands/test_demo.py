"""The demonstration, with a plain lifter that is trained for a moment."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from crosslift import demo
from crosslift.adapt.job import until_over
from crosslift.adapt.judging import judged
from crosslift.adapt.source import Source, source_for
from crosslift.cli import main
from crosslift.commands import demo as command
from crosslift.data.clip_file import read_clip
from crosslift.recipes.supervised import Optimizing

from ..adapt.given import changed, footage, generator, small_lifter


@pytest.fixture(scope="module", autouse=True)
def short() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"FRAMES": 2000, "BATCHES": 20, "SECONDS": 2.0}.items():
            patch.setattr(demo, name, value)
        few = {name: replace(how, batch=64, round=10, optimizer=Optimizing(rate=2e-3),
                             fitting=until_over(steps=20 if name == "plain" else 1))
               for name, how in demo.ADAPTED.items()}  # fmt: skip
        patch.setattr(demo, "ADAPTED", few)
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[Path, list[demo.Lifted]]:
    """What the command made, and the answers that it saw."""
    folder, answers = tmp_path_factory.mktemp("demo") / "out", []

    def noted(*given):
        for answer in demo.demonstrate(*given):
            answers.append(answer)
            yield answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "demonstrate", noted)
        assert main(["demo", "-o", str(folder), "--seed", "3", "--quiet"]) == 0
    return folder, answers


@pytest.fixture
def shown(run) -> Path:
    return run[0]


@pytest.fixture
def answers(run) -> list[demo.Lifted]:
    return run[1]


def error(answers, lifter: str, stage: str) -> float:
    own = [each for each in answers if (each.lifter, each.stage) == (lifter, stage)]
    assert [each.movement for each in own] == list(demo.MOVEMENTS)
    return sum(each.scores.mpjpe for each in own)


def test_the_shipped_lifter_is_nearer_to_the_truth_than_the_plain_one(answers):
    assert error(answers, "general", "before") < 0.8 * error(answers, "plain", "before")
    told = [each.estimate.body for each in answers if each.lifter == "general"]
    assert all(torch.equal(body, told[0]) for body in told)
    assert not torch.allclose(told[0], answers[0].truth.body, atol=1e-3)


@pytest.mark.parametrize(("rate", "helps"), [(1e-2, True), (1e-12, False)])
def test_a_lifter_is_adapted_if_that_helps(rate, helps, tmp_path):
    found = small_lifter()
    people = source_for(found.lifter, Source(frames=240, seconds=1.0), tmp_path / "people",
                        generator())  # fmt: skip
    method = replace(demo.ADAPTED["plain"], batch=48, round=20, optimizer=Optimizing(rate=rate),
                     fitting=until_over(steps=40))  # fmt: skip
    given = demo.adapted(found, method, footage(), people, tmp_path / "film", generator(), None)
    assert changed(given.lifter, found.lifter) == helps
    if helps:
        store = footage().store(tmp_path / "film")
        assert judged(given.lifter, store, 0).better_than(judged(found.lifter, store, 0))


def test_nobody_is_told_the_truth(answers):
    for each in answers:
        assert each.estimate.poses is not None and each.truth.poses is not None
        assert not torch.equal(each.estimate.poses[0], each.truth.poses[0])


def test_it_writes_poses_a_picture_a_page_and_a_report(shown):
    report = json.loads((shown / "report.json").read_text())
    assert {row["movement"] for row in report["scores"]} == set(demo.MOVEMENTS)
    assert {(row["lifter"], row["stage"]) for row in report["scores"]} == {
        (lifter, stage) for lifter in ("plain", "general") for stage in ("before", "after")
    }
    assert report["seed"] == 3
    assert sorted(path.name for path in shown.iterdir()) == sorted(
        ["demo.html", "demo.png", "report.json"]
        + [
            f"{move}{end}"
            for move in demo.MOVEMENTS
            for end in (".clip.safetensors", ".bvh", ".trc")
        ]
    )
    clip = read_clip(shown / f"{demo.MOVEMENTS[0]}.clip.safetensors")
    assert clip.poses.shape == (1, 60, 17, 3) and clip.poses.isfinite().all()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_report(shown, tmp_path, capsys):
    assert main(["demo", "-o", str(tmp_path / "again"), "--seed", "3", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    report = json.loads((shown / "report.json").read_text())
    assert said["scores"] == report["scores"]
