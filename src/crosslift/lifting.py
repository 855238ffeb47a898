"""From a clip of keypoints to a clip with poses, whatever the lifter."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .camera import to_image_plane
from .clip import Clip
from .errors import SkeletonError
from .geometry import place_root
from .protocols import Lifter
from .windows import Windowing, batches, plan, stitch

ASSUMED_DISTANCE = 4.0
"""Metres from the camera at which a body is put whose place nothing tells."""


def lift(clip: Clip, lifter: Lifter, rng: Generator, *, at_a_time: int = 256) -> Clip:
    """The clip with the poses that the lifter finds, placed before the camera by reprojection.

    Poses that the clip already has are not looked at; bone lengths are told to the lifter.

    Args:
        at_a_time: Windows in one batch; less needs less memory.
    """
    if lifter.skeleton != clip.skeleton:
        raise SkeletonError(
            f'The lifter takes the skeleton "{lifter.skeleton.name}", but the clip "{clip.name}" '
            f'has "{clip.skeleton.name}"; map the clip first.'
        )
    clip, windowing = replace(clip, poses=None, spread=None), Windowing(lifter.frames)
    with torch.no_grad():
        found = (
            lifter.lift(batch.keypoints, batch.camera, rng, scores=batch.scores, body=batch.body)
            for batch in batches(clip, windowing, at_a_time)
        )
        poses = stitch(found, plan(len(clip), windowing))
    return placed(clip, poses)


def placed(clip: Clip, poses: Float[Tensor, "hypotheses frames joints 3"]) -> Clip:
    """The clip with root-relative poses, each put where its reprojection fits the keypoints.

    A frame that shows too little of the body takes its place from its neighbours; where no frame
    shows enough, the body is put at an assumed distance and the clip says so.
    """
    shape = poses.shape[:-1]
    keypoints, scores = clip.keypoints.expand(*shape, 2), clip.scores.expand(shape)
    root = place_root(poses, keypoints, scores, clip.camera)
    known = bool(root.isfinite().any())
    root = between_neighbours(root) if known else ahead(clip).expand(*shape[:-1], 3)
    how = "reprojection" if known else "assumed"
    return replace(clip, poses=poses + root[..., None, :], root_from=how)


def between_neighbours(
    track: Float[Tensor, "hypotheses frames 3"],
) -> Float[Tensor, "hypotheses frames 3"]:
    """A track with its NaN frames on the line between the nearest known ones, level at the ends."""
    filled = track.clone()
    for one in filled:
        known = one.isfinite().all(dim=-1)
        places = known.nonzero()[:, 0]
        if len(places) in (0, len(one)):
            continue
        at = torch.arange(len(one), device=one.device)
        after = torch.searchsorted(places, at).clamp(max=len(places) - 1)
        before = (torch.searchsorted(places, at, right=True) - 1).clamp(min=0)
        first, last = places[before], places[after]
        share = ((at - first) / (last - first).clamp(min=1)).clamp(0, 1)[:, None].to(one)
        one.copy_(torch.lerp(one[first], one[last], share))
    return filled


def ahead(clip: Clip) -> Float[Tensor, "frames 3"]:
    """Places at the assumed distance, in the middle of the picture."""
    middle = (clip.camera.size / 2)[..., None, :]
    ray = to_image_plane(middle, clip.camera)[..., 0, :].expand(len(clip), 2)
    return torch.nn.functional.pad(ray, (0, 1), value=1.0) * ASSUMED_DISTANCE
