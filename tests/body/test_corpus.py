"""Bone lengths of people of the motion corpus, where it is there."""

import os
from pathlib import Path

import pytest
import torch

from crosslift.body import estimate_body
from crosslift.clip import Clip, unlabelled
from crosslift.data.mocap import Mocap, read_rig
from crosslift.geometry import body_lengths, scale_to_stature
from crosslift.motion import Motion
from crosslift.observe import Jitter, observe
from crosslift.skeletons import H36M_17

from .people import average_body, off

CORPUS = os.environ.get("CROSSLIFT_DATA")
pytestmark = pytest.mark.skipif(
    CORPUS is None, reason="set CROSSLIFT_DATA to the folder that holds mocap/"
)


def seen(count: int, pixels: float) -> list[Clip]:
    """Clips of the target's person before cameras of its rig, 1.70 m tall."""
    folder = Path(str(CORPUS)) / "mocap"
    cameras = list(read_rig(folder / "rig_target.json")[1].values())
    motions = list(Mocap(file=("target_val.npz",)).read(folder))[:: 111 // count]
    rng = torch.Generator().manual_seed(0)
    return [
        observe(motion, cameras[number % len(cameras)], Jitter(pixels), rng)
        for number, motion in enumerate(motions[:count])
        if isinstance(motion, Motion)
    ]


@pytest.mark.parametrize(("pixels", "limit"), [(0.0, 0.03), (4.0, 0.05)])
def test_the_bones_of_a_person_of_the_corpus_are_found(pixels, limit):
    clips = seen(20, pixels)
    assert clips[0].poses is not None
    poses = scale_to_stature(clips[0].poses, H36M_17)
    truth = body_lengths(poses[0], H36M_17).mean(dim=0)
    found = estimate_body([unlabelled(clip) for clip in clips])
    assert off(found.lengths, truth).abs().mean() < limit
    assert off(average_body(), truth).abs().mean() > 0.1
