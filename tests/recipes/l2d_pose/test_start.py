"""The detector that begins: its maps are those of the pictures' joints."""

from pathlib import Path

import pytest
import torch

from crosslift.detect.detector_folder import KeptDetector, save_detector
from crosslift.detect.map_detector import MapDetector
from crosslift.errors import CrossliftError, SettingsError
from crosslift.recipes.guided_loss import PANOPTIC_OF_H36M
from crosslift.recipes.l2d_pose import started
from crosslift.skeletons import COCO_17, H36M_17, PANOPTIC_15

from ...detect.map_networks import published, tiny

SIZE = (32, 64)


@pytest.fixture
def folder(tmp_path) -> Path:
    save_detector(KeptDetector(MapDetector(H36M_17, tiny(), SIZE)), tmp_path / "detector")
    return tmp_path / "detector"


def test_a_folder_of_the_pictures_joints_is_taken_as_it_is(folder):
    found = started(folder, H36M_17)
    assert found.size == SIZE and found.skeleton == H36M_17
    expected = tiny().state_dict()
    assert all(torch.equal(each, expected[name]) for name, each in found.state().items())
    assert started(folder, H36M_17, (64, 64)).size == (64, 64)


def test_the_maps_of_panoptics_joints_are_those_of_the_publication(folder):
    found = started(folder, PANOPTIC_15)
    crops = torch.rand(2, 3, 64, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = MapDetector(H36M_17, tiny(), SIZE).maps(crops)[:, list(PANOPTIC_OF_H36M)]
        assert torch.allclose(found.maps(crops), expected)
    assert found.skeleton == PANOPTIC_15


def test_a_file_is_of_the_pictures_joints_unless_it_is_said(tmp_path):
    path = published(tmp_path / "hrnet_coco_h36m.pth")
    assert started(path, H36M_17, SIZE).skeleton == H36M_17
    assert started(path, PANOPTIC_15, SIZE, "h36m17").skeleton == PANOPTIC_15
    with pytest.raises(SettingsError, match='those of "h36m17" are no selection'):
        started(path, H36M_17, SIZE, "coco17")


def test_joints_that_the_detector_has_not_are_refused(folder, tmp_path):
    with pytest.raises(
        SettingsError, match='finds the joints of "h36m17", of which those of "coco'
    ):
        started(folder, COCO_17)
    with pytest.raises(SettingsError, match='finds 17 joints, but "panoptic15" has 15; name the'):
        started(published(tmp_path / "a.pth"), H36M_17, SIZE, "panoptic15")


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(CrossliftError, match="nowhere"):
        started(tmp_path / "nowhere", H36M_17)
