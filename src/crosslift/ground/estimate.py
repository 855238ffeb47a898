"""The floor from lifted poses: a plane through the places where feet stood.

How far the plane may tilt is weighed against how bodies stand and cameras are held: someone who
walks through the room tells the tilt, someone who stays where they are tells the height alone.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..clip import Clip
from ..errors import DataError
from .feet import feet_of, stands
from .floor import Ground
from .upright import Upright, bodies_of, first_poses, leg_length, upright

PLACE = 0.3
"""Metres: feet that stand in one square of this size count once, however long they do, for errors
in depth that wander would look like a slope."""
LASTING = 0.15
"""Seconds after which a foot that stands in a place counts in full."""
UNEVEN, MOST_UNEVEN = 0.03, 0.09
"""Metres: the least and the greatest spread of the heights of places."""
ANKLE = 0.09
"""The height of an ankle's joint above the floor, by the length of the leg from hip to ankle."""
ANKLE_SPREAD = 0.015
"""Metres of doubt about that."""
LOWEST = 0.05
"""The share of frames whose lowest joint may be below a floor on which no foot stood."""
LAID_SPREAD = 0.15
"""Metres of doubt about such a floor."""
USUAL_HEIGHT = 1.5
"""Metres from the floor to a camera, where nothing tells it."""
ROUNDS, STEPS = 3, 10


def estimated_ground(clips: Clip | Sequence[Clip]) -> Ground:
    """The floor as the poses of one or several people before one camera tell it.

    The first hypothesis counts, and feet that were seen. Where none of them stands anywhere, up is
    where body and camera have it, and the floor lies under the lowest joint; the reason says so.
    """
    clips = [clips] if isinstance(clips, Clip) else list(clips)
    check_lifted(clips)
    bodies = bodies_of(clips)
    before, ankle = upright(bodies), ANKLE * leg_length(bodies)
    ground, up = None, before.up
    for _ in range(ROUNDS):  # which foot is the lower one depends on where up is
        plane = _plane(torch.cat([_places(clip, up, before) for clip in clips]), before)
        if plane is None:
            return _laid(clips, before, ankle)
        ground = _ground(plane, before, ankle)
        up = ground.up.to(up)
    return ground or _laid(clips, before, ankle)


def check_lifted(clips: Sequence[Clip]) -> None:
    """Refuse clips of keypoints alone, and no clip at all."""
    bare = [f'"{clip.name}" has none' for clip in clips if clip.poses is None]
    if bare or not clips:
        found = bare[0] if bare else "no clip was given"
        raise DataError(f"The floor is found under poses, but {found}; lift the keypoints first.")


class _Plane(NamedTuple):
    """Heights along the prior's up, as a linear function of what lies to the right and forwards."""

    slopes: Tensor  # 2
    centre: Tensor  # 3: the plane goes through it
    slope_spread: float
    height_spread: float
    places: int


def _places(clip: Clip, up: Tensor, before: Upright) -> Float[Tensor, "places 4"]:
    """Squares of the floor in which feet stood: where on the average, and how much that counts.

    To the right, forwards and up as the prior has them.
    """
    feet = feet_of(clip)
    if feet is None:
        return torch.zeros(0, 4, dtype=torch.float64)
    points = feet.places[stands(feet, up)] @ before.axes.T
    squares, which = torch.unique((points[:, :2] / PLACE).floor(), dim=0, return_inverse=True)
    sums = points.new_zeros(len(squares), 3).index_add_(0, which, points)
    counts = torch.bincount(which, minlength=len(squares)).to(points)[:, None]
    share = (counts / (LASTING * clip.fps)).clamp_max(1)
    return torch.cat([sums / counts, share], dim=1)


def _plane(places: Float[Tensor, "places 4"], before: Upright) -> _Plane | None:
    """The plane through the places, level where they do not tell; None where there are too few.

    What is above it may be a foot on a step or in the air, and counts for little.
    """
    across, height, share = places[:, :2], places[:, 2], places[:, 3]
    if float(share.sum()) < 1:
        return None
    middle = across.mean(dim=0)
    rows = torch.cat([across - middle, torch.ones_like(height)[:, None]], dim=1)
    prior = torch.diag(torch.cat([before.spread**-2, torch.zeros_like(before.spread[:1])]))
    found, power = torch.stack([*torch.zeros_like(middle), _low(height, share)]), prior
    spread = UNEVEN
    for _ in range(STEPS):
        off = height - rows @ found
        weight = share * _trust(off / spread)
        counting = weight > share / 3
        usual = 1.5 * float(off[counting].abs().median()) if bool(counting.any()) else UNEVEN
        spread = min(max(usual, UNEVEN), MOST_UNEVEN)
        weighted = (rows * weight[:, None]).T / spread**2
        power = weighted @ rows + prior
        found = torch.linalg.solve(power, weighted @ height)
    doubt = torch.linalg.inv(power).diagonal()
    return _Plane(
        found[:2],
        torch.cat([middle, found[2:]]),
        float(doubt[:2].sum().sqrt()),
        float(doubt[2].sqrt()),
        len(places),
    )


def _trust(off: Tensor) -> Tensor:
    """How far places count that are so many spreads above (positive) or below the plane."""
    above, below = off.clamp_min(0) / 2, off.clamp_max(0) / 3
    return 1 / ((1 + above**2) ** 2 * (1 + below**2).sqrt())


def _low(height: Tensor, share: Tensor) -> Tensor:
    """The height below which a quarter of the places are."""
    order = height.argsort()
    part = share[order].cumsum(dim=0) / share.sum()
    return height[order][int((part < 0.25).sum())]


def _ground(plane: _Plane, before: Upright, ankle: float) -> Ground:
    normal = torch.cat([-plane.slopes, torch.ones_like(plane.slopes[:1])])
    normal = normal / normal.norm()
    return Ground(
        (normal @ before.axes).float(),
        ankle - float(normal @ plane.centre),
        math.degrees(math.atan(plane.slope_spread)),
        math.hypot(plane.height_spread, ANKLE_SPREAD),
        "contacts",
        f"feet stood in {plane.places} places of {100 * PLACE:.0f} cm; besides, {before.reason}",
    )


def _laid(clips: Sequence[Clip], before: Upright, ankle: float) -> Ground:
    """Up by the prior alone, and the floor below the lowest joint."""
    heights = [(first_poses(clip) @ before.up).nan_to_num(torch.inf) for clip in clips]
    lowest = torch.cat([each.amin(dim=1) for each in heights])
    lowest = lowest[lowest.isfinite()]
    tilt = math.degrees(math.atan(float(before.spread.norm())))
    if not len(lowest):
        why = "there are no poses, so the camera is taken to be held level at a usual height"
        return Ground(before.up.float(), USUAL_HEIGHT, tilt, USUAL_HEIGHT / 2, "assumed", why)
    height = ankle - float(lowest.quantile(LOWEST))
    why = f"no foot was seen to stand; up is by {before.reason}, the floor under the lowest joint"
    return Ground(before.up.float(), height, tilt, LAID_SPREAD, "assumed", why)
