"""The sizes of denoisers, and the diffusion whose tables their files hold beside the weights."""

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

import torch
from torch import Tensor

from ..diffusion import noise_schedule
from ..diffusion.schedule import Kind
from ..errors import CheckpointError
from ..networks.grand import GrandSettings
from ..networks.mixste import MixSTESettings
from .frame_lifters import heads_note
from .kinds import Choices, Read, State
from .shapes import Shapes

BEGINNINGS = ("pose_estimator.", "model.")
"""What the whole of D3DP, and of Diff3DHPE, calls the denoiser in it."""
TABLES = frozenset(noise_schedule(times=2).tables())
BETAS = "betas"
NEAR = 1e-6
"""As the tables of some files are float32."""


def denoiser_alone(state: State) -> State:
    """The weights less the tables of the diffusion, under the names of the denoiser itself."""
    return {_own(name): value for name, value in state.items() if name not in TABLES}


def _own(name: str) -> str:
    for beginning in BEGINNINGS:
        name = name.removeprefix(beginning)
    return name


def read_d3dp(shapes: Shapes, choices: Choices) -> Read:
    """All but the heads can be told."""
    sizes = _sizes(shapes, choices, "Spatial_patch_to_embedding")
    return Read(MixSTESettings(**sizes), (heads_note(choices),))


def read_diff3dhpe(shapes: Shapes, choices: Choices) -> Read:
    """All but the heads can be told."""
    settings = GrandSettings(
        **_sizes(shapes, choices, "fusion_layer"),
        time_embedding="time_mlp.1.weight" in shapes,
        centre="weighted_mean.weight" in shapes,
    )
    return Read(settings, (heads_note(choices),))


def _sizes(shapes: Shapes, choices: Choices, first: str) -> dict[str, Any]:
    """What both have in common; noisy poses take three of the first layer's channels."""
    width = shapes.axis("Spatial_pos_embed", 2)
    return {
        "frames": shapes.axis("Temporal_pos_embed", 1),
        "joints": shapes.axis("Spatial_pos_embed", 1),
        "channels": shapes.axis(f"{first}.weight", 1) - 3,
        "width": width,
        "depth": shapes.layers("STEblocks"),
        "heads": choices.heads,
        "mlp_ratio": shapes.axis("STEblocks.0.mlp.fc1.weight", 0) / width,
        "qkv_bias": "STEblocks.0.attn.qkv.bias" in shapes,
    }


class Noise(NamedTuple):
    """A schedule of ours."""

    schedule: Kind
    times: int


def noise_in(state: Mapping[str, Tensor]) -> Noise | None:
    """The schedule that a file's tables are those of; None where it holds none."""
    found = state.get(BETAS)
    if found is None:
        return None
    times = found.numel()
    for kind in get_args(Kind):
        ours = noise_schedule(kind, max(times, 1)).betas
        if found.shape == ours.shape and torch.allclose(found.double(), ours, rtol=NEAR, atol=0):
            return Noise(kind, times)
    raise CheckpointError(
        f"A diffusion's noise should follow one of the schedules {', '.join(get_args(Kind))}, but "
        f'"{BETAS}" holds {times} numbers of none of them; poses drawn by another schedule would '
        "be wrong, so this file cannot be used."
    )
