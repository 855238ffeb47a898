"""The command from keypoints to the folder of an adapted lifter."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from crosslift.adapt import carry_out
from crosslift.adapt.job import Rounds
from crosslift.body import read_body
from crosslift.cli import main
from crosslift.data.clip_file import write_clip
from crosslift.lifter_folder import load_domain, load_lifter

from ..adapt.given import filmed, lifter_folder
from ..stores import stored

QUICK = ["--synthetic", "300", "--batch", "50", "--round", "10", "--fitting.steps", "20"]
LEARNING = ["--optimizer.rate", "1e-2", "--likeness.no-viewpoint"]


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("adapt")
    lifter_folder(folder / "lifter")
    write_clip(folder / "walk.clip.safetensors", filmed(1)[0])
    stored(folder / "store", filmed(2))
    return folder


@pytest.fixture
def unillustrated(monkeypatch):
    """Pictures of recordings take longer than all else."""
    monkeypatch.setattr(carry_out, "RECORDINGS_SHOWN", 0)


def adapt(given, output, *words, target="walk.clip.safetensors", more=(*QUICK, *LEARNING)) -> int:
    lifter = [] if "--lifter" in words else ["--lifter", str(given / "lifter")]
    return main(["adapt", str(given / target), "-o", str(output), *lifter, *more, *words])


def refused(given, output, capsys, *words, **more) -> str:
    capsys.readouterr()
    assert adapt(given, output, "--quiet", *words, **more) == 2
    assert not (output / "lifter").exists()
    return capsys.readouterr().err


def weights(run) -> dict[str, torch.Tensor]:
    return load_file(run / "lifter" / "model.safetensors")


def same(one, other) -> bool:
    return all(torch.equal(one[key], other[key]) for key in one)


def test_a_folder_with_a_lifter_its_report_and_the_body(given, tmp_path, capsys):
    run = tmp_path / "run"
    words = ["--height", "1.6", "--truth", str(given / "store"), "--json"]
    assert adapt(given, run, *words, target="store") == 0
    data = json.loads(capsys.readouterr().out)
    assert {path.name for path in run.iterdir()} == {
        "lifter", "report.html", "report.json", "body.json", "work",
    }  # fmt: skip
    kept = json.loads((run / "report.json").read_text())
    assert kept == {key: value for key, value in data.items() if key != "files"}
    assert kept["kept"] == "adapted" and kept["trained"]["batches"] == 20
    assert kept["scores"]["combined"]["after"] < kept["scores"]["combined"]["before"]
    assert kept["errors"]["mpjpe"]["after"] < kept["errors"]["mpjpe"]["before"]
    assert set(kept["distances_to_target"]) == {"size", "across", "down"}
    lifter, about = load_lifter(run / "lifter")
    assert about.made["adapted"]["method"] == "gpa"
    assert about.made["adapted"]["target"]["hash"] == kept["target"]["hash"]
    assert about.made["adapted"]["people"][""]["stature_m"] == 1.6
    assert not lifter.network.training and read_body(run / "body.json").stature < 1.61
    assert not same(weights(run), load_file(given / "lifter" / "model.safetensors"))
    page = (run / "report.html").read_text("utf-8")
    assert page.count("data:image/png;base64,") == 3
    for part in ("before", "after", "viewpoint", "MPJPE", "1.6 m given"):
        assert part in page
    assert load_domain(run / "lifter") is None  # 300 frames are too few to tell


def test_the_original_is_kept_where_nothing_is_better(given, tmp_path, capsys, unillustrated):
    run = tmp_path / "run"
    assert adapt(given, run, "--optimizer.rate", "1e-12", more=QUICK) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Nothing better was found: the original lifter is kept" in said
    assert "The target has only 18 frames" in said
    assert same(weights(run), load_file(given / "lifter" / "model.safetensors"))
    assert json.loads((run / "report.json").read_text())["kept"] == "original"


@pytest.mark.slow
def test_an_adaptation_that_was_stopped_and_continued_ends_the_same(
    given, tmp_path, monkeypatch, capsys, unillustrated
):
    assert adapt(given, tmp_path / "whole", "--quiet") == 0
    with monkeypatch.context() as patched:
        parts, part = [], Rounds.part

        def stopping(self, batch, *share):
            parts.append(batch)
            if len(parts) == 14:
                raise KeyboardInterrupt
            return part(self, batch, *share)

        patched.setattr(Rounds, "part", stopping)
        assert adapt(given, tmp_path / "stopped", "--quiet") == 130
    assert not (tmp_path / "stopped" / "lifter").exists()
    assert "add --continue" in refused(given, tmp_path / "stopped", capsys)
    other = refused(given, tmp_path / "stopped", capsys, "--continue", "--height", "1.5")
    assert 'was begun with another "target"' in other
    assert adapt(given, tmp_path / "stopped", "--quiet", "--continue") == 0
    assert same(weights(tmp_path / "stopped"), weights(tmp_path / "whole"))


def test_a_finished_one_is_left_alone(given, tmp_path, capsys, unillustrated):
    assert adapt(given, tmp_path / "run", "--quiet", "--fitting.steps", "2") == 0
    before = weights(tmp_path / "run")
    assert adapt(given, tmp_path / "run", "--quiet", "--continue") == 2
    assert "is finished" in capsys.readouterr().err
    assert same(weights(tmp_path / "run"), before)


def test_the_method_names_its_settings(capsys):
    for name, own in (("gpa", "--objective.position"), ("poseda", "--game.terms.parts")):
        with pytest.raises(SystemExit):
            main(["adapt", "--method", name, "--help"])
        said = capsys.readouterr().out
        assert own in said and "--likeness.places.depth" in said and "--height" in said


def test_what_cannot_be_is_said_in_a_sentence(given, tmp_path, capsys):
    run = tmp_path / "run"
    assert "no adapter" in refused(given, run, capsys, "--method", "posedaa")
    assert "such as 90s" in refused(given, run, capsys, "--budget", "soon")
    assert "does not exist" in refused(given, run, capsys, target="nobody.json")
    assert "no network" in refused(given, run, capsys, "--lifter", "flat")
    assert "0 made-up frames" in refused(given, run, capsys, "--synthetic", "0")
    assert "should be a store" in refused(given, run, capsys, "--source", str(given))


def test_a_target_in_which_nobody_is_seen_is_refused_before_anything_is_made(
    given, tmp_path, capsys
):
    clip = filmed(1)[0]
    empty = replace(
        clip,
        poses=None,
        keypoints=torch.full_like(clip.keypoints, torch.nan),
        scores=torch.zeros_like(clip.scores),
        observed=torch.zeros_like(clip.observed),
    )
    write_clip(tmp_path / "empty.clip.safetensors", empty)
    said = refused(tmp_path, tmp_path / "run", capsys, "--lifter", str(given / "lifter"),
                   target="empty.clip.safetensors")  # fmt: skip
    assert "detect the keypoints anew" in said
    assert not (tmp_path / "run").exists()
