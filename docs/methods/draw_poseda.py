"""Draws how a source becomes like a target, and who plays: `python docs/methods/draw_poseda.py`."""

from collections.abc import Sequence
from pathlib import Path

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from crosslift import synth
from crosslift.adapt.footage import withheld
from crosslift.adapt.likeness import Likeness
from crosslift.augment.target import Target
from crosslift.body import estimate_body
from crosslift.clip import Batch, Clip
from crosslift.observe import observe, perfect
from crosslift.view.still import LEFT, MIDDLE, RIGHT, TRUTH, Look, save, stick_figure
from crosslift.windows import Windowing, windows

PICTURE = Path(__file__).parents[1] / "pictures" / "poseda.png"
STEPS = (
    "1  a source person, labelled",
    "2  with the target's bones",
    "3  turned, before a tilted camera",
    "4  where a target person is seen",
)
Box = tuple[float, float, str, str]
BOXES: dict[str, Box] = {
    "source": (0.09, 0.70, "source poses\nsteps 1 to 3", MIDDLE),
    "generator": (0.29, 0.70, "generator\nbends, stretches, turns", RIGHT),
    "align": (0.50, 0.70, "alignment\nstep 4, then projected", LEFT),
    "lifter": (0.71, 0.70, "lifter\n2D in, 3D out", LEFT),
    "loss": (0.91, 0.70, "loss against\nthe changed pose", MIDDLE),
    "judge3d": (0.29, 0.18, "judge of bodies\nreal: source poses", RIGHT),
    "judge2d": (0.50, 0.18, "judge of pictures\nreal: target keypoints", RIGHT),
    "select": (0.81, 0.18, "scores of target keypoints\nkeep the best weights", MIDDLE),
}
ARROWS = (
    ("source", "generator", ""),
    ("generator", "align", ""),
    ("align", "lifter", ""),
    ("lifter", "loss", ""),
    ("judge3d", "generator", "must be deceived"),
    ("align", "judge2d", ""),
    ("select", "lifter", ""),
)


def person(kind: str, seed: int, rig: str) -> Clip:
    """Somebody before a camera."""
    rng = torch.Generator().manual_seed(seed)
    motion = synth.record(kind, synth.draw_body(rng), 30.0, 4.0, rng)
    camera = synth.placed(synth.RIGS[rig], motion.positions, 30.0, rng)
    return observe(motion, camera, perfect, rng)


def stages(source: Clip, film: Sequence[Clip]) -> list[Batch]:
    """One moment of the source after each step."""
    people = [estimate_body(film, height=1.6)]
    target = Target.of(film, people)
    frames = windows([source], Windowing(1))
    found, rng = [frames[40:41]], torch.Generator().manual_seed(6)
    for change in Likeness(flip=False).whole(target):
        found.append(change(found[-1], rng))
    return found


def draw_stage(axes: Axes, batch: Batch, title: str, film: Sequence[Clip]) -> None:
    """The picture at one stage; in the last, with target people in grey."""
    width, height = batch.camera.size.reshape(-1, 2)[0].tolist()
    for clip in film:
        for frame in range(0, len(clip), 30):
            stick_figure(axes, clip.keypoints[frame], clip.skeleton, Look(1.2, TRUTH))
    stick_figure(axes, batch.keypoints[0, 0], batch.skeleton, Look(1.8))
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal", xticks=[], yticks=[])
    axes.set_title(title, fontsize=9.5)
    axes.set_facecolor("#f5f5f5")


def draw_players(axes: Axes) -> None:
    """Who plays, and who tells whom."""
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    for x, y, words, colour in BOXES.values():
        corner, size = (x - 0.085, y - 0.13), (0.17, 0.26)
        axes.add_patch(
            FancyBboxPatch(
                corner, *size, boxstyle="round,pad=0.005", facecolor="white", edgecolor=colour
            )
        )
        axes.text(x, y, words, ha="center", va="center", fontsize=8.5)
    for start, end, words in ARROWS:
        a, b = BOXES[start][:2], BOXES[end][:2]
        across = abs(a[0] - b[0]) > 0.15 and a[1] == b[1]
        gap = (0.095, 0.0) if across else (0.0, 0.15)
        signs = ((b[0] > a[0]) - (b[0] < a[0]), (b[1] > a[1]) - (b[1] < a[1]))
        tail = (a[0] + signs[0] * gap[0], a[1] + signs[1] * gap[1])
        tip = (b[0] - signs[0] * gap[0], b[1] - signs[1] * gap[1])
        axes.annotate("", tip, tail, arrowprops={"arrowstyle": "->", "color": MIDDLE})
        if words:
            axes.text(tail[0] - 0.008, (tail[1] + tip[1]) / 2, words, fontsize=7.5, ha="right")


def picture() -> Figure:
    """Four steps above, the players below."""
    source = person("reach", 3, "ring")
    film = [withheld(person("walk", 21 + number, "high")) for number in range(3)]
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.25, 1))[:, 0]
    found = stages(source, film)
    for axes, batch, title in zip(above.subplots(1, 4), found, STEPS, strict=True):
        draw_stage(axes, batch, title, film if batch is found[-1] else [])
    draw_players(below.subplots())
    return figure


if __name__ == "__main__":
    save(picture(), PICTURE)
