"""Bring a published checkpoint into a lifter's folder, safely."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import tyro

from ..adapter_file import SUFFIX, save_adapter
from ..lifter_folder import save_lifter
from ..lifter_import import Importing, import_lifter
from ..transfer_import import Transfer, import_transfer
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

    The network and its sizes are read off the weights' names and shapes. Of PoSynDA's transfer
    network, a lifter is made and, beside its folder, a file of what was added to it.

    Args:
        file: A file that PyTorch saved, or safetensors.
        output: The new folder.
        as_name: The network that the file should hold, such as videopose, mixste, semgcn.
    """
    transfer = import_transfer(file, importing) if as_name is None else None
    if transfer is not None:
        return split(transfer, file, output)
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


def split(transfer: Transfer, file: Path, output: Path) -> Outcome:
    """Write the lifter, and beside its folder what was added to it."""
    told = {"command": command_line()}
    about = replace(transfer.about, made={**transfer.about.made, **told})
    save_lifter(transfer.lifter, about, output)
    parts = {"adapter": transfer.adapter, "refinement": transfer.refinement}
    made = {"lifter": output}
    for part, each in parts.items():
        if each is not None:
            made[part] = output.with_name(f"{output.name}.{part}{SUFFIX}")
            save_adapter(replace(each, made={**each.made, **told}), made[part])
    options = " ".join(f"--adapter {path}" for part, path in made.items() if part != "lifter")
    words = (
        f"{file.name} holds a {about.name} for the skeleton {about.skeleton.name} and "
        f"{transfer.adapter.numbers:,} numbers that were added to it.",
        *transfer.notes,
        "Made:",
        *(f"  {path}" for path in made.values()),
        f"Lift with it: crosslift lift FILE -o FOLDER --lifter {output} {options}",
    )
    data = {part: str(path) for part, path in made.items()}
    return Outcome(words, data | {"kind": about.name, "notes": list(transfer.notes)})
