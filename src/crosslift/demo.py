"""The road from keypoints to scored 3D, with a person whom no lifter ever saw.

A plain lifter is trained for seconds on synthetic people. Then somebody of another build moves in
other ways before a camera drawn anew, a detector finds the keypoints with its usual errors, and two
lifters turn them into poses: the plain one, and the one that comes with the package, which is told
the bone lengths that the keypoints themselves suggest.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from torch import Generator

from .body import estimate_body, write_body
from .clip import Clip, unlabelled
from .data.store import Store, StoreWriter
from .evaluation import Scores, score
from .find_lifter import Found, find_lifter
from .lift_job import Lifting, lift_recording
from .lifter_folder import About
from .lifters.simple_baseline import SimpleBaselineLifter
from .networks.simple_baseline import SimpleBaselineSettings
from .observe import observe
from .recipes.job import Job
from .recipes.supervised import Supervised
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
PLAIN = SimpleBaselineLifter(SimpleBaselineSettings(width=512, dropout=0.1))


class Lifted(NamedTuple):
    """One lifter's answer to one recording."""

    lifter: str
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


def demonstrate(plain: Found, work: Path, rng: Generator, device: str = "cpu") -> Iterator[Lifted]:
    """Both lifters' answers to every recording, one after the other."""
    truths = somebody(rng)
    body = work / "body.json"
    write_body(body, estimate_body([unlabelled(truth) for truth in truths]))
    ours = find_lifter("general", device)
    for truth in truths:
        for name, found, told in (("plain", plain, None), ("general", ours, body)):
            lifting = Lifting(body=told, standing=False)
            estimate = lift_recording(unlabelled(truth), found, lifting, rng, name=name).clip
            yield Lifted(name, truth.name, truth, estimate, score(estimate, truth))
