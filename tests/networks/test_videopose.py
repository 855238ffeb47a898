"""VideoPose3D: published names and sizes, its two ways of computing, what it refuses."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.videopose import (
    ADAPTPOSE_27,
    DH_AUG_9,
    DH_AUG_27,
    DH_AUG_81,
    L2D_POSE,
    POSEAUG_VIDEOPOSE,
    TRAJECTORY_243,
    VIDEOPOSE_9,
    VIDEOPOSE_27,
    VIDEOPOSE_81,
    VIDEOPOSE_243,
    VIDEOPOSE_243_CAUSAL,
    VideoPose,
    VideoPoseSettings,
)

SMALL = [
    VideoPoseSettings(5, 4, filter_widths=widths, channels=16, causal=causal)
    for widths in [(1,), (3,), (3, 3), (3, 5, 1, 3), (1, 1, 3), (7, 1)]
    for causal in (False, True)
]


def built(settings: VideoPoseSettings) -> VideoPose:
    """A network whose normalisation does something, for evaluation."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = VideoPose(settings)
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm1d):
                for values in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                    nn.init.uniform_(values, 0.5, 1.5)
    return network.eval()


def clip(settings: VideoPoseSettings, frames: int, batch: int = 2) -> torch.Tensor:
    rng = torch.Generator().manual_seed(1)
    return torch.randn(batch, frames, settings.joints, settings.coordinates, generator=rng)


@pytest.mark.parametrize(
    ("settings", "frames", "count"),
    [
        (VIDEOPOSE_243, 243, 16_952_371),
        (VIDEOPOSE_243_CAUSAL, 243, 16_952_371),
        (TRAJECTORY_243, 243, 16_952_371 - 48 * 1025),
        (VIDEOPOSE_81, 81, 12_753_971),
        (VIDEOPOSE_27, 27, 8_555_571),
        (VIDEOPOSE_9, 9, 4_357_171),
        (POSEAUG_VIDEOPOSE, 1, 8_485_933),
        (DH_AUG_9, 9, 4_347_952),
        (DH_AUG_27, 27, 8_546_352),
        (DH_AUG_81, 81, 12_744_752),
        (ADAPTPOSE_27, 27, 8_546_352),
        (L2D_POSE, 1, 4_291_635),
    ],
)
def test_published_forms_have_their_sizes(settings, frames, count):
    with torch.device("meta"):
        network = VideoPose(settings)
    assert settings.receptive_field == frames
    assert sum(parameter.numel() for parameter in network.parameters()) == count


def test_the_state_dict_has_the_published_names_in_their_order():
    norm = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    expected = [
        *(f"expand_bn.{each}" for each in norm),
        *("shrink.weight", "shrink.bias", "expand_conv.weight"),
        *(f"layers_conv.{number}.weight" for number in range(4)),
        *(f"layers_bn.{number}.{each}" for number in range(4) for each in norm),
    ]
    with torch.device("meta"):
        state = VideoPose(DH_AUG_27).state_dict()
        dense = VideoPose(replace(VIDEOPOSE_27, dense=True)).state_dict()
    assert list(state) == expected
    assert list(dense) == expected
    assert state["expand_conv.weight"].shape == (1024, 32, 3)
    assert state["layers_conv.2.weight"].shape == (1024, 1024, 3)
    assert state["layers_conv.3.weight"].shape == (1024, 1024, 1)
    assert state["shrink.weight"].shape == (48, 1024, 1)
    assert dense["layers_conv.0.weight"].shape == (1024, 1024, 7)
    assert dense["layers_conv.2.weight"].shape == (1024, 1024, 19)


@pytest.mark.parametrize("settings", SMALL)
def test_dilated_equals_strided_on_every_window(settings):
    network, size = built(settings), settings.receptive_field
    keypoints = clip(settings, size + 4)
    poses = network(keypoints, strided=False)
    assert poses.shape == (2, 5, 4, 3)
    for start in range(5):
        window = keypoints[:, start : start + size]
        assert_close(network(window, strided=True), poses[:, start : start + 1])
        assert_close(network(window), poses[:, start : start + 1])


