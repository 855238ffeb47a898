"""Plain forms of forward kinematics, straight from the table of links."""

import math

import numpy as np
import torch

from crosslift.kinematics import LINKS, Link
from crosslift.skeletons import H36M_16


def signed_length(bone: str, lengths):
    """The length that a link's `a` or `d` names; of one pose or `poses`."""
    if not bone:
        return 0.0 * lengths[..., 0]
    value = lengths[..., H36M_16.index(bone.removeprefix("-")) - 1]
    return -value if bone.startswith("-") else value


def link_matrix(link: Link, angle: float, lengths: np.ndarray) -> np.ndarray:
    """Rx(alpha) Tx(a) Rz(theta) Tz(d) of one pose, 4x4."""
    alpha, theta = math.radians(link.alpha), math.radians(link.theta0) + angle
    ca, sa, ct, st = math.cos(alpha), math.sin(alpha), math.cos(theta), math.sin(theta)
    a, d = signed_length(link.a, lengths), signed_length(link.d, lengths)
    about_x = np.array([[1, 0, 0, a], [0, ca, -sa, 0], [0, sa, ca, 0], [0, 0, 0, 1]])
    about_z = np.array([[ct, -st, 0, 0], [st, ct, 0, 0], [0, 0, 1, d], [0, 0, 0, 1]])
    return about_x @ about_z


def slow_frames(angles: np.ndarray, lengths: np.ndarray, rotation: np.ndarray, root: np.ndarray):
    """The 4x4 frame of every link of one pose, by name, in double precision."""
    pelvis = np.eye(4)
    pelvis[:3, :3], pelvis[:3, 3] = rotation, root
    frames = {"": pelvis}
    for link, angle in zip(LINKS, angles, strict=True):
        frames[link.name] = frames[link.parent] @ link_matrix(link, angle, lengths)
    return frames


def slow_forward(
    angles: np.ndarray, lengths: np.ndarray, rotation: np.ndarray, root: np.ndarray
) -> np.ndarray:
    """The 16 joints of one pose."""
    frames = slow_frames(angles, lengths, rotation, root)
    joints = np.empty((16, 3))
    for link in LINKS:
        if link.joint:
            joints[H36M_16.index(link.joint)] = frames[link.name][:3, 3]
    return joints


def plain_forward(angles: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The 16 joints of `poses 33` angles in torch: a batched 4x4 product a link."""
    frames = {"": torch.eye(4).to(angles).expand(len(angles), 4, 4)}
    joints = [angles.new_zeros(len(angles), 3)] * 16
    for index, link in enumerate(LINKS):
        theta = angles[:, index] + math.radians(link.theta0)
        ca, sa = math.cos(math.radians(link.alpha)), math.sin(math.radians(link.alpha))
        c, s, nothing = theta.cos(), theta.sin(), torch.zeros_like(theta)
        a, d = signed_length(link.a, lengths), signed_length(link.d, lengths)
        entries = [c, -s, nothing, a, s * ca, c * ca, nothing - sa, -sa * d]
        entries += [s * sa, c * sa, nothing + ca, ca * d, *3 * [nothing], nothing + 1]
        matrix = torch.stack(entries, dim=-1).unflatten(-1, (4, 4))
        frames[link.name] = frames[link.parent] @ matrix
        if link.joint:
            joints[H36M_16.index(link.joint)] = frames[link.name][:, :3, 3]
    return torch.stack(joints, dim=1)
