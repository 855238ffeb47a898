"""How often wrong joint orders are noticed and right ones accused, on the motion corpus.

    python benchmarks/bench_joint_order.py --data DIR [--clips 1000] [--seed 0] [--fit]

DIR holds `mocap/`. One JSON line a case: domain, 2D or 3D, frames of a clip, what was done to the
joints, share accused, share whose guess names it, milliseconds a clip. `--fit` prints the table of
`crosslift.joint_order` instead, made from `source_train` alone, and measures nothing.
"""

import argparse
import json
import textwrap
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor

from crosslift.camera import looking_at, pinhole, project, world_to_camera
from crosslift.joint_order import (
    LIMBS,
    VOCABULARY,
    Verdict,
    check_keypoints,
    check_poses,
    classes,
    log_distances,
    spots_of,
)
from crosslift.skeleton import Skeleton
from crosslift.skeletons import COCO_17, H36M_17, MPI_INF_3DHP_17

FILES = {
    "source_train": "source_train.npz",
    "source_val": "source_val.npz",
    "extra": "extra_train.npz",
    "target_train": "target_train.npz",
}
WHOLE = Skeleton("vocabulary", VOCABULARY, (-1,) + (0,) * (len(VOCABULARY) - 1))
FOCAL = 1000.0
Rates = dict[str, float | list[float]]


def read(path: Path) -> list[Tensor]:
    """The clips of one file, with eyes and ears added to the 17 joints."""
    with np.load(path) as file:
        points = torch.from_numpy(file["xyz"].astype(np.float32)) * float(file["unit_m"])
        starts = file["clip_start"]
    return [with_face(points[a:b]) for a, b in pairwise(starts)]


def with_face(points: Tensor) -> Tensor:
    """The vocabulary's joints: eyes and ears where they are on a head of usual size."""
    thorax, nose, head = (points[:, H36M_17.index(joint)] for joint in ("thorax", "nose", "head"))
    left = unit(torch.linalg.cross(head - thorax, nose - thorax))
    steep = unit(head - nose)  # 50 mm back on 95 mm up
    lean = torch.atan2(torch.tensor(50.0), torch.tensor(95.0))
    up = lean.cos() * steep + lean.sin() * torch.linalg.cross(left, steep)
    forward = torch.linalg.cross(left, up)
    face = {}
    for side, sign in (("left", 1), ("right", -1)):
        face[f"{side}_eye"] = nose + 0.015 * forward + 0.035 * up + sign * 0.032 * left
        face[f"{side}_ear"] = head - 0.055 * up + sign * 0.075 * left
    return torch.stack(
        [face[j] if j in face else points[:, H36M_17.index(j)] for j in VOCABULARY], dim=1
    )


def unit(vectors: Tensor) -> Tensor:
    """The vectors with length one."""
    return torch.nn.functional.normalize(vectors, dim=-1)


def windows(clips: list[Tensor], frames: int, count: int, rng: Generator) -> Iterator[Tensor]:
    """Random pieces of random clips."""
    long = [clip for clip in clips if len(clip) >= frames]
    for _ in range(count):
        clip = long[draw(len(long), rng)]
        start = draw(len(clip) - frames + 1, rng)
        yield clip[start : start + frames]


def draw(below: int, rng: Generator) -> int:
    """A whole number below a limit."""
    return int(torch.randint(below, (), generator=rng))


def uniform(low: float, high: float, rng: Generator) -> float:
    """A number between two."""
    return low + (high - low) * float(torch.rand((), generator=rng))


def seen(points: Tensor, rng: Generator, height: float = 300, noise: float = 5) -> Tensor:
    """Keypoints of one camera anywhere around; a tenth are missing.

    Args:
        height: Of an upright person, in pixels, at a focal length of 1000.
        noise: Of the detector, in pixels.
    """
    yaw, pitch = uniform(0, 2 * np.pi, rng), np.radians(uniform(-10, 35, rng))
    away = torch.tensor(
        [np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)],
        dtype=points.dtype,
    )
    aim = points[:, 0].mean(dim=0)
    position = aim + away * FOCAL * 1.65 / height
    camera = looking_at(pinhole(FOCAL, (1000, 1000)), position, aim)
    keypoints = project(world_to_camera(points, camera), camera)
    keypoints = keypoints + noise * torch.randn(keypoints.shape, generator=rng)
    roll = torch.tensor(np.radians(uniform(-8, 8, rng)))
    turn = torch.stack([roll.cos(), -roll.sin(), roll.sin(), roll.cos()]).reshape(2, 2)
    keypoints = keypoints @ turn.to(keypoints).mT
    keypoints[torch.rand(keypoints.shape[:2], generator=rng) < 0.1] = torch.nan
    return keypoints


def exchanged(*joints: str) -> Callable[[Generator], list[int]]:
    """An order with left and right exchanged at some joints."""

    def order(_: Generator) -> list[int]:
        names = list(H36M_17.joints)
        for joint in joints:
            left, right = H36M_17.indices(f"left_{joint}", f"right_{joint}")
            names[left], names[right] = names[right], names[left]
        return [VOCABULARY.index(name) for name in names]

    return order


def renamed(*moves: tuple[str, str]) -> Callable[[Generator], list[int]]:
    """An order with some pairs of joints exchanged."""

    def order(_: Generator) -> list[int]:
        names = list(H36M_17.joints)
        for one, other in moves:
            i, j = H36M_17.indices(one, other)
            names[i], names[j] = names[j], names[i]
        return [VOCABULARY.index(name) for name in names]

    return order


def of(skeleton: Skeleton) -> Callable[[Generator], list[int]]:
    """The order of another skeleton, as far as the vocabulary has its joints or near ones."""
    spots = spots_of(skeleton)
    assert spots is not None
    return lambda _: spots.places.tolist()


