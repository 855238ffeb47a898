"""Training of detectors, as a person types it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from crosslift.commands.common import Outcome
from crosslift.commands.train_detector import choose
from crosslift.data.images_store import Kept, PictureWriter, Shown
from crosslift.detect.detector_folder import load_detector
from crosslift.errors import CrossliftError, DataError, SettingsError
from crosslift.skeletons import H36M_17

from ..detect.map_networks import published
from ..people import seen_walker

WORDS = ("--network.width", "4", "--network.modules", "1", "--network.blocks", "1",
         "--network.stem", "4", "--network.stem-blocks", "1")  # fmt: skip


def run(*words: object) -> Outcome:
    """What the words train."""
    import tyro

    from crosslift.cli import captured

    function, rest = choose([*map(str, words), "--quiet"])
    call = tyro.cli(captured(function), args=rest)
    return function(*call.arguments, **call.options)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Eight pictures of a walking person, in which every joint is a white dot."""
    clip = seen_walker(8 / 30)
    with PictureWriter(tmp_path / "store") as writer:
        width, height = map(int, clip.camera.size.tolist())
        shown = []
        for places in clip.keypoints:
            pixels = np.zeros((height, width, 3), np.uint8)
            for x, y in places.round().long().tolist():
                pixels[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3] = 255
            box = torch.cat([places.amin(dim=0), places.amax(dim=0)])
            shown.append(Shown(Kept(pixels, (0.0, 0.0)), box))
        writer.add(clip, shown)
    return tmp_path / "store"


def test_a_detector_is_trained_and_kept(tmp_path, store):
    options = ("--size", "32", "64", "--batch", "4", "--fitting.epochs", "2")
    outcome = run(store, "-o", tmp_path / "run", "--validation", store, *options, *WORDS)
    assert outcome.code == 0
    kept = load_detector(tmp_path / "run" / "detector")
    assert kept.detector.size == (32, 64) and kept.detector.skeleton == H36M_17
    assert kept.made["trained"]["batches"] == 4
    settings = json.loads((tmp_path / "run" / "settings.json").read_text("utf-8"))
    assert settings["detector"] == "hrnet" and settings["network"]["width"] == 4
    assert (tmp_path / "run" / "sheets" / "kept.png").exists()
    assert "pixels of the cut-out" in str(outcome.words)
    with pytest.raises(DataError, match="is finished"):
        run(store, "-o", tmp_path / "run", *options, *WORDS)


def test_training_starts_from_given_weights(tmp_path, store):
    weights = published(tmp_path / "a_64x32.pth")
    options = ("--size", "32", "64", "--batch", "4", "--fitting.epochs", "1",
               "--optimizer.rate", "0", "--sheets", "0")  # fmt: skip
    run(store, "-o", tmp_path / "run", "--start-from", weights, *options)
    found = load_detector(tmp_path / "run" / "detector").detector.state()
    begun = load_detector(weights).detector.state()
    assert torch.equal(found["conv1.weight"], begun["conv1.weight"])
    with pytest.raises(SettingsError, match="is a HRNet; say --detector hrnet"):
        run(store, "-o", tmp_path / "b", "--start-from", weights, "--detector", "pose_resnet",
            *options)  # fmt: skip


def test_settings_come_from_a_file_and_are_shown(tmp_path):
    told = {"recipe": "detector", "detector": "pose_resnet", "network": {"width": 8}, "hardest": 8,
            "size": [64, 64]}  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(told))
    shown = run("--settings", tmp_path / "a.json", "--hardest", "6", "--print-settings").data
    assert shown["detector"] == "pose_resnet" and shown["network"]["width"] == 8
    assert shown["hardest"] == 6 and shown["size"] == [64, 64]
    assert shown["network"]["blocks"] == [1, 1, 1, 1]  # the small network's


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--detector", "hrnets"), 'no detector to train "hrnets"; did you mean "hrnet"'),
        ((), "needs stores to train on and a folder"),
        (("--where", "S1"), "takes labels and values such as"),
    ],
)
def test_words_that_train_nothing_are_refused(tmp_path, store, words, said):
    more = (store, "-o", tmp_path / "run") if words else ()
    with pytest.raises(CrossliftError, match=said):
        run(*more, *words)
    assert not (tmp_path / "run").exists()
