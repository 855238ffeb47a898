"""crosslift lift, stopped by Ctrl-C or killed while it works, and gone on with."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from crosslift import lift_run, lifting
from crosslift.cli import main
from crosslift.clip import Clip, unlabelled
from crosslift.data.any_file import Told, read
from crosslift.data.clip_file import write_clip
from crosslift.kept_parts import PREFIX
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifting import Going, part_lifted
from crosslift.skeletons import H36M_17

from ..lifters.small import small_settings
from ..people import seen_walker

FORMATS = ("clip", "npz", "bvh", "trc")
KILLS = 100
FRAMES = 20


def recording(frames: int) -> Clip:
    """Someone who walks to and fro."""
    clip = unlabelled(seen_walker(4.0))

    def again(values: torch.Tensor) -> torch.Tensor:
        times = -(-frames // len(values))
        return torch.cat([values, values.flip(0)] * times)[:frames]

    return replace(
        clip,
        keypoints=again(clip.keypoints),
        scores=again(clip.scores),
        observed=again(clip.observed),
    )


@pytest.fixture(scope="module")
def given(tmp_path_factory) -> Path:
    """A lifter and recordings."""
    folder = tmp_path_factory.mktemp("stopped")
    settings = small_settings("videopose")
    torch.manual_seed(0)
    save_lifter(settings.build(H36M_17), About("videopose", settings, H36M_17), folder / "net")
    for name, frames in {"long": 250, "walk": FRAMES}.items():
        write_clip(folder / f"{name}.clip.safetensors", replace(recording(frames), name=name))
    return folder


@pytest.fixture
def short_parts(monkeypatch):
    """Recordings are lifted in parts of 90 frames."""
    monkeypatch.setattr(lift_run, "Going", partial(Going, part=90))


def words(given: Path, clip: Path, out: Path, *more: str) -> list[str]:
    return ["lift", str(clip), "-o", str(out), "--lifter", str(given / "net"), "--no-page",
            "--threads", "1", *more]  # fmt: skip


def content(folder: Path) -> dict[str, bytes]:
    """All files that a person sees, but for the summary, which each run writes anew."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and path.name[0] != "." and path.name != "summary.json"
    }


class Counted:
    """Counts the parts that are lifted, and stops before one."""

    def __init__(self, last: int = 99) -> None:
        self.last, self.done = last, 0

    def __call__(self, *arguments):
        if self.done == self.last:
            raise KeyboardInterrupt
        self.done += 1
        return part_lifted(*arguments)


def test_a_run_that_is_stopped_within_a_recording_goes_on_there(
    given, tmp_path, capsys, monkeypatch, short_parts
):
    clip, out = given / "long.clip.safetensors", tmp_path / "out"
    monkeypatch.setattr(lifting, "part_lifted", Counted(last=2))
    assert main(words(given, clip, out)) == 130
    said = " ".join(capsys.readouterr().err.split())
    assert "Stopped." in said and "--continue" in said and content(out) == {}
    assert len(list(out.glob(f"{PREFIX}*/*.safetensors"))) == 2
    rest, whole = Counted(), Counted()
    monkeypatch.setattr(lifting, "part_lifted", rest)
    assert main(words(given, clip, out, "--continue")) == 0 and not list(out.glob(f"{PREFIX}*"))
    monkeypatch.setattr(lifting, "part_lifted", whole)
    assert main(words(given, clip, tmp_path / "whole")) == 0
    assert (rest.done, whole.done) == (1, 3)
    assert content(out) == content(tmp_path / "whole")


def test_parts_of_another_lifter_or_seed_are_not_taken(
    given, tmp_path, capsys, monkeypatch, short_parts
):
    clip, out = given / "long.clip.safetensors", tmp_path / "out"
    monkeypatch.setattr(lifting, "part_lifted", Counted(last=2))
    assert main(words(given, clip, out)) == 130
    anew = Counted()
    monkeypatch.setattr(lifting, "part_lifted", anew)
    assert main(words(given, clip, out, "--continue", "--focal", "900")) == 0
    assert anew.done == 3 and not list(out.glob(f"{PREFIX}*"))


def test_going_on_writes_what_is_missing_and_keeps_what_was_said(given, tmp_path, capsys):
    clip, out = given / "walk.clip.safetensors", tmp_path / "out"
    assert main(words(given, clip, out)) == 0
    before, told = content(out), json.loads((out / "summary.json").read_text())
    assert main(words(given, clip, out, "--continue")) == 0
    again = json.loads((out / "summary.json").read_text())
    assert again == told and content(out) == before
    assert main(words(given, clip, out, "--continue", "--format", *FORMATS)) == 0
    after = content(out)
    assert {name: after[name] for name in before} == before and len(after) == len(FORMATS)


@pytest.mark.slow
def test_ctrl_c_ends_the_process_with_130_and_no_half_file(given, tmp_path):
    clip, out = tmp_path / "hour.clip.safetensors", tmp_path / "out"
    write_clip(clip, replace(recording(60_000), name="hour"))
    command = [sys.executable, "-m", "crosslift", *words(given, clip, out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not list(out.glob(f"{PREFIX}*/*.safetensors")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "Stopped." in said and "Traceback" not in said
    assert content(out) == {}
    done = subprocess.run([*command, "--continue"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and len(content(out)) == 1 and not list(out.glob(f"{PREFIX}*"))


def forked(arguments: list[str], kill_after: float) -> None:
    """Run the command in a child of this process, and kill it after so many seconds."""
    child = os.fork()
    if child == 0:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os._exit(main(arguments))
    time.sleep(kill_after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def check_whole(path: Path) -> None:
    """A file that is there can be read to its end."""
    kind = "clip" if path.name.endswith(".clip.safetensors") else path.suffix[1:]
    (found,) = read(path, Told(format=kind))
    assert len(found) == FRAMES, path.name


@pytest.mark.slow
def test_whenever_it_is_killed_all_files_are_whole_and_old_ones_as_they_were(
    given, tmp_path, capsys, short_parts
):
    out, draw = tmp_path / "out", random.Random(0)
    more = ["--format", *FORMATS, "--continue"]
    assert main(words(given, given / "walk.clip.safetensors", tmp_path / "first", *more)) == 0
    start = time.monotonic()  # once all that a run needs has been imported
    assert main(words(given, given / "walk.clip.safetensors", out, *more)) == 0
    lasting = time.monotonic() - start
    before, partly = content(out), 0
    for number in range(KILLS):
        clip = tmp_path / f"take{number // 3}.clip.safetensors"  # each is gone on with twice
        shutil.copy(given / "walk.clip.safetensors", clip)
        forked(words(given, clip, out, *more), draw.uniform(0, 1.1 * lasting))
        after = content(out)
        assert {name: after[name] for name in before} == before
        for name in after.keys() - before.keys():
            check_whole(out / name)
        partly += len(after) % len(FORMATS) != 0
        before = after
    assert partly and len(before) > len(FORMATS)
    assert main(words(given, clip, out, *more)) == 0
