"""What all commands share: the options that each one takes and the form of what it returns."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import torch
import tyro
from rich.console import RenderableType

from ..errors import SettingsError
from ..registry import Part

PRECISIONS = {"float32": torch.float32, "float64": torch.float64}
HALVES = {"bfloat16": torch.bfloat16, "float16": torch.float16, "int8": torch.int8}
"""Precisions of networks' products; all else is computed in float32 then."""


@dataclass(frozen=True)
class Common:
    """Options that every command takes."""

    device: str = "cpu"
    """Where to compute: cpu, cuda, cuda:1, mps."""
    threads: int | None = None
    """Threads of the processor to use; all cores unless given."""
    precision: Literal["float32", "float64", "bfloat16", "float16", "int8"] = "float32"
    """Of the numbers that are computed with; bfloat16 and float16 are for the products inside of
    networks alone, and faster where the processor has them; int8, products of integers, is for
    MixSTE and D3DP."""
    seed: int = 0
    """The same seed gives the same result."""
    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print the result as JSON instead of words."""
    quiet: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print nothing but errors."""

    def prepare(self) -> None:
        """Set up the process as asked."""
        if self.threads is not None:
            if self.threads < 1:
                raise SettingsError(
                    f"--threads takes a number from 1 upwards, but {self.threads} was given; "
                    "leave it out to use all cores."
                )
            torch.set_num_threads(self.threads)
        check_device(self.device)

    @property
    def dtype(self) -> torch.dtype:
        """The precision as PyTorch names it."""
        return PRECISIONS.get(self.precision, torch.float32)

    @property
    def products(self) -> torch.dtype:
        """The precision of the products inside of networks."""
        return HALVES.get(self.precision, self.dtype)

    def rng(self) -> torch.Generator:
        """A generator of random numbers that starts at the seed."""
        return torch.Generator().manual_seed(self.seed)


Options = Annotated[Common, tyro.conf.OmitArgPrefixes]


@dataclass(frozen=True)
class Outcome:
    """What a command has to say, in words and as plain data."""

    words: tuple[RenderableType, ...]
    """Shown one below the other."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The same as JSON."""
    code: int = 0
    """The exit code of the process."""


def taken_out(words: Sequence[str], *options: str) -> tuple[dict[str, str], list[str]]:
    """The values of some options, and the other words in their order."""
    found: dict[str, str] = {}
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        option, equals, value = word.partition("=")
        if option not in options:
            rest.append(word)
            continue
        given = value if equals else next(waiting, None)
        if given is None:
            raise SettingsError(f"{option} takes a value, but none follows; give one.")
        found[option] = given
    return found, rest


def choices(known: Mapping[str, Part]) -> str:
    """What parts do, in a line of a command's help."""
    return "; ".join(f"{name}: {part.help.removesuffix('.')}" for name, part in known.items())


def command_line() -> str:
    """The words of this process, without the path of the program."""
    return " ".join(["crosslift", *sys.argv[1:]])


def check_device(name: str) -> None:
    """Refuse a device that this machine does not have, naming those that it has."""
    there = devices()
    if name not in there:
        raise SettingsError(
            f'This machine has no device "{name}"; choose among {", ".join(there)}.'
        )


def devices() -> list[str]:
    """The devices on which this machine can compute."""
    cuda = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return ["cpu", *(["cuda", *cuda] if cuda else []), *mps]
