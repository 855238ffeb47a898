"""Inference forms translated into machine code of their own by PyTorch's compiler."""

import os
from collections.abc import Callable
from shutil import which

import torch
from torch import nn

from ...errors import SettingsError
from .packed import Packed

OPTIONS: dict[str, str | int | bool | Callable[..., object]] = {"freezing": True}
"""Weights are constants, laid out when the code is made."""
COMPILERS = ("g++", "clang++", "c++", "cl")
OF_BLOCK = "of_block"
"""What computes one block of poses; a loop over blocks is not for the compiler, who unrolls it."""
STEPS = ("embed", "mix", "centre")
"""What networks that go along a clip call besides themselves."""


def compiled(form: nn.Module) -> nn.Module:
    """The same form, which is translated when it is first called; that takes a minute or so.

    Passes between the products become one, and the compiler lays out weights for itself, fixed in
    the code. The code is for the shapes of the first call; the next other shape is translated into
    code for any.
    """
    check_compiler()
    modules = list(form.modules())
    for layer in modules:
        if isinstance(layer, Packed):
            layer.unpack()
    in_blocks = [each for each in modules if hasattr(each, OF_BLOCK)]
    for each in in_blocks:
        translate(each, OF_BLOCK)
    if not in_blocks:
        for step in STEPS:
            if hasattr(form, step):
                translate(form, step)
        form.compile(options=OPTIONS)
    return form


def translate(module: nn.Module, method: str) -> None:
    """Have a method of a module compiled."""
    setattr(module, method, torch.compile(getattr(module, method), options=OPTIONS))


def check_compiler() -> None:
    """Refuse where there is nothing that makes machine code."""
    named = os.environ.get("CXX")
    if not any(which(each) for each in ((named,) if named else COMPILERS)):
        found = f'"{named}", which CXX names, is not there' if named else "none was found"
        raise SettingsError(
            f"The compiled form needs a C++ compiler, but {found}; install g++ or clang, or leave "
            "--compiled out."
        )
