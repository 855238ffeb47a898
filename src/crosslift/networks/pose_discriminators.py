"""PoseAug's discriminators: whether a part of a body, or a body in a picture, looks like real ones.

Both are trained by least squares: their scores go to 1 for what is real and to 0 for what is made.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from .layers import check_input, check_sizes


class Path(nn.Module):
    """Judges one part by the products of its bones."""

    def __init__(self, inputs: int, width: int, hidden: int) -> None:
        super().__init__()
        self.kcs_layer_1 = nn.Linear(inputs, width)
        self.kcs_layer_2 = nn.Linear(width, width)
        self.kcs_layer_3 = nn.Linear(width, width)
        self.layer_last = nn.Linear(width, hidden)
        self.layer_pred = nn.Linear(hidden, 1)

    def forward(self, products: Float[Tensor, "poses products"]) -> Float[Tensor, "poses 1"]:
        first = F.leaky_relu(self.kcs_layer_1(products))
        y = self.kcs_layer_3(F.leaky_relu(self.kcs_layer_2(first)))
        return self.layer_pred(F.leaky_relu(self.layer_last(y + first)))


class PartDiscriminator(nn.Module):
    """Judges a body by its parts, each alone, and by the directions of bones, not their lengths.

    What it is given of a part are the cosines between its bones (a kinematic chain space), so that
    a part and its mirror image look alike to it.

    Args:
        parts: The bones of each part.
    """

    mask: Tensor

    def __init__(
        self, bones: int, parts: Sequence[Sequence[int]], width: int = 256, hidden: int = 100
    ) -> None:
        super().__init__()
        check_sizes("PartDiscriminator", bones=bones, parts=len(parts), width=width, hidden=hidden)
        self.bones = bones
        mask = torch.zeros(len(parts), bones)
        for number, part in enumerate(parts):
            mask[number, list(part)] = 1
        self.register_buffer("mask", mask, persistent=False)
        for number in range(1, len(parts) + 1):
            self.add_module(f"kcs_path_{number}", Path(bones**2, width, hidden))

    def reset(self) -> None:
        """Fresh numbers in every layer."""
        reset_linear(self)

    def forward(self, directions: Float[Tensor, "poses bones 3"]) -> Float[Tensor, "poses parts"]:
        """A score for each part of bodies whose bones have these directions."""
        check_input("PartDiscriminator", directions, bones=self.bones, axes=3)
        products = part_products(directions, self.mask).flatten(2).unbind(dim=1)
        paths = self.children()
        return torch.cat([path(each) for path, each in zip(paths, products, strict=True)], dim=1)


def part_products(
    directions: Float[Tensor, "poses bones 3"], mask: Float[Tensor, "parts bones"]
) -> Float[Tensor, "poses parts bones bones"]:
    """For each part the products of its bones with each other; 0 for bones outside of it."""
    whole = directions @ directions.mT
    return whole[:, None] * (mask[:, :, None] * mask[:, None, :])


class PictureDiscriminator(nn.Module):
    """Judges a body by where its joints are in the picture: its place and size count, too."""

    def __init__(self, joints: int, width: int = 100) -> None:
        super().__init__()
        check_sizes("PictureDiscriminator", joints=joints, width=width)
        self.joints = joints
        self.pose_layer_1 = nn.Linear(2 * joints, width)
        self.pose_layer_2 = nn.Linear(width, width)
        self.pose_layer_3 = nn.Linear(width, width)
        self.pose_layer_4 = nn.Linear(width, width)
        self.layer_last = nn.Linear(width, width)
        self.layer_pred = nn.Linear(width, 1)

    def reset(self) -> None:
        """Fresh numbers in every layer."""
        reset_linear(self)

    def forward(self, screen: Float[Tensor, "poses joints 2"]) -> Float[Tensor, "poses 1"]:
        """A score for bodies on the normalised screen."""
        check_input("PictureDiscriminator", screen, joints=self.joints, axes=2)
        first = F.leaky_relu(self.pose_layer_1(screen.flatten(1)))
        y = F.leaky_relu(self.pose_layer_2(first))
        y = F.leaky_relu(self.pose_layer_3(y) + first)
        return self.layer_pred(F.leaky_relu(self.layer_last(self.pose_layer_4(y))))


def reset_linear(network: nn.Module) -> None:
    """Start all linear layers of a network anew."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
