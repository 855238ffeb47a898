"""`crosslift pose`, as a person types it."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from crosslift.body import Body, write_body
from crosslift.cli import main
from crosslift.data.clip_file import SUFFIX, read_clip, write_clip
from crosslift.skeletons import H36M_17
from crosslift.view.posing import keyframes_of, words_of, write_pose
from crosslift.view.posing.server import TOKEN

from ..people import seen_walker, walker
from ..view.embedded import content
from ..view.posing.bodies import at_random


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """The exit code and all that was printed, on one line."""
    code = main(["pose", *map(str, words)])
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    path = tmp_path / f"walk{SUFFIX}"
    write_clip(path, seen_walker(1.0))
    return path


def test_a_page_by_itself_begins_with_the_body_standing(capsys, tmp_path):
    page = tmp_path / "a.html"
    assert said(capsys, "--page", page) == (0, f"Made: {page}")
    keyed = keyframes_of(content(page)["start"])
    assert len(keyed) == 1 and float(keyed.angles.abs().max()) == 0


def test_frames_of_a_clip_become_keyframes(capsys, tmp_path, walk):
    page = tmp_path / "a.html"
    code, words = said(capsys, walk, "--frame", "0", "12", "--page", page)
    assert code == 0 and words.startswith("The body meets 2 poses to 0 mm on average.")
    found = content(page)
    assert keyframes_of(found["start"]).times.tolist() == pytest.approx([0, 12 / 30])
    assert found["cameras"][0]["label"] == "its own"


def test_a_body_file_gives_the_bones(capsys, tmp_path, walk):
    lengths = torch.full((17,), 0.3)
    write_body(tmp_path / "body.json", Body(lengths, torch.zeros(17), H36M_17, "made up", 1))
    said(capsys, walk, "--body", tmp_path / "body.json", "--page", tmp_path / "a.html")
    found = content(tmp_path / "a.html")["start"]["lengths"]
    assert found["right_knee"] == pytest.approx(0.3)


def test_a_pose_file_is_opened_again(capsys, tmp_path):
    keyed = at_random(3)
    write_pose(tmp_path / "a.json", keyed)
    said(capsys, tmp_path / "a.json", "--page", tmp_path / "a.html")
    assert_close(keyframes_of(content(tmp_path / "a.html")["start"]).angles, keyed.angles)


def test_of_several_recordings_one_is_named(capsys, tmp_path, walk):
    write_clip(tmp_path / f"other{SUFFIX}", walker(0.5, seed=1).__class__(
        "other", H36M_17, 30.0, walker(0.5).positions))  # fmt: skip
    code, words = said(capsys, tmp_path, "--page", tmp_path / "a.html")
    assert code == 2 and "One recording is posed at a time, but 2 of those" in words
    assert said(capsys, tmp_path, "--only", "oth*", "--page", tmp_path / "a.html")[0] == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-o", "a.fbx"], 'written as .clip.safetensors, .bvh, .glb, .json, but "a.fbx"'),
        (["--page", "a.html", "-o", "a.bvh"], "--page and -o were both given"),
        (["nothing.json"], '"nothing.json" does not exist'),
        (["--port", "99999", "--no-open"], "port 99999"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(words, sentence, capsys):
    code, told = said(capsys, *words)
    assert code == 2 and sentence in told and "Traceback" not in told


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent otherwise there")
def test_it_serves_until_ctrl_c_and_writes_what_the_page_sends(tmp_path):
    bvh, clip = tmp_path / "a.bvh", tmp_path / f"a{SUFFIX}"
    words = [sys.executable, "-m", "crosslift", "pose", "--no-open", "--json", "-o", bvh, clip]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout and run.stderr
            address = re.findall(r"http://127\.0\.0\.1:\d+/", run.stderr.readline())[0]
            page = tmp_path / "page.html"
            page.write_bytes(urllib.request.urlopen(address, timeout=20).read())
            held = content(page)
            pose = words_of(at_random(2))
            request = urllib.request.Request(
                f"{address}save", json.dumps({"pose": pose, "camera": 0}).encode(),
                {TOKEN: held["save"]["token"]},
            )  # fmt: skip
            told = json.loads(urllib.request.urlopen(request, timeout=60).read())
            assert told["files"] == [bvh.name, clip.name]
            run.send_signal(signal.SIGINT)
            out, _ = run.communicate(timeout=30)
        finally:
            run.kill()
    assert run.returncode == 0
    assert json.loads(out) == {"files": [str(bvh), str(clip)], "saves": 1}
    assert bvh.read_text().startswith("HIERARCHY") and hasattr(read_clip(clip), "keypoints")
