"""Where up is and where the floor is, from lifted poses alone; and clips that stand on it."""

from .estimate import estimated_ground
from .feet import Feet, feet_of, stands
from .floor import Ground, given_ground, is_placed, standing

__all__ = [
    "Feet",
    "Ground",
    "estimated_ground",
    "feet_of",
    "given_ground",
    "is_placed",
    "standing",
    "stands",
]
