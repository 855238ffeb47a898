"""How many frames of single cameras are made a minute on one core, all included.

    python -m benchmarks.bench_synth [--frames 60000] [--repeats 5]

Movement, cameras, self-occlusion, the detector model and the writing of the store are timed
together, for both presets in turn. One JSON line a preset.
"""

import argparse
import itertools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.timing import interleaved, report
from crosslift import synth
from crosslift.data.store import Store, StoreWriter


def fill(settings: synth.Settings, folder: Path) -> Callable[[], object]:
    """A call that makes a new store of synthetic recordings."""
    numbers = itertools.count()

    def run() -> None:
        store = folder / str(next(numbers))
        with StoreWriter(store) as writer:
            for clip in synth.recordings(settings, torch.Generator().manual_seed(0)):
                writer.add(clip)
        assert int(Store.open(store).frames.sum()) >= settings.frames
        shutil.rmtree(store)

    return run


def main() -> None:
    """Print a line a preset."""
    parser = argparse.ArgumentParser(description="Frames of synthetic recordings a minute.")
    parser.add_argument("--frames", type=int, default=60_000)
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            name: fill(synth.Settings(preset=name, frames=chosen.frames), Path(folder) / name)
            for name in synth.PRESETS
        }
        seconds = interleaved(runs, repeats=chosen.repeats, warm=1)
    for name, taken in seconds.items():
        rate = round(chosen.frames / taken * 60)
        report(
            "synthetic recordings", taken, preset=name, frames=chosen.frames, frames_a_minute=rate
        )


if __name__ == "__main__":
    main()
