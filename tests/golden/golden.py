"""A golden file: what a published model computes, and the rule by which ours equals it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .fill import fill_input, fill_parameter

Outputs = Mapping[str, Any]
Adapter = Callable[["Golden"], Outputs]


@dataclass(frozen=True)
class Golden:
    """One file. Names of inputs and outputs are those without `in_` and `out_`."""

    name: str
    """Folder and stem, such as "poseda/bones"."""
    meta: dict[str, Any]
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]

    @classmethod
    def read(cls, path: Path) -> "Golden":
        """The file at `path`; objects in it are refused by NumPy."""
        with np.load(path, allow_pickle=False) as file:
            meta = json.loads(str(file["meta"]))
            stored = {key: file[key] for key in file.files if key != "meta"}
        return cls(
            f"{path.parent.name}/{path.stem}",
            meta,
            {key[3:]: value for key, value in stored.items() if key.startswith("in_")},
            {key[4:]: value for key, value in stored.items() if key.startswith("out_")},
        )

    @property
    def config(self) -> dict[str, Any]:
        return self.meta["config"]

    @property
    def seed(self) -> int:
        return self.meta["seed"]

    @cached_property
    def filled(self) -> dict[str, np.ndarray]:
        """The inputs that the file names without storing them."""
        return {
            name: fill_input(name, tuple(shape), self.seed, scale)
            for name, shape, scale in self.meta.get("inputs", [])
        }

    def input(self, name: str, dtype: torch.dtype | None = None) -> torch.Tensor:
        """An input, stored or filled, in its own precision unless another is asked for."""
        values = self.inputs[name] if name in self.inputs else self.filled[name]
        return torch.tensor(values, dtype=dtype)

    def weights(self, key: str = "parameters") -> dict[str, torch.Tensor]:
        """The state dict that the file names, filled."""
        return {
            name: torch.from_numpy(np.asarray(fill_parameter(name, tuple(shape), self.seed)))
            for name, shape in self.meta[key]
        }


ADAPTERS: dict[tuple[str, str], Adapter] = {}


def adapter(system: str, model: str) -> Callable[[Adapter], Adapter]:
    """Register what rebuilds the files whose `system` is given and whose `model` begins so."""

    def register(rebuild: Adapter) -> Adapter:
        ADAPTERS[system, model] = rebuild
        return rebuild

    return register


def adapter_of(golden: Golden) -> Adapter | None:
    """The adapter with the longest fitting beginning, if there is one."""
    system, model = golden.meta["system"], golden.meta["model"]
    fitting = [key for key in ADAPTERS if key[0] == system and model.startswith(key[1])]
    return ADAPTERS[max(fitting, key=lambda key: len(key[1]))] if fitting else None
