"""The whole road of each detector, with networks that look for the brightest spot."""

import hashlib
import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from crosslift import registry
from crosslift.data.clip_file import write_clip
from crosslift.data.reading import SMALL
from crosslift.detect import Finder, People
from crosslift.detect.joints import COCO_WHOLEBODY, joints_of_model
from crosslift.detect.mediapipe import MediaPipe, MediaPipeSettings, Solution
from crosslift.detect.model_file import read_model
from crosslift.detect.rtmo import RTMOSettings
from crosslift.detect.rtmpose import RTMPoseSettings
from crosslift.detect.saved import SavedSettings
from crosslift.errors import DataError, SettingsError
from crosslift.mapping import mapped
from crosslift.onnx_session import provider_of
from crosslift.protocols import Detector
from crosslift.skeletons import COCO_17, COCO_WHOLEBODY_BODY, HALPE_26, MEDIAPIPE_33
from crosslift.video import Frame

from ..people import seen_walker
from . import networks


def spot(x: int, y: int, size: tuple[int, int] = (120, 90), number: int = 0) -> Frame:
    """A black picture with a white pixel, a little grey around it, as a frame."""
    image = torch.zeros(size[1], size[0], 3, dtype=torch.uint8)
    image[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3] = 200
    image[y, x] = 255
    return Frame(number, number / 30, image)


def test_rtmpose_finds_the_spot_in_the_whole_picture(tmp_path):
    finder = RTMPoseSettings(networks.rtmpose(tmp_path / "a.onnx")).build()
    assert isinstance(finder, Finder) and isinstance(finder.pose, Detector)
    assert finder.skeleton == COCO_17
    for x, y in [(60, 45), (10, 80), (118, 3)]:
        found = finder.find(spot(x, y))
        assert found.keypoints.shape == (1, 17, 2)
        assert (found.keypoints - torch.tensor([x, y])).abs().max() < 120 * 1.25 / 48
        assert 0.5 < found.scores.min() <= found.scores.max() <= 1


def test_rtmpose_looks_into_the_boxes_that_yolox_finds(tmp_path):
    pose, boxes = networks.rtmpose(tmp_path / "a.onnx"), networks.yolox(tmp_path / "b.onnx")
    finder = RTMPoseSettings(pose, boxes).build()
    found = finder.find(spot(33, 71))
    assert len(found.keypoints) == 1  # neither the other class nor the unsure box
    assert (found.keypoints[0] - torch.tensor([33.0, 71])).abs().max() < 1.2
    assert (
        RTMPoseSettings(pose, boxes, box_score=0.95).build().find(spot(33, 71)).scores.shape[0] == 0
    )


def test_rtmpose_finds_one_person_in_each_given_box(tmp_path):
    pose = RTMPoseSettings(networks.rtmpose(tmp_path / "a.onnx", batch=1)).build().pose
    images = torch.stack([spot(30, 40).image, spot(90, 20).image])
    found = pose.detect(images, torch.tensor([[20.0, 30, 40, 50], [80, 10, 100, 30]]))
    expected = torch.tensor([[30.0, 40], [90, 20]])[:, None]
    assert (found.keypoints - expected).abs().max() < 1.0
    assert pose.detect(images[:0], torch.zeros(0, 4)).keypoints.shape == (0, 17, 2)


def test_a_box_off_the_picture_gives_keypoints_that_were_not_found(tmp_path):
    pose = RTMPoseSettings(networks.rtmpose(tmp_path / "a.onnx")).build().pose
    found = pose.detect(spot(5, 5).image[None], torch.tensor([[900.0, 900, 950, 950]]))
    assert bool(found.keypoints.isnan().all()) and not bool(found.scores.any())


@pytest.mark.parametrize(("joints", "skeleton"), [(26, HALPE_26), (133, COCO_WHOLEBODY)])
def test_the_number_of_joints_tells_the_skeleton(joints, skeleton, tmp_path):
    finder = RTMPoseSettings(networks.rtmpose(tmp_path / "a.onnx", joints=joints)).build()
    assert finder.skeleton == skeleton
    assert finder.find(spot(60, 45)).keypoints.shape == (1, joints, 2)


def test_rtmo_finds_each_person_once(tmp_path):
    finder = RTMOSettings(networks.rtmo(tmp_path / "a.onnx")).build()
    assert isinstance(finder, Finder) and finder.skeleton == COCO_17
    found = finder.find(spot(50, 64))
    assert found.keypoints.shape == (1, 17, 2)
    assert bool(found.keypoints[0, 0].isnan().all()) and found.scores[0, 0] == 0
    joints = found.keypoints[0] - torch.from_numpy(networks.spread()) * 120 / 96
    assert (joints[1:] - torch.tensor([50.0, 64])).abs().max() < 2 * 120 / 96
    assert 0.5 < found.scores[0, 1] <= 1
    assert (
        len(RTMOSettings(tmp_path / "a.onnx", box_score=0.95).build().find(spot(5, 6)).scores) == 0
    )


