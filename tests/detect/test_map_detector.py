"""Detectors with maps: the whole road, their folders, published files, boxes, refusals."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from crosslift.detect import Finder
from crosslift.detect.detector_folder import (
    KeptDetector,
    decoding_in,
    load_detector,
    save_detector,
    size_in,
)
from crosslift.detect.heatmaps import mirrored_back
from crosslift.detect.hrnet import HRNetDetector
from crosslift.detect.map_detector import MapDetector
from crosslift.detect.map_networks import network_of
from crosslift.detect.pose_resnet import PoseResNetDetector
from crosslift.errors import CheckpointError, DataError, SettingsError
from crosslift.protocols import Detector
from crosslift.skeletons import COCO_17, H36M_17
from crosslift.video import Frame

from .map_networks import Bright, published, residual, tiny

SIZE = (96, 128)
BOXES = "frame,left,top,right,bottom\n0,10,10,60,80\n0,70,20,110,85\n2,30,30,60,60\n"


def spot(x: int, y: int, number: int = 0) -> Frame:
    """A dark picture with a bright square about a pixel."""
    image = torch.full((90, 120, 3), 10, dtype=torch.uint8)
    image[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3] = 255
    return Frame(number, number / 30, image)


def bright(decoding="soft", *, flip: bool = False) -> MapDetector:
    return MapDetector(H36M_17, Bright(), SIZE, decoding, flip)


@pytest.mark.parametrize("decoding", ["quarter", "peak", "soft", "soft_quarter"])
def test_a_spot_is_found_where_it_is_in_the_picture(decoding):
    detector = bright(decoding)
    assert isinstance(detector, Detector)
    boxes = torch.tensor([[20.0, 10, 100, 80], [0, 0, 120, 90]])
    images = spot(61, 47).image.expand(2, -1, -1, -1)
    found = detector.detect(images, boxes)
    assert found.keypoints.shape == (2, 17, 2)
    off = (found.keypoints - torch.tensor([61.0, 47])).abs().amax(dim=(1, 2))
    assert float(off[0]) < 3 and float(off[1]) < 4.5  # half a cell: 2.2 and 3.3 pixels at most
    assert bool((found.scores > 0.3).all())


def test_the_mirrored_pass_is_averaged_with_the_plain_one():
    detector = replace(bright(flip=True), network=tiny())
    crops = torch.rand(2, 3, 128, 96)
    with torch.inference_mode():
        plain, turned = detector.maps(crops), detector.maps(crops.flip(-1))
        both = detector.averaged_maps(crops)
    assert torch.allclose(both, (plain + mirrored_back(turned, H36M_17)) / 2)
    assert not torch.allclose(both, plain, atol=1e-3)


def test_maps_take_light_from_0_to_1_as_the_published_networks_do():
    crops = torch.rand(2, 3, 128, 96)
    maps = bright().maps(crops)
    assert maps.shape == (2, 17, 32, 24)
    about = crops.mean(dim=1)[:, 58:63, 38:43].mean(dim=(-2, -1))  # of cell 10, 15: pixel 40, 60
    assert torch.allclose(maps[:, 0, 15, 10], about - 0.05, atol=1e-5)


def test_the_wanted_maps_have_the_published_width():
    joints = torch.full((1, 17, 2), 48.0)
    for size, sigma in (((192, 256), 2), ((288, 384), 3)):
        target = MapDetector(H36M_17, Bright(), size).target(joints, torch.ones(1, 17))
        beside = target.maps[0, 0, 12, 13]
        assert float(beside) == pytest.approx(torch.tensor(-1 / (2 * sigma**2)).exp().item())


def test_boxes_that_cannot_be_are_refused_and_no_box_gives_nobody():
    image = spot(60, 45).image[None]
    with pytest.raises(DataError, match="is empty"):
        bright().detect(image, torch.tensor([[10.0, 10, 10, 20]]))
    with pytest.raises(DataError, match="outside the picture of 120 x 90"):
        bright().detect(image, torch.tensor([[200.0, 10, 230, 20]]))
    assert bright().detect(image[:0], torch.zeros(0, 4)).keypoints.shape == (0, 17, 2)


def test_what_is_not_above_zero_was_not_found():
    dark = torch.zeros(1, 90, 120, 3, dtype=torch.uint8)
    found = bright("quarter").detect(dark, torch.tensor([[0.0, 0, 120, 90]]))
    assert bool(found.keypoints.isnan().all()) and float(found.scores.max()) == 0


def test_the_fast_form_finds_the_same():
    detector = MapDetector(H36M_17, tiny(), SIZE, "soft")
    crops = torch.rand(2, 3, 128, 96)
    with torch.inference_mode():
        plain, fast = (each.pixels(each.maps(crops)) for each in (detector, detector.fast()))
    assert (plain - fast).abs().max() < 0.01
    assert bright().fast().network is not None  # what has no fast form stays as it is


def test_a_folder_keeps_the_detector(tmp_path: Path):
    kept = KeptDetector(MapDetector(H36M_17, tiny(), SIZE), {"seed": 3})
    save_detector(kept, tmp_path / "detector")
    again = load_detector(tmp_path / "detector")
    assert again.made == {"seed": 3}
    assert (again.detector.size, again.detector.skeleton) == (SIZE, H36M_17)
    wanted = kept.detector.state()
    assert all(torch.equal(each, wanted[name]) for name, each in again.detector.state().items())
    with pytest.raises(DataError, match="should be a new folder for a detector"):
        save_detector(kept, tmp_path / "detector")


def test_maps_are_read_as_the_folder_says_unless_told_otherwise(tmp_path: Path):
    folder = tmp_path / "detector"
    save_detector(KeptDetector(MapDetector(H36M_17, tiny(), SIZE, "soft")), folder)
    assert load_detector(folder).detector.decoding == "soft"
    assert HRNetDetector(folder).build().provenance["decoding"] == "soft"
    assert HRNetDetector(folder, decoding="peak").build().provenance["decoding"] == "peak"
    weights = published(tmp_path / "a_128x96.pth")
    assert HRNetDetector(weights).build().provenance["decoding"] == "quarter"


def test_a_way_to_read_maps_that_nobody_knows_is_refused():
    assert decoding_in({}) == "quarter"
    with pytest.raises(ValueError, match='its decoding is "loud"'):
        decoding_in({"decoding": "loud"})


def test_a_folder_that_was_changed_or_is_another_is_refused(tmp_path: Path):
    folder = tmp_path / "detector"
    save_detector(KeptDetector(MapDetector(H36M_17, tiny(), SIZE)), folder)
    for choice in ({"skeleton": "coco17"}, {"size": (192, 256)}):
        with pytest.raises(CheckpointError, match="was trained for .* was asked for"):
            load_detector(folder, **choice)
    assert load_detector(folder, skeleton="h36m17", size=SIZE).detector.size == SIZE
    settings = folder / "settings.json"
    words = json.loads(settings.read_text("utf-8"))
    settings.write_text(json.dumps(words | {"size": [10, 10]}), "utf-8")
    with pytest.raises(CheckpointError, match="checksum of .*settings.json"):
        load_detector(folder)
    settings.write_text(json.dumps(words | {"version": 99}), "utf-8")
    with pytest.raises(CheckpointError, match="written by a newer crosslift"):
        load_detector(folder)
    settings.write_text(json.dumps({"format": "crosslift lifter"}), "utf-8")
    with pytest.raises(CheckpointError, match="should describe a detector"):
        load_detector(folder)
    with pytest.raises(CheckpointError, match="should be the folder of a detector"):
        load_detector(tmp_path)


def test_published_files_tell_their_sizes(tmp_path: Path):
    path = published(tmp_path / "pose_hrnet_w32_128x96.pth")
    kept = load_detector(path)
    assert kept.detector.skeleton == COCO_17 and kept.detector.size == (96, 128)
    assert kept.detector.network.settings == tiny().settings
    assert kept.made["imported"] == path.name
    assert load_detector(path, skeleton="h36m17", size=(64, 96)).detector.skeleton == H36M_17
    assert size_in("pose_hrnet_w48_384x288.pth") == (288, 384)
    assert size_in("model_best.pth") == (192, 256)


def test_other_releases_names_are_understood():
    state = tiny().state_dict()
    of_mmpose = {
        (f"head.{name}" if name.startswith("final") else f"backbone.{name}"): each
        for name, each in state.items()
    }
    uncounted = {
        name: each for name, each in state.items() if not name.endswith("num_batches_tracked")
    }
    for names in (of_mmpose, uncounted):
        found = network_of(names).state_dict()
        assert all(torch.equal(found[name], each) for name, each in state.items())


def test_what_training_wraps_around_the_weights_is_taken_off(tmp_path: Path):
    state = {f"module.{name}": each for name, each in tiny().state_dict().items()}
    torch.save({"epoch": 3, "state_dict": state, "perf": 0.7}, tmp_path / "checkpoint.pth")
    found = load_detector(tmp_path / "checkpoint.pth").detector.state()
    assert all(torch.equal(found[name], each) for name, each in tiny().state_dict().items())


def test_files_of_something_else_are_refused(tmp_path: Path):
    torch.save({"w1.weight": torch.zeros(3, 3)}, tmp_path / "lifter.pth")
    with pytest.raises(CheckpointError, match='those of a detector with maps.*begin with "w1'):
        load_detector(tmp_path / "lifter.pth")
    with pytest.raises(CheckpointError, match="does not exist"):
        load_detector(tmp_path / "nowhere.pth")
    state = tiny().state_dict()
    torch.save(state | {"conv2.weight": torch.zeros(9, 4, 3, 3)}, tmp_path / "cut.pth")
    with pytest.raises(CheckpointError, match='"conv2.weight" of HRNet should have the shape'):
        load_detector(tmp_path / "cut.pth")
    (tmp_path / "broken.pth").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(CheckpointError, match="could not be read as a checkpoint"):
        load_detector(tmp_path / "broken.pth")
    torch.save(tiny(13).state_dict(), tmp_path / "joints.pth")
    with pytest.raises(DataError, match="finds 13 keypoints"):
        load_detector(tmp_path / "joints.pth")


def test_the_settings_make_a_finder(tmp_path: Path):
    weights = published(tmp_path / "a_128x96.pth")
    finder = HRNetDetector(weights).build()
    assert isinstance(finder, Finder) and finder.skeleton == COCO_17
    found = finder.find(spot(60, 45))
    assert found.keypoints.shape == (1, 17, 2) and bool((found.scores > 0).all())
    assert finder.provenance["detector"] == "hrnet"
    assert finder.provenance["boxes"] == "the whole picture"
    other = PoseResNetDetector(residual(tmp_path / "b_64x64.pth"), products="bfloat16").build()
    assert other.find(spot(60, 45)).keypoints.shape == (1, 17, 2)


def test_no_weights_or_those_of_the_other_network_are_refused(tmp_path: Path):
    with pytest.raises(SettingsError, match='"hrnet" needs weights, but none were named'):
        HRNetDetector().build()
    with pytest.raises(CheckpointError, match="weights of PoseResNet; say --detector pose_resnet"):
        HRNetDetector(residual(tmp_path / "b.pth")).build()


def test_boxes_come_from_a_table(tmp_path: Path):
    (tmp_path / "boxes.csv").write_text(BOXES)
    finder = HRNetDetector(published(tmp_path / "a_128x96.pth"), tmp_path / "boxes.csv").build()
    counts = [len(finder.find(spot(60, 45, number)).scores) for number in range(4)]
    assert counts == [2, 0, 1, 0]
    assert finder.provenance["boxes"] == "boxes.csv"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("frame,left,top,right\n0,1,2,3\n", 'columns frame, left, .* but "bottom" is not there'),
        ("frame,left,top,right,bottom\n0,1,2,three,4\n", "should be a table of boxes"),
        ("frame,left,top,right,bottom\n0,1\n", "should be a table of boxes"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str, words: str):
    (tmp_path / "boxes.csv").write_text(text)
    with pytest.raises(DataError, match=words):
        HRNetDetector(published(tmp_path / "a.pth"), tmp_path / "boxes.csv").build()
