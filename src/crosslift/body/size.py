"""From proportions to metres: a stature, or bones that somebody measured."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import SettingsError, unknown_name
from ..geometry import DEFAULT_STATURE, stature
from .bones import KINDS, SKELETON, average, of_joints, without_side
from .network import Normal

STATURES = 0.056
"""Standard deviation of adults' statures, as a logarithm: what a person may differ from 1.70 m."""
TAPE = 0.01
"""The same of a bone measured from joint to joint with a tape."""
SHORTEST, TALLEST = 0.4, 2.7
"""Metres within which a stature must lie."""
LONGEST = 0.8
"""Metres above which no bone is."""
CLOSEST = 0.5
"""How much the bones that nobody measured may be shortened or lengthened to fit a stature."""


class Sized(NamedTuple):
    """Lengths in metres of the ten kinds of bones, and their standard deviations."""

    lengths: Float[Tensor, "10"]
    spread: Float[Tensor, "10"]


def sized(shares: Normal, height: float | None, measured: Mapping[int, float]) -> Sized:
    """The lengths of a person of whom a stature, some bones, both or nothing was measured.

    A normal distribution of all logarithms is conditioned on what was measured, so that a tape on
    one bone also moves those that go with it. Where bones but no stature are given, the stature
    is one of the unknowns.

    Args:
        height: The stature in metres.
        measured: Metres of bones, by their place in `KINDS`.
    """
    mean = shares.mean.double() + math.log((height or DEFAULT_STATURE) / DEFAULT_STATURE)
    spread = shares.covariance.double()
    if measured:
        unknown_size = STATURES**2 if height is None else 0.0
        mean, spread = conditioned(mean, spread + unknown_size, measured)
    lengths = average().double() * mean.exp()
    free = torch.tensor([kind not in measured for kind in range(len(KINDS))])
    for kind, metres in measured.items():
        lengths[kind] = metres
    if height is not None or not measured:
        lengths = fitted(lengths, free, height or DEFAULT_STATURE)
    relative = spread.diagonal().clamp_min(0).sqrt()
    return Sized(lengths.float(), (lengths * torch.where(free, relative, TAPE)).float())


def conditioned(
    mean: Float[Tensor, "10"], covariance: Float[Tensor, "10 10"], measured: Mapping[int, float]
) -> tuple[Float[Tensor, "10"], Float[Tensor, "10 10"]]:
    """Mean and covariance of the logarithms, some of which were measured with a tape."""
    known = list(measured)
    found = torch.tensor([measured[kind] for kind in known], dtype=mean.dtype)
    off = (found / average()[known]).log() - mean[known]
    error = TAPE**2 * torch.eye(len(known), dtype=mean.dtype)
    inner = covariance[known][:, known] + error
    gain = torch.linalg.solve(inner, covariance[known]).mT
    return mean + gain @ off, covariance - gain @ covariance[known]


def fitted(lengths: Float[Tensor, "10"], free: Tensor, height: float) -> Float[Tensor, "10"]:
    """The lengths with the free ones all longer or shorter, so that the stature is `height`."""
    free_part, kept = (
        float(stature(of_joints(torch.where(part, lengths, 0)), SKELETON)) for part in (free, ~free)
    )
    if free_part == 0:  # all of the chain was measured, which says more than a stature
        return lengths
    factor = (height - kept) / free_part
    if not CLOSEST < factor < 1 / CLOSEST:
        raise SettingsError(
            f"The measured bones should fit a stature of {height:g} m, but the others would have "
            f"to be {factor:.2f} times as long as they look; check both, in metres."
        )
    return torch.where(free, lengths * factor, lengths)


def check_height(height: float | None) -> None:
    """Refuse a stature that nobody has."""
    if height is not None and not SHORTEST <= height <= TALLEST:
        raise SettingsError(
            f"A stature lies between {SHORTEST:g} and {TALLEST:g} metres, but {height:g} was "
            "given; give metres, such as 1.75."
        )


def places_of(measured: Mapping[str, float]) -> dict[int, float]:
    """The measured bones by their place in `KINDS`; both sides get the same length."""
    found: dict[int, float] = {}
    for name, metres in measured.items():
        if not 0 < metres <= LONGEST:
            raise SettingsError(
                f'The bone "{name}" should be longer than 0 and at most {LONGEST:g} metres, but '
                f"{metres:g} was given; give metres, such as 0.41."
            )
        kind = kind_named(name)
        if kind in found and found[kind] != metres:
            raise SettingsError(
                f'"{KINDS[kind]}" was measured as {found[kind]:g} and as {metres:g} metres; both '
                "sides of a body are taken as equal, so give their mean."
            )
        found[kind] = metres
    return found


def kind_named(name: str) -> int:
    """The place in `KINDS` of the bone between two joints, named in any order, with side or not."""
    plain = without_side(name)
    for spelling in (plain, "-".join(reversed(plain.split("-")))):
        if spelling in KINDS:
            return KINDS.index(spelling)
    raise SettingsError(unknown_name("bone called", name, KINDS))
