"""Two worlds of synthetic people that share nothing: one to train on, one to be surprised by.

Nothing that ships with the library is trained on the kinds, the bodies, the cameras or the seeds
of `TARGET`.
"""

from dataclasses import dataclass

from ..errors import SettingsError, unknown_name
from .bodies import Bodies


@dataclass(frozen=True)
class Preset:
    """Who moves how, and seen by whom."""

    name: str
    kinds: tuple[str, ...]
    bodies: Bodies
    rigs: tuple[str, ...]
    stream: int
    """Of two streams of seeds, 0 the even and 1 the odd ones."""


SOURCE = Preset(
    name="source",
    kinds=(
        "walk",
        "run",
        "turn",
        "side_step",
        "sit",
        "squat",
        "pick_up",
        "jump",
        "reach",
        "wave",
        "punch",
        "stretch",
        "crawl",
        "lie_down",
        "dance",
        "medley",
    ),
    bodies=Bodies(arms=(0.7, 1.03)),
    rigs=("ring", "high", "low", "near", "far", "moving"),
    stream=0,
)
TARGET = Preset(
    name="target",
    kinds=("lunge", "throw", "kick"),
    bodies=Bodies(arms=(1.06, 1.4)),
    rigs=("off_centre", "overhead"),
    stream=1,
)
PRESETS = {preset.name: preset for preset in (SOURCE, TARGET)}


def preset_named(name: str) -> Preset:
    """The preset that is called `name`."""
    if name not in PRESETS:
        raise SettingsError(unknown_name("preset called", name, PRESETS))
    return PRESETS[name]


def child_seed(base: int, number: int, stream: int) -> int:
    """The seed of one recording: another for each number, and of its preset's stream.

    Recordings that are made in any order or by several processes are the same.
    """
    mixed = (base * 0x9E3779B97F4A7C15 + number * 0xBF58476D1CE4E5B9) & (2**62 - 1)
    mixed ^= mixed >> 31
    return 2 * ((mixed * 0x94D049BB133111EB) & (2**61 - 1)) + stream
