"""The graphs of ST-GCN: joints, and parts of the body, linked in space and over time.

Nodes are those of one frame after those of the other.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor


class Layout(NamedTuple):
    """The graph of one frame, whose links are told apart by where they lead."""

    links: tuple[tuple[int, int], ...]
    mirrored: tuple[tuple[int, int], ...]
    """Nodes of the left and right side that are each other's mirror image."""
    distance: tuple[int, ...]
    """Of each node from the centre of the body, in links."""


BODY = Layout(
    links=((0, 1), (1, 2), (2, 3), (0, 4), (4, 5), (5, 6), (0, 7), (7, 8),
           (8, 9), (9, 10), (8, 11), (11, 12), (12, 13), (8, 14), (14, 15), (15, 16)),
    mirrored=((1, 4), (2, 5), (3, 6), (11, 14), (12, 15), (13, 16)),
    distance=(1, 2, 3, 4, 2, 3, 4, 0, 1, 2, 3, 2, 3, 4, 2, 3, 4),
)  # fmt: skip
"""The 17 joints of Human3.6M."""

PARTS = ((11, 12, 13), (14, 15, 16), (4, 5, 6), (1, 2, 3), (0, 7, 8, 9, 10))
"""The joints of the left arm, the right arm, the left leg, the right leg and the torso."""

BODY_PARTS = Layout(
    links=((0, 4), (1, 4), (2, 4), (3, 4)),
    mirrored=((0, 1), (2, 3)),
    distance=(1, 1, 1, 1, 0),
)
"""The five parts of the body, in the order of `PARTS`."""


def link_masks(layout: Layout, frames: int) -> Bool[Tensor, "masks nodes nodes"]:
    """Which node (row) is heard by which (column), split by the kind of link.

    The masks are: itself; inwards, to a node nearer to the centre; outwards; to the mirror image;
    and, where there are several frames, to the next frame and to the one before.
    """
    distance = torch.tensor(layout.distance)
    near = _symmetric(layout.links, len(distance))
    same = torch.eye(len(distance), dtype=torch.bool)
    inwards = near & (distance[:, None] > distance)
    mirrored = _symmetric(layout.mirrored, len(distance))
    still = torch.eye(frames, dtype=torch.bool)
    masks = [torch.kron(still, mask) for mask in (same, inwards, near & ~inwards, mirrored)]
    if frames > 1:
        later = torch.ones(frames, frames).triu(1).tril(1).bool()
        masks += [torch.kron(later, same), torch.kron(later.mT.contiguous(), same)]
    return torch.stack(masks)


def stgcn_adjacency(frames: int) -> Float[Tensor, "masks nodes nodes"]:
    """The published graph of the joints: all links into a node share a weight of one."""
    return _shared(link_masks(BODY, frames))


def pooled_adjacency(frames: int) -> Float[Tensor, "masks nodes nodes"]:
    """The published graph of the parts of the body, weighted like that of the joints."""
    return _shared(link_masks(BODY_PARTS, frames))


def _shared(masks: Bool[Tensor, "masks nodes nodes"]) -> Float[Tensor, "masks nodes nodes"]:
    return masks / masks.sum(dim=(0, 1))


def _symmetric(pairs: tuple[tuple[int, int], ...], nodes: int) -> Bool[Tensor, "nodes nodes"]:
    mask = torch.zeros(nodes, nodes, dtype=torch.bool)
    rows, columns = torch.tensor(pairs).mT
    mask[rows, columns] = mask[columns, rows] = True
    return mask
