"""A lifter as a folder: nothing lost, whole or not at all, and refused if anything is not right."""

import json
import shutil
import subprocess
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from crosslift import lifter_folder, registry
from crosslift.domain import fit_domain
from crosslift.errors import CheckpointError, CrossliftError, DataError
from crosslift.find_lifter import find_lifter
from crosslift.lifter_folder import (
    About,
    is_lifter,
    load_domain,
    load_lifter,
    read_about,
    save_lifter,
)
from crosslift.lifters.flat import FlatSettings
from crosslift.lifters.inputs import Inputs
from crosslift.lifting import root_relative
from crosslift.networks.simple_baseline import Statistics
from crosslift.protocols import StatefulLifter
from crosslift.skeletons import H36M_16, H36M_17

from .lifters.small import small_settings
from .stores import short_clips


def stateful(name: str) -> bool:
    return isinstance(small_settings(name).build(H36M_17), StatefulLifter)


NAMES = [name for name in sorted(registry.parts("lifter")) if stateful(name)]
MADE = {"command": "crosslift train", "figures": {"mpjpe_mm": 41.5}, "licence": "MIT"}


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def made(name: str, skeleton=H36M_17, **more):
    """A lifter with weights of its own, and what is to be said of it."""
    torch.manual_seed(1)
    about = About(name, small_settings(name, **more), skeleton, MADE)
    lifter = about.build()
    drawn = {key: torch.randn_like(each) if each.is_floating_point() else each
             for key, each in lifter.state().items()}  # fmt: skip
    drawn = {key: each.abs() + 0.5 if "var" in key or "std" in key else each
             for key, each in drawn.items()}  # fmt: skip
    return lifter.with_state(drawn), about


@pytest.fixture
def folder(tmp_path) -> Path:
    save_lifter(*made("simple_baseline"), tmp_path / "lifter")
    return tmp_path / "lifter"


def rewritten(folder: Path, **changes: object) -> None:
    """Other words in the settings, with the right checksum."""
    path = folder / "settings.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    summed(folder)


def summed(folder: Path) -> None:
    names = ("model.safetensors", "settings.json", "card.md")
    digests = [(sha256((folder / name).read_bytes()).hexdigest(), name) for name in names]
    (folder / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for digest, name in digests))


@pytest.mark.parametrize("name", NAMES)
def test_a_lifter_comes_back_bit_for_bit(tmp_path, name):
    lifter, about = made(name)
    save_lifter(lifter, about, tmp_path / "lifter")
    again, told = load_lifter(tmp_path / "lifter")
    assert told == about
    clip = short_clips()[0]
    assert torch.equal(*(root_relative(clip, each, generator()) for each in (lifter, again)))


def test_statistics_come_back_too(tmp_path):
    lifter, about = made("simple_baseline", inputs=Inputs("standard"))
    lifter = replace(
        lifter,
        keypoint_statistics=Statistics(torch.rand(17, 2) * 500, torch.rand(17, 2) * 99 + 1),
        pose_statistics=Statistics(torch.randn(17, 3), torch.rand(17, 3)),
    )
    save_lifter(lifter, about, tmp_path / "lifter")
    again, _ = load_lifter(tmp_path / "lifter")
    clip = short_clips()[0]
    assert torch.equal(*(root_relative(clip, each, generator()) for each in (lifter, again)))


def test_another_skeleton_comes_back(tmp_path):
    lifter, about = made("semgcn", H36M_16)
    save_lifter(lifter, about, tmp_path / "lifter")
    assert load_lifter(tmp_path / "lifter")[0].skeleton == H36M_16


def test_half_precision_takes_half_the_room_and_is_computed_in_single(tmp_path):
    lifter, about = made("simple_baseline")
    save_lifter(lifter, about, tmp_path / "whole")
    save_lifter(lifter, about, tmp_path / "half", dtype=torch.float16)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "half")]
    assert sizes[1] < 0.6 * sizes[0]
    again, _ = load_lifter(tmp_path / "half")
    assert again.dtype == torch.float32
    for name, each in lifter.state().items():
        kept = each.half().float() if each.is_floating_point() else each
        assert torch.equal(again.state()[name], kept), name


def test_a_lifter_without_weights_is_its_settings(tmp_path):
    about = About("flat", FlatSettings(rank=2), H36M_17)
    save_lifter(about.build(), about, tmp_path / "flat")
    lifter, told = load_lifter(tmp_path / "flat")
    assert lifter == about.build() and told == about
    save_file({"more": torch.zeros(1)}, tmp_path / "flat" / "model.safetensors")
    summed(tmp_path / "flat")
    with pytest.raises(CheckpointError, match='"flat" has no weights, but 1 lie in'):
        load_lifter(tmp_path / "flat")


def test_people_can_read_what_it_is_and_check_it_without_us(folder):
    card = (folder / "card.md").read_text()
    for part in (
        "# simple_baseline",
        "h36m17",
        '"mpjpe_mm": 41.5',
        "## Terms\n\nMIT\n",
        '"width": 32',
    ):
        assert part in card
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    assert sorted(path.name for path in folder.iterdir()) == [
        "SHA256SUMS", "card.md", "model.safetensors", "settings.json"
    ]  # fmt: skip


def test_an_empty_folder_is_filled_and_any_other_is_left_alone(tmp_path):
    (tmp_path / "empty").mkdir()
    save_lifter(*made("simple_baseline"), tmp_path / "empty")
    assert is_lifter(tmp_path / "empty")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("dear")
    (tmp_path / "file").write_text("dear")
    for name in ("full", "file", "empty"):
        with pytest.raises(
            DataError, match="should be a new folder for a lifter, but there is something"
        ):
            save_lifter(*made("simple_baseline"), tmp_path / name)
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def test_a_folder_that_could_not_be_finished_is_not_there(tmp_path, monkeypatch):
    def full(*words: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(lifter_folder, "card", full)  # when the weights are written already
    with pytest.raises(OSError, match="no space left"):
        save_lifter(*made("simple_baseline"), tmp_path / "lifter")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["model.safetensors", "settings.json"])
