"""A recording as the formats of movement hold it: joints in the world over time."""

import re
from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import camera_to_world
from ..clip import Clip
from ..data.motion_names import distinct
from ..data.record import Recording
from ..errors import DataError, SettingsError
from ..motion import Motion


def in_world(recording: Recording, hypothesis: int = 0) -> Motion:
    """The movement in the world: a clip's poses go there by its camera.

    Args:
        hypothesis: Which of a clip's poses for each frame; the first unless asked.
    """
    if isinstance(recording, Motion):
        return recording
    if recording.poses is None:
        raise DataError(
            f'The clip "{recording.name}" has keypoints and no poses, so there is no movement to '
            "write; lift it first."
        )
    if not 0 <= hypothesis < len(recording.poses):
        raise SettingsError(
            f'The clip "{recording.name}" has the hypotheses 0 to {len(recording.poses) - 1}, but '
            f"{hypothesis} was asked for; choose one of them."
        )
    return Motion(
        recording.name,
        recording.skeleton,
        recording.fps,
        camera_to_world(recording.poses[hypothesis], recording.camera),
        labels=recording.labels,
        provenance=recording.provenance,
    )


def seconds(recording: Recording) -> Float[Tensor, " frames"]:
    """When each frame was, from the first on where the frame rate is constant."""
    if isinstance(recording, Clip) and recording.times is not None:
        return recording.times.double()
    return torch.arange(len(recording), dtype=torch.float64) / recording.fps


def uneven(recording: Recording) -> list[str]:
    """A sentence where a recording's frame rate varies and the format has room for one alone."""
    if isinstance(recording, Clip) and recording.times is not None and len(recording) > 1:
        steps = recording.times.diff()
        if bool((steps - 1 / recording.fps).abs().max() > 0.1 / recording.fps):
            return [
                f"The frames are {steps.min():.3g} to {steps.max():.3g} s apart; the file says "
                f"{recording.fps:g} a second throughout."
            ]
    return []


def plain_names(names: Iterable[str], forbidden: str) -> tuple[str, ...]:
    """Names without what a format uses for itself.

    Args:
        forbidden: A pattern; what it matches becomes "_".
    """
    return distinct(re.sub(forbidden, "_", name) for name in names)


def missing_sentence(motion: Motion, becomes: str) -> list[str]:
    """A sentence where joints are missing.

    Args:
        becomes: What is written in their place: "empty cells".
    """
    lost = int((~motion.known).sum())
    if not lost:
        return []
    return [f"{lost} of {motion.known.numel()} joints are missing and are {becomes} in the file."]
