"""Tell what a file or a store holds."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import torch
import tyro
from rich.table import Table

from ..clip import Clip
from ..data.clip_file import read_clip
from ..data.record import Recording
from ..data.store import MARKER, Store
from ..errors import DataError
from .common import Common, Options, Outcome

MOST = 8
"""Values of one label that are named; the others are counted."""


def info(
    path: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="PATH")],
    *,
    common: Options = Common(),
) -> Outcome:
    """Tell what a store or one of our clip files holds.

    Args:
        path: A store, or a file that ends in .clip.safetensors. Files of other formats are
            converted first.
    """
    if path.is_dir() and (path / MARKER).exists():
        return about_store(Store.open(path))
    if path.is_file():
        return about_recording(path, read_clip(path))
    raise DataError(
        f'"{path}" should be a store or a clip file, but is neither; check the path, or convert it '
        "with crosslift convert."
    )


def about_store(store: Store) -> Outcome:
    """How much there is, and by what it can be selected."""
    labels = {key: Counter(store.values(key)) for key in store.fields()}
    frames, size = int(store.frames.sum()), sum(each.path.stat().st_size for each in store.shards)
    data = {
        "store": str(store.path),
        "recordings": len(store),
        "frames": frames,
        "bytes": size,
        "hash": store.hash(),
        "labels": {key: dict(counts) for key, counts in labels.items()},
    }
    words = [
        f"{store.path}: {len(store):,} recordings, {frames:,} frames, {size / 1e6:,.1f} MB, "
        f"hash {store.hash()}",
    ]
    return Outcome((*words, table_of_labels(labels)) if labels else tuple(words), data)


def table_of_labels(labels: dict[str, Counter[str]]) -> Table:
    """What can be selected by, with the commonest values."""
    table = Table("label", "values", "commonest, with the number of recordings")
    for key, counts in labels.items():
        some = ", ".join(f"{value or '(none)'} {n:,}" for value, n in counts.most_common(MOST))
        table.add_row(key, f"{len(counts):,}", some + (", ..." if len(counts) > MOST else ""))
    return table


def about_recording(path: Path, recording: Recording) -> Outcome:
    """What one clip or motion holds."""
    facts = facts_of(recording)
    table = Table("", "", show_header=False, box=None)
    for key, value in facts.items():
        table.add_row(key, str(value))
    return Outcome((f"{path}:", table), {"file": str(path)} | facts)


def facts_of(recording: Recording) -> dict[str, Any]:
    """A recording in names and numbers."""
    shared = {
        "name": recording.name,
        "skeleton": recording.skeleton.name,
        "joints": len(recording.skeleton),
        "frames": len(recording),
        "fps": recording.fps,
        "seconds": round(len(recording) / recording.fps, 3),
    }
    if isinstance(recording, Clip):
        shared |= facts_of_clip(recording)
    else:
        angles = 0 if recording.angles is None else recording.angles.shape[-1]
        shared |= {"known joints": share(recording.known), "joint angles": angles}
    return shared | dict(recording.labels) | dict(recording.provenance)


def facts_of_clip(clip: Clip) -> dict[str, Any]:
    """What a clip has beyond a motion."""
    size, focal = (tensor.reshape(-1, 2)[:1] for tensor in (clip.camera.size, clip.camera.focal))
    return {
        "picture": " x ".join(f"{side:g}" for side in size[0].tolist()) if len(size) else "unknown",
        "focal length": f"{float(focal.mean()):.1f} px ({clip.camera.focal_from})",
        "observed joints": share(clip.observed),
        "hypotheses": 0 if clip.poses is None else len(clip.poses),
        "root": clip.root_from if clip.poses is not None else "none",
    }


def share(mask: torch.Tensor) -> str:
    """The part of a mask that is true, in per cent."""
    return f"{100 * float(mask.double().mean()):.1f} %" if mask.numel() else "none"