def test_yolox_without_a_choice_of_its_own_is_decoded(tmp_path):
    cells = np.zeros((1, 84, 85), np.float32)
    cells[0, 9, :6] = 0.5, 0.5, 1, 1, 0.9, 0.9
    cells[0, 10, :6] = -0.4, 0.5, 1, 1, 0.9, 0.8  # the same person, seen by the next cell
    cells[0, 83, [4, 6]] = 1.0  # something of another class
    boxes = networks.constant(tmp_path / "b.onnx", {"output": cells})
    pose = networks.rtmpose(tmp_path / "a.onnx")
    finder = RTMPoseSettings(pose, boxes).build()
    assert finder.boxes.find(spot(1, 1, (64, 64)).image).shape == (1, 4)


def test_folders_and_archives_are_read_as_the_bare_file(tmp_path):
    bare = networks.rtmpose(tmp_path / "a.onnx")
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "end2end.onnx").write_bytes(bare.read_bytes())
    (folder / "pipeline.json").write_text(json.dumps(networks.pipeline()))
    archive = networks.zipped(tmp_path / "model.zip", bare)
    before = sorted(tmp_path.rglob("*"))
    found = [RTMPoseSettings(path).build().find(spot(40, 50)) for path in (bare, folder, archive)]
    assert sorted(tmp_path.rglob("*")) == before
    for other in found[1:]:
        assert torch.equal(found[0].keypoints, other.keypoints)
    told = RTMPoseSettings(archive).build().provenance
    assert told["model"] == "model.zip"
    assert told["model_sha256"] == hashlib.sha256(bare.read_bytes()).hexdigest()
    assert read_model(archive).pipeline == networks.pipeline()


def test_a_description_beside_the_network_is_heeded(tmp_path):
    other = networks.pipeline(normalise={"mean": [0, 0, 0], "std": [1e5, 1e5, 1e5]})
    (tmp_path / "pipeline.json").write_text(json.dumps(other))
    finder = RTMPoseSettings(networks.rtmpose(tmp_path / "end2end.onnx")).build()
    assert finder.find(spot(60, 45)).scores.max() < 0.01


def test_archives_that_are_not_right_are_refused(tmp_path):
    empty = networks.zipfile.ZipFile(tmp_path / "empty.zip", "w")
    empty.close()
    with pytest.raises(DataError, match="should hold one network"):
        RTMPoseSettings(tmp_path / "empty.zip").build()
    with networks.zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.writestr("../end2end.onnx", b"")
    with pytest.raises(DataError, match="points out of it"):
        RTMPoseSettings(tmp_path / "out.zip").build()
    dense = networks.zipfile.ZipFile(tmp_path / "dense.zip", "w", networks.zipfile.ZIP_DEFLATED)
    dense.writestr("end2end.onnx", bytes(SMALL + 1))
    dense.close()
    with pytest.raises(DataError, match="packed so densely"):
        RTMPoseSettings(tmp_path / "dense.zip").build()
    (tmp_path / "a.onnx").write_bytes(b"no network")
    with pytest.raises(DataError, match="ONNX Runtime refuses it"):
        RTMPoseSettings(tmp_path / "a.onnx").build()
    with pytest.raises(DataError, match="does not exist"):
        RTMPoseSettings(tmp_path / "nowhere.onnx").build()


def test_the_wrong_model_is_refused_by_what_it_gives(tmp_path):
    pose, boxes = networks.rtmpose(tmp_path / "a.onnx"), networks.yolox(tmp_path / "b.onnx")
    with pytest.raises(DataError, match=r"\(SimCC\).* dets \(1, 3, 5\)"):
        RTMPoseSettings(boxes).build().find(spot(5, 5))
    with pytest.raises(DataError, match="as RTMO does, but gives simcc_x"):
        RTMOSettings(pose).build().find(spot(5, 5))
    few = networks.constant(tmp_path / "c.onnx", {"output": np.zeros((1, 4, 3), np.float32)})
    with pytest.raises(DataError, match="boxes of 5 numbers or more.* gives output \\(1, 4, 3\\)"):
        RTMPoseSettings(pose, few).build().find(spot(5, 5))
    odd = networks.rtmpose(tmp_path / "d.onnx", joints=9)
    with pytest.raises(DataError, match="finds 9 keypoints, but only 17"):
        RTMPoseSettings(odd).build().skeleton  # noqa: B018


