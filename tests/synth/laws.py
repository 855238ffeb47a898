"""What the tests of movements measure."""

from itertools import pairwise

import torch
from torch import Tensor

from crosslift.synth import draw_body
from crosslift.synth.perform import Performance
from crosslift.synth.recording import Take, played


def performance(kind: str, seed: int, fps: float = 60.0, seconds: float = 7.0) -> Performance:
    """Someone doing something."""
    rng = torch.Generator().manual_seed(seed)
    return played(Take(kind, fps, seconds), draw_body(rng), rng)


def slides(points: Tensor, standing: Tensor) -> list[float]:
    """How far a point travels over the floor in each stretch of frames in which it stands."""
    edges = torch.nonzero(standing.diff())[:, 0] + 1
    bounds = [0, *edges.tolist(), len(standing)]
    stretches = [points[a:b, :2] for a, b in pairwise(bounds) if standing[a]]
    return [float((stretch - stretch[0]).norm(dim=-1).max()) for stretch in stretches]
