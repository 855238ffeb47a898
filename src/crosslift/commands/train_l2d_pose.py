"""Train a detector by what frozen lifters make of its keypoints; a part of the command `train`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.console import Console
from rich.table import Table

from ..detect.detector_folder import KeptDetector, save_detector
from ..detect.map_detector import MapDetector
from ..detect.map_networks import kind_of
from ..errors import SettingsError, unknown_name
from ..files import write_json
from ..recipes.detector import TrainedDetector
from ..recipes.guiding import PUBLISHED, GuidedJob, L2DPoseRecipe
from ..recipes.guiding_rows import GuidedRow, check_kinds, guided_row_named
from ..recipes.l2d_pose import Named, guides_named, started, windows_in
from ..settings import as_data, changed, read_settings
from ..training import Run
from ..training.checkpoint import NAME as CHECKPOINT
from ..training.examples import Examples
from .asked import check_unfinished
from .common import Common, Options, Outcome, command_line, taken_out
from .train_detector import RESULT, labels, made_of, skeleton_of

RECIPE = "l2d_pose"
NOT_SETTINGS = ("recipe", "seed", "detector", "lifters", "unseen", "size", "row")
"""What stands in a run's settings beside those of the recipe."""
NAMED = {"ours": L2DPoseRecipe(), "published": PUBLISHED}
"""What --as can say."""


@dataclass(frozen=True)
class Begun:
    """The settings that the command line's own then override."""

    recipe: L2DPoseRecipe
    row: GuidedRow | None = None
    name: str | None = None
    """Of the row."""


def choose(words: list[str]) -> tuple[Callable[..., Outcome], list[str]]:
    """The function that trains with the settings that the words name, and the words left over."""
    taken, rest = taken_out(words, "--as", "--row", "--settings")
    row = guided_row_named(taken["--row"]) if "--row" in taken else None
    form = taken.get("--as", "ours")
    if form not in NAMED:
        raise SettingsError(unknown_name("form of L2D-Pose called", form, NAMED))
    if row is not None and "--as" in taken:
        raise SettingsError(
            f'The row "{taken["--row"]}" is as published already; leave --as {form} out.'
        )
    recipe = NAMED[form] if row is None else row.recipe
    found = read_settings(Path(taken["--settings"])) if "--settings" in taken else {}
    if found.get("recipe", RECIPE) != RECIPE:
        raise SettingsError(
            f'The settings "{taken["--settings"]}" are of the recipe "{found["recipe"]}"; say '
            f"crosslift train {found['recipe']}."
        )
    recipe = changed(recipe, {key: found[key] for key in found if key not in NOT_SETTINGS})
    return trainer(Begun(recipe, row, taken.get("--row"))), rest


@dataclass(frozen=True)
class Asked:
    """The words of the command that are no settings."""

    detector: Path | None
    lifters: tuple[str, ...]
    unseen: tuple[str, ...]
    stores: tuple[Path, ...]
    validation: tuple[Path, ...]
    where: tuple[str, ...]
    output: Path | None
    size: tuple[int, int] | None
    joints: str | None
    resume: bool


def trainer(begun: Begun) -> Callable[..., Outcome]:
    """The command with the settings that were named as its defaults."""

    def train(  # noqa: PLR0913  one parameter for each option
        *,
        detector: Path | None = None,
        lifters: tuple[str, ...] = (),
        unseen: tuple[str, ...] = (),
        on: tuple[Path, ...] = (),
        output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None,
        validation: tuple[Path, ...] = (),
        where: tuple[str, ...] = (),
        size: tuple[int, int] | None = None,
        joints: str | None = None,
        settings: Annotated[L2DPoseRecipe, tyro.conf.arg(name="")] = begun.recipe,
        print_settings: tyro.conf.FlagCreatePairsOff[bool] = False,
        resume: Annotated[
            bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff
        ] = False,
        common: Options = Common(),
    ) -> Outcome:
        """Go on training a detector of keypoints, guided by lifters; RUN/detector is the result.

        Settings may also come from a TOML or JSON file (--settings FILE), be those of a published
        row (--row NAME) or of the publication's release as a whole (--as published).

        Args:
            detector: The folder of the detector that begins, or a published file of weights.
            lifters: Folders or names of the lifters that guide it; their weights stay. Without
                any, it learns from its own error alone.
            unseen: Lifters that are only looked at in the validation, and decide nothing.
            on: A store with pictures of people and their poses, or stores of clips with poses, from
                which people are rendered.
            output: The folder of the run: settings, log, checkpoint, sheets of pictures, and at
                the end the detector.
            validation: A store by whose error behind the lifters the best weights are kept.
            where: Only clips with these labels, such as subject=S1,S5 split=train.
            size: Width and height of the cut-outs; those of the detector unless given.
            joints: The skeleton of a file's maps, where it is not that of the pictures.
            print_settings: Print the settings as JSON and do nothing.
            resume: Go on with a run that was stopped.
        """
        asked = Asked(detector, lifters, unseen, on, validation, where, output,
                      size or (begun.row.size if begun.row else None), joints, resume)  # fmt: skip
        full = {"recipe": RECIPE, "row": begun.name, **as_data(settings)}
        if print_settings:
            return Outcome((json.dumps(full, indent=2),), full)
        return trained(asked, settings, begun, full, common)

    return train


