"""The corpus layout: units, selection, views of a rig, and refusals."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from crosslift.clip import Clip
from crosslift.data.mocap import Mocap, read_rig
from crosslift.errors import DataError
from crosslift.motion import Motion

from .samples import mocap as sample


@pytest.fixture
def root(tmp_path):
    return sample.write(tmp_path)


@pytest.fixture
def corpus():
    if "CROSSLIFT_DATA" not in os.environ:
        pytest.skip("CROSSLIFT_DATA does not name the folder of the corpus")
    return Path(os.environ["CROSSLIFT_DATA"]) / "mocap"


def test_counts_become_metres_and_clips_are_cut_where_the_file_says(root):
    first, second = Mocap().read(root)
    assert isinstance(first, Motion)
    assert (len(first), len(second)) == sample.LENGTHS
    counts = np.load(root / "source_val.npz")["xyz"]
    assert torch.equal(first.positions[3, 10], torch.tensor(counts[3, 10] * 0.0005).float())
    assert torch.equal(second.positions[0, 0], torch.tensor(counts[4, 0] * 0.0005).float())
    assert first.positions[0, 10, 2] == pytest.approx(1.6, abs=0.001)


def test_a_clip_is_labelled_as_in_the_index(root):
    first, _ = Mocap().read(root)
    assert first.name == "mocap/walk-1#00"
    assert first.fps == 30
    assert first.labels["subject"] == "us-01"
    assert first.labels["split"] == "val"
    assert first.provenance["licence"] == "MIT"
    assert first.provenance["file"] == "source_val.npz"


def test_a_rig_sees_every_clip_with_opencvs_lens(root):
    clips = list(Mocap(rig=root / "rig_small.json").read(root))
    assert [clip.name for clip in clips] == ["mocap/walk-1#00/s0", "mocap/walk-1#01/s0"]
    clip = clips[0]
    assert isinstance(clip, Clip)
    motion = next(iter(Mocap().read(root)))
    x, y, z = motion.positions[1, 16].tolist()
    expected = torch.tensor([y, 1 - z, 5 - x])
    torch.testing.assert_close(clip.poses[0, 1, 16], expected)
    u, v = (expected[:2] / expected[2]).tolist()
    r2 = u * u + v * v
    radial = 1 - 0.2 * r2 + 0.2 * r2**2 - 0.003 * r2**3
    right = u * radial + 2 * -0.001 * u * v + -0.0014 * (r2 + 2 * u * u)
    down = v * radial + -0.001 * (r2 + 2 * v * v) + 2 * -0.0014 * u * v
    pixels = torch.tensor([1145.2 * right + 512.3, 1144.1 * down + 514.9])
    torch.testing.assert_close(clip.keypoints[1, 16], pixels, atol=1e-3, rtol=0)
    assert clip.labels["camera"] == "s0"
    assert clip.provenance["rig"] == "small"
    assert clip.body[2] == pytest.approx(0.43, abs=0.01)


def test_clips_can_be_chosen_by_file_split_and_domain(root):
    assert len(list(Mocap(split=("val",), domain=("source",)).read(root))) == 2
    assert len(list(Mocap().read(root / "source_val.npz"))) == 2
    with pytest.raises(DataError, match="lists no clip of split train"):
        list(Mocap(split=("train",)).read(root))


def test_a_folder_without_an_index_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"should hold the index\.json"):
        list(Mocap().read(tmp_path))


def test_a_listed_file_that_is_missing_is_named(root):
    (root / "source_val.npz").unlink()
    with pytest.raises(DataError, match=r'source_val\.npz" does not exist'):
        list(Mocap().read(root))


def test_an_index_cannot_point_out_of_its_folder(root):
    index = json.loads((root / "index.json").read_text())
    index["clips"][0]["file"] = "../other.npz"
    (root / "index.json").write_text(json.dumps(index))
    with pytest.raises(DataError, match="a name in the same folder"):
        list(Mocap().read(root))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clip_start": np.array([0, 4, 9])}, "ends at 9, but xyz has 7 frames"),
        ({"clip_start": np.array([0, 5, 4])}, "rising limits"),
        ({"clip_id": np.array(["a", "b"])}, "which the file lacks"),
        ({"xyz": np.zeros((7, 16, 3))}, r"\(4, 16, 3\) was found"),
        ({"xyz": np.full((7, 17, 3), "far")}, "should be an array of numbers"),
        ({"fps": np.array(0)}, "positive number of frames"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(root, change, words):
    held = dict(np.load(root / "source_val.npz"))
    np.savez(root / "source_val.npz", **{**held, **change})
    with pytest.raises(DataError, match=words):
        list(Mocap().read(root))


def test_a_rig_without_a_rotation_matrix_is_refused(root):
    rig = {"cameras": [{**sample.CAMERA, "R": [[1, 0, 0], [0, 2, 0], [0, 0, 1]]}]}
    (root / "rig_bad.json").write_text(json.dumps(rig))
    with pytest.raises(DataError, match="orthonormal"):
        list(Mocap(rig=root / "rig_bad.json").read(root))


def test_the_corpus_is_as_its_readme_says(corpus):
    frames = [len(clip) for clip in Mocap(file=("source_val.npz",)).read(corpus)]
    assert (len(frames), sum(frames)) == (23, 5409)
    extra = Mocap(file=("extra_train.npz",)).selected(corpus)
    assert sum(map(len, extra.values())) == 237
    name, cameras = read_rig(corpus / "rig_target.json")
    assert (name, len(cameras)) == ("target", 14)
    first = next(iter(cameras.values()))
    told = json.loads((corpus / "rig_target.json").read_text())["cameras"][0]
    torch.testing.assert_close(first.position, torch.tensor(told["position"]), atol=1e-4, rtol=0)
