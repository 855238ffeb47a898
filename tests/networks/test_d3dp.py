"""D3DP's denoiser: the published state dict, what the time does, and its first layer in halves."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.d3dp import D3DP
from crosslift.networks.denoising import Waves
from crosslift.networks.mixste import MIXSTE_243, MixSTE, MixSTESettings

from .awake import awake

SMALL = MixSTESettings(frames=5, joints=4, width=16, depth=2, heads=2)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def built(settings: MixSTESettings = SMALL) -> D3DP:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = D3DP(settings)
        for table in (network.Spatial_pos_embed, network.Temporal_pos_embed):
            torch.nn.init.normal_(table)
    return awake(network).eval().requires_grad_(False)


def given(hypotheses: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    rng = generator()
    keypoints = torch.randn(2, 5, 4, 2, generator=rng)
    return keypoints, torch.randn(2, hypotheses, 5, 4, 3, generator=rng)


def test_the_state_dict_is_mixstes_with_noisy_poses_and_the_time_in_the_published_place():
    with torch.device("meta"):
        ours, plain = (kind(MIXSTE_243).state_dict() for kind in (D3DP, MixSTE))
    names, before = list(ours), list(plain)
    assert names == [
        *before[:4],
        *(f"time_mlp.{layer}.{kind}" for layer in (1, 3) for kind in ("weight", "bias")),
        *before[4:],
    ]
    assert ours["Spatial_patch_to_embedding.weight"].shape == (512, 5)
    assert ours["time_mlp.1.weight"].shape == (1024, 512)
    assert ours["time_mlp.3.weight"].shape == (512, 1024)


def test_the_published_size():
    with torch.device("meta"):
        assert sum(each.numel() for each in D3DP().parameters()) == 34_835_459


def test_halves_of_the_first_layer_give_what_the_whole_gives():
    network, (keypoints, noisy) = built(), given()
    times = torch.tensor([3, 700])
    apart = network.denoise(network.seen(keypoints), noisy, network.moment(times))
    assert_close(apart, network(keypoints, noisy, times), atol=1e-6, rtol=1e-5)


def test_fresh_weights_heed_keypoints_alone_and_learn_what_noise_is_worth():
    torch.manual_seed(0)
    network, (keypoints, noisy) = D3DP(SMALL).eval(), given()
    early, late = (network(keypoints, scale * noisy, torch.tensor([time]))
                   for scale, time in ((0.1, 3), (9.0, 999)))  # fmt: skip
    assert_close(early, late)
    assert float((early - network(keypoints.flip(1), noisy, torch.tensor([3]))).abs().max()) > 0.01
    early.square().sum().backward()
    teller, *_ = network.tellers_of_time
    assert network.first.weight.grad[:, -3:].any() and teller.weight.grad.any()


def test_hypotheses_and_windows_do_not_see_each_other():
    network, (keypoints, noisy) = built(), given()
    together = network(keypoints, noisy, torch.tensor([3, 700]))
    for window, time in enumerate((3, 700)):
        for hypothesis in range(3):
            alone = network(
                keypoints[[window]], noisy[[window]][:, [hypothesis]], torch.tensor([time])
            )
            assert_close(together[window, hypothesis], alone[0, 0], atol=1e-6, rtol=1e-5)


def test_one_time_serves_all_windows():
    network, (keypoints, noisy) = built(), given()
    one = network(keypoints, noisy, torch.tensor([40]))
    assert_close(one, network(keypoints, noisy, torch.tensor([40, 40])), atol=1e-6, rtol=1e-5)
    assert not torch.allclose(one, network(keypoints, noisy, torch.tensor([41])), atol=1e-3)


def test_a_time_is_told_by_sines_and_then_cosines():
    waves = Waves(4)(torch.tensor([0, 3]))
    slow = 1e-4
    three = torch.tensor([3.0, 3 * slow])
    assert_close(waves[0], torch.tensor([0.0, 0.0, 1.0, 1.0]))
    assert_close(waves[1], torch.cat([three.sin(), three.cos()]))


def test_times_are_told_exactly_whatever_the_precision_of_the_weights():
    network, times = built(), torch.tensor([998, 999])
    exact = network.time_mlp[0](times)
    network.to(torch.bfloat16)
    assert torch.equal(network.time_mlp[0](times), exact)
    assert network.moment(times).dtype == torch.bfloat16


def test_gradients_reach_all_weights():
    network, (keypoints, noisy) = built().requires_grad_(True), given()
    network(keypoints, noisy, torch.tensor([3, 700])).sum().backward()
    assert all((each.grad != 0).any() for each in network.parameters())


@pytest.mark.parametrize("ask", ["forward", "seen"])
def test_windows_of_another_length_are_refused(ask):
    network, (keypoints, noisy) = built(), given()
    with pytest.raises(DataError, match="D3DP takes 5 frames x 4 joints x 2 channels, but"):
        if ask == "seen":
            network.seen(keypoints[:, :4])
        else:
            network(keypoints[:, :4], noisy[:, :, :4], torch.tensor([3]))


def test_a_width_without_waves_is_refused():
    with pytest.raises(SettingsError, match="a width of 3 was given; choose an even one of 4"):
        D3DP(MixSTESettings(width=3, heads=1))
