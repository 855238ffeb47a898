"""A causal VideoPose3D frame by frame says what it says of the whole clip."""

import pytest
import torch

from crosslift.errors import SettingsError
from crosslift.networks.videopose import VideoPose, VideoPoseSettings
from crosslift.networks.videopose_stream import VideoPoseStream

WIDTHS = [(3, 3, 3), (3, 3, 3, 3), (1, 1, 1), (5, 3), (3, 1, 5), (1,)]


def network(widths=(3, 3, 3), seed: int = 0, **more) -> VideoPose:
    """A small one whose normalisation has seen something."""
    torch.manual_seed(seed)
    settings = VideoPoseSettings(5, 5, filter_widths=widths, channels=8, causal=True, **more)
    made = VideoPose(settings)
    for norm in (made.expand_bn, *made.layers_bn):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
        torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
        torch.nn.init.normal_(norm.bias)
    return made.eval()


def clip(frames: int, rows: int = 2, seed: int = 1) -> torch.Tensor:
    return torch.randn(rows, frames, 5, 2, generator=torch.Generator().manual_seed(seed))


def offline(made: VideoPose, keypoints: torch.Tensor) -> torch.Tensor:
    """All poses at once, the first frame repeated in front."""
    before = keypoints[:, :1].expand(-1, made.settings.receptive_field - 1, -1, -1)
    with torch.no_grad():
        return made(torch.cat([before, keypoints], dim=1), strided=False)


def pushed(stream: VideoPoseStream, keypoints: torch.Tensor) -> torch.Tensor:
    return torch.stack([stream.push(frame) for frame in keypoints.unbind(dim=1)], dim=1)


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("widths", WIDTHS)
def test_frame_by_frame_it_is_the_poses_of_the_whole_clip(widths, rows):
    made, keypoints = network(widths), clip(100, rows)
    found = pushed(VideoPoseStream(made), keypoints)
    torch.testing.assert_close(found, offline(made, keypoints), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("more", [{"dense": True}, {"zero_root": True}, {"coordinates": 4}])
def test_so_it_is_for_the_other_forms(more):
    made = network((3, 3), **more)
    keypoints = torch.randn(1, 30, 5, made.settings.coordinates)
    found = pushed(VideoPoseStream(made), keypoints)
    torch.testing.assert_close(found, offline(made, keypoints), atol=1e-5, rtol=1e-5)


def test_the_precision_is_the_networks():
    made, keypoints = network().double(), clip(40).double()
    found = pushed(VideoPoseStream(made), keypoints)
    assert found.dtype == torch.float64
    torch.testing.assert_close(found, offline(made, keypoints), atol=1e-12, rtol=1e-12)
    rough = pushed(VideoPoseStream(network().bfloat16()), keypoints.float())
    assert rough.dtype == torch.float32
    size = found.abs().mean()
    assert 1e-4 * size < (rough - found).abs().mean() < 0.05 * size


def test_nothing_that_is_kept_grows():
    stream, keypoints = VideoPoseStream(network((3, 3, 3, 3))), clip(300)
    assert stream.state_bytes == 0
    stream.push(keypoints[:, 0])
    first = stream.state_bytes
    pushed(stream, keypoints)
    columns = 2 * 10 + 8 * (2 * 3 + 2 * 9 + 2 * 27)  # of the input, of each block's input
    ahead = 8 * (1 + 3 + 8 + 8)
    assert stream.state_bytes == first == 4 * 2 * (columns + ahead)


def test_what_was_forgotten_has_no_effect():
    stream, keypoints = VideoPoseStream(network()), clip(40)
    first = pushed(stream, keypoints)
    stream.forget()
    assert torch.equal(pushed(stream, keypoints), first)


def test_frames_further_back_than_the_receptive_field_have_no_effect():
    stream, one, other = VideoPoseStream(network((3, 3))), clip(30), clip(30, seed=2)
    other[:, 20:] = one[:, 20:]
    first = pushed(stream, one)
    stream.forget()
    second = pushed(stream, other)
    torch.testing.assert_close(first[:, 28:], second[:, 28:], atol=1e-6, rtol=1e-6)
    assert (first[:, 27] - second[:, 27]).abs().max() > 1e-3


def test_a_network_that_waits_for_later_frames_is_refused():
    with pytest.raises(SettingsError, match="waits for 13 later frames; train one with"):
        VideoPoseStream(VideoPose(VideoPoseSettings(filter_widths=(3, 3, 3), channels=8)))