@pytest.mark.parametrize("settings", SMALL)
def test_strided_takes_windows_side_by_side(settings):
    network, size = built(settings), settings.receptive_field
    keypoints = clip(settings, 3 * size)
    every = network(keypoints, strided=False)[:, ::size]
    assert_close(network(keypoints, strided=True), every)


@pytest.mark.parametrize("causal", [False, True])
def test_a_dense_network_can_hold_a_dilated_one(causal):
    settings = VideoPoseSettings(filter_widths=(3, 3, 5), channels=16, causal=causal)
    network = built(settings)
    dense = built(replace(settings, dense=True))
    state = network.state_dict()
    for name, dilation in (("layers_conv.0.weight", 3), ("layers_conv.2.weight", 9)):
        wide = torch.zeros_like(dense.state_dict()[name])
        wide[..., ::dilation] = state[name]
        state[name] = wide
    dense.load_state_dict(state)
    for frames in (45, 50):
        keypoints = clip(settings, frames)
        assert_close(dense(keypoints), network(keypoints, strided=False))


@pytest.mark.parametrize("causal", [False, True])
def test_the_skip_comes_from_the_frame_that_the_pose_belongs_to(causal):
    settings = VideoPoseSettings(filter_widths=(1, 3, 5), channels=16, causal=causal)
    network = built(settings)
    for weight in network.layers_conv.parameters():
        nn.init.zeros_(weight)  # so that nothing but skips carries the keypoints
    keypoints, own = clip(settings, 15, batch=1), 14 if causal else 7
    for strided in (False, True):
        poses = network(keypoints, strided)
        for frame in range(15):
            other = keypoints.clone()
            other[:, frame] += 1
            moved = (network(other, strided) - poses).abs().max() > 1e-3
            assert moved == (frame == own)


@pytest.mark.parametrize("batch", [0, 1, 3])
def test_shapes_and_every_clip_for_itself(batch):
    settings = VideoPoseSettings(filter_widths=(3, 3), channels=16)
    network = built(settings)
    for frames in (9, 12):
        keypoints = clip(settings, frames, batch)
        poses = network(keypoints)
        assert poses.shape == (batch, frames - 8, 17, 3)
        for number in range(batch):
            assert_close(network(keypoints[number : number + 1])[0], poses[number])


def test_the_root_of_single_frames_is_at_zero():
    network = built(replace(POSEAUG_VIDEOPOSE, channels=16))
    poses = network(clip(POSEAUG_VIDEOPOSE, 1))
    assert poses.shape == (2, 1, 16, 3)
    assert (poses[..., 0, :] == 0).all()
    assert (poses[..., 1:, :] != 0).all()


@pytest.mark.parametrize("strided", [False, True])
def test_training_reaches_every_parameter(strided):
    settings = VideoPoseSettings(filter_widths=(3, 3, 3), channels=16)
    network = built(settings).train()
    network(clip(settings, 27, batch=8), strided).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())


def test_the_momentum_of_all_normalisations_can_fall():
    network = built(SMALL[4])
    network.set_momentum(0.01)
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm1d)]
    assert [norm.momentum for norm in norms] == [0.01] * 3


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"filter_widths": (3, 4)}, 'odd numbers of frames as "filter_widths", but 4 is among'),
        ({"filter_widths": (-1,)}, "but -1 is among"),
        ({"filter_widths": ()}, "but there is none"),
        ({"channels": 0}, '"channels".*but 0'),
        ({"joints": 0}, '"joints".*but 0'),
        ({"dropout": 1.0}, '"dropout".*from 0 to below 1, but 1.0'),
    ],
)
def test_impossible_settings_are_refused(wrong, message):
    with pytest.raises(SettingsError, match=message):
        VideoPoseSettings(**wrong)


def test_what_does_not_fit_is_refused():
    settings = VideoPoseSettings(filter_widths=(3, 3), channels=16)
    with pytest.raises(DataError, match="makes a pose of 9 frames, but was given 8; pad the clip"):
        built(settings)(clip(settings, 8))
    with pytest.raises(DataError, match="takes 17 joints x 2 coordinates"):
        built(settings)(clip(replace(settings, joints=16), 9))
    with pytest.raises(SettingsError, match="dense VideoPose3D fit no strided form"):
        built(replace(settings, dense=True))(clip(settings, 9), strided=True)
