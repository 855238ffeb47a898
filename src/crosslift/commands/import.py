"""Bring a published checkpoint into a lifter's folder, safely."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import tyro

from ..lifter_folder import save_lifter
from ..lifter_import import Importing, import_lifter
from .common import Common, Options, Outcome, command_line


def choose(words: list[str]) -> tuple[Callable[..., Outcome], list[str]]:
    """The one function there is; the module's name is a word of Python's own."""
    return imported, words


def imported(
    file: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FILE")],
    *,
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    as_name: Annotated[str | None, tyro.conf.arg(name="as")] = None,
    importing: Annotated[Importing, tyro.conf.OmitArgPrefixes] = Importing(),  # noqa: B008  frozen
    common: Options = Common(),
) -> Outcome:
    """Make a lifter's folder of a PyTorch checkpoint; nothing in the file is ever run.

    The network and its sizes are read off the weights' names and shapes.

    Args:
        file: A file that PyTorch saved, or safetensors.
        output: The new folder.
        as_name: The network that the file should hold, such as videopose, mixste, semgcn.
    """
    lifter, about, notes = import_lifter(file, as_name, importing)
    made = {**about.made, "command": command_line()}
    save_lifter(lifter, type(about)(about.name, about.settings, about.skeleton, made), output)
    numbers = sum(each.numel() for each in lifter.network.parameters())
    words = (
        f"{file.name} holds {about.made['architecture']} with {numbers:,} parameters for the "
        f"skeleton {about.skeleton.name}, {lifter.frames} frames in a window.",
        *notes,
        f"The lifter is in {output}.",
    )
    data = {"lifter": str(output), "kind": about.name, "parameters": numbers, "notes": list(notes)}
    return Outcome(words, data | {"skeleton": about.skeleton.name, "frames": lifter.frames})
