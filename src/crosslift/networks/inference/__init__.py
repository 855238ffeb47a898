"""Networks in the form that only computes poses, and does so fast."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from torch import nn

from ...errors import SettingsError
from ..iganet import IGANet
from ..mixste import MixSTE
from ..poseformer import PoseFormer
from ..pstmo import PSTMO
from ..semgcn import SemGCN
from ..simple_baseline import SimpleBaseline
from ..stgcn import STGCN, PoseAugSTGCN
from ..videopose import VideoPose
from .semgcn import FastSemGCN
from .simple_baseline import FastSimpleBaseline
from .stgcn import FastPoseAugSTGCN, FastSTGCN
from .transformers import FastMixSTE, fast_transformer
from .videopose import FastVideoPose

FORMS: dict[type[nn.Module], Callable[[Any, torch.dtype], nn.Module]] = {
    IGANet: fast_transformer,
    MixSTE: FastMixSTE,
    PoseFormer: fast_transformer,
    PSTMO: fast_transformer,
    PoseAugSTGCN: FastPoseAugSTGCN,
    SemGCN: FastSemGCN,
    SimpleBaseline: FastSimpleBaseline,
    STGCN: FastSTGCN,
    VideoPose: FastVideoPose,
}
"""Of these kinds and not of their children, who may compute something else."""

PRECISIONS = (torch.float32, torch.bfloat16, torch.float16)


def for_inference(network: nn.Module, dtype: torch.dtype = torch.float32) -> nn.Module:
    """The same function of keypoints, evaluated faster and without gradients.

    Norms of batches are folded into the layers beside them, weights are laid out for this machine,
    and products are in the precision that is asked for. Keypoints and poses are float32, and so is
    inside whatever the poses' accuracy hangs on. The original stays as it is. The form belongs to
    the device of its weights and is not copied or stored: make another from the network.
    """
    check_precision(dtype)
    form = FORMS.get(type(network))
    if form is None:
        raise SettingsError(
            f"There is no inference form of {type(network).__name__}; use the network as it is."
        )
    return form(deepcopy(network).eval().requires_grad_(False), dtype).eval()


def check_precision(dtype: torch.dtype) -> None:
    """Refuse what no network computes in."""
    if dtype not in PRECISIONS:
        known = ", ".join(str(each).removeprefix("torch.") for each in PRECISIONS)
        raise SettingsError(
            f"Networks infer in one of {known}, but {dtype} was asked for; choose one of these."
        )
