"""How a joint is made of others, and how recipes are read from lines of text."""

from fractions import Fraction
from typing import NamedTuple

Sum = dict[str, float]
"""The weight of each joint, or of the midpoint of one of the `PAIRS`."""

PAIRS = {
    name: (f"left_{name[:-1]}", f"right_{name[:-1]}")
    for name in ("hips", "shoulders", "eyes", "ears")
}


class Recipe(NamedTuple):
    """How a joint is made of others."""

    words: str
    x: Sum
    y: Sum | None = None
    """Along a picture's y axis, where that differs; such a recipe means nothing in 3D."""


Recipes = dict[str, list[Recipe]]
"""The recipes of each joint, the best one first."""


def read_recipes(table: str) -> Recipes:
    """Recipes from lines of `joint = sum: words`, or `joint = sum along x | sum along y: words`."""
    read: Recipes = {}
    for line in filter(None, map(str.strip, table.splitlines())):
        joint, _, rest = line.partition(" = ")
        sums, _, words = rest.partition(": ")
        x, _, y = sums.partition(" | ")
        recipe = Recipe(words.strip() or f"{x} in its place", _sum(x), _sum(y) if y else None)
        read.setdefault(joint, []).append(recipe)
    return read


def _sum(text: str) -> Sum:
    """The weights of a sum such as "2/3 shoulders + 1/3 nose"."""
    terms = [term.split() for term in text.replace(" - ", " + -").split(" + ")]
    return {term[-1]: float(Fraction(term[0])) if term[1:] else 1.0 for term in terms}
