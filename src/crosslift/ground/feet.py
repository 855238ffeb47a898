"""Feet over time: where the ankles are, how fast they move, and when a foot stands."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..clip import Clip
from ..resampling import moments
from ..smoothing import Smoothing, spaced, spline

ANKLES = ("left_ankle", "right_ankle")
SUREST_SCORE = 0.3
"""A foot with a lower score counts as not seen."""
STILL = (0.3, 0.8)
"""Metres a second below which a foot always, and above which it never stands."""
STANDING_SHARE = 0.3
"""The share of the frames in which the slower foot is taken to stand, between the two: noise makes
feet look faster than they are."""
SAME_LEVEL = 0.06
"""Metres by which a foot that stands may be above the other one."""
SMOOTH = Smoothing("spline", cutoff=4.0)
"""Through which feet are looked at; a step lasts half a second."""


class Feet(NamedTuple):
    """Both ankles over time, smoothed."""

    places: Float[Tensor, "frames 2 3"]
    """Metres in the camera's frame."""
    speed: Float[Tensor, "frames 2"]
    """Metres a second."""
    seen: Bool[Tensor, "frames 2"]
    """Whether the keypoint was observed with a score that can be relied on."""


def feet_of(clip: Clip) -> Feet | None:
    """The feet of the first hypothesis; None without poses, ankles, or two frames to compare."""
    if clip.poses is None or len(clip) < 2 or not set(ANKLES) <= set(clip.skeleton.joints):
        return None
    which = clip.skeleton.indices(*ANKLES)
    times = spaced(moments(clip).cpu().numpy(), 1 / clip.fps)
    scores = clip.scores[:, which].cpu().double()
    raw = clip.poses[0, :, which].detach().cpu().double()
    tracks = torch.from_numpy(spline(raw.numpy(), scores.numpy(), times, SMOOTH))
    pace = torch.gradient(tracks, spacing=(torch.from_numpy(times),), dim=0)[0]
    seen = clip.observed[:, which].cpu() & (scores >= SUREST_SCORE)
    return Feet(tracks, pace.norm(dim=-1), seen & tracks.isfinite().all(dim=-1))


def stands(feet: Feet, up: Float[Tensor, "3"]) -> Bool[Tensor, "frames 2"]:
    """When each foot stands: it is seen, slow, and not above the other one."""
    height = torch.where(feet.seen, feet.places @ up, torch.inf)
    low = feet.seen & (height < height.amin(dim=1, keepdim=True) + SAME_LEVEL)
    slow = feet.speed.nan_to_num(torch.inf)
    slower = slow.amin(dim=1)[feet.seen.any(dim=1)]
    if not len(slower):
        return low
    least, most = STILL
    return low & (slow < slower.quantile(STANDING_SHARE).clamp(least, most))
