"""From clips of keypoints to the bone lengths of the person in them."""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..camera import to_image_plane
from ..clip import Clip
from ..data.safetensors_map import map_file
from ..errors import DataError
from ..geometry import DEFAULT_STATURE, at_joints
from ..mapping import mapped
from .bones import KINDS, SKELETON, average, from_log_shares, of_joints
from .network import BodyNetwork, Normal
from .person import Body, SizeFrom
from .seen import bones_seen, scales, told
from .size import check_height, places_of, sized

WEIGHTS = "body.safetensors"
SUREST_SCORE = 0.3
"""A keypoint with a lower score counts as missing."""
PIECE = 30.0
"""Seconds beyond which a clip counts as several."""
PIECES = 512
"""Pieces that are looked at, of however many there are."""
RUNS = 64
"""Runs of three frames that are looked at in a piece."""
RATE = 30.0
"""Frames a second at which neighbours are looked at."""
SLOWEST = 20.0
"""Frames a second below which a frame has no neighbours: people move too far between them."""
ROUNDS = 3
"""How often the network is asked, each time beside the body that it answered before."""
STRANGE = 1.0
"""Variance, in the network's own, that one clip has besides for moving in ways it never saw."""

Runs = Float[Tensor, "_ 3 17 2"]
"""Runs of three neighbouring frames on the image plane; any number of them."""


class Weights(NamedTuple):
    """What training found."""

    network: BodyNetwork
    population: Float[Tensor, "10 10"]
    """Covariance of proportions about the average body's, before anything is seen."""


def estimate_body(
    clips: Sequence[Clip], *, height: float | None = None, measured: Mapping[str, float] = {}
) -> Body:
    """The bone lengths of the one person in all clips, from the keypoints alone.

    Poses and bone lengths that the clips may have are not looked at. Clips in other skeletons are
    mapped to the reference skeleton, in which the body is given.

    Args:
        height: The person's stature in metres; 1.70 unless given.
        measured: Lengths in metres of bones that were measured from joint to joint, such as
            {"knee-ankle": 0.41}; they hold for both sides.
    """
    check_height(height)
    places = places_of(measured)
    if not clips:
        raise DataError("A body is estimated from at least one clip, but none was given; give one.")
    planes = [on_plane(mapped(clip, SKELETON)) for clip in clips]
    frames = sum(int(usable(plane).sum()) for plane in planes)
    pieces = [
        piece
        for plane, clip in zip(planes, clips, strict=True)
        for piece in pieces_of(plane, clip.fps)
    ]
    shares = proportions(stacked(thinned(pieces)))
    lengths, spread = sized(shares, height, places)
    like = clips[0].keypoints
    return Body(
        of_joints(lengths).to(like),
        of_joints(spread).to(like),
        SKELETON,
        how=words(len(clips), frames, height, [KINDS[kind] for kind in places]),
        frames=frames,
        size_from=size_from(height, measured),
    )


def proportions(plane: Float[Tensor, "pieces runs 3 17 2"]) -> Normal:
    """What the keypoints of a person say of the proportions."""
    weights = shipped_weights()
    if not len(plane):
        return Normal(torch.zeros(len(KINDS)), weights.population)
    with torch.no_grad():
        facts = told(plane, average())
        found = weights.network(*facts)
        for _ in range(ROUNDS - 1):
            found = weights.network(*told(plane, from_log_shares(found.mean)))
    clips = int((facts.counts.sum(dim=-1) > 0).sum())
    return Normal(found.mean, (1 + STRANGE / clips) * found.covariance)


def pieces_of(plane: Float[Tensor, "frames 17 2"], fps: float) -> list[Runs]:
    """Runs of neighbouring frames of every piece of a clip that shows something."""
    count = math.ceil(len(plane) / fps / PIECE)
    pieces = [runs_of(part, fps) for part in plane.tensor_split(max(count, 1))]
    return [piece for piece in pieces if len(piece)]


