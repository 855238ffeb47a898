"""A lifter that learns from poses which a generator makes harder, in front of the target's cameras.

The players and their moves are those of `recipes.poseda`; here they play within a budget, and the
lifter sees what comes after alignment.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

import torch

from ..augment.named import augmenter_named
from ..data.shuffled import Shuffled
from ..recipes.poseda import PoseDA, steps
from ..recipes.supervised import windows_for
from ..training import Fitting, fit
from .job import Adapted, Job, Rounds
from .likeness import Likeness


def played(
    job: Job,
    likeness: Likeness,
    settings: PoseDA,
    fitting: Fitting,
    *,
    augment: Sequence[str] = (),
    round_of: int = 50,
) -> Adapted:
    """The lifter after a contest.

    Args:
        settings: Of the game. Rounds are its epochs: by their number poses are as hard as they
            become, while `fitting` says how long it lasts.
        augment: Augmenters of what the lifter learns from, by name.
        round_of: Batches between two looks at the target's keypoints.
    """
    lifter = replace(job.lifter, network=deepcopy(job.lifter.network))
    windows = windows_for(lifter, job.source, None)
    settings = replace(settings, batch=min(settings.batch, len(windows)))
    said: list[str] = []
    align = likeness.placed(job.target)
    named = [augmenter_named(words) for words in augment]
    moves = steps(
        lifter, windows, job.target, align, settings, job.rng,
        in_an_epoch=round_of, seen_as=named, say=said.append,
    )  # fmt: skip
    seed = int(torch.randint(2**62, (), generator=job.rng))
    played_with = Shuffled(windows, settings.batch, seed, likeness.turned(job.target))
    fitted = fit(
        moves.modules,
        moves.steps,
        Rounds(played_with, round_of),
        fitting,
        job.rng,
        run=job.run,
        validation=None if job.validation is None else job.validation(lifter),
    )
    shown = replace(played_with, augment=[*likeness.whole(job.target), *named])
    return Adapted(lifter, fitted, shown, tuple(said))
