"""Damaged copies of files, the same for the same seed."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

NUMBERS = (b"nan", b"inf", b"-1", b"0", b"1e999", b"99999999999", b"-0.0", b"1e-320", b'"x"', b"")
CHUNK = 64


def mutations(folder: Path, count: int, seed: int) -> Iterator[str]:
    """Damage one file of a folder after the other, each time from its whole state; what was done.

    The folder is as it was before when the iterator is exhausted.
    """
    rng = random.Random(seed)
    originals = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    for number in range(count):
        path = rng.choice(list(originals))
        kind = rng.choice(list(DAMAGES))
        damaged = bytearray(originals[path])
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            DAMAGES[kind](damaged, rng)
        path.write_bytes(damaged)
        yield f"{number}: {kind} in {path.name}"
        path.write_bytes(originals[path])


def _place(data: bytearray, rng: random.Random) -> int:
    """Somewhere in the data, half of the time near its beginning, where headers are."""
    return rng.randrange(max(1, len(data) if rng.random() < 0.5 else min(len(data), 512)))


def flip(data: bytearray, rng: random.Random) -> None:
    """Change one bit."""
    if data:
        data[_place(data, rng)] ^= 1 << rng.randrange(8)


def overwrite(data: bytearray, rng: random.Random) -> None:
    """Put random bytes in the place of others."""
    start = _place(data, rng)
    length = rng.randrange(1, 9)
    data[start : start + length] = rng.randbytes(length)


def truncate(data: bytearray, rng: random.Random) -> None:
    """Cut the end off."""
    del data[_place(data, rng) :]


def delete(data: bytearray, rng: random.Random) -> None:
    """Take a part out."""
    start = _place(data, rng)
    del data[start : start + rng.randrange(1, CHUNK)]


def repeat(data: bytearray, rng: random.Random) -> None:
    """Put a part in twice."""
    start = _place(data, rng)
    data[start:start] = data[start : start + rng.randrange(1, CHUNK)]


def extremes(data: bytearray, rng: random.Random) -> None:
    """Fill a few bytes with all ones or all zeros, as absurd counts have them."""
    start, length = _place(data, rng), rng.choice((1, 2, 4, 8))
    data[start : start + length] = rng.choice((b"\xff", b"\x00", b"\x7f")) * length


def number(data: bytearray, rng: random.Random) -> None:
    """Put another number in the place of one that is written out."""
    digits = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
    if digits:
        start = end = rng.choice(digits)
        while end < len(data) and chr(data[end]) in "0123456789.eE+-":
            end += 1
        data[start:end] = rng.choice(NUMBERS)


DAMAGES = {
    each.__name__: each for each in (flip, overwrite, truncate, delete, repeat, extremes, number)
}


def copy_of(folder: Path, target: Path) -> Path:
    """A copy of a folder, to be damaged."""
    shutil.copytree(folder, target)
    return target
