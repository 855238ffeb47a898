"""Perceptrons of rectifiers, and three ways through them: as they are, remembered, straightened.

Between its kinks such a network is linear. A way that was remembered can be gone again by another
input as if no rectifier bent: what comes out is by how much the network's answer changes in that
direction. A gradient penalty needs no more than that of a network; see `penalty`.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

Rows = Float[Tensor, "rows width"]
Given = Float[Tensor, "rows numbers"]


class Way:
    """Through a network as it is."""

    def linear(self, layer: nn.Linear, x: Given) -> Rows:
        """What a layer makes of the rows."""
        return layer(x)

    def bend(self, x: Rows, slope: float = 0.0) -> Rows:
        """The rows rectified; what is below zero is multiplied by the slope."""
        return F.relu(x) if slope == 0 else F.leaky_relu(x, slope)


class Remembered(Way):
    """The same, noting what each layer said and where each rectifier bent."""

    def __init__(self) -> None:
        self.layers: list[nn.Linear] = []
        self.said: list[Tensor] = []
        self.bent: list[Tensor] = []

    def linear(self, layer: nn.Linear, x: Given) -> Rows:
        """What a layer makes of the rows."""
        self.layers.append(layer)
        self.said.append(layer(x))
        return self.said[-1]

    def bend(self, x: Rows, slope: float = 0.0) -> Rows:
        """The rows rectified."""
        self.bent.append(x.detach())
        return super().bend(x, slope)


class Straightened(Way):
    """Along a way that was remembered, as a linear map: no layer adds, no rectifier bends anew."""

    def __init__(self, along: Remembered) -> None:
        self.said = iter(along.said)
        self.bent = iter(along.bent)
        self.heard: list[Tensor] = []
        """What each layer was given."""

    def linear(self, layer: nn.Linear, x: Given) -> Rows:
        """What a layer's weights alone make of the rows."""
        self.heard.append(x)
        return F.linear(x, layer.weight).to(next(self.said).dtype)

    def bend(self, x: Rows, slope: float = 0.0) -> Rows:
        """The rows times the slopes that were met there."""
        before = next(self.bent)
        if slope:
            return torch.ops.aten.leaky_relu_backward(x, before, slope, False)
        return torch.ops.aten.threshold_backward(x, before, 0)


AS_IT_IS = Way()


class Entrance(nn.Sequential):
    """A layer and a rectifier, under the name that the publication gives the layer."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__(nn.Linear(inputs, width))

    def forward(self, input: Given, way: Way = AS_IT_IS) -> Rows:  # noqa: A002  PyTorch's own name
        layer = self[0]
        assert isinstance(layer, nn.Linear), "it is all there is"
        return way.bend(way.linear(layer, input))


class Block(nn.Module):
    """Two layers, skipped by what enters them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)

    def forward(self, x: Rows, way: Way = AS_IT_IS) -> Rows:
        inner = way.bend(way.linear(self.fc1, x))
        return way.bend(way.linear(self.fc2, inner) + x)


def reset(network: nn.Module) -> None:
    """Start all layers of a network anew."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
