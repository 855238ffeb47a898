"""Our own file for one recording: safetensors with units, axes, skeleton, provenance, licence."""

import json
from pathlib import Path

from safetensors.numpy import save_file

from ..errors import DataError
from ..files import whole
from .record import UNITS, Record, Recording, as_json, put_together, taken_apart
from .safetensors_map import map_file

SUFFIX = ".clip.safetensors"


def write_clip(path: Path, recording: Recording) -> None:
    """Write one recording, whole or not at all."""
    arrays, words = taken_apart(recording)
    with whole(path) as draft:
        save_file(arrays, draft, {"crosslift": as_json(words | {"units": UNITS})})


def read_clip(path: Path) -> Recording:
    """The recording in a file that `write_clip` wrote."""
    arrays, metadata = map_file(path)
    if "crosslift" not in metadata:
        raise DataError(
            f'"{path}" is a safetensors file, but none of a crosslift recording; name a file that '
            f"ends in {SUFFIX}."
        )
    try:
        words = json.loads(metadata["crosslift"])
        return put_together(Record(arrays, words))
    except (DataError, ValueError) as problem:
        raise DataError(f'"{path}" could not be read: {problem}') from problem
