"""Fair timing for all benchmarks: interleaved repeats, medians, one JSON line a figure.

    seconds = interleaved({"ours": ours, "plain": plain})
    report("forward kinematics", seconds["ours"], size=4096, ratio=...)

Run a benchmark as `python -m benchmarks.bench_<what>` from the root of the repository.
"""

import json
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent


def interleaved(
    runs: Mapping[str, Callable[[], object]],
    *,
    repeats: int = 7,
    warm: int = 2,
    at_least: float = 0.05,
) -> dict[str, float]:
    """Median seconds of one call of each, taken in turns so that a busy machine slows all alike.

    Args:
        warm: Calls of each that do not count.
        at_least: Seconds that one repeat lasts; short calls are made several times in it.
    """
    calls = {name: _calls(run, warm, at_least) for name, run in runs.items()}
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            taken[name].append(_seconds(run, calls[name]) / calls[name])
    return {name: statistics.median(times) for name, times in taken.items()}


def _calls(run: Callable[[], object], warm: int, at_least: float) -> int:
    """How many calls last long enough to be timed."""
    for _ in range(warm):
        run()
    return max(1, round(at_least / max(_seconds(run, 1), 1e-9)))


def _seconds(run: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def report(what: str, seconds: float, **facts: object) -> None:
    """Print one JSON line: what was timed, its facts, and where."""
    line = {"what": what, **facts, "seconds": float(f"{seconds:.4g}")}
    line |= {"threads": torch.get_num_threads(), "commit": commit(), "machine": machine()}
    print(json.dumps(line | {"torch": torch.__version__}), flush=True)


def commit() -> str:
    """The commit that is measured, with a plus where files differ from it."""
    head = _git("rev-parse", "--short", "HEAD")
    return f"{head}+" if head != "unknown" and _git("status", "--porcelain") else head


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def machine() -> str:
    """The kind of machine: its processor's name."""
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
