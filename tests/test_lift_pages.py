"""The pages that tell how to lift a video, or other tools' keypoints: all that they say is done."""

import re
import runpy
import shlex
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import torch

from crosslift import filmed, find_lifter, registry
from crosslift.cli import main
from crosslift.clip import Clip
from crosslift.commands import lift
from crosslift.data.any_file import ENDINGS, clips_in
from crosslift.data.clip_file import write_clip
from crosslift.lifter_folder import About, save_lifter
from crosslift.skeletons import H36M_17

from .lifters.small import small_settings
from .saved_keypoints import FILES, arrays, walk
from .video.films import film, picture

DOCS = Path(__file__).parents[1] / "docs"
VIDEO = DOCS / "lift_a_video.md"
made = import_module("docs.make_keypoints")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of what stands between fences, in the page's order."""
    return re.findall(r"^```(\w*)\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


def commands(text: str) -> list[list[str]]:
    """The words of each command of ours."""
    return [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("crosslift ")]


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A lifter that was never trained."""
    folder = tmp_path_factory.mktemp("small") / "general"
    settings = small_settings("bodywise")
    torch.manual_seed(0)
    save_lifter(settings.build(H36M_17), About("bodywise", settings, H36M_17), folder)
    return folder


@pytest.fixture
def place(tmp_path, monkeypatch, small) -> Path:
    """An empty folder to be in, and a lifter that is taken where none is named."""
    if not find_lifter.shipped():
        for module in (find_lifter, lift):
            monkeypatch.setattr(module, "shipped", lambda: {"general": small})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def follow(page: Path, place: Path, capsys) -> None:
    """Do all that a page says, and see that it comes out."""
    for language, text in blocks(page):
        if language == "python":
            (place / "said.py").write_text(text, "utf-8")
            runpy.run_path(str(place / "said.py"), init_globals=arrays())
        for words in commands(text) if not language else ():
            code = main(words)
            said = capsys.readouterr()
            assert code == 0, f"crosslift {shlex.join(words)}\n{said.out}{said.err}"
            assert "wrong order" not in said.out + said.err
            if words[0] == "lift":
                check_lifted(Path(words[words.index("-o") + 1]))


def check_lifted(folder: Path) -> None:
    """A folder of results has poses of everybody in every frame."""
    stores = [each.parent for each in folder.glob("*/store.json")]
    files = sorted(folder.glob("*.clip.safetensors"))
    clips = [clip for path in stores or files for clip in clips_in(path)]
    assert clips
    for clip in clips:
        assert clip.skeleton == H36M_17 and clip.poses is not None
        assert clip.poses.isfinite().all()
    assert (folder / "summary.json").exists()


def test_every_tool_whose_files_are_known_by_themselves_has_a_page():
    pages = {page.stem for page in made.PAGES}
    assert pages == set(FILES) and set(ENDINGS) <= pages


@pytest.mark.parametrize("page", made.PAGES, ids=lambda page: page.stem)
def test_what_a_page_of_keypoints_says_is_done(page, place, capsys):
    FILES[page.stem](place)
    assert any(words[0] == "lift" for _, text in blocks(page) for words in commands(text))
    follow(page, place, capsys)


@pytest.mark.parametrize("page", made.PAGES, ids=lambda page: page.stem)
def test_a_page_of_keypoints_is_current_and_built_like_the_others(page):
    text = page.read_text("utf-8")
    assert text == made.with_tables(text), "run `python -m docs.make_keypoints`"
    assert re.findall(r"^## (.*)", text, re.M) == ["Lift it", "Joints", "What goes wrong"]
    assert f"(keypoints/{page.name})" in (DOCS / "README.md").read_text("utf-8")
    assert f"(keypoints/{page.name})" in VIDEO.read_text("utf-8") or page.stem == "clip"


def test_what_the_page_of_videos_says_is_done(place, capsys, monkeypatch):
    """With a detector that knows where the walker is."""
    clip = walk("coco17")
    wide, high = (int(side) // 16 for side in clip.camera.size.tolist())
    film(place / "walk.mp4", (picture(size=(wide, high)) for _ in range(len(clip))))
    (place / "rtmo-m.zip").write_bytes(b"weights")
    write_clip(place / "known.clip.safetensors", shrunk(clip, 1 / 16))
    known = registry.settings_of("detector", "saved")(place / "known.clip.safetensors")
    monkeypatch.setattr(filmed.Detecting, "finder", lambda *_: known.build("cpu"))
    follow(VIDEO, place, capsys)
    assert {path.suffix for path in (place / "files").iterdir() if path.is_file()} >= {
        ".bvh", ".glb", ".trc", ".csv", ".html"
    }  # fmt: skip


def shrunk(clip: Clip, share: float) -> Clip:
    """The clip in a picture of fewer pixels."""
    return replace(clip, keypoints=clip.keypoints * share)


def test_commands_are_read_off_a_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```\npip install x\ncrosslift lift a -o 'b c'\n```\n\n```python\n1\n```\n")
    assert [language for language, _ in blocks(page)] == ["", "python"]
    assert commands(blocks(page)[0][1]) == [["lift", "a", "-o", "b c"]]
