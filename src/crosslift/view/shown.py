"""What is shown: recordings with a label, their colours, pictures and curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..data.record import Recording
from ..errors import SettingsError
from .series import Series

MOST = 8
"""Recordings that one page or film has room for."""


class Palette(NamedTuple):
    """The colours of one body's sides; colour-blind people can tell them apart."""

    left: str
    right: str
    middle: str


PALETTES = (
    Palette("#2166ac", "#d6604d", "#4d4d4d"),
    Palette("#12897b", "#b0529c", "#5f5566"),
    Palette("#4c7f2a", "#c08a1e", "#5c5c44"),
    Palette("#5a4fb0", "#c2486b", "#504a5e"),
)
"""Of the first recording, the second and so on; they begin again after the last."""
TRUTH = Palette("#8f969e", "#a59d95", "#9a9a9a")
"""Of what the others are compared with."""


class Picture(NamedTuple):
    """One frame of the video behind a clip."""

    time: float
    """Seconds from the beginning of the video."""
    jpeg: bytes


@dataclass(frozen=True, eq=False)
class Shown:
    """A recording as a page or film shows it."""

    recording: Recording
    label: str = ""
    """What the legend calls it; the recording's name unless given."""
    truth: bool = False
    """Drawn in grey, and what the others are compared with."""
    pictures: Sequence[Picture] = ()
    """Frames of the video that the clip was seen in, in the order of their times."""
    series: Sequence[Series] | None = None
    """Numbers over time to plot; angles and heights of the poses unless given."""
    captions: Sequence[str] = ()
    """What each frame is called, such as the step of a drawing; its number or time unless given."""

    @property
    def title(self) -> str:
        """What the legend calls it."""
        return self.label or self.recording.name


def check_shown(clips: Sequence[Shown]) -> None:
    """Refuse nothing at all, more than there is room for, and curves of another length."""
    if not 1 <= len(clips) <= MOST:
        raise SettingsError(
            f"A page or film shows 1 to {MOST} recordings at a time, but {len(clips)} were given; "
            "choose some of them."
        )
    for each in clips:
        for curve in each.series or ():
            if len(curve.values) != len(each.recording):
                raise SettingsError(
                    f'The curve "{curve.title}" has {len(curve.values)} numbers, but the recording '
                    f'"{each.title}" has {len(each.recording)} frames; give one for each frame.'
                )
        if each.captions and len(each.captions) != len(each.recording):
            raise SettingsError(
                f'"{each.title}" has {len(each.recording)} frames, but {len(each.captions)} '
                "captions; give one for each frame."
            )


def palettes(clips: Sequence[Shown]) -> list[Palette]:
    """The colours of each recording: grey for truths, the others in turn."""
    places = {index: place for place, index in enumerate(_estimates(clips))}
    return [
        PALETTES[places[index] % len(PALETTES)] if index in places else TRUTH
        for index in range(len(clips))
    ]


def _estimates(clips: Sequence[Shown]) -> list[int]:
    return [index for index, each in enumerate(clips) if not each.truth]


def comparable(clips: Sequence[Shown]) -> bool:
    """Whether the recordings are of the same moments, so that they can lie in one view."""
    lengths = {(len(each.recording), each.recording.fps) for each in clips}
    names = {each.recording.name for each in clips}
    return len(lengths) == 1 and (len(names) == 1 or any(each.truth for each in clips))
