"""`crosslift body`, as a person types it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crosslift.body import read_body
from crosslift.cli import main
from crosslift.data.clip_file import write_clip
from crosslift.data.store import StoreWriter

from ..body.people import clips_of, long_legged
from ..people import walker


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """The exit code and all that was printed, on one line."""
    code = main([str(word) for word in words])
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three clip files of one person."""
    for number, clip in enumerate(clips_of(long_legged(), 3, 2.0)):
        write_clip(tmp_path / "in" / f"{number}.clip.safetensors", replace(clip, labels={}))
    return tmp_path / "in"


def test_a_file_is_written_and_a_table_printed(tmp_path, capsys, folder):
    code, words = said(capsys, "body", folder, "-o", tmp_path / "body.json")
    assert code == 0 and "knee-ankle" in words and "170 cm tall" in words
    assert "give --height" in words
    assert read_body(tmp_path / "body.json").stature == pytest.approx(1.70, abs=1e-3)


def test_a_stature_and_a_tape_are_heeded(tmp_path, capsys, folder):
    words = ["--height", 1.8, "--measured", "knee-ankle=0.46", "elbow-wrist=0.25"]
    code, printed = said(capsys, "body", folder, "-o", tmp_path / "body.json", *words)
    body = read_body(tmp_path / "body.json")
    assert code == 0 and "180 cm tall" in printed and "give --height" not in printed
    assert body.lengths[[6, 13]].tolist() == pytest.approx([0.46, 0.25])


def test_files_and_stores_can_be_given_together(tmp_path, capsys, folder):
    with StoreWriter(tmp_path / "store") as writer:
        for clip in clips_of(long_legged(), 2, 2.0, seed=3):
            writer.add(replace(clip, labels={}))
    paths = [folder / "0.clip.safetensors", tmp_path / "store"]
    code, words = said(capsys, "body", *paths, "-o", tmp_path / "body.json", "--json")
    facts = json.loads(words)
    assert code == 0 and facts["how"].startswith("3 clips") and len(facts["bones"]) == 10


def test_one_of_several_people_has_to_be_chosen(tmp_path, capsys):
    for number, (who, clip) in enumerate(zip("abb", clips_of(long_legged(), 3, 2.0), strict=True)):
        named = replace(clip, labels={"subject": who})
        write_clip(tmp_path / "in" / f"{number}.clip.safetensors", named)
    words = ["body", tmp_path / "in", "-o", tmp_path / "body.json"]
    code, printed = said(capsys, *words)
    assert code == 2 and "recordings of a, b; choose with --subject" in printed
    assert not (tmp_path / "body.json").exists()
    assert said(capsys, *words, "--subject", "c")[0] == 2
    code, printed = said(capsys, *words, "--subject", "b")
    assert code == 0 and "From 2 clips" in printed


def test_poorly_seen_bones_are_named(tmp_path, capsys):
    (clip,) = clips_of(long_legged(), 1, 2.0)
    short = replace(
        clip, keypoints=clip.keypoints[:2], scores=clip.scores[:2], observed=clip.observed[:2]
    )
    write_clip(tmp_path / "short.clip.safetensors", short)
    words = ["body", tmp_path / "short.clip.safetensors", "-o", tmp_path / "body.json"]
    code, printed = said(capsys, *words)
    assert code == 0 and "Poorly seen" in printed and "pelvis-hip" in printed


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--height", "175"], "give metres"),
        (["--measured", "shin=0.4"], 'no bone called "shin"'),
        (["--measured", "knee-ankle"], "such as knee-ankle=0.41"),
        (["--measured", "knee-ankle=long"], '"knee-ankle=long" was given'),
    ],
)
def test_words_that_mean_nothing_are_refused(tmp_path, capsys, folder, words, sentence):
    code, printed = said(capsys, "body", folder, "-o", tmp_path / "body.json", *words)
    assert code == 2 and sentence in printed
    assert not (tmp_path / "body.json").exists()


def test_paths_that_hold_no_keypoints_are_refused(tmp_path, capsys):
    write_clip(tmp_path / "walk.clip.safetensors", walker())
    for path, sentence in ((tmp_path / "no", "does not exist"), (tmp_path, "motions without")):
        code, printed = said(capsys, "body", path, "-o", tmp_path / "body.json")
        assert code == 2 and sentence in printed
