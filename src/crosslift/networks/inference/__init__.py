"""Networks in the form that only computes poses, and does so fast."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from torch import nn

from ...errors import SettingsError
from ..d3dp import D3DP
from ..grand import GrandMixSTE
from ..iganet import IGANet
from ..mixste import MixSTE
from ..poseformer import PoseFormer
from ..pstmo import PSTMO
from ..semgcn import SemGCN
from ..simple_baseline import SimpleBaseline
from ..stgcn import STGCN, PoseAugSTGCN
from ..time_mixer import TimeMixer
from ..videopose import VideoPose
from .compiled import compiled as compiled_form
from .denoisers import FastD3DP, QuantisedD3DP, fast_grand
from .quantised import QuantisedMixSTE
from .semgcn import FastSemGCN
from .simple_baseline import FastSimpleBaseline
from .stgcn import FastPoseAugSTGCN, FastSTGCN
from .time_mixer import FastTimeMixer
from .transformers import FastMixSTE, fast_transformer
from .videopose import FastVideoPose

FORMS: dict[type[nn.Module], Callable[[Any, torch.dtype], nn.Module]] = {
    D3DP: FastD3DP,
    GrandMixSTE: fast_grand,
    IGANet: fast_transformer,
    MixSTE: FastMixSTE,
    PoseFormer: fast_transformer,
    PSTMO: fast_transformer,
    PoseAugSTGCN: FastPoseAugSTGCN,
    SemGCN: FastSemGCN,
    SimpleBaseline: FastSimpleBaseline,
    STGCN: FastSTGCN,
    TimeMixer: FastTimeMixer,
    VideoPose: FastVideoPose,
}
"""Of these kinds and not of their children, who may compute something else."""

IN_INTEGERS: dict[type[nn.Module], Callable[[Any, torch.dtype], nn.Module]] = {
    D3DP: QuantisedD3DP,
    MixSTE: QuantisedMixSTE,
}
"""Those that are so wide that eight bits pay for what it takes to get there."""

PRECISIONS = (torch.float32, torch.bfloat16, torch.float16, torch.int8)


def for_inference(
    network: nn.Module, dtype: torch.dtype = torch.float32, *, compiled: bool = False
) -> nn.Module:
    """The same function of keypoints, evaluated faster and without gradients.

    Norms of batches are folded into the layers beside them, weights are laid out for this machine,
    and products are in the precision that is asked for. Keypoints and poses are float32, and so is
    inside whatever the poses' accuracy hangs on. The original stays as it is. The form belongs to
    the device of its weights and is not copied or stored: make another from the network.

    Args:
        dtype: Of the products; int8 means that of integers, with attention in bfloat16.
        compiled: Translate the form into machine code of its own when it is first called.
    """
    check_precision(dtype)
    forms = IN_INTEGERS if dtype == torch.int8 else FORMS
    make = forms.get(type(network))
    if make is None and type(network) in FORMS:
        raise SettingsError(
            f"There is no form of {type(network).__name__} with products of int8; choose bfloat16."
        )
    if make is None:
        raise SettingsError(
            f"There is no inference form of {type(network).__name__}; use the network as it is."
        )
    if compiled and dtype == torch.int8:
        raise SettingsError(
            "Products of int8 are not for the compiler, which has no fast ones; choose bfloat16, "
            "or leave --compiled out."
        )
    form = make(deepcopy(network).eval().requires_grad_(False), dtype).eval()
    return compiled_form(form) if compiled else form


def check_precision(dtype: torch.dtype) -> None:
    """Refuse what no network computes in."""
    if dtype not in PRECISIONS:
        known = ", ".join(str(each).removeprefix("torch.") for each in PRECISIONS)
        raise SettingsError(
            f"Networks infer in one of {known}, but {dtype} was asked for; choose one of these."
        )
