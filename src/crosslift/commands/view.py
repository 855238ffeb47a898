"""Look at clips: a page for the browser, a film, a still."""

import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, NamedTuple

import tyro
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from ..clip import Clip
from ..data.clip_file import SUFFIX
from ..data.record import Recording
from ..errors import CrossliftError, DataError, SettingsError
from ..evaluation.matching import opened
from ..find_lifter import find_lifter
from ..lifters.drawing import Drawing
from ..view import (
    Filming,
    Pair,
    Shown,
    denoised,
    draw_side_by_side,
    facts_of,
    pictures_of,
    save,
    warnings_of,
    write_figure,
    write_film,
    write_page,
)
from ..view.shown import MOST
from .common import Common, Options, Outcome

FIGURE_SIZE = (1280, 400)
"""Pixels of a row of a figure."""
Flag = tyro.conf.FlagCreatePairsOff[bool]


class Found(NamedTuple):
    """The recordings of one input, or why there are none."""

    path: Path
    recordings: dict[str, Recording]
    problem: CrossliftError | None = None


@dataclass(frozen=True)
class Choice:
    """What is shown, and how the bodies stand."""

    truth: Path | None = None
    """A clip file, folder or store with the true poses, found by name and drawn in grey."""
    video: Path | None = None
    """The video behind the first clip; its frames are kept in the page."""
    only: str = "*"
    """Show only recordings whose name fits this pattern, such as "*walk*"."""
    overlay: Flag = False
    """Put all bodies in one view, whatever they are."""
    beside: Flag = False
    """Put each body in a view of its own."""

    def __post_init__(self) -> None:
        if self.overlay and self.beside:
            raise SettingsError(
                "Bodies are in one view or each in its own; leave out --overlay or --beside."
            )

    @property
    def together(self) -> bool | None:
        """Whether all bodies are in one view; None where that depends on the recordings."""
        return self.overlay if self.overlay or self.beside else None


@dataclass(frozen=True)
class Made:
    """What is to be written."""

    output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """The page; beside the first CLIP unless given, and left out where only a film or a still is
    asked for."""
    film: Path | None = None
    """A film; its name ends in .mp4 or .gif."""
    still: Path | None = None
    """A picture of some moments, such as walk.png."""
    figure: Path | None = None
    """A picture as publications have it: rows of moments, each as the camera's picture with the
    keypoints, the pose in space, and the truth if there is one; such as walk.png."""
    moments: int = 4
    """Rows of the figure."""
    show: Annotated[Flag, tyro.conf.arg(name="open")] = False
    """Open the page in the browser."""

    def page(self, first: Path) -> Path | None:
        """Where the page goes, if there is to be one."""
        alone = first.with_name(f"{stem(first)}.html")
        others = self.film or self.still or self.figure
        return self.output or (None if others and not self.show else alone)


@dataclass(frozen=True)
class Steps:
    """The drawing of one moment's pose out of noise, in the place of the recording."""

    denoising: str | None = None
    """A lifter that draws poses from noise: show how it draws the first clip's, step by step."""
    at: float | None = None
    """The moment in seconds; the middle of the clip unless given."""
    drawing: Annotated[Drawing, tyro.conf.OmitArgPrefixes] = Drawing()  # noqa: RUF009  frozen

    def __post_init__(self) -> None:
        if self.denoising is None and (self.at is not None or self.drawing != Drawing()):
            raise SettingsError(
                "--at, --hypotheses and --steps are told a lifter whose drawing is shown; name it "
                "with --denoising, or leave them out."
            )


def view(
    clips: Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="CLIP...")],
    *,
    choice: Annotated[Choice, tyro.conf.OmitArgPrefixes] = Choice(),
    made: Annotated[Made, tyro.conf.OmitArgPrefixes] = Made(),
    filming: Annotated[Filming, tyro.conf.OmitArgPrefixes] = Filming(),  # noqa: B008  frozen
    steps: Annotated[Steps, tyro.conf.OmitArgPrefixes] = Steps(),
    common: Options = Common(),
) -> Outcome:
    """Show recordings on a page for the browser, and as a film or a still.

    Several recordings lie in one view where they are of the same moments, and stand beside each
    other where they are not. The page is one file that needs no network.

    Args:
        clips: Clip files, folders of them, or stores.
    """
    if not clips:
        raise SettingsError(
            "There should be at least one CLIP to show, but none was named; name it."
        )
    inputs = [found(path, choice.only) for path in clips]
    shown = with_video(with_truth(labelled(inputs), choice.truth), choice.video)
    if steps.denoising is not None:
        shown = drawn(shown, steps, common)
    files: list[Path] = []
    first = next(each.path for each in inputs if each.recordings)
    if page := made.page(first):
        facts, warnings = facts_of(shown), warnings_of(shown)
        write_page(page, shown, overlay=choice.together, facts=facts, warnings=warnings)
        files.append(page)
    if made.film:
        filmed(made.film, shown, filming, choice.together, common)
        files.append(made.film)
    if made.still:
        save(draw_side_by_side(pairs(shown)), made.still)
        files.append(made.still)
    if made.figure:
        write_figure(made.figure, shown, figure_form(filming), moments=made.moments)
        files.append(made.figure)
    if made.show and page:
        webbrowser.open(page.resolve().as_uri())
    return outcome(inputs, shown, files)


def found(path: Path, only: str) -> Found:
    """The recordings below a path whose names fit; a file that cannot be read ends nothing."""
    try:
        shelf = opened(path)
        names = [name for name in shelf.places if fnmatch(name, only)]
        if len(names) > MOST:
            raise DataError(
                f'A page shows up to {MOST} recordings, but "{path}" holds {len(names)}; choose '
                f'some by name, as in --only "{names[0]}".'
            )
        return Found(path, {name: shelf.read(shelf.places[name]) for name in names})
    except CrossliftError as problem:
        return Found(path, {}, problem)


