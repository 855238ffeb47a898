"""How the joints of the kinematic body move with its angles: axis times lever, for all at once."""

import torch
from jaxtyping import Float
from torch import Tensor

from ..skeletons import H36M_16, H36M_17
from .body import HEAD_LINK, Posed
from .rest import BONES, HINGES, MOVING, way_to

IN_17 = tuple(H36M_17.index(joint) for joint in H36M_16.joints)
"""Where the joints of `H36M_16` stand among those of `H36M_17`."""

UNKNOWNS = len(MOVING) + 6
"""The moving angles, a turn of the whole body about its root (axis times angle), and the root."""


def jacobian(body: Posed) -> Float[Tensor, "*batch 17 3 34"]:
    """The derivative of each joint's position by the `UNKNOWNS`, in their order."""
    hinges = [HINGES[link] for link in MOVING]
    columns = body.turns[..., list(MOVING), :, :].mT
    signs = columns.new_tensor([hinge.sign for hinge in hinges])
    axis = columns[..., range(len(hinges)), [hinge.axis for hinge in hinges], :] * signs[:, None]
    pivot = body.joints[..., [IN_17[hinge.pivot] for hinge in hinges], :]
    lever = body.joints[..., :, None, :] - pivot[..., None, :, :]
    by_angle = torch.linalg.cross(axis[..., None, :, :].expand_as(lever), lever)
    by_angle = by_angle * columns.new_tensor(MOVES)[..., None]
    eye = torch.eye(3, dtype=columns.dtype, device=columns.device)
    arm = (body.joints - body.joints[..., :1, :])[..., None, :].expand(*lever.shape[:-2], 3, 3)
    by_turn, by_root = torch.linalg.cross(eye.expand_as(arm), arm), eye.expand_as(arm)
    return torch.cat([by_angle, by_turn, by_root], dim=-2).mT


def _moves() -> tuple[tuple[float, ...], ...]:
    """For each of the 17 joints, 1 for each of the moving angles that moves it and 0 for others."""
    above = {H36M_16.root: frozenset[int]()}
    for bone in BONES:
        above[bone.joint] = above[bone.parent] | frozenset(way_to(bone.link))
    movers = {IN_17[joint]: links for joint, links in above.items()}
    movers[H36M_17.index("nose")] = frozenset(way_to(HEAD_LINK))
    return tuple(
        tuple(float(link in movers[joint]) for link in MOVING) for joint in range(len(H36M_17))
    )


MOVES = _moves()