def on_plane(clip: Clip) -> Float[Tensor, "frames 17 2"]:
    """Keypoints on the image plane; NaN for those that are missing, filled in or doubtful.

    So is a frame that repeats the one before, as videos have them whose rate was changed.
    """
    keep = clip.observed & (clip.scores >= SUREST_SCORE) & clip.keypoints.isfinite().all(dim=-1)
    known = torch.where(keep[..., None], clip.keypoints, -torch.inf)
    keep[1:] &= (known[1:] != known[:-1]).flatten(1).any(dim=1)[:, None]
    safe = torch.where(keep[..., None], clip.keypoints, clip.camera.centre[..., None, :])
    plane = to_image_plane(safe, clip.camera)
    return torch.where(keep[..., None], plane, torch.nan).float().cpu()


def usable(plane: Float[Tensor, "frames 17 2"]) -> Bool[Tensor, " frames"]:
    """Which frames show enough of a body."""
    return scales(bones_seen(plane), average()).isfinite()


def runs_of(plane: Float[Tensor, "frames 17 2"], fps: float) -> Runs:
    """Usable frames between two neighbours a thirtieth of a second away, or by themselves.

    At most `RUNS`, evenly spread.
    """
    step = max(round(fps / RATE), 1)
    middle = usable(plane).nonzero()[:, 0]
    between = middle[(middle >= step) & (middle < len(plane) - step)]
    alone = fps < SLOWEST or not len(between)
    chosen = evenly(middle if alone else between, RUNS)
    if alone:
        runs = plane.new_full((len(chosen), 3, *plane.shape[1:]), torch.nan)
        runs[:, 1] = plane[chosen]
        return runs
    return plane[chosen[:, None] + step * torch.arange(-1, 2)]


def evenly(places: Int[Tensor, " places"], most: int) -> Int[Tensor, " chosen"]:
    """At most so many of the places, evenly spread."""
    if len(places) <= most:
        return places
    return places[torch.linspace(0, len(places) - 1, most).round().long()]


def thinned(pieces: list[Runs]) -> list[Runs]:
    """At most `PIECES` of the pieces, evenly spread."""
    return [pieces[place] for place in evenly(torch.arange(len(pieces)), PIECES).tolist()]


def stacked(pieces: list[Runs]) -> Float[Tensor, "pieces runs 3 17 2"]:
    """Pieces of the same number of runs, those that are short filled up with nothing."""
    longest = max((len(piece) for piece in pieces), default=0)
    stack = torch.full((len(pieces), longest, 3, len(SKELETON), 2), torch.nan)
    for row, piece in zip(stack, pieces, strict=True):
        row[: len(piece)] = piece
    return stack


def visibility_of_bones(clips: Sequence[Clip]) -> Float[Tensor, " joints"]:
    """In what share of all frames both ends of the bone to each joint's parent are seen."""
    there = torch.cat([bones_seen(on_plane(mapped(clip, SKELETON))).there for clip in clips])
    return at_joints(there.float().mean(dim=0).nan_to_num(0), SKELETON)


def size_from(height: float | None, measured: Mapping[str, float]) -> SizeFrom:
    """How the size is known."""
    if height is not None:
        return "given"
    return "measured" if measured else "assumed"


def words(clips: int, frames: int, height: float | None, measured: list[str]) -> str:
    """What a body was taken from, in words."""
    from_what = f"{clips:,} clip{'s' * (clips != 1)} with {frames:,} usable frames"
    if frames == 0:
        from_what = "no frame that shows enough of a body, so the proportions are the average's"
    parts = [from_what]
    if height is not None:
        parts.append(f"a stature of {height:g} m given")
    elif not measured:
        parts.append(f"a stature of {DEFAULT_STATURE:.2f} m assumed")
    if measured:
        parts.append(f"{', '.join(measured)} measured")
    return "; ".join(parts)


@cache
def shipped_weights() -> Weights:
    """The weights that come with the package."""
    with as_file(files("crosslift").joinpath("assets", WEIGHTS)) as path:
        arrays = {
            name: torch.from_numpy(np.array(array, dtype=np.float32))
            for name, array in map_file(path).arrays.items()
        }
    population = arrays.pop("population")
    network = BodyNetwork()
    network.load_state_dict(arrays)
    return Weights(network.eval(), population)
