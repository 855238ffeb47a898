"""Lifters that draw poses: what hypotheses, steps, mirror images and parts change, and what not."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.camera import pinhole
from crosslift.diffusion import Process, gaussian
from crosslift.errors import SettingsError
from crosslift.geometry import mirror
from crosslift.lifters.d3dp import D3DPLifter
from crosslift.lifters.diff3dhpe import Diff3DHPELifter
from crosslift.lifters.diffusion import Diffusion
from crosslift.lifters.direct import mirrored
from crosslift.lifters.inputs import Inputs, Seen
from crosslift.lifting import Going, root_relative
from crosslift.networks.grand import GrandSettings
from crosslift.networks.mixste import MixSTESettings
from crosslift.skeletons import H36M_17

from ..people import seen_walker

SIZES = {"frames": 5, "width": 16, "depth": 1, "heads": 2}
KINDS = {
    "d3dp": D3DPLifter(MixSTESettings(**SIZES)),
    "diff3dhpe": Diff3DHPELifter(GrandSettings(**SIZES)),
    "diff3dhpe of the middle": Diff3DHPELifter(GrandSettings(**SIZES, centre=True)),
}
FLIPS = ["each_step", "same_noise", "own_noise"]
CAMERA = pinhole(900.0, (1000, 800))[None][None]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(name: str, **more) -> Diffusion:
    """A lifter whose weights tell left from right and one time from another."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        lifter = replace(KINDS[name], **more).build(H36M_17)
        with torch.no_grad():
            for each in lifter.network.parameters():
                each.add_(0.05 * torch.randn_like(each))
    lifter.network.eval().requires_grad_(False)
    return lifter


def seen(windows: int = 2) -> torch.Tensor:
    return torch.rand(windows, 5, 17, 2, generator=generator(1)) * 600 + 100


@pytest.mark.parametrize("name", KINDS)
def test_each_hypothesis_is_a_drawing_of_its_own(name):
    lifter = built(name, hypotheses=4, steps=3)
    poses = lifter.lift(seen(), CAMERA, generator())
    assert poses.shape == lifter.shape(2) and poses.shape[1] == 4
    assert (poses[..., 0, :] == 0).all()
    apart = (poses[:, 1:] - poses[:, :1]).abs().amax(dim=(0, 2, 3, 4))
    assert (apart > 1e-3).all()


@pytest.mark.parametrize("name", KINDS)
def test_hypotheses_are_those_of_the_noise_that_is_drawn(name):
    """Three hypotheses of which two get the first one's noise: the two are equal to it."""
    lifter = built(name, hypotheses=3, steps=2, flips="same_noise")
    told = lifter.numbers(Seen(seen(), CAMERA))
    turned = lifter.numbers(mirrored(Seen(seen(), CAMERA), H36M_17))
    rng = generator()

    def draw():
        one = gaussian(torch.zeros(lifter.shape(2)), rng)
        one[:, 1] = one[:, 0]
        return one

    *_, last = lifter.drawn(told, turned, draw)
    assert_close(last.clean[:, 1], last.clean[:, 0], atol=1e-5, rtol=0)
    assert (last.clean[:, 2] - last.clean[:, 0]).abs().max() > 1e-3


@pytest.mark.parametrize("flips", FLIPS)
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("frames", [1, 5, 11, 60])
def test_how_many_go_through_the_network_together_changes_nothing(name, flips, frames):
    lifter = built(name, hypotheses=4, steps=2, flips=flips)
    whole = lifter.lift(seen(3), CAMERA, generator())
    parts = replace(lifter, frames_at_once=frames).lift(seen(3), CAMERA, generator())
    assert_close(parts, whole, atol=1e-4, rtol=0)


@pytest.mark.parametrize("flips", FLIPS)
@pytest.mark.parametrize("name", KINDS)
def test_windows_are_drawn_alike_together_and_one_by_one(name, flips):
    lifter = built(name, hypotheses=3, steps=3, flips=flips, process=Process(eta=1.0))
    together = lifter.lift(seen(4), CAMERA, generator())
    rng = generator()
    apart = [lifter.lift(some, CAMERA, rng) for some in seen(4).split([1, 2, 1])]
    assert_close(torch.cat(apart), together, atol=1e-5, rtol=0)
    assert (together[0] - together[1]).abs().max() > 1e-3


