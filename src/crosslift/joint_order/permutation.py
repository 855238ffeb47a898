"""The order of joints that explains their distances best."""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray as Array
from scipy.optimize import linear_sum_assignment

from .distances import misfit, scaled
from .expectation import Expected

LEAST_GAIN = 1e-3
"""A change of order that betters the misfit by less is rounding."""


def best_order(
    seen: Float[Array, "joints joints"], usual: Expected
) -> tuple[Int[Array, " joints"], float]:
    """Which of the usual joints each one seems to be, and the misfit then.

    The search starts from the claimed order and from the one that pairs joints whose distances to
    all others, sorted, are alike; it reassigns all joints at once while that helps, then exchanges
    two at a time.
    """
    sized, count = scaled(seen, usual), len(seen)
    tables = (sized[:, :, None, None], usual.mean, usual.deviation)
    cost = misfit(*(table.astype(np.float32) for table in tables))
    cost[np.arange(count), np.arange(count)] = 0
    cost[:, :, np.arange(count), np.arange(count)] = 0
    profiles = [np.sort(table + np.diag([-9.0] * count), axis=1) for table in (sized, usual.mean)]
    alike = np.nansum(np.abs(profiles[0][:, None] - profiles[1]), axis=-1)
    starts = (np.arange(count), linear_sum_assignment(alike)[1])
    found = [_exchanged_pairs(cost, _reassigned(cost, start)) for start in starts]
    return min(found, key=lambda order_and_misfit: order_and_misfit[1])


def _total(cost: Array, order: Array) -> float:
    joints = np.arange(len(order))
    return float(cost[joints[:, None], joints, order[:, None], order].sum()) / 2


def _placed(cost: Array, order: Array) -> Array:
    """What each joint would cost at each place, all others being where they are."""
    return cost[:, np.arange(len(order)), :, order].sum(axis=0)


def _reassigned(cost: Array, order: Array) -> Array:
    """The order after reassigning all joints at once for as long as it helps."""
    while _total(cost, better := linear_sum_assignment(_placed(cost, order))[1]) < (
        _total(cost, order) - LEAST_GAIN
    ):
        order = better
    return order


def _exchanged_pairs(cost: Array, order: Array) -> tuple[Array, float]:
    """The order after the best exchanges of two joints for as long as they help, and its misfit."""
    one, other = np.triu_indices(len(order), 1)
    while True:
        placed = _placed(cost, order)
        here, there = order[one], order[other]
        gain = placed[one, here] + placed[other, there] - placed[one, there] - placed[other, here]
        gain = gain - 2 * cost[one, other, here, there]
        best = int(gain.argmax())
        if gain[best] <= LEAST_GAIN:
            return order, _total(cost, order)
        order = order.copy()
        order[[one[best], other[best]]] = there[best], here[best]
