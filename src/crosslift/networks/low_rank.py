"""Low-rank additions to a network's layers: few numbers move, and the network itself stays.

A layer's weight W becomes W + scale * up @ down, where `up` and `down` are so narrow that they
hold a hundredth of its numbers (LoRA; Hu et al. 2022). PoSynDA (Liu et al., ACM MM 2023) adapts the
attention of a D3DP so; the names of its checkpoints are those below.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from ..errors import SettingsError
from .layers import check_rates, check_sizes

Layer = nn.Linear | nn.Conv1d | nn.Conv2d
Layers = dict[str, nn.Module]
KINDS = (nn.Linear, nn.Conv1d, nn.Conv2d)
"""Of these and not of their children, who may do more with their weights than multiply."""
NARROW = 128
"""Inputs up to which a layer of a processor learns sooner through the sum of both weights."""
OURS = ("lora_down.weight", "lora_up.weight")
"""How the names of the numbers that move end."""


@dataclass(frozen=True)
class LowRankSettings:
    """Where numbers are added to a network, and how many."""

    layers: tuple[str, ...] = (r"attn\.(qkv|proj)$",)
    """Patterns, one of which must be found in a layer's name; those of all attention unless given
    (PoSynDA). "." takes all linear layers and convolutions."""
    rank: int = 4
    """Columns of `up` and rows of `down`."""
    scale: float = 1.0
    """By which their product is multiplied."""
    dropout: float = 0.0
    """Share of the narrow features that are left out in training."""

    def __post_init__(self) -> None:
        """Refuse what adds nothing, and patterns that are none."""
        check_sizes("A low-rank addition", rank=self.rank)
        check_rates("a low-rank addition", dropout=self.dropout)
        if self.scale == 0 or not self.layers:
            raise SettingsError(
                "A low-rank addition needs a scale other than 0 and patterns of layers' names, but "
                f"{self.scale:g} and {len(self.layers)} patterns were given."
            )
        for pattern in self.layers:
            try:
                re.compile(pattern)
            except re.error as problem:
                raise SettingsError(
                    f'"{pattern}" should be a pattern of layers\' names, but {problem}; "." takes '
                    "all layers."
                ) from problem


class LowRank(nn.Module):
    """A layer, and beside it a narrow way from its input to its output."""

    lora_down: Layer
    lora_up: Layer
    linear: Layer

    def __init__(self, layer: Layer, rank: int, scale: float = 1.0, dropout: float = 0.0) -> None:
        """A way that adds nothing yet; its weights are not drawn.

        Args:
            layer: Stays as it is, and is no copy.
        """
        super().__init__()
        self.linear = layer
        self.lora_down, self.lora_up = narrow(layer, rank)
        self.dropout, self.scale = nn.Dropout(dropout), scale

    def forward(self, x: Tensor) -> Tensor:
        if self.sums_weights:
            up, down = self.lora_up.weight, self.lora_down.weight
            return F.linear(x, self.linear.weight + self.scale * (up @ down), self.bias)
        return self.linear(x) + self.scale * self.lora_up(self.dropout(self.lora_down(x)))

    @property
    def sums_weights(self) -> bool:
        """Whether one product with the sum of both weights is the quicker way through a layer.

        It is wherever nothing is learned. To learn through it asks for the gradient of all of the
        layer's weights, which pays where the layer is narrow and passes over the tokens are dear.
        """
        if not isinstance(self.linear, nn.Linear) or (self.training and self.dropout.p > 0):
            return False
        return not torch.is_grad_enabled() or self.linear.in_features <= NARROW

    def draw(self, rng: Generator) -> None:
        """Begin anew: `down` is random as published, and `up` is zero, so that nothing changes."""
        down, up = self.lora_down.weight, self.lora_up.weight
        drawn = torch.randn(down.shape, generator=rng, device=rng.device)
        with torch.no_grad():
            down.copy_(drawn / len(down))
            up.zero_()

    @property
    def weight(self) -> Float[Tensor, "out *rest"]:
        """Of the one layer that does the same."""
        up, down = (each.weight.double().flatten(1) for each in (self.lora_up, self.lora_down))
        weight = self.linear.weight
        return (weight + self.scale * (up @ down).view_as(weight)).to(weight.dtype)

    @property
    def bias(self) -> Float[Tensor, " out"] | None:
        """The layer's own."""
        return self.linear.bias

    def merged(self) -> Layer:
        """The one layer that does the same, with weights of its own."""
        plain = like(self.linear)
        with torch.no_grad():
            plain.weight.copy_(self.weight)
            if plain.bias is not None and self.bias is not None:
                plain.bias.copy_(self.bias)
        return plain.train(self.training)


