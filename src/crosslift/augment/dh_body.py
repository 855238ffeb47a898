"""What the numbers of DH-AUG's generator mean: angles within limits, a turn, a place, bone lengths.

The generator's 28 angles are those of the kinematic body that move a joint; the others stay zero.
Lengths are never made: they are a real person's, perhaps a fifth longer or shorter.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..errors import SettingsError, SkeletonError
from ..geometry.rotations import euler_to_matrix
from ..kinematics import ANGLES, MOVING, NARROW, WIDE, Limits, forward, forward_with_nose
from ..kinematics.released import with_shifted_arms
from ..skeleton import Skeleton
from ..skeletons import H36M_16, H36M_17
from .pace import at_pace

FULL_TURN = (180.0, 180.0, 180.0)
FACTORS = 8
"""Of lengths: shin, thigh, hip, waist, shoulder, upper arm, forearm, neck; the thorax has none."""
_FACTOR_OF_BONE = (2, 1, 0, 2, 1, 0, 3, FACTORS, 7, 4, 5, 6, 4, 5, 6)
LEAST_SCALE, SCALES = -0.2, 400
"""Lengths change by so many thousandths, from the least on."""


@dataclass(frozen=True)
class Meaning:
    """How the generator's numbers become a body."""

    limits: Literal["wide", "narrow", "none"] = "wide"
    """Those that the publication presets, those near what a person can do, or half a turn either
    way for every angle."""
    own_limits: tuple[tuple[str, float, float], ...] = ()
    """Other limits of single angles: name, least and greatest, in degrees."""
    turn: tuple[float, float, float] = FULL_TURN
    """Degrees by which the whole body turns at most about x, y and z, either way."""
    reach: float = 10.0
    """Metres from the world's origin that the pelvis is at most, along each axis."""
    waves: int | None = None
    """Cosines over a clip of which the numbers of its frames are made, which makes motion
    less abrupt; as many as frames unless given, as published."""
    quickness: float = 1.0
    """By which their changes along a clip are multiplied; a training that keeps made motion at
    people's pace finds it."""
    shifted_arms: bool = False
    """Whether arms receive their angles one joint late, as in the release: elbows then bend
    backwards."""

    def __post_init__(self) -> None:
        check_meaning(self)

    @property
    def table(self) -> Limits:
        """The limits of all angles; reversed ones are refused."""
        whole = {name: (-180.0, 180.0) if place in MOVING else (0.0, 0.0)
                 for place, name in enumerate(ANGLES)}  # fmt: skip
        tables = {"wide": WIDE, "narrow": NARROW, "none": Limits.from_degrees(whole)}
        own = {name: (least, most) for name, least, most in self.own_limits}
        return Limits.from_degrees(own, tables[self.limits])


def check_meaning(meaning: Meaning) -> None:
    """Refuse limits with the ends the wrong way round, no wave, turns and reaches below zero."""
    _ = meaning.table
    if meaning.waves is not None and meaning.waves < 1:
        raise SettingsError(
            f"Motion is made of 1 or more waves, but {meaning.waves} were asked for; raise them."
        )
    if min(*meaning.turn, meaning.reach, meaning.quickness) < 0:
        raise SettingsError(
            f"A made body turns and moves by zero or more, but a turn of {meaning.turn} degrees, "
            f"a reach of {meaning.reach} metres and a quickness of {meaning.quickness:g} were "
            "given; raise them."
        )


class Made(NamedTuple):
    """Bodies without lengths."""

    angles: Float[Tensor, "*batch 33"]
    """Radians, as they are meant."""
    turn: Float[Tensor, "*batch 3"]
    """Radians about x, y and z."""
    root: Float[Tensor, "*batch 3"]
    """Metres in the world."""


