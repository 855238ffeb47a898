"""PoseAug's generator: published names and sizes, what each branch sees, what it refuses."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.pose_augmenter import POSEAUG, Noise, PoseAugmenter, PoseAugmenterSettings

SMALL = replace(POSEAUG, width=12, stages=1)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(settings: PoseAugmenterSettings = SMALL) -> PoseAugmenter:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return PoseAugmenter(settings)


def given(count: int = 5, joints: int = 16):
    poses = torch.randn(count, joints, 3, generator=generator(1))
    return poses, torch.rand(count, joints - 1, generator=generator(2))


def layers(branch: str, end: str, stages: int) -> list[str]:
    norm = f"batch_norm{end or 1}"
    inner = [f"linear_stages{end}.{stage}.{layer}{half}" for stage in range(stages)
             for half in (1, 2) for layer in ("w", "batch_norm")]  # fmt: skip
    return [f"{branch}.{name}" for name in (f"w1{end}", norm, *inner)]


def test_the_state_dict_has_the_published_names_in_their_order_and_as_many_numbers():
    with torch.device("meta"):
        network = PoseAugmenter()
    wanted = [*layers("BAprocess", "", 2), "BAprocess.w2"]
    wanted += [*layers("BLprocess", "_BL", 2), "BLprocess.w2_BL"]
    wanted += [*layers("RTprocess", "_R", 2), *layers("RTprocess", "_T", 2)]
    wanted += ["RTprocess.w2_R", "RTprocess.w2_T"]
    found = list(network.state_dict())
    assert list(dict.fromkeys(name.rpartition(".")[0] for name in found)) == wanted
    assert len(found) == 148
    assert sum(each.numel() for each in network.parameters()) == 1_181_500


@pytest.mark.parametrize("joints", [3, 16, 17])
def test_it_says_a_change_for_every_bone_and_length(joints):
    network = built(replace(SMALL, joints=joints, ratios=4)).eval()
    poses, lengths = given(5, joints)
    heads = network(poses, lengths, network.noise(poses, generator()))
    assert heads.angles.shape == (5, joints - 1, 3) and heads.ratios.shape == (5, 4)
    assert heads.rotation.shape == heads.place.shape == (5, 3)


def test_each_branch_heeds_its_own_noise_and_only_the_lengths_branch_the_lengths():
    network = built().eval()
    poses, lengths = given()
    noise = network.noise(poses, generator())
    before = network(poses, lengths, noise)
    for number in range(4):
        other = Noise(*(each + (place == number) for place, each in enumerate(noise)))
        after = network(poses, lengths, other)
        changed = [not torch.equal(one, two) for one, two in zip(before, after, strict=True)]
        assert changed == [place == number for place in range(4)]
    after = network(poses, lengths + 1, noise)
    changed = [not torch.equal(one, two) for one, two in zip(before, after, strict=True)]
    assert changed == [False, True, False, False]


def test_noise_is_drawn_in_the_order_of_the_release_and_repeats():
    network = built()
    drawn = network.noise(given()[0], generator(3))
    again = [torch.randn(5, 48, generator=rng) for rng in [generator(3)] for _ in range(4)]
    assert all(torch.equal(one, two) for one, two in zip(drawn, again, strict=True))


def test_without_a_place_there_is_no_branch_for_it_and_nothing_else_changes():
    network = built(replace(SMALL, places=False)).eval()
    poses, lengths = given()
    heads = network(poses, lengths, network.noise(poses, generator()))
    assert heads.place is None
    assert not [name for name in network.state_dict() if name.split(".")[1].endswith("_T")]
    whole = built().eval()
    shared = {name: whole.state_dict()[name] for name in network.state_dict()}
    network.load_state_dict(shared)
    found = network(poses, lengths, network.noise(poses, generator()))
    wanted = whole(poses, lengths, whole.noise(poses, generator()))
    assert_close(found[:3], wanted[:3])


def test_gradients_reach_every_weight():
    network = built().train()
    poses, lengths = given()
    heads = network(poses, lengths, network.noise(poses, generator()))
    sum(each.square().sum() for each in heads).backward()
    assert all(each.grad is not None and each.grad.isfinite().all()
               for each in network.parameters())  # fmt: skip


def test_a_reset_begins_with_kaiming_s_numbers_and_fresh_statistics():
    network = built(replace(SMALL, width=256))
    poses, lengths = given()
    network(poses, lengths, network.noise(poses, generator()))
    before = network.BAprocess.w1.weight.clone()
    with torch.random.fork_rng():
        torch.manual_seed(9)
        network.reset()
    assert not torch.equal(network.BAprocess.w1.weight, before)
    assert network.BAprocess.w1.weight.std().item() == pytest.approx((2 / 96) ** 0.5, rel=0.02)
    assert (network.BAprocess.batch_norm1.running_mean == 0).all()


@pytest.mark.parametrize("change", [{"joints": 1}, {"ratios": 0}, {"width": 0}, {"stages": 0}])
def test_impossible_sizes_are_refused(change):
    ((name, value),) = change.items()
    with pytest.raises(SettingsError, match=f'"{name}" of at least ., but {value} '):
        replace(POSEAUG, **change)


def test_other_joints_are_refused():
    network = built()
    poses, lengths = given(2, 17)
    with pytest.raises(DataError, match="16 joints x 3 axes"):
        network(poses, lengths, network.noise(poses, generator()))
