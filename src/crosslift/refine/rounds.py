"""Rounds of refining: steps, and in between the lifter's answer to a better question."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..camera import project
from ..clip import Clip
from ..geometry import bone_directions
from ..lifting import USUALLY, Going, lift
from ..protocols import Lifter
from ..rigid import rigid
from .bones import Bones
from .clock import Clock, OutOfTimeError
from .evidence import Evidence
from .guard import Guarded, guarded
from .settings import Refining
from .steps import Moved, moved, prepare

FRAMES_OF_PART = 1000
"""Frames that the lifter is asked about before it is looked whether time is over."""


@dataclass(frozen=True, eq=False)
class Refined:
    """What became of a clip's poses."""

    clip: Clip
    """With the bone lengths that were found, where they are used."""
    steps: tuple[int, ...]
    """Of each round that there was time for."""
    seconds: float
    """That it took."""
    guarded: Guarded | None
    """What was kept, by which scores; nothing where there was nothing to refine."""

    def words(self) -> str:
        """What was done and what changed, in words."""
        if self.guarded is None:
            return "not at all: nobody is seen"
        rounds = len(self.steps)
        done = f"{sum(self.steps)} steps in {rounds} round{'s' * (rounds != 1)}"
        return f"{done}; {self.guarded.words()}"

    def sentences(self) -> tuple[str, ...]:
        """What a user should read."""
        return () if self.guarded is None else self.guarded.sentences()

    def data(self) -> Mapping[str, Any]:
        """The same as plain data."""
        told = {"steps": list(self.steps), "seconds": round(self.seconds, 2)}
        if self.guarded is None:
            return told
        found = self.guarded
        parts = {"kept_parts": found.kept, "parts": found.parts, "worse": found.worse}
        return {**told, **parts, "before": found.before, "after": found.after}


def refined_clip(
    clip: Clip,
    lifter: Lifter,
    settings: Refining,
    rng: Generator,
    *,
    held: bool = False,
    rigid_limbs: bool = False,
    going: Going = USUALLY,
) -> Refined:
    """A lifted clip whose poses agree better with its keypoints, with one body and each other.

    Neither true poses nor other recordings are looked at. Several hypotheses are moved alike, and
    the lifter is not asked again then, for its answers to images of them are as many more.

    Args:
        held: Leave the clip's bone lengths as they are, because somebody measured them.
        rigid_limbs: Give each bone of the limbs exactly one length afterwards.
        going: How the lifter goes through a long recording when it is asked again.
    """
    prepare()
    clock = Clock(settings.seconds)
    if clip.poses is None or not bool(clip.observed.any() & clip.poses.isfinite().all()):
        return Refined(clip, (), clock.spent, None)
    held = held and clip.body is not None
    going = going._replace(watch=clock.check, keeping=None)
    found, steps = gone_through(clip, lifter, settings, rng, clock=clock, held=held, going=going)
    after = with_bones(replace(clip, poses=found.poses), found.bones, rigid_limbs=rigid_limbs)
    kept = guarded(clip, after)
    result = Refined(kept.clip, steps, clock.spent, kept)
    told = {**kept.clip.provenance, "refined": result.words()}
    return replace(result, clip=replace(kept.clip, provenance=told))


def gone_through(
    clip: Clip,
    lifter: Lifter,
    settings: Refining,
    rng: Generator,
    *,
    clock: Clock,
    held: bool,
    going: Going,
) -> tuple[Moved, tuple[int, ...]]:
    """Poses and bones after all rounds for which there is time, and the steps of each of them."""
    assert clip.poses is not None, "lifted"
    found = Moved(clip.poses, Bones.of(clip.poses, clip.skeleton, clip.body), 0)
    evidence, steps = Evidence.of(clip, settings.trust), []
    rounds = settings.rounds if len(clip.poses) == 1 else 1
    for number in range(1, rounds + 1):
        if number > 1:
            try:
                anew = asked_again(clip, found, lifter, rng, going)
            except OutOfTimeError:
                break
            evidence = replace(evidence, directions=anew)
        until = clock.share + (1 - clock.share) / (rounds + 1 - number)  # of what is left
        found = moved(found.poses, found.bones, evidence, settings,
                      clock=clock, until=until, held=held)  # fmt: skip
        steps.append(found.steps)
    return found, tuple(steps)


def asked_again(
    clip: Clip, found: Moved, lifter: Lifter, rng: Generator, going: Going
) -> Float[Tensor, "1 frames bones 3"]:
    """Where the lifter points the bones, shown the poses' own image and told their lengths."""
    image = project(found.poses[0], clip.camera)
    there = image.isfinite().all(dim=-1)
    scores, body = there.to(clip.scores), found.bones.lengths[0]
    question = replace(clip, keypoints=image, scores=scores, observed=there, body=body)
    going = going._replace(part=min(going.part, FRAMES_OF_PART))
    answer = lift(question, lifter, rng, going=going).poses
    assert answer is not None, "lifted"
    return bone_directions(answer, clip.skeleton)


def with_bones(clip: Clip, bones: Bones, *, rigid_limbs: bool) -> Clip:
    """The clip with the bones that were found told, where there is one body."""
    assert clip.poses is not None, "lifted"
    poses, told = clip.poses, clip.body
    if len(poses) == 1 and told is not None:
        told = bones.lengths[0].to(told)
    if rigid_limbs:
        each = zip(poses.split(1), bones.lengths, strict=True)
        poses = torch.cat([rigid(one, clip.skeleton, lengths) for one, lengths in each])
    return replace(clip, poses=poses, body=told)
