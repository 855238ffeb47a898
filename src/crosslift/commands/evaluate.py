"""Measure how far estimates are from truths, by a published protocol."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from ..clip import Clip
from ..errors import SettingsError
from ..evaluation import (
    PROTOCOLS,
    Protocol,
    Report,
    Selection,
    draw_report,
    protocol_named,
    stamp,
)
from ..evaluation.chosen import Choice, chosen
from ..evaluation.compare import evaluate as evaluated
from ..evaluation.lifted import lifted
from ..evaluation.matching import Shelf, opened, pairs, without_truth
from ..evaluation.measures import MEASURES
from ..evaluation.protocols import Average
from ..evaluation.tables import words
from ..files import write_json
from ..find_lifter import find_lifter
from ..lifter_folder import is_lifter
from ..lifters.drawing import Drawing
from ..skeletons import skeleton_named
from ..view import save
from .common import Common, Options, Outcome

Compared = tuple[Clip | None, Clip]


def choose(asked: list[str]) -> tuple[Callable[..., Outcome], list[str]]:
    """The function that lists the protocols, if that is asked for, or the one that evaluates."""
    if asked[:1] == ["--protocols"]:
        return protocols, asked[1:]
    return evaluate, asked


def protocols(*, common: Options = Common()) -> Outcome:
    """List the protocols."""
    tables = []
    for text, some in groupby(PROTOCOLS.values(), lambda each: each.help):
        table = Table(title=text, title_justify="left", box=SIMPLE)
        for heading in ("name", "joints", "quoted", "average", "published by"):
            table.add_column(heading, overflow="fold")
        for each in some:
            quoted = MEASURES[each.headline].title
            table.add_row(each.name, each.joints or "all", quoted, each.average, each.published)
        tables.append(table)
    return Outcome(tuple(tables), {each.name: asdict(each) for each in PROTOCOLS.values()})


@dataclass(frozen=True)
class Comparison:
    """What is to be compared, and how."""

    protocol: str = "plain"
    """A published setting, such as h36m-p1 or 3dhp-annot3; "plain" takes any clips."""
    average: Average | None = None
    """What has the same weight, instead of what the protocol says."""
    by: str = ""
    """Labels whose values get figures of their own, such as subject,action,camera."""
    actions: str = ""
    """Only clips of these actions, such as Walking,Sitting."""
    downsample: int = 1
    """One frame in so many."""
    subset: float = 1.0
    """A share of each clip, above 0 and up to 1."""
    skeleton: str | None = None
    """Map both sides to this skeleton first, such as h36m17."""
    partial: tyro.conf.FlagCreatePairsOff[bool] = False
    """It is as it should be that something is missing."""
    tell_body: tyro.conf.FlagCreatePairsOff[bool] = False
    """Tell the true bone lengths to a lifter that takes them."""
    compiled: tyro.conf.FlagCreatePairsOff[bool] = False
    """Have PyTorch's compiler translate the lifter first; needs a C++ compiler and a minute."""
    adapter: tuple[Path, ...] = ()
    """Files of what was added to the lifter by crosslift adapt or import."""
    aggregate: Choice | None = None
    """What is compared of several hypotheses: their mean, which it is unless given (mean; D3DP's
    name is p-agg); joint by joint the one seen nearest to the keypoint (j-agg); or what an oracle
    would choose who knows the truth, one for a clip (oracle-p-best) or for each joint
    (oracle-j-best): bounds, and no results."""

    def settings(self) -> Protocol:
        """The protocol, with another average if one is asked for."""
        protocol = protocol_named(self.protocol)
        return protocol if self.average is None else replace(protocol, average=self.average)

    def selection(self) -> Selection:
        """Which clips and frames."""
        return Selection(split(self.actions), self.downsample, self.subset)


