"""Where a training stands, as one file that is whole or not there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.optim import Optimizer

from ..errors import CheckpointError, TrainingError
from ..files import whole

NAME = "checkpoint.safetensors"


@dataclass
class Standing:
    """How far a training has come, beside its tensors."""

    seed: int
    """From which all that is drawn follows, with the number of the batch."""
    data: str
    """Hash of the data."""
    settings: Any
    """Plain data; a training is continued under the same only."""
    step: int = 0
    """Batches that have been trained on."""
    seconds: float = 0.0
    skipped: int = 0
    """Batches whose loss was no number."""
    averaged: int = 0
    best: float | None = None
    best_step: int = 0
    waited: int = 0
    """Epochs since the best validation."""
    history: list[dict[str, Any]] = field(default_factory=list)
    """Every validation."""


def save_checkpoint(path: Path, standing: Standing, tensors: Mapping[str, Tensor]) -> None:
    """Write where a training stands, whole or not at all."""
    kept = {name: each.detach().cpu().contiguous() for name, each in tensors.items()}
    with whole(path) as draft:
        save_file(kept, draft, {"standing": json.dumps(asdict(standing))})


def load_checkpoint(path: Path) -> tuple[Standing, dict[str, Tensor]]:
    """Where a training stood."""
    try:
        with safe_open(path, "pt") as file:
            standing = Standing(**json.loads(file.metadata()["standing"]))
            return standing, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as problem:
        raise CheckpointError(
            f'"{path}" should say where a training stands, but {problem}; begin the run anew.'
        ) from problem


def check_same(found: Standing, now: Standing, path: Path) -> None:
    """Refuse to go on with other settings or other data."""
    if found.data != now.data:
        raise TrainingError(
            f'"{path.parent}" was trained on other data (hash {found.data}, now {now.data}); go on '
            "with the same, or name another folder."
        )
    unlike = [key for key in now.settings if found.settings.get(key) != now.settings[key]]
    if unlike:
        key = unlike[0]
        raise TrainingError(
            f'"{path.parent}" was begun with another "{key}" ({found.settings.get(key)}, not '
            f"{now.settings[key]}); go on with the same, or name another folder."
        )


def optimizer_tensors(optimizers: Sequence[Optimizer]) -> dict[str, Tensor]:
    """All that optimisers remember."""
    return {
        f"optimizer.{number}.{row}.{key}": value
        if isinstance(value, Tensor)
        else torch.tensor(value)
        for number, optimizer in enumerate(optimizers)
        for row, entry in optimizer.state_dict()["state"].items()
        for key, value in entry.items()
    }


def restore_optimizers(optimizers: Sequence[Optimizer], tensors: Mapping[str, Tensor]) -> None:
    """Give optimisers back what they remembered."""
    memories: list[dict[int, dict[str, Tensor]]] = [{} for _ in optimizers]
    for name, value in tensors.items():
        if name.startswith("optimizer."):
            _, number, row, key = name.split(".", 3)
            memories[int(number)].setdefault(int(row), {})[key] = value
    for optimizer, memory in zip(optimizers, memories, strict=True):
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": memory, "param_groups": groups})
