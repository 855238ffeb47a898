"""Networks in ONNX files, run by ONNX Runtime on the device that was asked for and no other."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import DataError, SettingsError
from .model_file import ModelFile, read_model
from .recipe import Recipe, described

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider",
             "mps": "CoreMLExecutionProvider"}  # fmt: skip
"""What ONNX Runtime calls the devices."""


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
    runtime = _runtime()
    file = read_model(path)
    provider, options = provider_of(device, runtime.get_available_providers())
    wanted = runtime.SessionOptions()
    wanted.intra_op_num_threads = torch.get_num_threads()
    wanted.log_severity_level = 3
    try:
        session = runtime.InferenceSession(
            file.network, wanted, providers=[provider], provider_options=[options]
        )
    except Exception as problem:  # ONNX Runtime's errors share no class
        raise DataError(
            f'"{path}" should be an ONNX model, but ONNX Runtime refuses it '
            f"({' '.join(str(problem).split())[:200]}); check that the file is whole."
        ) from problem
    if provider not in session.get_providers():
        raise SettingsError(
            f'The device "{device}" could not be started by ONNX Runtime, which would compute by '
            f"{', '.join(session.get_providers())}; install what it needs, or ask for --device cpu."
        )
    return Network(file, described(usual, file.pipeline), session)


def provider_of(device: str, there: list[str]) -> tuple[str, dict[str, str]]:
    """What ONNX Runtime calls a device, and its options; never another one than was asked for."""
    kind, _, number = device.partition(":")
    provider = PROVIDERS.get(kind, kind)
    if provider not in there:
        known = [name for name, each in PROVIDERS.items() if each in there]
        raise SettingsError(
            f'ONNX Runtime as installed here has no device "{device}"; choose among '
            f"{', '.join(known)}, or install the build of it that has."
        )
    return provider, {"device_id": number} if number else {}


def _runtime() -> Any:
    try:
        import onnxruntime
    except ImportError as problem:
        raise SettingsError(
            "This detector needs ONNX Runtime, which is not installed; get it by "
            "pip install 'crosslift[onnxruntime]'."
        ) from problem
    return onnxruntime
