"""Adapt a lifter to keypoints of your own, without labels."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .. import registry
from ..adapt.budget import minutes_of
from ..adapt.carry_out import Asked, Done, carry_out
from ..adapt.footage import Telling
from ..adapt.report import Row
from ..adapt.source import Source
from ..data.any_file import Told, clips_in
from ..errors import SettingsError
from ..find_lifter import find_lifter, named_or_shipped
from .common import Common, Options, Outcome, choices, command_line

DEFAULT = "gpa"


def choose(words: list[str]) -> tuple[Callable[..., Outcome], list[str]]:
    """The function that adapts, with the settings of the method that the words name."""
    named = [word.partition("=")[2] for word in words if word.startswith("--method=")]
    named += [after for word, after in pairwise(words) if word == "--method"]
    return adapting_by(named[0] if named else DEFAULT), words


def adapting_by(name: str) -> Callable[..., Outcome]:
    """The command for one method."""
    kind = registry.settings_of("adapter", name)
    known = registry.parts("adapter")
    choice = choices(known)

    def adapt(  # noqa: PLR0913  one parameter for each option
        targets: Annotated[
            tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="TARGET [TARGET ...]")
        ],
        *,
        output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
        lifter: str = "",
        method: Annotated[str, tyro.conf.arg(help=choice)] = name,
        budget: str = "10m",
        telling: Annotated[Telling, tyro.conf.OmitArgPrefixes] = Telling(),  # noqa: B008  frozen
        files: Annotated[Told, tyro.conf.OmitArgPrefixes] = Told(),  # noqa: B008
        source: tuple[Path, ...] = (),
        synthetic: int = Source().frames,
        truth: Path | None = None,
        settings: Annotated[kind, tyro.conf.arg(name="")] = kind(),  # noqa: B008  # pyright: ignore[reportInvalidTypeForm]
        resume: Annotated[
            bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff
        ] = False,
        common: Options = Common(),
    ) -> Outcome:
        """Adapt a lifter to the people and the cameras of your footage, from keypoints alone.

        A TARGET is a file or folder of keypoints in any format that crosslift reads, a clip file,
        or a store; 3D poses in it are not looked at. Made-up movement gets the target person's
        bones, is seen from where your cameras stand and learned from. The result is a lifter's
        folder that every command takes; the original is kept if nothing better was found.

        Args:
            targets: What you filmed.
            output: The folder for the lifter and its report; made if it is not there.
            lifter: A lifter's folder, or the name of one that comes with the package.
            method: How.
            budget: Time for training: 90s, 2m, 2h.
            source: Stores of labelled clips to learn from besides made-up movement.
            synthetic: Frames of made-up movement; 0 for none, where there are stores.
            truth: A store or clip files with poses, for evaluation alone.
            settings: Of the method.
            resume: Go on with an adaptation that was stopped.
        """
        if not targets:
            raise SettingsError(
                "At least one target is needed; say crosslift adapt FILE -o FOLDER."
            )
        clips = [clip for path in targets for clip in clips_in(path, files)]
        called = named_or_shipped(lifter)
        asked = Asked(
            within(settings, budget),
            name,
            find_lifter(called, common.device, fast=False),
            called,
            Source(source, synthetic),
            telling,
            output,
            truth=truth,
            seed=common.seed,
            resume=resume,
            console=Console(stderr=True, quiet=common.quiet or common.json),
            command=command_line(),
        )
        return outcome(carry_out(asked, clips))

    return adapt


def within(settings: Any, budget: str) -> Any:
    """The method's settings with the time that its training may take."""
    return replace(settings, fitting=replace(settings.fitting, minutes=minutes_of(budget)))


def outcome(done: Done) -> Outcome:
    """What became of it, in words and as data."""
    report = done.report
    words = [
        *report.sentences,
        table("What the target's keypoints say; less is better", report.scores),
        *([table("What truths say that were kept for evaluation", report.errors)]
          if report.errors else []),
        report.verdict,
        "Made:",
        *(f"  {path}" for path in done.made),
    ]  # fmt: skip
    shown = tuple(escape(each) if isinstance(each, str) else each for each in words)
    return Outcome(shown, report.data() | {"files": [str(path) for path in done.made]})


def table(title: str, rows: Any) -> Table:
    """Before and after, as a person reads it."""
    made = Table("figure", title=title)
    for heading in ("before", "after", "change"):
        made.add_column(heading, justify="right")
    row: Row
    for row in rows:
        made.add_row(row.title, *row.numbers())
    return made
