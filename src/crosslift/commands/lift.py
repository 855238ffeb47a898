"""Lift keypoints to 3D: files of any detector, our clips, whole stores."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from .. import registry
from ..clip import Clip
from ..data.any_file import Told, clips_in
from ..data.store import MARKER, StoreWriter, names_in
from ..deploy import export_onnx, load_onnx
from ..errors import CrossliftError, DataError, SettingsError
from ..files import write_json
from ..find_lifter import ONNX, Found, find_lifter, shipped
from ..lift_job import Lifted, Lifting, lift_recording
from ..view import Shown, write_page
from .common import Common, Options, Outcome

SUMMARY = "summary.json"
PAGE_CLIPS = 8
"""Recordings that one page shows at most."""


def lift(  # noqa: PLR0913  one parameter for each option
    inputs: Annotated[
        tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="INPUT [INPUT ...]")
    ],
    *,
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    lifter: str = "",
    runtime: Literal["torch", "onnx"] | None = None,
    formats: Annotated[tuple[str, ...], tyro.conf.arg(name="format")] = ("clip",),
    files: Annotated[Told, tyro.conf.OmitArgPrefixes] = Told(),  # noqa: B008  frozen
    lifting: Annotated[Lifting, tyro.conf.OmitArgPrefixes] = Lifting(),  # noqa: B008  frozen
    page: bool = True,
    strict: tyro.conf.FlagCreatePairsOff[bool] = False,
    resume: Annotated[bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff] = False,
    common: Options = Common(),
) -> Outcome:
    """Lift the keypoints in files to 3D poses, and write them for other tools to open.

    An INPUT is a file or folder of keypoints in any format that crosslift reads, a clip file, or a
    store; of a store, a store is made.

    Args:
        inputs: What to lift.
        output: The folder for the results; made if it is not there.
        lifter: A lifter's folder, an ONNX file, or the name of one that comes with the package.
        runtime: What computes the network: PyTorch, or ONNX Runtime, for which a lifter's folder is
            exported and compared first; an ONNX file is always the latter's.
        formats: What to write: clip, npz, json, csv, trc, c3d, bvh, glb, usda, angles, mot.
        page: Write a page that shows the result in a browser.
        strict: Make the exit code 3 if something about a result is doubtful.
        resume: Go on with a run that was stopped: recordings that are there are skipped.
    """
    if not inputs:
        raise SettingsError("At least one input is needed; say crosslift lift FILE -o FOLDER.")
    writers = {name: registry.settings_of("writer", name)() for name in formats}
    name = lifter or next(iter(shipped()), "")
    if not name:
        raise SettingsError(
            "No lifter comes with this package; name the folder of one with --lifter."
        )
    found = ready(name, runtime, common)
    console = Console(stderr=True, quiet=common.quiet or common.json)
    fates = [Fate(path) for path in inputs]
    work = Work(output, name, found, lifting, writers, files, page=page, resume=resume)
    for fate in fates:
        attempt(fate, work, common, console, alone=len(fates) == 1)
    return outcome(fates, output, name, found, strict=strict)


def ready(name: str, runtime: str | None, common: Common) -> Found:
    """The lifter, computed by what was asked for and by nothing else."""
    if runtime != "onnx" or name.endswith(ONNX):
        if runtime == "torch" and name.endswith(ONNX):
            raise SettingsError(
                f'PyTorch does not compute the ONNX file "{name}"; leave --runtime out, or name '
                "the lifter's folder."
            )
        return find_lifter(name, common.device, common.products)
    original = find_lifter(name, fast=False)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"lifter{ONNX}"
        export_onnx(original.lifter, original.about, path, common.rng(), provider=common.device)
        return original._replace(lifter=load_onnx(path, common.device))


@dataclass(frozen=True, eq=False)
class Work:
    """What is done with each input."""

    folder: Path
    name: str
    found: Found
    lifting: Lifting
    writers: dict[str, Any]
    files: Told
    page: bool
    resume: bool


@dataclass
class Fate:
    """What becomes of one input."""

    path: Path
    recordings: int = 0
    frames: int = 0
    remarks: list[str] = field(default_factory=list)
    quality: dict[str, Any] = field(default_factory=dict)
    """What was measured of each recording."""
    made: list[Path] = field(default_factory=list)
    problem: str = ""

    def data(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "input": str(self.path),
            "recordings": self.recordings,
            "frames": self.frames,
            "made": [str(path) for path in self.made],
            "remarks": self.remarks,
            "quality": self.quality,
            "problem": self.problem,
        }


def attempt(fate: Fate, work: Work, common: Common, console: Console, *, alone: bool) -> None:
    """Lift one input; if it is not the only one, a problem is noted and does not end the run."""
    columns = (TextColumn("Lifting {task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("recordings,"), TimeRemainingColumn(), TextColumn("left"))  # fmt: skip
    try:
        with Progress(*columns, console=console, transient=True) as bar:
            clips = bar.track(clips_in(fate.path, work.files), None, description=fate.path.name)
            if (fate.path / MARKER).is_file():
                to_store(fate, clips, work, common)
            else:
                to_files(fate, clips, work, common)
    except CrossliftError as problem:
        if alone:
            raise
        fate.problem = str(problem)


def to_store(fate: Fate, clips: Iterable[Clip], work: Work, common: Common) -> None:
    """The results of a store, as a store of the same name."""
    folder = work.folder / fate.path.resolve().name
    if (folder / MARKER).exists() and not work.resume:
        raise DataError(
            f'"{folder}" should be a new store, but there is one; name another folder, or add '
            "--continue to go on with it."
        )
    there = set(names_in(folder))
    with StoreWriter(folder) as writer:
        for clip in clips:
            if clip.name not in there:
                writer.add(lifted(fate, clip, work, common).clip)
    fate.made.append(folder)


def to_files(fate: Fate, clips: Iterable[Clip], work: Work, common: Common) -> None:
    """The results of a file: a file of each format for each recording, and a page."""
    shown = []
    for clip in clips:
        titles = title_of(clip, fate.path)
        paths = {key: work.folder / f"{titles}{each.suffix}" for key, each in work.writers.items()}
        there = [path for path in paths.values() if path.exists()]
        if there and not work.resume:
            raise DataError(
                f'"{there[0]}" is there already; name another folder, or add --continue to keep '
                "what is there."
            )
        if len(there) == len(paths):
            fate.made += there
            continue
        result = lifted(fate, clip, work, common)
        for key, path in paths.items():
            fate.remarks += work.writers[key].write(result.clip, path)
            fate.made.append(path)
        if len(shown) < PAGE_CLIPS:
            shown.append(Shown(result.clip))
    if work.page and shown:
        page = work.folder / f"{stem_of(fate.path)}.html"
        write_page(page, shown, title=stem_of(fate.path), warnings=fate.remarks)
        fate.made.append(page)


def lifted(fate: Fate, clip: Clip, work: Work, common: Common) -> Lifted:
    """One recording's result, counted."""
    result = lift_recording(clip, work.found, work.lifting, common.rng(), name=work.name)
    fate.recordings += 1
    fate.frames += len(clip)
    fate.quality[clip.name] = result.quality.data()
    fate.remarks += [each for each in result.remarks if each not in fate.remarks]
    return result