@pytest.mark.parametrize("name", ["rtmpose", "rtmo", "saved"])
def test_a_detector_without_its_file_says_how_to_name_it(name):
    with pytest.raises(SettingsError, match=f'"{name}" needs a file of .* --weights'):
        registry.settings_of("detector", name)().build()


def test_a_device_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    assert provider_of("cuda:1", ["CUDAExecutionProvider", "CPUExecutionProvider"]) == (
        "CUDAExecutionProvider", {"device_id": "1"},
    )  # fmt: skip
    with pytest.raises(SettingsError, match='no device "cuda"; choose among cpu'):
        provider_of("cuda", ["CPUExecutionProvider", "AzureExecutionProvider"])
    model = networks.rtmpose(tmp_path / "a.onnx")
    import onnxruntime

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        with pytest.raises(SettingsError, match='no device "cuda"'):
            RTMPoseSettings(model).build("cuda")


def test_a_runtime_that_falls_back_is_refused(tmp_path, monkeypatch):
    import onnxruntime

    real = onnxruntime.InferenceSession
    monkeypatch.setattr(
        onnxruntime,
        "get_available_providers",
        lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"],
    )
    monkeypatch.setattr(
        onnxruntime,
        "InferenceSession",
        lambda network, options, **rest: real(network, options, providers=["CPUExecutionProvider"]),
    )
    with pytest.raises(SettingsError, match="would compute by CPUExecutionProvider"):
        RTMPoseSettings(networks.rtmpose(tmp_path / "a.onnx")).build("cuda")


@pytest.mark.parametrize(
    ("module", "detector"), [("mediapipe", "mediapipe"), ("onnxruntime", "rtmpose")]
)
def test_a_package_that_is_missing_is_named_with_the_remedy(
    module, detector, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, module, None)
    settings = registry.settings_of("detector", detector)()
    if detector == "rtmpose":
        settings = replace(settings, weights=networks.rtmpose(tmp_path / "a.onnx"))
    with pytest.raises(SettingsError, match=rf"pip install 'crosslift\[{module}\]'"):
        settings.build()


def test_a_mediapipe_without_its_model_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "mediapipe", SimpleNamespace(__version__="1.2.2"))
    with pytest.raises(SettingsError, match="MediaPipe 1.2.2 carries no pose model"):
        MediaPipeSettings().build()
    with pytest.raises(SettingsError, match="computes on the processor"):
        MediaPipeSettings().build("cuda")


class Follower:
    """Stands for MediaPipe's own class: all landmarks at a place, nobody in black pictures."""

    def __init__(self, **settings: float) -> None:
        self.settings, self.closed = settings, False

    def process(self, image: np.ndarray) -> SimpleNamespace:
        assert not self.closed and image.dtype == np.uint8
        mark = SimpleNamespace(x=0.25, y=0.5, visibility=0.75)
        marks = SimpleNamespace(landmark=[mark] * 33)
        return SimpleNamespace(pose_landmarks=marks if image.any() else None)

    def close(self) -> None:
        self.closed = True


def test_mediapipes_fractions_become_pixels_and_each_recording_begins_anew():
    finder = MediaPipe(MediaPipeSettings(least_tracking=0.7), Solution(Follower, "0.10.21"))
    found = finder.find(spot(5, 5))
    assert finder.skeleton == MEDIAPIPE_33 and isinstance(finder, Finder)
    assert bool((found.keypoints == torch.tensor([30.0, 45])).all())
    assert bool((found.scores == 0.75).all())
    first = finder.followers[0]
    assert (
        first.settings["min_tracking_confidence"] == 0.7 and first.settings["model_complexity"] == 1
    )
    black = spot(0, 0, number=1)
    assert finder.find(black._replace(image=black.image * 0)).keypoints.shape == (0, 33, 2)
    assert finder.followers[0] is first
    finder.find(spot(5, 5, number=0))
    assert finder.followers[0] is not first and first.closed


class Brightest:
    """Stands for MediaPipe's own class: landmarks about the brightest pixel, if one is bright."""

    def __init__(self, **settings: float) -> None:
        pass

    def process(self, image: np.ndarray) -> SimpleNamespace:
        bright = image.max(axis=-1)
        if bright.max() < 200:
            return SimpleNamespace(pose_landmarks=None)
        y, x = np.unravel_index(bright.argmax(), bright.shape)
        height, width = bright.shape
        marks = [
            SimpleNamespace(x=(x + dx) / width, y=(y + dy) / height, visibility=1.0)
            for dx, dy in [(-4, -4), (4, 4)] * 16 + [(0, 0)]
        ]
        return SimpleNamespace(pose_landmarks=SimpleNamespace(landmark=marks))


