"""Train a detector of keypoints in pictures; a part of the command `train`."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import torch
import tyro
from rich.console import Console

from .. import registry
from ..detect.detector_folder import KeptDetector, load_detector, save_detector
from ..detect.map_detector import MapDetector
from ..detect.map_networks import MAP_NETWORKS, MapNetwork, kind_of
from ..errors import SettingsError, unknown_name
from ..files import write_json
from ..recipes.detector import DetectorJob, TrainedDetector
from ..recipes.pictures import pictures_in
from ..settings import as_data, changed, read_settings
from ..skeleton import Skeleton
from ..training import Run
from ..training.checkpoint import NAME as CHECKPOINT
from ..training.examples import Examples
from .asked import Asked
from .common import Common, Options, Outcome, command_line, taken_out

RECIPE = "detector"
RESULT = "detector"
"""The folder of a run in which the trained detector lies."""
USUAL_SIZE = (192, 256)
NOT_SETTINGS = ("recipe", "seed", "detector", "network", "size")
"""What stands in a run's settings beside those of the recipe."""


def choose(words: list[str]) -> tuple[Callable[..., Outcome], list[str]]:
    """The function that trains the network that the words name, and the words left over."""
    taken, rest = taken_out(words, "--detector", "--settings")
    found = read_settings(Path(taken["--settings"])) if "--settings" in taken else {}
    if found.get("recipe", RECIPE) != RECIPE:
        raise SettingsError(
            f'The settings "{taken["--settings"]}" are of the recipe "{found["recipe"]}"; say '
            f"crosslift train {found['recipe']}."
        )
    name = taken.get("--detector") or str(found.get("detector", "hrnet"))
    if name not in MAP_NETWORKS:
        raise SettingsError(unknown_name("detector to train", name, MAP_NETWORKS))
    kind = MAP_NETWORKS[name]
    network = changed(kind.small, found.get("network", {}), where="network")
    recipe = registry.settings_of("recipe", RECIPE)()
    recipe = changed(recipe, {key: found[key] for key in found if key not in NOT_SETTINGS})
    width, height = found.get("size", USUAL_SIZE)
    return trainer(kind, network, recipe, (width, height)), rest


def trainer(
    kind: MapNetwork, start: Any, begun: Any, usual: tuple[int, int]
) -> Callable[..., Outcome]:
    """The command with the options of one network."""
    of_network, of_recipe = type(start), type(begun)

    def train(  # noqa: PLR0913  one parameter for each option
        stores: Annotated[
            tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="STORE...")
        ] = (),
        *,
        output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None,
        validation: tuple[Path, ...] = (),
        where: tuple[str, ...] = (),
        start_from: Path | None = None,
        size: tuple[int, int] = usual,
        network: of_network = start,  # pyright: ignore[reportInvalidTypeForm]
        settings: Annotated[of_recipe, tyro.conf.arg(name="")] = begun,  # pyright: ignore[reportInvalidTypeForm]
        print_settings: tyro.conf.FlagCreatePairsOff[bool] = False,
        resume: Annotated[
            bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff
        ] = False,
        common: Options = Common(),
    ) -> Outcome:
        """Train a detector of keypoints; RUN/detector is the result.

        Args:
            stores: A store with pictures of people, or stores of clips with 3D poses, from which
                people are rendered.
            output: The folder of the run: settings, log, checkpoint, sheets of pictures, and at
                the end the detector.
            validation: A store by whose error the best weights are kept.
            where: Only clips with these labels, such as subject=S1,S5 split=train.
            start_from: A detector's folder or a published file, whose weights are the start.
            size: Width and height of the cut-outs.
            network: Sizes of the network; its joints follow from the pictures.
            print_settings: Print the settings as JSON and do nothing.
            resume: Go on with a run that was stopped.
        """
        full = {"recipe": RECIPE, "detector": kind.name, "size": list(size)}
        full |= {"network": as_data(network), **as_data(settings)}
        if print_settings:
            return Outcome((json.dumps(full, indent=2),), full)
        asked = Asked(stores, validation, where, output, start_from, resume=resume)
        return trained(asked, kind, network, settings, full, common)

    return train


