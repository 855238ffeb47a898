"""Smoother poses: a filter that looks back only, and a spline that looks both ways.

Both work on the joints' places in the world, or in the camera's frame where the camera stands
still, joint by joint. Bones are not held: a joint that swings fast comes a little nearer to the
middle of its swing.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.linalg import solveh_banded

from .camera import camera_to_world, world_to_camera
from .clip import Clip
from .errors import SettingsError
from .resampling import moments

Kind = Literal["none", "one_euro", "spline"]
Tracks = Float[np.ndarray, "frames tracks 3"]
Numbers = Float[np.ndarray, "frames tracks"]
Known = Bool[np.ndarray, "frames tracks"]
Seconds = Float[np.ndarray, " frames"]

LEAST_WEIGHT = 0.05
"""Of a pose whose keypoint nobody saw: the lifter told it from its neighbours."""
SHORTEST = 1e-2
"""The share of a usual step in time below which two frames count as so far apart."""


@dataclass(frozen=True)
class Smoothing:
    """How poses are smoothed over time."""

    kind: Kind = "none"
    """Not at all (none); each frame by those before it, with a lag (one_euro: Casiez, Roussel and
    Vogel 2012); each frame by both sides, without a lag (spline: Whittaker's penalised least
    squares)."""
    cutoff: float = 6.0
    """Hz. Movements faster than this fade: a wave of this frequency comes out of the spline half as
    high; of the one-euro filter, 0.7 times as high where it rests."""
    beta: float = 5.0
    """Of the one-euro filter: Hz by which the cut-off rises for each metre a second of a joint, so
    that what moves fast lags less."""
    derivative_cutoff: float = 1.0
    """Of the one-euro filter: Hz of the filter on the velocity that tells how fast a joint is."""
    order: Literal[2, 3] = 3
    """Of the spline: differences that should be small; 2 leaves straight lines as they are, 3 also
    the parabola of a fall."""

    def __post_init__(self) -> None:
        check_smoothing(self)

    @property
    def words(self) -> str:
        """What is done, for people."""
        if self.kind == "one_euro":
            return (
                f"one-euro filter, {self.cutoff:g} Hz at rest and {self.beta:g} Hz more for each "
                "metre a second"
            )
        return "not at all" if self.kind == "none" else f"spline, {self.cutoff:g} Hz"


def check_smoothing(settings: Smoothing) -> None:
    """Refuse frequencies that are none."""
    for name in ("cutoff", "derivative_cutoff"):
        if not 0 < getattr(settings, name) < math.inf:
            raise SettingsError(
                f"Smoothing takes frequencies above 0 Hz, but the {name.replace('_', ' ')} is "
                f"{getattr(settings, name):g}; give a number such as 6."
            )
    if not 0 <= settings.beta < math.inf:
        raise SettingsError(
            "The one-euro filter opens by 0 Hz or more for each metre a second, but "
            f"{settings.beta:g} was asked for; give 0 to keep the cut-off fixed."
        )


def smoothed(clip: Clip, settings: Smoothing) -> Clip:
    """The clip with smoother poses, which its provenance says; keypoints stay as they are.

    All hypotheses are smoothed alike, at the moments at which the frames were taken. A joint that
    is NaN in a frame stays so and has no say in its neighbours.
    """
    if settings.kind == "none" or clip.poses is None:
        return clip
    smooth = one_euro if settings.kind == "one_euro" else spline
    poses = camera_to_world(clip.poses, clip.camera)  # where a camera that moves does not matter
    tracks = poses.detach().cpu().movedim(0, 1).flatten(1, 2).numpy()
    trust = clip.scores.detach().cpu().double().repeat(1, len(poses)).numpy()
    found = smooth(tracks, trust, spaced(moments(clip).cpu().numpy(), 1 / clip.fps), settings)
    back = torch.from_numpy(found).unflatten(1, poses.shape[::2]).movedim(1, 0).to(poses)
    return replace(
        clip,
        poses=world_to_camera(back, clip.camera),
        provenance={**clip.provenance, "smoothed": settings.words},
    )


def spaced(times: Seconds, step: float) -> Seconds:
    """Moments that never stand still or go back, as times that a file rounds may do."""
    if not len(times):
        return times
    return np.concatenate([[0.0], np.diff(times).clip(min=SHORTEST * step).cumsum()])


def one_euro(tracks: Tracks, trust: Numbers, times: Seconds, settings: Smoothing) -> Tracks:
    """Each place by its own past: the faster it moves, the less it is smoothed.

    A straight, even movement lags by 1 / (2 pi cut-off) seconds, by less the faster it is. After
    a gap the filter goes on where it was, with the time that has passed.
    """
    known = known_in(tracks)
    wait = waits(known, times).astype(tracks.dtype)
    pace = velocities(tracks, known, wait)
    drag = np.where(known, 1 / (1 + 1 / (2 * np.pi * settings.derivative_cutoff * wait)), 0.0)
    cutoff = settings.cutoff + settings.beta * np.linalg.norm(followed(pace, drag), axis=-1)
    share = np.where(known, 1 / (1 + 1 / (2 * np.pi * cutoff * wait)), 0.0)
    found = followed(np.nan_to_num(tracks), share)
    found[~known] = np.nan
    return found


def known_in(tracks: Tracks) -> Known:
    """In which frames each track is a place."""
    return np.asarray(np.isfinite(tracks).all(axis=-1))


def waits(known: Known, times: Seconds) -> Numbers:
    """Seconds since the frame in which each track was last known; infinite before that."""
    before = last_known(known)
    return np.where(before < 0, np.inf, times[:, None] - times[before])


def velocities(tracks: Tracks, known: Known, wait: Numbers) -> Tracks:
    """Metres a second since each track was last known; zero where it was not or is not."""
    before = last_known(known).clip(min=0)
    steps = tracks - np.take_along_axis(tracks, before[..., None], axis=0)
    steps /= wait[..., None]
    steps[~known | np.isinf(wait)] = 0
    return steps


def last_known(known: Known) -> Int[np.ndarray, "frames tracks"]:
    """The last frame before each one in which a track was known; -1 where there is none."""
    at = np.where(known, np.arange(len(known))[:, None], -1)
    before = np.full_like(at, -1)
    before[1:] = np.maximum.accumulate(at, axis=0)[:-1]
    return before


def followed(values: Tracks, share: Numbers) -> Tracks:
    """A value that in each frame goes this share of the way to where the track is."""
    found, now = np.empty_like(values), np.zeros_like(values[:1].sum(axis=0))
    for frame, (value, part) in enumerate(zip(values, share[..., None], strict=True)):
        now += part * (value - now)
        found[frame] = now
    return found


def spline(tracks: Tracks, trust: Numbers, times: Seconds, settings: Smoothing) -> Tracks:
    """Each place by both sides: near to what was found, with small differences over time.

    Minimises the squares of what is changed, each weighted by its score, and of the derivative of
    the chosen order, which a wave of the cut-off frequency makes equal.
    """
    order, found, everywhere = settings.order, tracks.copy(), known_in(tracks)
    if len(times) <= order:
        return found
    stiffness = roughness(times, order) / (2 * np.pi * settings.cutoff) ** (2 * order)
    for track in range(tracks.shape[1]):
        known = everywhere[:, track]
        if known.sum() <= order:
            continue
        weights = np.where(known, trust[:, track].clip(min=LEAST_WEIGHT), 0) * np.gradient(times)
        middle = tracks[known, track].mean(axis=0)  # small numbers lose little to rounding
        off = np.where(known[:, None], tracks[:, track] - middle, 0.0)
        system = stiffness.copy()
        system[0] += weights
        smooth = solveh_banded(system, weights[:, None] * off, lower=True) + middle
        found[known, track] = smooth[known]
    return found


def roughness(times: Seconds, order: int) -> Float[np.ndarray, "band frames"]:
    """The diagonal and those below it of the matrix that gives the square of a derivative's norm.

    The derivative of a track is its divided differences, each for the time that it stands for.
    """
    rows = len(times) - order
    windows = np.stack([times[shift : shift + rows] for shift in range(order + 1)])
    gaps = windows[:, None] - windows[None]
    gaps[range(order + 1), range(order + 1)] = 1
    slopes = math.factorial(order) / gaps.prod(axis=1)
    lasting = (windows[-1] - windows[0]) / order
    band = np.zeros((order + 1, len(times)))
    for lower in range(order + 1):
        for upper in range(lower + 1):
            band[lower - upper, upper : upper + rows] += slopes[lower] * slopes[upper] * lasting
    return band
