"""Several kinds of movement in a row."""

from torch import Generator

from ..actor import Actor
from ..curves import between, pick
from ..kinds import kind, kind_named, repeated
from ..track import Phrase

PARTS = ("walk", "run", "turn", "side_step", "squat", "pick_up", "jump", "reach", "wave", "punch",
         "stretch", "dance")  # fmt: skip
"""The kinds that are mixed; each begins and ends standing at ease."""


@kind("medley")
def medley(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """One kind of movement after the other, a few seconds of each."""

    def once() -> Phrase:
        part = kind_named(PARTS[pick(rng, len(PARTS))])
        return part.play(actor, between(rng, 1.5, 3.0), rng)

    return repeated(once, seconds)
