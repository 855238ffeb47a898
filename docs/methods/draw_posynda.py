"""Draws how a pseudo-label is chosen, and who learns: `python docs/methods/draw_posynda.py`."""

from pathlib import Path

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from crosslift import synth
from crosslift.aggregation import nearest_to_keypoints
from crosslift.camera import project
from crosslift.clip import Clip
from crosslift.observe import observe, perfect
from crosslift.view.still import LEFT, MIDDLE, RIGHT, TRUTH, Look, save, stick_figure

PICTURE = Path(__file__).parents[1] / "pictures" / "posynda.png"
FRAME, OFF, HYPOTHESES = 40, 0.04, 3
Box = tuple[float, float, str, str]
BOXES: dict[str, Box] = {
    "source": (0.12, 0.74, "labelled windows\nlike the target's", MIDDLE),
    "target": (0.12, 0.24, "the target's\nkeypoints", MIDDLE),
    "student": (0.37, 0.74, "student\nbase + additions", LEFT),
    "teacher": (0.37, 0.24, "teacher\nbase + their average", RIGHT),
    "losses": (0.62, 0.74, "agreement\nand reprojection", MIDDLE),
    "label": (0.62, 0.24, "joint by joint the\nhypothesis seen nearest", RIGHT),
    "file": (0.87, 0.74, "adapter.safetensors\nonly the additions", LEFT),
}
ARROWS = (
    ("source", "student", ""),
    ("target", "student", ""),
    ("target", "teacher", ""),
    ("student", "teacher", "after every step"),
    ("teacher", "label", ""),
    ("label", "losses", "pseudo-label"),
    ("student", "losses", ""),
    ("losses", "file", ""),
)


def person() -> Clip:
    """Somebody before a camera."""
    rng = torch.Generator().manual_seed(3)
    motion = synth.record("reach", synth.draw_body(rng), 30.0, 2.0, rng)
    camera = synth.placed(synth.RIGS["high"], motion.positions, 30.0, rng)
    return observe(motion, camera, perfect, rng)


def draw_choice(axes: list[Axes]) -> None:
    """Three hypotheses of one moment, and what is chosen of them."""
    clip, rng = person(), torch.Generator().manual_seed(1)
    assert clip.poses is not None, "it was made up"
    truth = clip.poses[:, [FRAME]]
    beside = OFF * torch.randn(HYPOTHESES, *truth.shape[1:], generator=rng)
    beside[:, :, clip.skeleton.root] = 0
    poses, keypoints = truth + beside, clip.keypoints[[FRAME]]
    chosen = nearest_to_keypoints(poses, keypoints, clip.camera)
    shown = [*poses[:, 0], chosen[0]]
    titles = [*(f"hypothesis {n}" for n in range(1, HYPOTHESES + 1)), "of each joint the nearest"]
    for each, pose, title in zip(axes, shown, titles, strict=True):
        seen = project(pose, clip.camera)
        stick_figure(each, clip.keypoints[FRAME], clip.skeleton, Look(2.6, TRUTH))
        stick_figure(each, seen, clip.skeleton, Look(1.4))
        low, high = (clip.keypoints[FRAME].amin(dim=0) - 30, clip.keypoints[FRAME].amax(dim=0) + 30)
        each.set(xlim=(float(low[0]), float(high[0])), ylim=(float(high[1]), float(low[1])),
                 aspect="equal", xticks=[], yticks=[])  # fmt: skip
        off = (seen - clip.keypoints[FRAME]).norm(dim=-1).mean()
        each.set_title(f"{title}: {float(off):.1f} px", fontsize=9.5)
        each.set_facecolor("#f5f5f5")


def draw_players(axes: Axes) -> None:
    """Who learns from whom."""
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    for x, y, words, colour in BOXES.values():
        corner, size = (x - 0.10, y - 0.15), (0.20, 0.30)
        box = FancyBboxPatch(corner, *size, boxstyle="round,pad=0.005", facecolor="white",
                             edgecolor=colour)  # fmt: skip
        axes.add_patch(box)
        axes.text(x, y, words, ha="center", va="center", fontsize=8.5)
    for start, end, words in ARROWS:
        a, b = BOXES[start][:2], BOXES[end][:2]
        tail, tip = border(a, b), border(b, a)
        axes.annotate("", tip, tail, arrowprops={"arrowstyle": "->", "color": MIDDLE})
        if words:
            middle = ((tail[0] + tip[0]) / 2 + 0.01, (tail[1] + tip[1]) / 2)
            axes.text(*middle, words, fontsize=7.5, ha="left", va="center")


def border(at: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    """Where an arrow leaves a box."""
    across, down = towards[0] - at[0], towards[1] - at[1]
    share = min(0.11 / abs(across) if across else 9.0, 0.17 / abs(down) if down else 9.0)
    return at[0] + share * across, at[1] + share * down


def picture() -> Figure:
    """The choice above, the players below."""
    figure = Figure(figsize=(11, 5.8), layout="constrained")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.25, 1))[:, 0]
    draw_choice(list(above.subplots(1, HYPOTHESES + 1)))
    draw_players(below.subplots())
    return figure


if __name__ == "__main__":
    save(picture(), PICTURE)
