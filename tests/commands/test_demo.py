"""The demonstration, with a plain lifter that is trained for a moment."""

import json
from collections.abc import Iterator

import pytest
import torch
from rich.console import Console

from crosslift import demo
from crosslift.cli import main
from crosslift.data.clip_file import read_clip


@pytest.fixture(scope="module", autouse=True)
def short() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"FRAMES": 2000, "BATCHES": 20, "SECONDS": 2.0}.items():
            patch.setattr(demo, name, value)
        yield


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What the command made and said."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    assert main(["demo", "-o", str(folder), "--seed", "3", "--quiet"]) == 0
    return folder


def test_the_shipped_lifter_is_nearer_to_the_truth_than_the_plain_one(tmp_path):
    rng = torch.Generator().manual_seed(1)
    plain = demo.plain_lifter(tmp_path, rng, Console(quiet=True))
    answers = list(demo.demonstrate(plain, tmp_path, rng))
    assert [answer.movement for answer in answers[::2]] == list(demo.MOVEMENTS)
    error = {
        name: sum(each.scores.mpjpe for each in answers if each.lifter == name)
        for name in ("plain", "general")
    }
    assert error["general"] < 0.8 * error["plain"]
    for each in answers:  # which were not told the truth
        assert each.estimate.poses is not None and each.truth.poses is not None
        assert not torch.equal(each.estimate.poses[0], each.truth.poses[0])
    told = [each.estimate.body for each in answers if each.lifter == "general"]
    assert all(torch.equal(body, told[0]) for body in told)
    assert not torch.allclose(told[0], answers[0].truth.body, atol=1e-3)


def test_it_writes_poses_a_picture_a_page_and_a_report(shown):
    report = json.loads((shown / "report.json").read_text())
    assert {row["movement"] for row in report["scores"]} == set(demo.MOVEMENTS)
    assert {row["lifter"] for row in report["scores"]} == {"plain", "general"}
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


def test_the_same_seed_gives_the_same_report(shown, tmp_path, capsys):
    assert main(["demo", "-o", str(tmp_path / "again"), "--seed", "3", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    report = json.loads((shown / "report.json").read_text())
    assert said["scores"] == report["scores"]
