"""How like real people the synthetic ones move: speeds, accelerations and nearest real poses.

    python benchmarks/naturalness.py --data DIR [--kinds walk run] [--seed 1000]

DIR is the motion corpus with its CMU part. One JSON line a kind of movement:

- `speed` and `acceleration`: the quantiles 50, 75, 90 and 95 % over all joints and frames at 30
  frames a second in the world's axes, of the synthetic motion over those of like actions of the
  corpus; they hold between 0.5 and 2. Below the median the corpus at rest is what its capture and
  its steps of half a millimetre make of stillness, so that is not compared.
- `pose_mm`: the median over synthetic frames of the distance to the nearest CMU pose, the mean
  over joints, both taken about the pelvis and turned to face the same way, the real one scaled to
  fit; nothing else is aligned. It holds under 120 mm.

Where the CMU part has no like action, all of it is compared with, and `like` says "whole". For
these, and where it has another one, the ratios to the corpus' ACCAD part are given, and not judged.
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from crosslift import synth

LIKE = {
    "walk": ("walk", "walking", "walking_extra"),
    "run": ("run", "running"),
    "jump": ("jumping",),
    "wave": ("directing_traffic", "basketball_signal"),
    "reach": ("directing_traffic", "basketball_signal", "exercise", "mixed-exercise"),
    "stretch": ("exercise", "mixed-exercise"),
    "squat": ("exercise", "mixed-exercise"),
    "lunge": ("exercise", "mixed-exercise"),
    "sit": ("exercise", "mixed-exercise"),
    "pick_up": ("exercise", "mixed-exercise"),
    "turn": ("dance-salsa",),
    "side_step": ("dance-salsa",),
    "kick": ("martial-arts",),
    "punch": ("punch", "martial-arts"),
    "throw": ("martial-arts", "punch", "basketball"),
    "dance": ("dance", "dance-indian", "dance-modern", "dance-pop", "dance-salsa"),
}
"""Actions of the CMU part that are like a kind; there is none for the others."""
LIKE_OF_ACCAD = {
    "crawl": ("crawl-forward", "crawl-backward"),
    "lie_down": ("crouch-to-lie", "lie-to-crouch", "lie-down"),
    "pick_up": ("pick-up-box", "lift-box"),
    "side_step": ("side-step-left", "side-step-right", "quick-side-step-left"),
}
SHARES = (0.5, 0.75, 0.9, 0.95)
FPS, SECONDS, PEOPLE = 30.0, 12.0, 12
FILES = (("source_train", "index"), ("source_val", "index"), ("extra_train", "index_extra"))


def corpus(folder: Path, source: str) -> dict[str, list[np.ndarray]]:
    """The clips of one source, "CMU" or "ACCAD", by action."""
    clips = defaultdict(list)
    for name, index in FILES:
        with np.load(folder / f"{name}.npz") as file:
            metres = file["xyz"].astype(np.float32) * float(file["unit_m"])
            starts, names = file["clip_start"], file["clip_id"]
        about = {
            clip["id"]: clip for clip in json.loads((folder / f"{index}.json").read_text())["clips"]
        }
        for number, clip in enumerate(names):
            entry = about[str(clip)]
            if source in entry["source"]:
                clips[entry["action"]].append(metres[starts[number] : starts[number + 1]])
    return clips


def quantiles(clips: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Of the speeds (m/s) and the accelerations (m/s2) of all joints."""
    speeds = [np.linalg.norm(np.diff(clip, axis=0), axis=-1).ravel() * FPS for clip in clips]
    changes = [np.linalg.norm(np.diff(clip, 2, axis=0), axis=-1).ravel() * FPS**2 for clip in clips]
    return np.quantile(np.concatenate(speeds), SHARES), np.quantile(np.concatenate(changes), SHARES)


def about_the_pelvis(poses: np.ndarray) -> torch.Tensor:
    """Poses about the pelvis, turned so that the hips lie along x."""
    poses = torch.from_numpy(np.asarray(poses, dtype=np.float32))
    poses = poses - poses[:, :1]
    across = poses[:, 1] - poses[:, 4]
    angle = torch.atan2(across[:, 1], across[:, 0])[:, None]
    x, y, z = poses.unbind(-1)
    cos, sin = angle.cos(), angle.sin()
    return torch.stack([cos * x + sin * y, cos * y - sin * x, z], dim=-1)


def nearest(poses: torch.Tensor, real: torch.Tensor, candidates: int = 200) -> torch.Tensor:
    """The mean joint distance of each pose to the nearest real one."""
    far = torch.cdist(poses.flatten(1), real.flatten(1))
    close = real[far.topk(candidates, largest=False).indices]
    power = (close**2).sum(dim=(-2, -1))
    size = (poses[:, None] * close).sum(dim=(-2, -1)) / power
    close = close * size[..., None, None]
    return (poses[:, None] - close).norm(dim=-1).mean(dim=-1).amin(dim=-1)


def synthetic(kind: str, seed: int) -> list[np.ndarray]:
    """Recordings of one kind by several people."""
    clips = []
    for person in range(PEOPLE):
        rng = torch.Generator().manual_seed(seed + person)
        motion = synth.record(kind, synth.draw_body(rng), FPS, SECONDS, rng)
        clips.append(motion.positions.numpy())
    return clips


def ratios(ours: list[np.ndarray], theirs: list[np.ndarray]) -> dict[str, list[float]]:
    """Quantiles of ours over those of theirs."""
    pairs = zip(quantiles(ours), quantiles(theirs), strict=True)
    both = [(mine / other).round(2).tolist() for mine, other in pairs]
    return dict(zip(("speed", "acceleration"), both, strict=True))


def holds(line: dict[str, Any]) -> bool:
    """Whether the figures of a kind are within what is asked for."""
    found = np.array([line["speed"], line["acceleration"]])
    return bool(((found >= 0.5) & (found <= 2)).all()) and line["pose_mm"] < 120


def main() -> int:
    """Print a line a kind; 1 if a figure does not hold."""
    parser = argparse.ArgumentParser(description="How natural synthetic movements are.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--kinds", nargs="*", default=list(synth.kinds()))
    parser.add_argument("--seed", type=int, default=1000)
    chosen = parser.parse_args()
    clips, others = (corpus(chosen.data, source) for source in ("CMU", "ACCAD"))
    everything = [clip for group in clips.values() for clip in group]
    real = about_the_pelvis(np.concatenate([clip[::4] for clip in everything]))
    held = True
    for kind in chosen.kinds:
        like = LIKE.get(kind)
        ours = synthetic(kind, chosen.seed)
        poses = about_the_pelvis(np.concatenate([clip[::12] for clip in ours]))
        theirs = [clip for action in like for clip in clips[action]] if like else everything
        line: dict[str, Any] = {"what": "naturalness", "kind": kind}
        line |= {"like": list(like) if like else "whole", "quantiles": list(SHARES)}
        line |= ratios(ours, theirs)
        line["pose_mm"] = round(1000 * float(nearest(poses, real).median()), 1)
        if kind in LIKE_OF_ACCAD:
            beside = [clip for action in LIKE_OF_ACCAD[kind] for clip in others[action]]
            line["accad"] = ratios(ours, beside)
        line |= {"frames": sum(map(len, ours)), "seed": chosen.seed, "holds": holds(line)}
        print(json.dumps(line), flush=True)
        held = held and line["holds"]
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
