"""What the readers of motion files share: files below a folder, words, numbers, rates, labels."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import DataError

MOST_JOINTS = 1000
"""Joints or markers of one recording; no body has more, and broken files claim billions."""
LONGEST_WORD = 1000
LARGEST = 1e9
"""No number of a motion file, whatever its unit, is larger."""
FARTHEST = 1e6
"""Metres from the origin beyond which no body is."""

BROADCAST = (24000 / 1001, 30000 / 1001, 60000 / 1001, 120000 / 1001)
NAMING = (
    (r"dataset-\d+_(?P<action>.+)_(?P<style>[^_]+)_\d+", "CC-BY-NC-4.0"),
    (r"(?P<subject>\d+)_(?P<action>\d+)", ""),
)
"""File names that say what they hold: Bandai Namco's, with their licence, and CMU's."""


def files_below(root: Path, suffix: str, what: str) -> list[Path]:
    """The file that `root` names, or the files of that kind below the folder that it names.

    Args:
        what: What the files are, with an article: "a BVH file".
    """
    if root.is_dir():
        found = sorted(
            path
            for path in root.rglob("*")
            if path.suffix.lower() == suffix and path.is_file() and not path.name.startswith(".")
        )
        if not found:
            raise DataError(
                f'The folder "{root}" should hold {what} ({suffix}) at least, but holds none; name '
                "the file or the folder that has it."
            )
        return found
    if not root.exists():
        raise DataError(f'"{root}" does not exist, but should be {what}; check the path.')
    return [root]


def recording_name(reader: str, path: Path, root: Path) -> str:
    """The stable name of the recording in a file, such as "bvh/07/07_01"."""
    inside = path.relative_to(root) if root.is_dir() else Path(path.name)
    return f"{reader}/{inside.with_suffix('').as_posix()}"


def labels_of(path: Path) -> dict[str, str]:
    """Subject, action and style, where the file's name is built as in a data set that we know."""
    for pattern, _ in NAMING:
        if found := re.fullmatch(pattern, path.stem):
            return found.groupdict()
    return {}


def provenance_of(reader: str, path: Path, licence: str) -> dict[str, str]:
    """Format and file of a recording, and its licence where the user or its name says it."""
    by_name = [terms for pattern, terms in NAMING if re.fullmatch(pattern, path.stem)]
    known = licence or "".join(by_name)
    return {"format": reader, "file": path.name} | ({"licence": known} if known else {})


def text_of(path: Path) -> Iterator[str]:
    """The text of a file in pieces, without a byte order mark; odd bytes become odd letters."""
    with path.open("r", encoding="utf-8-sig", errors="replace", newline=None) as file:
        while piece := file.read(1 << 16):
            yield piece


def words_of(path: Path) -> Iterator[str]:
    """The words of a file, whatever blanks stand between them."""
    rest = ""
    for piece in text_of(path):
        text = rest + piece
        words = text.split()
        rest = words.pop() if words and not text[-1].isspace() else ""
        if len(rest) > LONGEST_WORD:
            raise DataError("It is not text with blanks between its words.")
        yield from words
    if rest:
        yield rest


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a file, each without its end."""
    with path.open("r", encoding="utf-8-sig", errors="replace", newline=None) as file:
        while line := file.readline(1 << 24):
            yield line.rstrip("\n")


def numbers_of(words: Iterable[str]) -> Float[np.ndarray, " numbers"]:
    """Words as numbers, none of which may be absurd or no number at all."""
    try:
        numbers = np.fromiter(map(float, words), dtype=np.float64)
    except ValueError as problem:
        word = str(problem).partition(": ")[2]
        raise DataError(f"A number should stand where {word[:60]} stands.") from problem
    good = np.abs(numbers) <= LARGEST
    if not good.all():
        first = int(good.argmin())
        raise DataError(
            f"Its numbers should be lengths and angles, but number {first + 1} of "
            f"{len(numbers)} is {numbers[first]:g}; export the file anew."
        )
    return numbers


def next_word(words: Iterator[str]) -> str:
    """The next word of a file that has to go on."""
    for word in words:
        return word
    raise DataError("It ends in the middle; the file is cut off.")


def metres(points: Float[np.ndarray, "frames joints 3"]) -> Float[Tensor, "frames joints 3"]:
    """Positions as a motion holds them, once no joint is found at an impossible place."""
    if np.abs(points[np.isfinite(points)]).max(initial=0) > FARTHEST:
        raise DataError(
            f"A joint is more than {FARTHEST:.0f} m away from the origin; check the unit, or "
            "export the file anew."
        )
    return torch.from_numpy(points.astype(np.float32))


def rate_of(seconds: float) -> float:
    """Frames a second of a frame time that was written with few digits: 0.0333333 means 30."""
    if not 0 < seconds < float("inf"):
        raise DataError(f"The time between two frames should be above 0 s, but is {seconds} s.")
    rate = 1 / seconds
    near = [plain for plain in (round(rate), *BROADCAST) if abs(plain - rate) < 2e-4 * rate]
    return float(min(near, key=lambda plain: abs(plain - rate))) if near else rate


def check_count_of_joints(count: int) -> None:
    """Refuse more joints than any body has."""
    if not 1 <= count <= MOST_JOINTS:
        raise DataError(
            f"A recording should have 1 to {MOST_JOINTS} joints or markers, but this one says that "
            f"it has {count}."
        )
