"""P-STMO's first stage: keypoints of whole frames and of single joints are hidden and restored.

It needs no poses. The parts that it shares with the lifter are then carried over by `start_from`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Generator, Tensor, nn

from ..errors import SettingsError
from .layers import check_heads, check_input, check_rates
from .pstmo import (
    PSTMO,
    PSTMO_S_243,
    FrameEncoder,
    Layer,
    Layers,
    PSTMOSettings,
    Transformer,
    UnbiasedNorm,
    positions,
    read_out,
)

Keypoints = Float[Tensor, "batch frames joints 2"]


@dataclass(frozen=True)
class Masking:
    """How much is hidden."""

    share: float = 0.8
    """Of the frames; rounded down to whole ones."""
    joints: int = 7
    """In each frame."""

    def __post_init__(self) -> None:
        check_rates("Masking", share=self.share)


S_GT_243 = Masking(share=0.8, joints=7)
S_CPN_243 = Masking(share=0.8, joints=2)
CPN_243 = Masking(share=0.6, joints=3)
S_3DHP_81 = Masking(share=0.7, joints=2)
"""The published runs: P-STMO-S but for the third."""


class Masks(NamedTuple):
    """What is hidden from the network, in all windows of a batch alike."""

    frames: Bool[Tensor, " frames"]
    joints: Bool[Tensor, "frames joints"]


def draw_masks(settings: PSTMOSettings, masking: Masking, rng: Generator) -> Masks:
    """Masks as the publication draws them, on the generator's device.

    The last joint is never hidden: the release draws among the others by mistake or by intent.
    """
    frames, candidates, device = settings.frames, settings.joints - 1, rng.device
    if not 0 <= masking.joints <= candidates:
        raise SettingsError(
            f"Of {settings.joints} joints up to {candidates} can be hidden, but {masking.joints} "
            "were asked for; choose fewer."
        )
    hidden_frames = torch.zeros(frames, dtype=torch.bool, device=device)
    order = torch.randperm(frames, generator=rng, device=device)
    hidden_frames[order[: int(frames * masking.share)]] = True
    hidden_joints = torch.zeros(frames, settings.joints, dtype=torch.bool, device=device)
    order = torch.rand(frames, candidates, generator=rng, device=device).argsort(dim=-1)
    hidden_joints.scatter_(-1, order[:, : masking.joints], value=True)
    return Masks(hidden_frames, hidden_joints)


class PSTMOPretraining(nn.Module):
    """The keypoints of all frames, restored from those that the masks leave.

    A second transformer, half as wide and one layer less deep, restores them. It does not care in
    which order it is given the frames, so they stay in their own; the release puts the visible
    ones first.
    """

    def __init__(self, settings: PSTMOSettings = PSTMO_S_243) -> None:
        super().__init__()
        self.settings = s = settings
        width, hidden = s.width // 2, s.hidden // 2
        check_heads("P-STMO's pre-training", width, s.heads)
        layers = [Layer(width, hidden, s.heads, s.dropout) for _ in range(s.depth - 1)]
        self.dec_pos_embedding = positions(s.frames, width)
        self.mask_token = positions(1, width)
        self.spatial_mask_token = positions(1, 2)
        self.encoder = FrameEncoder(s)
        self.Transformer = Transformer(s)
        self.Transformer_dec = nn.ModuleDict({"model": Layers(width, layers)})
        self.encoder_to_decoder = nn.Linear(s.width, width, bias=False)
        self.encoder_LN = UnbiasedNorm(s.width)
        self.fcn_dec = read_out(width, 2 * s.joints)

    def forward(self, keypoints: Keypoints, masks: Masks) -> Keypoints:
        s, shown = self.settings, ~masks.frames
        check_input("P-STMO", keypoints, frames=s.frames, joints=s.joints, coordinates=2)
        check_input("P-STMO", masks.joints, frames=s.frames, joints=s.joints)
        seen = torch.where(masks.joints[..., None], self.spatial_mask_token, keypoints)
        visible = self.Transformer(self.encoder(seen), shown)
        visible = self.encoder_to_decoder(self.encoder_LN(visible))
        tokens = self.mask_token.repeat(len(visible), s.frames, 1)
        tokens[:, shown] = visible.to(tokens)
        x = self.Transformer_dec["model"](tokens + self.dec_pos_embedding)
        x = self.fcn_dec(rearrange(x, "batch frames width -> batch width frames"))
        return rearrange(x, "batch (joints xy) frames -> batch frames joints xy", xy=2)


def start_from(lifter: PSTMO, pretrained: PSTMOPretraining) -> None:
    """Give the lifter what the first stage has learned of the parts that both have."""
    if lifter.settings != pretrained.settings:
        raise SettingsError(
            f"A lifter starts from a first stage of its own settings, {lifter.settings}, but was "
            f"given one of {pretrained.settings}; pre-train with the lifter's settings."
        )
    lifter.encoder.load_state_dict(pretrained.encoder.state_dict())
    lifter.Transformer.load_state_dict(pretrained.Transformer.state_dict())
