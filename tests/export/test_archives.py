"""The clip file, npz, VideoPose3D's pair and JSON: recordings with all their words."""

import json
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from crosslift.camera import stacked
from crosslift.data.clip_file import read_clip
from crosslift.data.npz import Npz as Reader
from crosslift.data.reading import read_npz
from crosslift.data.videopose_npz import read_2d, read_3d
from crosslift.errors import DataError
from crosslift.export.clip import ClipFile
from crosslift.export.json import Json
from crosslift.export.npz import Npz
from crosslift.export.videopose3d import VideoPose3D
from crosslift.skeletons import H36M_17

from ..people import walker
from .recordings import loose, seen

pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module")  # beartype does


def different(found: object, recording: object) -> list[str]:
    """The fields in which two recordings differ."""
    assert type(found) is type(recording)
    wrong = []
    for field in fields(recording):  # type: ignore[arg-type]
        theirs, ours = getattr(found, field.name), getattr(recording, field.name)
        if isinstance(ours, torch.Tensor) and isinstance(theirs, torch.Tensor):
            alike = theirs.dtype == ours.dtype and theirs.shape == ours.shape
            same = alike and torch.allclose(theirs, ours, rtol=0, atol=1e-6, equal_nan=True)
        elif is_dataclass(ours) and field.name == "camera":
            same = different(theirs, ours) == []
        else:
            same = theirs == ours
        wrong += [] if same else [field.name]
    return wrong


@settings(max_examples=40, deadline=None)
@given(motion=loose())
def test_an_npz_read_again_is_the_recording(motion):
    for recording in (motion, seen(motion)):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "random.npz"
            assert Npz().write(recording, path) == ()
            arrays = read_npz(path)
            (found,) = Reader().read(path)
        assert different(found, recording) == []
        assert np.allclose(arrays["positions"], motion.positions, atol=1e-5, equal_nan=True)
        assert tuple(arrays["joints"]) == motion.skeleton.joints
        assert tuple(arrays["parents"]) == motion.skeleton.parents


def test_an_npz_keeps_every_field(tmp_path):
    words = {"labels": {"subject": "S1", "who": "ä, \u4eba"}, "provenance": {"licence": "none"}}
    motion = replace(walker(0.5), fps=30000 / 1001, **words)
    clip = seen(motion)
    clip.observed[2, 3] = False
    clip.scores[2, 3] = 0  # filled in
    moving = replace(
        stacked([clip.camera] * len(clip)),
        translation=clip.camera.translation + torch.rand(len(clip), 1),
        distortion=torch.full((len(clip), 5), 0.01),
        model="h36m",
        focal_from="estimated",
    )
    whole = replace(
        clip,
        camera=moving,
        root_from="reprojection",
        spread=torch.rand(len(clip), 17),
        body=torch.rand(17),
        person="anna",
        times=torch.rand(len(clip)).cumsum(dim=0),
        provenance={},
    )
    for place, recording in enumerate((motion, replace(motion, labels={}), clip, whole)):
        Npz().write(recording, tmp_path / f"{place}.npz")
        (found,) = Reader().read(tmp_path / f"{place}.npz")
        assert different(found, recording) == []


def test_an_npz_opens_in_numpy_without_objects(tmp_path):
    motion = walker(0.5)
    Npz().write(motion, tmp_path / "walk.npz")
    with np.load(tmp_path / "walk.npz") as held:
        assert np.abs(held["positions"] - motion.positions.numpy()).max() < 1e-6
        assert held["fps"] == 30
        assert json.loads(str(held["units"]))["positions"] == "metres in the world, z up"


def test_an_npz_has_the_hypothesis_that_is_asked_for(tmp_path):
    motion = walker(0.5)
    Npz(hypothesis=1).write(seen(motion), tmp_path / "walk.npz")
    with np.load(tmp_path / "walk.npz") as held:
        raised = motion.positions.numpy() + np.array([0, 0, 1])
        assert np.abs(held["positions"] - raised).max() < 1e-5


