"""Draws the pictures of the documentation: `make pictures`."""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.console import Console

from crosslift.commands.demo import picture
from crosslift.demo import demonstrate, plain_lifter
from crosslift.kinematics import ANGLES, AVERAGE, forward_with_nose
from crosslift.skeletons import H36M_17
from crosslift.view.still import LEFT, MIDDLE, RIGHT, Look, save, stick_figure

PICTURES = Path(__file__).parent / "pictures"
INK = "#222222"


def standing() -> torch.Tensor:
    """The average body at rest with its arms a little apart, so that no joint hides another."""
    angles = torch.zeros(1, len(ANGLES), dtype=torch.float64)
    for side, sense in (("right", -1), ("left", 1)):
        angles[0, ANGLES.index(f"{side}_shoulder_abduction")] = sense * 0.6
        angles[0, ANGLES.index(f"{side}_hip_abduction")] = sense * 0.15
    return forward_with_nose(angles, torch.tensor(AVERAGE))[0]


def bare(axes: Axes) -> None:
    """Take away frame and ticks."""
    axes.set(xticks=[], yticks=[], aspect="equal")
    for spine in axes.spines.values():
        spine.set_visible(False)


def joints_of_the_reference() -> Figure:
    """The 17 joints with their numbers and names, seen from the front."""
    body = standing()
    seen = torch.stack([-body[:, 0], body[:, 2]], dim=-1)  # facing us: its right is on our left
    figure = Figure(figsize=(6.4, 5.9), layout="constrained")
    axes = figure.subplots()
    stick_figure(axes, seen, H36M_17, Look(width=3))
    for number, (name, (x, y)) in enumerate(zip(H36M_17.joints, seen.tolist(), strict=True)):
        axes.plot(x, y, "o", color="white", markeredgecolor=INK, markersize=6)
        beside = 0 if name == "pelvis" else -1 if name.startswith("right") else 1
        below = {"pelvis": -16, "thorax": 7}.get(name, -3)  # their neighbours are close
        axes.annotate(
            f"{number} {name}",
            (x, y),
            (10 * beside, below),
            textcoords="offset points",
            ha={-1: "right", 0: "center", 1: "left"}[beside],
            fontsize=8.5,
            color=INK,
        )
    axes.set(xlim=(-1.0, 1.0), ylim=(-1.02, 0.78))
    axes.text(-0.98, -0.98, "the person's right", color=RIGHT, fontsize=9)
    axes.text(0.98, -0.98, "the person's left", color=LEFT, fontsize=9, ha="right")
    bare(axes)
    return figure


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], text: str) -> None:
    """An arrow with its name at the tip."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.6})
    over = (end[0] + 0.16 * (end[0] - start[0]), end[1] + 0.16 * (end[1] - start[1]))
    axes.text(*over, text, ha="center", va="center", fontsize=10, color=INK)


def stepping() -> torch.Tensor:
    """The average body in a long step."""
    angles = torch.zeros(1, len(ANGLES), dtype=torch.float64)
    for name, degrees in {
        "pelvis_flexion": 25, "right_hip_flexion": 60, "right_knee_flexion": -75,
        "left_hip_flexion": -12, "left_knee_flexion": -10, "right_shoulder_flexion": -35,
        "left_shoulder_flexion": 55, "left_elbow_flexion": 70, "right_elbow_flexion": 40,
    }.items():  # fmt: skip
        angles[0, ANGLES.index(name)] = torch.deg2rad(torch.tensor(float(degrees)))
    return forward_with_nose(angles, torch.tensor(AVERAGE))[0]


def axes_of_world_and_camera() -> Figure:
    """The world's axes beside a person, a camera that looks along -x, and its picture."""
    body = stepping()
    figure = Figure(figsize=(8.2, 2.7), layout="constrained")
    axes = figure.subplots()
    oblique = [body[:, 0] + 0.5 * body[:, 1], body[:, 2] + 0.35 * body[:, 1] + 0.93]
    person = torch.stack(oblique, dim=-1) * 0.95 + torch.tensor([0.95, 0.0])
    stick_figure(axes, person, H36M_17, Look(width=2.4))
    arrow(axes, (-0.6, 0.0), (0.0, 0.0), "x")
    arrow(axes, (-0.6, 0.0), (-0.27, 0.23), "y")
    arrow(axes, (-0.6, 0.0), (-0.6, 0.6), "z")
    axes.text(0.55, -0.42, "world: metres, floor at z = 0", ha="center", fontsize=9, color=MIDDLE)
    axes.plot([3.75, 4.25, 4.25, 3.75, 3.75], [0.95, 0.95, 1.25, 1.25, 0.95], color=INK, lw=1.6)
    axes.plot([3.75, 3.6, 3.6, 3.75], [1.05, 0.99, 1.21, 1.15], color=INK, lw=1.6)
    arrow(axes, (3.6, 1.1), (2.85, 1.1), "z")
    arrow(axes, (3.6, 1.1), (3.6, 0.45), "y")
    arrow(axes, (3.6, 1.1), (3.95, 1.37), "x")
    axes.text(3.6, -0.42, "camera: metres", ha="center", fontsize=9, color=MIDDLE)
    axes.plot([5.2, 7.2, 7.2, 5.2, 5.2], [0.0, 0.0, 1.5, 1.5, 0.0], color=MIDDLE, lw=1.2)
    seen = torch.stack([6.2 + 0.62 * body[:, 1], 0.75 + 0.62 * body[:, 2]], dim=-1)
    stick_figure(axes, seen, H36M_17, Look(width=1.8))
    arrow(axes, (5.2, 1.5), (5.85, 1.5), "x")
    arrow(axes, (5.2, 1.5), (5.2, 0.9), "y")
    axes.text(6.2, -0.42, "picture: pixels", ha="center", fontsize=9, color=MIDDLE)
    axes.set(xlim=(-0.9, 7.4), ylim=(-0.55, 1.95))
    bare(axes)
    return figure


def body_at_rest() -> Figure:
    """The kinematic body at rest from the front and from its right, and in a step."""
    resting = forward_with_nose(torch.zeros(1, len(ANGLES)).double(), torch.tensor(AVERAGE))[0]
    figure = Figure(figsize=(8.2, 3.6), layout="constrained")
    views = (
        ("at rest, from the front", resting, (-1, 0)),
        ("at rest, from its right", resting, (1, 1)),
        ("hip, knee, elbow flexed; trunk bent", stepping(), (1, 1)),
    )
    for axes, (title, body, (sense, axis)) in zip(figure.subplots(1, 3), views, strict=True):
        seen = torch.stack([sense * body[:, axis], body[:, 2]], dim=-1)
        stick_figure(axes, seen, H36M_17, Look(width=3))
        along = "x" if axis == 0 else "y"
        arrow(axes, (-0.72, -0.95), (-0.72 + 0.3 * sense, -0.95), along)
        arrow(axes, (-0.72, -0.95), (-0.72, -0.65), "z")
        axes.set(xlim=(-1.1, 0.9), ylim=(-1.1, 0.8))
        axes.set_title(title, fontsize=9.5)
        bare(axes)
    return figure


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        rng = torch.Generator().manual_seed(0)
        plain = plain_lifter(Path(folder), rng, Console(stderr=True))
        picture(list(demonstrate(plain, Path(folder), rng)), PICTURES / "demo.png")
    save(joints_of_the_reference(), PICTURES / "h36m17.png")
    save(axes_of_world_and_camera(), PICTURES / "axes.png")
    save(body_at_rest(), PICTURES / "body.png")
