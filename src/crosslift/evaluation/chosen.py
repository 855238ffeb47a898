"""One pose of an estimate's hypotheses in their place, chosen as a user asks."""

from dataclasses import replace

from ..aggregation import ByOracle, How, aggregated, chosen_by_oracle
from ..clip import Clip
from ..data.record import Recording
from .matching import Shelf

Choice = How | ByOracle


def chosen(estimates: Shelf, truths: Shelf, choice: Choice) -> Shelf:
    """The estimates with one pose for each frame, made when a clip is asked for.

    An estimate without a truth stays as it is where an oracle would choose.
    """

    def read(index: int) -> Recording:
        found = estimates.read(index)
        if not isinstance(found, Clip):
            return found
        if choice != "oracle-p-best" and choice != "oracle-j-best":  # noqa: PLR1714  narrows
            return aggregated(found, choice)
        if found.name not in truths.places:
            return found
        return chosen_by_oracle(found, truths.clip(found.name, found.skeleton.name), choice)

    return replace(estimates, read=read)