def shuffled(rng: Generator) -> list[int]:
    """Any order of the 17 joints."""
    order = torch.randperm(17, generator=rng).tolist()
    return [VOCABULARY.index(H36M_17.joints[joint]) for joint in order]


CASES: dict[str, tuple[Skeleton, Callable[[Generator], list[int]], str]] = {
    "good": (H36M_17, exchanged(), ""),
    "good coco17": (COCO_17, of(COCO_17), ""),
    "permuted": (H36M_17, shuffled, ""),
    "coco17 as h36m17": (H36M_17, of(COCO_17), '"coco17"'),
    "3dhp17 as h36m17": (H36M_17, of(MPI_INF_3DHP_17), '"mpi_inf_3dhp17"'),
    "h36m17 as coco17": (COCO_17, of(H36M_17), '"h36m17"'),
    "h36m17 as 3dhp17": (MPI_INF_3DHP_17, of(H36M_17), '"h36m17"'),
    "whole body exchanged": (H36M_17, exchanged(*LIMBS), "whole body"),
    "arms exchanged": (H36M_17, exchanged(*LIMBS[:3]), "in the arms"),
    "legs exchanged": (H36M_17, exchanged(*LIMBS[3:]), "in the legs"),
    "elbows and wrists exchanged": (H36M_17, exchanged("elbow", "wrist"), "wrists and elbows;"),
    "wrists exchanged": (H36M_17, exchanged("wrist"), "at the wrists;"),
    "knees and ankles exchanged": (H36M_17, exchanged("knee", "ankle"), "knees and ankles;"),
    "spine and thorax": (H36M_17, renamed(("spine", "thorax")), ""),
    "knee and ankle of a leg": (H36M_17, renamed(("left_knee", "left_ankle")), ""),
}
"""What the joints are said to be, what they are, and a word that a right guess contains."""


def verdict(points: Tensor, skeleton: Skeleton) -> Verdict:
    """The verdict in 2D or 3D."""
    check = check_keypoints if points.shape[-1] == 2 else check_poses
    return check(points, skeleton)


def measure(clips: list[Tensor], case: str, frames: int, axes: int, count: int, seed: int) -> Rates:
    """The rates of one case."""
    skeleton, order, word = CASES[case]
    rng = torch.Generator().manual_seed(seed)
    accused, named, seconds, scores = 0, 0, 0.0, []
    for window in windows(clips, frames, count, rng):
        points = seen(window, rng) if axes == 2 else window
        points = points[:, order(rng)]
        start = time.perf_counter()
        found = verdict(points, skeleton)
        seconds += time.perf_counter() - start
        accused += not found.ok
        named += not found.ok and bool(word) and word in found.guess
        scores.append(found.score)
    rates: Rates = {"accused": accused / count, "milliseconds": round(1000 * seconds / count, 2)}
    rates["score_1_99"] = np.quantile(scores, [0.01, 0.99]).round(2).tolist()
    return rates | ({"named": named / count} if word else {})


def fit(clips: list[Tensor], axes: int, count: int, seed: int) -> str:
    """The reference table of one kind of data, as text."""
    rng = torch.Generator().manual_seed(seed)
    tables = []
    for frames in (1, 9, 27, 81):
        for window in windows(clips, frames, count, rng):
            height, noise = 300 * float(np.exp(uniform(-0.4, 0.8, rng))), uniform(0, 6, rng)
            points = seen(window, rng, height, noise) if axes == 2 else window
            table = log_distances(points.double().numpy())
            pairs = np.triu_indices(len(table), 1)
            tables.append(table - np.nanmedian(table[pairs]))
    return "".join(f"        {as_text(values)},\n" for values in statistics(np.stack(tables)))


def as_text(values: list[float]) -> str:
    """Numbers in hundredths as one string constant of several lines."""
    lines = textwrap.wrap(" ".join(str(round(100 * value)) for value in values), 88)
    return "\n        ".join(f'"{line} "' for line in lines)


def statistics(tables: np.ndarray) -> tuple[list[float], list[float]]:
    """Mean and deviation of each class of pairs, both of its mirror images pooled."""
    means, deviations = [], []
    for one, other in classes():
        here = tables[:, VOCABULARY.index(one), VOCABULARY.index(other)]
        mirror = [VOCABULARY.index(WHOLE.joints[WHOLE.mirror[VOCABULARY.index(joint)]])
                  for joint in (one, other)]  # fmt: skip
        both = np.concatenate([here, tables[:, mirror[0], mirror[1]]])
        means.append(float(np.nanmean(both)))
        deviations.append(float(np.nanstd(both)))
    return means, deviations


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--frames", type=int, nargs="+", default=[1, 9, 27, 81])
    parser.add_argument("--domains", nargs="+", default=list(FILES))
    parser.add_argument("--cases", nargs="+", default=list(CASES))
    parser.add_argument("--fit", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    if asked.fit:
        clips = read(asked.data / "mocap" / FILES["source_train"])
        for axes in (2, 3):
            print(f"    {axes}: (\n{fit(clips, axes, asked.clips, asked.seed)}    ),")
        return
    for domain in asked.domains:
        clips = read(asked.data / "mocap" / FILES[domain])
        for axes in (2, 3):
            for frames in asked.frames:
                for case in asked.cases:
                    count = asked.clips if case.startswith("good") else max(200, asked.clips // 5)
                    rates = measure(clips, case, frames, axes, count, asked.seed)
                    line = {"what": "joint_order", "domain": domain, "axes": axes, "frames": frames}
                    about = {"case": case, "clips": count, "seed": asked.seed}
                    print(json.dumps(line | about | rates), flush=True)


if __name__ == "__main__":
    main()
