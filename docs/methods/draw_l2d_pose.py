"""Draws how lifters guide a detector: `python docs/methods/draw_l2d_pose.py`."""

from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import Generator, Tensor

from crosslift import synth
from crosslift.clip import Clip
from crosslift.data.images import Crops
from crosslift.data.images_crop import Framing
from crosslift.detect.heatmaps import soft_argmax
from crosslift.detect.targets import target_maps
from crosslift.observe import observe, perfect
from crosslift.render import RenderedCrops, Rendering
from crosslift.skeletons import H36M_17
from crosslift.view.still import LEFT, MIDDLE, RIGHT, TRUTH, Look, save, stick_figure

PICTURE = Path(__file__).parents[1] / "pictures" / "l2d_pose.png"
SIZE = (192, 256)
TITLES = (
    "1  a person is cut out",
    "2  a map for each joint",
    "3  a place in each map, softly",
    "4  a pose, from the side",
)
Box = tuple[float, float, str, str]
BOXES: dict[str, Box] = {
    "crop": (0.08, 0.66, "cut-out of\na picture", MIDDLE),
    "detector": (0.245, 0.66, "detector\nlearns", RIGHT),
    "places": (0.41, 0.66, "soft-argmax, back to\npixels of the picture", MIDDLE),
    "lifters": (0.59, 0.66, "lifters, frozen\neach in its own units", LEFT),
    "poses": (0.755, 0.66, "poses\nabout the root", MIDDLE),
    "space": (0.915, 0.66, "error in space\ndepth counts twice", RIGHT),
    "maps": (0.245, 0.16, "error of the maps\nall joints, and once\nmore the hardest", RIGHT),
    "hard": (0.755, 0.16, "the joints that are\nhardest in space", MIDDLE),
}
ARROWS = (
    ("crop", "detector", ""),
    ("detector", "places", ""),
    ("places", "lifters", ""),
    ("lifters", "poses", ""),
    ("poses", "space", ""),
    ("maps", "detector", "learns from"),
    ("hard", "maps", ""),
    ("poses", "hard", ""),
)


def person() -> Clip:
    """Somebody before a camera."""
    rng = Generator().manual_seed(5)
    motion = synth.record("reach", synth.draw_body(rng), 30.0, 3.0, rng)
    camera = synth.placed(synth.RIGS["ring"], motion.positions, 30.0, rng)
    return observe(motion, camera, perfect, rng)


def from_the_side(poses: Float[Tensor, "joints 3"]) -> Float[Tensor, "joints 2"]:
    """Depth to the left, height up, about the root."""
    about = poses - poses[0]
    return torch.stack([-about[:, 2], -about[:, 1]], dim=-1)


def draw_crop(axes: Axes, crop: Tensor, title: str) -> None:
    """A picture that fills its axes."""
    axes.imshow(crop.movedim(0, -1).clamp(0, 1).numpy())
    axes.set(xticks=[], yticks=[], xlim=(-0.5, SIZE[0] - 0.5), ylim=(SIZE[1] - 0.5, -0.5))
    axes.set_title(title, fontsize=9.5)


def draw_road(rows: Sequence[Axes], batch: Crops) -> None:
    """One person after each step."""
    assert batch.poses is not None, "of rendered people"
    picture, joints = batch.pictures[0], batch.keypoints[:1]
    cells = (SIZE[0] // 4, SIZE[1] // 4)
    maps = target_maps(joints, torch.ones(1, 17), SIZE, cells, 2.0).maps
    found = 4 * soft_argmax(maps)[0]
    for axes, title in zip(rows, TITLES[:3], strict=False):
        draw_crop(axes, picture, title)
    shown = torch.nn.functional.interpolate(maps, size=SIZE[::-1])[0].amax(dim=0)
    rows[1].imshow(shown.numpy(), cmap="magma", alpha=0.75)
    stick_figure(rows[2], found, H36M_17, Look(2.0))
    true = from_the_side(batch.poses[0])
    rng = Generator().manual_seed(1)
    stick_figure(rows[3], true, H36M_17, Look(5.0, TRUTH))
    stick_figure(rows[3], true + 0.04 * torch.randn(17, 2, generator=rng), H36M_17, Look(2.0))
    rows[3].set(xlim=(-1.0, 1.0), ylim=(-1.1, 0.95), aspect="equal", xticks=[], yticks=[])
    rows[3].set_title(TITLES[3], fontsize=9.5)
    rows[3].set_facecolor("#f5f5f5")


def draw_players(axes: Axes) -> None:
    """Who learns, from what."""
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    for x, y, words, colour in BOXES.values():
        corner, size = (x - 0.068, y - 0.14), (0.136, 0.28)
        axes.add_patch(
            FancyBboxPatch(
                corner, *size, boxstyle="round,pad=0.005", facecolor="white", edgecolor=colour
            )
        )
        axes.text(x, y, words, ha="center", va="center", fontsize=7.6)
    for start, end, words in ARROWS:
        arrow(axes, BOXES[start][:2], BOXES[end][:2], MIDDLE)
        if words:
            x, y = BOXES[start][:2]
            axes.text(x + 0.008, (y + BOXES[end][1]) / 2, words, fontsize=7.5, va="center")
    axes.annotate(
        "",
        (BOXES["detector"][0], 0.84),
        (BOXES["space"][0], 0.84),
        arrowprops={"arrowstyle": "->", "color": RIGHT, "connectionstyle": "arc3,rad=0.10",
                    "linestyle": "--"},
    )  # fmt: skip
    axes.text(0.58, 0.93, "the gradient goes back through lifters and maps", fontsize=8,
              color=RIGHT, ha="center")  # fmt: skip


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    """From one box to another in the same row or column."""
    across = start[1] == end[1]
    gap = (0.075, 0.0) if across else (0.0, 0.16)
    signs = ((end[0] > start[0]) - (end[0] < start[0]), (end[1] > start[1]) - (end[1] < start[1]))
    tail = (start[0] + signs[0] * gap[0], start[1] + signs[1] * gap[1])
    tip = (end[0] - signs[0] * gap[0], end[1] - signs[1] * gap[1])
    axes.annotate("", tip, tail, arrowprops={"arrowstyle": "->", "color": colour})


def picture() -> Figure:
    """Four steps above, who learns below."""
    crops = RenderedCrops([person()], 1, 4, framing=Framing(SIZE),
                          rendering=Rendering(SIZE, hidden=0.0))  # fmt: skip
    figure = Figure(figsize=(11, 6.2), layout="constrained")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.45, 1))[:, 0]
    draw_road(list(above.subplots(1, 4)), crops.batch(0, 0))
    draw_players(below.subplots())
    return figure


if __name__ == "__main__":
    save(picture(), PICTURE)
