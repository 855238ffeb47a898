"""Lifted walkers of which the truth is known."""

from dataclasses import replace

import torch

from crosslift.camera import project
from crosslift.geometry import body_lengths
from crosslift.metrics import mpjpe, rooted
from crosslift.skeletons import H36M_17

from ..people import seen_walker


def true_walker(seconds=1.0, seed=0):
    """A walker with true poses, keypoints and bones."""
    clip = seen_walker(seconds, seed)
    return replace(clip, body=body_lengths(clip.poses[0], H36M_17).mean(dim=0))


def spoilt(clip, metres, seed=0):
    """The clip with every joint but the root off by normal errors that are new in each frame."""
    off = torch.randn(clip.poses.shape, generator=torch.Generator().manual_seed(seed))
    off[:, :, clip.skeleton.root] = 0
    return replace(clip, poses=clip.poses + metres * off)


def error(clip, truth):
    """Metres from the truth about the root."""
    return float(mpjpe(rooted(clip.poses[0], 0), rooted(truth.poses[0], 0)).mean())


def seen_as_posed(clip):
    """The clip with the keypoints of its poses."""
    return replace(clip, keypoints=project(clip.poses[0], clip.camera))
