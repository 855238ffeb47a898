"""Guided training of detectors, as a person types it."""

import json
from pathlib import Path

import pytest
import torch

from crosslift.commands.common import Outcome
from crosslift.commands.train_l2d_pose import choose
from crosslift.detect.detector_folder import KeptDetector, load_detector, save_detector
from crosslift.detect.map_detector import MapDetector
from crosslift.errors import CrossliftError, DataError, SettingsError
from crosslift.lifter_folder import About, save_lifter
from crosslift.skeletons import H36M_17

from ..detect.map_networks import published, tiny
from ..lifters.small import small_settings
from ..recipes.l2d_pose.people import dotted_store
from ..stores import short_clips, stored

SHORT = ("--batch", "4", "--fitting.epochs", "2")


def run(*words: object) -> Outcome:
    """What the words train."""
    import tyro

    from crosslift.cli import captured

    function, rest = choose([*map(str, words), "--quiet"])
    call = tyro.cli(captured(function), args=rest)
    return function(*call.arguments, **call.options)


@pytest.fixture(scope="module")
def given(tmp_path_factory) -> Path:
    """A folder with pictures, two lifters and a detector."""
    folder = tmp_path_factory.mktemp("given")
    dotted_store(folder / "store")
    for name in ("simple_baseline", "iganet"):
        settings = small_settings(name)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            built = settings.build(H36M_17)
        save_lifter(built, About(name, settings, H36M_17), folder / name)
    detector = MapDetector(H36M_17, tiny(), (32, 64))
    save_detector(KeptDetector(detector), folder / "detector")
    return folder


def test_a_detector_is_guided_and_kept(tmp_path, given):
    outcome = run(
        *("--detector", given / "detector", "--on", given / "store", "-o", tmp_path / "run"),
        *("--lifters", given / "simple_baseline", given / "iganet"),
        *("--unseen", given / "iganet", "--validation", given / "store", *SHORT),
    )
    assert outcome.code == 0
    kept = load_detector(tmp_path / "run" / "detector")
    assert kept.detector.size == (32, 64) and kept.detector.decoding == "soft"
    settings = json.loads((tmp_path / "run" / "settings.json").read_text("utf-8"))
    assert list(settings["lifters"]) == ["simple_baseline", "iganet"]
    assert settings["guidance"]["quarter"] is False
    last = kept.made["trained"]["last"]
    assert last["validation.mpjpe_mm"] > 0 and "validation.unseen.iganet.mpjpe_mm" in last
    assert sorted(each.name for each in (tmp_path / "run" / "sheets").iterdir()) == [
        "epoch-0000.png", "epoch-0001.png", "kept.png",
    ]  # fmt: skip
    assert any("Use it: crosslift lift VIDEO" in str(each) for each in outcome.words)


def test_a_finished_run_is_not_begun_again(tmp_path, given):
    words = ("--detector", given / "detector", "--on", given / "store", "-o", tmp_path / "run")
    run(*words, *SHORT)  # without lifters it is the plain training
    with pytest.raises(DataError, match="is finished"):
        run(*words, *SHORT)


def test_people_are_rendered_where_a_store_has_no_pictures(tmp_path, given):
    stored(tmp_path / "motion", short_clips(1))
    outcome = run(
        *("--detector", given / "detector", "--on", tmp_path / "motion", "-o", tmp_path / "run"),
        *("--lifters", given / "iganet", "--batch", "2", "--fitting.steps", "2", "--sheets", "0"),
    )
    assert outcome.data["made"]["trained"]["batches"] == 2


def test_settings_are_ours_the_releases_or_those_of_a_row(tmp_path):
    ours, theirs = (run("--as", each, "--print-settings").data for each in ("ours", "published"))
    assert (ours["guidance"]["rerooted"], theirs["guidance"]["rerooted"]) == (True, False)
    row = run("--row", "l2d_pose_w32_384x288_h36m_plain", "--print-settings").data
    assert row["batch"] == 64 and row["guidance"]["together"] == 0.0
    changed = run("--as", "published", "--guidance.no-quarter", "--print-settings").data
    assert changed["guidance"] == theirs["guidance"] | {"quarter": False}
    (tmp_path / "a.json").write_text(json.dumps(changed), "utf-8")
    again = run("--settings", tmp_path / "a.json", "--print-settings").data
    assert again == changed


def test_a_file_of_weights_begins(tmp_path, given):
    path = published(tmp_path / "hrnet_coco_h36m.pth")
    run("--detector", path, "--on", given / "store", "-o", tmp_path / "run", "--size", "32", "64",
        "--lifters", given / "iganet", *SHORT)  # fmt: skip
    assert load_detector(tmp_path / "run" / "detector").detector.skeleton == H36M_17


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ((), SettingsError, "needs a detector that begins, pictures and a folder"),
        (("--as", "publishd"), SettingsError, 'no form of L2D-Pose called "publishd"; did you'),
        (("--row", "l2d_pose"), SettingsError, 'no row of L2D-Pose called "l2d_pose"'),
        (
            ("--as", "ours", "--row", "l2d_pose_w32_384x288_h36m_plain"),
            SettingsError,
            "as published already; leave --as ours out",
        ),
    ],
)
def test_words_that_mean_nothing_are_refused(words, kind, said):
    with pytest.raises(kind, match=said):
        run(*words)


def test_what_does_not_belong_together_is_refused(tmp_path, given):
    words = ("--detector", given / "detector", "--on", given / "store", "-o", tmp_path / "run")
    with pytest.raises(SettingsError, match="There is no lifter called"):
        run(*words, "--lifters", given / "nowhere", *SHORT)
    row = "l2d_pose_w32_384x288_h36m_simple_baseline"
    with pytest.raises(SettingsError, match="has simple_baseline as guides, but iganet was named"):
        run(*words, "--row", row, "--lifters", given / "iganet", "--batch", "4")
    with pytest.raises(SettingsError, match="is of a detector with width 32, but .* has 4"):
        run(*words, "--row", row, "--lifters", given / "simple_baseline", "--batch", "4")
    with pytest.raises(CrossliftError, match="nowhere"):
        run("--detector", tmp_path / "nowhere", *words[2:], *SHORT)
    assert not (tmp_path / "run").exists()
