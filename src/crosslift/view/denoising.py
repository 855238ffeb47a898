"""How a pose comes out of noise: the steps of one drawing, as a clip that is looked at.

Steps are not kept with a result, which would be as many times larger: those of one window are
drawn again from the clip's keypoints when somebody asks. They then are the frames of a short clip,
and whatever shows clips shows them.
"""

from dataclasses import replace
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..clip import Clip, unlabelled
from ..errors import DataError, SettingsError, SkeletonError
from ..lifters.diffusion import Diffusion, Poses, noise_of_windows
from ..lifters.direct import mirrored
from ..lifters.inputs import Seen
from ..lifting import placed, some_frames
from ..protocols import Lifter
from ..resampling import moments, needs_resampling, resampled, without_gaps
from ..windows import Windowing, batches, plan

STEPS_A_SECOND = 2.0
"""Steps that are shown in a second."""
LASTING = 4
"""Frames for which the finished pose stays."""


class Denoised(NamedTuple):
    """One moment of a clip, step by step; every frame of the three clips is a step."""

    noisy: Clip
    """What the network is given: pure noise at first, the finished pose in the end."""
    clean: Clip
    """What it makes of that; NaN before it was asked for the first time."""
    truth: Clip | None
    """The true pose, the same in every frame."""
    captions: tuple[str, ...]
    """What each step is called."""


def denoised(
    clip: Clip, lifter: Lifter, rng: Generator, seconds: float, truth: Clip | None = None
) -> Denoised:
    """The drawing of the poses of one window of a clip's keypoints, seen at one of its moments.

    Args:
        seconds: The moment, from the clip's beginning on.
        truth: The clip with the true poses, if they are known.
    """
    check_drawn(clip, lifter)
    assert isinstance(lifter, Diffusion)
    check_moment(clip, seconds)
    seen = replace(unlabelled(clip), body=clip.body)
    if lifter.fps is not None and needs_resampling(seen, lifter.fps):
        seen = resampled(seen, lifter.fps)
    frame = nearest(seen, seconds)
    with torch.no_grad():
        noisy, clean = stages(without_gaps(seen), lifter, rng, frame)
    steps = len(noisy)
    here = some_frames(seen, slice(frame, frame + 1))
    there = None
    if truth is not None and truth.poses is not None:
        at = nearest(truth, seconds)
        still = some_frames(truth, slice(at, at + 1))
        there = lasting(replace(still, poses=truth.poses[:1, at : at + 1]), steps)
    return Denoised(
        in_place(lasting(here, steps), noisy), in_place(lasting(here, steps), clean), there,
        captions_of(steps),
    )  # fmt: skip


def stages(
    clip: Clip, lifter: Diffusion, rng: Generator, frame: int
) -> tuple[Float[Tensor, "steps hypotheses joints 3"], Float[Tensor, "steps hypotheses joints 3"]]:
    """What goes into each call of the network and what comes out, at one frame, in metres.

    Before the first call nothing has come out, and after the last one the pose is finished.
    """
    windowing = Windowing(lifter.frames, predict=lifter.predict)
    rows = plan(len(clip), windowing)
    window, place = rows.keep.nonzero()[frame].tolist()
    batch = list(batches(clip, windowing, 1))[window]
    seen = Seen(batch.keypoints, batch.camera, batch.scores, batch.body)
    told = lifter.numbers(seen)
    turned = lifter.numbers(mirrored(seen, lifter.skeleton)) if lifter.flip else None
    draw, given = noise_of_windows(told.new_empty(lifter.shape(1)), rng), []

    def noted() -> Tensor:
        given.append(draw())
        return given[-1]

    found = list(lifter.drawn(told, turned, noted))
    answered = place if lifter.predict == "all" else 0

    def metres(poses: Poses) -> Tensor:
        sized = lifter.in_metres((poses / lifter.process.scale).to(batch.keypoints))
        return lifter.about_root(sized)[0, :, answered]

    between = [step.noisy for step in found[:-1]]
    noisy = torch.stack([metres(each) for each in (given[0], *between, found[-1].clean)])
    clean = torch.stack([metres(each.clean) for each in found])
    return noisy, torch.cat([torch.full_like(clean[:1], torch.nan), clean])


def lasting(clip: Clip, steps: int) -> Clip:
    """A clip of one frame, for as long as the steps are shown."""
    frames = steps + LASTING - 1
    return replace(
        clip,
        camera=clip.camera[0] if clip.camera.focal.ndim > 1 else clip.camera,
        fps=STEPS_A_SECOND,
        keypoints=clip.keypoints.expand(frames, -1, -1),
        scores=clip.scores.expand(frames, -1),
        observed=clip.observed.expand(frames, -1),
        poses=None if clip.poses is None else clip.poses.expand(-1, frames, -1, -1),
        times=None,
    )


def in_place(clip: Clip, steps: Float[Tensor, "steps hypotheses joints 3"]) -> Clip:
    """The clip with the poses of all steps, where the mean of the finished ones is seen."""
    poses = torch.cat([steps, steps[-1:].expand(len(clip) - len(steps), -1, -1, -1)]).movedim(0, 1)
    last = placed(some_frames(clip, slice(1)), steps[-1].mean(dim=0)[None, None])
    assert last.poses is not None, "it was placed"
    where = last.poses[:, :, [clip.skeleton.root]]
    return replace(clip, poses=poses + where, root_from=last.root_from)


def captions_of(steps: int) -> tuple[str, ...]:
    """What each step is called, and the frames for which the finished pose stays."""
    named = ["noise", *(f"step {number} of {steps - 1}" for number in range(1, steps))]
    return (*named, *named[-1:] * (LASTING - 1))


def nearest(clip: Clip, seconds: float) -> int:
    """The frame of a clip that is nearest to a moment, from its beginning on."""
    times = moments(clip)
    return int((times - times[0] - seconds).abs().argmin())


def check_drawn(clip: Clip, lifter: Lifter) -> None:
    """Refuse a lifter without noise, and a clip that it cannot lift."""
    if not isinstance(lifter, Diffusion):
        raise SettingsError(
            "Denoising is shown of a lifter that draws poses from noise, but this one answers "
            "once; name one such as a d3dp or a diff3dhpe."
        )
    if clip.skeleton != lifter.skeleton:
        raise SkeletonError(
            f'The lifter takes the skeleton "{lifter.skeleton.name}", but the clip "{clip.name}" '
            f'has "{clip.skeleton.name}"; map the clip first.'
        )


def check_moment(clip: Clip, seconds: float) -> None:
    """Refuse a moment that the clip does not have."""
    if not len(clip):
        raise DataError(f'"{clip.name}" has no frames, so there is no moment to show.')
    times = moments(clip)
    length = float(times[-1] - times[0])
    if not 0 <= seconds <= length + 1 / clip.fps:
        raise SettingsError(
            f'The moment should lie within the {length:.2f} s of "{clip.name}", but is '
            f"{seconds:g} s; give another."
        )
