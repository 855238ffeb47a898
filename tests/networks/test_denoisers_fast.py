"""Fast forms of D3DP's denoiser: tile by tile what the plain twin computes, window by window."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.camera import pinhole
from crosslift.errors import SettingsError
from crosslift.geometry import mirror
from crosslift.lifters.d3dp import D3DPLifter
from crosslift.networks.d3dp import D3DP
from crosslift.networks.grand import GrandMixSTE, GrandSettings
from crosslift.networks.inference import denoisers, for_inference
from crosslift.networks.inference.quantised import check_integers
from crosslift.networks.mixste import MixSTESettings
from crosslift.skeletons import H36M_17
from tests.plain.diffusion import plain_loop, plain_twin

from .awake import awake

SMALL = MixSTESettings(frames=7, width=32, depth=2, heads=4)
SPREAD = {torch.float32: 1e-5, torch.bfloat16: 0.05, torch.int8: 0.1}


def integers() -> bool:
    try:
        check_integers(torch.device("cpu"))
    except SettingsError:
        return False
    return True


DTYPES = [dtype for dtype in SPREAD if dtype != torch.int8 or integers()]


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def network() -> D3DP:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = D3DP(SMALL)
        for table in (made.Spatial_pos_embed, made.Temporal_pos_embed):
            torch.nn.init.normal_(table)
    return awake(made).eval().requires_grad_(False)


def given() -> tuple[torch.Tensor, torch.Tensor]:
    rng = generator()
    return torch.randn(3, 7, 17, 2, generator=rng), torch.randn(3, 2, 7, 17, 3, generator=rng)


def asked(form, keypoints, noisy, time=300):
    return form.denoise(form.seen(keypoints), noisy, form.moment(torch.tensor([time])))


@pytest.mark.parametrize("tile", [1, 20, 50, 10_000])
@pytest.mark.parametrize("dtype", DTYPES)
def test_tiles_of_any_size_give_what_the_plain_twin_gives(monkeypatch, dtype, tile):
    monkeypatch.setattr(denoisers, "TILE", tile)
    plain, (keypoints, noisy) = network(), given()
    found = asked(for_inference(plain, dtype), keypoints, noisy)
    twin = plain_twin(plain)
    many = keypoints[:, None].expand(-1, 2, -1, -1, -1).flatten(0, 1)
    wanted = twin(many, noisy.flatten(0, 1), torch.full((6,), 300))
    assert_close(found.flatten(0, 1), wanted, atol=SPREAD[dtype], rtol=0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_windows_and_hypotheses_do_not_see_each_other(dtype):
    form, (keypoints, noisy) = for_inference(network(), dtype), given()
    together = asked(form, keypoints, noisy)
    alone = asked(form, keypoints[1:2], noisy[1:2, 1:])
    assert_close(together[1, 1], alone[0, 0], atol=1e-6, rtol=0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_goes_in_and_the_original_stay_as_they_are(dtype):
    plain, (keypoints, noisy) = network(), given()
    before = {name: each.clone() for name, each in plain.state_dict().items()}
    form = for_inference(plain, dtype)
    seen = form.seen(keypoints)
    kept = seen.clone(), noisy.clone()
    form.denoise(seen, noisy, form.moment(torch.tensor([3])))
    assert torch.equal(seen, kept[0]) and torch.equal(noisy, kept[1])
    assert all(torch.equal(each, before[name]) for name, each in plain.state_dict().items())


@pytest.mark.parametrize("steps", [1, 3])
def test_a_drawing_is_that_of_the_publication_s_plain_loop(steps):
    lifter = D3DPLifter(SMALL, hypotheses=3, steps=steps).build(H36M_17)
    lifter.network.load_state_dict(network().state_dict())
    lifter.network.eval().requires_grad_(False)
    keypoints, rng = given()[0], generator()
    turned = mirror(keypoints, H36M_17)
    noise = [torch.randn(lifter.shape(3), generator=rng) for _ in range(steps)]
    *_, last = lifter.fast().drawn(keypoints, turned, iter(noise).__next__)
    times = {1: (999,), 3: (999, 665, 332)}[steps]
    signal = lifter.process.noise().signal.tolist()
    twin = plain_twin(lifter.network)
    wanted = plain_loop(
        twin, keypoints, turned, noise, signal, times, lambda poses: mirror(poses, H36M_17)
    )
    assert_close(last.clean, wanted, atol=1e-5, rtol=1e-4)


def test_a_lifter_draws_near_its_own_poses_in_every_precision():
    lifter = D3DPLifter(SMALL, hypotheses=2, steps=2).build(H36M_17)
    lifter.network.load_state_dict(network().state_dict())
    keypoints = torch.rand(2, 7, 17, 2, generator=generator()) * 800
    camera = pinhole(1000.0, (1000, 1000))[None][None]
    lifter.network.eval()
    with torch.no_grad():
        wanted = lifter.lift(keypoints, camera, generator())
        for dtype in DTYPES:
            found = lifter.fast(dtype).lift(keypoints, camera, generator())
            assert_close(found, wanted, atol=SPREAD[dtype], rtol=0)


def test_integers_are_not_for_diff3dhpe():
    with pytest.raises(SettingsError, match="no form of GrandMixSTE with products of int8"):
        for_inference(GrandMixSTE(GrandSettings(frames=5, width=16, depth=1, heads=2)), torch.int8)
