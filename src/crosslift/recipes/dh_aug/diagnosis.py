"""What a generator makes, in figures: how various it is, how like people, how near its limits."""

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from ...augment.dh_body import Made
from ...augment.pace import FRAMES, accelerations, greatest
from ...kinematics import MOVING, Limits
from ...networks.critics import angle_cosines

EDGE = 0.01
"""Share of an angle's range from its ends that counts as being at a limit."""
BINS = 18
"""Of ten degrees, over which bone angles are spread."""
SOME = 0.005
"""Share of real poses from which on a bin counts as one that occurs."""

Poses = Float[Tensor, "poses 16 3"]


def figures(real: Poses, poses: Poses, made: Made, limits: Limits) -> Mapping[str, float]:
    """All figures on made bodies, beside as many real ones about their roots."""
    nearest = torch.cdist(upright(poses), upright(real)).amin(dim=1) / math.sqrt(len(poses[0]))
    return {
        "covered": covered(real, poses),
        "overlap": overlap(real, poses),
        "nearest_real_mm": 1000 * float(nearest.median()),
        "nearest_made_mm": 1000 * nearest_other(poses),
        "nearest_among_real_mm": 1000 * nearest_other(real),
        "apart_degrees": apart(made),
        "at_limits": at_limits(made, limits),
        "range_used": range_used(made, limits),
    }


def smooth(
    real: Float[Tensor, "clips frames 16 3"], clips: Float[Tensor, "more frames 16 3"]
) -> float:
    """The share of made accelerations that are no greater than 95 % of the real ones, of joints
    about the root; NaN where clips have fewer than three frames."""
    if real.shape[1] < FRAMES:
        return math.nan
    return float((accelerations(clips) <= greatest(real)).float().mean())


def apart(made: Made) -> float:
    """The mean angle in degrees between two made bodies, each with its neighbour."""
    angles = made.angles[:, made.angles.shape[1] // 2][:, list(MOVING)]
    if len(angles) < 2:
        return math.nan
    off = angles - angles.roll(1, dims=0)
    return math.degrees(float(torch.atan2(off.sin(), off.cos()).abs().mean()))


def at_limits(made: Made, limits: Limits) -> float:
    """The share of made angles that are at an end of their range."""
    shares = _shares(made, limits)
    return float(((shares < EDGE) | (shares > 1 - EDGE)).float().mean())


def range_used(made: Made, limits: Limits) -> float:
    """The share of its range over which an angle spreads, from its 5th to its 95th percentile."""
    shares = _shares(made, limits)
    ends = shares.quantile(shares.new_tensor([0.05, 0.95]), dim=0)
    return float((ends[1] - ends[0]).mean())


def _shares(made: Made, limits: Limits) -> Float[Tensor, "poses angles"]:
    """Where made angles lie between their limits, from 0 to 1; of those that can move."""
    angles = made.angles.flatten(0, -2).detach()
    lower, upper = (angles.new_tensor(side) for side in (limits.lower, limits.upper))
    moving = [angle for angle in MOVING if limits.upper[angle] > limits.lower[angle]]
    return ((angles - lower) / (upper - lower))[:, moving]


def covered(real: Poses, poses: Poses) -> float:
    """The share of the bone angles that occur in real people which occur in made ones too."""
    there, also = histogram(real) >= SOME, histogram(poses) > 0
    return float((there & also).sum() / there.sum())


def overlap(real: Poses, poses: Poses) -> float:
    """What the spreads of bone angles have in common, from 0 to 1; the mean of all angles."""
    return float(torch.minimum(histogram(real), histogram(poses)).sum(dim=1).mean())


def histogram(poses: Poses) -> Float[Tensor, "angles bins"]:
    """How often each angle between bones is met, in bins of ten degrees."""
    cosines, _ = angle_cosines(poses.detach())
    degrees = cosines.clamp(-1, 1).acos().rad2deg()
    which = (degrees / (180 / BINS)).long().clamp(0, BINS - 1)
    spread = torch.nn.functional.one_hot(which, BINS).to(degrees)
    return spread.mean(dim=0)


def nearest_other(poses: Poses) -> float:
    """How far a body is from the one that is most like it: the median of all, in metres a joint."""
    apart_by = torch.cdist(upright(poses), upright(poses)) / math.sqrt(len(poses[0]))
    apart_by.fill_diagonal_(math.inf)
    return float(apart_by.amin(dim=1).median())


def upright(poses: Poses) -> Float[Tensor, "poses coordinates"]:
    """Bodies about their roots, turned about the vertical so that the hips lie along x."""
    across = poses[:, 1, :2] - poses[:, 4, :2]
    along = torch.nn.functional.normalize(across, dim=-1)
    x = poses[..., :2] @ along[..., None]
    y = poses[..., :2] @ torch.stack([-along[:, 1], along[:, 0]], dim=-1)[..., None]
    turned = torch.cat([x, y, poses[..., 2:]], dim=-1)
    return (turned - turned[:, :1]).flatten(1)
