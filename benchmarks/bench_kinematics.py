"""How fast the kinematic body is, beside its plain twin, and inverse kinematics and alignment.

    python -m benchmarks.bench_kinematics [--threads 1] [--repeats 7] [--batch 4096]

One JSON line a figure. The twin makes a batched 4x4 product for each link of the table; `ratio` is
its time by ours, measured in the same run.
"""

import argparse
from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.timing import interleaved, report
from crosslift.geometry.rotations import axis_angle_to_matrix
from crosslift.kinematics import (
    NARROW,
    TEMPLATES,
    Fitting,
    forward,
    inverse,
    random_angles,
    turns,
)
from tests.kinematics.twins import plain_forward

ALIGNED = 100_000
FITTED = 1_000


def bodies(poses: int) -> tuple[Tensor, Tensor]:
    """Random angles and measured lengths."""
    rng = torch.Generator().manual_seed(0)
    person = torch.randint(len(TEMPLATES), (poses,), generator=rng)
    angles = random_angles(poses, rng).angles
    return angles, torch.tensor(TEMPLATES, dtype=angles.dtype)[person]


def backwards(
    function: Callable[[Tensor, Tensor], Tensor], angles: Tensor, lengths: Tensor
) -> Callable[[], object]:
    """A call that computes joints and the gradient of a weighted sum of them to the angles."""
    weights = torch.randn(len(angles), 16, 3, generator=torch.Generator().manual_seed(1))

    def run() -> None:
        wanted = angles.detach().requires_grad_()
        function(wanted, lengths).backward(weights)

    return run


def kinematics(batch: int, repeats: int) -> None:
    """Forward kinematics, its gradient, and the links' turns."""
    angles, lengths = bodies(batch)
    pairs = {
        "forward kinematics": (
            lambda: forward(angles, lengths),
            lambda: plain_forward(angles, lengths),
        ),
        "forward kinematics and gradient": (
            backwards(forward, angles, lengths),
            backwards(plain_forward, angles, lengths),
        ),
    }
    for what, (ours, plain) in pairs.items():
        taken = interleaved({"ours": ours, "plain": plain}, repeats=repeats)
        rates = rate(batch, taken["ours"]) | {"ratio": round(taken["plain"] / taken["ours"], 2)}
        report(what, taken["ours"], dtype="float32", **rates)
    seconds = interleaved({"turns": lambda: turns(angles)}, repeats=repeats)["turns"]
    report("turns of all links", seconds, dtype="float32", **rate(batch, seconds))


def fitting(repeats: int) -> None:
    """Inverse kinematics on poses that lie within the narrow limits."""
    angles, lengths = bodies(FITTED)
    for dtype in (torch.float32, torch.float64):
        body = lengths.to(dtype)
        turn = torch.randn(FITTED, 3, generator=torch.Generator().manual_seed(2)).to(dtype)
        poses = forward(angles.to(dtype), body, axis_angle_to_matrix(turn))
        settings = Fitting(limits=NARROW)
        run = {"ours": lambda: inverse(poses, body, settings)}  # noqa: B023  called at once
        seconds = interleaved(run, repeats=repeats, warm=1)["ours"]
        worst = 1000 * inverse(poses, body, settings).error.amax(dim=-1)
        report(
            "inverse kinematics, known lengths, narrow limits",
            seconds,
            dtype=str(dtype).removeprefix("torch."),
            worst_joint_mm={
                name: round(worst.quantile(share).item(), 4)
                for name, share in (("median", 0.5), ("99 %", 0.99), ("largest", 1.0))
            },
            **rate(FITTED, seconds),
        )


def alignment(repeats: int) -> None:
    """Procrustes alignment, which has no twin here."""
    try:
        from crosslift.geometry.alignment import align
    except ImportError:
        print('{"what": "Procrustes alignment", "note": "skipped: crosslift.geometry has none"}')
        return
    rng = torch.Generator().manual_seed(3)
    truth = torch.randn(ALIGNED, 17, 3, generator=rng)
    estimate = truth + 0.1 * torch.randn(ALIGNED, 17, 3, generator=rng)
    taken = interleaved({"ours": lambda: align(estimate, truth)}, repeats=min(repeats, 5), warm=1)
    report("Procrustes alignment", taken["ours"], dtype="float32", **rate(ALIGNED, taken["ours"]))


def rate(poses: int, seconds: float) -> dict[str, object]:
    """What a line says of size and speed."""
    return {"size": poses, "poses_a_second": round(poses / seconds)}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--batch", type=int, default=4096)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    kinematics(asked.batch, asked.repeats)
    fitting(min(asked.repeats, 5))
    alignment(asked.repeats)


if __name__ == "__main__":
    main()