def trained(
    asked: Asked, recipe: L2DPoseRecipe, begun: Begun, full: dict[str, Any], common: Common
) -> Outcome:
    """Train, and write the run's folder."""
    if asked.detector is None or asked.output is None or not asked.stores:
        raise SettingsError(
            "A guided training needs a detector that begins, pictures and a folder for the run; "
            "say crosslift train l2d_pose --detector FOLDER --lifters FOLDER --on STORE -o RUN."
        )
    folder, rng = asked.output, common.rng()
    check_unfinished(folder, RESULT)
    detector, train = detector_and_pictures(asked, recipe, rng)
    guides = guides_named(asked.lifters, detector.skeleton, common.device)
    unseen = guides_named(asked.unseen, detector.skeleton, common.device)
    check_row(begun, detector, guides, unseen)
    validation = None
    if asked.validation:
        validation = windows_in(
            asked.validation, {}, detector.size, recipe.batch, recipe.frames, rng
        )
    kept = full | told(asked, detector, guides, unseen) | {"seed": common.seed}
    if not (folder / CHECKPOINT).exists():  # a run that goes on keeps its settings
        write_json(folder / "settings.json", kept)
    console = Console(stderr=True, quiet=common.quiet or common.json)
    job = GuidedJob(
        detector.to(common.device),
        train,
        rng,
        validation,
        Run(folder, asked.resume, kept, console),
        [each.guide for each in guides],
        [each.guide for each in unseen],
    )
    result = recipe.train(job)
    made = made_of(result, {"command": command_line(), "data": train.hash, "settings": kept})
    save_detector(KeptDetector(result.detector, made), folder / RESULT)
    return said(result, folder, made)


def detector_and_pictures(
    asked: Asked, recipe: L2DPoseRecipe, rng: Any
) -> tuple[MapDetector, Examples]:
    """The detector that begins, with maps for the joints in the pictures, and these."""
    assert asked.detector is not None, "checked before"
    wanted, state = labels(asked.where), rng.get_state()

    def pictures(size: tuple[int, int]) -> Examples:
        rng.set_state(state)  # looked at twice where the detector says the size
        return windows_in(
            asked.stores, wanted, size, recipe.batch, recipe.frames, rng, recipe.changes
        )

    skeleton = skeleton_of(pictures(asked.size or (64, 64)))
    detector = started(asked.detector, skeleton, asked.size, asked.joints)
    return detector, pictures(detector.size)


def check_row(
    begun: Begun, detector: MapDetector, guides: list[Named], unseen: list[Named]
) -> None:
    """Refuse another detector or other lifters than a published row has."""
    if begun.row is None or begun.name is None:
        return
    for what, wanted, those in (
        ("guides", begun.row.lifters, guides),
        ("unseen lifters", begun.row.unseen, unseen),
    ):
        check_kinds(what, wanted, tuple(each.found.about.name for each in those), begun.name)
    found = as_data(detector.network.settings)
    other = {key: value for key, value in as_data(begun.row.network).items()
             if key != "joints" and found.get(key) != value}  # fmt: skip
    if other:
        key, value = next(iter(other.items()))
        raise SettingsError(
            f'The row "{begun.name}" is of a detector with {key} {value}, but the one that was '
            f"named has {found.get(key)}; name such a detector, or take another row."
        )


def told(
    asked: Asked, detector: MapDetector, guides: list[Named], unseen: list[Named]
) -> dict[str, Any]:
    """What a run's settings say of the detector that began and of the lifters."""
    return {
        "detector": {
            "from": str(asked.detector),
            "name": kind_of(detector.network).name,
            "network": as_data(detector.network.settings),
        },
        "size": list(detector.size),
        "lifters": {each.guide.name: each.found.hash for each in guides},
        "unseen": {each.guide.name: each.found.hash for each in unseen},
    }


def said(result: TrainedDetector, folder: Path, made: dict[str, Any]) -> Outcome:
    """What became of the training."""
    fitted = result.fitted
    words: list[Any] = [f"{fitted.steps:,} batches in {fitted.seconds:.0f} s: {fitted.why}."]
    if fitted.history:
        kept = next(row for row in fitted.history if row["step"] == fitted.best_step)
        words.append(f"The validation after batch {fitted.best_step:,}, whose weights were kept:")
        words.append(figures_of(kept))
    weights = folder / RESULT
    words += [
        "Made:",
        f"  {weights}",
        f"Use it: crosslift lift VIDEO --detector {kind_of(result.detector.network).name} "
        f"--weights {weights}",
    ]
    return Outcome(tuple(words), {"run": str(folder), "made": as_data(made)})


def figures_of(row: Mapping[str, Any]) -> Table:
    """One validation for people."""
    table = Table("what", "value")
    for name, value in row.items():
        if name != "step":
            title = name.removeprefix("validation.")
            share = title in ("pdj", "pckh")
            table.add_row(title, f"{100 * value:.1f} %" if share else f"{value:.2f}")
    return table
