"""Local pose augmentation: what changes, what stays, and by how much."""

import math
from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.augment.body_parts import body_parts
from crosslift.augment.lpa import (
    LocalPoseAugmentation,
    SwappedBodies,
    changed,
    degrees_apart,
    fully_inside,
    whole_image,
)
from crosslift.camera import pinhole
from crosslift.clip import Batch
from crosslift.errors import DataError
from crosslift.geometry import body_lengths, bone_directions, bone_lengths, bone_vectors
from crosslift.networks.pose_augmenter import Heads, PoseAugmenter, PoseAugmenterSettings
from crosslift.protocols import Augmenter
from crosslift.skeletons import H36M_17
from crosslift.windows import Windowing, windows

from ..stores import short_clips
from .test_contract import generator, same

PARTS = body_parts(H36M_17)


def batch(frames: int = 5) -> Batch:
    return windows(list(short_clips()), Windowing(frames))


def poses(frames: int = 5) -> torch.Tensor:
    found = batch(frames).poses
    assert found is not None
    return found.double()


def heads(count: int, **more: torch.Tensor) -> Heads:
    """What changes nothing, but for what is given."""
    nothing = {
        "angles": torch.zeros(count, 16, 3, dtype=torch.float64),
        "ratios": torch.zeros(count, PARTS.ratios, dtype=torch.float64),
        "rotation": torch.zeros(count, 3, dtype=torch.float64),
        "place": None,
    }
    return Heads(**{**nothing, **more})


def augmentation(*, places: bool = False) -> LocalPoseAugmentation:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        settings = PoseAugmenterSettings(17, PARTS.ratios, 16, 1, places)
        return LocalPoseAugmentation(PoseAugmenter(settings))


def drawn_numbers(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(3), dtype=torch.float64)


def test_heads_of_nothing_change_nothing():
    given = poses()
    found = changed(given, heads(len(given)), PARTS)
    for each in (found.angled, found.stretched, found.turned):
        assert_close(each, given, atol=1e-12, rtol=0)
    assert_close(found.bent, torch.zeros_like(found.bent), atol=1e-12, rtol=0)


def test_angles_change_keep_lengths_root_and_trunk():
    given = poses()
    found = changed(given, heads(len(given), angles=drawn_numbers(len(given), 16, 3)), PARTS)
    assert_close(bone_lengths(found.angled, H36M_17), bone_lengths(given, H36M_17))
    assert_close(found.angled[:, :, 0], given[:, :, 0])
    trunk = list(PARTS.trunk)
    old, new = (bone_vectors(each, H36M_17) for each in (given, found.angled))
    assert_close(new[:, :, trunk], old[:, :, trunk])
    limbs = [bone for bone in range(16) if bone not in trunk]
    assert ((new - old)[:, :, limbs].norm(dim=-1) > 1e-3).all()
    cosines = torch.nn.functional.cosine_similarity(old, new, dim=-1)
    assert_close(found.bent, 1 - cosines[:, 2])


def test_a_bone_turns_by_what_is_added_to_its_direction():
    given = poses(1)[:1]
    direction = bone_directions(given, H36M_17)[0, 0, 12]
    aside = torch.linalg.cross(direction, torch.tensor([0.0, 0, 1], dtype=torch.float64))
    aside = aside / aside.norm()
    angles = torch.zeros(1, 16, 3, dtype=torch.float64)
    angles[0, 12] = -aside * math.tan(math.radians(30))  # it points to the parent
    found = changed(given, heads(1, angles=angles), PARTS)
    assert found.bent[0, 12].item() == pytest.approx(1 - math.cos(math.radians(30)))
    wanted = direction * math.cos(math.radians(30)) + aside * math.sin(math.radians(30))
    assert_close(bone_directions(found.angled, H36M_17)[0, 0, 12], wanted)


def test_lengths_change_alike_on_both_sides_by_a_fifth_at_most_and_the_upper_trunk_stays():
    given = poses()
    ratios = 100 * torch.ones(len(given), PARTS.ratios, dtype=torch.float64)
    found = changed(given, heads(len(given), ratios=ratios), PARTS)
    factors = bone_lengths(found.stretched, H36M_17) / bone_lengths(given, H36M_17)
    wanted = torch.full((16,), 1.2, dtype=torch.float64)
    wanted[7] = 1.0  # spine to thorax
    assert_close(factors, wanted.expand_as(factors))
    assert_close(found.ratios[0, :5], torch.tensor([0.2, 0.2, 0.2, 0.2, 0.0]).double())
    assert_close(bone_directions(found.stretched, H36M_17), bone_directions(given, H36M_17))


def test_all_frames_turn_about_the_middle_one_s_root():
    given = poses()
    raw = torch.tensor([[0.0, 0, math.atanh(math.pi / 2 / 3.1415)]]).double().expand(len(given), 3)
    found = changed(given, heads(len(given), rotation=raw), PARTS).turned
    pivot = given[:, [2], 0][:, :, None]
    x, y, z = (given - pivot).unbind(dim=-1)
    assert_close(found, torch.stack([-y, x, z], dim=-1) + pivot)
    assert_close(found[:, 2, 0], given[:, 2, 0])


