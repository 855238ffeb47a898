"""Honest checkpoints come back whole, in both forms that PyTorch has written."""

import argparse
import random
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from crosslift.errors import CheckpointError
from crosslift.pickle_machine import Placeholder
from crosslift.torch_file import read_torch_file

from .data.mutations import mutations

FORMS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old"])


def through(folder: Path, content: Any, zipped: bool = True) -> Any:
    path = folder / "best_epoch.bin"
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    return read_torch_file(path)


@FORMS
@pytest.mark.parametrize(
    "dtype",
    [
        torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32,
        torch.int16, torch.int8, torch.uint8, torch.bool, torch.complex64, torch.complex128,
    ],
)  # fmt: skip
def test_every_type_of_number_comes_back(tmp_path: Path, dtype: torch.dtype, zipped: bool):
    values = torch.tensor([[0, 1, 1], [1, 0, 2]]).to(dtype)
    found = through(tmp_path, {"a": values}, zipped)["a"]
    assert found.dtype == dtype
    assert torch.equal(found, values)


def test_unsigned_numbers_without_a_storage_of_their_own_come_back(tmp_path: Path):
    values = torch.tensor([1, 65535], dtype=torch.uint16)
    assert through(tmp_path, [values])[0].tolist() == [1, 65535]


@FORMS
@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.T,
        lambda x: x[1],
        lambda x: x[:, 2:3],
        lambda x: x[::2, 1:],
        lambda x: x[0, 0],
        lambda x: x[:0],
        lambda x: x.expand(1, 3, 4),
        nn.Parameter,
    ],
)
def test_views_come_back(tmp_path: Path, view: Any, zipped: bool):
    values = view(torch.arange(12.0).reshape(3, 4))
    found = through(tmp_path, values, zipped)
    assert type(found) is Tensor
    assert found.shape == values.shape
    assert torch.equal(found, values.detach())


@FORMS
def test_what_is_shared_stays_shared(tmp_path: Path, zipped: bool):
    values = torch.zeros(4)
    found = through(tmp_path, {"tied": values, "too": values, "part": values[1:]}, zipped)
    found["tied"][1] = 5
    assert found["too"][1] == 5
    assert found["part"][0] == 5


@FORMS
def test_writing_to_a_tensor_leaves_the_file_alone(tmp_path: Path, zipped: bool):
    through(tmp_path, torch.zeros(4), zipped).fill_(7)
    assert read_torch_file(tmp_path / "best_epoch.bin").tolist() == [0, 0, 0, 0]


@FORMS
def test_a_state_dict_comes_back_in_its_order_and_loads(tmp_path: Path, zipped: bool):
    network = nn.Sequential(nn.Conv1d(2, 3, 1), nn.BatchNorm1d(3))
    found = through(tmp_path, network.state_dict(), zipped)
    assert list(found) == list(network.state_dict())
    network.load_state_dict(found, strict=True)


@FORMS
def test_what_a_training_leaves_beside_weights_is_plain_or_a_placeholder(
    tmp_path: Path, zipped: bool
):
    network = nn.Linear(2, 2)
    optimiser = torch.optim.AdamW(network.parameters())
    network(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, 3)
    groups, rolled = defaultdict(list, {"a": [1]}), random.Random(1).getstate()
    found = through(
        tmp_path,
        {
            "epoch": 3,
            "lr": 1e-4,
            "best": np.float64(44.5),
            "losses": [0.5, float("inf")],
            "history": np.arange(3),
            "optimizer": optimiser.state_dict(),
            "whole optimizer": optimiser,
            "whole schedule": schedule,
            "random_state": np.random.RandomState(1),
            "generator": np.random.default_rng(1),
            "python": rolled,
            "torch": torch.Generator().get_state(),
            "args": argparse.Namespace(stages=4, out=Path("x")),
            "path": Path("a/b"),
            "device": torch.device("cpu"),
            "dtype": torch.float16,
            "size": torch.Size([2, 3]),
            "groups": groups,
            "counts": Counter("aab"),
            "names": {"a", "b"},
            "few": frozenset([1]),
            "ordered": OrderedDict(a=1),
        },
        zipped,
    )
    assert (found["epoch"], found["lr"], found["best"]) == (3, 1e-4, 44.5)
    assert found["losses"] == [0.5, float("inf")]
    assert found["history"].tolist() == [0, 1, 2]
    assert found["optimizer"]["state"][0]["exp_avg"].shape == (2, 2)
    assert found["optimizer"]["param_groups"][0]["params"] == [0, 1]
    assert found["whole optimizer"] == Placeholder("torch.optim.adamw.AdamW")
    assert found["whole schedule"] == Placeholder("torch.optim.lr_scheduler.StepLR")
    assert type(found["random_state"]) is type(found["generator"]) is Placeholder
    assert found["python"] == rolled
    assert torch.equal(found["torch"], torch.Generator().get_state())
    assert found["args"] == Placeholder("argparse.Namespace")
    assert type(found["path"]) is type(found["device"]) is Placeholder
    assert found["dtype"] == "torch.float16"
    assert found["size"] == (2, 3)
    assert found["groups"] == {"a": [1]}
    assert found["counts"] == {"a": 2, "b": 1}
    assert found["names"] == {"a", "b"}
    assert found["few"] == {1}
    assert found["ordered"] == {"a": 1}


def test_a_tensor_with_attributes_comes_back_without_them(tmp_path: Path):
    values = nn.Parameter(torch.ones(2))
    values.note = "mine"
    assert through(tmp_path, values).tolist() == [1, 1]


def test_safetensors_come_back(tmp_path: Path):
    path = tmp_path / "model.safetensors"
    save_file({"a": torch.ones(2, dtype=torch.bfloat16)}, path)
    assert read_torch_file(path)["a"].dtype == torch.bfloat16


def test_a_file_without_checksums_comes_back(tmp_path: Path):
    before = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(False)
    try:
        assert through(tmp_path, torch.ones(2)).tolist() == [1, 1]
    finally:
        torch.serialization.set_crc32_options(before)


@pytest.mark.parametrize("name", ["missing.pth", "missing.safetensors"])
def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path, name: str):
    with pytest.raises(CheckpointError, match=f"{name}.*does not exist"):
        read_torch_file(tmp_path / name)


def test_a_folder_is_a_sentence(tmp_path: Path):
    with pytest.raises(CheckpointError, match="could not be read"):
        read_torch_file(tmp_path)


@FORMS
def test_a_whole_network_is_refused_with_what_to_ask_for(tmp_path: Path, zipped: bool):
    with pytest.raises(CheckpointError, match=r"torch.nn.modules.*ask its author for the state"):
        through(tmp_path, nn.Linear(2, 2), zipped)


def test_what_a_file_repeats_is_refused_once_it_is_many_times_the_file(tmp_path: Path):
    """A tensor may be there twice, but not a hundred times."""
    values = torch.zeros(100_000)
    assert len(through(tmp_path, [values.view(-1) for _ in range(4)])) == 4
    with pytest.raises(CheckpointError, match="many times what the file does"):
        through(tmp_path, [values.view(-1) for _ in range(100)])


@FORMS
def test_damage_gives_data_or_a_sentence(tmp_path: Path, zipped: bool):
    content = {"model_pos": nn.Linear(3, 2).state_dict(), "lr": 0.1, "list": [torch.ones(2), "a"]}
    through(tmp_path, content, zipped)
    refused = 0
    for _ in mutations(tmp_path, count=300, seed=0):
        try:
            read_torch_file(tmp_path / "best_epoch.bin")
        except CheckpointError as problem:
            assert str(problem).isprintable()
            refused += 1
    assert refused > 100
