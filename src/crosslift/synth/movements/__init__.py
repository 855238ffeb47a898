"""The movements; importing the folder registers every kind in it."""

from . import arms, dance, floor, gait, jumps, knees, legs, medley

__all__ = ["arms", "dance", "floor", "gait", "jumps", "knees", "legs", "medley"]
