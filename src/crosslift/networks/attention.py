"""Scaled dot-product attention in the form that is quickest for its size and precision."""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

Heads = Float[Tensor, "rows heads tokens width"]
FEW = 32
"""Tokens up to which the fused form does not pay on a processor."""


def attend(
    queries: Heads,
    keys: Heads,
    values: Heads,
    *,
    dropout: float = 0.0,
    scale: float | None = None,
) -> Heads:
    """For each query the values, weighed by the softmax of its products with the keys.

    Args:
        dropout: Share of the weights that is left out; whoever asks says whether it is training.
        scale: Of the products; unless given, one over the root of the width.
    """
    if fuses(queries, dropout):
        return F.scaled_dot_product_attention(queries, keys, values, dropout_p=dropout, scale=scale)
    if queries.shape[-2] > FEW:  # else the products copy them, and slower
        queries, keys, values = (each.contiguous() for each in (queries, keys, values))
    factor = queries.shape[-1] ** -0.5 if scale is None else scale
    weights = ((queries * factor) @ keys.mT).softmax(dim=-1)
    return F.dropout(weights, dropout, training=dropout > 0) @ values


def fuses(queries: Heads, dropout: float) -> bool:
    """Whether the fused form is the quicker one.

    Elsewhere than on a processor it always is. There, by `benchmarks/bench_lifters.py`, its
    bfloat16 takes up to twice as long as two products and a softmax, whatever the size, for it
    multiplies in blocks that are too small for the processor's instructions; and a few tokens fill
    none of its blocks, which costs as much in float32 on two threads. With dropout it falls back
    to a plain form of its own.
    """
    if queries.device.type != "cpu" or dropout > 0:
        return True
    return queries.dtype.itemsize > 2 and queries.shape[-2] > FEW
