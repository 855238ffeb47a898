"""A lifter in the place of estimates: it is given the truths' keypoints, and nothing else."""

import json
from dataclasses import replace

import pytest
import torch

from crosslift.cli import main
from crosslift.clip import unlabelled
from crosslift.data.store import Store, StoreWriter
from crosslift.evaluation.lifted import lifted
from crosslift.evaluation.matching import opened
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifters.flat import FlatSettings
from crosslift.lifters.inputs import Inputs
from crosslift.lifting import lift
from crosslift.skeletons import H36M_16, H36M_17
from crosslift.typical import typical_body

from ..lifters.small import small_settings
from ..stores import short_clips, stored


@pytest.fixture(scope="module")
def truths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate") / "truths"
    body = 1.2 * typical_body(H36M_17)
    stored(folder, [replace(clip, body=body) for clip in short_clips(2)])
    return folder


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A lifter that listens to bone lengths."""
    torch.manual_seed(0)
    settings = small_settings("simple_baseline", inputs=Inputs(body=True))
    about = About("simple_baseline", settings, H36M_17, {"what": "a test"})
    folder = tmp_path_factory.mktemp("lifters") / "told"
    save_lifter(about.build(), about, folder)
    return folder


def report(capsys, *words) -> dict:
    assert main(["evaluate", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_lifter_by_name_gives_the_figures_of_the_clips_that_it_lifts(truths, tmp_path, capsys):
    with StoreWriter(tmp_path / "lifted") as writer:
        for clip in Store.open(truths):
            seen = replace(unlabelled(clip), body=None)
            lifter = FlatSettings().build(H36M_17)
            writer.add(lift(seen, lifter, torch.Generator().manual_seed(0)))
    by_hand = report(capsys, tmp_path / "lifted", truths)
    by_name = report(capsys, "flat", truths)
    assert by_name["figures"] == pytest.approx(by_hand["figures"])
    side = by_name["stamp"]["estimates"]
    assert {side["path"], side["hash"], side["lifter"]} == {"flat"} and side["clips"] == 2


def test_a_lifters_folder_is_known_by_its_hash_and_how_it_was_made(truths, told, capsys):
    side = report(capsys, told, truths)["stamp"]["estimates"]
    assert side["lifter"] == "simple_baseline" and side["made"] == {"what": "a test"}
    assert len(side["hash"]) == 16


def test_bone_lengths_are_told_only_if_asked(truths, told, capsys):
    kept = report(capsys, told, truths)["figures"]["mpjpe"]
    known = report(capsys, told, truths, "--tell-body")["figures"]["mpjpe"]
    assert kept != known


def test_double_precision_changes_next_to_nothing(truths, told, capsys):
    single = report(capsys, told, truths)["figures"]["mpjpe"]
    double = report(capsys, told, truths, "--precision", "float64")["figures"]["mpjpe"]
    assert double == pytest.approx(single, rel=1e-3)


def test_clips_of_another_skeleton_are_mapped_to_the_lifters(truths, tmp_path, capsys):
    settings = small_settings("semgcn")
    about = About("semgcn", settings, H36M_16)
    save_lifter(about.build(), about, tmp_path / "sixteen")
    shelf = lifted(about.build(), "sixteen", opened(truths), 0)
    assert shelf.clip("walk/0").skeleton == H36M_16
    assert (
        report(capsys, tmp_path / "sixteen", truths, "--skeleton", "h36m16")["stamp"]["clips"] == 2
    )


def test_poses_never_reach_the_lifter_and_are_said_to_be_lifted(truths, tmp_path):
    hidden = [replace(clip, poses=clip.poses * 0 + 7) for clip in short_clips(2)]
    other = tmp_path / "other"
    stored(other, hidden)
    lifter = FlatSettings().build(H36M_17)
    found, again = (
        lifted(lifter, "flat", opened(path), 0).clip("walk/1") for path in (truths, other)
    )
    assert torch.equal(found.poses, again.poses)
    assert found.provenance["lifter"] == "flat" and found.provenance["body"] == "not told"
    seen = lifted(lifter, "flat", opened(truths), 0, tell_body=True).clip("walk/1")
    assert seen.provenance["body"] == "true"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("flt", 'no lifter called "flt"; did you mean "flat"?'),
        ("mixste", '"mixste" is a kind of lifter that has to be trained first'),
    ],
)
def test_what_is_neither_a_file_nor_a_lifter_is_refused(truths, capsys, name, sentence):
    assert main(["evaluate", name, str(truths)]) == 2
    assert sentence in capsys.readouterr().err
