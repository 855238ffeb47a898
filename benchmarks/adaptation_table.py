"""What the grid of `benchmarks.adaptation` says: a table, a plot, and which cells are missing."""

from collections.abc import Mapping, Sequence
from math import isnan, nan
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from crosslift.view.still import LEFT, MIDDLE, save

FIGURES = ("mpjpe", "p_mpjpe", "n_mpjpe", "pck", "auc")
Key = Mapping[str, Any]


class Row(NamedTuple):
    """A method on a pair, over its seeds."""

    pair: str
    lifter: str
    method: str
    height: float | None
    figures: Mapping[str, float]
    """Means over the seeds that are there."""
    spread: float
    """Of the MPJPE over seeds, NaN of one."""
    seeds: int
    missing: int
    """Seeds that are asked for and not there."""
    on_source: float
    closed: float = nan
    """Share of the gap between source-only and oracle, in per cent of MPJPE."""


def table(lines: Sequence[Mapping[str, Any]], wanted: Sequence[Key]) -> list[Row]:
    """A row for every method, lifter, pair and stature that is asked for."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any] | None]] = {}
    for key in wanted:
        there = [line for line in lines if all(line.get(name) == key[name] for name in key)]
        name = (key["pair"], key["lifter"], key["method"], key["height"])
        groups.setdefault(name, []).append(there[-1] if there else None)
    rows = [row_of(name, found) for name, found in groups.items()]
    return [row._replace(closed=closed(row, rows)) for row in rows]


def row_of(name: tuple[Any, ...], found: Sequence[Mapping[str, Any] | None]) -> Row:
    """The means of what is there of a group."""
    there = [line for line in found if line is not None]
    figures = {each: mean(line[each] for line in there) if there else nan for each in FIGURES}
    spread = stdev(line["mpjpe"] for line in there) if len(there) > 1 else nan
    on_source = mean(line["on_source"] for line in there) if there else nan
    pair, lifter, method, height = name
    return Row(
        pair,
        lifter,
        method,
        height,
        figures,
        spread,
        len(there),
        len(found) - len(there),
        on_source,
    )


def closed(row: Row, rows: Sequence[Row]) -> float:
    """How much of the way from source-only to the oracle a method goes, in per cent."""
    ends = {}
    for each in rows:
        if (each.pair, each.lifter) == (row.pair, row.lifter) and each.height is None:
            ends[each.method] = each.figures["mpjpe"]
    start, end = ends.get("source", nan), ends.get("oracle", nan)
    return 100 * (start - row.figures["mpjpe"]) / (start - end) if start != end else nan


def said(rows: Sequence[Row], titles: Mapping[str, str], plot: Path | None = None) -> str:
    """The table as Markdown; what is missing is named below.

    Args:
        titles: What each method is called.
        plot: Where to draw it, if anywhere.
    """
    if plot is not None:
        save(drawn(rows, titles), plot)
    heads = ["pair", "lifter", "method", "stature", "MPJPE, mm", "P-MPJPE", "N-MPJPE", "PCK, %",
             "AUC, %", "gap closed, %", "MPJPE on the source", "seeds"]  # fmt: skip
    lines = [heads, ["---"] * 4 + ["--:"] * 8]
    for row in rows:
        if row.seeds:
            spread = "" if isnan(row.spread) else f" ± {row.spread:.1f}"
            height = "assumed" if row.height is None else f"{row.height:.2f} m"
            numbers = [f"{row.figures[each]:.1f}" for each in FIGURES]
            numbers[0] += spread
            gap = "" if isnan(row.closed) else f"{row.closed:.0f}"
            lines.append([row.pair, row.lifter, titles[row.method], height, *numbers, gap,
                          f"{row.on_source:.1f}", str(row.seeds)])  # fmt: skip
    shown = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{shown}\n\n{missing(rows)}"


def missing(rows: Sequence[Row]) -> str:
    """Which cells are not there, in a sentence."""
    names = [
        f"{row.pair}/{row.lifter}/{row.method}"
        + ("" if row.height is None else f"/{row.height:g} m")
        + ("" if row.missing == 1 else f" ({row.missing} seeds)")
        for row in rows
        if row.missing
    ]
    if not names:
        return "No cell is missing."
    return f"{sum(row.missing for row in rows)} cells are missing: {', '.join(names)}."


def drawn(rows: Sequence[Row], titles: Mapping[str, str]) -> Figure:
    """Bars of MPJPE, a panel for each pair and lifter; a cell that is missing says so."""
    panels = list(dict.fromkeys((row.pair, row.lifter) for row in rows))
    figure = Figure(figsize=(9, 0.6 + 1.9 * len(panels)), layout="constrained")
    axes_of = figure.subplots(len(panels), 1, squeeze=False)[:, 0]
    for axes, panel in zip(axes_of, panels, strict=True):
        own = [row for row in rows if (row.pair, row.lifter) == panel]
        values = [0 if isnan(row.figures["mpjpe"]) else row.figures["mpjpe"] for row in own]
        ends = {"source", "oracle"}
        colours = [MIDDLE if row.method in ends else LEFT for row in own]
        places = list(range(len(own)))
        axes.barh(places, values, color=colours)
        for place, row in zip(places, own, strict=True):
            label = f" {row.figures['mpjpe']:.1f}" if row.seeds else " missing"
            axes.text(values[place], place, label, va="center", fontsize=7.5)
        named = [titles[row.method] + ("" if row.height is None else f", {row.height:g} m")
                 for row in own]  # fmt: skip
        axes.set_yticks(places, named, fontsize=7.5)
        axes.invert_yaxis()
        axes.set_title(f"{panel[0]}: {panel[1]}", fontsize=9, loc="left")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    axes_of[-1].set_xlabel("MPJPE, mm")
    return figure
