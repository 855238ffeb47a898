"""Small recordings of made-up people that tests share."""

import torch

from crosslift.camera import Camera
from crosslift.clip import Clip
from crosslift.motion import Motion
from crosslift.observe import observe, perfect
from crosslift.synth import draw_body, draw_camera, record


def walker(seconds: float = 2.0, seed: int = 0) -> Motion:
    """Someone who walks, 30 frames a second."""
    rng = torch.Generator().manual_seed(seed)
    return record("walk", draw_body(rng), 30.0, seconds, rng)


def seen_walker(seconds: float = 2.0, seed: int = 0, camera: Camera | None = None) -> Clip:
    """The walker, seen without error."""
    rng = torch.Generator().manual_seed(seed + 1)
    motion = walker(seconds, seed)
    middle = motion.positions.mean(dim=(0, 1))
    return observe(motion, camera or draw_camera(rng, middle, 2.5), perfect, rng)