def title_of(clip: Clip, path: Path) -> str:
    """A file's name for a recording: the input's, and what distinguishes the recording in it."""
    stem = stem_of(path)
    own = re.sub(r"[^\w.-]+", "_", clip.name.rpartition("/")[2]).strip("._")
    return own if own.startswith(stem) else f"{stem}-{own}" if own else stem


def stem_of(path: Path) -> str:
    """A file's name without all that follows its first dot."""
    return path.name.split(".")[0] or "clip"


def outcome(fates: list[Fate], folder: Path, name: str, found: Found, *, strict: bool) -> Outcome:
    """What became of all inputs."""
    data = {
        "lifter": {"name": name, "kind": found.about.name, "hash": found.hash},
        "inputs": [fate.data() for fate in fates],
    }
    write_json(folder / SUMMARY, data)
    table = Table("input", "recordings", "frames", "result")
    for fate in fates:
        said = fate.problem or f"{len(fate.made)} files"
        table.add_row(fate.path.name, f"{fate.recordings:,}", f"{fate.frames:,}", said)
    remarks = [f"{fate.path.name}: {remark}" for fate in fates for remark in fate.remarks]
    made = [f"  {path}" for fate in fates for path in fate.made[:12]]
    code = 2 if any(fate.problem for fate in fates) else 3 if strict and remarks else 0
    return Outcome((table, *remarks, "Made:", *made, f"  {folder / SUMMARY}"), data, code)
