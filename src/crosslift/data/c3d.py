"""C3D: markers over time in the binary format of motion capture laboratories.

The file is read here and not by a library: what was tried ends the whole program on some damaged
files and never ends on others. The format is a header of 512 bytes, a block of named parameters,
then the frames, each with the points first and samples of other instruments after them. Numbers
are Intel's, MIPS's or DEC's, points are integers with a scale or floats.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from .. import registry
from ..errors import DataError
from ..motion import Motion
from .markers import Markers, motion_of
from .motion_axes import UPRIGHT, Unit, metres_in, to_z_up
from .motion_names import distinct
from .motion_text import LARGEST, check_count_of_joints, files_below
from .reading import reading

WHAT = "a C3D file"
BLOCK = 512
INTEL, DEC, MIPS = 84, 85, 86
Parameters = Mapping[str, Any]


@registry.reader("c3d")
@dataclass(frozen=True)
class C3d:
    """Markers in C3D files.

    Layout: `root` is one file, or a folder with files anywhere below it. Samples of force plates
        and other instruments are not read.
    Units: as the parameter POINT:UNITS says, else mm; `unit` overrides.
    Axes: upwards points what the parameter POINT:Y_SCREEN says, else z; `up` overrides.
    Joints: the markers, as loose points that hang on the first, unless they have the names of a
        known skeleton's joints. Markers lie on the skin, and joints are made of them only as
        `joints` says. A marker that the file calls invalid (negative residual) is missing.
    Example: crosslift convert c3d trial.c3d STORE --joints left_knee=LKNE+LKNM
    """

    unit: Unit | None = None
    """Of lengths in the file; as the file says unless given."""
    up: Literal["auto", "x", "y", "z", "-x", "-y", "-z"] = "auto"
    """The axis of the file that points upwards."""
    fps: float | None = None
    """Frames a second; as the file says unless given."""
    joints: tuple[str, ...] = ()
    """Joints made of markers, as in "left_knee=LKNE+LKNM": the mean of the two."""
    skeleton: str | None = None
    """A known skeleton, such as "h36m17", in which the joints are wanted."""
    licence: str = ""
    """Under which the recordings may be used, for the record."""

    def read(self, root: Path) -> Iterator[Motion]:
        """The recordings below `root`, one after the other."""
        for path in files_below(root, ".c3d", WHAT):
            with reading(WHAT, path):
                file = read_points(path)
                up = vertical(file.parameters) if self.up == "auto" else self.up
                unit = metres_in(self.unit or _word(file.parameters, "POINT:UNITS", "mm"))
                markers = Markers("c3d", file.fps, file.markers, to_z_up(file.points, up) * unit)
                motion = motion_of(markers, self, path, root)
            yield motion


class Contents(NamedTuple):
    """What a file holds, in its own units and axes."""

    fps: float
    markers: tuple[str, ...]
    points: Float[np.ndarray, "frames markers 3"]
    """NaN where a marker is invalid."""
    parameters: Parameters


class Header(NamedTuple):
    """What is read of a file's first block."""

    points: int
    samples: int
    """Numbers of other instruments after the points of a frame."""
    frames: int
    start: int
    """The byte at which the frames begin."""
    scale: float
    """Of integers; below zero where points are floats."""
    fps: float

    @property
    def width(self) -> int:
        """Bytes of a number."""
        return 2 if self.scale >= 0 else 4

    @property
    def row(self) -> int:
        """Bytes of a frame."""
        return self.width * (4 * self.points + self.samples)


def read_points(path: Path) -> Contents:
    """The points in a file."""
    with path.open("rb") as file:
        first = file.read(BLOCK)
        if len(first) < BLOCK or first[1] != 0x50:
            raise DataError(
                "Its first block should be a header of 512 bytes with 80 in the second."
            )
        file.seek((first[0] - 1) * BLOCK if first[0] else 0)
        section = file.read(255 * BLOCK)
        size = path.stat().st_size
        if len(section) < 4 or section[3] not in (INTEL, DEC, MIPS):
            raise DataError("Its parameters should state a known kind of numbers, but do not.")
        processor = section[3]
        parameters = read_parameters(section[4:], processor)
        header = _header(first, processor, parameters, size)
        check_count_of_joints(header.points)
        length = header.frames * header.row
        if header.frames < 0 or header.start < BLOCK or header.start + length > size:
            raise DataError(
                f"It states {header.frames} frames of {header.row} bytes from byte {header.start} "
                f"on, but has {size} bytes; the file is cut off."
            )
        file.seek(header.start)
        raw = np.frombuffer(file.read(length), dtype=np.uint8).reshape(header.frames, header.row)
    frames = raw[: len(raw) - _padding(raw)] if header.frames > 65535 else raw
    points = _points(frames, header, processor)
    return Contents(header.fps, _labels(parameters, header.points), points, parameters)