@pytest.mark.parametrize("name", KINDS)
def test_a_clip_is_drawn_alike_in_batches_and_parts_of_any_size(name):
    lifter = built(name, hypotheses=2, steps=3)
    clip = seen_walker(1.5)
    whole = root_relative(clip, lifter, generator())
    for going in (Going(at_a_time=1), Going(at_a_time=3, part=10), Going(part=5)):
        assert_close(root_relative(clip, lifter, generator(), going=going), whole,
                     atol=1e-5, rtol=0)  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_generator_that_goes_on_draws_something_else(name):
    lifter, rng = built(name), generator()
    first, second = (lifter.lift(seen(), CAMERA, rng) for _ in range(2))
    assert (first - second).abs().max() > 1e-3


@pytest.mark.parametrize("name", KINDS)
def test_missing_keypoints_reach_no_pose(name):
    lifter, keypoints = built(name, hypotheses=2, steps=2), seen()
    keypoints[0, 2, 4:8] = torch.nan
    keypoints[1, 3:] = torch.nan
    assert lifter.lift(keypoints, CAMERA, generator()).isfinite().all()


def test_no_more_frames_go_through_the_network_than_was_said():
    lifter, rows = built("d3dp", hypotheses=3, steps=2, frames_at_once=10), []
    lifter.network.head.register_forward_pre_hook(lambda _, given: rows.append(len(given[0])))
    lifter.lift(seen(3), CAMERA, generator())
    assert max(rows) <= 2 and sum(rows) == 2 * 3 * 3 * 2


def test_what_keypoints_and_time_say_is_computed_once():
    lifter, calls = built("d3dp", hypotheses=3, steps=4, frames_at_once=5), []
    lifter.network.time_mlp[1].register_forward_hook(lambda *_: calls.append("time"))
    network = type(lifter.network)
    before = network.seen
    try:
        network.seen = lambda self, told: (calls.append("seen"), before(self, told))[1]
        lifter.lift(seen(2), CAMERA, generator())
    finally:
        network.seen = before
    assert sorted(calls) == ["seen", *["time"] * 4]


