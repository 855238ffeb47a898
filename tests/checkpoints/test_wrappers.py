"""Weights are found in whatever releases wrap around them."""

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch

from crosslift.checkpoints import state_of
from crosslift.errors import CheckpointError

WEIGHTS = {"a.weight": torch.ones(2), "a.bias": torch.zeros(2)}
OTHER = {"b.weight": torch.ones(3)}
OPTIMISER = {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}


def below(prefix: str) -> dict[str, torch.Tensor]:
    return {prefix + name: value for name, value in WEIGHTS.items()}


WRAPPED = {
    "nothing": WEIGHTS,
    "an ordered dictionary": OrderedDict(WEIGHTS),
    "model_pos": {"epoch": 3, "lr": 0.1, "optimizer": OPTIMISER, "model_pos": WEIGHTS},
    "model_pos and model_traj": {"model_pos": WEIGHTS, "model_traj": OTHER, "random_state": 1},
    "model_pos and model_weight": {"model_weight": OTHER, "model_pos": below("module.")},
    "model_diffusion": {"model_diffusion": below("module.model."), "best_epoch": 1},
    "state_dict": {"state_dict": WEIGHTS, "optim": OPTIMISER, "args": [1]},
    "model_state_dict": {"model_state_dict": WEIGHTS, "epoch": torch.tensor(3)},
    "model": {"model": WEIGHTS, "ema": OTHER},
    "net": {"net": WEIGHTS},
    "lifter": {"lifter": WEIGHTS, "discriminator": OTHER, "model_G": OTHER},
    "model in model": {"model": {"state_dict": WEIGHTS}},
    "an unknown name": {"mine": WEIGHTS, "note": "text"},
    "a list": [WEIGHTS],
    "an optimiser under another name": {"model": WEIGHTS, "adam": OPTIMISER},
    "several GPUs": below("module."),
    "several GPUs twice": below("module.module."),
    "a compiled network": below("_orig_mod."),
    "a compiled network on several GPUs": {"state_dict": below("module._orig_mod.")},
    "Lightning": {"state_dict": below("model."), "pytorch-lightning_version": "2"},
    "a number among the weights": WEIGHTS | {"steps": 5},
}


@pytest.mark.parametrize("content", WRAPPED.values(), ids=list(WRAPPED))
def test_the_lifters_weights_are_found(content: Any):
    found = state_of(content)
    assert found.keys() == WEIGHTS.keys()
    assert found["a.weight"] is WEIGHTS["a.weight"]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"model_pos": OTHER, "model_traj": WEIGHTS}, "model_traj"),
        ({"model": OTHER, "ema": WEIGHTS}, "ema"),
        ({"model": OTHER, "ema": {"module": WEIGHTS, "decay": 0.9}}, "ema"),
        ({"a": {"model": OTHER}, "b": {"model": WEIGHTS}}, "b/model"),
        ([OTHER, WEIGHTS], "1"),
    ],
)
def test_another_part_is_asked_for_by_name(content: Any, part: str):
    assert state_of(content, part).keys() == WEIGHTS.keys()


def test_a_beginning_that_only_some_names_have_stays():
    mixed = {"model.a": torch.ones(1), "loss.b": torch.ones(1)}
    assert state_of(mixed).keys() == mixed.keys()


@pytest.mark.parametrize(
    "content",
    [
        {"\x1b[31m": torch.ones(1)},
        {},
        [],
        3,
        {"a": [np.ones(3)]},
        None,
        {"lr": 0.1, "path": "x"},
        OPTIMISER,
        {1: 2},
    ],
)
def test_a_file_without_weights_is_a_sentence(content: Any):
    with pytest.raises(CheckpointError, match="should hold weights by name"):
        state_of(content)


def test_several_unknown_networks_are_named():
    with pytest.raises(CheckpointError, match='2 networks were found.*one of "one", "two"'):
        state_of({"one": WEIGHTS, "two": OTHER})


def test_a_part_that_is_not_there_is_a_sentence():
    with pytest.raises(CheckpointError, match='did you mean "model_traj"'):
        state_of({"model_pos": WEIGHTS, "model_traj": OTHER}, "model_tray")


def test_lists_that_hold_each_other_many_times_over_come_to_an_end():
    content: Any = [WEIGHTS]
    for _ in range(60):
        content = [content, content, content]
    with pytest.raises(CheckpointError):
        state_of(content)
