"""How far joints usually are from each other: what motion capture of adults shows."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from ..skeleton import other_side
from .vocabulary import VOCABULARY, Spots

REFERENCE = {
    2: (
        "-64 9 21 39 -71 -46 6 -204 -25 37 26 32 -55 -33 -4 -56 -100 -55 -61 25 67 -24 -15 -172 "
        "-92 -7 -37 -131 10 60 92 -138 -118 -130 2 -22 -106 21 67 97 -227 -159 21 2 -63 40 79 106 "
        "-148 -179 -38 -105 -31 -18 2 -90 -53 8 11 58 58 6 8 11 16 -47 -57 -23 -54 -37 27 30 68 "
        "69 -17 -13 -12 -4 -68 4 10 57 59 90 91 -98 -86 -94 -69 -146 -26 -22 36 38 26 27 32 33 "
        "-99 -29 -16 70 70 74 74 -61 100 100 102 103 -223 -185 -158 -154 ",
        "9 8 8 8 59 33 10 43 17 16 9 8 9 11 9 39 51 18 12 13 13 12 10 31 14 23 22 45 8 10 10 27 "
        "19 16 27 23 39 9 10 10 36 30 29 22 21 8 9 9 24 31 46 24 41 23 28 67 54 30 33 23 24 29 28 "
        "29 27 47 17 31 32 36 18 20 15 16 25 25 23 22 47 9 13 11 12 11 11 33 37 20 32 44 16 19 16 "
        "17 9 9 8 9 46 21 30 10 10 10 10 52 10 10 10 10 44 39 42 45 ",
    ),
    3: (
        "-69 3 15 32 -50 -37 3 -184 -23 38 20 25 -63 -39 -11 -42 -73 -52 -64 23 66 -29 -22 -172 "
        "-101 -5 -32 -102 4 56 90 -136 -122 -140 3 -19 -85 16 62 95 -237 -153 19 0 -59 33 74 103 "
        "-152 -174 -9 -102 -5 -20 12 -74 -30 11 17 59 60 4 9 8 18 -15 -60 -5 -51 -23 26 32 68 70 "
        "-17 -10 -15 -1 -34 -1 9 54 57 88 89 -85 -67 -94 -53 -115 -25 -18 38 40 20 21 25 27 -72 "
        "-23 -3 65 65 69 70 -35 97 97 99 100 -212 -176 -138 -126 ",
        "4 4 5 4 40 23 4 11 6 8 5 4 5 6 5 25 28 5 4 5 7 6 5 12 6 12 7 9 4 6 6 8 6 5 17 11 9 5 7 6 "
        "4 5 20 12 6 4 7 6 5 4 21 5 15 12 8 53 31 24 23 17 18 20 18 20 16 17 5 7 27 19 12 12 10 "
        "10 14 12 13 9 5 5 4 6 5 6 6 11 9 8 6 11 5 7 9 8 5 5 4 4 27 4 16 8 7 7 6 39 6 6 6 6 4 5 4 "
        "4 ",
    ),
}
"""Means and deviations in hundredths, for `classes()`, in 2D and in 3D.

Made from the CMU recordings of the motion corpus by `benchmarks/bench_joint_order.py --fit`.
"""

LOOSE, PEOPLE = 0.2, 0.1
"""Deviations added for joints near one of the vocabulary, and for bodies unlike those measured."""
CLOSE = (-1.9, 0.6)
"""Mean and deviation of the distance between two joints that are near the same one."""


class Expected(NamedTuple):
    """What distances between joints usually are."""

    mean: Float[Array, "joints joints"]
    """Logarithm of the root mean square over frames, but for a constant that all share."""
    deviation: Float[Array, "joints joints"]
    """Its standard deviation over people, movements and views."""


@cache
def reference(axes: int) -> Expected:
    """What the distances between the vocabulary's joints usually are, in 2D or 3D."""
    tables = [np.zeros((len(VOCABULARY), len(VOCABULARY))) for _ in range(2)]
    for table, text in zip(tables, REFERENCE[axes], strict=True):
        for (one, other), value in zip(classes(), text.split(), strict=True):
            for here, there in ((one, other), (other_side(one), other_side(other))):
                i, j = VOCABULARY.index(here), VOCABULARY.index(there)
                table[i, j] = table[j, i] = int(value) / 100
    return Expected(*tables)


def classes() -> Iterator[tuple[str, str]]:
    """One pair of the vocabulary's joints out of every two that mirror each other."""
    half = [joint for joint in VOCABULARY if not joint.startswith("right_")]
    for i, one in enumerate(half):
        for other in half[i:]:
            if other != one:
                yield one, other
            if one.startswith("left_"):
                yield one, other_side(other)


def expected(spots: Spots, axes: int) -> Expected:
    """What the distances between a skeleton's joints usually are."""
    mean, deviation = (table[np.ix_(spots.places, spots.places)] for table in reference(axes))
    loose = np.where(spots.exact, 0.0, LOOSE)
    deviation = np.sqrt(deviation**2 + loose[:, None] ** 2 + loose**2 + PEOPLE**2)
    same = np.equal.outer(spots.places, spots.places)
    return Expected(np.where(same, CLOSE[0], mean), np.where(same, CLOSE[1], deviation))
