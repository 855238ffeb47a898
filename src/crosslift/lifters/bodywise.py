"""Ours: told how long a person's bones are, and looking straight at them along a second."""

from dataclasses import dataclass, replace

from .. import registry
from ..networks.time_mixer import TimeMixer, TimeMixerSettings
from ..skeleton import Skeleton
from .direct import Sliding, at_once
from .inputs import Inputs

TOLD = Inputs("facing", scores=True, body=True)


@registry.lifter("bodywise")
@dataclass(frozen=True)
class BodywiseLifter:
    """Ours: told the bone lengths, the same for every place in the picture and every size."""

    network: TimeMixerSettings = TimeMixerSettings()  # noqa: RUF009  frozen
    """Its joints and coordinates follow from the skeleton and the inputs."""
    inputs: Inputs = TOLD
    fps: float | None = None
    """Frames a second at which it sees motion; training sets it to that of the data."""
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""

    def build(self, skeleton: Skeleton) -> Sliding:
        """The lifter with fresh weights."""
        sizes = replace(self.network, joints=len(skeleton), coordinates=self.inputs.channels)
        return Sliding(
            skeleton,
            TimeMixer(sizes),
            self.inputs,
            at_once,
            frames=sizes.receptive_field,
            predict="last" if sizes.causal else "centre",
            fps=self.fps,
            flip=self.flip,
        )
