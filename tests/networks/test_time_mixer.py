"""TimeMixer: what a pose is made of, and its faster forms."""

from dataclasses import replace

import pytest
import torch

from crosslift.errors import DataError, SettingsError
from crosslift.networks.inference import for_inference
from crosslift.networks.time_mixer import TimeMixer, TimeMixerSettings, look_along
from crosslift.networks.time_mixer_stream import TimeMixerStream

SMALL = TimeMixerSettings(width=24, hidden=32, depth=3, reach=3)


def built(settings: TimeMixerSettings = SMALL) -> TimeMixer:
    torch.manual_seed(0)
    return TimeMixer(settings).eval()


def numbers(frames: int, batch: int = 2) -> torch.Tensor:
    return torch.randn(batch, frames, 17, 2, generator=torch.Generator().manual_seed(1))


def test_looking_along_time_is_a_convolution_of_each_channel():
    x, weights, bias = torch.randn(2, 9, 5), torch.randn(5, 3), torch.randn(5)
    wanted = torch.nn.functional.conv1d(x.mT, weights[:, None], bias, groups=5).mT
    torch.testing.assert_close(look_along(x, weights, bias), wanted)


@pytest.mark.parametrize("causal", [False, True])
def test_a_pose_is_made_of_its_window_and_all_of_it(causal):
    settings = replace(SMALL, causal=causal)
    given = numbers(settings.receptive_field + 4, batch=1).requires_grad_()
    network = built(settings)
    network(given)[:, 2].sum().backward()
    assert given.grad is not None
    used = given.grad.abs().sum(dim=(0, 2, 3)) > 0
    first, last = 2, 2 + settings.receptive_field
    assert used[first:last].all()
    assert not used[:first].any() and not used[last:].any()


@pytest.mark.parametrize(("causal", "own"), [(False, 3), (True, 6)])
def test_the_frame_that_is_answered_for_is_the_middle_or_the_last(causal, own):
    """With nothing learned along time, an answer is that of its own frame."""
    network = built(replace(SMALL, causal=causal))
    for block in network.blocks:
        block.along.weight.data.zero_()
    given, other = numbers(7), numbers(7)
    other = torch.cat([other[:, :own], given[:, own : own + 1], other[:, own + 1 :]], dim=1)
    torch.testing.assert_close(network(given), network(other))


def test_a_sequence_gives_what_its_windows_give():
    network, given = built(), numbers(20)
    reach = SMALL.receptive_field
    wanted = torch.cat([network(given[:, i : i + reach]) for i in range(20 - reach + 1)], dim=1)
    torch.testing.assert_close(network(given), wanted, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(network.along(given, at_a_time=4), wanted, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(("dtype", "near"), [(torch.float32, 1e-6), (torch.bfloat16, 2e-2)])
def test_the_fast_form_computes_the_same(dtype, near):
    network, given = built(replace(SMALL, causal=True)), numbers(30)
    for norm in [network.norm, *(block.norm for block in network.blocks)]:
        torch.nn.init.normal_(norm.weight, 1, 0.2)
        torch.nn.init.normal_(norm.bias, 0, 0.2)
    fast = for_inference(network, dtype)
    torch.testing.assert_close(fast.along(given, 7), network(given), atol=near, rtol=0)
    with pytest.raises(DataError, match="makes a pose of 7 frames, but was given 3"):
        fast(numbers(3))


def test_frame_by_frame_it_says_what_it_says_of_the_whole():
    network = built(replace(SMALL, causal=True))
    given, stream = numbers(12), TimeMixerStream(network)
    whole = torch.cat([given[:, :1].expand(-1, 6, -1, -1), given], dim=1)
    found = torch.stack([stream.push(frame) for frame in given.unbind(dim=1)], dim=1)
    torch.testing.assert_close(found, network(whole), atol=1e-6, rtol=1e-5)
    size = stream.state_bytes
    assert size == 3 * 3 * 2 * 24 * 4
    stream.forget()
    torch.testing.assert_close(stream.push(given[:, 0]), found[:, 0])
    assert stream.state_bytes == size


def test_what_it_cannot_do_is_refused():
    with pytest.raises(DataError, match="makes a pose of 7 frames, but was given 6; pad the clip"):
        built()(numbers(6))
    with pytest.raises(DataError):
        built().along(numbers(6))
    with pytest.raises(SettingsError, match="needs a causal TimeMixer, but this one waits for 3"):
        TimeMixerStream(built())