@pytest.mark.parametrize("people", [1, 2, 3])
def test_mediapipe_looks_for_the_next_person_beside_those_found(people):
    finder = MediaPipe(MediaPipeSettings(people=people), Solution(Brightest, "0.10.21"))
    frame = spot(20, 30)
    frame.image[60, 90] = 220
    before = frame.image.clone()
    found = finder.find(frame)
    middles = [[20, 30], [90, 60]][:people]
    torch.testing.assert_close(found.keypoints.mean(dim=1), torch.tensor(middles).float())
    assert torch.equal(frame.image, before), "the picture itself stays as it is"


def test_mediapipe_looks_for_somebody():
    with pytest.raises(SettingsError, match="at least 1 person, but 0 were asked for"):
        MediaPipeSettings(people=0).build()


def test_saved_keypoints_are_given_frame_by_frame(tmp_path):
    clip = seen_walker(1.0)
    write_clip(tmp_path / "a.clip.safetensors", clip)
    finder = SavedSettings(tmp_path / "a.clip.safetensors").build()
    assert isinstance(finder, Finder) and finder.skeleton == clip.skeleton
    for number in (0, 7, 29):
        found = finder.find(spot(0, 0, number=number))
        assert torch.equal(found.keypoints[0], clip.keypoints[number])
    assert len(finder.find(spot(0, 0, number=30)).scores) == 0


def test_saved_keypoints_in_fractions_get_the_pictures_size(tmp_path):
    marks = np.full((3, 33, 4), 0.5, np.float32)
    marks[1] = np.nan
    np.savez(tmp_path / "a.npz", landmarks=marks)
    finder = SavedSettings(tmp_path / "a.npz", "mediapipe").build()
    found = finder.find(spot(0, 0))
    assert bool((found.keypoints == torch.tensor([60.0, 45])).all())
    assert len(finder.find(spot(0, 0, number=1)).scores) == 0
    assert finder.provenance["format"] == "mediapipe"


def test_a_saved_file_that_cannot_serve_is_refused(tmp_path):
    with pytest.raises(SettingsError, match='no reader "openpoze"; did you mean "openpose"'):
        SavedSettings(tmp_path, "openpoze").build()
    with pytest.raises(DataError):
        SavedSettings(tmp_path / "nowhere.json", "coco").build().skeleton  # noqa: B018


def test_people_without_a_score_or_a_place_were_not_found():
    keypoints = torch.tensor([[[1.0, 2], [3, torch.inf], [5, 6]]])
    found = People.of(keypoints, torch.tensor([[1.5, 0.5, 0]]))
    assert found.scores.tolist() == [[1, 0, 0]]
    assert bool(found.keypoints[0, 1:].isnan().all()) and found.keypoints[0, 0].tolist() == [1, 2]


def test_the_whole_body_begins_with_the_body_and_mirrors_itself():
    assert len(COCO_WHOLEBODY) == 133
    assert COCO_WHOLEBODY.joints[:23] == COCO_WHOLEBODY_BODY.joints
    assert COCO_WHOLEBODY.parents[:23] == COCO_WHOLEBODY_BODY.parents
    # of 68 marks of a face: jaw, brows, eyes and lips run to and fro
    face = [joint - 23 for joint in COCO_WHOLEBODY.mirror[23:91]]
    pairs = {
        0: 16,
        8: 8,
        17: 26,
        21: 22,
        27: 27,
        31: 35,
        36: 45,
        39: 42,
        41: 46,
        48: 54,
        60: 64,
        67: 65,
    }
    assert all(face[one] == other and face[other] == one for one, other in pairs.items())
    assert COCO_WHOLEBODY.mirror[91:112] == tuple(range(112, 133))
    hands = COCO_WHOLEBODY.indices("left_hand_root", "right_hand_root", "left_pinky_finger_4")
    assert hands == [91, 112, 111]


def test_a_clip_of_the_whole_body_can_be_lifted_as_others_are(tmp_path):
    clip = mapped(seen_walker(0.5), COCO_WHOLEBODY)
    back = mapped(clip, "h36m17")
    knee = back.skeleton.index("left_knee")
    assert torch.equal(back.keypoints[:, knee], clip.keypoints[:, clip.skeleton.index("left_knee")])


def test_a_skeleton_that_is_named_has_to_fit():
    assert joints_of_model(17, "h36m17").name == "h36m17"
    with pytest.raises(DataError, match='finds 16 keypoints, but the skeleton "h36m17" has 17'):
        joints_of_model(16, "h36m17")


def test_every_detector_is_listed_with_a_line():
    assert set(registry.parts("detector")) == {
        "hrnet", "mediapipe", "pose_resnet", "rtmo", "rtmpose", "saved",
    }  # fmt: skip
    assert all(part.help for part in registry.parts("detector").values())


def test_a_folder_without_a_network_is_refused(tmp_path):
    with pytest.raises(DataError, match="should hold one network"):
        RTMOSettings(tmp_path).build()
