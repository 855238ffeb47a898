"""Where each joint of one skeleton comes from in another, by the rule that is chosen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..skeleton import Skeleton
from .recipes import PAIRS, Recipe, Recipes, Sum
from .tables import BY_NAME, H36M, NECK, NECK_IS_MID_SHOULDERS, PUBLISHED, RULES

Kind = Literal["copied", "synthesised", "missing"]


@dataclass(frozen=True)
class Derivation:
    """Where one joint of the target comes from."""

    joint: str
    kind: Kind
    words: str
    weights: tuple[tuple[str, float, float], ...] = ()
    """Each source joint with its weight along x and y; along z it is that of x."""

    @property
    def terms(self) -> str:
        """The weights in words, such as "0.5 left_hip + 0.5 right_hip"."""
        along = [
            " + ".join(
                joint if weight == 1 else f"{weight:.3g} {joint}"
                for joint, *weights in self.weights
                if (weight := weights[axis])
            ).replace("+ -", "- ")
            for axis in (0, 1)
        ]
        return along[0] if along[0] == along[1] else f"x: {along[0]}; y: {along[1]}"


def rules(source: Skeleton, target: Skeleton) -> tuple[str, ...]:
    """The rules by which one skeleton can be mapped to another, the default first."""
    named = ["names"]
    if target.name in H36M:
        if source.name in PUBLISHED:
            named.insert(0, "published")
        for rule, table in RULES.items():
            if all(_resolved(way.x, source, table) for ways in table.values() for way in ways):
                named.append(rule)
        if source.name in ("coco17", "coco_wholebody_body"):
            named.sort(key=lambda rule: rule != "anatomical")
    return tuple(named)


def derive(source: Skeleton, target: Skeleton, rule: str) -> tuple[Derivation, ...]:
    """Where each joint of the target comes from by one of the `rules`, in the target's order."""
    first = _recipes_before_names(source, target, rule)
    return tuple(_derivation(joint, source, first) for joint in target.joints)


def _recipes_before_names(source: Skeleton, target: Skeleton, rule: str) -> Recipes:
    if rule == "published":
        return PUBLISHED[source.name]
    if target.name in NECK_IS_MID_SHOULDERS and source.name not in NECK_IS_MID_SHOULDERS:
        return NECK
    return RULES.get(rule, {})


def _derivation(joint: str, source: Skeleton, first: Recipes) -> Derivation:
    """Where a joint comes from: by the rule, by its name, or made of others."""
    for recipe in _ways(joint, source, first):
        along_x = _resolved(recipe.x, source, first)
        along_y = along_x if recipe.y is None else _resolved(recipe.y, source, first)
        if along_x is None or along_y is None:
            continue
        used = [name for name in source.joints if name in along_x or name in along_y]
        weights = tuple((name, along_x.get(name, 0.0), along_y.get(name, 0.0)) for name in used)
        if [(x, y) for _, x, y in weights] == [(1, 1)]:
            return Derivation(joint, "copied", recipe.words, weights)
        return Derivation(joint, "synthesised", recipe.words, weights)
    return Derivation(joint, "missing", "no joint to make it of")


def _ways(joint: str, source: Skeleton, first: Recipes) -> Iterator[Recipe]:
    """The recipes of a joint in the order in which they are tried."""
    yield from first.get(joint, [])
    if joint in source:
        yield Recipe("", {joint: 1.0})
    yield from BY_NAME.get(joint, [])


def _resolved(
    weights: Sum, source: Skeleton, first: Recipes, above: tuple[str, ...] = ()
) -> Sum | None:
    """A sum in terms of the source's own joints; None where it cannot be had.

    Pelvis and thorax may themselves be made of others; whatever else the sum names has to be there.
    """
    total: Sum = {}
    for name, weight in weights.items():
        if name in PAIRS:
            parts = dict.fromkeys(PAIRS[name], 0.5)
        else:
            parts = _part(name, source, first, above)
        if parts is None or any(joint not in source for joint in parts):
            return None
        for joint, share in parts.items():
            total[joint] = total.get(joint, 0.0) + weight * share
    return total


def _part(name: str, source: Skeleton, first: Recipes, above: tuple[str, ...]) -> Sum | None:
    """A joint inside a sum, in terms of the source's own joints."""
    if name in source:
        return {name: 1.0}
    if name not in ("pelvis", "thorax") or name in above:
        return None
    for recipe in _ways(name, source, first):
        if found := _resolved(recipe.x, source, first, (*above, name)):
            return found
    return None
