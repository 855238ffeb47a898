"""How many pictures of people are rendered a second on one core, all included.

    python -m benchmarks.bench_render [--pictures 32] [--repeats 7] [--sheet FILE.png]

Bodies, clothes, self-occlusion, floor, wall, things before and behind, shadows, motion blur, the
camera's shake and noise, keypoints and visibility are timed together, on frames of synthetic
movements seen by all of its cameras. One JSON line for each set of settings; the processor's time
stands beside the clock's, since another process on the same core takes from the latter alone.
"""

import argparse
import time
from pathlib import Path
from statistics import median

import torch
from PIL import Image

from benchmarks.timing import interleaved, report
from crosslift import synth
from crosslift.data.images_crop import Framing
from crosslift.render import Rendering, Views, render, rendered, views_of

PLAIN = Rendering(hidden=0.0, shutter=0.0, shaking=0.0, shadows=False)
"""Without things in the foreground, blur and shadows."""


def people(count: int) -> Views:
    """Frames of all kinds of movement, cut to the person."""
    rng = torch.Generator().manual_seed(0)
    settings = synth.Settings(frames=9_600, seconds=5.0, exact=True)
    clips = list(synth.recordings(settings, rng))
    which = torch.randint(len(clips), (count,), generator=rng).tolist()
    chosen = [clips[number] for number in which]
    frames = [int(torch.randint(len(clip), (), generator=rng)) for clip in chosen]
    return views_of(chosen, frames, Framing(), torch.ones(count))


def sheet(views: Views, path: Path, across: int = 8) -> None:
    """Save the pictures side by side."""
    found = rendered(views, torch.Generator().manual_seed(1), Rendering()).pictures
    whole = len(found) // across * across
    rows = found[:whole].unflatten(0, (-1, across)).permute(0, 3, 1, 4, 2).flatten(2, 3)
    Image.fromarray((rows.flatten(0, 1) * 255).byte().numpy()).save(path)


def main() -> None:
    """Print a line for each set of settings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--sheet", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    views = people(asked.pictures)
    rng = torch.Generator().manual_seed(1)
    with torch.inference_mode():
        runs = {
            name: lambda settings=settings: rendered(views, rng, settings)
            for name, settings in {"everything": Rendering(), "plain": PLAIN}.items()
        }
        seconds = interleaved(runs, repeats=asked.repeats, at_least=0.3)
        for name, taken in seconds.items():
            chosen = PLAIN if name == "plain" else Rendering()
            busy = median(_busy(views, rng, chosen) for _ in range(asked.repeats))
            report(
                "rendered people", taken, settings=name, size=list(Rendering().size),
                pictures_a_second=round(asked.pictures / taken),
                pictures_a_second_of_the_processor=round(asked.pictures / busy),
            )  # fmt: skip
        if asked.sheet:
            sheet(views, asked.sheet)


def _busy(views: Views, rng: torch.Generator, settings: Rendering) -> float:
    """Seconds of the processor that one call takes."""
    start = time.process_time()
    render(views.poses, views.cut, rng, settings, views.velocity)
    return time.process_time() - start


if __name__ == "__main__":
    main()
