"""What the grid of `benchmarks.guided` says: the publication's table, and what is missing."""

from collections.abc import Mapping, Sequence
from math import nan
from statistics import mean, stdev
from typing import Any, NamedTuple

from benchmarks.guided_data import LIFTERS

WAYS = ("soft", "quarter")
Line = Mapping[str, Any]


class Row(NamedTuple):
    """A method over its seeds."""

    method: str
    pixels: float
    pdj: float
    pckh: float
    behind: Mapping[str, float]
    """MPJPE by lifter, in millimetres."""
    aligned: float
    """P-MPJPE, mean over the lifters."""
    spread: float
    """Of the mean MPJPE over seeds; NaN of one."""
    seeds: int
    less: Mapping[str, float]
    """By how much MPJPE is lower than after plain training, in per cent, seed by seed."""
    worse: float
    """By how much the error in the picture is higher than after plain training, in per cent."""


def figures(line: Line) -> Mapping[str, float]:
    """A cell's figures, its maps being read in the way that is better behind the lifters."""
    return min((line[way] for way in WAYS), key=lambda each: each["mpjpe_mm"])


def table(lines: Sequence[Line], keys: Sequence[Line]) -> list[Row]:
    """A row for every method that has at least one line."""
    there: dict[str, dict[int, Mapping[str, float]]] = {}
    for key in keys:
        found = [line for line in lines if all(line.get(name) == key[name] for name in key)]
        if found:
            there.setdefault(key["method"], {})[key["seed"]] = figures(found[-1])
    plain = there.get("plain", {})
    return [row_of(method, seeds, plain) for method, seeds in there.items()]


def row_of(
    method: str,
    seeds: Mapping[int, Mapping[str, float]],
    plain: Mapping[int, Mapping[str, float]],
) -> Row:
    """The means over the seeds that are there."""
    cells = list(seeds.values())
    pairs = [(each, plain[seed]) for seed, each in seeds.items() if seed in plain]

    def average(name: str) -> float:
        return mean(each[name] for each in cells)

    def less(name: str) -> float:
        return mean(100 * (1 - each[name] / other[name]) for each, other in pairs) if pairs else nan

    overall = [each["mpjpe_mm"] for each in cells]
    return Row(
        method,
        average("pixels"),
        average("pdj"),
        average("pckh"),
        {name: average(f"{name}.mpjpe_mm") for name in LIFTERS},
        mean(average(f"{name}.p_mpjpe_mm") for name in LIFTERS),
        stdev(overall) if len(overall) > 1 else nan,
        len(cells),
        {name: less(f"{name}.mpjpe_mm") for name in LIFTERS},
        0.0 - less("pixels"),
    )


def said(lines: Sequence[Line], keys: Sequence[Line], guides: Mapping[str, tuple[str, ...]]) -> str:
    """The table as Markdown; what is missing is named below.

    Figures behind a lifter that a method did not see are in italics.
    """
    rows = table(lines, keys)
    heads = ["trained", "pixels", "PDJ, %", "PCKh, %", *(f"{name}, mm" for name in LIFTERS),
             "P-MPJPE, mm", "less behind its own, %", "less behind unseen, %", "pixels, %",
             "seeds"]  # fmt: skip
    shown = [heads, ["---"] + ["--:"] * (len(heads) - 1)]
    for row in rows:
        own = guides[row.method]
        unseen = [name for name in LIFTERS if name not in own]
        numbers = [
            f"{each:.1f}" if name in own or not own else f"*{each:.1f}*"
            for name, each in row.behind.items()
        ]
        shares = [of(row.less, own), of(row.less, unseen if own else list(LIFTERS))]
        first = [row.method, f"{row.pixels:.2f}", f"{100 * row.pdj:.1f}", f"{100 * row.pckh:.1f}"]
        shown.append([*first, *numbers, f"{row.aligned:.1f}", *shares, f"{row.worse:+.1f}",
                      str(row.seeds)])  # fmt: skip
    made = "\n".join("| " + " | ".join(line) + " |" for line in shown)
    return f"{made}\n\n{missing(lines, keys)}"


def of(less: Mapping[str, float], names: Sequence[str]) -> str:
    """The mean over some lifters, as it is printed."""
    return f"{mean(less[name] for name in names):.1f}" if names else ""


def missing(lines: Sequence[Line], keys: Sequence[Line]) -> str:
    """Which cells are not there, in a sentence."""
    lacking = [
        f"{key['method']}/{key['seed']}"
        for key in keys
        if not any(all(line.get(name) == key[name] for name in key) for line in lines)
    ]
    if not lacking:
        return "No cell is missing."
    return f"{len(lacking)} cells are missing: {', '.join(lacking)}."