def narrow(layer: Layer, rank: int) -> tuple[Layer, Layer]:
    """Two layers that look where `layer` looks, with as few numbers between them as `rank`."""
    out = len(layer.weight)
    made = {"device": "meta", "dtype": layer.weight.dtype}
    if isinstance(layer, nn.Linear):
        down: Layer = nn.Linear(layer.in_features, rank, bias=False, **made)
        up: Layer = nn.Linear(rank, out, bias=False, **made)
    else:
        kind = type(layer)
        inner = {name: getattr(layer, name) for name in ("stride", "padding", "dilation")}
        shape = layer.in_channels, rank, layer.kernel_size
        down = kind(*shape, **inner, padding_mode=layer.padding_mode, bias=False, **made)  # pyright: ignore[reportArgumentType]
        up = kind(rank, out, 1, bias=False, **made)
    device = layer.weight.device
    return down.to_empty(device=device), up.to_empty(device=device)


def like(layer: Layer) -> Layer:
    """A layer of the same sizes, whose weights are not set."""
    made = {"bias": layer.bias is not None, "device": "meta", "dtype": layer.weight.dtype}
    if isinstance(layer, nn.Linear):
        plain: Layer = nn.Linear(layer.in_features, layer.out_features, **made)
    else:
        names = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation")
        shape = {name: getattr(layer, name) for name in (*names, "padding_mode")}
        plain = type(layer)(**shape, **made)
    return plain.to_empty(device=layer.weight.device)


def inject(network: nn.Module, settings: LowRankSettings, rng: Generator) -> None:
    """Put low-rank additions beside the layers that the settings name; nothing else moves then.

    Layers that are narrower than the rank are left alone.
    """
    chosen = wide_enough(layers_named(network, settings.layers), settings.rank)
    network.requires_grad_(False)
    swap(network, {
        name: LowRank(layer, settings.rank, settings.scale, settings.dropout)
        for name, layer in chosen.items()
    })  # fmt: skip
    for added in low_rank_layers(network).values():
        added.draw(rng)


def layers_named(network: nn.Module, patterns: tuple[str, ...]) -> dict[str, Layer]:
    """The layers in whose names one of the patterns is found."""
    if low_rank_layers(network):
        raise SettingsError(
            "A network without low-rank additions was expected, but this one has some; merge them, "
            "or take them out first."
        )
    known = {name: cast(Layer, each) for name, each in network.named_modules()
             if type(each) in KINDS and getattr(each, "groups", 1) == 1}  # fmt: skip
    found = {name: each for name, each in known.items()
             if any(re.search(pattern, name) for pattern in patterns)}  # fmt: skip
    if not found:
        some = ", ".join(f'"{name}"' for name in list(known)[:4]) or "none at all"
        raise SettingsError(
            f"Layers of {type(network).__name__} were expected to be named by "
            f"{' or '.join(map(repr, patterns))}, but none is; its layers are {some}."
        )
    return found


def wide_enough(layers: dict[str, Layer], rank: int) -> dict[str, Layer]:
    """The layers of which a product of that rank is not more than the whole."""
    width = {name: min(len(each.weight), each.weight[0].numel()) for name, each in layers.items()}
    found = {name: each for name, each in layers.items() if width[name] >= rank}
    if not found:
        raise SettingsError(
            f"A rank of at most {max(width.values())} was expected, the numbers on the narrower "
            f"side of the layers that are named, but {rank} was given; lower it."
        )
    return found


def low_rank_layers(network: nn.Module) -> dict[str, LowRank]:
    """All low-rank additions of a network, by the names of their layers."""
    return {name: each for name, each in network.named_modules() if isinstance(each, LowRank)}


def additions(network: nn.Module) -> dict[str, Tensor]:
    """The numbers that were added, by their published names."""
    return {
        f"{name}.{end}": added.get_parameter(end)
        for name, added in low_rank_layers(network).items()
        for end in OURS
    }


def merge(network: nn.Module) -> Layers:
    """Put plain layers that do the same in the place of all additions; those that were there.

    `swap` puts these back, which gives back the very same numbers.
    """
    return swap(network, {name: each.merged() for name, each in low_rank_layers(network).items()})


def take_out(network: nn.Module) -> Layers:
    """Leave the network as it was before; the additions, which `swap` puts back."""
    return swap(network, {name: each.linear for name, each in low_rank_layers(network).items()})


def swap(network: nn.Module, layers: Mapping[str, nn.Module]) -> Layers:
    """Put layers in their places in a network; those that were there."""
    before = {name: network.get_submodule(name) for name in layers}
    for name, layer in layers.items():
        network.set_submodule(name, layer)
    return before


def hold_statistics(network: nn.Module) -> None:
    """Have norms of batches use what they learned before: their statistics are the base's."""
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.eval()
