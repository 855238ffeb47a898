"""Parts of a long recording's poses, kept in a hidden folder until the whole is written.

A run that is stopped goes on with them. The folder's name has the hash of all that the poses
follow from, so that parts of other keypoints or of another lifter are never taken.
"""

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, UInt8
from safetensors.numpy import save_file
from torch import Generator, Tensor

from .clip import Clip
from .data.record import as_json, taken_apart
from .data.safetensors_map import map_file
from .errors import DataError
from .files import whole

PREFIX = ".parts-"
"""What the names of the hidden folders begin with."""


class Part(NamedTuple):
    """Some frames' poses."""

    poses: Float[Tensor, "hypotheses frames joints 3"]
    drawn: UInt8[Tensor, " state"]
    """The state of the random numbers afterwards, with which the next part begins."""


@dataclass(frozen=True)
class Keeping:
    """Where parts are kept, and what besides the keypoints their poses follow from."""

    folder: Path
    words: tuple[str, ...]
    """Such as the hash of the lifter and the precision."""

    def of(self, clip: Clip, rng: Generator, frames: Iterable[int]) -> "KeptParts":
        """The parts of one clip that begin at these frames."""
        drawn = hashlib.sha256(rng.get_state().numpy().tobytes()).hexdigest()
        digest = fingerprint(clip, (*self.words, repr(tuple(frames)), drawn))
        return KeptParts(self.folder / f"{PREFIX}{digest}")


@dataclass(frozen=True)
class KeptParts:
    """The parts of one recording that are there, by their numbers."""

    folder: Path

    def read(self, number: int) -> Part | None:
        """A part that an earlier run made; None if it did not come so far."""
        path = self.path(number)
        if not path.exists():
            return None
        try:
            arrays = map_file(path).arrays
            poses, drawn = (torch.from_numpy(np.array(arrays[key])) for key in Part._fields)
        except (DataError, KeyError):
            return None  # a file that somebody else damaged is made anew
        return Part(poses, drawn)

    def write(self, number: int, part: Part) -> None:
        """Keep a part, whole or not at all."""
        arrays = {key: value.cpu().contiguous().numpy() for key, value in part._asdict().items()}
        with whole(self.path(number)) as draft:
            save_file(arrays, draft)

    def path(self, number: int) -> Path:
        """The file of a part."""
        return self.folder / f"{number:06d}.safetensors"


def clear_parts(folder: Path) -> None:
    """Remove all parts that were kept beside results, once these are written."""
    for hidden in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(hidden, ignore_errors=True)


def fingerprint(clip: Clip, words: Iterable[str]) -> str:
    """The hash of a clip with all that is said and measured in it, and of some words besides."""
    arrays, said = taken_apart(clip)
    digest = hashlib.sha256("\n".join([as_json(said), *words]).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name}{array.shape}{array.dtype}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:16]
