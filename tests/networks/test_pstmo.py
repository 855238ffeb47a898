"""P-STMO: names and shapes of the published state dict, its narrowing, and its own norm."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.networks.pstmo import (
    PSTMO,
    PSTMO_243,
    PSTMO_S_81,
    PSTMO_S_243,
    PSTMOSettings,
    UnbiasedNorm,
)

State = dict[str, tuple[int, ...]]
SMALL = PSTMOSettings(frames=9, strides=(3, 3), joints=5, out_joints=4, width=16, hidden=24)


def batch_norm(name: str, width: int) -> State:
    shapes = dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (width,)) | {
        "num_batches_tracked": ()
    }
    return {f"{name}.{part}": shape for part, shape in shapes.items()}


def weights(name: str, *shape: int) -> State:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def norm(name: str, width: int) -> State:
    return {f"{name}.a_2": (width,), f"{name}.b_2": (width,)}


def layer(name: str, width: int, hidden: int, strided: bool = False) -> State:
    state: State = {}
    for number in range(4):
        state |= weights(f"{name}.self_attn.linears.{number}", width, width)
    state |= weights(f"{name}.feed_forward.w_1", hidden, width, *([1] if strided else []))
    state |= weights(f"{name}.feed_forward.w_2", width, hidden, *([3] if strided else []))
    return state | norm(f"{name}.sublayer.0.norm", width) | norm(f"{name}.sublayer.1.norm", width)


def shared_parts(frames: int, layers: int) -> State:
    """What stage I and stage II have in common."""
    state = (
        weights("encoder.fc_1", 512, 34, 1)
        | batch_norm("encoder.bn_1", 512)
        | weights("encoder.fc_2", 256, 512, 1)
        | weights("encoder.layers.0.w1", 512, 512, 1)
        | batch_norm("encoder.layers.0.batch_norm1", 512)
        | weights("encoder.layers.0.w2", 512, 512, 1)
        | batch_norm("encoder.layers.0.batch_norm2", 512)
        | {"Transformer.pos_embedding": (1, frames, 256)}
    )
    for number in range(layers):
        state |= layer(f"Transformer.model.layers.{number}", 256, 512)
    return state | norm("Transformer.model.norm", 256)


def published_state() -> State:
    tables = {f"Transformer_reduce.model.pos_embedding_{n}": (1, 243, 256) for n in (1, 2, 3)}
    state = shared_parts(243, 3) | tables
    for number in range(5):
        state |= layer(f"Transformer_reduce.model.layers.{number}", 256, 512, strided=True)
    state |= norm("Transformer_reduce.model.norm", 256)
    for name in ("fcn", "fcn_1"):
        state |= batch_norm(f"{name}.0", 256) | weights(f"{name}.1", 51, 256, 1)
    return state


def test_the_state_dict_has_the_published_names_in_their_order():
    with torch.device("meta"):
        state = PSTMO(PSTMO_S_243).state_dict()
    assert len(state) == 173
    assert [(name, tuple(value.shape)) for name, value in state.items()] == list(
        published_state().items()
    )


@pytest.mark.parametrize(
    ("settings", "number"),
    [(PSTMO_S_243, 6_482_278), (PSTMO_S_81, 5_527_142), (PSTMO_243, 7_009_382)],
)
def test_published_sizes(settings, number):
    with torch.device("meta"):
        network = PSTMO(settings)
    assert sum(parameter.numel() for parameter in network.parameters()) == number


@pytest.mark.parametrize(
    ("frames", "strides"),
    [(9, (1, 3, 3)), (27, (3, 3, 3)), (351, (3, 9, 13)), (10, (3, 4)), (1, (1,))],
)
def test_published_strides_and_others_narrow_to_one_frame(frames, strides):
    settings = PSTMOSettings(frames, strides, width=16, hidden=16, depth=1)
    poses = PSTMO(settings).eval()(torch.randn(2, frames, 17, 2))
    assert poses.centre.shape == (2, 1, 17, 3)
    assert poses.all_frames.shape == (2, frames, 17, 3)


def test_joints_in_and_out_may_differ():
    poses = PSTMO(SMALL).eval()(torch.randn(2, 9, 5, 2))
    assert poses.centre.shape == (2, 1, 4, 3)


def test_overlapping_windows_share_what_is_made_of_their_frames():
    torch.manual_seed(0)
    network = PSTMO(SMALL).eval()
    clip = torch.randn(13, 5, 2)
    windows = torch.arange(5)[:, None] + torch.arange(9)
    tokens = network.embed(clip[None])[0]
    for shared, own in zip(network.mix(tokens[windows]), network(clip[windows]), strict=True):
        assert_close(shared, own, atol=1e-5, rtol=1e-5)


def test_the_norm_divides_by_the_unbiased_spread_plus_its_epsilon():
    torch.manual_seed(0)
    layer, x = UnbiasedNorm(6).double(), 1e-6 * torch.randn(3, 4, 6, dtype=torch.float64)
    torch.nn.init.normal_(layer.a_2)
    torch.nn.init.normal_(layer.b_2)
    spread = x.std(dim=-1, keepdim=True)
    expected = layer.a_2 * (x - x.mean(dim=-1, keepdim=True)) / (spread + 1e-6) + layer.b_2
    assert_close(layer(x), expected)


def test_the_norm_of_equal_numbers_is_its_bias_with_a_gradient():
    layer, x = UnbiasedNorm(4), torch.full((1, 1, 4), 2.0, requires_grad=True)
    made = layer(x)
    made.square().sum().backward()
    assert_close(made, torch.zeros(1, 1, 4))
    assert x.grad is not None and x.grad.isfinite().all()


def test_the_final_norms_of_the_layers_change_nothing():
    network, keypoints = PSTMO(SMALL).eval(), torch.randn(1, 9, 5, 2)
    before = network(keypoints)
    for unused in (network.Transformer.model.norm, network.Transformer_reduce["model"].norm):
        torch.nn.init.constant_(unused.a_2, 7.0)
    assert torch.equal(network(keypoints).centre, before.centre)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"strides": (3, 3)}, r"strides of \(3, 3\) leave 27 of 243; choose strides whose"),
        ({"strides": ()}, '"strides" of at least 1, but 0 was given'),
        ({"strides": (0, 3)}, '"strides" of at least 1, but 0 was given'),
        ({"width": 1, "heads": 1}, '"width" of at least 2, but 1 was given'),
        ({"dropout": 1.0}, '"dropout" of P-STMO is a share .* 1.0 was given'),
    ],
)
def test_impossible_settings_are_refused(choice, words):
    with pytest.raises(SettingsError, match=words):
        PSTMOSettings(**choice)