def labelled(inputs: Sequence[Found]) -> list[Shown]:
    """All recordings, called by their names, or by their files where names are alike."""
    names = [name for each in inputs for name in each.recordings]
    problems = [each.problem for each in inputs if each.problem]
    if problems and not names:
        raise problems[0]
    if not names:
        raise DataError(
            f'No recording in "{inputs[0].path}" has such a name; see the names with '
            "crosslift info, or change --only."
        )
    alike = len(set(names)) < len(names)
    return [
        Shown(recording, label=stem(each.path) if alike else name)
        for each in inputs
        for name, recording in each.recordings.items()
    ]


def stem(path: Path) -> str:
    """A path's name without what all clip files end in."""
    return path.name.removesuffix(SUFFIX)


def with_truth(shown: list[Shown], path: Path | None) -> list[Shown]:
    """The recordings, and after them the truth of each name."""
    if path is None:
        return shown
    shelf = opened(path)
    names = dict.fromkeys(each.recording.name for each in shown)
    there = [name for name in names if name in shelf.places]
    if not there:
        raise DataError(
            f'"{path}" should hold the truth of "{next(iter(names))}" under the same name, '
            "but does not; check the path."
        )
    label = "truth" if len(names) == 1 else "truth of {}"
    truths = [
        Shown(shelf.read(shelf.places[name]), label.format(name), truth=True) for name in there
    ]
    return [*shown, *truths]


def with_video(shown: list[Shown], path: Path | None) -> list[Shown]:
    """The recordings, the first clip among them with the frames of the video."""
    if path is None:
        return shown
    first = next((i for i, each in enumerate(shown) if isinstance(each.recording, Clip)), None)
    if first is None:
        raise SettingsError(
            "A video lies behind a clip, but only motions were given; leave out --video."
        )
    pictures = pictures_of(path)
    return [
        replace(each, pictures=pictures) if i == first else each for i, each in enumerate(shown)
    ]


def drawn(shown: list[Shown], steps: Steps, common: Common) -> list[Shown]:
    """The steps of the drawing of the first clip's pose at one moment, and its truth."""
    first = next((each for each in shown if isinstance(each.recording, Clip)), None)
    if first is None or steps.denoising is None:
        raise SettingsError(
            "Denoising begins with a clip's keypoints, but only motions were given; leave out "
            "--denoising."
        )
    clip, name = first.recording, first.recording.name
    assert isinstance(clip, Clip)
    truths = [each.recording for each in shown if each.truth and each.recording.name == name]
    truth = next((each for each in truths if isinstance(each, Clip)), None)
    lifter = find_lifter(steps.denoising, common.device, common.products).lifter
    lifter = steps.drawing.of(lifter, steps.denoising)
    seconds = (len(clip) - 1) / 2 / clip.fps if steps.at is None else steps.at
    found = denoised(clip, lifter, common.rng(), seconds, truth)
    seen = [picture for picture in first.pictures if picture.time <= seconds + 1e-4][-1:]
    behind = [picture._replace(time=0.0) for picture in seen]
    made = [
        Shown(found.noisy, "noisy pose", pictures=behind, captions=found.captions),
        Shown(found.clean, "clean pose behind it", captions=found.captions),
    ]
    if found.truth is not None:
        made.append(Shown(found.truth, "truth", truth=True, captions=found.captions))
    return made


def figure_form(filming: Filming) -> Filming:
    """How the figure looks: a row is wide and low unless a size was asked for."""
    usual = filming.size == Filming().size
    return replace(filming, size=FIGURE_SIZE) if usual else filming


def filmed(
    path: Path, shown: Sequence[Shown], filming: Filming, together: bool | None, common: Common
) -> None:
    """Write the film while its progress is shown."""
    console = Console(stderr=True, quiet=common.quiet or common.json)
    columns = (TextColumn("Filming"), BarColumn(), MofNCompleteColumn(), TextColumn("frames,"),
               TaskProgressColumn(show_speed=True), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Filming", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        write_film(path, shown, filming, overlay=together, progress=show)


def pairs(shown: Sequence[Shown]) -> list[Pair]:
    """Each clip with its truth, for a still."""
    truths = {each.recording.name: each.recording for each in shown if each.truth}
    wanted = [each for each in shown if not each.truth]
    found = []
    for each in wanted:
        recording, true = each.recording, truths.get(each.recording.name)
        if not isinstance(recording, Clip):
            raise SettingsError(
                f'A still shows what a camera sees, but "{each.title}" is a motion without one; '
                "leave out --still."
            )
        fits = isinstance(true, Clip) and len(true) == len(recording)
        found.append(Pair(recording, true if isinstance(true, Clip) and fits else None, each.title))
    return found


def outcome(inputs: Sequence[Found], shown: Sequence[Shown], made: Sequence[Path]) -> Outcome:
    """What was made, and what became of each input where one could not be read."""
    count = len(shown)
    words = [
        f"{count} recording{'s' if count > 1 else ''} shown. Made:",
        *(f"  {path}" for path in made),
    ]
    data = {
        "files": [str(path) for path in made],
        "recordings": [{"name": each.recording.name, "label": each.title} for each in shown],
        "problems": {str(each.path): str(each.problem) for each in inputs if each.problem},
    }
    if not data["problems"]:
        return Outcome(tuple(words), data)
    table = Table("input", "what became of it")
    for each in inputs:
        became = str(each.problem) if each.problem else f"{len(each.recordings)} shown"
        table.add_row(str(each.path), became)
    return Outcome((*words, table), data, code=2)