def evaluate(
    estimates: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="ESTIMATES")],
    truths: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="TRUTHS")],
    *,
    comparison: Annotated[Comparison, tyro.conf.OmitArgPrefixes] = Comparison(),
    drawing: Annotated[Drawing, tyro.conf.OmitArgPrefixes] = Drawing(),  # noqa: B008  frozen
    output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None,
    common: Options = Common(),
) -> Outcome:
    """Compare clips of the same name, or what a lifter makes of them, and report the errors.

    ESTIMATES and TRUTHS are stores, clip files, or folders of clip files; in the place of
    ESTIMATES a lifter may be named, which is given the keypoints of TRUTHS. Whatever is missing on
    either side is listed, and makes the exit code 1. `crosslift evaluate --protocols` lists the
    published settings.

    Args:
        estimates: Clips with the poses that were found, or a lifter's folder or name.
        truths: Clips with the true poses.
        output: A folder for report.json and report.png.
    """
    protocol, selection = comparison.settings(), comparison.selection()
    if comparison.skeleton is not None:
        skeleton_named(comparison.skeleton)
    true = opened(truths)
    found, told = estimated(estimates, true, comparison, drawing, common)
    if comparison.aggregate is not None:
        found = chosen(found, true, comparison.aggregate)
        told |= {"aggregate": comparison.aggregate}
    evaluation = evaluated(
        watched(pairs(found, true, comparison.skeleton), len(true), common),
        protocol,
        by=split(comparison.by),
        selection=selection,
        device=common.device,
        dtype=common.dtype,
    )
    sides = {"estimates": told, "truths": side(true)}
    report = Report(
        evaluation, {**stamp(), **sides}, split(comparison.by), without_truth(found, true)
    )
    return outcome(report, output, partial=comparison.partial)


def estimated(
    name: Path, true: Shelf, comparison: Comparison, drawing: Drawing, common: Common
) -> tuple[Shelf, dict[str, Any]]:
    """The estimates in files, or those of a lifter; and what the report says of them."""
    if name.exists() and not is_lifter(name):
        if comparison.adapter:
            raise SettingsError(
                f'--adapter is for a lifter, but "{name}" holds poses; leave it out, or name the '
                "lifter that it was made for."
            )
        if drawing != Drawing():
            raise SettingsError(
                f'--hypotheses and --steps are told a lifter, but "{name}" holds poses that are '
                "drawn already; leave them out, or name the lifter."
            )
        found = opened(name)
        return found, side(found)
    lifter = find_lifter(
        str(name),
        common.device,
        common.products,
        compiled=comparison.compiled,
        adapters=comparison.adapter,
    )
    drawn = drawing.of(lifter.lifter, str(name))
    found = lifted(drawn, str(name), true, common.seed, tell_body=comparison.tell_body)
    made = dict(lifter.about.made)
    about = {"path": str(name), "hash": lifter.hash, "clips": len(true)}
    about |= {key: value for key, value in asdict(drawing).items() if value is not None}
    return found, about | {"lifter": lifter.about.name, "made": made}


def watched(some: Iterable[Compared], count: int, common: Common) -> Iterator[Compared]:
    """The same pairs, with progress shown while they are taken."""
    console = Console(stderr=True, quiet=common.quiet or common.json)
    columns = (TextColumn("Comparing"), BarColumn(), MofNCompleteColumn(), TextColumn("clips,"),
               TimeRemainingColumn(), TextColumn("left"))  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        yield from progress.track(some, count)


def split(text: str) -> tuple[str, ...]:
    """The parts of a list with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def side(shelf: Shelf) -> dict[str, Any]:
    """What the report says of one side."""
    return {"path": str(shelf.path), "hash": shelf.hash, "clips": len(shelf)}


def outcome(report: Report, folder: Path | None, *, partial: bool) -> Outcome:
    """The report in words, and as files if a folder is given."""
    data, said = report.data(), list(words(report))
    if folder is not None:
        made = [folder / "report.json", folder / "report.png"]
        write_json(made[0], data)
        save(draw_report(report), made[1])
        said += ["Made:", *(f"  {path}" for path in made)]
    incomplete = bool(report.gaps()) and not partial
    if incomplete:
        said.append("Since something is missing, the exit code is 1; --partial accepts it.")
    return Outcome(tuple(said), data, code=int(incomplete))