def test_a_changed_byte_is_noticed(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1 if name == "model.safetensors" else ord("\n") ^ ord(" ")
    (folder / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=f'The checksum of ".*{name}" is not the one'):
        load_lifter(folder)


def test_a_file_that_was_cut_off_or_is_gone_is_noticed(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(
        CheckpointError, match='checksum of ".*model.safetensors".*copy the folder anew'
    ):
        load_lifter(folder)
    weights.unlink()
    with pytest.raises(CheckpointError, match="checksum of"):
        load_lifter(folder)


@pytest.mark.parametrize("content", [None, "nonsense\n", "0  settings.json\n"])
def test_checksums_must_be_there(folder, content):
    (folder / "SHA256SUMS").unlink()
    if content is not None:
        (folder / "SHA256SUMS").write_text(content)
    with pytest.raises(CheckpointError, match="copy the folder anew"):
        load_lifter(folder)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda kept, name: kept.pop(name), '"NAME" is missing'),
        (lambda kept, name: kept.update(more=torch.zeros(2)), '"more" has no place'),
        (
            lambda kept, name: kept.update({name: torch.zeros(2)}),
            r'"NAME" of SimpleBaseline should have the shape \(32,\).*but has \(2,\)',
        ),
    ],
)
def test_weights_that_are_not_the_lifters_are_refused(folder, change, sentence):
    weights = load_file(folder / "model.safetensors")
    name = next(key for key in sorted(weights) if weights[key].shape == (32,))
    change(weights, name)
    save_file(weights, folder / "model.safetensors")
    summed(folder)
    with pytest.raises(CheckpointError, match=sentence.replace("NAME", name)):
        load_lifter(folder)


def test_weights_that_are_no_weights_are_refused(folder):
    (folder / "model.safetensors").write_bytes(b"nothing")
    summed(folder)
    with pytest.raises(DataError, match="should be a whole safetensors file"):
        load_lifter(folder)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": "other"}, "should describe a lifter, but does not"),
        ({"version": "1"}, "should describe a lifter, but does not"),
        (
            {"version": 2, "crosslift": "9.9"},
            r"written by a newer crosslift \(9.9\).*update crosslift",
        ),
        (
            {"lifter": "simple_basline"},
            'no lifter "simple_basline"; did you mean "simple_baseline"',
        ),
        ({"lifter": ["flat"]}, "does not describe a lifter that this crosslift knows"),
        ({"settings": {"fip": True}}, 'called "fip"; did you mean "flip"'),
        ({"settings": {"flip": 3}}, '"flip" should be true or false'),
        ({"settings": 3}, "should be a table of settings"),
        ({"skeleton": "h36m18"}, "does not describe a lifter that this crosslift knows"),
        ({"made": 3}, "does not describe a lifter that this crosslift knows"),
    ],
)
def test_settings_that_are_none_are_refused(folder, changes, sentence):
    rewritten(folder, **changes)
    with pytest.raises(CheckpointError, match=sentence):
        load_lifter(folder)


@pytest.mark.parametrize("missing", ["lifter", "settings", "skeleton", "made"])
def test_settings_that_lack_a_part_are_refused(folder, missing):
    words = json.loads((folder / "settings.json").read_text())
    del words[missing]
    (folder / "settings.json").write_text(json.dumps(words))
    with pytest.raises(CheckpointError, match=f"'{missing}'.*make the folder anew"):
        read_about(folder)


def test_a_folder_that_is_no_lifters_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(CheckpointError, match="make one with crosslift train or crosslift import"):
        load_lifter(tmp_path)


def test_a_settings_file_that_is_no_json_is_refused(folder):
    (folder / "settings.json").write_text("{")
    with pytest.raises(CrossliftError, match="should be a TOML or JSON file of settings"):
        find_lifter(str(folder))


def test_what_the_training_looked_like_is_kept_and_checked(tmp_path):
    lifter, about = made("simple_baseline")
    plane = 0.3 * torch.randn(40, 10, 17, 2, generator=generator())
    domain = fit_domain(plane, H36M_17, generator())
    save_lifter(lifter, about, tmp_path / "lifter", domain=domain)
    found = find_lifter(str(tmp_path / "lifter")).domain()
    assert found is not None
    for name, each in domain.tensors().items():
        assert torch.equal(found.tensors()[name], each)
    path = tmp_path / "lifter" / lifter_folder.DOMAIN
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(CheckpointError, match="checksum"):
        load_domain(tmp_path / "lifter")
    with pytest.raises(CheckpointError, match="checksum"):
        load_lifter(tmp_path / "lifter")


def test_a_folder_without_it_is_whole_too(folder):
    assert load_domain(folder) is None
    assert find_lifter(str(folder)).domain() is None


def test_terms_and_credit_stand_in_the_card(tmp_path):
    lifter, about = made("simple_baseline")
    told = {"title": "general", "licence": "MIT", "attribution": "Motion by A and B."}
    save_lifter(lifter, replace(about, made={**MADE, **told}), tmp_path / "lifter")
    card = (tmp_path / "lifter" / lifter_folder.CARD).read_text("utf-8")
    assert card.startswith("# general\n")
    assert "## Terms\n\nMIT\n" in card and "## Credit\n\nMotion by A and B.\n" in card
    assert '"mpjpe_mm": 41.5' in card
