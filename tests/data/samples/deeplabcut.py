"""DeepLabCut's predictions in pandas' table format: three frames, two body parts."""

from pathlib import Path

import h5py
import numpy as np

from .dots import OPTIONS, dots

__all__ = ["OPTIONS", "write"]

PARTS = ("nose", "LWrist", "RWrist")


def values() -> np.ndarray:
    """x, y, likelihood of each body part; the nose is lost in frame 1."""
    points = dots(3, len(PARTS))
    points[1, 0] = np.nan
    scores = np.full((3, len(PARTS), 1), 0.75)
    return np.concatenate([points, scores], axis=-1).reshape(3, -1)


def pickled(columns: list[tuple[str, ...]]) -> bytes:
    """A list of tuples of texts, as Python's oldest pickles write it."""
    tuples = "".join("(" + "".join(f"V{word}\n" for word in column) + "ta" for column in columns)
    return f"(l{tuples}.".encode()


def write(folder: Path) -> Path:
    """The file, built as pandas builds it."""
    columns = [("DLC", part, coord) for part in PARTS for coord in ("x", "y", "likelihood")]
    lines = np.zeros(3, [("index", "<i8"), ("values_block_0", "<f8", (len(columns),))])
    lines["index"], lines["values_block_0"] = np.arange(3), values()
    path = folder / "walkDLC.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["pandas_type"] = np.bytes_("frame_table")
        group.attrs["table_type"] = np.bytes_("appendable_frame")
        group.attrs["non_index_axes"] = np.bytes_(b"(lp0\n.")
        table = group.create_dataset("table", data=lines)
        table.attrs["values_block_0_kind"] = np.bytes_(pickled(columns))
    return path