def test_the_place_is_where_the_network_says_and_its_depth_a_square():
    given = poses()
    place = torch.tensor([[0.5, -0.25, -2.0]]).double().expand(len(given), 3)
    found = changed(given, heads(len(given), place=place), PARTS).turned
    wanted = torch.tensor([0.5, -0.25, 4.0]).double()
    assert_close(found[:, 2, 0], wanted.expand(len(given), 3))
    assert_close(found - found[:, [2], :1], given - given[:, [2], :1])


def test_a_window_s_movement_stays_smooth():
    given = poses()
    found = changed(given, heads(len(given), angles=0.5 * drawn_numbers(len(given), 16, 3)), PARTS)
    assert found.angled.diff(dim=1).norm(dim=-1).max() < 5 * given.diff(dim=1).norm(dim=-1).max()


def test_it_is_an_augmenter_that_repeats_and_changes_no_input():
    given, untouched, augmenter = batch(), batch(), augmentation()
    augmenter.network.eval()
    assert isinstance(augmenter, Augmenter)
    first, again, other = (augmenter(given, generator(seed)) for seed in (1, 1, 2))
    assert same(given, untouched) and same(first, again) and not same(first, other)
    assert first.poses is not None and not first.poses.requires_grad
    assert_close(first.body, body_lengths(first.poses, H36M_17).mean(dim=1))


def test_gradients_reach_the_networks_through_the_changes():
    augmenter = augmentation(places=True)
    found = augmenter.drawn(batch(), generator())
    (found.turned.square().sum() + found.bent.sum() + found.ratios.sum()).backward()
    reached = [name for name, each in augmenter.network.named_parameters()
               if each.grad is not None and float(each.grad.abs().sum()) > 0]  # fmt: skip
    assert len(reached) == len(list(augmenter.network.parameters()))


def test_a_generator_that_heeds_no_noise_is_noticed():
    augmenter, given = augmentation(), batch()
    lively = degrees_apart(augmenter, given, generator())
    assert 5 < lively < 120 and augmenter.network.training
    with torch.no_grad():
        last = augmenter.network.BAprocess.get_submodule("w2")
        last.weight.zero_()
    assert degrees_apart(augmenter, given, generator()) < 0.1


def test_swapped_bodies_are_whole_bodies_of_others_in_the_same_directions():
    given = batch()
    people = torch.stack([clip.body for clip in short_clips()])
    found = SwappedBodies(people)(given, generator())
    which = (found.body[:, None] - people).abs().amax(dim=2).argmin(dim=1)
    assert_close(found.body, people[which], atol=1e-5, rtol=0)
    assert len(which.unique()) > 1
    assert_close(bone_directions(found.poses, H36M_17), bone_directions(given.poses, H36M_17),
                 atol=1e-4, rtol=0)  # fmt: skip
    assert_close(found.poses[:, :, 0], given.poses[:, :, 0])
    assert not torch.equal(found.keypoints, given.keypoints)


def test_bodies_are_those_of_the_batch_unless_given():
    given = batch()
    found = SwappedBodies()(given, generator())
    own = body_lengths(given.poses, H36M_17).mean(dim=1)
    off = (found.body[:, None] - own).abs().amax(dim=2).amin(dim=1)
    assert off.max() < 1e-4
    assert len(SwappedBodies()(given[:0], generator())) == 0


def test_keypoints_alone_are_refused():
    given = replace(batch(), poses=None)
    with pytest.raises(DataError, match="but the batch has keypoints alone"):
        augmentation()(given, generator())
    with pytest.raises(DataError, match="but the batch has keypoints alone"):
        SwappedBodies()(given, generator())


def at_pixels(*pixels: tuple[float, float], size: tuple[int, int] = (200, 100)) -> Batch:
    """Single-frame windows all of whose joints are seen at one place."""
    camera = pinhole(100.0, size).map(lambda each: each[None, None])
    keypoints = torch.tensor(pixels)[:, None, None].expand(-1, 1, 17, 2)
    scores = torch.ones(len(pixels), 1, 17)
    return Batch(H36M_17, camera, keypoints, scores, torch.ones(len(pixels), 1, dtype=torch.bool))


def test_inside_is_within_all_four_borders():
    places = [(0.0, 0.0), (200.0, 100.0), (-1.0, 50.0), (201.0, 50.0), (100.0, -1.0),
              (100.0, 101.0), (torch.nan, 50.0)]  # fmt: skip
    assert fully_inside(at_pixels(*places)).tolist() == [True, True, *[False] * 5]


def test_in_the_release_inside_is_what_is_not_beyond_one():
    places = [(-500.0, -500.0), (200.0, 150.0), (201.0, 50.0), (100.0, 151.0), (torch.nan, 0.0)]
    found = fully_inside(at_pixels(*places), upper_only=True)
    assert found.tolist() == [True, True, False, False, False]


def test_a_joint_behind_the_camera_has_no_image_but_in_the_release():
    given = at_pixels((100.0, 50.0))
    behind = torch.zeros(1, 1, 17, 3) + torch.tensor([0.0, 0.0, 3.0])
    behind[..., 5, 2] = -1.0
    found = whole_image(given, behind)
    assert found.keypoints[0, 0, 5].isnan().all() and found.scores[0, 0, 5] == 0
    assert found.scores.sum() == 16
    false = whole_image(given, behind, clamped=True)
    assert false.keypoints.isfinite().all() and (false.scores == 1).all()