def _header(first: bytes, processor: int, parameters: Parameters, size: int) -> Header:
    """Counts and rate, where the parameters know better than the header from them."""
    word = np.frombuffer(first, dtype=">u2" if processor == MIPS else "<u2").tolist()
    start = (int(_number(parameters, "POINT:DATA_START", word[8])) - 1) * BLOCK
    scale = _number(parameters, "POINT:SCALE", float(floats(first[12:16], processor)[0]))
    fps = _number(parameters, "POINT:RATE", float(floats(first[20:24], processor)[0]))
    frames = word[4] - word[3] + 1
    header = Header(word[1], word[2], frames, start, scale, fps)
    begin, end = (parameters.get(f"TRIAL:ACTUAL_{name}_FIELD") for name in ("START", "END"))
    if begin is not None and end is not None and len(begin) == len(end) == 2:
        low, high = (int(field[0]) % 65536 + 65536 * int(field[1]) for field in (begin, end))
        frames = high - low + 1
    elif (
        frames == 65535 and header.points
    ):  # as many as its words can say: the length of the file tells
        frames = max(frames, (size - start) // header.row)
    return header._replace(frames=frames)


def _padding(frames: np.ndarray) -> int:
    """How many frames at the end of so long a file only fill its last block."""
    last = frames[len(frames) - BLOCK // frames.shape[1] :]
    return len(last) - int(np.flatnonzero(last.any(axis=1)).max(initial=-1)) - 1


def floats(raw: bytes | np.ndarray, processor: int) -> Float[np.ndarray, " numbers"]:
    """Floats of four bytes each as the named kind of computer writes them."""
    if processor != DEC:
        return np.frombuffer(raw, ">f4" if processor == MIPS else "<f4").astype(np.float64)
    halves = np.frombuffer(raw, "<u2").reshape(-1, 2).astype("<u4")
    # DEC puts the upper half first and counts its exponents from two higher.
    return (halves[:, 0] << 16 | halves[:, 1]).astype("<u4").view("<f4").astype(np.float64) / 4


def read_parameters(section: bytes, processor: int) -> Parameters:
    """The parameters by group and name, such as "POINT:UNITS"; each a list of what it holds."""
    groups: dict[int, str] = {}
    found: list[tuple[int, str, Any]] = []
    at = 0
    while at + 2 <= len(section) and section[at]:
        length = abs(_signed(section[at]))
        group = _signed(section[at + 1])
        name = section[at + 2 : at + 2 + length].decode("latin1").strip().upper()
        after = at + 2 + length
        step = _signed16(section[after : after + 2], processor)
        if group < 0:
            groups[-group] = name
        else:
            found.append((group, name, _values(section[after + 2 :], processor)))
        if step <= 0:
            break
        at = after + step
    return {f"{groups.get(group, group)}:{name}": values for group, name, values in found}


def _values(raw: bytes, processor: int) -> list[Any]:
    """What a parameter holds: words, or numbers."""
    kind, rank = _signed(raw[0]), raw[1]
    sizes = list(raw[2 : 2 + rank])
    count = int(np.prod(sizes, dtype=object)) if rank else 1
    data = raw[2 + rank : 2 + rank + count * abs(kind)]
    if kind not in (-1, 1, 2, 4) or len(data) < count * abs(kind):
        raise DataError("One of its parameters is cut off, or neither words nor numbers.")
    if kind == -1:
        width = sizes[0] if sizes else 1
        step = max(width, 1)
        return [data[k : k + width].decode("latin1").strip() for k in range(0, len(data), step)]
    if kind == 4:
        return list(floats(data, processor))
    end = ">" if processor == MIPS else "<"
    return np.frombuffer(data, {1: "u1", 2: f"{end}i2"}[kind]).tolist()


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def _signed16(raw: bytes, processor: int) -> int:
    return int.from_bytes(raw, "big" if processor == MIPS else "little", signed=True)


def _number(parameters: Parameters, name: str, default: float) -> float:
    """The first number of a parameter; counts are unsigned although they are stored signed."""
    values = parameters.get(name)
    if not values or isinstance(values[0], str):
        return float(default)
    counts = name in ("POINT:FRAMES", "POINT:DATA_START")
    return float(values[0]) + 65536 * (counts and values[0] < 0)


def _word(parameters: Parameters, name: str, default: str) -> str:
    """The first word of a parameter."""
    values = parameters.get(name) or [default]
    return str(values[0]) or default


def vertical(parameters: Parameters) -> str:
    """The axis that points upwards: on the screen, where it is stated, else z."""
    axis = _word(parameters, "POINT:Y_SCREEN", "+Z").lower().lstrip("+")
    return axis if axis in UPRIGHT else "z"


def _labels(parameters: Parameters, count: int) -> tuple[str, ...]:
    """The names of the markers; more than 255 of them go on in LABELS2 and so on."""
    names: list[str] = []
    for key in ("LABELS", *(f"LABELS{k}" for k in range(2, 10))):
        names += [str(name) for name in parameters.get(f"POINT:{key}", [])]
    names = names[:count] + [""] * (count - len(names))
    return distinct(name or f"marker_{place}" for place, name in enumerate(names, start=1))


def _points(
    frames: np.ndarray, header: Header, processor: int
) -> Float[np.ndarray, "frames markers 3"]:
    """The points of all frames, NaN where the fourth word calls one invalid."""
    raw = np.ascontiguousarray(frames[:, : 4 * header.width * header.points])
    if header.width == 4:
        numbers = floats(raw.reshape(-1), processor)
    else:
        numbers = raw.reshape(-1).view(">i2" if processor == MIPS else "<i2").astype(np.float64)
    numbers = numbers.reshape(len(frames), header.points, 4)
    points = numbers[..., :3] * (header.scale if header.width == 2 else 1)
    invalid: Bool[np.ndarray, "frames markers"] = ~(numbers[..., 3] >= 0)
    invalid |= ~np.isfinite(points).all(axis=-1)
    points[invalid] = np.nan
    if np.abs(points[~invalid]).max(initial=0) > LARGEST:
        raise DataError("It holds a coordinate that no marker has; export the file anew.")
    return points
