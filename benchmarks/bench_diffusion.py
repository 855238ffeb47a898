"""How fast poses are drawn from noise, beside the publication's plain loop.

    python -m benchmarks.bench_diffusion [--threads 2] [--repeats 3] [--steps 1] [--compiled]
    python -m benchmarks.bench_diffusion --profile     # which operators the time goes to

D3DP as published: 243 frames, 512 channels, 5 hypotheses, the mean with the mirror image at every
step. One JSON line for each form; `ratio` is the time of the plain loop (`tests/plain`) by that of
the form, in the same run, the repeats taken in turns. All steps are alike, and a step of the plain
loop takes the better part of a minute, so that one step is drawn unless more are asked for.

The forms follow each other: each is the one before it and something more, so that the lines say
what each part of it brings.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from benchmarks.bench_lifters import difference, walks
from benchmarks.timing import interleaved, report
from crosslift.geometry import mirror
from crosslift.lifters.d3dp import D3DPLifter
from crosslift.lifters.diffusion import Diffusion
from crosslift.networks.inference import denoisers
from crosslift.networks.mixste import MixSTESettings
from crosslift.skeletons import H36M_17
from tests.plain.diffusion import plain_loop, plain_twin

PLAIN = "plain loop"
TOGETHER = 10_000_000
"""Frames at once: all hypotheses and mirror images in one batch."""


@dataclass(frozen=True)
class Size:
    """What is drawn."""

    frames: int = 243
    width: int = 512
    depth: int = 8
    hypotheses: int = 5
    steps: int = 1

    def lifter(self) -> Diffusion:
        """A D3DP whose weights tell times and places apart."""
        sizes = MixSTESettings(frames=self.frames, width=self.width, depth=self.depth)
        settings = D3DPLifter(sizes, hypotheses=self.hypotheses, steps=self.steps)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            lifter = settings.build(H36M_17)
            for name, each in lifter.network.named_parameters():
                if "pos_embed" in name:
                    torch.nn.init.normal_(each, std=0.02)
        lifter.network.eval().requires_grad_(False)
        return lifter


class Drawn:
    """One window's keypoints, their mirror image, and noise that every form is given."""

    def __init__(self, size: Size, lifter: Diffusion) -> None:
        rng = torch.Generator().manual_seed(0)
        self.told = walks(size.frames)[None]
        self.turned = mirror(self.told, H36M_17)
        self.noise = [torch.randn(lifter.shape(1), generator=rng) for _ in range(size.steps)]

    def plainly(self, lifter: Diffusion) -> Callable[[], Tensor]:
        """The plain loop's drawing."""
        twin = plain_twin(lifter.network)
        signal = lifter.process.noise().signal.tolist()
        ends = torch.linspace(-1, len(signal) - 1, lifter.steps + 1, dtype=torch.float64)
        times = [int(time) for time in ends[1:].flip(0).tolist()]

        def mirrored(poses: Tensor) -> Tensor:
            return mirror(poses, H36M_17)

        return lambda: plain_loop(twin, self.told, self.turned, self.noise, signal, times, mirrored)

    def by(self, lifter: Diffusion) -> Callable[[], Tensor]:
        """A lifter's drawing."""

        def draw() -> Tensor:
            *_, last = lifter.drawn(self.told, self.turned, iter(self.noise).__next__)
            return last.clean

        return draw


def forms(lifter: Diffusion, *, compiled: bool) -> dict[str, Diffusion]:
    """Lifters that draw the same, by what is done for their speed."""
    found = {
        "once for all hypotheses": replace(lifter, frames_at_once=TOGETHER),
        "a window at a time": lifter,
        "fast, float32": lifter.fast(torch.float32),
        "fast, bfloat16": lifter.fast(torch.bfloat16),
        "fast, int8": lifter.fast(torch.int8),
    }
    if compiled:
        for dtype in (torch.float32, torch.bfloat16):
            name = f"compiled, {str(dtype).removeprefix('torch.')}"
            found[name] = lifter.fast(dtype, compiled=True)
    return found


def measure(size: Size, repeats: int, *, compiled: bool) -> None:
    """A line for each form."""
    lifter = size.lifter()
    drawn = Drawn(size, lifter)
    runs = {PLAIN: drawn.plainly(lifter)}
    runs |= {name: drawn.by(each) for name, each in forms(lifter, compiled=compiled).items()}
    for dtype in ("bfloat16", "int8"):
        runs[f"fast, {dtype}, not in tiles"] = untiled(runs[f"fast, {dtype}"])
    taken = interleaved(runs, repeats=repeats, warm=1)
    expected = runs[PLAIN]()
    for name, seconds in taken.items():
        facts = {"form": name, **vars(size)}
        facts["frames_a_second"] = round(size.frames * 1.0 / seconds, 2)
        facts["ratio"] = round(taken[PLAIN] / seconds, 2)
        report("D3DP, drawing", seconds, **facts, **difference(runs[name](), expected))


def untiled(run: Callable[[], Tensor]) -> Callable[[], Tensor]:
    """The same with all tokens of a window in one tile."""

    def whole() -> Tensor:
        usual, denoisers.TILE = denoisers.TILE, TOGETHER
        try:
            return run()
        finally:
            denoisers.TILE = usual

    return whole


def profile(size: Size) -> None:
    """Print the operators that take most of a drawing in each fast form."""
    lifter = replace(size.lifter(), hypotheses=1)
    drawn = Drawn(replace(size, hypotheses=1), lifter)
    for name, each in forms(lifter, compiled=False).items():
        run = drawn.by(each)
        run()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
            run()
        table = seen.key_averages().table(sort_by="self_cpu_time_total", row_limit=12)
        print(f"{name}\n{table}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--compiled", action="store_true", help="also what the compiler makes")
    parser.add_argument("--profile", action="store_true", help="operators instead of lines")
    for name, value in vars(Size()).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    size = Size(*(getattr(asked, name) for name in vars(Size())))
    with torch.inference_mode():
        if asked.profile:
            profile(size)
        else:
            measure(size, asked.repeats, compiled=asked.compiled)


if __name__ == "__main__":
    main()
