"""Recordings of synthetic movements: a kind and a body in, a motion out."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..errors import SettingsError
from ..kinematics import ANGLES
from ..motion import Motion
from ..skeletons import H36M_17
from .actor import draw_actor
from .bodies import Lengths
from .kinds import kind_named
from .perform import Performance, perform
from .track import RATE, clock, read

PROVENANCE = {
    "source": "crosslift.synth: made by the kinematic body, no recording of a person in it",
    "licence": "MIT",
}


@dataclass(frozen=True)
class Take:
    """What is to be recorded."""

    kind: str
    fps: float = 30.0
    seconds: float = 10.0

    def times(self, start: float) -> Float[Tensor, " frames"]:
        """The moments of the frames from `start` on."""
        frames = max(round(self.seconds * self.fps), 1)
        return start + torch.arange(frames, dtype=torch.float64) / self.fps


def record(kind: str, body: Lengths, fps: float, seconds: float, rng: Generator) -> Motion:
    """A person with this body doing one kind of movement: 17 joints in metres, z up.

    The rate only says when the movement is looked at: the same `rng` at another rate gives the
    same movement at other moments.
    """
    return motion_of(played(Take(kind, fps, seconds), body, rng), Take(kind, fps, seconds))


def played(take: Take, body: Lengths, rng: Generator) -> Performance:
    """The performance behind a recording, with what feet do."""
    check_take(take)
    actor = draw_actor(body, rng)
    phrase = kind_named(take.kind).play(actor, take.seconds + LEAD, rng)
    actor.sway(phrase.aims, clock(phrase.seconds), rng)
    spare = max(phrase.seconds - take.seconds - 1 / RATE, 0.0)
    start = min(spare, LEAD) * float(torch.rand((), generator=rng, device=rng.device))
    return perform(read(phrase.aims, take.times(start)), actor.build)


LEAD = 1.5
"""Seconds of a movement that may have passed when a recording begins."""


def motion_of(performance: Performance, take: Take, subject: str = "synthetic") -> Motion:
    """A performance as a motion in single precision."""
    return Motion(
        name=f"synth/{subject}/{take.kind}",
        skeleton=H36M_17,
        fps=take.fps,
        positions=performance.positions.float(),
        angles=performance.angles.float(),
        angle_names=ANGLES,
        labels={"subject": subject, "action": take.kind},
        provenance=PROVENANCE,
    )


def check_take(take: Take) -> None:
    """Refuse lengths and rates that cannot be."""
    if not 0 < take.fps < 10_000 or not 0 < take.seconds < float("inf"):
        raise SettingsError(
            "A recording takes a positive number of seconds at a positive number of frames a "
            f"second, but {take.seconds:g} s at {take.fps:g} were asked for; give both."
        )
