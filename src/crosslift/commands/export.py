"""Write a lifter as an ONNX file that is checked against the original."""

from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.console import Console

from ..clip import Clip
from ..data.store import Store
from ..deploy.export import Exported, export_onnx
from ..errors import DataError, SettingsError
from ..find_lifter import find_lifter
from ..mapping import mapped
from ..skeleton import Skeleton
from .common import Common, Options, Outcome

MOST = 100
"""Clips of the validation that are looked at, evenly spread."""


def export(
    lifter: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="LIFTER")],
    *,
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    adapter: tuple[Path, ...] = (),
    int8: tyro.conf.FlagCreatePairsOff[bool] = False,
    validation: tuple[Path, ...] = (),
    common: Options = Common(),
) -> Outcome:
    """Write a lifter as an ONNX file, if ONNX Runtime gives the same poses with it.

    The file holds all that is needed to lift with it, and --device is where that is tried out.

    Args:
        lifter: A lifter's folder, or the name of one that ships with the package.
        output: The file to write, such as lifter.onnx.
        adapter: Files of what was added to the lifter by crosslift adapt or import.
        int8: Store the weights in eight bits, in a quarter of the space, and say what it costs.
        validation: Stores of clips on which that is measured; made-up people unless given.
    """
    if validation and not int8:
        raise SettingsError(
            "--validation is for measuring what --int8 costs, but --int8 was not given; add it, or "
            "leave both out."
        )
    original = find_lifter(lifter, "cpu", common.dtype, fast=False, adapters=adapter)
    clips = validation_clips(validation, original.about.skeleton)
    console = Console(stderr=True, quiet=common.quiet or common.json)
    with console.status("Exporting, and comparing with the original"):
        found = export_onnx(
            original.lifter, original.about, output, common.rng(), int8=int8, validation=clips,
            provider=common.device,
        )  # fmt: skip
    return Outcome(said(found), data_of(found))


def validation_clips(paths: tuple[Path, ...], skeleton: Skeleton) -> list[Clip]:
    """Clips of stores in the lifter's skeleton, evenly spread over all that there are."""
    if not paths:
        return []
    store = Store.joined([Store.open(path) for path in paths])
    step = max(1, -(-len(store) // MOST))
    found = [store[number] for number in range(0, len(store), step)]
    clips = [mapped(each, skeleton) for each in found if isinstance(each, Clip) and len(each)]
    if not clips:
        raise DataError(
            "The validation should hold clips with keypoints, but its stores hold none; name "
            "others, see crosslift info STORE."
        )
    return clips


def said(found: Exported) -> tuple[str, ...]:
    """What became of it, in words."""
    takes = "sequences of any length" if found.any_length else "windows of the trained length"
    off = found.agreement
    words = [
        f"{found.path} ({found.bytes / 1e6:.1f} MB) holds the lifter; its network takes batches of "
        f"any size and {takes}.",
        f"ONNX Runtime gives the original's poses to {1000 * off.largest:.2g} mm on "
        f"{off.frames:,} frames{' before the weights are rounded' if found.int8 else ''}.",
    ]
    return (*words, found.int8.sentence()) if found.int8 else tuple(words)


def data_of(found: Exported) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "file": str(found.path),
        "bytes": found.bytes,
        "any_length": found.any_length,
        "agreement": found.agreement.data(),
        "int8": found.int8.data() if found.int8 else None,
    }
