"""What a lifter that is told the body makes of people, cameras and movements it never saw.

    python -m benchmarks.shipped_figures LIFTER --data DIR [--views 3] [--seed 0] [--only people]

DIR is the folder of the motion corpus. One JSON line for each part of the corpus and each rig, for
synthetic people of the preset `target`, for each way to know the body, and with and without a
detector's errors. The body is the true one; estimated from the keypoints of all of a person's
clips, of ten, or of each clip by itself; or the average one. Its size is the person's own stature,
or 1.70 m for everyone. Nothing is chosen by these figures; they are reported.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Generator, Tensor

from benchmarks.timing import commit, machine
from crosslift import synth
from crosslift.body import estimate_body
from crosslift.clip import Clip, unlabelled
from crosslift.data.mocap import Mocap, read_rig
from crosslift.find_lifter import Found, find_lifter
from crosslift.geometry import stature
from crosslift.lifting import root_relative
from crosslift.metrics import mpjpe, n_mpjpe, p_mpjpe, pck, rooted
from crosslift.motion import Motion
from crosslift.observe import observe, perfect
from crosslift.resampling import without_gaps
from crosslift.skeletons import H36M_17
from crosslift.synth.detector import DetectorModel
from crosslift.typical import typical_body

PARTS = (
    ("source_val", "source_val.npz", "source"),
    ("source_val", "source_val.npz", "target"),
    ("target_val", "target_val.npz", "source"),
    ("target_val", "target_val.npz", "target"),
)
HEIGHTS = {"target_val": 1.60}
"""Statures that are stated; others are those of the true bones."""
TEN = 10


@dataclass(frozen=True)
class Way:
    """How the body is known."""

    body: str
    """true, all, ten, one, average"""
    stature: str
    """true, typical"""


WAYS = (
    Way("true", "true"),
    Way("all", "true"),
    Way("all", "typical"),
    Way("ten", "true"),
    Way("one", "true"),
    Way("one", "typical"),
    Way("average", "true"),
    Way("average", "typical"),
)


def main() -> None:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(description="Figures of a lifter that is told the body.")
    parser.add_argument("lifter")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--views", type=int, default=3, help="cameras of a rig for each clip")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="a part's name")
    asked = parser.parse_args()
    found = find_lifter(asked.lifter)
    run = {"what": "run", "lifter": Path(asked.lifter).name, "hash": found.hash, "seed": asked.seed,
           "views": asked.views, "commit": commit(), "machine": machine()}  # fmt: skip
    print(json.dumps(run), flush=True)
    for detector in ("none", "model"):
        for name, rig, people in cases(asked.data, asked.views, detector, asked.seed):
            if asked.only in ("", name):
                judge({"people": name, "rig": rig, "detector": detector}, people, found, asked.seed)


def cases(
    data: Path, views: int, detector: str, seed: int
) -> Iterator[tuple[str, str, list[list[Clip]]]]:
    """Each part's name, its rig, and the clips of each of its people."""
    for name, file, rig in PARTS:
        yield name, rig, recorded(data, file, rig, views, detector, seed)
    yield "synthetic target", "its own", made_up(detector, seed)


def recorded(
    data: Path, file: str, rig: str, views: int, detector: str, seed: int
) -> list[list[Clip]]:
    """The clips of each body in a part of the corpus, before some cameras of a rig drawn anew."""
    rng = Generator().manual_seed(seed)
    cameras = read_rig(data / f"rig_{rig}.json")[1]
    seen = perfect if detector == "none" else DetectorModel()
    people: dict[str, list[Clip]] = {}
    for motion in Mocap(file=(file,)).read(data):
        assert isinstance(motion, Motion), "no rig was named"
        for number in torch.randperm(len(cameras), generator=rng)[:views].tolist():
            camera = list(cameras.values())[number]
            people.setdefault(motion.labels["body"], []).append(observe(motion, camera, seen, rng))
    return list(people.values())


def made_up(detector: str, seed: int) -> list[list[Clip]]:
    """Synthetic people of the preset `target`, by person."""
    rng = Generator().manual_seed(seed)
    settings = synth.Settings(preset="target", frames=12_000, exact=detector == "none")
    people: dict[str, list[Clip]] = {}
    for clip in synth.recordings(settings, rng):
        people.setdefault(clip.name.rpartition("/")[0], []).append(clip)
    return list(people.values())


def judge(facts: Mapping[str, str], people: list[list[Clip]], found: Found, seed: int) -> None:
    """Print a line for each way to know the body."""
    for way in WAYS:
        told = [clip for clips in people for clip in informed(clips, way, facts["people"], seed)]
        line = {**facts, "body": way.body, "stature": way.stature, **figures(told, found)}
        print(json.dumps(line), flush=True)


def informed(clips: list[Clip], way: Way, part: str, seed: int) -> list[Clip]:
    """A person's clips with the bone lengths that a lifter is told."""
    true = torch.stack([clip.body for clip in clips if clip.body is not None]).mean(dim=0)
    own = HEIGHTS.get(part) or float(stature(true, H36M_17))
    height = own if way.stature == "true" else None
    if way.body == "true":
        return [replace(clip, body=true) for clip in clips]
    if way.body == "average":
        scale = 1.0 if height is None else height / float(stature(typical_body(H36M_17), H36M_17))
        return [replace(clip, body=typical_body(H36M_17) * scale) for clip in clips]
    sizes = {"all": len(clips), "ten": TEN, "one": 1}
    order = torch.randperm(len(clips), generator=Generator().manual_seed(seed)).tolist()
    groups = [order[i : i + sizes[way.body]] for i in range(0, len(order), sizes[way.body])]
    return [clip for group in groups for clip in estimated([clips[i] for i in group], height)]


def estimated(clips: Sequence[Clip], height: float | None) -> list[Clip]:
    """Clips with the body that their keypoints suggest."""
    body = estimate_body([unlabelled(clip) for clip in clips], height=height)
    return [replace(clip, body=body.lengths) for clip in clips]


def figures(clips: list[Clip], found: Found) -> dict[str, float | int]:
    """Mean errors in millimetres over all frames, and the share of joints within 150 mm."""
    sums, frames = torch.zeros(4, dtype=torch.float64), 0
    for clip in clips:
        truth = rooted(truth_of(clip), clip.skeleton.root)
        known = truth.isfinite().flatten(1).all(dim=1)
        blind = without_gaps(replace(clip, poses=None))
        with torch.no_grad():
            poses = root_relative(blind, found.lifter, Generator())[0]
        ours, theirs = poses[known].double(), truth[known].double()
        for place, measure in enumerate((mpjpe, n_mpjpe, p_mpjpe, pck)):
            sums[place] += measure(ours, theirs).sum()
        frames += int(known.sum())
    mean = (sums / max(frames, 1)).tolist()
    return {
        "mpjpe_mm": round(1000 * mean[0], 2),
        "n_mpjpe_mm": round(1000 * mean[1], 2),
        "p_mpjpe_mm": round(1000 * mean[2], 2),
        "pck_percent": round(100 * mean[3], 2),
        "clips": len(clips),
        "frames": frames,
    }


def truth_of(clip: Clip) -> Tensor:
    """The true poses of a clip that has them."""
    assert clip.poses is not None, "made from motion capture"
    return clip.poses[0]


if __name__ == "__main__":
    main()
