"""How a golden file's weights enter a network."""

from typing import TypeVar

from torch import nn

from ..golden import Golden

Network = TypeVar("Network", bound=nn.Module)


def loaded(network: Network, golden: Golden) -> Network:
    """The network with the file's weights, for evaluation; names, shapes and order must agree."""
    ours = [[name, list(value.shape)] for name, value in network.state_dict().items()]
    for own, published in zip(ours, golden.meta["parameters"], strict=True):
        if own != published:
            raise ValueError(f"The published state dict has {published} where ours has {own}.")
    network.load_state_dict(golden.weights(), strict=True)
    return network.eval().requires_grad_(False)
