"""What a lifter makes of a store's keypoints, as estimates that can be compared with its truths."""

from dataclasses import replace

import torch

from ..clip import unlabelled
from ..data.record import Recording
from ..lifting import lift
from ..mapping import mapped
from ..protocols import Lifter
from .matching import Shelf


def lifted(
    lifter: Lifter, name: str, truths: Shelf, seed: int, *, tell_body: bool = False
) -> Shelf:
    """The truths' clips, each lifted from its keypoints when it is asked for.

    Args:
        name: Of the lifter, for the report.
        tell_body: Whether the true bone lengths are told to a lifter that takes them.
    """
    skeleton = lifter.skeleton.name
    names = list(truths.places)

    def read(index: int) -> Recording:
        truth = truths.clip(names[index])
        seen = replace(unlabelled(truth), body=truth.body if tell_body else None)
        if seen.skeleton != lifter.skeleton:
            seen = mapped(seen, skeleton)
        rng = torch.Generator().manual_seed(seed)
        found = lift(seen, lifter, rng)
        said = {"lifter": name, "body": "true" if tell_body else "not told"}
        return replace(found, provenance={**found.provenance, **said})

    places = {each: index for index, each in enumerate(names)}
    return Shelf(truths.path, places, read, truths.hash)
