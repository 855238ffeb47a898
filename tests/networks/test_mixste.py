"""MixSTE: names and shapes of the published state dict, and what the two kinds of blocks see."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.networks.mixste import (
    MIXSTE_1,
    MIXSTE_27,
    MIXSTE_81,
    MIXSTE_243,
    MixSTE,
    MixSTESettings,
)

BLOCK = {
    "norm1.weight": (512,),
    "norm1.bias": (512,),
    "attn.qkv.weight": (1536, 512),
    "attn.qkv.bias": (1536,),
    "attn.proj.weight": (512, 512),
    "attn.proj.bias": (512,),
    "norm2.weight": (512,),
    "norm2.bias": (512,),
    "mlp.fc1.weight": (1024, 512),
    "mlp.fc1.bias": (1024,),
    "mlp.fc2.weight": (512, 1024),
    "mlp.fc2.bias": (512,),
}


def published_state() -> dict[str, tuple[int, ...]]:
    blocks = {
        f"{kind}blocks.{number}.{name}": shape
        for kind in ("STE", "TTE")
        for number in range(8)
        for name, shape in BLOCK.items()
    }
    return {
        "Spatial_pos_embed": (1, 17, 512),
        "Temporal_pos_embed": (1, 243, 512),
        "Spatial_patch_to_embedding.weight": (512, 2),
        "Spatial_patch_to_embedding.bias": (512,),
        **blocks,
        "Spatial_norm.weight": (512,),
        "Spatial_norm.bias": (512,),
        "Temporal_norm.weight": (512,),
        "Temporal_norm.bias": (512,),
        "head.0.weight": (512,),
        "head.0.bias": (512,),
        "head.1.weight": (3, 512),
        "head.1.bias": (3,),
    }


def parameters(settings: MixSTESettings) -> int:
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in MixSTE(settings).parameters())


def test_the_state_dict_has_the_published_names_in_their_order():
    with torch.device("meta"):
        state = MixSTE(MIXSTE_243).state_dict()
    assert len(state) == 204
    assert [(name, tuple(value.shape)) for name, value in state.items()] == list(
        published_state().items()
    )


@pytest.mark.parametrize(
    ("settings", "number"),
    [
        (MIXSTE_1, 33_659_907),
        (MIXSTE_27, 33_673_219),
        (MIXSTE_81, 33_700_867),
        (MIXSTE_243, 33_783_811),
    ],
)
def test_published_sizes(settings, number):
    assert parameters(settings) == number


def test_only_the_head_normalises_with_an_epsilon_of_1e_5():
    network = MixSTE(MixSTESettings(frames=3, width=16, depth=1))
    norms = {
        name: module.eps
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.LayerNorm)
    }
    assert norms.pop("head.0") == 1e-5
    assert set(norms.values()) == {1e-6}
    assert len(norms) == 6


def test_tables_of_positions_start_at_zero():
    network = MixSTE(MixSTESettings(frames=3, width=16, depth=1))
    assert not network.Spatial_pos_embed.any()
    assert not network.Temporal_pos_embed.any()


def test_without_positions_reordered_frames_and_joints_give_reordered_poses():
    torch.manual_seed(0)
    network = MixSTE(MixSTESettings(frames=5, joints=6, width=16, depth=2)).eval()
    keypoints, frames, joints = torch.randn(2, 5, 6, 2), torch.randperm(5), torch.randperm(6)
    poses, reordered = network(keypoints), network(keypoints[:, frames][:, :, joints])
    assert_close(reordered, poses[:, frames][:, :, joints])


def test_positions_in_time_are_added_once():
    torch.manual_seed(0)
    network = MixSTE(MixSTESettings(frames=4, joints=3, width=16, depth=3)).eval()
    keypoints = torch.randn(1, 4, 3, 2)
    torch.nn.init.normal_(network.Temporal_pos_embed)
    seen = []
    for block in network.TTEblocks:
        block.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    normed = []
    network.Spatial_norm.register_forward_hook(lambda _, __, output: normed.append(output))
    network(keypoints)
    for depth, (tokens, features) in enumerate(zip(seen, normed, strict=True)):
        plain = features.reshape(4, 3, 16).transpose(0, 1)
        assert_close(tokens, plain + network.Temporal_pos_embed if depth == 0 else plain)


def test_a_joint_sees_all_others_at_all_times():
    torch.manual_seed(0)
    network = MixSTE(MixSTESettings(frames=5, joints=4, width=16, depth=1)).eval()
    keypoints = torch.randn(1, 5, 4, 2, requires_grad=True)
    network(keypoints)[0, 0, 0].sum().backward()
    assert (keypoints.grad.abs().sum(dim=-1) > 0).all()


def test_noisy_poses_fit_in_as_further_channels():
    network = MixSTE(MixSTESettings(frames=3, width=16, depth=1, channels=5))
    assert network(torch.randn(2, 3, 17, 5)).shape == (2, 3, 17, 3)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"depth": 0}, '"depth" of at least 1, but 0 was given; raise it'),
        ({"mlp_ratio": 0.0}, '"width x mlp_ratio" of at least 1, but 0 was given'),
        ({"width": 100}, "100 is no multiple of 8; choose 96, or another number of heads"),
        ({"drop_path": 1.0}, '"drop_path" of MixSTE is a share .* 1.0 was given; choose one'),
    ],
)
def test_impossible_settings_are_refused(choice, words):
    with pytest.raises(SettingsError, match=words):
        MixSTESettings(**choice)
