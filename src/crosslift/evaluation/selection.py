"""Part of what could be compared: some actions, every so many frames, a share of each clip."""

from dataclasses import dataclass
from hashlib import sha256

from ..clip import Clip
from ..errors import SettingsError


@dataclass(frozen=True)
class Selection:
    """Which clips, and which frames of each."""

    actions: tuple[str, ...] = ()
    """Only clips of these actions; of all unless given."""
    downsample: int = 1
    """One frame in so many. What is measured from frame to frame is then measured over as many."""
    subset: float = 1.0
    """The share of each clip: consecutive frames from a place that its name decides."""

    def __post_init__(self) -> None:
        check_selection(self)

    def takes(self, truth: Clip) -> bool:
        """Whether a clip is of the chosen actions."""
        return not self.actions or truth.labels.get("action") in self.actions

    def frames(self, name: str, length: int) -> slice:
        """The chosen frames of the clip of that name and length; the same in every run."""
        kept = round(self.subset * length)
        spare = length - kept
        start = int.from_bytes(sha256(name.encode()).digest()[:8], "big") % (spare + 1)
        return slice(start, start + kept, self.downsample)


def check_selection(selection: Selection) -> None:
    """Refuse steps and shares that cannot be."""
    if selection.downsample < 1:
        raise SettingsError(
            f"--downsample takes a number from 1 upwards, but {selection.downsample} was given; "
            "leave it out for every frame."
        )
    if not 0 < selection.subset <= 1:
        raise SettingsError(
            f"--subset takes a share above 0 and up to 1, but {selection.subset:g} was given; "
            "leave it out for whole clips."
        )


WHOLE = Selection()
"""Every frame of every clip."""
