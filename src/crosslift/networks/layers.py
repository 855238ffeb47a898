"""Layers and checks that several networks share."""

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from ..errors import DataError, SettingsError
from .attention import attend

Tokens = Float[Tensor, "rows tokens width"]


class DropPath(nn.Module):
    """Stochastic depth: in training, some rows go without a branch, others get more of it."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, branch: Tokens) -> Tokens:
        if not self.training or self.rate == 0:
            return branch
        kept = branch.new_empty(len(branch), 1, 1).bernoulli_(1 - self.rate)
        return branch * kept.div_(1 - self.rate)

    def extra_repr(self) -> str:
        return f"{self.rate:g}"


def drop_path_rates(highest: float, depth: int) -> list[float]:
    """A rate for each block, rising in equal steps from zero at the first to `highest`."""
    return [highest * number / max(depth - 1, 1) for number in range(depth)]


class Attention(nn.Module):
    """Self-attention among the tokens of a row; `qkv` holds all queries, then keys, then values."""

    def __init__(self, width: int, heads: int, bias: bool = True) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=bias)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tokens) -> Tokens:
        split = "rows tokens (three heads w) -> three rows heads tokens w"
        queries, keys, values = rearrange(self.qkv(x), split, three=3, heads=self.heads)
        mixed = attend(queries, keys, values)
        return self.proj(rearrange(mixed, "rows heads tokens w -> rows tokens (heads w)"))


class MLP(nn.Module):
    """Two linear layers with an exact GELU between them."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tokens) -> Tokens:
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    """A transformer's block, normalised before attention and before the MLP."""

    def __init__(
        self, width: int, heads: int, hidden: int, *, qkv_bias: bool = True, drop_path: float = 0.0
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads, qkv_bias)
        self.drop_path = DropPath(drop_path)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = MLP(width, hidden)

    def forward(self, x: Tokens) -> Tokens:
        x = x + self.drop_path(self.attn(self.norm1(x)))
        return x + self.drop_path(self.mlp(self.norm2(x)))


def check_sizes(network: str, *, least: int = 1, **sizes: int) -> None:
    """Refuse sizes below the least."""
    for name, size in sizes.items():
        if size < least:
            raise SettingsError(
                f'{network} needs "{name}" of at least {least}, but {size} was given; raise it.'
            )


def check_rates(network: str, **rates: float) -> None:
    """Refuse shares that are negative or leave nothing."""
    for name, rate in rates.items():
        if not 0 <= rate < 1:
            raise SettingsError(
                f'The "{name}" of {network} is a share from 0 to below 1, but {rate} was given; '
                "choose one such as 0.1."
            )


def check_heads(network: str, width: int, heads: int) -> None:
    """Refuse a width that cannot be shared out among the heads."""
    if width % heads:
        nearest = heads * max(1, round(width / heads))
        raise SettingsError(
            f"{network} shares a width out among {heads} heads, but {width} is no multiple of "
            f"{heads}; choose {nearest}, or another number of heads."
        )


def check_input(network: str, keypoints: Tensor, **sizes: int) -> None:
    """Refuse keypoints whose last axes, named from the left, differ from the network's sizes."""
    found = tuple(keypoints.shape[-len(sizes) :])
    if found != tuple(sizes.values()):
        wanted = " x ".join(f"{size} {name}" for name, size in sizes.items())
        raise DataError(
            f"This {network} takes {wanted}, but was given a tensor of shape "
            f"{tuple(keypoints.shape)}; cut windows of that length and map the joints first."
        )
