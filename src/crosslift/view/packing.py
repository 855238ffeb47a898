"""Arrays as short text that a browser unpacks: 16-bit steps or plain floats, in base64."""

from base64 import b64encode
from typing import TypedDict

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

MISSING = -32768
"""The 16-bit number that stands for NaN."""
LARGEST = 32767


class Packed(TypedDict):
    """An array as the page's script `packing.js` reads it."""

    kind: str
    """"int16", "float32" or "uint8", the lowest byte first."""
    shape: list[int]
    step: float
    """What the numbers are multiplied by."""
    base64: str


class PackedPoses(TypedDict):
    """Poses about their middles: 16 bits are too few for a room, but not for a body."""

    middles: Packed
    """`hypotheses frames 3`"""
    about: Packed
    """`hypotheses frames joints 3`"""


def pack(values: Float[Tensor, "..."]) -> Packed:
    """An array in 16-bit steps, 32767 of which make its largest magnitude; NaN is kept."""
    array = values.detach().double().cpu().numpy()
    known = np.isfinite(array)
    step = float(np.abs(array[known]).max()) / LARGEST if known.any() else 0.0
    step = step or 1.0
    whole = np.where(known, np.rint(np.where(known, array, 0) / step), MISSING)
    return _packed(whole.astype("<i2"), "int16", step)


def pack_exact(values: Float[Tensor, "..."]) -> Packed:
    """An array in single precision."""
    return _packed(values.detach().cpu().numpy().astype("<f4"), "float32")


def pack_mask(values: Bool[Tensor, "..."]) -> Packed:
    """A mask as bytes, 1 where it is true."""
    return _packed(values.cpu().numpy().astype(np.uint8), "uint8")


def pack_poses(poses: Float[Tensor, "hypotheses frames joints 3"]) -> PackedPoses:
    """Poses to a twentieth of a millimetre or so, wherever in the world they are."""
    middles = without_gaps(poses.nanmean(dim=2)).float()
    return {"middles": pack_exact(middles), "about": pack(poses - middles[:, :, None])}


def without_gaps(
    tracks: Float[Tensor, "hypotheses frames 3"],
) -> Float[Tensor, "hypotheses frames 3"]:
    """Tracks that stay where they were last while nothing is known, so that a view does too."""
    if not tracks.shape[1]:
        return tracks
    known = tracks.isfinite().all(dim=-1)
    frames = torch.arange(tracks.shape[1], device=tracks.device).expand_as(known)
    last = torch.where(known, frames, -1).cummax(dim=1).values
    first = torch.where(known, frames, frames.shape[-1]).amin(dim=1, keepdim=True)
    source = torch.where(last < 0, first, last).clamp_max(tracks.shape[1] - 1)
    return tracks.gather(1, source[..., None].expand_as(tracks)).nan_to_num()


def _packed(array: np.ndarray, kind: str, step: float = 1.0) -> Packed:
    text = b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {"kind": kind, "shape": list(array.shape), "step": step, "base64": text}
