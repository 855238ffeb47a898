"""Graphs over the joints of a skeleton, as matrices for the networks that work on them."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import SettingsError


def linked_joints(parents: Sequence[int]) -> Float[Tensor, "joints joints"]:
    """One where a joint is the other's parent or child, zero elsewhere; the root's parent is -1."""
    links = torch.zeros(len(parents), len(parents))
    for joint, parent in enumerate(parents):
        if parent >= len(parents) or parent == joint:
            raise SettingsError(
                f"A parent is another of the {len(parents)} joints or -1, but joint {joint} has "
                f"{parent}; give the place of its parent."
            )
        if parent >= 0:
            links[joint, parent] = links[parent, joint] = 1
    return links


def semgcn_adjacency(parents: Sequence[int]) -> Float[Tensor, "joints joints"]:
    """Each joint linked with itself, its parent and its children; every row sums to one."""
    links = linked_joints(parents) + torch.eye(len(parents))
    return links / links.sum(dim=1, keepdim=True)