def test_the_clip_file_holds_all_exactly(tmp_path):
    clip = seen(walker(0.5))
    assert ClipFile().write(clip, tmp_path / "a.clip.safetensors") == ()
    found = read_clip(tmp_path / "a.clip.safetensors")
    assert torch.equal(found.poses, clip.poses)  # type: ignore[union-attr, arg-type]


def test_videopose3d_gets_its_pair(tmp_path):
    motion = replace(walker(0.5), labels={"subject": "S1", "action": "Walking 1"})
    cameras = [seen(motion), replace(seen(motion), name="other")]
    VideoPose3D(keypoints="mine").write_all(cameras, tmp_path / "corpus.npz")
    positions = read_3d(tmp_path / "data_3d_corpus.npz")
    assert list(positions) == [("S1", "Walking 1")]
    assert np.abs(positions["S1", "Walking 1"] - motion.positions.numpy()).max() < 1e-5
    found = read_2d(tmp_path / "data_2d_corpus_mine.npz", [H36M_17], None)
    assert found.skeleton == H36M_17
    (views,) = found.cameras.values()
    assert len(views) == 2
    assert np.array_equal(views[1], cameras[1].keypoints.numpy())


def test_videopose3ds_own_way_of_loading_finds_the_same(tmp_path):
    """VideoPose3D reads pickles; so does this test, of a file that it has just written itself."""
    clip = replace(seen(walker(0.5)), labels={"subject": "S7", "action": "Photo"})
    VideoPose3D(scores=True).write(clip, tmp_path / "walk.npz")
    with np.load(tmp_path / "data_2d_walk_gt.npz", allow_pickle=True) as held:
        views = held["positions_2d"].item()["S7"]["Photo"]
        metadata = held["metadata"].item()
    assert views[0].shape == (15, 17, 3)
    assert metadata["num_joints"] == 17
    assert metadata["keypoints_symmetry"] == [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]
    assert metadata["video_metadata"][clip.name] == {"w": 1000, "h": 800}


def test_videopose3d_gets_only_what_there_is(tmp_path):
    VideoPose3D().write(walker(0.2), tmp_path / "world.npz")
    VideoPose3D().write(replace(seen(walker(0.2)), poses=None), tmp_path / "flat.npz")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "data_2d_flat_gt.npz",
        "data_3d_world.npz",
    ]


@settings(max_examples=30, deadline=None)
@given(motion=loose())
def test_json_read_again_is_the_motion(motion):
    for recording in (motion, seen(motion)):
        with TemporaryDirectory() as folder:
            Json(up="y").write(recording, Path(folder) / "random.json")
            held = json.loads((Path(folder) / "random.json").read_bytes())
        assert held["joints"] == list(motion.skeleton.joints)
        assert held["units"]["positions"] == "metres in the world, y up"
        places = np.array([frame["positions"] for frame in held["frames"]], dtype=np.float64)
        x, y, z = np.moveaxis(places, -1, 0)
        found = np.stack([x, -z, y], axis=-1)
        assert np.allclose(found, motion.positions, rtol=0, atol=1e-5, equal_nan=True)


def test_json_of_a_clip_has_keypoints_and_says_what_is_left_out(tmp_path):
    clip = seen(walker(0.5))
    clip.keypoints[2, 3] = torch.nan
    clip.scores[2, 3] = 0
    (note,) = Json().write(clip, tmp_path / "clip.json")
    assert note.startswith("Hypothesis 0 of 2 is written")
    held = json.loads((tmp_path / "clip.json").read_bytes())
    assert held["frames"][2]["keypoints"][3] == [None, None]
    assert held["frames"][2]["scores"][3] == 0
    assert held["fps"] == 30


def test_recordings_of_two_skeletons_are_no_pair(tmp_path):
    motion = walker(0.2)
    other = replace(motion, skeleton=replace(motion.skeleton, name="other"))
    with pytest.raises(DataError, match="holds one skeleton, but the recordings have h36m17, othe"):
        VideoPose3D().write_all([motion, other], tmp_path / "both.npz")