def trained(
    asked: Asked, kind: MapNetwork, network: Any, recipe: Any, full: dict[str, Any], common: Common
) -> Outcome:
    """Train, and write the run's folder."""
    folder = asked.folder(RECIPE, RESULT)
    (width, height), rng = full["size"], common.rng()
    wanted = labels(asked.where)
    examples = pictures_in(asked.stores, wanted, (width, height), recipe.batch, rng, recipe.changes)
    validation = None
    if asked.validation:
        validation = pictures_in(asked.validation, {}, (width, height), recipe.batch, rng)
    detector = begun_detector(asked.start, kind, network, skeleton_of(examples), (width, height),
                              rng)  # fmt: skip
    full |= {"network": as_data(detector.network.settings)}
    kept = full | {"seed": common.seed}
    if not (folder / CHECKPOINT).exists():  # a run that goes on keeps its settings
        write_json(folder / "settings.json", kept)
    console = Console(stderr=True, quiet=common.quiet or common.json)
    run = Run(folder, asked.resume, kept, console)
    job = DetectorJob(detector.to(common.device), examples, rng, validation, run)
    result: TrainedDetector = recipe.train(job)
    made = made_of(result, {"command": command_line(), "data": examples.hash, "settings": kept})
    save_detector(KeptDetector(result.detector, made), folder / RESULT)
    return said(result, folder, made)


def labels(where: tuple[str, ...]) -> dict[str, list[str]]:
    """The labels that clips must have, as subject=S1,S5 says them."""
    wanted = {}
    for each in where:
        label, equals, values = each.partition("=")
        if not equals:
            raise SettingsError(
                f'--where takes labels and values such as subject=S1,S5, but "{each}" was given.'
            )
        wanted[label] = values.split(",")
    return wanted


def skeleton_of(examples: Examples) -> Skeleton:
    """Of the people in the pictures."""
    return examples.batch(0, 0).skeleton


def begun_detector(
    start: Path | None,
    kind: MapNetwork,
    network: Any,
    skeleton: Skeleton,
    size: tuple[int, int],
    rng: torch.Generator,
) -> MapDetector:
    """The detector with fresh weights, or with those that training starts from."""
    if start is not None:
        found = load_detector(start).detector
        own = kind_of(found.network)
        if own.name != kind.name:
            raise SettingsError(
                f'"{start}" is a {own.title}; say --detector {own.name} to go on with it.'
            )
        if len(found.skeleton) != len(skeleton):
            raise SettingsError(
                f'"{start}" finds {len(found.skeleton)} joints, but the pictures have the '
                f'{len(skeleton)} of "{skeleton.name}"; start from another detector.'
            )
        return MapDetector(skeleton, found.network, size)
    with torch.random.fork_rng():
        torch.manual_seed(int(torch.randint(2**62, (), generator=rng)))
        built = kind.build(replace(network, joints=len(skeleton)))
    return MapDetector(skeleton, built, size)


def made_of(result: TrainedDetector, told: dict[str, Any]) -> dict[str, Any]:
    """How the detector was made, as plain data."""
    fitted = result.fitted
    trained_for = {
        "batches": fitted.steps,
        "epochs": round(fitted.epochs, 3),
        "seconds": round(fitted.seconds, 1),
        "ended": fitted.why,
        "best": fitted.best,
        "best_at": fitted.best_step,
        "last": dict(fitted.history[-1]) if fitted.history else {},
    }
    return {**told, "trained": trained_for}


def said(result: TrainedDetector, folder: Path, made: dict[str, Any]) -> Outcome:
    """What became of the training."""
    fitted = result.fitted
    words = [f"{fitted.steps:,} batches in {fitted.seconds:.0f} s: {fitted.why}."]
    if fitted.best is not None:
        words.append(
            f"Mean error on the validation: {fitted.best:.2f} pixels of the cut-out, after batch "
            f"{fitted.best_step:,}, whose weights were kept."
        )
    words += ["Made:", f"  {folder / RESULT}"]
    return Outcome(tuple(words), {"run": str(folder), "made": as_data(made)})