@pytest.mark.parametrize("flips", FLIPS)
def test_the_mean_with_the_mirror_image_is_taken_where_it_is_said(flips):
    """Written out: at each step of one drawing, or of two whole drawings."""
    lifter = built("d3dp", steps=2, flips=flips, process=Process(eta=0.0))
    noise = [gaussian(torch.zeros(lifter.shape(2)), generator(number)) for number in (5, 6)]
    there = mirrored(Seen(seen(), CAMERA), H36M_17)
    told, turned = lifter.numbers(Seen(seen(), CAMERA)), lifter.numbers(there)
    *_, found = lifter.drawn(told, turned, iter(noise).__next__)
    network, signal = lifter.network, lifter.process.noise().signal.tolist()

    def asked(numbers, noisy, time):
        return network(numbers, noisy, torch.tensor([time]))

    def both(noisy, time):
        image = mirror(asked(turned, mirror(noisy, H36M_17), time), H36M_17)
        return (asked(told, noisy, time) + image) / 2

    def whole(answer, noisy):
        clean, (now, then) = answer(noisy, 999), (signal[999], signal[499])
        kept = (noisy - now**0.5 * clean) / (1 - now) ** 0.5
        return answer(then**0.5 * clean + (1 - then) ** 0.5 * kept, 499)

    if flips == "each_step":
        expected = whole(both, noise[0])
    else:
        second = noise[1] if flips == "own_noise" else mirror(noise[0], H36M_17)
        here = whole(lambda noisy, time: asked(told, noisy, time), noise[0])
        image = whole(lambda noisy, time: asked(turned, noisy, time), second)
        expected = (here + mirror(image, H36M_17)) / 2
    assert_close(found.clean, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("flips", ["each_step", "same_noise"])
@pytest.mark.parametrize("name", KINDS)
def test_mirrored_keypoints_with_mirrored_noise_give_mirrored_poses(name, flips):
    lifter = built(name, steps=2, flips=flips)
    here = Seen(seen(), CAMERA)
    there = mirrored(here, H36M_17)
    noise = [gaussian(torch.zeros(lifter.shape(2)), generator(number)) for number in range(2)]
    told, turned = lifter.numbers(here), lifter.numbers(there)
    *_, plain = lifter.drawn(told, turned, iter(noise).__next__)
    image = iter([mirror(each, H36M_17) for each in noise]).__next__
    *_, other = lifter.drawn(turned, told, image)
    assert_close(other.clean, mirror(plain.clean, H36M_17), atol=1e-5, rtol=0)


def test_nothing_is_averaged_in_training():
    lifter = built("d3dp", network=MixSTESettings(**SIZES, drop_path=0.0))
    alone = replace(lifter, flip=False).lift(seen(), CAMERA, generator())
    averaged = lifter.lift(seen(), CAMERA, generator())
    lifter.network.train()
    assert torch.equal(lifter.lift(seen(), CAMERA, generator()), alone)
    assert not torch.allclose(averaged, alone, atol=1e-3)


def test_poses_are_in_metres_whatever_the_network_s_unit_and_scale():
    lifter = built("diff3dhpe", process=Process(limit=1.0))
    small = lifter.lift(seen(), CAMERA, generator())
    large = lifter.with_largest(1.8).lift(seen(), CAMERA, generator())
    assert_close(large, 1.8 * small)
    poses = torch.randn(2, 5, 17, 3)
    assert_close(lifter.with_largest(1.8).in_network_units(poses), poses / 1.8)
    assert torch.equal(lifter.in_network_units(poses), poses)
    held = built("d3dp", process=Process(limit=0.1, scale=3.0))
    assert float(held.lift(seen(), CAMERA, generator()).abs().max()) <= 0.1 + 1e-6


def test_the_unit_is_kept_with_the_weights():
    lifter = built("diff3dhpe").with_largest(1.8)
    again = built("diff3dhpe").with_state(lifter.state())
    assert_close(again.lift(seen(), CAMERA, generator()), lifter.lift(seen(), CAMERA, generator()))


def test_what_is_learned_from_is_the_network_s_answer_about_noised_poses():
    lifter = built("d3dp", process=Process(limit=1.1, limits_noisy=True, scale=2.0))
    clean, noise = torch.randn(2, 5, 17, 3), torch.randn(2, 5, 17, 3)
    times = torch.tensor([10, 800])
    found = lifter.denoised(Seen(seen(), CAMERA), clean, times, noise)
    signal = lifter.process.noise().signal[times].float()[:, None, None, None]
    noisy = (signal.sqrt() * 2 * clean + (1 - signal).sqrt() * noise).clamp(-2.2, 2.2) / 2
    told = lifter.numbers(Seen(seen(), CAMERA))
    assert_close(found, lifter.network(told, noisy[:, None], times)[:, 0])


def test_gradients_flow_through_a_whole_drawing():
    lifter = built("d3dp", hypotheses=2, steps=3)
    lifter.network.requires_grad_(True)
    lifter.lift(seen(), CAMERA, generator()).square().sum().backward()
    assert all(bool((each.grad != 0).any()) for each in lifter.network.parameters())


def test_a_network_of_noisy_poses_is_not_asked_about_keypoints_alone():
    with pytest.raises(
        SettingsError, match="about noisy poses and not about keypoints alone; lift"
    ):
        built("d3dp").answers(Seen(seen(), CAMERA))


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"hypotheses": 0}, "needs hypotheses of 1 or more, but 0 was given; raise it"),
        ({"steps": -1}, "needs steps of 1 or more, but -1 was given"),
        ({"frames_at_once": 0}, "needs frames_at_once of 1 or more"),
        ({"inputs": Inputs("facing")}, "the unit facing turns them frame by frame; choose plane"),
    ],
)
def test_impossible_lifters_are_refused(choice, words):
    with pytest.raises(SettingsError, match=words):
        built("d3dp", **choice)
