"""The moves of PoseDA's players on one batch of source windows.

The generator wants its poses to be taken for real, to be hard for the lifter but not too hard, and
not to leave the range of what bodies do; two discriminators tell real from made, in 3D by the parts
of the body and in 2D by the whole picture; the lifter learns from what is made and from the source.
Every move draws its own poses, so that it follows from the weights, the batch and `rng` alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.optim import Optimizer

from ...augment.body_parts import body_parts
from ...augment.lpa import (
    Drawn,
    LocalPoseAugmentation,
    SwappedBodies,
    degrees_apart,
    fully_inside,
    whole_image,
)
from ...augment.target import Target
from ...camera import Camera
from ...clip import Batch
from ...errors import SettingsError
from ...geometry import bone_directions
from ...lifters.direct import Direct
from ...lifters.inputs import Seen
from ...protocols import Augmenter
from ...training import Step, Terms
from ..supervised import Objective, answered, loss_of, relative_truth
from .players import Adversaries, Clock
from .settings import Feedback, PoseDA
from .shown import chosen, directions, judged, middle, screens, target_screens
from .terms import hardness, limb_errors, outside_range, taken_for_real, told_apart
from .watch import Watch

FEWEST = 2
"""Poses that a move needs: normalisation over one has no meaning."""
LOOKED_AT = 64
"""Windows of a batch by which the generator's variety is measured."""
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
MOST_BENT = 1e-3
"""Metres by which an alignment may change a body: rounding."""


