"""PoseFormer: names and shapes of the published state dict, and frames that windows share."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.networks.poseformer import (
    POSEFORMER_9,
    POSEFORMER_81,
    POSEFORMER_DH_AUG,
    PoseFormer,
    PoseFormerSettings,
)


def block(half: str, number: int, width: int) -> dict[str, tuple[int, ...]]:
    shapes = {
        "norm1.weight": (width,),
        "norm1.bias": (width,),
        "attn.qkv.weight": (3 * width, width),
        "attn.qkv.bias": (3 * width,),
        "attn.proj.weight": (width, width),
        "attn.proj.bias": (width,),
        "norm2.weight": (width,),
        "norm2.bias": (width,),
        "mlp.fc1.weight": (2 * width, width),
        "mlp.fc1.bias": (2 * width,),
        "mlp.fc2.weight": (width, 2 * width),
        "mlp.fc2.bias": (width,),
    }
    return {f"{half}.{number}.{name}": shape for name, shape in shapes.items()}


def published_state() -> dict[str, tuple[int, ...]]:
    state: dict[str, tuple[int, ...]] = {
        "Spatial_pos_embed": (1, 17, 32),
        "Temporal_pos_embed": (1, 81, 544),
        "Spatial_patch_to_embedding.weight": (32, 2),
        "Spatial_patch_to_embedding.bias": (32,),
    }
    for half, width in (("Spatial_blocks", 32), ("blocks", 544)):
        for number in range(4):
            state |= block(half, number, width)
    return state | {
        "Spatial_norm.weight": (32,),
        "Spatial_norm.bias": (32,),
        "Temporal_norm.weight": (544,),
        "Temporal_norm.bias": (544,),
        "weighted_mean.weight": (1, 81, 1),
        "weighted_mean.bias": (1,),
        "head.0.weight": (544,),
        "head.0.bias": (544,),
        "head.1.weight": (51, 544),
        "head.1.bias": (51,),
    }


def test_the_state_dict_has_the_published_names_in_their_order():
    with torch.device("meta"):
        state = PoseFormer(POSEFORMER_81).state_dict()
    assert len(state) == 110
    assert [(name, tuple(value.shape)) for name, value in state.items()] == list(
        published_state().items()
    )


@pytest.mark.parametrize(
    ("settings", "number"),
    [
        (POSEFORMER_DH_AUG, 8_477_274),
        (PoseFormerSettings(frames=27, joints=16), 8_486_508),
        (PoseFormerSettings(frames=81, joints=16), 8_514_210),
        (POSEFORMER_9, 9_563_645),
    ],
)
def test_published_sizes(settings, number):
    with torch.device("meta"):
        network = PoseFormer(settings)
    assert sum(parameter.numel() for parameter in network.parameters()) == number


def test_overlapping_windows_share_what_is_made_of_their_frames():
    torch.manual_seed(0)
    network = PoseFormer(PoseFormerSettings(frames=5, joint_width=8, depth=1)).eval()
    clip = torch.randn(9, 17, 2)
    windows = torch.arange(5)[:, None] + torch.arange(5)
    tokens = network.embed(clip[None])[0]
    assert_close(network.mix(tokens[windows]), network(clip[windows]))


def test_both_halves_have_their_own_ramp_of_stochastic_depth():
    network = PoseFormer(PoseFormerSettings(joint_width=8, depth=3, drop_path=0.1))
    for half in (network.Spatial_blocks, network.blocks):
        assert [block.drop_path.rate for block in half] == pytest.approx([0, 0.05, 0.1])


def test_only_the_head_normalises_with_an_epsilon_of_1e_5():
    network = PoseFormer(PoseFormerSettings(joint_width=8, depth=1))
    norms = [m for m in network.modules() if isinstance(m, torch.nn.LayerNorm)]
    assert [norm for norm in norms if norm.eps != 1e-6] == [network.head[0]]
    assert network.head[0].eps == 1e-5


def test_dh_aug_starts_linear_layers_with_more_spread():
    torch.manual_seed(0)
    small = {"frames": 9, "joints": 16, "depth": 1}
    plain = PoseFormer(PoseFormerSettings(**small))
    kaiming = PoseFormer(PoseFormerSettings(**small, kaiming=True))
    spreads = [
        n.blocks[0].mlp.fc1.weight.detach().std().item() * 512**0.5 for n in (plain, kaiming)
    ]
    assert spreads[0] == pytest.approx(3**-0.5, rel=0.02)  # uniform within 1 / sqrt(fan-in)
    assert spreads[1] == pytest.approx(2**0.5, rel=0.02)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"frames": 0}, '"frames" of at least 1, but 0 was given; raise it'),
        ({"joint_width": 30}, "30 is no multiple of 8; choose 32, or another number of heads"),
        ({"drop_path": -0.1}, '"drop_path" of PoseFormer is a share .* -0.1 was given'),
    ],
)
def test_impossible_settings_are_refused(choice, words):
    with pytest.raises(SettingsError, match=words):
        PoseFormerSettings(**choice)
