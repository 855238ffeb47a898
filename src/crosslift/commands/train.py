"""Train a lifter on stores of labelled clips, or a detector on stores of pictures, by a recipe."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import torch
import tyro
from rich.console import Console
from rich.table import Table

from .. import registry
from ..clip import Clip
from ..data.store import Store
from ..errors import DataError, SettingsError, unknown_name
from ..files import write_json
from ..lifter_folder import About
from ..recipes.job import Job, NamingLifter, Recipe, Trained, keep
from ..recipes.rows import row_named
from ..settings import as_data, changed, read_settings
from ..skeleton import Skeleton
from ..training import Run
from ..training.checkpoint import NAME as CHECKPOINT
from ..training.processes import local_device, team
from . import train_detector, train_l2d_pose
from .asked import Asked
from .common import Common, Options, Outcome, command_line, taken_out

USAGE = """usage: crosslift train RECIPE STORE... -o RUN --lifter NAME [OPTIONS]

Train a lifter on the labelled clips of stores. The recipes:

{recipes}

crosslift train RECIPE --lifter NAME --help tells all settings; they may also come from a TOML or
JSON file (--settings FILE) or be those of a published row (--row NAME, see crosslift list rows),
and what stands on the command line overrides both. --print-settings prints what would be done."""

DEFAULT = "simple_baseline"
RESULT = "lifter"
"""The folder of a run in which the trained lifter lies."""

OF_DETECTORS = {"detector": train_detector.choose, "l2d_pose": train_l2d_pose.choose}
"""Recipes whose stores hold pictures, and which have commands of their own."""

NOTED = ("recipe", "seed")
"""What stands in a run's settings beside those of the recipe and the lifter."""


def choose(words: list[str]) -> tuple[Callable[..., Outcome], list[str]]:
    """The function that trains by the recipe that the first word names, and the other words."""
    if not words or words[0] in ("-h", "--help"):
        return recipes, words[1:]
    if words[0] not in registry.parts("recipe"):
        raise SettingsError(unknown_name("recipe", words[0], registry.parts("recipe")))
    if words[0] in OF_DETECTORS:
        return OF_DETECTORS[words[0]](words[1:])
    start, rest = begun(words[0], words[1:])
    return trainer(start), rest


def recipes(*, common: Options = Common()) -> Outcome:
    """List the recipes."""
    known = registry.parts("recipe")
    width = max(map(len, known))
    lines = "\n".join(f"  {name:{width}}  {part.help}" for name, part in known.items())
    return Outcome(
        (USAGE.format(recipes=lines),), {name: part.help for name, part in known.items()}
    )


@dataclass(frozen=True)
class Start:
    """The settings that the command line's own then override."""

    recipe: str
    settings: Any
    lifter: str
    lifter_settings: Any


def begun(recipe: str, words: list[str]) -> tuple[Start, list[str]]:
    """The settings of a named row, of a file and of a named lifter, and the words left over."""
    taken, rest = taken_out(words, "--lifter", "--settings", "--row")
    settings: Any = registry.settings_of("recipe", recipe)()
    name, lifter = DEFAULT, None
    if "--row" in taken:
        row = row_named(taken["--row"])
        check_recipe(recipe, registry.name_of("recipe", row.recipe), taken["--row"])
        name, lifter, settings = row.lifter, row.settings, row.recipe
    found = read_settings(Path(taken["--settings"])) if "--settings" in taken else {}
    told = found.pop("lifter", {})
    if not isinstance(told, dict):
        raise SettingsError(
            f'"lifter" in "{taken["--settings"]}" should be a table with its name and settings, '
            f"but {told!r} was found."
        )
    check_recipe(recipe, found.get("recipe", recipe), taken.get("--settings", ""))
    chosen = str(taken.get("--lifter") or told.get("name", name))
    if chosen != name or lifter is None:
        name, lifter = chosen, registry.settings_of("lifter", chosen)()
    if told.pop("name", name) == name:
        lifter = changed(lifter, told, where="lifter")
    settings = changed(settings, {key: found[key] for key in found if key not in NOTED})
    return Start(recipe, settings, name, lifter), rest


def check_recipe(asked: str, found: object, where: str) -> None:
    """Refuse the settings of another recipe than the one that is asked for."""
    if asked != found:
        raise SettingsError(
            f'The settings "{where}" are of the recipe "{found}", but "{asked}" was asked for; '
            f"say crosslift train {found}."
        )


def trainer(start: Start) -> Callable[..., Outcome]:
    """The command with the options of one recipe and one lifter."""
    kind, of_lifter = type(start.settings), type(start.lifter_settings)

    def train(  # noqa: PLR0913  one parameter for each option
        stores: Annotated[
            tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="STORE...")
        ] = (),
        *,
        output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None,
        validation: tuple[Path, ...] = (),
        where: tuple[str, ...] = (),
        start_from: Path | None = None,
        lifter: of_lifter = start.lifter_settings,  # pyright: ignore[reportInvalidTypeForm]
        settings: Annotated[kind, tyro.conf.arg(name="")] = start.settings,  # pyright: ignore[reportInvalidTypeForm]
        print_settings: tyro.conf.FlagCreatePairsOff[bool] = False,
        resume: Annotated[
            bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff
        ] = False,
        common: Options = Common(),
    ) -> Outcome:
        """Train a lifter; RUN/lifter is the result.

        Args:
            stores: Stores of labelled clips of one skeleton.
            output: The folder of the run: settings, log, checkpoint, and at the end the lifter.
            validation: Stores by whose error the best weights are kept.
            where: Only clips with these labels, such as subject=S1,S5 split=train.
            start_from: A lifter's folder, whose weights are the start.
            print_settings: Print the settings as JSON and do nothing.
            resume: Go on with a run that was stopped.
        """
        name, of_name = lifter_of(settings, (start.lifter, lifter))
        full = {"recipe": start.recipe, "lifter": {"name": name, **as_data(of_name)}}
        full |= as_data(settings)
        if print_settings:
            return Outcome((json.dumps(full, indent=2),), full)
        return trained(
            Asked(stores, validation, where, output, start_from, resume=resume),
            (name, of_name),
            settings,
            full,
            common,
        )

    return train


