"""How fast source poses are put where target people are, beside the plain twin.

    python -m benchmarks.bench_gpa [--threads 1] [--repeats 7] [--poses 100000]

One JSON line a figure: global position alignment of so many poses with random targets, their
projection with these targets' cameras included. The twin takes one pose at a time; `ratio` is its
time for a pose by ours, measured in the same run.
"""

import argparse
from dataclasses import replace

import torch

from benchmarks.timing import interleaved, report
from crosslift.augment.gpa import GPA, GPASettings
from crosslift.augment.target import Target
from crosslift.camera import Camera
from crosslift.clip import Batch, Clip
from crosslift.windows import Windowing, windows
from tests.people import seen_walker
from tests.plain.gpa import plain_alignment

TWIN_POSES = 100
DISTORTION = (-0.2, 0.24, -0.001, -0.0014, -0.003)


def people(count: int, first: int) -> list[Clip]:
    """Walkers before cameras with a lens."""
    clips = [seen_walker(2.0, first + number) for number in range(count)]
    lenses = [replace(clip.camera, distortion=torch.tensor(DISTORTION)) for clip in clips]
    return [seen_walker(2.0, first + number, camera) for number, camera in enumerate(lenses)]


def source(poses: int) -> Batch:
    """So many windows of one frame."""
    batch = windows(people(4, 0), Windowing(1))
    rows = torch.arange(poses) % len(batch)
    tensors = {name: each[rows] for name, each in vars(batch).items() if torch.is_tensor(each)}
    return replace(batch, camera=batch.camera[rows], **tensors)


def measure(depth: str, batch: Batch, target: Target, repeats: int) -> None:
    """One line for a way of finding the depth."""
    exact = depth == "exact"
    aligned: GPA = GPASettings(depth="exact" if exact else "weak").build(target)
    rows = torch.randint(len(target), (TWIN_POSES,), generator=torch.Generator().manual_seed(1))
    assert batch.poses is not None
    poses, keypoints = batch.poses[:TWIN_POSES, 0], target.keypoints[rows]
    cameras: Camera = target.cameras[target.seen_by[rows]]
    taken = interleaved(
        {
            "ours": lambda: aligned(batch, torch.Generator().manual_seed(0)),
            "plain": lambda: plain_alignment(poses, keypoints, cameras, exact=exact),
        },
        repeats=repeats,
        warm=1,
    )
    report(
        "global position alignment with projection",
        taken["ours"],
        depth=depth,
        size=len(batch),
        poses_a_second=round(len(batch) / taken["ours"]),
        ratio=round(taken["plain"] / TWIN_POSES * len(batch) / taken["ours"], 1),
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--poses", type=int, default=100_000)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    batch, target = source(asked.poses), Target.of(people(8, 100))
    for depth in ("weak", "exact"):
        measure(depth, batch, target, asked.repeats)


if __name__ == "__main__":
    main()
