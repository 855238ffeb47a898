"""A person's bone lengths, as they are written down and read again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from ..data.reading import read_json, reading
from ..data.record import skeleton_of, skeleton_words
from ..errors import DataError
from ..files import write_json
from ..geometry import stature
from ..skeleton import Skeleton

FORMAT, VERSION = "crosslift body", 1
WORDS = (
    "The length of the bone from each joint to its parent and its standard deviation, in metres; "
    "a stature that was given or assumed counts as exact."
)

SizeFrom = Literal["given", "measured", "assumed"]


@dataclass(frozen=True, eq=False)
class Body:
    """One person's bones, and how surely they are known."""

    lengths: Float[Tensor, " joints"]
    """Length of the bone from each joint to its parent in metres, 0 at the root: `Clip.body`."""
    spread: Float[Tensor, " joints"]
    """Standard deviation of `lengths`; a stature that was given or assumed counts as exact."""
    skeleton: Skeleton
    how: str
    """What the lengths were taken from, in words."""
    frames: int
    """How many frames showed enough of the body to be used."""
    size_from: SizeFrom = "assumed"
    """How the size is known: from a stature, from bones, or not at all."""

    def __post_init__(self) -> None:
        check_body(self)

    @property
    def stature(self) -> float:
        """How tall the person is in metres, by the library's rule."""
        return float(stature(self.lengths, self.skeleton))


def check_body(body: Body) -> None:
    """Refuse lengths that no body has."""
    if not len(body.lengths) == len(body.spread) == len(body.skeleton):
        raise DataError(
            f'A body of the skeleton "{body.skeleton.name}" has {len(body.skeleton)} lengths and '
            f"as many spreads, but {len(body.lengths)} and {len(body.spread)} were found; give one "
            "a joint."
        )
    numbers = torch.stack([body.lengths, body.spread])
    if not bool(numbers.isfinite().all()) or bool((numbers < 0).any()):
        raise DataError(
            "Bone lengths and their spread are numbers from 0 upwards, but "
            f"{numbers.tolist()} was found; estimate the body anew."
        )


def write_body(path: Path, body: Body) -> None:
    """Write a body as JSON, whole or not at all."""
    joints = body.skeleton.joints
    write_json(
        path,
        {
            "format": FORMAT,
            "version": VERSION,
            "words": WORDS,
            "how": body.how,
            "frames": body.frames,
            "size_from": body.size_from,
            "skeleton": skeleton_words(body.skeleton),
            "lengths": dict(zip(joints, rounded(body.lengths), strict=True)),
            "spread": dict(zip(joints, rounded(body.spread), strict=True)),
        },
    )


def rounded(metres: Float[Tensor, " joints"]) -> list[float]:
    """Lengths to a hundredth of a millimetre."""
    return [round(value, 5) for value in metres.tolist()]


def read_body(path: Path) -> Body:
    """The body in a file that `write_body` wrote."""
    with reading("a body file (json)", path):
        words = read_json(path)
        if not isinstance(words, dict) or words.get("format") != FORMAT:
            raise DataError(
                f'"{path}" should be a body file, but is another JSON file; make one with '
                "crosslift body."
            )
        if int(words["version"]) > VERSION:
            raise DataError(
                f'"{path}" has version {words["version"]}, but this crosslift reads up to '
                f"{VERSION}; update crosslift."
            )
        return body_of(words)


def body_of(words: dict[str, Any]) -> Body:
    """A body from the content of its file."""
    skeleton = skeleton_of(words["skeleton"])
    size_from = words["size_from"]
    if size_from not in ("given", "measured", "assumed"):
        raise DataError(f'"size_from" is given, measured or assumed, but "{size_from}" was found.')
    return Body(
        lengths=torch.tensor([float(words["lengths"][joint]) for joint in skeleton.joints]),
        spread=torch.tensor([float(words["spread"][joint]) for joint in skeleton.joints]),
        skeleton=skeleton,
        how=str(words["how"]),
        frames=int(words["frames"]),
        size_from=size_from,
    )