@dataclass(frozen=True, eq=False)
class Game:
    """All that takes part in a training with local augmentation."""

    lifter: Direct
    settings: PoseDA
    align: Augmenter | None
    """Puts bodies where target people are seen; it may move them, and do nothing else to them.
    None where the generator says where they are."""
    target: Target | None
    """None where its pictures take no part."""
    players: Adversaries
    clock: Clock
    watch: Watch
    optimizers: Mapping[str, Optimizer]
    say: Callable[[str], None]
    """Told of each new beginning."""
    seen_as: Sequence[Augmenter] = ()
    """What becomes of all that the lifter learns from."""

    def modules(self) -> dict[str, nn.Module]:
        """All that is trained or remembered, by name; the lifter first."""
        kept = {"clock": self.clock, "watch": self.watch}
        return {"lifter": self.lifter.network, **self.players.modules(), **kept}

    def steps(self) -> list[Step]:
        """The moves in their order."""
        every, of = self.settings.discriminators_every, self.optimizers
        steps = [
            Step("generator", self.generator_move, of["generator"]),
            Step("discriminator_3d", self.discriminator_3d_move, of["discriminator_3d"], every),
        ]
        if self.players.discriminator_2d is not None:
            move = self.discriminator_2d_move
            steps.append(Step("discriminator_2d", move, of["discriminator_2d"], every))
        return [*steps, Step("lifter", self.lifter_move, of["lifter"])]

    def generator_move(self, batch: Batch, rng: Generator) -> Terms:
        """What the generator minimises."""
        number = self.clock.tick()
        batch = self.source(batch, rng)
        self.look(batch, number, rng)
        if number % self.settings.generator_every or len(batch) < FEWEST:
            return resting()
        of, drawn = self.settings.terms, self.augmentation.drawn(batch, rng)
        made = self.placed(batch, drawn, rng)
        bent = outside_range(drawn.bent.mean(dim=1), *of.angles)
        ranges = bent + outside_range(drawn.ratios, 0.0, of.lengths)
        terms = {"parts": of.parts * self.taken_in_3d(drawn), "ranges": of.ranges * ranges}
        picture = self.taken_in_2d(made)
        if picture is not None:
            terms["picture"] = of.picture * picture
        if not self.warming_up:
            terms |= self.feedback(batch, drawn, made)
        return terms

    def discriminator_3d_move(self, batch: Batch, rng: Generator) -> Terms:
        """What the judge of bodies minimises."""
        batch = self.source(batch, rng)
        if len(batch) < FEWEST:
            return resting()
        with torch.no_grad():
            fresh = directions(self.augmentation.drawn(batch, rng).angled, batch)
        shown = self.players.history_3d.exchange(fresh, rng)
        assert batch.poses is not None, "of the source"
        judge = self.players.discriminator_3d
        real, made = judge(directions(batch.poses, batch)), judge(shown)
        self.watch.judged("parts", real, made)
        return told_apart(real, made)

    def discriminator_2d_move(self, batch: Batch, rng: Generator) -> Terms:
        """What the judge of pictures minimises."""
        batch = self.source(batch, rng)
        if len(batch) < FEWEST:
            return resting()
        with torch.no_grad():
            fresh = screens(self.placed(batch, self.augmentation.drawn(batch, rng), rng))
        real = self.real_screens(batch, rng)
        if min(len(fresh), len(real)) < FEWEST:
            return resting()
        judge, history = self.players.discriminator_2d, self.players.history_2d
        assert judge is not None and history is not None, "or there is no such move"
        scores = judge(real), judge(history.exchange(fresh, rng))
        self.watch.judged("picture", *scores)
        return told_apart(*scores)

    def lifter_move(self, batch: Batch, rng: Generator) -> Terms:
        """What the lifter minimises, on made poses within the picture and on the source's own."""
        if self.warming_up:
            return resting()
        shown = {"made": self.made(batch, rng), **source_too(batch, self.align, self.settings, rng)}
        return learned_from(self.lifter, augmented(shown, self.seen_as, rng), self.settings, rng)

    def made(self, batch: Batch, rng: Generator) -> Batch:
        """Changed poses of which the whole body lies within the picture."""
        batch = self.source(batch, rng)
        if len(batch) < FEWEST:
            return batch[:0]
        with torch.no_grad():
            found = self.placed(batch, self.augmentation.drawn(batch, rng), rng)
        inside = fully_inside(found, upper_only=self.settings.released.upper_only)
        self.watch.note("kept", inside.float().mean())
        return chosen(found, inside)

    @property
    def augmentation(self) -> LocalPoseAugmentation:
        """What the generator makes of windows."""
        return LocalPoseAugmentation(self.players.generator)

    @property
    def warming_up(self) -> bool:
        """Whether the generator is still too young to be learned from."""
        return self.clock.epoch < self.settings.warm_up

    def source(self, batch: Batch, rng: Generator) -> Batch:
        """The windows whose poses are known in full, with bodies swapped if asked for."""
        if batch.poses is None:
            raise SettingsError("PoseDA's source needs poses, but the batch has keypoints alone.")
        whole = chosen(batch, batch.poses.isfinite().flatten(1).all(dim=1))
        return SwappedBodies()(whole, rng) if self.settings.swap else whole

    def placed(self, batch: Batch, drawn: Drawn, rng: Generator) -> Batch:
        """Changed poses where they are seen in the end, with gradients to the generator.

        Where bodies are put counts as given: it draws no gradient.
        """
        made = whole_image(batch, drawn.turned, clamped=self.settings.released.clamped)
        if self.settings.place == "learned":
            return made
        assert made.poses is not None and self.align is not None, "checked at the beginning"
        still = replace(made, poses=made.poses.detach(), keypoints=made.keypoints.detach())
        with torch.no_grad():
            offset, camera = moved(still, self.align(still, rng))
        return whole_image(replace(made, camera=camera), drawn.turned + offset)

    def taken_in_3d(self, drawn: Drawn) -> Float[Tensor, ""]:
        """How far the judge of bodies is from being deceived."""
        with frozen(self.players.discriminator_3d):
            angled = bone_directions(middle(drawn.angled), self.lifter.skeleton)
            return taken_for_real(self.players.discriminator_3d(angled))

    def taken_in_2d(self, made: Batch) -> Float[Tensor, ""] | None:
        """The same of the judge of pictures, if there is one and anything to be judged."""
        judge, seen = self.players.discriminator_2d, screens(made)
        if judge is None or len(seen) < FEWEST:
            return None
        with frozen(judge):
            return taken_for_real(judge(seen))

    def feedback(self, batch: Batch, drawn: Drawn, made: Batch) -> dict[str, Float[Tensor, ""]]:
        """How far changed poses are from being as hard for the lifter as is wanted."""
        of, clamped = self.settings.terms, self.settings.released.clamped
        angled = whole_image(batch, drawn.angled, clamped=clamped)
        rows = judged(angled) & judged(made)
        if not bool(rows.any()):
            return {}
        training = self.settings.released.lifter_in_training
        with frozen(self.lifter.network, training=training):
            easy = self.errors(chosen(batch, rows)).detach()
            hard = {
                "angle_feedback": (of.angle_feedback, self.errors(chosen(angled, rows))),
                "whole_feedback": (of.whole_feedback, self.errors(chosen(made, rows))),
            }
        return {name: self.missed(how, easy, each) for name, (how, each) in hard.items()}

    def errors(self, batch: Batch) -> Float[Tensor, "windows groups"]:
        """The lifter's errors on windows, by how far along a limb a joint is."""
        seen = Seen(batch.keypoints, batch.camera, batch.scores, batch.body)
        found = self.lifter.about_root(self.lifter.answers(seen)[0])
        truth, _ = answered(found, *relative_truth(batch), self.lifter.predict)
        distances = torch.linalg.vector_norm(found - truth, dim=-1).mean(dim=1)
        return limb_errors(distances, body_parts(batch.skeleton))

    def missed(self, how: Feedback, easy: Tensor, hard: Tensor) -> Float[Tensor, ""]:
        """By how much a hardness is out of the range that is wanted now."""
        ratio = hardness(hard, easy, self.settings.terms.least_error)
        return how.weight * outside_range(ratio, how.wanted(self.clock.progress), how.reach)

    def real_screens(self, batch: Batch, rng: Generator) -> Float[Tensor, "poses joints 2"]:
        """As many keypoints as the batch has windows, of the target or the batch's own."""
        if self.settings.real_2d == "source":
            return screens(batch)
        assert self.target is not None, "checked at the beginning"
        return target_screens(self.target, len(batch), rng).to(batch.keypoints)

    def look(self, batch: Batch, number: int, rng: Generator) -> None:
        """Begin anew with fresh players where the contest has been lost for too long."""
        if self.warming_up or number % self.settings.watching.every:
            return
        complaint = None
        if len(batch) >= FEWEST:
            degrees = degrees_apart(self.augmentation, batch[:LOOKED_AT], rng)
            complaint = self.watch.complaint(degrees)
        if not self.watch.is_lost(complaint):
            return
        reason = complaint or "another process found the contest lost"
        self.players.begin_anew(self.watch.restart(reason, number))
        for name, optimizer in self.optimizers.items():
            if name != "lifter":
                optimizer.state.clear()
        self.say(f"Generator and discriminators begin anew at batch {number}: {reason}.")


