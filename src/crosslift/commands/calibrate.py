"""Measure how far a lifter's hypotheses tell its errors, and keep that with the lifter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.box import SIMPLE
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ..aggregation import How
from ..errors import SettingsError
from ..evaluation import stamp
from ..evaluation.matching import Shelf, opened
from ..files import whole, write_json
from ..find_lifter import Found, find_lifter
from ..lifters.diffusion import Diffusion
from ..lifters.drawing import Drawing
from ..uncertainty import (
    Calibration,
    Measured,
    Report,
    Row,
    cells,
    checked_by_halves,
    fit_calibration,
    markdown,
    measure,
    read_calibration,
    report_of,
    verdict,
    write_calibration,
)
from ..uncertainty.words import HEADINGS
from .common import Common, Options, Outcome


def calibrate(
    lifter: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="LIFTER")],
    *,
    on: Path | None = None,
    check: Path | None = None,
    report: Path | None = None,
    aggregate: How = "mean",
    drawing: Annotated[Drawing, tyro.conf.OmitArgPrefixes] = Drawing(),  # noqa: B008  frozen
    common: Options = Common(),
) -> Outcome:
    """Measure on known poses how often the truth lies where a lifter's hypotheses say it does.

    What --on tells is kept in the lifter's folder as calibration.json, and makes regions that hold
    50 and 90 % of the truth. It is judged on other recordings (--check), or half of the recordings
    by what the other half tells. With --check alone the calibration that is there is judged.

    Args:
        lifter: The folder of a lifter that draws hypotheses.
        on: Clips with true poses that the lifter was not trained on: a store, a clip file, a
            folder of clip files.
        check: Further ones, of the kind that is to be lifted.
        report: A folder for report.json and report.md.
        aggregate: What is made of the hypotheses: their mean (mean, p-agg), or for each joint the
            one that is seen nearest to its keypoint (j-agg).
    """
    found = drawing_many(find_lifter(str(lifter), common.device, common.products), drawing)
    if found.path is None or not found.path.is_dir():
        raise SettingsError(
            f'"{lifter}" should be the folder of a lifter, where its calibration can be kept, but '
            "is none; name one that crosslift train has made."
        )
    calibration, samples = calibrated(found, on, aggregate, common)
    if check is None:
        checked = checked_by_halves(samples, found.lifter.skeleton, calibration.hypotheses)
        judged_on = f"{calibration.on}, each half by the other"
    else:
        shelf = opened(check)
        others = measure_all(found, shelf, aggregate, common)
        checked = [(each, calibration) for each in others]
        judged_on = name_of(shelf)
    made = {**stamp(), "lifter": str(lifter), "seed": common.seed}
    judged = report_of(checked, calibration, judged_on, made)
    files = [write_calibration(found.path, calibration)] if on is not None else []
    return outcome(judged, [*files, *written(judged, report)])


def drawing_many(found: Found, drawing: Drawing) -> Found:
    """The lifter that draws as many hypotheses as were asked for."""
    lifter = found.lifter
    if not isinstance(lifter, Diffusion):
        raise SettingsError(
            f'The lifter "{found.about.name}" gives one answer and draws no hypotheses, so it has '
            "no spread to calibrate; name one that draws, such as a d3dp or a diff3dhpe."
        )
    drawn = drawing.of(lifter, found.about.name)
    assert isinstance(drawn, Diffusion), "it was one before"
    if drawn.hypotheses < 2:
        raise SettingsError(
            f"Calibration needs 2 hypotheses or more, but {drawn.hypotheses} would be drawn; say "
            "how many with --hypotheses, such as 20."
        )
    return found._replace(lifter=drawn)


def calibrated(
    found: Found, on: Path | None, how: How, common: Common
) -> tuple[Calibration, Sequence[Measured]]:
    """The calibration of some recordings with what was measured of them, or the one there is."""
    assert found.path is not None and isinstance(found.lifter, Diffusion)
    if on is None:
        there = read_calibration(found.path)
        if there is None:
            raise SettingsError(
                f'"{found.path}" has not been calibrated, so there is nothing to check; name '
                "recordings with true poses by --on."
            )
        return there, ()
    shelf = opened(on)
    samples = measure_all(found, shelf, how, common)
    fitted = fit_calibration(samples, found.lifter.skeleton, found.lifter.hypotheses)
    told = {"steps": found.lifter.steps, "aggregate": how, "on": name_of(shelf)}
    return replace(fitted, **told), samples


def measure_all(found: Found, shelf: Shelf, how: How, common: Common) -> list[Measured]:
    """What is measured of each of some recordings, in the order of their places."""
    domain = found.domain()
    return [
        measure(shelf.clip(name), found.lifter, common.rng(), how=how, domain=domain)
        for name in watched(shelf.places, common)
    ]


def watched(names: Mapping[str, int], common: Common) -> Iterator[str]:
    """The same names, with progress shown while they are taken."""
    console = Console(stderr=True, quiet=common.quiet or common.json)
    columns = (TextColumn("Lifting"), BarColumn(), MofNCompleteColumn(), TextColumn("clips,"),
               TimeRemainingColumn(), TextColumn("left"))  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        yield from progress.track(names, len(names))


def name_of(shelf: Shelf) -> str:
    """Recordings by name and hash."""
    return f"{shelf.path.resolve().name} ({shelf.hash})"


def written(report: Report, folder: Path | None) -> list[Path]:
    """The files of the report, if a folder is given."""
    if folder is None:
        return []
    made = [folder / "report.json", folder / "report.md"]
    write_json(made[0], report.data())
    with whole(made[1]) as draft:
        draft.write_text(markdown(report), "utf-8")
    return made


def outcome(report: Report, files: Iterable[Path]) -> Outcome:
    """The report in words and as data."""
    tables: list[RenderableType] = [table_of("joint", {"all": report.total, **report.joints})]
    if report.bands:
        tables.append(table_of("percentile of the training", report.bands))
    made = [f"  {path}" for path in files]
    words = [escape(verdict(report)), *tables, *(["Made:", *map(escape, made)] if made else [])]
    data: dict[str, Any] = report.data() | {"files": [str(path) for path in files]}
    return Outcome(tuple(words), data)


def table_of(first: str, rows: Mapping[str, Row]) -> Table:
    """Rows of figures for a terminal."""
    table = Table(box=SIMPLE)
    table.add_column(first, overflow="fold")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for name, row in rows.items():
        table.add_row(name.replace("_", " "), *cells(row))
    return table
