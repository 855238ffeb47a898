"""crosslift lift: keypoints in, files that other tools open out, and words about them."""

import json
from dataclasses import replace

import pytest
import torch

from crosslift.cli import main
from crosslift.clip import unlabelled
from crosslift.data.clip_file import read_clip, write_clip
from crosslift.data.store import Store
from crosslift.geometry import body_lengths, stature
from crosslift.lifter_folder import About, save_lifter
from crosslift.skeletons import H36M_17

from ..lifters.small import small_settings
from ..people import seen_walker
from ..stores import short_clips, stored


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A lifter that was never trained, and two clips of one walker."""
    place = tmp_path_factory.mktemp("lift")
    settings = small_settings("simple_baseline")
    torch.manual_seed(0)
    save_lifter(settings.build(H36M_17), About("simple_baseline", settings, H36M_17), place / "net")
    for number in (1, 2):
        clip = replace(unlabelled(seen_walker(0.5, number)), name=f"walk{number}")
        write_clip(place / f"walk{number}.clip.safetensors", clip)
    return place


def run(capsys, *words, code=0):
    assert main(["lift", *map(str, words)]) == code
    said = capsys.readouterr()
    return said.out if code in (0, 3) else said.err + said.out


def test_a_clip_becomes_a_clip_with_poses_a_page_and_a_summary(folder, tmp_path, capsys):
    out = tmp_path / "out"
    said = run(capsys, folder / "walk1.clip.safetensors", "-o", out, "--lifter", folder / "net")
    assert {path.name for path in out.iterdir()} == {
        "walk1.clip.safetensors", "walk1.html", "summary.json"
    }  # fmt: skip
    found = read_clip(out / "walk1.clip.safetensors")
    assert found.poses.shape == (1, 15, 17, 3) and found.poses.isfinite().all()
    assert found.provenance["flip"] == "averaged" and found.provenance["lifter_hash"]
    assert "walk1.html" in said
    summary = json.loads((out / "summary.json").read_text())
    assert summary["inputs"][0]["frames"] == 15


@pytest.mark.parametrize("written", ["npz", "bvh", "trc", "glb", "csv"])
def test_other_formats_are_written_if_asked_for(folder, tmp_path, capsys, written):
    run(capsys, folder / "walk1.clip.safetensors", "-o", tmp_path, "--lifter", "flat",
        "--format", written, "--no-page")  # fmt: skip
    assert [path.suffix for path in tmp_path.iterdir() if path.name != "summary.json"] == [
        f".{written}"
    ]


def test_a_store_becomes_a_store_and_a_run_goes_on(folder, tmp_path, capsys):
    stored(tmp_path / "walks", short_clips(3, 9))
    words = [tmp_path / "walks", "-o", tmp_path / "out", "--lifter", "flat"]
    run(capsys, *words)
    lifted = Store.open(tmp_path / "out" / "walks")
    assert [lifted.name(i) for i in range(3)] == [clip.name for clip in short_clips(3, 9)]
    assert "add --continue" in run(capsys, *words, code=2)
    run(capsys, *words, "--continue")
    assert len(Store.open(tmp_path / "out" / "walks")) == 3


def test_one_broken_input_does_not_end_the_run(folder, tmp_path, capsys):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    said = run(capsys, broken, folder / "walk1.clip.safetensors", folder / "walk2.clip.safetensors",
               "-o", tmp_path / "out", "--lifter", "flat", code=2)  # fmt: skip
    assert "broken.json" in said
    assert (tmp_path / "out" / "walk2.clip.safetensors").exists()
    alone = run(capsys, broken, "-o", tmp_path / "o", "--lifter", "flat", code=2)
    assert "should hold keypoints in a known format" in alone and not (tmp_path / "o").exists()


def test_what_is_there_is_not_written_over(folder, tmp_path, capsys):
    words = [folder / "walk1.clip.safetensors", "-o", tmp_path, "--lifter", "flat"]
    run(capsys, *words)
    before = (tmp_path / "walk1.clip.safetensors").read_bytes()
    assert "is there already" in run(capsys, *words, "--lifter", folder / "net", code=2)
    run(capsys, *words, "--lifter", folder / "net", "--continue")
    assert (tmp_path / "walk1.clip.safetensors").read_bytes() == before


def test_a_height_scales_the_person(folder, tmp_path, capsys):
    words = [folder / "walk1.clip.safetensors", "-o", tmp_path, "--height", "1.9"]
    run(capsys, *words, "--lifter", "flat")
    found = read_clip(tmp_path / "walk1.clip.safetensors")
    tall = stature(body_lengths(found.poses[0], H36M_17), H36M_17).median()
    assert float(tall) == pytest.approx(1.9, rel=1e-3)
    assert found.provenance["size"] == "scaled to a stature of 1.90 m"


def test_a_focal_length_can_be_told(folder, tmp_path, capsys):
    said = run(capsys, folder / "walk1.clip.safetensors", "-o", tmp_path, "--lifter", "flat",
               "--focal", "1234")  # fmt: skip
    assert "focal length of" not in said
    camera = read_clip(tmp_path / "walk1.clip.safetensors").camera
    assert camera.focal.tolist() == [1234.0, 1234.0] and camera.focal_from == "given"


def test_what_is_written_is_smooth_and_stands_upright_if_asked_for(folder, tmp_path, capsys):
    words = [folder / "walk1.clip.safetensors", "--no-page", "--lifter", "flat"]
    run(capsys, *words, "-o", tmp_path / "plain")
    run(capsys, *words, "-o", tmp_path / "smooth", "--smooth", "spline", "--cutoff", "3")
    plain, smooth = (
        read_clip(tmp_path / each / "walk1.clip.safetensors") for each in ("plain", "smooth")
    )
    wobble = [each.poses.diff(n=2, dim=1).norm(dim=-1).mean() for each in (plain, smooth)]
    assert wobble[1] < 0.7 * wobble[0] and "smoothed" in smooth.provenance
    summary = json.loads((tmp_path / "plain" / "summary.json").read_text())
    assert summary["inputs"][0]["quality"]["walk1"]["frames"] == 15


def test_onnx_runtime_computes_if_asked_for(folder, tmp_path, capsys):
    words = [folder / "walk1.clip.safetensors", "--no-page", "--lifter", folder / "net"]
    run(capsys, *words, "-o", tmp_path / "torch", "--runtime", "torch")
    run(capsys, *words, "-o", tmp_path / "onnx", "--runtime", "onnx")
    one, two = (
        read_clip(tmp_path / each / "walk1.clip.safetensors").poses for each in ("torch", "onnx")
    )
    relative = [poses - poses[..., :1, :] for poses in (one, two)]
    torch.testing.assert_close(*relative, atol=1e-4, rtol=1e-4)
    words[-1] = "lifter.onnx"
    said = run(capsys, *words, "-o", tmp_path / "c", "--runtime", "torch", code=2)
    assert "PyTorch does not compute the ONNX file" in said


def test_doubt_is_said_and_can_be_an_error(folder, tmp_path, capsys):
    clip = read_clip(folder / "walk1.clip.safetensors")
    guessed = replace(clip, camera=replace(clip.camera, focal_from="assumed"))
    write_clip(tmp_path / "guessed.clip.safetensors", guessed)
    words = [tmp_path / "guessed.clip.safetensors", "--lifter", "flat", "-o"]
    assert "focal length of" in run(capsys, *words, tmp_path / "a")
    run(capsys, *words, tmp_path / "b", "--strict", code=3)


def test_a_lifter_told_the_body_is_given_one(folder, tmp_path, capsys):
    from crosslift.lifters.inputs import Inputs
    from crosslift.networks.simple_baseline import SimpleBaselineSettings

    settings = small_settings(
        "simple_baseline", inputs=Inputs(body=True), network=SimpleBaselineSettings(width=8)
    )
    save_lifter(
        settings.build(H36M_17), About("simple_baseline", settings, H36M_17), tmp_path / "n"
    )
    words = [folder / "walk1.clip.safetensors", "-o", tmp_path / "out", "--height", "1.6"]
    run(capsys, *words, "--lifter", tmp_path / "n")
    found = read_clip(tmp_path / "out" / "walk1.clip.safetensors")
    assert float(stature(found.body, H36M_17)) == pytest.approx(1.6, rel=1e-3)
    assert "stature 1.60 m" in found.provenance["size"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lifter", "flatt"], 'There is no lifter called "flatt"; did you mean "flat"?'),
        (["--lifter", "mixste"], "has to be trained first"),
        (["--lifter", "flat", "--device", "cuda:7"], 'no device "cuda:7"; choose among cpu'),
        (["--lifter", "flat", "--from", "openpos"], 'no format "openpos"; did you mean "openpose"'),
        (["--lifter", "flat", "--format", "bhv"], 'no writer "bhv"; did you mean "bvh"'),
    ],
)
def test_what_is_not_there_is_refused(folder, tmp_path, capsys, words, said):
    out = run(capsys, folder / "walk1.clip.safetensors", "-o", tmp_path / "o", *words, code=2)
    assert said in out and not (tmp_path / "o").exists()
