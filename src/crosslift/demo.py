"""The road from keypoints to scored 3D, on people made up for the purpose.

A lifter is fitted in closed form to recordings of synthetic people. Then a person whom it never saw
moves before a camera drawn anew, a detector finds the keypoints with an error of some pixels, and
two lifters turn them into poses: a flat one that gives no depth to anything, and the fitted one.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .clip import Batch, Clip, unlabelled
from .evaluation import Scores, score
from .lifters.flat import FlatSettings
from .lifters.ridge import RidgeSettings, fit_ridge
from .lifting import lift
from .observe import Jitter, observe
from .protocols import Lifter
from .skeletons import H36M_17
from .synth import draw_body, draw_camera, record
from .windows import Windowing, windows

MOVEMENTS = ("walk", "squat", "wave")
DETECTOR = Jitter(pixels=2.0)
PEOPLE = 150
"""Whom the lifter is fitted to, each seen by one camera in each movement."""
SECONDS = 4.0


class Lifted(NamedTuple):
    """One lifter's answer to one recording."""

    lifter: str
    movement: str
    truth: Clip
    estimate: Clip
    scores: Scores


def training_set(rng: Generator) -> Batch:
    """Single frames of many people in all movements, five frames a second."""
    bodies = [draw_body(rng) for _ in range(PEOPLE)]
    clips = [recording(move, body, 5.0, rng) for body in bodies for move in MOVEMENTS]
    return windows(clips, Windowing(frames=1))


def recording(movement: str, body: Float[Tensor, "15"], fps: float, rng: Generator) -> Clip:
    """One movement before a camera drawn anew that sees all of it, with the true poses."""
    motion = record(movement, body, fps, SECONDS, rng)
    low, high = motion.positions.amin(dim=(0, 1)), motion.positions.amax(dim=(0, 1))
    camera = draw_camera(rng, (low + high) / 2, 0.55 * float((high - low).max()))
    return observe(motion, camera, DETECTOR, rng)


def fitted_lifters(batch: Batch, rng: Generator) -> dict[str, Lifter]:
    """The lifters to compare, by name."""
    return {"flat": FlatSettings().build(H36M_17), "ridge": fit_ridge(RidgeSettings(), batch, rng)}


def demonstrate(
    rng: Generator, device: str = "cpu", dtype: torch.dtype = torch.float32
) -> Iterator[Lifted]:
    """Every lifter's answer to every recording, one after the other."""
    lifters = fitted_lifters(training_set(rng).to(device, dtype), rng)
    body = draw_body(rng)  # of a person who is in no training recording
    for movement in MOVEMENTS:
        truth = recording(movement, body, 30.0, rng).to(device, dtype)
        for name, lifter in lifters.items():
            estimate = lift(unlabelled(truth), lifter, rng)
            yield Lifted(name, movement, truth, estimate, score(estimate, truth))
