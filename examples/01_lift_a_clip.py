"""From keypoints to poses: what goes in, what comes out, and how to keep and draw it.

python examples/01_lift_a_clip.py
"""

from pathlib import Path

import torch

import crosslift
from crosslift import synth
from crosslift.find_lifter import find_lifter
from crosslift.observe import observe
from crosslift.view import draw, save


def filmed() -> tuple[torch.Tensor, crosslift.Camera]:
    """What you have: keypoints (frames, joints, xy) in pixels, NaN where none was found, and a
    camera, for which `crosslift.pinhole(focal=1150.0, size=(1000, 1000))` is enough."""
    rng = torch.Generator().manual_seed(0)
    walk = synth.record("walk", synth.draw_body(rng), 30.0, 3.0, rng)
    camera = synth.placed(synth.RIGS["ring"], walk.positions, 30.0, rng)
    return observe(walk, camera, synth.DetectorModel(), rng).keypoints, camera


def main() -> None:
    keypoints, camera = filmed()

    # A clip says which joints these are, how fast the frames come, and through which camera.
    clip = crosslift.clip_of(keypoints, camera, crosslift.H36M_17, fps=30.0, name="walk")

    # Any lifter's name or folder. "flat" knows no depth; a trained one stands in run/lifter.
    lifter = find_lifter("flat").lifter
    lifted = crosslift.lift(clip, lifter, torch.Generator())
    assert lifted.poses is not None
    print("hypotheses, frames, joints, xyz:", tuple(lifted.poses.shape), "in metres")

    pelvis = lifted.poses[0, :, clip.skeleton.index("pelvis")]
    print(f"the person is {pelvis[:, 2].mean():.1f} m away ({lifted.root_from})")

    crosslift.write_clip(Path("walk.clip.safetensors"), lifted)
    save(draw(lifted), Path("walk.png"))
    print("made walk.clip.safetensors and walk.png")


if __name__ == "__main__":
    main()
