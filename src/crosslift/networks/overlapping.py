"""Networks whose answer is one frame of a window, along a whole clip: a window for every place."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import DataError, SettingsError

Keypoints = Float[Tensor, "batch frames joints channels"]
Poses = Float[Tensor, "batch places joints_3d 3"]


def every_window(
    keypoints: Keypoints,
    size: int,
    embed: Callable[[Keypoints], Tensor],
    pose: Callable[[Tensor], Float[Tensor, "windows 1 joints_3d 3"]],
    at_a_time: int,
) -> Poses:
    """The poses of all windows of `size` frames, from the first place to the last.

    Each frame is embedded once, though `size` windows see it. No more than `at_a_time` windows of a
    clip exist at once, so memory does not grow with its length but for the poses.
    """
    check_places(keypoints, size, at_a_time)
    first = size - 1 + at_a_time
    parts = [keypoints[:, :first], *keypoints[:, first:].split(at_a_time, dim=1)]
    poses, before = [], None
    for part in filter(lambda part: part.shape[1] > 0, parts):
        tokens = embed(part) if before is None else torch.cat([before, embed(part)], dim=1)
        windows = tokens.unfold(1, size, 1).movedim(-1, 2)  # batch places size ...
        found = pose(windows.flatten(0, 1))
        poses.append(found[:, 0].unflatten(0, windows.shape[:2]))
        before = tokens[:, windows.shape[1] :]
    return torch.cat(poses, dim=1)


def part_by_part(
    keypoints: Keypoints, size: int, poses: Callable[[Keypoints], Poses], at_a_time: int
) -> Poses:
    """What a network that takes any length says of all places, `at_a_time` of them at once.

    What a part shares with the one before it is computed twice.
    """
    check_places(keypoints, size, at_a_time)
    firsts = range(0, keypoints.shape[1] - size + 1, at_a_time)
    parts = (keypoints[:, first : first + at_a_time + size - 1] for first in firsts)
    return torch.cat([poses(part) for part in parts], dim=1)


def check_places(keypoints: Keypoints, size: int, at_a_time: int) -> None:
    """Refuse a clip in which no window fits, and to take none at a time."""
    if keypoints.shape[1] < size:
        raise DataError(
            f"This network makes a pose of {size} frames, but was given {keypoints.shape[1]}; pad "
            "the clip by repeating its first and last frame."
        )
    if at_a_time < 1:
        raise SettingsError(
            f"At least one window is taken at a time, but {at_a_time} were asked for; give 1 or "
            "more."
        )
