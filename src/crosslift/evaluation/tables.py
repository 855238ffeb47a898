"""A report as tables and sentences that people read in a terminal."""

from collections.abc import Iterator, Mapping
from math import isnan

from rich.console import RenderableType
from rich.table import Table

from .measures import MEASURES, OF_CHOICES, OF_JOINTS, PLAUSIBILITY
from .report import PERCENTILES, Report

FACTS = {"annotation": "annotation", "split": "split", "keypoints_from": "2D", "flip": "flip"}
"""What is said of the clips below the tables, and the words for it."""


def words(report: Report) -> Iterator[RenderableType]:
    """The report from the headline to the details."""
    yield headline(report)
    yield figures(report)
    for label in report.by:
        yield groups(report, label)
    yield joints(report)
    if report.evaluation.hypotheses[1] > 1:
        yield choices(report)
    yield plausibility(report)
    yield from origin(report)
    yield from report.notes()
    for gap in report.gaps():
        yield f"Missing: {gap}"


def headline(report: Report) -> str:
    """The figure that is quoted, with all that has to be quoted with it."""
    told = report.evaluation
    protocol = told.protocol
    measure = MEASURES[protocol.headline]
    value = told.figures()[protocol.headline] * measure.scale
    return (
        f"{measure.title} {value:.1f} {measure.unit} by {protocol.name}: {told.total.frames:,} "
        f"frames of {told.total.clips:,} clips. {protocol.help}"
    )


def figures(report: Report) -> Table:
    """Every measure, averaged as the protocol says and frame by frame."""
    told = report.evaluation
    average = told.protocol.average
    rows = {f"by {average}": told.figures()}
    if average != "frames":
        rows["by frames"] = told.figures(average=False)
    table = _table("Estimates against truths", ["average", *_headings()])
    for name, row in rows.items():
        table.add_row(name, *(_cell(row[key] * MEASURES[key].scale) for key in MEASURES))
    return table


def groups(report: Report, label: str) -> Table:
    """The figures of each value of a label."""
    table = _table(f"By {label}", [label, "clips", "frames", *_headings()])
    for value, row in report.groups(label).items():
        counts = (f"{row[key]:,.0f}" for key in ("clips", "frames"))
        table.add_row(value, *counts, *(_cell(row[key]) for key in MEASURES))
    return table


def joints(report: Report) -> Table:
    """The figures of each joint, and how errors are spread."""
    reached = ", ".join(
        f"{share} % within {'more than 300' if mm is None else mm} mm"
        for share, mm in zip(PERCENTILES, report.percentiles().values(), strict=True)
    )
    table = _table("By joint", ["joint", *(_heading(name) for name in OF_JOINTS)])
    table.caption = f"Of all joints, {reached}."
    for joint, row in report.joints().items():
        table.add_row(joint, *(_cell(row[name]) for name in OF_JOINTS))
    return table


def choices(report: Report) -> Table:
    """What several hypotheses give, and what they would give to someone who knew the truth."""
    table = _table("Hypotheses", ["taken", *(_heading(name) for name in OF_CHOICES)])
    table.caption = "An oracle knows the truth; its figures are bounds and no results."
    for name, row in report.choices().items():
        table.add_row(name, *(_cell(row[key]) for key in OF_CHOICES))
    return table


def plausibility(report: Report) -> Table:
    """What a body cannot do, beside what the truths' bodies do."""
    found = report.plausibility()
    table = _table("Could it be a body?", ["", *found, "unit"])
    for name, measure in PLAUSIBILITY.items():
        table.add_row(measure.title, *(_cell(side[name]) for side in found.values()), measure.unit)
    return table


def origin(report: Report) -> Iterator[str]:
    """Where the figures come from."""
    stamp = report.full_stamp()
    for side in ("estimates", "truths"):
        if side in stamp:
            there = stamp[side]
            yield f"{side.capitalize()}: {there['clips']:,} in {there['path']}, {there['hash']}."
    errors, correct = (len(stamp[key]) for key in ("joints", "pck_joints"))
    yield f"Joints of {stamp['skeleton']}: {errors} for errors, {correct} for PCK and AUC."
    yield "; ".join(f"{words}: {_told(stamp[key])}" for key, words in FACTS.items()) + "."


def _told(found: Mapping[str, int]) -> str:
    return ", ".join(sorted(found))


def _table(title: str, headings: list[str]) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    table.add_column(headings[0])
    for heading in headings[1:]:
        table.add_column(heading, justify="right")
    return table


def _headings() -> list[str]:
    return [_heading(name) for name in MEASURES]


def _heading(name: str) -> str:
    return f"{MEASURES[name].title}\n{MEASURES[name].unit}"


def _cell(value: float) -> str:
    return "-" if isnan(value) else f"{value:.1f}"
