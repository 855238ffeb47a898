"""HumanEva's npz pair: cameras from poses and keypoints, and what has none."""

import numpy as np
import pytest
import torch

from crosslift.camera import project
from crosslift.clip import Clip
from crosslift.data.humaneva import HumanEva
from crosslift.errors import DataError

from .samples import humaneva as sample


@pytest.fixture
def root(tmp_path):
    return sample.write(tmp_path)


def clips(root, camera: str | None = None) -> dict[str, Clip]:
    read = (clip for clip in HumanEva().read(root) if isinstance(clip, Clip))
    return {clip.name: clip for clip in read if camera in (None, clip.labels["camera"])}


@pytest.mark.parametrize("name", sample.POSITIONS)
def test_the_cameras_are_found_from_poses_and_keypoints(root, name):
    (clip,) = (clip for clip in clips(root, name).values() if clip.labels["subject"] == "S1")
    truth = sample.camera(name)
    assert clip.name == f"humaneva/Train/S1/Walking 1 chunk0/{name}"
    assert clip.poses is not None
    np.testing.assert_allclose(clip.poses[0].numpy(), sample.before(name), atol=1e-3)
    torch.testing.assert_close(clip.camera.position, truth.position, atol=1e-3, rtol=0)
    torch.testing.assert_close(clip.camera.rotation, truth.rotation, atol=1e-4, rtol=0)
    assert clip.camera.focal.tolist() == pytest.approx([sample.FOCAL] * 2, rel=1e-3)
    assert clip.camera.centre.tolist() == [320, 240]
    assert clip.camera.focal_from == "estimated"
    assert clip.provenance["camera_from"] == "resection"
    torch.testing.assert_close(
        project(clip.poses[0], clip.camera), clip.keypoints, atol=0.1, rtol=0
    )
    assert clip.labels["subject"] == "S1" and clip.labels["split"] == "train"
    assert clip.fps == 60


def test_recordings_without_motion_capture_are_keypoints_alone(root):
    found = [clip for clip in clips(root).values() if clip.labels["subject"] == "S4"]
    assert [clip.labels["camera"] for clip in found] == ["C1", "C3"]
    assert found[0].labels["split"] == "unlabeled"
    for clip in found:
        check_assumed(clip)


def test_a_camera_that_does_not_fit_gives_keypoints_alone(root):
    def scrambled(pixels):
        views = pixels["Train/S1"]["Walking 1 chunk0"]
        views[1] = np.random.default_rng(0).permutation(views[1].reshape(-1, 2)).reshape(5, 15, 2)

    change_keypoints(root, scrambled)
    first, second, _ = (clip for clip in clips(root).values() if clip.labels["subject"] == "S1")
    assert first.poses is not None and first.camera.focal_from == "estimated"
    check_assumed(second)


def test_a_camera_serves_all_recordings_of_its_subject(root):
    def again(pixels):
        pixels["Validate/S1"] = {"Jog 1": pixels["Unlabeled/S4"].pop("Jog 1")}

    change_keypoints(root, again)
    known, other = clips(root, "C3").values()
    assert known.poses is not None and other.poses is None
    assert other.provenance["camera_from"] == "resection"
    assert torch.equal(known.camera.translation, other.camera.translation)


def test_keypoints_without_confidence_do_not_count(root):
    def scored(pixels):
        views = pixels["Train/S1"]["Walking 1 chunk0"]
        views[0] = np.concatenate([views[0], np.ones((5, 15, 1), np.float32)], axis=-1)
        views[0][1:, 3:7] = 0

    change_keypoints(root, scored)
    clip = next(iter(clips(root, "C1").values()))
    assert clip.camera.focal.tolist() == pytest.approx([sample.FOCAL] * 2, rel=1e-3)


def change_keypoints(root, change) -> None:
    path = root / "data_2d_humaneva15_gt.npz"
    held = dict(np.load(path, allow_pickle=True))
    pixels = held["positions_2d"].item()
    change(pixels)
    np.savez(path, positions_2d=pixels, metadata=held["metadata"])


def check_assumed(clip: Clip) -> None:
    assert clip.poses is None
    assert clip.provenance["camera_from"] == clip.camera.focal_from == "assumed"
    assert clip.camera.focal.tolist() == [800, 800]
    assert torch.equal(clip.camera.rotation, torch.eye(3))
    assert torch.equal(clip.camera.translation, torch.zeros(3))


def test_motions_are_in_the_world(root):
    (motion,) = HumanEva(keypoints="none").read(root)
    assert motion.name == "humaneva/Train/S1/Walking 1 chunk0"
    assert np.array_equal(motion.positions.numpy(), sample.world())


def test_a_pair_of_another_layout_is_refused(root):
    path = root / "data_2d_humaneva15_gt.npz"
    held = dict(np.load(path, allow_pickle=True))
    held["metadata"] = {"num_joints": 20, "keypoints_symmetry": [[3], [7]]}
    np.savez(path, **held)
    with pytest.raises(DataError, match="humaneva15, coco17, but says 20 joints"):
        list(HumanEva().read(root))
    with pytest.raises(DataError, match="no keypoints called"):
        list(HumanEva(keypoints="cpn").read(root))
