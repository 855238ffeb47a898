"""What is said of uncertainty to people: a report to read, and doubts about a result."""

from collections.abc import Iterator, Mapping

from .calibration import OUTSIDE, is_outside
from .report import ENOUGH, Report, Row

HEADINGS = ("places", "50 % hold", "90 % hold", "50 %, mm", "90 %, mm", "error, mm")
"""Of the figures of a `Row`."""


def cells(row: Row) -> list[str]:
    """A row's figures under their headings."""
    return [
        f"{row.places:,}",
        *(f"{100 * each:.1f} %" for each in row.held),
        *(f"{each:.1f}" for each in row.radius_mm),
        f"{row.error_mm:.1f}",
    ]


def verdict(report: Report) -> str:
    """Whether the regions can be believed, in one sentence."""
    half, most = (100 * each for each in report.total.held)
    said = (
        f"Regions of 50 % held the truth in {half:.1f} % of {report.total.places:,} places of "
        f"joints, those of 90 % in {most:.1f} %, on {report.judged_on}"
    )
    if report.out_of_domain:
        return (
            f"OUT OF DOMAIN: {said}, where {100 * ENOUGH:.0f} % are asked for; calibrate the "
            "lifter on recordings of this kind, and do not believe its regions here."
        )
    return f"{said}."


def markdown(report: Report) -> str:
    """The report as a page."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    told = report.calibration
    yield from ("# How far the regions of joints can be believed", "", verdict(report), "")
    steps = f" in {told.steps} steps" if told.steps else ""
    yield (
        f"Calibrated with {told.hypotheses} hypotheses{steps} ({told.aggregate} kept) on "
        f"{told.clips:,} recordings of {told.frames:,} frames: {told.on}. A region's radius is "
        "that of a ball of its size, on the average: of two that hold as much, the smaller one "
        "says more."
    )
    yield from table("joint", {"all joints": report.total, **report.joints})
    if report.bands:
        yield from ("", "## By likeness to the training", "")
        yield "Frames by the percentile of the lifter's training that their keypoints are at."
        yield from table("frames", report.bands)
    yield from ("", "## Recordings", "")
    yield (
        f"{report.clips_out} of {report.clips_all} recordings are out of the calibration's "
        f"domain: their regions of 90 % hold less than {100 * ENOUGH:.0f} %."
    )
    if report.clips:
        yield from table("recording", report.clips)
    facts = [f"{key}: {value}" for key, value in report.made.items()]
    yield from ("", "; ".join(facts))


def table(first: str, rows: Mapping[str, Row]) -> Iterator[str]:
    """Rows of figures as a table of Markdown."""
    yield from ("", f"| {first} | {' | '.join(HEADINGS)} |", f"|---|{'--:|' * len(HEADINGS)}")
    for name, row in rows.items():
        yield f"| {name.replace('|', ' ').replace('_', ' ')} | {' | '.join(cells(row))} |"


def doubt(beyond: float | None) -> str | None:
    """Why a result's regions are not to be believed, told without a truth; None if they may be.

    Args:
        beyond: The share of the frames that are unlike all that the lifter was trained on.
    """
    if beyond is None or not is_outside(beyond):
        return None
    return (
        f"The regions of joints are {OUTSIDE}: {100 * beyond:.0f} % of the frames are "
        "unlike the lifter's training, so the regions hold the truth less often than they say; "
        "calibrate the lifter on recordings of this kind."
    )
