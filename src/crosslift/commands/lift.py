"""Lift videos and keypoints to 3D: films, pictures, files of any detector, our clips, stores."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import tyro
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from .. import registry
from ..adapt.budget import minutes_of
from ..data.any_file import Told
from ..deploy import export_onnx, load_onnx
from ..detect import Looking
from ..errors import CrossliftError, SettingsError, unknown_name
from ..files import write_json
from ..filmed import Detecting
from ..find_lifter import ONNX, Found, find_lifter, named_or_shipped
from ..lift_inputs import titles_of
from ..lift_job import Lifting
from ..lift_run import Fate, Tell, Work, carry_out
from ..lifters.drawing import Drawing
from ..refine import Refining
from .common import Common, Options, Outcome, choices
from .detect import DEFAULT, Rate

SUMMARY = "summary.json"
KEYPOINTS_ALONE = "saved"
"""The detector that reads files of keypoints, which are an input of their own here."""
REFINE, BUDGET = "--refine", "20s"
"""The option that may stand alone, and the budget that is meant then."""


@dataclass(frozen=True)
class Keypoints(Told):
    """What is told of files of keypoints; their frame rate is told with that of videos."""

    fps: tyro.conf.Suppress[float | None] = None
    """Frames a second."""


def choose(words: list[str]) -> tuple[Callable[..., Outcome], list[str]]:
    """The function that lifts, with the settings of the detector that the words name as options."""
    named = [word.partition("=")[2] for word in words if word.startswith("--detector=")]
    named += [after for word, after in pairwise(words) if word == "--detector"]
    return lifting_with(named[0] if named else DEFAULT), with_budget(words)


def with_budget(words: list[str]) -> list[str]:
    """The words with a budget after each --refine that stands alone."""
    alone = (word == REFINE and not after[:1].isdigit() for word, after in pairwise([*words, ""]))
    told = zip(words, alone, strict=True)
    return [each for word, bare in told for each in ([word, BUDGET] if bare else [word])]


def lifting_with(name: str) -> Callable[..., Outcome]:
    """The command for one detector."""
    known = {each: part for each, part in registry.parts("detector").items()
             if each != KEYPOINTS_ALONE}  # fmt: skip
    if name not in known:
        raise SettingsError(unknown_name("detector", name, known))
    settings = registry.settings_of("detector", name)
    choice = choices(known)

    def lift(  # noqa: PLR0913  one parameter for each option
        inputs: Annotated[
            tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="INPUT [INPUT ...]")
        ],
        *,
        output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
        lifter: str = "",
        adapter: tuple[Path, ...] = (),
        runtime: Literal["torch", "onnx"] | None = None,
        formats: Annotated[tuple[str, ...], tyro.conf.arg(name="format")] = ("clip",),
        lifting: Annotated[Lifting, tyro.conf.OmitArgPrefixes] = Lifting(),  # noqa: B008  frozen
        drawing: Annotated[Drawing, tyro.conf.OmitArgPrefixes] = Drawing(),  # noqa: B008
        files: Annotated[Keypoints, tyro.conf.OmitArgPrefixes] = Keypoints(),
        looking: Annotated[Looking, tyro.conf.OmitArgPrefixes] = Looking(),  # noqa: B008
        detector: Annotated[str, tyro.conf.arg(help=choice)] = name,
        options: Annotated[settings, tyro.conf.OmitArgPrefixes] = settings(),  # noqa: B008  # pyright: ignore[reportInvalidTypeForm]
        refine: str | None = None,
        refine_steps: int = Refining().steps,
        compiled: tyro.conf.FlagCreatePairsOff[bool] = False,
        page: bool = True,
        strict: tyro.conf.FlagCreatePairsOff[bool] = False,
        resume: Annotated[
            bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff
        ] = False,
        common: Options = Common(),
    ) -> Outcome:
        """Lift people in videos, or keypoints in files, to 3D poses for other tools to open.

        An INPUT is a video, a picture, a folder of pictures, a camera (camera:0), a file or folder
        of keypoints in any format that crosslift reads, a clip file, or a store; of a store, a
        store is made. What is found in a video is kept in the folder "keypoints" of the results.

        Args:
            inputs: What to lift.
            output: The folder for the results; made if it is not there.
            lifter: A lifter's folder, an ONNX file, or the name of one that comes with the package.
            adapter: Files of what was added to that lifter by crosslift adapt or import.
            runtime: What computes the network: PyTorch, or ONNX Runtime, for which a lifter's
                folder is exported and compared first; an ONNX file is always the latter's.
            refine: Make the poses agree with each recording's keypoints, with one body and with how
                people move, for at most this time (90s, 2m) a recording; 20s if no time is told.
            refine_steps: Steps in each of the rounds in which that is done; it ends with them.
            compiled: Have PyTorch's compiler translate the network first; needs a C++ compiler and
                a minute or more.
            formats: What to write: clip, npz, json, csv, trc, c3d, bvh, glb, usda, angles, mot.
            page: Write a page that shows the result in a browser.
            strict: Make the exit code 3 if something about a result is doubtful.
            resume: Go on with a run that was stopped, also in the middle of a long recording;
                results that are there are kept.
        """
        if not inputs:
            raise SettingsError("At least one input is needed; say crosslift lift FILE -o FOLDER.")
        writers = {each: registry.settings_of("writer", each)() for each in formats}
        called = named_or_shipped(lifter)
        found = ready(called, runtime, common, compiled=compiled, adapters=adapter)
        work = Work(
            output,
            called,
            found._replace(lifter=drawing.of(found.lifter, called)),
            replace(lifting, lens=looking.lens, refine=refining(refine, refine_steps)),
            writers,
            replace(files, fps=looking.fps),
            Detecting(options, looking, common.device),
            page=page,
            resume=resume,
            seed=common.seed,
            made_with=f"{runtime} {common.device} {common.precision} {drawing}",
        )
        return lift_all(inputs, work, common, strict=strict)

    return lift


def refining(budget: str | None, steps: int) -> Refining | None:
    """How poses are refined, if that is asked for."""
    if budget is None:
        return None
    return Refining(seconds=60 * minutes_of(budget), steps=steps)


def lift_all(inputs: tuple[Path, ...], work: Work, common: Common, *, strict: bool) -> Outcome:
    """Lift one input after the other, and say what became of each."""
    console = Console(stderr=True, quiet=common.quiet or common.json)
    earlier = summary_in(work.folder) if work.resume else {}
    fates = [
        Fate(path, title, earlier=earlier.get(str(path), {}))
        for path, title in zip(inputs, titles_of(inputs), strict=True)
    ]
    for fate in fates:
        try:
            with shown(console) as tell:
                carry_out(fate, replace(work, tell=tell))
        except CrossliftError as problem:
            if len(fates) == 1:
                raise
            fate.problem = str(problem)
        except KeyboardInterrupt:
            console.print("What is done is kept; say the same with --continue to go on with it.")
            raise
    return outcome(fates, work, strict=strict)


@contextmanager
def shown(console: Console) -> Iterator[Tell]:
    """Show what is being done, how far it is, how fast it goes and how long it takes yet."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(),
               TimeRemainingColumn(), TextColumn("left"))  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def tell(what: str, frames: int | None) -> Callable[[float], None]:
            progress.reset(task, total=frames, description=escape(what))
            return lambda done: progress.update(task, completed=round(done))

        yield tell