def meant(numbers: Float[Tensor, "*batch 35"], meaning: Meaning) -> Made:
    """What the generator's numbers say."""
    numbers = slow(numbers, meaning.waves)
    if meaning.quickness != 1:
        numbers = at_pace(numbers, meaning.quickness)
    bounded = numbers.tanh()
    limits = meaning.table
    moving = list(MOVING)
    lower, upper = (numbers.new_tensor(side)[moving] for side in (limits.lower, limits.upper))
    few = bounded[..., : len(moving)] * ((upper - lower) / 2) + (upper + lower) / 2
    angles = numbers.new_zeros(*numbers.shape[:-1], len(ANGLES))
    angles = angles.index_copy(-1, torch.tensor(moving, device=numbers.device), few)
    most = numbers.new_tensor([math.radians(degrees) for degrees in meaning.turn])
    return Made(angles, most * bounded[..., 28:31], meaning.reach * bounded[..., 32:])


def slow(numbers: Float[Tensor, "*batch 35"], waves: int | None) -> Float[Tensor, "*batch 35"]:
    """The numbers of a clip's frames without what changes faster than the first waves."""
    frames = numbers.shape[-2] if numbers.ndim > 1 else 1
    if waves is None or waves >= frames:
        return numbers
    moments = (torch.arange(frames, dtype=torch.float64) + 0.5) / frames
    basis = (math.pi * torch.arange(waves)[:, None] * moments).cos()
    basis = torch.nn.functional.normalize(basis, dim=1)
    return (basis.mT @ basis).to(numbers) @ numbers


def placed(
    made: Made,
    lengths: Float[Tensor, "*#batch 15"],
    meaning: Meaning,
    skeleton: Skeleton = H36M_16,
) -> Float[Tensor, "*batch joints 3"]:
    """The joints of made bodies in the world."""
    check_body(skeleton)
    angles = with_shifted_arms(made.angles) if meaning.shifted_arms else made.angles
    joints = forward if skeleton == H36M_16 else forward_with_nose
    return joints(angles, lengths, euler_to_matrix(made.turn, "xyz"), made.root)


def scaled(
    lengths: Float[Tensor, "*batch 15"], shares: Float[Tensor, "*#batch 8"]
) -> Float[Tensor, "*batch 15"]:
    """Lengths that are longer by shares, both sides alike."""
    all_shares = torch.cat([shares, torch.zeros_like(shares[..., :1])], dim=-1)
    return lengths * (1 + all_shares[..., list(_FACTOR_OF_BONE)])


def drawn_shares(
    count: int, scaling: Literal["different", "same", "none"], rng: Generator
) -> Float[Tensor, "count 8"]:
    """By what shares the lengths of so many bodies change, each bone's own or one for all."""
    columns = {"different": FACTORS, "same": 1, "none": 0}[scaling]
    if not columns:
        return torch.zeros(count, FACTORS)
    drawn = torch.randint(SCALES, (count, columns), generator=rng, device=rng.device)
    return (drawn / 1000 + LEAST_SCALE).expand(count, FACTORS)


def lengths_of(
    poses: Float[Tensor, "*batch joints 3"], skeleton: Skeleton
) -> Float[Tensor, "*batch 15"]:
    """The kinematic body's bone lengths, measured; the head's is that to the thorax."""
    poses = as_16(poses, skeleton)
    parents = [parent for parent, _ in H36M_16.bones]
    children = [child for _, child in H36M_16.bones]
    return torch.linalg.vector_norm(poses[..., children, :] - poses[..., parents, :], dim=-1)


def as_16(
    joints: Float[Tensor, "*batch joints axes"], skeleton: Skeleton
) -> Float[Tensor, "*batch 16 axes"]:
    """The kinematic body's 16 joints of poses or keypoints."""
    check_body(skeleton)
    if skeleton == H36M_16:
        return joints
    return joints[..., list(H36M_17.indices(*H36M_16.joints)), :]


def check_body(skeleton: Skeleton) -> None:
    """Refuse joints that the kinematic body does not have."""
    if skeleton not in (H36M_16, H36M_17):
        raise SkeletonError(
            'The kinematic body has the joints of "h36m16" or "h36m17", but those of '
            f'"{skeleton.name}" were asked for; convert the data with --to h36m17.'
        )
