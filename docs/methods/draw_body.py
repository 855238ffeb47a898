"""Draws how bone lengths are read off keypoints: `python docs/methods/draw_body.py`."""

from pathlib import Path

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crosslift import synth
from crosslift.body import Body, estimate_body
from crosslift.body.bones import KINDS, OF_BONE, of_kinds
from crosslift.body.estimate import on_plane
from crosslift.body.seen import bones_seen, scales
from crosslift.clip import Clip, unlabelled
from crosslift.geometry import stature
from crosslift.observe import observe
from crosslift.skeletons import H36M_17
from crosslift.typical import typical_body
from crosslift.view.still import LEFT, MIDDLE, RIGHT, draw_keypoints, save, shown_part

PICTURE = Path(__file__).parents[1] / "pictures" / "bone_lengths.png"
MOVEMENTS = ("walk", "reach", "sit", "dance")
SHIN = KINDS.index("knee-ankle")


def recordings() -> list[Clip]:
    """Somebody in several movements, as a detector finds them."""
    rng = torch.Generator().manual_seed(11)
    body = synth.draw_body(rng)
    motions = [synth.record(kind, body, 30.0, 6.0, rng) for kind in MOVEMENTS]
    views = [synth.placed(synth.RIGS["ring"], each.positions, 30.0, rng) for each in motions]
    detector = synth.DetectorModel()
    return [observe(*pair, detector, rng) for pair in zip(motions, views, strict=True)]


def draw_frame(axes: Axes, clip: Clip) -> None:
    """One frame's keypoints."""
    draw_keypoints(axes, clip, len(clip) // 2, shown_part(clip))
    axes.set_title("1  keypoints, no labels", fontsize=10)
    axes.set(xticks=[], yticks=[])


def draw_apparent(axes: Axes, clips: list[Clip], found: Body) -> None:
    """How long the shins look in every frame, in units of the frame's scale."""
    seen = bones_seen(torch.cat([on_plane(clip) for clip in clips]))
    apparent = torch.where(seen.there, seen.vectors.norm(dim=-1), torch.nan)
    relative = apparent / scales(seen, of_kinds(found.lengths))[:, None]
    for bone in (bone for bone, kind in enumerate(OF_BONE) if kind == SHIN):
        side = RIGHT if "right" in H36M_17.joints[H36M_17.bones[bone][1]] else LEFT
        axes.plot(100 * relative[:, bone], ".", color=side, markersize=2, alpha=0.5)
    axes.axhline(100 * float(of_kinds(found.lengths)[SHIN]), color="black", lw=1.2)
    axes.set(xlabel="frame", ylabel="apparent length of a shin, cm", ylim=(0, 60))
    axes.set_title("2  bones look as long as they are, or shorter", fontsize=10)


def draw_answer(axes: Axes, found: Body, truth: torch.Tensor) -> None:
    """The estimate beside the truth and the average body."""
    rows = list(range(len(KINDS)))[::-1]
    centimetres, spread, true, average = (
        100 * of_kinds(each) for each in (found.lengths, found.spread, truth, typical_body(H36M_17))
    )
    axes.plot(average, rows, "|", color=MIDDLE, markersize=10, label="the average body")
    axes.errorbar(
        centimetres, rows, xerr=spread, fmt="o", color=LEFT, markersize=4, label="estimate"
    )
    axes.plot(true, rows, "x", color="black", label="truth")
    axes.set(yticks=rows, yticklabels=KINDS, xlabel="cm, at a stature of 1.70 m")
    axes.legend(fontsize=8, frameon=False)
    axes.set_title("3  lengths, with their standard deviations", fontsize=10)


def picture() -> Figure:
    """From keypoints to lengths, in three steps."""
    clips = recordings()
    found = estimate_body([unlabelled(clip) for clip in clips])
    truth = clips[0].body
    assert truth is not None
    figure = Figure(figsize=(12, 3.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1.5, 1.5))
    draw_frame(left, clips[1])
    draw_apparent(middle, clips, found)
    draw_answer(right, found, truth * 1.70 / stature(truth, H36M_17))
    return figure


if __name__ == "__main__":
    save(picture(), PICTURE)
