"""People's boxes from a table that somebody else made: one line for each box."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from ..data.reading import reading
from ..errors import DataError
from ..video import Frame

COLUMNS = ("frame", "left", "top", "right", "bottom")
SUFFIX = ".csv"


@dataclass(frozen=True)
class GivenBoxes:
    """The boxes of each frame, counted from 0, in pixels."""

    path: Path
    by_frame: dict[int, list[list[float]]]

    @classmethod
    def read(cls, path: Path) -> "GivenBoxes":
        """The boxes in a table with the columns frame, left, top, right, bottom."""
        found: dict[int, list[list[float]]] = defaultdict(list)
        with (
            reading(f"a table of boxes ({', '.join(COLUMNS)})", path),
            path.open(encoding="utf-8", newline="") as file,
        ):
            table = csv.DictReader(file)
            lacking = [name for name in COLUMNS if name not in (table.fieldnames or ())]
            if lacking:
                raise DataError(
                    f'it should have the columns {", ".join(COLUMNS)}, but "{lacking[0]}" is not '
                    "there; name them in the first line."
                )
            for line in table:
                frame, *corners = (line[name] for name in COLUMNS)
                found[int(frame)].append([float(each) for each in corners])
        return cls(path, dict(found))

    def boxes(self, frame: Frame) -> Float[Tensor, "people 4"]:
        """Left, top, right, bottom of everybody in a frame."""
        return torch.tensor(self.by_frame.get(frame.number, [])).reshape(-1, 4)
