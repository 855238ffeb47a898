"""From keypoints and a lifter to the folder of an adapted lifter with its report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from rich.console import Console
from torch import Generator

from ..adapter_file import Adapter, save_adapter
from ..body import Body, write_body
from ..clip import Clip
from ..data.store import Store
from ..domain import Domain
from ..errors import DataError, SettingsError
from ..evaluation import stamp
from ..files import write_json
from ..find_lifter import Found
from ..lifter_folder import save_lifter
from ..lifters.direct import Direct
from ..lifting import some_frames
from ..recipes.supervised import domain_of
from ..settings import as_data
from ..training import Run
from ..view.still import Pair, draw_side_by_side
from .footage import Footage, Telling, footage_of
from .job import Adapted, Job, Method
from .judging import Judgement, errors_of, judged, lifted, scores_of, watching
from .page import draw_spreads, write_report_page
from .report import Report, error_rows, score_rows
from .source import Source, source_for, words_of
from .spread import Spreads, spreads

ADAPTER = "adapter.safetensors"
WORK = "work"
"""The folder of the run: source and target as stores, checkpoint, log."""
RECORDINGS_SHOWN = 2
MOMENTS = 5
FRAMES_SHOWN = 300
CARRIED_OVER = ("licence", "attribution", "words")
"""What is said of how a lifter was made that holds of what becomes of it too."""


@dataclass(frozen=True, eq=False)
class Asked:
    """All that somebody says who wants a lifter adapted."""

    method: Method
    name: str
    """Of the method."""
    found: Found
    """The lifter, in the form that can be trained."""
    called: str
    """What the lifter was called."""
    source: Source
    telling: Telling
    output: Path
    truth: Path | None = None
    """A store with poses, for evaluation alone."""
    seed: int = 0
    resume: bool = False
    console: Console | None = None
    command: str = ""

    def rng(self, purpose: int) -> Generator:
        """A generator for one purpose, the same when a run is continued."""
        return Generator().manual_seed(2**20 * purpose + self.seed)


@dataclass(frozen=True, eq=False)
class Done:
    """What became of it."""

    report: Report
    made: tuple[Path, ...]


def carry_out(asked: Asked, clips: Sequence[Clip]) -> Done:
    """Adapt, judge, choose, and write the folder."""
    check_new(asked.output)
    lifter = trainable(asked.found, asked.called)
    footage = footage_of(clips, asked.found, asked.telling, asked.rng(1))
    work = asked.output / WORK
    say(asked, "Making movement to learn from ...")
    source = source_for(lifter, asked.source, work / "source", asked.rng(2))
    target = footage.store(work / f"target-{footage.hash}")
    before = judged(lifter, target, asked.seed)
    run = Run(work, asked.resume, about(asked, footage), asked.console)
    job = Job(
        lifter, source, footage.target, asked.rng(3), watching(target, asked.seed), run, target
    )
    adapted = asked.method.adapt(job)
    after = judged(adapted.lifter, target, asked.seed)
    better = after.better_than(before)
    say(asked, "Judging ...")
    kept = adapted.lifter if better else lifter
    report, shown = reported(asked, footage, target, adapted, kept, source, (before, after))
    domain = domain_after(asked, adapted) if better else asked.found.domain()
    adapter = adapted.adapter if better else None
    return Done(report, written(asked, footage, kept, adapter, domain, report, shown))


def check_new(output: Path) -> None:
    """Refuse a folder in which an adaptation is finished."""
    if (output / "lifter").exists():
        raise DataError(
            f'The adaptation in "{output}" is finished: "{output / "lifter"}" is there; name '
            "another folder for a new one."
        )


def trainable(found: Found, called: str) -> Direct:
    """The lifter with its network, in the form that can be trained."""
    if not isinstance(found.lifter, Direct):
        raise SettingsError(
            f'"{called}" has no network that could be trained in one pass; name the folder of a '
            "lifter such as simple_baseline or videopose."
        )
    return found.lifter


def say(asked: Asked, sentence: str) -> None:
    """Tell whoever waits."""
    if asked.console is not None:
        asked.console.print(sentence)


def about(asked: Asked, footage: Footage) -> dict[str, Any]:
    """What a continued run must share."""
    return {
        "method": asked.name,
        "settings": as_data(asked.method),
        "lifter": asked.found.hash,
        "target": footage.hash,
        "source": as_data(asked.source),
        "seed": asked.seed,
    }


def reported(
    asked: Asked,
    footage: Footage,
    target: Store,
    adapted: Adapted,
    kept: Direct,
    source: Store,
    judgements: tuple[Judgement, Judgement],
) -> tuple[Report, Spreads]:
    """What changed, and where people were seen.

    Args:
        judgements: Of the original, and of the best that training found, kept or not.
    """
    original = trainable(asked.found, asked.called)
    scores = [scores_of(each, target, asked.seed) for each in (original, kept)]
    errors = []
    if asked.truth is not None:
        errors = [errors_of(each, asked.truth, footage, asked.seed) for each in (original, kept)]
    shown = spreads(adapted.shown, footage.target)
    fitted = adapted.fitted
    facts = {
        "method": asked.name,
        "lifter": {"name": asked.called, "kind": asked.found.about.name, "hash": asked.found.hash},
        "target": {"hash": footage.hash, "clips": len(footage.clips), "frames": footage.frames},
        "people": {name: body_facts(body) for name, body in footage.people.items()},
        "source": words_of(asked.source, asked.source.stores),
        "source_hash": source.hash(),
        "trained": {
            "batches": fitted.steps,
            "seconds": round(fitted.seconds, 1),
            "ended": fitted.why,
            "skipped": fitted.skipped,
            "kept_from_batch": fitted.best_step,
        },
        "tried": round(judgements[1].combined, 5),
        "size": dict(
            zip(("before", "tried"), (round(each.size, 4) for each in judgements), strict=True)
        ),
        "distances_to_target": shown.distances(),
        "settings": as_data(asked.method),
        "seed": asked.seed,
    }
    made = stamp()
    report = Report(
        f"{asked.called}, adapted by {asked.name}",
        kept is original,
        score_rows(*scores),
        error_rows(*errors) if errors else [],
        facts,
        (*footage.remarks, *adapted.remarks),
        f"crosslift {made['crosslift']}, {made['date']}: {asked.command}",
    )
    return report, shown


def body_facts(body: Body) -> dict[str, Any]:
    """A person as plain data."""
    return {"how": body.how, "stature_m": round(body.stature, 4), "size_from": body.size_from}


def domain_after(asked: Asked, adapted: Adapted) -> Domain | None:
    """What the adapted lifter was shown, so that later keypoints can be compared with it."""
    return domain_of(adapted.shown, adapted.lifter.skeleton, asked.rng(4))


def written(
    asked: Asked,
    footage: Footage,
    kept: Direct,
    adapter: Adapter | None,
    domain: Domain | None,
    report: Report,
    shown: Spreads,
) -> tuple[Path, ...]:
    """The folder's files; the lifter comes last, so that a run is finished when it is there."""
    output, data = asked.output, report.data()
    bodies = body_paths(output, footage.people)
    for path, body in bodies.items():
        write_body(path, body)
    write_json(output / "report.json", data)
    pictures = [
        *before_and_after(asked, footage, kept),
        ("How large people are in the picture, and where", draw_spreads(shown)),
    ]
    write_report_page(output / "report.html", report, pictures)
    old = dict(asked.found.about.made)
    made = {key: old[key] for key in CARRIED_OVER if key in old}
    made |= {"command": asked.command, "adapted": data}
    apart = [] if adapter is None else [output / ADAPTER]
    if adapter is not None:
        known = {} if domain is None else domain.tensors()
        save_adapter(replace(adapter, domain=known, made=made), output / ADAPTER)
    about_it = replace(asked.found.about, made=made)
    save_lifter(kept, about_it, output / "lifter", domain=domain)
    return (output / "lifter", *apart, output / "report.html", output / "report.json", *bodies)


def body_paths(output: Path, people: Mapping[str, Body]) -> dict[Path, Body]:
    """A file for each person."""
    if len(people) == 1:
        return {output / "body.json": next(iter(people.values()))}
    return {output / f"body-{number}.json": body for number, body in enumerate(people.values(), 1)}


def before_and_after(asked: Asked, footage: Footage, kept: Direct) -> list[tuple[str, Figure]]:
    """Some recordings as both lifters see them, the longest ones."""
    chosen = sorted(footage.clips, key=len, reverse=True)[:RECORDINGS_SHOWN]
    found = []
    for number, clip in enumerate(chosen, 1):
        part = first_frames(clip)
        pairs = [
            Pair(lifted(part, each, footage, asked.seed), None, title)
            for each, title in ((trainable(asked.found, ""), "before"), (kept, "after"))
        ]
        heading = f"The same moments before and after, recording {number}"
        found.append((heading, draw_side_by_side(pairs, moments=MOMENTS)))
    return found


def first_frames(clip: Clip) -> Clip:
    """The beginning of a long recording."""
    return clip if len(clip) <= FRAMES_SHOWN else some_frames(clip, slice(FRAMES_SHOWN))
