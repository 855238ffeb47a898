"""From a lifter, a labelled source and an unlabelled target to the adapted lifter."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

import torch
from torch import Generator, nn

from ...augment.target import Target, check_same_skeleton
from ...clip import Batch
from ...data.shuffled import Shuffled
from ...data.windows_of_store import StoreWindows
from ...errors import DataError, SettingsError
from ...lifters.direct import Direct
from ...protocols import Augmenter
from ...training import UNKEPT, Fitted, Run, Step, Terms, Validation, fit
from .moves import Game, augmented, learned_from, source_too
from .players import Clock, adversaries, to
from .settings import PoseDA
from .watch import Watch


@dataclass(frozen=True, eq=False)
class Adapted:
    """What became of an adaptation."""

    lifter: Direct
    fitted: Fitted
    restarts: int
    """How often generator and discriminators had collapsed and begun anew when these weights were
    kept."""


@dataclass(frozen=True, eq=False)
class Moves:
    """What `fit` is given."""

    modules: dict[str, nn.Module]
    steps: list[Step]
    game: Game | None
    """None where poses are aligned alone."""


def adapt(
    lifter: Direct,
    source: StoreWindows,
    target: Target | None,
    align: Augmenter | None,
    settings: PoseDA,
    rng: Generator,
    *,
    run: Run = UNKEPT,
    validation: Callable[[Direct], Validation] | None = None,
) -> Adapted:
    """The lifter adapted to a target without labels; the given one stays as it was.

    Args:
        source: Labelled windows, as long as the lifter's.
        target: None where its keypoints take no part (PoseAug).
        align: Puts source windows where target people are seen, such as `GPASettings().build`; None
            where the generator says where bodies are.
        validation: Of the lifter that is being adapted; never by the target's labels.
    """
    adapted = replace(lifter, network=deepcopy(lifter.network))
    say = run.console.print if run.console is not None else _silent
    moves = steps(adapted, source, target, align, settings, rng, say=say)
    fitted = fit(
        moves.modules,
        moves.steps,
        examples(source, settings, rng),
        settings.fitting,
        rng,
        run=run,
        validation=None if validation is None else validation(adapted),
    )
    restarts = 0 if moves.game is None else int(moves.game.watch.restarts)
    return Adapted(adapted, fitted, restarts)


def examples(source: StoreWindows, settings: PoseDA, rng: Generator) -> Shuffled:
    """The source's batches."""
    return Shuffled(source, settings.batch, int(torch.randint(2**62, (), generator=rng)))


def steps(  # noqa: PLR0913  all who play, and what they play with
    lifter: Direct,
    source: StoreWindows,
    target: Target | None,
    align: Augmenter | None,
    settings: PoseDA,
    rng: Generator,
    *,
    in_an_epoch: int | None = None,
    seen_as: Sequence[Augmenter] = (),
    say: Callable[[str], None] = print,
) -> Moves:
    """The players and their moves; the lifter's network is trained in place.

    Args:
        in_an_epoch: Batches, by which warm-up and hardness are counted; as many as the source has
            unless given.
        seen_as: What becomes of all that the lifter learns from.
        say: Is told when generator and discriminators had to begin anew.
    """
    check_windows(lifter, source)
    check_same_skeleton(source.skeleton, lifter.skeleton)
    check_target(target, source, settings)
    if settings.place == "aligned" and align is None:
        raise SettingsError(
            'Bodies should be put where target people are seen (place "aligned"), but no alignment '
            'was given; give one, or say place "learned".'
        )
    if not settings.local:
        assert align is not None, "where nothing is local, the place is aligned"
        step = aligned_step(lifter, align, settings, seen_as)
        return Moves({"lifter": lifter.network}, [step], None)
    device = next(lifter.network.parameters()).device
    players = adversaries(lifter.skeleton, settings, rng, device)
    epoch = max(1, len(source) // settings.batch) if in_an_epoch is None else in_an_epoch
    clock = Clock(epoch, settings.fitting.epochs)
    watch = Watch(settings.watching, int(torch.randint(2**31, (), generator=rng)))
    to([clock, watch], device)
    learners = {"generator": (players.generator, settings.generator)}
    learners |= {"discriminator_3d": (players.discriminator_3d, settings.discriminators)}
    if players.discriminator_2d is not None:
        learners |= {"discriminator_2d": (players.discriminator_2d, settings.discriminators)}
    learners |= {"lifter": (lifter.network, settings.lifter)}
    optimizers = {
        name: how.build([each for each in network.parameters() if each.requires_grad])
        for name, (network, how) in learners.items()
    }
    game = Game(lifter, settings, align, target, players, clock, watch, optimizers, say, seen_as)
    return Moves(game.modules(), game.steps(), game)


def aligned_step(
    lifter: Direct, align: Augmenter, settings: PoseDA, seen_as: Sequence[Augmenter]
) -> Step:
    """The lifter's move where poses are aligned and not changed otherwise."""

    def loss(batch: Batch, rng: Generator) -> Terms:
        with torch.no_grad():
            shown = {"made": align(batch, rng), **source_too(batch, align, settings, rng)}
        return learned_from(lifter, augmented(shown, seen_as, rng), settings, rng)

    parameters = [each for each in lifter.network.parameters() if each.requires_grad]
    return Step("lifter", loss, settings.lifter.build(parameters))


def check_windows(lifter: Direct, source: StoreWindows) -> None:
    """Refuse windows that are not as long as the lifter's."""
    if source.windowing.frames != lifter.frames:
        raise SettingsError(
            f"The source's windows should have the lifter's {lifter.frames} frames, but have "
            f"{source.windowing.frames}; cut them anew."
        )


def check_target(target: Target | None, source: StoreWindows, settings: PoseDA) -> None:
    """Refuse a target of other joints, or without a whole body where one is an example."""
    if target is not None:
        check_same_skeleton(source.skeleton, target.skeleton)
    if not settings.local or settings.real_2d != "target":
        return
    if target is None or int(target.seen.all(dim=1).sum()) < 2:
        raise DataError(
            "The 2D discriminator needs frames of the target in which all joints are seen, but "
            'there are fewer than 2; fill the keypoints, or say real_2d "none".'
        )


def _silent(sentence: str) -> None:
    """Nobody listens; the count of new beginnings is in the result."""
