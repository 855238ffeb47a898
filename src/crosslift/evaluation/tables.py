"""A report as tables and sentences that people read in a terminal."""

from collections.abc import Iterator, Mapping
from math import isnan

from rich.box import SIMPLE
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from .measures import MEASURES, OF_CHOICES, OF_JOINTS, PLAUSIBILITY
from .report import Report
from .tally import CURVE

FACTS = {"annotation": "annotation", "split": "split", "keypoints_from": "2D", "flip": "flip"}
"""What is said of the clips below the tables, and the words for it."""

OF_GROUPS = ("mpjpe", "p_mpjpe", "n_mpjpe", "pck", "auc")
"""As many measures as fit beside each other; the JSON has all."""
UNITS = "Errors in mm, PCK and AUC in %."


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
    missing = (f"Missing: {gap}" for gap in report.gaps())
    for sentence in (worst(report), *origin(report), *report.notes(), *missing):
        yield escape(sentence)  # names may hold brackets, which are not meant as markup


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
    columns = {f"by {average}": told.figures()}
    if average != "frames":
        columns["by frames"] = told.figures(average=False)
    table = _table("Estimates against truths", ["", *columns, "unit"])
    for name, measure in MEASURES.items():
        cells = (_cell(column[name] * measure.scale) for column in columns.values())
        table.add_row(measure.title, *cells, measure.unit)
    return table


def groups(report: Report, label: str) -> Table:
    """The figures of each value of a label."""
    headings = [MEASURES[name].title for name in OF_GROUPS]
    table = _table(f"By {label}", [label, "clips", "frames", *headings])
    table.caption = f"{UNITS} Every frame of a group has the same weight."
    for value, row in report.groups(label).items():
        counts = (f"{row[key]:,.0f}" for key in ("clips", "frames"))
        table.add_row(escape(value), *counts, *(_cell(row[name]) for name in OF_GROUPS))
    return table


def joints(report: Report) -> Table:
    """The figures of each joint, and how errors are spread."""
    furthest = round(1000 * CURVE[-1])
    reached = ", ".join(
        f"less than {share} % within {furthest} mm" if mm is None else f"{share} % within {mm} mm"
        for share, mm in report.percentiles().items()
    )
    table = _table("By joint", ["joint", *(MEASURES[name].title for name in OF_JOINTS)])
    table.caption = f"{UNITS} Of all joints, {reached}."
    for joint, row in report.joints().items():
        table.add_row(joint, *(_cell(row[name]) for name in OF_JOINTS))
    return table


def choices(report: Report) -> Table:
    """What several hypotheses give, and what they would give to someone who knew the truth."""
    table = _table("Hypotheses", ["taken", *(MEASURES[name].title for name in OF_CHOICES)])
    table.caption = "In mm. An oracle knows the truth; its figures are bounds and no results."
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


def worst(report: Report) -> str:
    """The clips that are furthest off, where looking begins."""
    found = (f"{name} ({1000 * error:.0f} mm)" for error, name in report.evaluation.worst)
    return f"Furthest off: {', '.join(found)}."


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
    table = Table(title=title, title_justify="left", caption_justify="left", box=SIMPLE)
    table.add_column(headings[0], overflow="fold")
    for heading in headings[1:]:
        table.add_column(heading, justify="right")
    return table


def _cell(value: float) -> str:
    return "-" if isnan(value) else f"{value:.1f}"
