"""People with known bones before cameras, for the tests of this folder."""

from dataclasses import replace

import torch

from crosslift import synth
from crosslift.body.bones import average, from_log_shares, of_joints, of_kinds
from crosslift.clip import Clip, unlabelled
from crosslift.geometry import with_lengths
from crosslift.observe import Jitter, observe
from crosslift.skeletons import H36M_17

KINDS = ("walk", "reach", "squat", "turn", "dance", "punch")


def long_legged() -> torch.Tensor:
    """Joint lengths of someone with long shins, short thighs and narrow hips, 1.70 m tall."""
    shares = torch.tensor([-0.3, -0.12, 0.14, 0.0, 0.0, 0.0, 0.0, 0.1, -0.1, 0.08])
    return of_joints(from_log_shares(shares))


def clips_of(
    body: torch.Tensor, count: int = 4, seconds: float = 4.0, pixels: float = 0.0, seed: int = 0
) -> list[Clip]:
    """Clips without labels of a person with these bones in several movements."""
    rng = torch.Generator().manual_seed(seed)
    clips = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        motion = synth.record(kind, synth.draw_body(rng), 30.0, seconds, rng)
        motion = replace(motion, positions=with_lengths(motion.positions, body, H36M_17))
        camera = synth.placed(synth.RIGS["ring"], motion.positions, 30.0, rng)
        clips.append(unlabelled(observe(motion, camera, Jitter(pixels), rng)))
    return clips


def off(found: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """The errors of the ten kinds of bones, as shares of their true lengths."""
    return of_kinds(found) / of_kinds(truth) - 1


def average_body() -> torch.Tensor:
    """The average body's bones at its joints, 1.70 m tall."""
    return of_joints(average())
