"""The road from keypoints to scored 3D, with a person whom no lifter ever saw.

A plain lifter is trained for seconds on synthetic people. Then somebody of another build moves in
other ways before a camera drawn anew, a detector finds the keypoints with its usual errors, and two
lifters turn them into poses: the plain one, and the one that comes with the package, which is told
the bone lengths that the keypoints themselves suggest. From these keypoints alone both are adapted,
and lift again.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from torch import Generator

from .adapt.footage import Footage, Telling, footage_of
from .adapt.gpa import Alignment
from .adapt.job import Job as Adaptation
from .adapt.job import until_over
from .adapt.judging import judged, watching
from .body import write_body
from .clip import Clip, unlabelled
from .data.store import Store, StoreWriter
from .evaluation import Scores, score
from .find_lifter import Found, find_lifter
from .lift_job import Lifting, lift_recording
from .lifter_folder import About
from .lifters.direct import Direct
from .lifters.inputs import Inputs
from .lifters.simple_baseline import SimpleBaselineLifter
from .networks.simple_baseline import SimpleBaselineSettings
from .observe import observe
from .recipes.job import Job
from .recipes.supervised import Optimizing, Supervised
from .skeletons import H36M_17
from .synth import (
    RIGS,
    TARGET,
    DetectorModel,
    Settings,
    draw_body,
    placed,
    record,
    recordings,
)
from .training import Fitting, Run, Schedule

MOVEMENTS = TARGET.kinds
SECONDS = 5.0
FPS = 30.0
FRAMES = 24_000
"""Of synthetic people, on which the plain lifter is trained."""
BATCHES = 400
ADAPTED = {
    "plain": Alignment(
        augment=("detector",),
        batch=256,
        optimizer=Optimizing(rate=1e-3),
        fitting=until_over(steps=300),
    ),
    "general": Alignment(
        augment=("detector",),
        optimizer=Optimizing(rate=2e-4),
        round=25,
        fitting=until_over(steps=50),
    ),
}
"""How each lifter is adapted; batches are counted, so that a seed always gives the same."""
PLAIN = SimpleBaselineLifter(SimpleBaselineSettings(width=512, dropout=0.1), Inputs("relative"))
"""Sizes in the picture do not matter to it: made-up people stand farther away than those filmed,
and to learn nearness anew takes longer than a demonstration may."""


class Lifted(NamedTuple):
    """One lifter's answer to one recording."""

    lifter: str
    stage: str
    """Before the adaptation, or after it."""
    movement: str
    truth: Clip
    estimate: Clip
    scores: Scores


def plain_lifter(work: Path, rng: Generator, console: Console) -> Found:
    """SimpleBaseline, trained for seconds on synthetic people; their store is kept in a folder."""
    with StoreWriter(work / "people") as writer:
        for clip in recordings(Settings(frames=FRAMES), rng):
            writer.add(clip)
    fitting = Fitting(1000, steps=BATCHES, schedule=Schedule("cosine"), clip=1.0, workers=1)
    recipe = Supervised(batch=256, fitting=fitting)
    about = About("simple_baseline", PLAIN, H36M_17)
    job = Job(about, Store.open(work / "people"), rng, run=Run(console=console))
    return Found(recipe.train(job).lifter, about, None)


def somebody(rng: Generator) -> list[Clip]:
    """One person of a build that no training has, in movements that none has, as detected.

    Each is seen by a camera drawn anew, and the true poses are there to compare with.
    """
    body = draw_body(rng, TARGET.bodies)
    clips = []
    for number, movement in enumerate(MOVEMENTS):
        motion = record(movement, body, FPS, SECONDS, rng)
        rig = RIGS[TARGET.rigs[number % len(TARGET.rigs)]]
        camera = placed(rig, motion.positions, FPS, rng)
        seen = observe(replace(motion, name=movement), camera, DetectorModel(), rng)
        clips.append(seen)
    return clips


def demonstrate(
    plain: Found,
    work: Path,
    rng: Generator,
    device: str = "cpu",
    console: Console | None = None,
) -> Iterator[Lifted]:
    """Both lifters' answers to every recording, one after the other, then adapted, and again."""
    truths = somebody(rng)
    seen = [unlabelled(truth) for truth in truths]
    people = Store.open(work / "people")
    for name, found in (("plain", plain), ("general", find_lifter("general", device, fast=False))):
        footage = footage_of(seen, found, Telling(), rng)
        write_body(work / "body.json", next(iter(footage.people.values())))
        told = work / "body.json" if name == "general" else None
        lifting = Lifting(body=told, standing=False)
        yield from answers(name, "before", truths, found, lifting, rng)
        if console is not None:
            console.print(f"Adapting the {name} lifter to these keypoints ...")
        better = adapted(found, ADAPTED[name], footage, people, work / f"film-{name}", rng, console)
        yield from answers(name, "after", truths, better, lifting, rng)


def answers(
    name: str, stage: str, truths: list[Clip], found: Found, lifting: Lifting, rng: Generator
) -> Iterator[Lifted]:
    """What a lifter makes of every recording's keypoints."""
    for truth in truths:
        estimate = lift_recording(unlabelled(truth), found, lifting, rng, name=name).clip
        yield Lifted(name, stage, truth.name, truth, estimate, score(estimate, truth))


def adapted(
    found: Found,
    method: Alignment,
    footage: Footage,
    people: Store,
    film: Path,
    rng: Generator,
    console: Console | None,
) -> Found:
    """The lifter that was adapted to keypoints, if by these it is better, or else as it was."""
    lifter, target = found.lifter, footage.store(film)
    assert isinstance(lifter, Direct), "both have a network"
    run = Run(console=console)
    job = Adaptation(lifter, people, footage.target, rng, watching(target, 0), run, target)
    done = method.adapt(job).lifter
    before, after = (judged(each, target, 0) for each in (lifter, done))
    return found._replace(lifter=done) if after.better_than(before) else found
