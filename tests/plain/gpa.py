"""Global position alignment pose by pose, with the distance found by halving an interval."""

import math

import numpy as np
import torch

from crosslift.camera import Camera, project, to_image_plane


def plain_alignment(poses, keypoints, cameras: Camera, *, exact: bool, nearest=0.3, root=0):
    """Each pose where its target is: `poses joints 3`, and where its target's camera sees it.

    Args:
        keypoints: Of a target for each pose, NaN where missing.
        cameras: Of these targets.
    """
    placed, seen = [], []
    for number in range(len(poses)):
        camera = cameras[number]
        plane = to_image_plane(keypoints[number].nan_to_num(0), camera)
        counts = keypoints[number].isfinite().all(dim=-1)
        pose = plain_place(
            (poses[number] - poses[number, root]).double().numpy(),
            plane.double().numpy(),
            counts.numpy(),
            camera.focal.double().numpy(),
            exact=exact,
            nearest=nearest,
            root=root,
        )
        placed.append(torch.from_numpy(pose).to(poses))
        seen.append(project(placed[-1], camera))
    return torch.stack(placed), torch.stack(seen)


def plain_place(about, plane, counts, focal, *, exact, nearest, root):
    """One pose about its root, where a target on the image plane is."""
    wanted = box(plane[counts], focal)
    least = nearest - about[:, 2].min()

    def size_at(depth):
        moved = about + depth * np.array([*plane[root], 1.0])
        return box(moved[counts, :2] / moved[counts, 2:], focal)

    depth = box(about[counts, :2], focal) / wanted
    if exact:
        depth = halved(size_at, wanted, least)
    return about + max(depth, least) * np.array([*plane[root], 1.0])


def box(points, focal):
    """Width plus height, times the focal length."""
    return float((focal * (points.max(axis=0) - points.min(axis=0))).sum())


def halved(size_at, wanted, least):
    """The depth at which the size is as wanted; the least if it is smaller there already."""
    low, high = least, 2 * least + 1
    if size_at(low) <= wanted:
        return low
    while size_at(high) > wanted:
        low, high = high, 2 * high
    while high - low > 1e-9 * high:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if size_at(middle) > wanted else (low, middle)
    return low
