"""Draws every kind of synthetic movement: `python docs/draw_movements.py`."""

from pathlib import Path

import torch
from matplotlib.figure import Figure

from crosslift.camera import Camera, looking_at, pinhole
from crosslift.clip import Clip
from crosslift.motion import Motion
from crosslift.observe import observe, perfect
from crosslift.synth import draw_body, kinds, record
from crosslift.view.still import draw_keypoints, save, shown_part

PICTURE = Path(__file__).parent / "pictures" / "movements.png"
MOMENTS, COLUMNS = 7, 2
SECONDS = {"walk": 1.3, "run": 0.8, "lie_down": 4.0, "crawl": 4.5, "kick": 1.5, "punch": 1.4}
SKIPPED = {"walk": 3.0, "run": 3.0}
"""Seconds before what is shown, for what takes a while to get going."""
FAR = ("walk", "run", "crawl")
"""Kinds that lead so far that the camera goes along."""


def beside(motion: Motion, *, follows: bool) -> Camera:
    """A camera before the person and to its left; more to its left if it goes along."""
    pelvis = motion.positions[:, 0]
    middle = (pelvis if follows else pelvis.mean(dim=0).expand_as(pelvis)).clone()
    middle[:, 2] = 0.9
    hips = motion.positions[-15 if follows else 0, [1, 4], :2]
    right_x, right_y = torch.nn.functional.normalize(hips[0] - hips[1], dim=0).tolist()
    right, ahead = (torch.tensor(way) for way in ((right_x, right_y, 0), (-right_y, right_x, 0)))
    away = -3.6 * right + 1.8 * ahead if follows else -2.6 * right + 3.2 * ahead
    camera = pinhole(1000.0, (1000, 1000)).map(lambda each: each.expand(len(motion), *each.shape))
    return looking_at(camera, middle + away + torch.tensor([0.0, 0.0, 0.5]), middle)


def shown(kind: str) -> Clip:
    """A few seconds of a kind of movement by somebody."""
    rng = torch.Generator().manual_seed(7)
    skipped = SKIPPED.get(kind, 0.0)
    motion = record(kind, draw_body(rng), 30.0, skipped + SECONDS.get(kind, 2.6), rng)
    clip = observe(motion, beside(motion, follows=kind in FAR), perfect, rng)
    start = round(skipped * motion.fps)
    return Clip(
        kind, clip.skeleton, clip.camera[start:], clip.fps,
        clip.keypoints[start:], clip.scores[start:], clip.observed[start:],
    )  # fmt: skip


def movements() -> Figure:
    """A strip of moments of each kind of its own, in two columns."""
    names = [name for name in kinds() if name != "medley"]  # it is made of the others
    rows = -(-len(names) // COLUMNS)
    figure = Figure(figsize=(12.4, 1.06 * rows), layout="constrained")
    axes_of_all = figure.subplots(rows, COLUMNS * MOMENTS)
    strips = axes_of_all.reshape(rows, COLUMNS, MOMENTS)
    for number, name in enumerate(names):
        clip, strip = shown(name), strips[number % rows, number // rows]
        part = shown_part(clip)
        frames = torch.linspace(0, len(clip) - 1, MOMENTS).long().tolist()
        for axes, frame in zip(strip, frames, strict=True):
            draw_keypoints(axes, clip, frame, part)
        strip[0].set_ylabel(name.replace("_", " "), fontsize=9)
    return figure


if __name__ == "__main__":
    save(movements(), PICTURE)
