"""Tell what a file, a store or a lifter holds."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import torch
import tyro
from rich.markup import escape
from rich.table import Table

from ..adapter_file import is_adapter, read_adapter, weights_hash
from ..checkpoints import recognise, state_of
from ..checkpoints.low_rank import apart, has_additions
from ..clip import Clip
from ..data.clip_file import read_clip
from ..data.record import Recording
from ..data.store import MARKER, Store
from ..errors import DataError
from ..find_lifter import ONNX, Found, find_lifter, shipped
from ..lifter_folder import is_lifter
from ..lifters.direct import Direct
from ..protocols import Lifter
from ..settings import as_data
from ..torch_file import read_torch_file
from .common import Common, Options, Outcome

CHECKPOINTS = (".bin", ".ckpt", ".pkl", ".pt", ".pth", ".tar")
"""How PyTorch's files end."""

ANSWERS = {"all": "all", "centre": "the one in the middle", "last": "the last"}

MOST = 8
"""Values of one label that are named; the others are counted."""


def info(
    path: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="PATH")],
    *,
    common: Options = Common(),
) -> Outcome:
    """Tell what a store, a clip file, a lifter, an adapter or a checkpoint holds.

    Args:
        path: A store, a file that ends in .clip.safetensors, a lifter's folder or ONNX file or the
            name of one that comes with the package, an adapter's file, or a PyTorch checkpoint.
            Files of other formats are converted first.
    """
    if path.is_dir() and (path / MARKER).exists():
        return about_store(Store.open(path))
    if is_lifter(path) or path.suffix == ONNX or str(path) in shipped():
        return about_lifter(find_lifter(str(path), common.device, fast=False))
    if is_adapter(path):
        return about_adapter(path)
    if path.is_file():
        if path.suffix in CHECKPOINTS:
            return about_checkpoint(path)
        return about_recording(path, read_clip(path))
    raise DataError(
        f'"{path}" should be a store, a clip file or a lifter, but is none; check the path, or '
        "convert it with crosslift convert."
    )


def about_lifter(found: Found) -> Outcome:
    """What a lifter is, and how it was made."""
    about, lifter = found.about, found.lifter
    facts = {
        "kind": about.name,
        "skeleton": about.skeleton.name,
        "window": window_of(lifter),
        "frame rate": "any" if lifter.fps is None else f"{lifter.fps:g} a second",
        "hash": found.hash,
    }
    if isinstance(lifter, Direct):
        told = [name for name in ("scores", "body") if getattr(lifter.inputs, name)]
        facts["weights"] = weights_hash(lifter)
        facts["keypoints"] = lifter.inputs.unit
        facts["told besides"] = ", ".join(told) or "nothing"
    data = {**facts, "settings": as_data(about.settings), "made": as_data(about.made)}
    shown = {key: value for key, value in about.made.items() if not isinstance(value, dict)}
    return Outcome((f"{found.path or about.name}:", table_of(facts | shown)), data)


def window_of(lifter: Lifter) -> str:
    """What the lifter looks at, and for which of it it answers."""
    if lifter.frames == 1:
        return "single frames"
    return f"{lifter.frames} frames, of which it answers for {ANSWERS[lifter.predict]}"


def about_adapter(path: Path) -> Outcome:
    """What is added to which lifter."""
    adapter = read_adapter(path)
    refined = adapter.refinement
    settings = {
        "low rank": adapter.low_rank,
        "refinement": None if refined is None else refined.settings,
    }
    facts: dict[str, Any] = {
        "weights it belongs to": adapter.base,
        "numbers": f"{adapter.numbers:,}",
        "bytes": f"{path.stat().st_size:,}",
    }
    if adapter.low_rank is not None:
        facts["low rank"] = f"{adapter.low_rank.rank}, beside {len(adapter.state) // 2} layers"
    if refined is not None:
        facts["refinement"] = "as released" if refined.settings.released else "added to poses"
    shown = {key: value for key, value in adapter.made.items() if not isinstance(value, dict)}
    words = f"{path} is an adapter; say crosslift lift --lifter LIFTER --adapter {path} ..."
    data = {"file": str(path), **facts, "settings": as_data(settings), "made": dict(adapter.made)}
    return Outcome((escape(words), table_of(facts | shown)), data)


def about_checkpoint(path: Path) -> Outcome:
    """What a file of weights seems to be, without anything in it being run."""
    state, facts = state_of(read_torch_file(path)), {}
    if has_additions(state):
        state, added, settings = apart(state)
        count = sum(each.numel() for each in added.values())
        facts["added to it"] = f"{count:,} numbers of the rank {settings.rank}"
    found = recognise(state)
    numbers = sum(each.numel() for each in found.state.values())
    facts = {"network": found.architecture, "numbers": f"{numbers:,}", **facts}
    words = (f"{path} is a checkpoint; crosslift import makes a lifter of it.", table_of(facts))
    data = {"file": str(path), **facts, "settings": as_data(found.settings)}
    return Outcome((*words, *found.notes), data | {"notes": list(found.notes)})


def table_of(facts: Mapping[str, Any]) -> Table:
    """Names and values below each other."""
    table = Table("", "", show_header=False, box=None)
    for key, value in facts.items():
        table.add_row(key, str(value))
    return table


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
    return Outcome((f"{path}:", table_of(facts)), {"file": str(path)} | facts)


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
