"""Alignment that moves few added numbers and leaves the network as it is (LoRA; Hu et al. 2022).

What was learned is a file of its own, a hundredth as large as the lifter; several lie beside one,
and without them it is what it was before, to the last digit.
"""

from dataclasses import dataclass, replace

from torch import Generator, nn

from .. import registry
from ..adapter_file import adapter_of, merged
from ..clip import Batch
from ..lifters.direct import Direct
from ..networks.low_rank import LowRankSettings, hold_statistics, inject
from ..training import Step, Terms
from .gpa import Alignment
from .job import Adapted, Job

EVERYWHERE = LowRankSettings(layers=(".",))
"""Beside all linear layers and convolutions."""


@registry.adapter("gpa+lora")
@dataclass(frozen=True)
class LowRankAlignment(Alignment):
    """Learn from a source like the target in few added numbers, kept in a file of their own."""

    low_rank: LowRankSettings = EVERYWHERE

    def adapt(self, job: Job) -> Adapted:
        """A lifter to which was added what it learned from the aligned source."""
        student = with_additions(job.lifter, self.low_rank, job.rng)
        return apart(super().adapt(replace(job, lifter=student)), job.lifter, self.low_rank)

    def move(self, lifter: Direct) -> Step:
        """The move of the numbers that were added."""
        return still(super().move(lifter), lifter.network)


def with_additions(lifter: Direct, low_rank: LowRankSettings, rng: Generator) -> Direct:
    """The lifter with additions that are nothing yet, in a network of its own."""
    found = merged(lifter)
    inject(found.network, low_rank, rng)
    return found


def apart(adapted: Adapted, base: Direct, low_rank: LowRankSettings) -> Adapted:
    """What was added to a base, by itself and merged into the lifter."""
    adapter = adapter_of(adapted.lifter, base, low_rank)
    share = adapter.numbers / sum(each.numel() for each in base.network.parameters())
    remark = f"{adapter.numbers:,} numbers were added, {100 * share:.2g} % of those of the lifter."
    return replace(
        adapted,
        lifter=merged(adapted.lifter),
        adapter=adapter,
        remarks=(*adapted.remarks, remark),
    )


def still(step: Step, network: nn.Module) -> Step:
    """The move, in which norms of batches neither use nor learn what a batch looks like."""

    def loss(batch: Batch, rng: Generator) -> Terms:
        hold_statistics(network)
        return step.loss(batch, rng)

    return replace(step, loss=loss)
