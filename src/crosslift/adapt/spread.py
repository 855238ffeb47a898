"""Where in the picture people are and how large: in the source, aligned, and in the target."""

from dataclasses import replace
from typing import NamedTuple

import torch
from jaxtyping import Float
from scipy.stats import wasserstein_distance
from torch import Tensor

from ..augment.target import Target
from ..camera import to_screen
from ..clip import Batch
from ..data.shuffled import Shuffled
from ..geometry import extent

BODIES = 4_000
"""Of each, that are looked at."""


class Spread(NamedTuple):
    """Bodies on the normalised screen: -1 to 1 from the left to the right border."""

    size: Float[Tensor, " bodies"]
    """Mean of width and height of the box around a body."""
    across: Float[Tensor, " bodies"]
    """Where the root is, to the right."""
    down: Float[Tensor, " bodies"]
    """The same downwards."""


class Spreads(NamedTuple):
    """The three of the publication's figure."""

    source: Spread
    aligned: Spread
    target: Spread

    def distances(self) -> dict[str, dict[str, float]]:
        """How far source and aligned source are from the target (Wasserstein), by what is seen."""
        return {
            name: {
                whose: round(float(wasserstein_distance(getattr(each, name), known)), 4)
                for whose, each in (("source", self.source), ("aligned", self.aligned))
            }
            for name in Spread._fields
            for known in [getattr(self.target, name)]
        }


def spreads(shown: Shuffled, target: Target) -> Spreads:
    """What the three look like, where a lifter was shown these examples."""
    return Spreads(of_examples(replace(shown, augment=())), of_examples(shown), of_target(target))


def of_examples(shown: Shuffled) -> Spread:
    """The middle frames of the first epoch's windows."""
    count = min(len(shown), -(-BODIES // shown.size))
    found = [of_batch(shown.batch(0, index)) for index in range(count)]
    return Spread(*(torch.cat(each)[:BODIES] for each in zip(*found, strict=True)))


def of_batch(batch: Batch) -> Spread:
    """The middle frames of windows."""
    middle = batch.keypoints.shape[1] // 2
    screen = to_screen(batch.keypoints, batch.camera.size)[:, middle]
    return on_screen(screen, batch.scores[:, middle] > 0, batch.skeleton.root)


def of_target(target: Target) -> Spread:
    """The frames of a target, evenly spread."""
    count = min(len(target), BODIES)
    rows = torch.linspace(0, len(target) - 1, count).round().long()
    size = target.cameras.size[target.seen_by[rows]]
    return on_screen(to_screen(target.keypoints[rows], size), target.seen[rows],
                     target.skeleton.root)  # fmt: skip


def on_screen(screen: Float[Tensor, "bodies joints 2"], seen: Tensor, root: int) -> Spread:
    """Size and place of those whose root is seen."""
    seen = seen & screen.isfinite().all(dim=-1)
    rows = seen[:, root]
    size = extent(screen[rows], seen[rows]).mean(dim=-1)
    return Spread(size, screen[rows, root, 0], screen[rows, root, 1])