def summary_in(folder: Path) -> Mapping[str, Any]:
    """What an earlier run said of its inputs, by their paths; nothing if it did not come so far."""
    try:
        told = json.loads((folder / SUMMARY).read_text("utf-8"))
        return {str(each["input"]): each for each in told["inputs"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def ready(
    name: str,
    runtime: str | None,
    common: Common,
    *,
    compiled: bool = False,
    adapters: tuple[Path, ...] = (),
) -> Found:
    """The lifter, computed by what was asked for and by nothing else."""
    if runtime != "onnx" or name.endswith(ONNX):
        if runtime == "torch" and name.endswith(ONNX):
            raise SettingsError(
                f'PyTorch does not compute the ONNX file "{name}"; leave --runtime out, or name '
                "the lifter's folder."
            )
        return find_lifter(
            name, common.device, common.products, compiled=compiled, adapters=adapters
        )
    if compiled:
        raise SettingsError(
            "ONNX Runtime compiles for itself, so --compiled is for PyTorch alone; leave one of "
            "--compiled and --runtime onnx out."
        )
    original = find_lifter(name, fast=False, adapters=adapters)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"lifter{ONNX}"
        export_onnx(original.lifter, original.about, path, common.rng(), provider=common.device)
        return original._replace(lifter=load_onnx(path, common.device))


def outcome(fates: list[Fate], work: Work, *, strict: bool) -> Outcome:
    """What became of all inputs."""
    found = work.found
    data = {
        "lifter": {"name": work.name, "kind": found.about.name, "hash": found.hash},
        "inputs": [fate.data() for fate in fates],
    }
    summary = work.folder / SUMMARY
    write_json(summary, data)
    table = Table("input", "recordings", "frames", "result")
    for fate in fates:
        said = fate.problem or f"{len(fate.made)} files"
        row = (fate.path.name, f"{fate.recordings:,}", f"{fate.frames:,}", said)
        table.add_row(*map(escape, row))
    remarks = [f"{fate.path.name}: {remark}" for fate in fates for remark in fate.remarks]
    made = [f"  {path}" for fate in fates for path in fate.made[:12]]
    code = 2 if any(fate.problem for fate in fates) else 3 if strict and remarks else 0
    words = [*remarks, "Made:", *made, f"  {summary}"]
    return Outcome((table, *map(escape, words)), data, code)
