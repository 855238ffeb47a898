"""Draws how a body is made, and who judges it: `python docs/methods/draw_dh_aug.py`."""

from pathlib import Path

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from crosslift.augment.bone_swap import measured
from crosslift.augment.dh import RandomBodies
from crosslift.augment.dh_body import Made, placed
from crosslift.camera import looking_at as looking
from crosslift.camera import pinhole, project, world_to_camera
from crosslift.kinematics import Sampling
from crosslift.skeletons import H36M_16
from crosslift.view.still import LEFT, MIDDLE, RIGHT, Look, draw_pose, save, stick_figure

PICTURE = Path(__file__).parents[1] / "pictures" / "dh_aug.png"
STEPS = (
    "1  a real person's bones, at rest",
    "2  28 joint angles, within limits",
    "3  turned as a whole, put somewhere",
    "4  seen by the data's own camera",
)
BOXES = {
    "noise": (0.055, 0.72, "noise", MIDDLE, 0.04),
    "generator": (0.215, 0.72, "generator\nangles, turn, place", RIGHT, 0.08),
    "body": (0.41, 0.72, "kinematic body\nwith real bones", MIDDLE, 0.08),
    "camera": (0.60, 0.72, "camera\nof real data", MIDDLE, 0.08),
    "lifter": (0.79, 0.72, "lifter\nmade and real pairs", LEFT, 0.08),
    "bodies": (0.31, 0.17, "critics in the world:\nbodies, and movement", RIGHT, 0.10),
    "pictures": (0.60, 0.17, "critics on the screen:\npictures, and movement", RIGHT, 0.10),
}
ARROWS = (
    ("noise", "generator"),
    ("generator", "body"),
    ("body", "camera"),
    ("camera", "lifter"),
)
WIDTH, HEIGHT = 1000, 1000


def bodies() -> list[torch.Tensor]:
    """The body after each of the first three steps, in the world."""
    maker = RandomBodies(Sampling(sigma=0.5, share=(0.7, 1.0)))
    lengths = measured()[:1]
    made = maker.made(1, 1, torch.Generator().manual_seed(4))
    still = Made(*(torch.zeros_like(each) for each in made))
    turn = torch.tensor([[[0.0, 0.15, 0.8]]])
    stages = (still, still._replace(angles=made.angles), made._replace(turn=turn))
    return [placed(each, lengths, maker.meaning)[0, 0] for each in stages]


def draw_camera(axes: Axes, world: torch.Tensor) -> None:
    """What a camera sees of a body."""
    camera = looking(
        pinhole(1900.0, (WIDTH, HEIGHT)), torch.tensor([1.2, 4.2, 1.0]), torch.tensor([0.3, 0, 0.1])
    )
    stick_figure(axes, project(world_to_camera(world, camera), camera), H36M_16, Look())
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="equal", xticks=[], yticks=[])
    axes.set_facecolor("#f5f5f5")


def draw_players(axes: Axes) -> None:
    """Who makes, who judges, who learns."""
    axes.set(xlim=(0, 0.9), ylim=(0, 1))
    axes.set_axis_off()
    for x, y, words, colour, half in BOXES.values():
        axes.add_patch(
            FancyBboxPatch(
                (x - half, y - 0.14), 2 * half, 0.28, boxstyle="round,pad=0.004",
                facecolor="white", edgecolor=colour,
            )
        )  # fmt: skip
        axes.text(x, y, words, ha="center", va="center", fontsize=9)
    look = {"arrowstyle": "->", "color": MIDDLE}
    for start, end in ARROWS:
        (a, height, _, _, left), (b, _, _, _, right) = BOXES[start], BOXES[end]
        axes.annotate("", (b - right - 0.006, height), (a + left + 0.006, height), arrowprops=look)
    for above in ("body", "camera"):
        x = BOXES[above][0]
        axes.annotate("", (x, 0.33), (x, 0.56), arrowprops=look)
        axes.text(x + 0.006, 0.44, "judged beside real ones", fontsize=8, va="center")
    axes.annotate("", (0.215, 0.56), (0.235, 0.33), arrowprops={**look, "linestyle": "--"})
    axes.text(0.205, 0.44, "should score higher", fontsize=8, ha="right", va="center")


def picture() -> Figure:
    """Four steps above, the players below."""
    figure = Figure(figsize=(11, 5.4), layout="constrained")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.25, 1))[:, 0]
    panels, found = above.subplots(1, 4), bodies()
    for axes, body in zip(panels, found, strict=False):
        draw_pose(axes, body[:, [0, 2]], H36M_16)
    draw_camera(panels[-1], found[-1])
    for axes, title in zip(panels, STEPS, strict=True):
        axes.set_title(title, fontsize=9.5)
    draw_players(below.subplots())
    return figure


if __name__ == "__main__":
    save(picture(), PICTURE)
