"""A trained generator of bodies, and the one file in which it is kept.

    generator.safetensors   the weights under the publication's names; in the header the format,
                            its version, and the settings as JSON

Nothing in it can run code. It is loaded strictly: the weights must all be there and no others.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Generator, Tensor

from ..errors import CheckpointError, CrossliftError, SettingsError
from ..files import whole
from ..networks.angle_generator import AngleGenerator, AngleGeneratorSettings
from ..settings import as_data, from_data
from .dh_body import Made, Meaning, meant
from .pace import Pace

FORMAT, VERSION = "crosslift generator", 1
NAME = "generator.safetensors"
"""How a training calls its generator's file."""


@runtime_checkable
class Maker(Protocol):
    """Makes bodies of which only the lengths are missing."""

    @property
    def meaning(self) -> Meaning:
        """How angles are understood."""
        ...

    def made(self, clips: int, frames: int, rng: Generator) -> Made:
        """So many clips of so many frames."""
        ...


@dataclass(frozen=True, eq=False)
class BodyGenerator:
    """A network, and what its numbers mean."""

    network: AngleGenerator
    meaning: Meaning = Meaning()  # noqa: RUF009  frozen
    fps: float | None = None
    """Frames a second of the motion that it makes; none where it makes single poses."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """How it was made; plain data."""
    pace: Pace | None = None
    """What still finds the quickness; that of `meaning` unless given."""

    @property
    def now(self) -> Meaning:
        """What its numbers mean at present."""
        if self.pace is None:
            return self.meaning
        return replace(self.meaning, quickness=float(self.pace.quickness))

    @property
    def frames(self) -> int:
        """Of a clip that it makes at once."""
        return self.network.settings.frames

    def made(self, clips: int, frames: int, rng: Generator) -> Made:
        """So many clips, of which the middle frames are taken where fewer are asked for."""
        check_frames(self.frames, frames)
        first = (self.frames - frames) // 2
        numbers = self.network(self.network.noise(clips, rng))
        whole = meant(numbers.float(), self.now)  # waves and pace are those of the whole clip
        return Made(*(each[:, first : first + frames] for each in whole))


def check_frames(there: int, asked: int) -> None:
    """Refuse to make longer motion than the generator knows."""
    if asked > there:
        what = "single poses" if there == 1 else f"motion of {there} frames"
        raise SettingsError(
            f"This generator makes {what}, but windows of {asked} frames were asked for; train one "
            f"for {asked} frames, or take it for lifters that see as few."
        )


def save_generator(generator: BodyGenerator, path: Path) -> None:
    """Write a generator as one file, whole or not at all."""
    words = {
        "network": as_data(generator.network.settings),
        "meaning": as_data(generator.now),
        "fps": generator.fps,
        "made": as_data(generator.about),
    }
    weights = {
        name: each.detach().cpu().contiguous()
        for name, each in generator.network.state_dict().items()
    }
    header = {"format": FORMAT, "version": str(VERSION), "settings": json.dumps(words)}
    with whole(path) as draft:
        save_file(weights, draft, header)


class _File(NamedTuple):
    """What a file holds."""

    header: dict[str, str]
    weights: dict[str, Tensor]


def load_generator(path: Path) -> BodyGenerator:
    """The generator in a file, ready to make bodies."""
    file = _read(path)
    try:
        words = json.loads(file.header["settings"])
        settings = from_data(AngleGeneratorSettings, words["network"])
        meaning = from_data(Meaning, words["meaning"])
        fps = None if words["fps"] is None else float(words["fps"])
        with torch.random.fork_rng():
            network = AngleGenerator(settings)
        network.load_state_dict(file.weights)
        about = dict(words["made"])
    except (KeyError, TypeError, ValueError, RuntimeError, CrossliftError) as problem:
        line = str(problem).partition("\n")[0]
        raise CheckpointError(
            f'"{path}" does not describe a generator that this crosslift knows ({line}); train '
            "it anew."
        ) from problem
    check_numbers(network, path)
    return BodyGenerator(network.eval().requires_grad_(False), meaning, fps, about)


def _read(path: Path) -> _File:
    try:
        with safe_open(path, "pt") as file:
            header = dict(file.metadata() or {})
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as problem:
        raise CheckpointError(
            f'"{path}" should be the file of a generator, but {problem}; make one with crosslift '
            "train dh_aug."
        ) from problem
    if header.get("format") != FORMAT:
        raise CheckpointError(
            f'"{path}" should be the file of a generator, but holds something else; make one with '
            "crosslift train dh_aug."
        )
    if header.get("version") != str(VERSION):
        raise CheckpointError(
            f'"{path}" has version {header.get("version")}, but this crosslift reads version '
            f"{VERSION}; update crosslift."
        )
    return _File(header, weights)


def check_numbers(network: AngleGenerator, path: Path) -> None:
    """Refuse weights that are no numbers."""
    if not all(bool(each.isfinite().all()) for each in network.parameters()):
        raise CheckpointError(
            f'The weights in "{path}" should be numbers, but some are not; train the generator '
            "anew with lower rates."
        )
