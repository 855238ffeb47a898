"""How long a causal VideoPose3D takes for each new frame of a stream.

    python -m benchmarks.bench_stream [--frames 500] [--precision float32] [--no-flip]

One JSON line: median and 99th percentile of the milliseconds from a frame of keypoints to its pose
in metres, the same for the network alone, the time of the processor (which is less where other
programs want it too), and the bytes that are kept from frame to frame.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor

from benchmarks.timing import report
from crosslift.camera import pinhole
from crosslift.lifters.videopose import VideoPoseLifter
from crosslift.networks.videopose import VIDEOPOSE_243_CAUSAL, VideoPose
from crosslift.networks.videopose_stream import VideoPoseStream
from crosslift.skeletons import H36M_17
from crosslift.streaming import Stream

PRECISIONS = ("float32", "bfloat16", "float16")
Push = Callable[[Tensor], object]


def milliseconds(push: Push, frames: Sequence[Tensor]) -> tuple[list[float], list[float]]:
    """How long each frame takes, by the clock and of the processor; the first do not count."""
    for frame in frames[:20]:
        push(frame)
    clock, processor = [], []
    for frame in frames:
        start, busy = time.perf_counter(), time.process_time()
        push(frame)
        processor.append(1000 * (time.process_time() - busy))
        clock.append(1000 * (time.perf_counter() - start))
    return clock, processor


def figures(name: str, taken: list[float]) -> dict[str, float]:
    """Median and 99th percentile."""
    steps = statistics.quantiles(taken, n=100)
    return {f"{name}_median_ms": round(steps[49], 3), f"{name}_99th_ms": round(steps[98], 3)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=500)
    parser.add_argument("--channels", type=int, default=1024)
    parser.add_argument(
        "--precision", choices=("float32", "bfloat16", "float16"), default="float32"
    )
    parser.add_argument("--no-flip", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    network = replace(VIDEOPOSE_243_CAUSAL, channels=asked.channels)
    lifter = VideoPoseLifter(network, flip=not asked.no_flip).build(H36M_17)
    lifter.network.eval()
    lifter = lifter.to("cpu", getattr(torch, asked.precision))
    stream = Stream(lifter, pinhole(1000.0, (1000, 1000)), fps=50.0)
    pixels = [500 + 100 * torch.randn(17, 2) for _ in range(asked.frames)]
    rows = [torch.randn(1 + lifter.flip, 17, 2) for _ in range(asked.frames)]
    alone = VideoPoseStream(cast(VideoPose, lifter.network))
    of_stream, busy = milliseconds(stream.push, pixels)
    of_network, _ = milliseconds(alone.push, rows)
    report(
        "stream",
        statistics.median(of_stream) / 1000,
        precision=asked.precision,
        flip=lifter.flip,
        channels=asked.channels,
        **figures("frame", of_stream),
        **figures("network", of_network),
        **figures("processor", busy),
        frame_least_ms=round(min(of_stream), 3),
        state_bytes=alone.state_bytes,
    )


if __name__ == "__main__":
    main()