def source_too(
    batch: Batch, align: Augmenter | None, settings: PoseDA, rng: Generator
) -> dict[str, Batch]:
    """The source's windows as the lifter learns from them, if it does."""
    if settings.source == "none":
        return {}
    if settings.source == "filmed":
        return {"source": batch}
    assert align is not None, "checked at the beginning"
    with torch.no_grad():
        return {"source": align(batch, rng)}


def augmented(
    shown: Mapping[str, Batch], seen_as: Sequence[Augmenter], rng: Generator
) -> dict[str, Batch]:
    """Windows of each kind as they are seen in the end."""
    found = dict(shown)
    for augmenter in seen_as:
        found = {name: augmenter(each, rng) if len(each) else each for name, each in found.items()}
    return found


def learned_from(
    lifter: Direct, shown: Mapping[str, Batch], settings: PoseDA, rng: Generator
) -> Terms:
    """What a lifter minimises on windows of each kind; it rests where there are too few."""
    loss = loss_of(lifter, Objective("squared" if settings.squared else "distance"))
    terms = {}
    if len(shown["made"]) >= FEWEST:
        aside = settings.source == "aligned"
        with unremembered(lifter.network) if aside else nullcontext():
            terms["made"] = settings.made * loss(shown["made"], rng)["position"]
    if len(shown.get("source", ())) >= FEWEST:
        terms["source"] = loss(shown["source"], rng)["position"]
    return terms or resting()


def resting() -> Terms:
    """The terms of a player who does not move: they reach none of its weights."""
    return {"resting": torch.zeros((), requires_grad=True)}


@contextmanager
def unremembered(network: nn.Module) -> Iterator[None]:
    """Within, the network normalises by what it sees, and what it will use later stays as it is."""
    norms = [each for each in network.modules() if isinstance(each, BATCH_NORMS)]
    usual = [each.momentum for each in norms]
    for each in norms:
        each.momentum = 0.0
    try:
        yield
    finally:
        for each, momentum in zip(norms, usual, strict=True):
            each.momentum = momentum


@contextmanager
def frozen(network: nn.Module, *, training: bool = False) -> Iterator[None]:
    """Within, gradients pass through the network and leave its weights alone."""
    asked = [each for each in network.parameters() if each.requires_grad]
    was_training = network.training
    network.train(training).requires_grad_(False)
    try:
        yield
    finally:
        network.train(was_training)
        for each in asked:
            each.requires_grad_(True)


def moved(before: Batch, after: Batch) -> tuple[Float[Tensor, "windows frames 1 3"], Camera]:
    """By how much an alignment moved bodies, and the cameras before which it put them."""
    assert before.poses is not None and after.poses is not None, "the caller has poses"
    off = after.poses - before.poses
    offset = off[:, :, [before.skeleton.root]]
    if bool(((off - offset).abs() > MOST_BENT).any()):
        raise SettingsError(
            "The alignment after local augmentation should move bodies as they are, but it turned "
            "or changed them; apply such augmenters to the source windows before."
        )
    return offset, after.camera