def lifter_of(recipe: Recipe, named: tuple[str, Any]) -> tuple[str, Any]:
    """The lifter that is trained: the recipe's own, if it says which, or the one that was named."""
    if not isinstance(recipe, NamingLifter):
        return named
    if named != (DEFAULT, registry.settings_of("lifter", DEFAULT)()):
        raise SettingsError(
            f'The recipe "{registry.name_of("recipe", recipe)}" says itself which lifter it '
            f'trains, but "{named[0]}" was named with settings; leave these and --lifter out.'
        )
    return recipe.lifter()


def trained(
    asked: Asked, lifter: tuple[str, Any], recipe: Recipe, full: Mapping[str, Any], common: Common
) -> Outcome:
    """Train, and write the run's folder."""
    folder = asked.folder(full["recipe"], RESULT)
    store = opened(asked.stores, asked.where)
    name, settings = lifter
    settings = at_rate_of(settings, store)
    full = {**full, "lifter": {"name": name, **as_data(settings)}}
    kept = {**full, "seed": common.seed}
    console = Console(stderr=True, quiet=common.quiet or common.json)
    job = Job(
        About(name, settings, skeleton_of(store)),
        store,
        common.rng(),
        opened(asked.validation, ()) if asked.validation else None,
        asked.start,
        Run(folder, asked.resume, kept, console),
        local_device(common.device),
    )
    leads = team(torch.device(common.device)).leads
    if leads and not (folder / CHECKPOINT).exists():  # a run that goes on keeps its settings
        write_json(folder / "settings.json", kept)
    result = recipe.train(job)
    if not leads:
        return Outcome(())
    made = {"command": command_line(), "recipe": full["recipe"], "seed": common.seed}
    about = keep(result, job, folder / RESULT, {**made, "settings": as_data(recipe)})
    return Outcome(said(result, folder), {"run": str(folder), "made": as_data(about.made)})


def at_rate_of(settings: Any, store: Store) -> Any:
    """The lifter's settings with the data's frame rate, if it sees motion."""
    if not hasattr(settings, "fps") or settings.build(skeleton_of(store)).frames == 1:
        return settings
    rates = sorted({store.fps(index) for index in range(len(store))})
    if settings.fps is not None and rates != [settings.fps]:
        raise DataError(
            f"The lifter should be trained at {settings.fps:g} frames a second, but the data has "
            f"{', '.join(f'{rate:g}' for rate in rates)}; leave lifter.fps out, or give other data."
        )
    if len(rates) > 1:
        raise DataError(
            "The clips of one training should have one frame rate, but these have "
            f"{', '.join(f'{rate:g}' for rate in rates)} frames a second; train on one of them."
        )
    return replace(settings, fps=rates[0])


def opened(paths: Sequence[Path], where: Sequence[str]) -> Store:
    """Stores as one, with only the clips that have the wanted labels."""
    wanted = {}
    for each in where:
        label, equals, values = each.partition("=")
        if not equals:
            raise SettingsError(
                f'--where takes labels and values such as subject=S1,S5, but "{each}" was given.'
            )
        wanted[label] = values.split(",")
    found = Store.joined([Store.open(path).select(**wanted) for path in paths])
    if not len(found):
        raise DataError("No clip of the stores has the labels asked for; see crosslift info STORE.")
    return found


def skeleton_of(store: Store) -> Skeleton:
    """Of the first clip; the others must have the same."""
    first = store[0]
    if not isinstance(first, Clip):
        raise DataError(
            f'Training takes clips with keypoints, but "{first.name}" is a motion without a '
            "camera; convert it with a rig of cameras."
        )
    return first.skeleton


def said(result: Trained, folder: Path) -> tuple[Any, ...]:
    """What became of the training, for people."""
    fitted = result.fitted
    table = Table("validation", "at batch", *(_heading(fitted.history)))
    for row in fitted.history[-5:]:
        best = " (kept)" if row["step"] == fitted.best_step else ""
        table.add_row(
            "", f"{row['step']:,}{best}", *(f"{v:.2f}" for k, v in row.items() if k != "step")
        )
    words = [
        f"{fitted.steps:,} batches ({fitted.epochs:.2f} epochs) in {fitted.seconds / 60:.1f} "
        f"minutes; {fitted.why}.",
        *([table] if fitted.history else []),
        *([f"{fitted.skipped} batches were skipped: a number was not finite."]
          if fitted.skipped else []),
        f"The lifter is in {folder / 'lifter'}.",
    ]  # fmt: skip
    return tuple(words)


def _heading(history: Sequence[Mapping[str, Any]]) -> list[str]:
    return [key.rpartition(".")[2] for key in (history[0] if history else {}) if key != "step"]
