"""What a lower precision of the products inside costs trained lifters, in millimetres.

    python -m benchmarks.bench_precision STORE LIFTER... [--precisions bfloat16 int8] [--clips N]

One JSON line for each lifter and precision: the mean error of joints (MPJPE) against the store's
poses in float32 and in the lower precision, the difference, and how far joints shift: their mean
and the 99th percentile. `limit_mm` is what the difference may be: 0.05 mm, or 0.1 % of an error
above 50 mm. All poses are about the root. A precision that a lifter does not have is left out, and
its sentence goes to the error output.
"""

import argparse
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.timing import report
from crosslift.clip import Clip, unlabelled
from crosslift.data.store import Store
from crosslift.errors import SettingsError
from crosslift.find_lifter import find_lifter
from crosslift.lifting import lift
from crosslift.mapping import mapped
from crosslift.protocols import Lifter

PRECISIONS = {"bfloat16": torch.bfloat16, "float16": torch.float16, "int8": torch.int8}
ROOM, SHARE = 0.05, 0.001


def price(folder: Path, store: Path, precisions: list[str], clips: int | None) -> None:
    """Lines of one lifter."""
    exact, truth = lifted(find_lifter(str(folder)).lifter, store, clips)
    error = mean_error(exact, truth)
    for name in precisions:
        try:
            lower = find_lifter(str(folder), dtype=PRECISIONS[name]).lifter
        except SettingsError as problem:
            print(f"{folder}: {problem}", file=sys.stderr)
            continue
        poses, _ = lifted(lower, store, clips)
        shift = 1000 * (poses - exact).norm(dim=-1).flatten()
        facts = {
            "lifter": str(folder),
            "store": str(store),
            "frames": len(exact),
            "precision": name,
            "mpjpe_mm": round(error, 3),
            "moved_by_mm": round(mean_error(poses, truth) - error, 4),
            "limit_mm": round(max(ROOM, SHARE * error if error > 50 else 0.0), 3),
            "mean_shift_mm": round(shift.mean().item(), 3),
            "shift_mm_99": round(percentile(shift, 0.99), 3),
        }
        report("price of a lower precision", 0.0, **facts)


def lifted(lifter: Lifter, store: Path, clips: int | None) -> tuple[Tensor, Tensor]:
    """A lifter's poses of a store's clips, frame after frame, and the true ones."""
    found, true = [], []
    for seen in islice(Store.open(store), clips):
        assert isinstance(seen, Clip), "a lifter sees clips, not motions"
        clip = seen if seen.skeleton == lifter.skeleton else mapped(seen, lifter.skeleton.name)
        rng = torch.Generator().manual_seed(0)
        result = lift(replace(unlabelled(clip), body=None), lifter, rng)
        for poses, some in ((result.poses, found), (clip.poses, true)):
            assert poses is not None
            root = lifter.skeleton.root
            some.append(poses[0] - poses[0][:, root, None])
    return torch.cat(found), torch.cat(true)


def mean_error(poses: Tensor, truth: Tensor) -> float:
    """Mean distance of joints that have a true place, in millimetres."""
    return 1000 * (poses - truth).norm(dim=-1).nanmean().item()


def percentile(values: Tensor, share: float) -> float:
    """The value below which a share of them lies, of any number of values."""
    return values.kthvalue(max(1, round(share * len(values)))).values.item()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("lifters", type=Path, nargs="+")
    parser.add_argument("--precisions", nargs="+", default=["bfloat16", "int8"], choices=PRECISIONS)
    parser.add_argument("--clips", type=int, help="only so many of the store's")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    for folder in asked.lifters:
        price(folder, asked.store, asked.precisions, asked.clips)


if __name__ == "__main__":
    main()
