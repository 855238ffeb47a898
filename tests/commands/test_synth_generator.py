"""Stores of what a generator makes, from the command line."""

import pytest
import torch

from crosslift.augment.dh_body import Meaning, lengths_of
from crosslift.augment.dh_generator import BodyGenerator, save_generator
from crosslift.cli import main
from crosslift.clip import Clip
from crosslift.data.store import Store
from crosslift.geometry import bone_lengths
from crosslift.networks.angle_generator import AngleGenerator, AngleGeneratorSettings
from crosslift.skeletons import H36M_16, H36M_17

from ..stores import short_clips, stored


def written(folder, frames: int = 1):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = AngleGenerator(AngleGeneratorSettings(frames, 8, 4))
    made = BodyGenerator(network, Meaning("narrow"), 25.0 if frames > 1 else None)
    save_generator(made, folder / "g.safetensors")
    return folder / "g.safetensors"


def run(folder, *words) -> int:
    given = ["-o", folder, *words, "--frames", "60", "--views", "2", "--exact"]
    return main(["synth", *map(str, given), "--seconds", "0.5", "--fps", "30", "--quiet"])


def clips(folder) -> list[Clip]:
    return [clip for clip in Store.open(folder) if isinstance(clip, Clip)]


def test_single_poses_are_recorded_by_cameras_and_the_same_for_a_seed(tmp_path):
    path = written(tmp_path)
    assert run(tmp_path / "a", "--generator", path) == 0
    assert run(tmp_path / "b", "--generator", path) == 0
    assert Store.open(tmp_path / "a").hash() == Store.open(tmp_path / "b").hash()
    found = clips(tmp_path / "a")
    assert len(found) == 4 and all(len(clip) == 15 for clip in found)
    assert found[0].skeleton == H36M_17 and found[0].labels["action"] == "poses"
    lengths = bone_lengths(found[0].poses[0], H36M_17)
    torch.testing.assert_close(lengths, lengths[:1].expand_as(lengths), atol=1e-4, rtol=0)
    assert float(found[0].poses[0].diff(dim=0).abs().mean()) > 0.02  # frames are unrelated
    assert all(float(clip.keypoints.isfinite().float().mean()) > 0.99 for clip in found)


def test_motion_has_the_generator_s_length_and_rate(tmp_path):
    assert run(tmp_path / "a", "--generator", written(tmp_path, 9)) == 0
    found = clips(tmp_path / "a")
    assert {(len(clip), clip.fps, clip.labels["action"]) for clip in found} == {(9, 25.0, "motion")}


def test_a_run_goes_on_with_the_same_generator_alone(tmp_path, capsys):
    path = written(tmp_path)
    assert run(tmp_path / "a", "--generator", path) == 0
    assert run(tmp_path / "a", "--generator", path, "--continue") == 0
    (tmp_path / "other").mkdir()
    other = written(tmp_path / "other", 2)
    assert run(tmp_path / "a", "--generator", other, "--continue") == 2
    assert "was begun with another" in capsys.readouterr().err


def test_a_set_like_a_store_s_has_its_bones_and_cameras(tmp_path):
    people = stored(tmp_path / "people", short_clips(2))
    words = ("--generator", written(tmp_path), "--as", "dh3dhp", "--like", tmp_path / "people")
    assert run(tmp_path / "a", *words) == 0
    found = clips(tmp_path / "a")
    assert sum(map(len, found)) == 60 and {clip.skeleton for clip in found} == {H36M_16}
    for number, clip in enumerate(found):
        given = people[number % 2]
        torch.testing.assert_close(clip.camera.translation, given.camera.translation)
        own = lengths_of(clip.poses[0], H36M_16)[0]
        torch.testing.assert_close(
            own, lengths_of(given.poses[0], H36M_17).median(dim=0).values, atol=1e-4, rtol=0
        )
        nearest = torch.cdist(clip.poses[0, :, 0], given.poses[0, :, 0]).amin(dim=1)
        assert float(nearest.max()) < 1e-3  # where somebody stood


@pytest.mark.parametrize(("words", "said"), [
    (["--as", "dh3dhp"], "takes a generator and 3DHP's bones and cameras"),
    (["--like", "people"], "takes a generator and 3DHP's bones and cameras"),
    (["--generator", "g.safetensors", "--kinds", "walk"], "a generator makes what it has learned"),
    (["--generator", "nothing"], "should be the file of a generator"),
])  # fmt: skip
def test_contradictions_are_refused(tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.chdir(tmp_path)
    written(tmp_path)
    assert run(tmp_path / "a", *words) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
