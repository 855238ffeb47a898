"""`crosslift convert` and `crosslift info`, as a person types them."""

import json
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
import torch

from crosslift import registry
from crosslift.cli import main
from crosslift.data.clip_file import write_clip
from crosslift.data.store import Store
from crosslift.geometry import mirror

from ..data.samples import bvh, coco, openpose
from ..people import seen_walker, walker


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """The exit code and all that was printed, on one line."""
    code = main([str(word) for word in words])
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


@pytest.fixture
def folder_of_clips(tmp_path: Path) -> Path:
    folder = tmp_path / "clips"
    for seed in range(3):
        recording = seen_walker(1.0, seed)
        object.__setattr__(recording, "name", f"walk {seed}")
        write_clip(folder / f"{seed}.clip.safetensors", recording)
    return folder


@pytest.mark.parametrize("words", [(), ("--help",)])
def test_the_formats_are_listed_with_a_line_each(words, capsys):
    code, page = said(capsys, "convert", *words)
    assert code == 0 and "usage: crosslift convert FORMAT ROOT STORE" in page
    for name, part in registry.parts("reader").items():
        assert name in page and part.help in page


@pytest.mark.parametrize("name", registry.parts("reader"))
def test_a_formats_options_are_its_help(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["convert", name, "--help"])
    page = capsys.readouterr().out
    assert stopped.value.code == 0
    assert f"crosslift convert {name}" in page and "ROOT STORE" in page and "--to" in page


def test_an_unknown_format_is_answered_with_the_nearest(capsys):
    assert said(capsys, "convert", "bhv", "a", "b") == (
        2, 'There is no format "bhv"; did you mean "bvh"?'
    )  # fmt: skip


def test_files_become_a_store(tmp_path, capsys, folder_of_clips):
    code, words = said(capsys, "convert", "clip", folder_of_clips, tmp_path / "store")
    assert code == 0 and "3 recordings of 90 frames are in" in words
    assert len(Store.open(tmp_path / "store")) == 3


def test_a_store_that_is_there_is_not_touched_unless_it_is_continued(
    tmp_path, capsys, folder_of_clips
):
    store = tmp_path / "store"
    said(capsys, "convert", "clip", folder_of_clips / "0.clip.safetensors", store)
    code, words = said(capsys, "convert", "clip", folder_of_clips, store)
    assert code == 2 and "holds 1 recordings" in words and "--continue" in words
    code, words = said(capsys, "convert", "clip", folder_of_clips, store, "--continue", "--json")
    result = json.loads(words)
    assert code == 0 and (result["added"], result["skipped"]) == (2, 1)
    assert len(Store.open(store)) == 3


def test_another_skeleton_is_made_on_request_and_marked(tmp_path, capsys):
    root = written(coco, tmp_path / "in")
    options = ("--to", "h36m17", *size_options(coco))
    code, words = said(capsys, "convert", "coco", root, tmp_path / "store", *options)
    assert code == 0, words
    clip = Store.open(tmp_path / "store")[0]
    assert clip.skeleton.name == "h36m17"
    assert "thorax" in clip.provenance["synthesised"]


def written(sample: object, folder: Path) -> Path:
    """The root of a sample in a new folder."""
    folder.mkdir()
    return sample.write(folder)


def size_options(sample: object) -> tuple[str, ...]:
    """What a sample's reader must be told, as words."""
    footage = getattr(sample, "OPTIONS", {}).get("footage")
    return ("--size", *map(str, footage.size)) if footage else ()


def test_a_motion_and_a_folder_of_json_files_are_converted(tmp_path, capsys):
    for name, sample in (("bvh", bvh), ("openpose", openpose)):
        root = written(sample, tmp_path / name)
        words = ("convert", name, root, tmp_path / f"{name} store", *size_options(sample))
        assert said(capsys, *words)[0] == 0


def test_nothing_to_read_is_said(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    code, words = said(capsys, "convert", "clip", tmp_path / "empty", tmp_path / "store")
    assert code == 2 and "empty" in words and "Traceback" not in words
    assert not (tmp_path / "store").exists()


def test_joints_in_a_wrong_order_are_noticed(tmp_path, capsys):
    motion = walker(3.0)
    swapped = mirror(motion.positions, motion.skeleton)[:, list(motion.skeleton.mirror)]
    object.__setattr__(motion, "positions", torch.as_tensor(swapped))
    write_clip(tmp_path / "a.clip.safetensors", motion)
    code, words = said(capsys, "convert", "clip", tmp_path / "a.clip.safetensors", tmp_path / "s")
    assert code == 0 and "Warning: in 1 of them the joints seem to be in a wrong order" in words


def test_info_tells_what_a_store_holds(tmp_path, capsys, folder_of_clips):
    said(capsys, "convert", "clip", folder_of_clips, tmp_path / "store")
    code, words = said(capsys, "info", tmp_path / "store")
    assert code == 0 and "3 recordings, 90 frames" in words and "walk 3" in words
    facts = json.loads(said(capsys, "info", tmp_path / "store", "--json")[1])
    assert facts["recordings"] == 3 and facts["labels"]["action"] == {"walk": 3}


def test_info_tells_what_a_clip_file_holds(tmp_path, capsys, folder_of_clips):
    code, words = said(capsys, "info", folder_of_clips / "0.clip.safetensors")
    assert code == 0
    for fact in ("h36m17", "frames 30", "fps 30.0", "(given)", "observed joints 100.0 %"):
        assert fact in words
    write_clip(tmp_path / "m.clip.safetensors", walker(1.0))
    assert "joint angles 33" in said(capsys, "info", tmp_path / "m.clip.safetensors")[1]


def test_info_refuses_what_it_does_not_know(tmp_path, capsys):
    code, words = said(capsys, "info", tmp_path)
    assert code == 2 and "should be a store, a clip file or a lifter" in words
    (tmp_path / "a.txt").write_text("What is this?")
    assert said(capsys, "info", tmp_path / "a.txt")[0] == 2


def example(name: str) -> list[str]:
    """The words of the command that a reader gives as its example."""
    (line,) = re.findall(r"Example: crosslift (.+)", registry.settings_of("reader", name).__doc__)
    return shlex.split(line)


@pytest.mark.parametrize("name", registry.parts("reader"))
def test_the_example_of_a_format_works(name, tmp_path, capsys):
    words, folder = example(name), tmp_path / "in"
    folder.mkdir()
    root = import_module(f"tests.data.samples.{name}").write(folder)
    assert words[:2] == ["convert", name] and "STORE" in words
    rig = [each for each in words if each.endswith("rig_target.json")]
    there = {"STORE": tmp_path / "store"} | {each: next(folder.rglob("rig*.json")) for each in rig}
    rest = [there.get(word, word) for word in words[3:]]
    code, printed = said(capsys, "convert", name, root, *rest)
    assert code == 0, printed
