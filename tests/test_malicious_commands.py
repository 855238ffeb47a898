"""Files that somebody may have made to do harm, given to every command that takes files."""

from pathlib import Path

import pytest

from crosslift.cli import main

from .malicious import PAYLOADS, Payload
from .stores import short_clips, stored

COMMANDS = {
    "import": ["import", "{file}", "-o", "{out}"],
    "info": ["info", "{file}"],
    "lift, as keypoints": ["lift", "{file}", "-o", "{out}", "--lifter", "flat"],
    "lift, as the lifter": ["lift", "{store}", "-o", "{out}", "--lifter", "{file}"],
    "evaluate, as estimates": ["evaluate", "{file}", "{store}"],
    "evaluate, as truths": ["evaluate", "flat", "{file}"],
    "evaluate, as a lifter's weights": ["evaluate", "{lifter}", "{store}"],
    "lift, as a lifter's weights": ["lift", "{store}", "-o", "{out}", "--lifter", "{lifter}"],
    "export": ["export", "{lifter}", "-o", "{out}/lifter.onnx"],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("stores") / "store"
    stored(folder, short_clips(1, 6))
    return folder


def check(words: list[str], payload: Payload, folder: Path, store: Path, capsys) -> None:
    """The command ends with code 2 and one sentence, and neither runs nor makes anything."""
    folder.mkdir()
    marker, file, lifter = folder / "marker", folder / f"model{payload.suffix}", folder / "lifter"
    content = payload.make(marker)
    file.write_bytes(content)
    lifter.mkdir()
    (lifter / "model.safetensors").write_bytes(content)
    (lifter / "settings.json").write_bytes(content)
    places = {"file": file, "store": store, "lifter": lifter, "out": folder / "out"}
    code = main([word.format(**places) for word in words])
    said = capsys.readouterr()
    assert code == 2, payload.name
    assert said.out == "" and 20 < len(said.err.strip()) < 1500, payload.name
    assert "Traceback" not in said.err and "failed where it should not" not in said.err
    assert sorted(folder.iterdir()) == sorted([file, lifter]), payload.name


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", COMMANDS)
def test_it_is_refused_in_a_sentence(name, tmp_path, store, capsys):
    for number, payload in enumerate(PAYLOADS[::9]):
        check(COMMANDS[name], payload, tmp_path / str(number), store, capsys)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", COMMANDS)
def test_each_is_refused_in_a_sentence(name, tmp_path, store, capsys):
    for number, payload in enumerate(PAYLOADS):
        check(COMMANDS[name], payload, tmp_path / str(number), store, capsys)
