"""From a clip of keypoints to a clip with poses, whatever the lifter."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .camera import to_image_plane
from .clip import Clip
from .errors import SkeletonError
from .filling import between_known
from .geometry import place_root
from .protocols import Lifter, SlidingLifter
from .resampling import at_moments, moments, needs_resampling, resampled, without_gaps
from .windows import Windowing, batches, plan, stitch

ASSUMED_DISTANCE = 4.0
"""Metres from the camera at which a body is put whose place nothing tells."""

FRAMES_AT_ONCE = 1024
"""Frames in one batch of windows, unless a number of windows is given."""


def lift(clip: Clip, lifter: Lifter, rng: Generator, *, at_a_time: int | None = None) -> Clip:
    """The clip with the poses that the lifter finds, placed before the camera by reprojection.

    Poses that the clip already has are not looked at; bone lengths are told to the lifter. Missing
    keypoints are filled in before and stay marked. A clip at another frame rate than the lifter's
    is lifted at the lifter's, which its provenance says.

    Args:
        at_a_time: Windows in one batch; less needs less memory.
    """
    if lifter.skeleton != clip.skeleton:
        raise SkeletonError(
            f'The lifter takes the skeleton "{lifter.skeleton.name}", but the clip "{clip.name}" '
            f'has "{clip.skeleton.name}"; map the clip first.'
        )
    clip = replace(clip, poses=None, spread=None)
    with torch.no_grad():
        if lifter.fps is None or not needs_resampling(clip, lifter.fps):
            return placed(clip, root_relative(without_gaps(clip), lifter, rng, at_a_time))
        even = without_gaps(resampled(clip, lifter.fps))
        poses = at_moments(root_relative(even, lifter, rng, at_a_time), lifter.fps, moments(clip))
    said = f"lifted at {lifter.fps:g} frames a second, where the recording has {clip.fps:g}"
    return replace(placed(clip, poses), provenance={**clip.provenance, "resampled": said})


def root_relative(
    clip: Clip, lifter: Lifter, rng: Generator, at_a_time: int | None = None
) -> Float[Tensor, "hypotheses frames joints 3"]:
    """What the lifter makes of a clip at its frame rate, about the root."""
    if isinstance(lifter, SlidingLifter) and lifter.predict != "all" and len(clip):
        return slid(clip, lifter, rng)
    windowing = Windowing(lifter.frames, predict=lifter.predict)
    size = max(1, FRAMES_AT_ONCE // lifter.frames) if at_a_time is None else at_a_time
    found = (
        lifter.lift(batch.keypoints, batch.camera, rng, scores=batch.scores, body=batch.body)
        for batch in batches(clip, windowing, size)
    )
    return stitch(found, plan(len(clip), windowing))


def slid(
    clip: Clip, lifter: SlidingLifter, rng: Generator
) -> Float[Tensor, "hypotheses frames joints 3"]:
    """The same of a lifter that computes once what its overlapping windows share."""
    camera = clip.camera[None] if clip.camera.focal.ndim > 1 else clip.camera[None][None]
    body = None if clip.body is None else clip.body[None]
    return lifter.slide(clip.keypoints[None], camera, rng, scores=clip.scores[None], body=body)[0]


def placed(clip: Clip, poses: Float[Tensor, "hypotheses frames joints 3"]) -> Clip:
    """The clip with root-relative poses, each put where its reprojection fits the keypoints.

    A frame that shows too little of the body takes its place from its neighbours; where no frame
    shows enough, the body is put at an assumed distance and the clip says so.
    """
    shape = poses.shape[:-1]
    keypoints, scores = clip.keypoints.expand(*shape, 2), clip.scores.expand(shape)
    root = place_root(poses, keypoints, scores, clip.camera)
    known = bool(root.isfinite().any())
    if known:
        root = between_known(root, root.isfinite().all(dim=-1))
    else:
        root = ahead(clip).expand(*shape[:-1], 3)
    how = "reprojection" if known else "assumed"
    return replace(clip, poses=poses + root[..., None, :], root_from=how)


def ahead(clip: Clip) -> Float[Tensor, "frames 3"]:
    """Places at the assumed distance, in the middle of the picture."""
    middle = (clip.camera.size / 2)[..., None, :]
    ray = to_image_plane(middle, clip.camera)[..., 0, :].expand(len(clip), 2)
    return torch.nn.functional.pad(ray, (0, 1), value=1.0) * ASSUMED_DISTANCE
