"""The lifter that a person names."""

import pytest
import torch

from crosslift import find_lifter as module
from crosslift.errors import CheckpointError, SettingsError
from crosslift.find_lifter import find_lifter, shipped
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifters.flat import Flat
from crosslift.skeletons import H36M_16

from .lifters.small import small_settings


@pytest.fixture
def folder(tmp_path):
    about = About("semgcn", small_settings("semgcn"), H36M_16, {"what": "a test"})
    save_lifter(about.build(), about, tmp_path / "mine")
    return tmp_path / "mine"


def test_a_computed_lifter_is_found_by_its_name():
    found = find_lifter("flat")
    assert isinstance(found.lifter, Flat) and found.path is None and found.hash == "flat"


def test_a_folder_is_found_by_its_path_and_put_in_the_precision_asked_for(folder):
    found = find_lifter(str(folder), dtype=torch.float64)
    assert found.lifter.skeleton == H36M_16 and found.path == folder
    assert found.lifter.dtype == torch.float64 and found.about.made == {"what": "a test"}


def test_the_hash_is_of_weights_and_settings(folder, tmp_path):
    again = find_lifter(str(folder)).hash
    assert again == find_lifter(str(folder)).hash and len(again) == 16
    torch.manual_seed(9)
    about = About("semgcn", small_settings("semgcn"), H36M_16, {"what": "a test"})
    save_lifter(about.build(), about, tmp_path / "other")
    assert find_lifter(str(tmp_path / "other")).hash != again


def test_a_lifter_that_ships_with_the_package_is_found_by_its_name(folder, monkeypatch):
    monkeypatch.setattr(module, "shipped", lambda: {"small": folder})
    assert find_lifter("small").path == folder
    with pytest.raises(SettingsError, match=r"has to be trained first.*\(small\)"):
        find_lifter("ridge")


def test_every_lifter_that_ships_with_the_package_can_be_loaded():
    for name, path in shipped().items():
        assert find_lifter(name).path == path


def test_a_kind_of_lifter_that_has_to_be_trained_is_refused(monkeypatch):
    monkeypatch.setattr(module, "shipped", dict)
    with pytest.raises(
        SettingsError, match=r'"mixste" is a kind of lifter that has to be trained.*there is none'
    ):
        find_lifter("mixste")


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(SettingsError, match='no lifter called "falt"; did you mean "flat"'):
        find_lifter("falt")


def test_a_folder_that_is_no_lifters_is_refused_as_such(tmp_path):
    with pytest.raises(CheckpointError, match="should be the folder of a lifter"):
        find_lifter(str(tmp_path))
