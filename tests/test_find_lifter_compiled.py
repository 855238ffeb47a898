"""The compiled form of a lifter that a person names, and lifters that have none."""

import pytest
import torch

from crosslift.errors import SettingsError
from crosslift.find_lifter import find_lifter
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifters.direct import Direct
from crosslift.networks.inference import compiled as module
from crosslift.skeletons import H36M_16

from .lifters.small import small_settings


@pytest.fixture
def folder(tmp_path):
    about = About("semgcn", small_settings("semgcn"), H36M_16, {"what": "a test"})
    save_lifter(about.build(), about, tmp_path / "mine")
    return tmp_path / "mine"


def test_the_lifter_is_told_to_compile_its_fast_form(folder, monkeypatch):
    translated = []
    monkeypatch.setattr(module, "check_compiler", lambda: None)
    monkeypatch.setattr(module, "translate", lambda form, method: translated.append(method))
    found = find_lifter(str(folder), dtype=torch.bfloat16, compiled=True).lifter
    assert isinstance(found, Direct) and translated == ["of_block"]


def test_what_has_no_fast_form_is_not_compiled(folder, tmp_path):
    with pytest.raises(SettingsError, match="but Flat in torch.float32 has none here; leave --com"):
        find_lifter("flat", compiled=True)
    with pytest.raises(SettingsError, match="Direct in torch.float64 has none here"):
        find_lifter(str(folder), dtype=torch.float64, compiled=True)
    with pytest.raises(SettingsError, match="Only the fast form"):
        find_lifter(str(folder), fast=False, compiled=True)
    with pytest.raises(SettingsError, match='does not compute the ONNX file ".*a.onnx"; leave'):
        find_lifter(str(tmp_path / "a.onnx"), compiled=True)
