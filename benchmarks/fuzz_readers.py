"""Give each reader many damaged files: it reads them or refuses them, and does nothing else.

    python -m benchmarks.fuzz_readers [--count 20000] [--seed 0] [--only bvh,trc]

One JSON line a reader: how many damaged files were refused and how many still made sense, the
exceptions that are not ours (there should be none), the slowest file and the memory it took.
"""

import argparse
import json
import resource
import signal
import tempfile
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import FrameType

from crosslift import registry
from crosslift.errors import CrossliftError
from tests.data.mutations import mutations

from .timing import commit, machine

PATIENCE = 10
"""Seconds after which a reader counts as hanging."""


class Hangs(BaseException):
    """No `Exception`, so that a reader cannot take it for a fault of the file."""


def ring(number: int, frame: FrameType | None) -> None:
    """What happens when the patience is over."""
    raise Hangs


def fuzz(name: str, count: int, seed: int) -> dict[str, object]:
    """What became of the damaged files of one format."""
    sample = import_module(f"tests.data.samples.{name}")
    reader = registry.settings_of("reader", name)(**getattr(sample, "OPTIONS", {}))
    fates: Counter[str] = Counter()
    foreign: dict[str, str] = {}
    slowest, slowest_of = 0.0, ""
    with tempfile.TemporaryDirectory() as folder:
        root = sample.write(Path(folder))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for done in mutations(Path(folder), count, seed):
            start = time.perf_counter()
            signal.alarm(PATIENCE)
            try:
                for _ in reader.read(root):
                    pass
                fates["read"] += 1
            except CrossliftError:
                fates["refused"] += 1
            except (Exception, Hangs) as problem:
                fates["foreign"] += 1
                foreign.setdefault(f"{type(problem).__name__}: {problem}"[:120], done)
            finally:
                signal.alarm(0)
            seconds = time.perf_counter() - start
            if seconds > slowest:
                slowest, slowest_of = seconds, done
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "what": "fuzz", "reader": name, "count": count, "seed": seed,
        "refused": fates["refused"], "read": fates["read"], "foreign": fates["foreign"],
        "examples": foreign, "slowest_s": round(slowest, 3), "slowest": slowest_of,
        "memory_grown_mb": round((after - before) / 1024, 1),
        "commit": commit(), "machine": machine(),
    }  # fmt: skip


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    signal.signal(signal.SIGALRM, ring)
    for name in asked.only.split(",") if asked.only else sorted(registry.parts("reader")):
        print(json.dumps(fuzz(name, asked.count, asked.seed)), flush=True)


if __name__ == "__main__":
    main()
