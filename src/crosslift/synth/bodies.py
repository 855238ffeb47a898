"""Bodies: bone lengths drawn at random, and what a movement needs to know of them."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..errors import SettingsError
from ..geometry import CHAIN_SHARE
from ..kinematics import AVERAGE
from ..skeletons import H36M_16
from .curves import between

NOSE_DETOUR = 1.257
"""How much longer the way from thorax over nose to head is than the straight one."""

Lengths = Float[Tensor, "15"]
"""Metres, in the order of the child joints of `H36M_16`."""


@dataclass(frozen=True)
class Bodies:
    """Which bodies are drawn."""

    shortest: float = 1.45
    """Least stature in metres."""
    tallest: float = 2.0
    """Greatest stature in metres."""
    spread: float = 0.25
    """How far a bone may differ from the average body's, as a share, either way."""
    arms: tuple[float, float] = (0.7, 1.4)
    """How long the arms are for the legs, the average body being 1: least and greatest."""


def draw_body(rng: Generator, bodies: Bodies = Bodies()) -> Lengths:
    """The bone lengths of one person, the same on both sides.

    Each bone is drawn by itself, more often near the average than far from it, then all are scaled
    together to a stature.
    """
    least, most = bodies.arms
    for _ in range(TRIES):
        lengths = _proportions(rng, bodies.spread)
        if least <= arms_for_legs(lengths) <= most:
            size = between(rng, bodies.shortest, bodies.tallest) / stature_of(lengths)
            return lengths * size
    raise SettingsError(
        f"Bodies whose arms are {least:g} to {most:g} times as long as the average body's, for "
        f"their legs, do not come up with a spread of {bodies.spread:g}; widen one of the two."
    )


TRIES = 300
"""Bodies that are drawn before giving up."""


def _proportions(rng: Generator, spread: float) -> Lengths:
    """Bones about the average, not yet of the right size."""
    average = torch.from_numpy(AVERAGE.copy())
    mirror = [H36M_16.mirror[child] - 1 for _, child in H36M_16.bones]
    drawn = torch.rand(2, len(average), generator=rng, device=rng.device).double()
    factor = 1 + spread * (drawn.sum(dim=0) - 1)
    return average * factor[[min(bone, other) for bone, other in enumerate(mirror)]]


def arms_for_legs(lengths: Lengths) -> float:
    """How long the arms are for the legs; 1 on the average body."""

    def ratio(body: Build) -> float:
        return body.arm / body.leg

    return ratio(Build(lengths)) / ratio(Build(torch.from_numpy(AVERAGE.copy())))


def stature_of(lengths: Lengths) -> float:
    """How tall a person with these bones is, by the library's rule for statures."""
    bone = {joint: float(lengths[index - 1]) for index, joint in enumerate(H36M_16.joints) if index}
    chain = bone["right_knee"] + bone["right_ankle"] + bone["spine"] + bone["thorax"]
    return (chain + NOSE_DETOUR * bone["head"]) / CHAIN_SHARE


@dataclass(frozen=True, eq=False)
class Build:
    """The measures of one body that movements are scaled by, in metres."""

    lengths: Lengths

    def bone(self, joint: str) -> float:
        """The length of the bone that ends at a joint."""
        return float(self.lengths[H36M_16.index(joint) - 1])

    @property
    def thigh(self) -> float:
        return self.bone("right_knee")

    @property
    def shin(self) -> float:
        return self.bone("right_ankle")

    @property
    def leg(self) -> float:
        """From hip to ankle, stretched."""
        return self.thigh + self.shin

    @property
    def hip(self) -> float:
        """From the middle of the pelvis to a hip."""
        return self.bone("right_hip")

    @property
    def trunk(self) -> float:
        """From the pelvis to the thorax."""
        return self.bone("spine") + self.bone("thorax")

    @property
    def upper_arm(self) -> float:
        return self.bone("right_elbow")

    @property
    def forearm(self) -> float:
        return self.bone("right_wrist")

    @property
    def arm(self) -> float:
        """From shoulder to wrist, stretched."""
        return self.upper_arm + self.forearm

    @property
    def shoulder(self) -> float:
        """From the thorax to a shoulder."""
        return self.bone("right_shoulder")

    @property
    def ankle(self) -> float:
        """The height of an ankle above the floor it stands on."""
        return 0.09 * self.leg
