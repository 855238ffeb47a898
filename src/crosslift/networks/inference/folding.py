"""Batch normalisation worked into the linear layer before or after it."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Linear(NamedTuple):
    """What a linear layer multiplies by and adds."""

    weight: Float[Tensor, "outputs inputs"]
    bias: Float[Tensor, " outputs"]


class Affine(NamedTuple):
    """What a trained batch normalisation does: times `scale`, plus `shift`."""

    scale: Float[Tensor, " width"]
    shift: Float[Tensor, " width"]


def affine(norm: nn.Module) -> Affine:
    """The fixed numbers of a batch normalisation, in double precision."""
    if not isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d):
        raise TypeError(f"A batch normalisation is folded, but {type(norm).__name__} was given.")
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        raise TypeError("A batch normalisation without running statistics cannot be folded.")
    spread = (variance.detach().double() + norm.eps).sqrt()
    scale = norm.weight.detach().double() / spread
    return Affine(scale, norm.bias.detach().double() - scale * mean.detach().double())


def linear(layer: nn.Module) -> Linear:
    """A linear layer or a convolution of width one as a matrix and a bias, in double precision."""
    weight = layer.get_parameter("weight").detach().double().flatten(1)
    bias = getattr(layer, "bias", None)
    return Linear(weight, weight.new_zeros(len(weight)) if bias is None else bias.detach().double())


def then_norm(layer: Linear, norm: nn.Module) -> Linear:
    """A linear layer that is followed by a batch normalisation, as one layer."""
    scale, shift = affine(norm)
    return Linear(scale[:, None] * layer.weight, scale * layer.bias + shift)


def norm_then(norm: nn.Module, layer: Linear) -> Linear:
    """A linear layer that follows a batch normalisation, as one layer."""
    scale, shift = affine(norm)
    return Linear(layer.weight * scale, layer.bias + layer.weight @ shift)


def stacked(*layers: Linear) -> Linear:
    """Layers on the same input as one, their results beside each other."""
    weights, biases = zip(*layers, strict=True)
    return Linear(torch.cat(weights), torch.cat(biases))
