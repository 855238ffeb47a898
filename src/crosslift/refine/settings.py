"""How long poses are refined, and how far each thing that is known of them is trusted."""

import math
from dataclasses import dataclass, field

from ..errors import SettingsError


@dataclass(frozen=True)
class Trust:
    """How far a pose may be from what is known of it; tuned on synthetic people, see the docs."""

    surest: float = 0.006
    """Metres, at the person's distance, by which a keypoint with the score 1 is usually off."""
    doubt: float = 0.05
    """Metres by which it is off besides where the score is e times less."""
    trembling: float = 1.5
    """How many times as much as a keypoint trembles from frame to frame it is off at least."""
    outlier: float = 3.0
    """How many times as far off as usual a keypoint soon counts for nothing."""
    bones: float = 0.01
    """Metres by which a bone's length may differ from frame to frame."""
    proportions: float = 0.1
    """Logarithm by which a bone may differ from what was told of it; counted in every frame."""
    directions: float = 0.15
    """By how much of its length the end of a bone may be beside where the lifter points it."""
    acceleration: float = 4.4
    """Metres a second squared by which joints usually accelerate."""
    leap: float = 2.0
    """How many times as much a joint may accelerate before it counts as a leap and is let be."""
    limits: float = 0.2
    """Radians by which a joint may bend further than people do."""

    def __post_init__(self) -> None:
        """Refuse what no number can be divided by."""
        for name, value in vars(self).items():
            if not 0 < value < math.inf and not (name in ("doubt", "trembling") and value == 0):
                raise SettingsError(
                    f"Poses are refined within numbers above 0, but trust.{name} is {value:g}; "
                    "give a large one for what should hardly count."
                )


@dataclass(frozen=True)
class Refining:
    """How long a recording's poses are refined."""

    seconds: float = 20.0
    """Of the clock, after which refining ends wherever it is; what it came to is used."""
    rounds: int = 3
    """How often: before each but the first, the lifter is asked about the image of the poses."""
    steps: int = 100
    """Of each round; with time enough for all, the same poses come out each time."""
    rate: float = 0.02
    """Metres by which a first step moves a joint at most; the last ones move it next to nothing."""
    trust: Trust = field(default_factory=Trust)

    def __post_init__(self) -> None:
        """Refuse to refine for no time."""
        for name, value in vars(self).items():
            if name != "trust" and not value > 0:
                raise SettingsError(
                    f"Refining takes numbers above 0, but {name} is {value:g}; give more, or leave "
                    "refining out."
                )
