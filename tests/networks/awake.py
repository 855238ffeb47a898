"""Denoisers that heed noise and time, as trained ones do; fresh ones heed keypoints alone."""

from typing import TypeVar

import torch
from torch import nn

from crosslift.networks.denoising import Denoising

Network = TypeVar("Network", bound=nn.Module)


def awake(network: Network) -> Network:
    """The network; whatever a denoiser begins with as zero is something now."""
    if isinstance(network, Denoising):
        rng = torch.Generator().manual_seed(7)
        with torch.no_grad():
            network.first.weight[:, -3:] = 0.3 * torch.randn(
                len(network.first.weight), 3, generator=rng
            )
            for layer in network.tellers_of_time:
                for each in layer.parameters():
                    each.copy_(0.2 * torch.randn(each.shape, generator=rng))
    return network
