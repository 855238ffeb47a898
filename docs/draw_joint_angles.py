"""Draws how joint angles are counted: `python docs/draw_joint_angles.py`."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Arc

from crosslift.joint_angles import joint_angles
from crosslift.kinematics import ANGLES, AVERAGE, forward_with_nose
from crosslift.skeletons import H36M_17
from crosslift.view.still import MIDDLE, Look, save, stick_figure

PICTURE = Path(__file__).parent / "pictures" / "joint_angles.png"
INK, ARC = "#222222", "#1b7837"
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}


def posed(degrees: Mapping[str, float]) -> torch.Tensor:
    """The average body at some angles of the kinematic model; it faces along y."""
    angles = torch.zeros(1, len(ANGLES), dtype=torch.float64)
    for name, each in degrees.items():
        angles[0, ANGLES.index(name)] = torch.deg2rad(torch.tensor(float(each)))
    return forward_with_nose(angles, torch.tensor(AVERAGE))[0]


class View:
    """A body seen along one of the world's axes, with angles marked on it."""

    def __init__(self, axes: Axes, body: torch.Tensor, across: torch.Tensor) -> None:
        self.axes, self.body, self.across = axes, body, across
        self.angles = joint_angles(body, H36M_17)
        stick_figure(axes, self.seen(body), H36M_17, Look(width=3))
        axes.set(xticks=[], yticks=[], aspect="equal")
        for spine in axes.spines.values():
            spine.set_visible(False)

    def seen(self, points: torch.Tensor) -> torch.Tensor:
        return points @ self.across.T

    def at(self, *joints: str) -> np.ndarray:
        """The middle of some joints in the picture."""
        return self.seen(self.body[H36M_17.indices(*joints)]).mean(dim=0).numpy()

    def mark(
        self, name: str, centre: np.ndarray, start: np.ndarray, end: np.ndarray,
        radius: float = 0.17, shift: tuple[float, float] = (0, 0),
    ) -> None:  # fmt: skip
        """An arc from one direction to another, with the angle that is measured there."""
        turns = [float(np.degrees(np.arctan2(way[1], way[0]))) for way in (start, end)]
        low, high = sorted(turns)
        if high - low > 180:
            low, high = high, low + 360
        dashed = centre + 1.5 * radius * start / np.linalg.norm(start)
        self.axes.plot(*zip(centre, dashed, strict=True), color=MIDDLE, lw=1, ls=(0, (3, 2)))
        self.axes.add_patch(
            Arc(tuple(centre), 2 * radius, 2 * radius, theta1=low, theta2=high, color=ARC, lw=1.8)
        )
        middle = np.radians((low + high) / 2)
        x, y = centre + (radius + 0.04) * np.array([np.cos(middle), np.sin(middle)]) + shift
        measured = float(self.angles[name].rad2deg())
        text = f"{name.replace('right_', '').replace('left_', '')} {measured:.0f}\N{DEGREE SIGN}"
        side = "left" if x >= centre[0] else "right"
        self.axes.text(x, y, text, ha=side, va="center", fontsize=8.5, color=INK, bbox=PAPER)

    def title(self, text: str) -> None:
        self.axes.set_title(text, fontsize=9.5)


def from_the_right(axes: Axes) -> None:
    """Flexions and lean."""
    body = posed({
        "pelvis_flexion": 18, "right_hip_flexion": 60, "right_knee_flexion": -70,
        "left_hip_flexion": -15, "left_knee_flexion": -12, "right_shoulder_flexion": 75,
        "left_shoulder_flexion": -40, "right_elbow_flexion": 55, "left_elbow_flexion": 15,
    })  # fmt: skip
    view = View(axes, body, torch.tensor([[0.0, 1, 0], [0, 0, 1]]).double())
    hip, knee, ankle = view.at("right_hip"), view.at("right_knee"), view.at("right_ankle")
    shoulder, elbow = view.at("right_shoulder"), view.at("right_elbow")
    wrist, neck, up = view.at("right_wrist"), view.at("thorax"), np.array([0, 1.0])
    view.mark("right_knee_flexion", knee, knee - hip, ankle - knee)
    view.mark("right_hip_flexion", hip, hip - neck, knee - hip, 0.26)
    view.mark("trunk_lean", hip, up, neck - hip, 0.44, (-0.11, 0.07))
    view.mark("right_shoulder_flexion", shoulder, hip - neck, elbow - shoulder, 0.2, (0.02, -0.06))
    view.mark("right_elbow_flexion", elbow, elbow - shoulder, wrist - elbow, 0.12, (0.03, 0.0))
    axes.set(xlim=(-0.5, 0.95), ylim=(-0.85, 0.72))
    view.title("from the person's right")


def from_the_front(axes: Axes) -> None:
    """Abductions and elevation."""
    body = posed({
        "right_hip_abduction": -20, "left_hip_abduction": 20, "left_shoulder_abduction": 75,
        "right_shoulder_abduction": -25, "pelvis_side_bend": 8, "spine_side_bend": 8,
    })  # fmt: skip
    view = View(axes, body, torch.tensor([[-1.0, 0, 0], [0, 0, 1]]).double())
    hip, knee, neck = view.at("left_hip"), view.at("left_knee"), view.at("thorax")
    shoulder, elbow, pelvis = view.at("left_shoulder"), view.at("left_elbow"), view.at("pelvis")
    view.mark("left_hip_abduction", hip, np.array([0, -1.0]), knee - hip, 0.3)
    view.mark("left_shoulder_elevation", shoulder, pelvis - neck, elbow - shoulder, 0.17)
    view.mark("trunk_side_bend", pelvis, np.array([0, 1.0]), neck - pelvis, 0.3, (-0.06, -0.02))
    axes.set(xlim=(-0.62, 0.83), ylim=(-0.85, 0.72))
    view.title("from the front")


def from_above(axes: Axes) -> None:
    """Heading and twist."""
    body = posed({
        "spine_twist": 25, "thorax_twist": 5, "right_shoulder_abduction": -8,
        "left_shoulder_abduction": 8,
    })  # fmt: skip
    turn = torch.deg2rad(torch.tensor(-35.0, dtype=torch.float64))
    rows = [[turn.cos(), -turn.sin(), 0], [turn.sin(), turn.cos(), 0], [0, 0, 1]]
    body = body @ torch.tensor(rows, dtype=torch.float64).T
    view = View(axes, body, torch.tensor([[1.0, 0, 0], [0, 1, 0]]).double())
    pelvis = view.at("pelvis")
    hips = view.at("left_hip") - view.at("right_hip")
    shoulders = view.at("left_shoulder") - view.at("right_shoulder")
    facing = np.array([hips[1], -hips[0]]) / np.linalg.norm(hips)
    axes.annotate("", pelvis + 0.42 * facing, pelvis,
                  arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.2})  # fmt: skip
    view.mark("pelvis_rotation", pelvis, np.array([1.0, 0]), facing, 0.28)
    view.mark("trunk_twist", pelvis, hips, shoulders, 0.24, (-0.02, 0))
    axes.text(pelvis[0] + 0.3, pelvis[1] - 0.06, "the world's x", fontsize=8, color=MIDDLE)
    axes.set(xlim=(-0.58, 0.72), ylim=(-0.62, 0.78))
    view.title("from above")


def conventions() -> Figure:
    """The three views beside each other."""
    figure = Figure(figsize=(10.5, 3.9), layout="constrained")
    for draw, axes in zip(
        (from_the_right, from_the_front, from_above), figure.subplots(1, 3), strict=True
    ):
        draw(axes)
    return figure


if __name__ == "__main__":
    save(conventions(), PICTURE)
