"""Networks in ONNX files, run by ONNX Runtime on the device that was asked for and no other."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import DataError
from ..onnx_session import started
from .model_file import ModelFile, read_model
from .recipe import Recipe, described


@dataclass(frozen=True, eq=False)
class Network:
    """A network that is ready to run."""

    file: ModelFile
    recipe: Recipe
    session: Any

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its input."""
        *_, height, width = self.session.get_inputs()[0].shape
        if isinstance(height, int) and isinstance(width, int):
            return width, height
        if self.recipe.size is None:
            raise DataError(
                f'"{self.file.path}" takes pictures of any size and has no pipeline.json that '
                "tells the one it was trained with; use the model's published archive."
            )
        return self.recipe.size

    def __call__(self, images: Float[Tensor, "batch 3 height width"]) -> dict[str, Tensor]:
        """The outputs by their names; one picture after the other if the network takes one."""
        entry = self.session.get_inputs()[0]
        fixed = entry.shape[0] if isinstance(entry.shape[0], int) else len(images)
        if fixed not in (1, len(images)):
            raise DataError(
                f'"{self.file.path}" takes {fixed} pictures at a time; export it for one, or for '
                "any number."
            )
        names = [output.name for output in self.session.get_outputs()]
        parts = [
            self.session.run(names, {entry.name: part.numpy()})
            for part in images.split(max(fixed, 1))
        ]
        return {
            name: torch.from_numpy(np.concatenate([part[place] for part in parts])).float()
            for place, name in enumerate(names)
        }


def load(path: Path, usual: Recipe, device: str = "cpu") -> Network:
    """The network at a path, on a device.

    Args:
        usual: How pictures are prepared where the model does not say it.
    """
    file = read_model(path)
    session = started(
        file.network, device, what=f'"{path}"', needed_by="This detector", extra="onnxruntime"
    )
    return Network(file, described(usual, file.pipeline), session)
