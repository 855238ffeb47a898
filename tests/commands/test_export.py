"""`crosslift export`, as a person types it."""

import json
from pathlib import Path

import pytest

from crosslift.cli import main
from crosslift.commands.export import said as in_words
from crosslift.data.store import StoreWriter
from crosslift.deploy import load_onnx
from crosslift.lifter_folder import save_lifter

from ..deploy.files import built, made
from ..people import seen_walker, walker


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """The exit code, what was printed, and the complaints."""
    code = main(["export", *(str(word) for word in words)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lifter's folder."""
    lifter, about = built("simple_baseline")
    save_lifter(lifter, about, tmp_path / "lifter")
    return tmp_path / "lifter"


def test_a_folder_becomes_a_file_that_lifts_and_eight_bits_say_their_price(
    tmp_path, capsys, folder
):
    with StoreWriter(tmp_path / "store") as writer:
        writer.add(seen_walker())
    code, words, _ = said(
        capsys, folder, "-o", tmp_path / "lifter.onnx", "--int8", "--validation",
        tmp_path / "store", "--json",
    )  # fmt: skip
    facts = json.loads(words)
    assert code == 0 and facts["bytes"] == (tmp_path / "lifter.onnx").stat().st_size
    assert facts["int8"]["frames"] == len(seen_walker()) and facts["int8"]["mean_mm"] > 0.01
    assert facts["agreement"]["largest_mm"] < 0.01 < facts["int8"]["mpjpe_after_mm"]
    assert load_onnx(tmp_path / "lifter.onnx").skeleton.name == "h36m17"


def test_the_words_tell_what_the_network_takes_and_how_near_it_is():
    takes, near = in_words(made("videopose").found)
    assert "takes batches of any size and sequences of any length" in takes
    assert "gives the original's poses to" in near and "on 180 frames." in near


def test_what_cannot_be_is_refused_and_nothing_is_written(tmp_path, capsys, folder):
    file = tmp_path / "lifter.onnx"
    with StoreWriter(tmp_path / "store") as writer:
        writer.add(walker())
    for words, sentence in [
        ([folder, "--validation", tmp_path], "--int8 was not given; add it, or leave both out"),
        ([folder, "--int8", "--validation", tmp_path / "store"], "should hold clips with keypoint"),
        (["flat"], '"flat" has none'),
        ([tmp_path / "none"], "There is no lifter called"),
    ]:
        code, _, complaint = said(capsys, *words, "-o", file)
        assert code == 2 and sentence in complaint
    assert not file.exists()
