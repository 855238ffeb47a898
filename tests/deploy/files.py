"""Small lifters and the ONNX files made of them, which the tests of a run share."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import torch

from crosslift import registry
from crosslift.deploy import export_onnx
from crosslift.deploy.export import Exported
from crosslift.lifter_folder import About
from crosslift.lifters.direct import Direct
from crosslift.skeletons import H36M_17

from ..lifters.small import draws, small_settings

NETWORKS = [
    name
    for name in sorted(registry.parts("lifter"))
    if isinstance(small_settings(name).build(H36M_17), Direct) and not draws(name)
]
"""The registered lifters that are one pass of a network."""


class Made(NamedTuple):
    """A lifter, what is said of it, and its file."""

    lifter: Direct
    about: About
    found: Exported

    @property
    def path(self) -> Path:
        return self.found.path


def built(name: str, skeleton=H36M_17, **more: object) -> tuple[Direct, About]:
    """A small lifter with random weights."""
    torch.manual_seed(0)
    settings = small_settings(name, **more)
    lifter = settings.build(skeleton)
    lifter.network.eval()
    return lifter, About(name, settings, skeleton, {"seed": 0})


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@cache
def _folder() -> TemporaryDirectory:
    return TemporaryDirectory()  # gone when the process ends


@cache
def made(name: str) -> Made:
    """The file of a registered lifter in its small form."""
    lifter, about = built(name)
    path = Path(_folder().name) / f"{name}.onnx"
    return Made(lifter, about, export_onnx(lifter, about, path, generator()))
