"""Bodies that a generator makes: what its numbers mean, its file, and where they are put in."""

import json
import math
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file
from torch.testing import assert_close

from crosslift.augment.bone_swap import BoneSwap, check_bodies, measured
from crosslift.augment.dh import DHRandomSettings, DHSettings, RandomBodies, Replaced
from crosslift.augment.dh_body import (
    Meaning,
    drawn_shares,
    lengths_of,
    meant,
    placed,
    scaled,
    slow,
)
from crosslift.augment.dh_generator import BodyGenerator, load_generator, save_generator
from crosslift.augment.gpa import GPASettings
from crosslift.augment.named import augmenter_named
from crosslift.camera import camera_to_world
from crosslift.errors import CheckpointError, DataError, SettingsError, SkeletonError
from crosslift.geometry import bone_directions, bone_lengths
from crosslift.kinematics import ANGLES, MOVING, WIDE, angle_index
from crosslift.networks.angle_generator import AngleGenerator, AngleGeneratorSettings
from crosslift.skeletons import COCO_17, H36M_16, H36M_17
from crosslift.windows import Windowing, windows

from ..stores import short_clips
from .targets import source, target


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def numbers(frames: int = 5, clips: int = 6) -> torch.Tensor:
    return 3 * torch.randn(clips, frames, 35, generator=generator())


def network(frames: int = 5, **meaning) -> BodyGenerator:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = AngleGenerator(AngleGeneratorSettings(frames, 8, 4))
    return BodyGenerator(found.eval(), Meaning(**meaning), 30.0 if frames > 1 else None)


def batch(frames: int = 5):
    return windows(list(short_clips()), Windowing(frames))


def test_angles_stay_within_their_limits_and_reach_both():
    made = meant(numbers(), Meaning())
    assert WIDE.contains(made.angles).all()
    extreme = meant(torch.full((1, 1, 35), 20.0), Meaning())
    wanted = torch.tensor([WIDE.upper[angle] for angle in MOVING])
    assert_close(extreme.angles[0, 0, list(MOVING)], wanted)
    assert_close(extreme.turn[0, 0], torch.full((3,), math.pi))
    assert_close(extreme.root[0, 0], torch.full((3,), 10.0))
    still = [angle for angle in range(len(ANGLES)) if angle not in MOVING]
    assert not made.angles[..., still].any()


def test_without_limits_every_angle_turns_half_round_either_way():
    made = meant(torch.full((1, 35), -20.0), Meaning("none"))
    assert_close(made.angles[0, list(MOVING)], torch.full((len(MOVING),), -math.pi))


def test_single_limits_can_be_told_and_reversed_ones_are_refused():
    own = Meaning(own_limits=(("left_knee_flexion", -90.0, -30.0),))
    knee = angle_index("left_knee_flexion")
    found = meant(numbers(), own).angles[..., knee].rad2deg()
    assert float(found.min()) >= -90.001 and float(found.max()) <= -29.999
    with pytest.raises(SettingsError, match='limits of "left_knee_flexion" go from the lower'):
        Meaning(own_limits=(("left_knee_flexion", 10.0, -30.0),))
    with pytest.raises(SettingsError, match="no angle of the body called"):
        Meaning(own_limits=(("left_knee", -30.0, 0.0),))


@pytest.mark.parametrize(("change", "words"), [
    ({"reach": -1.0}, "turns and moves by zero or more"),
    ({"waves": 0}, "made of 1 or more waves"),
    ({"quickness": -0.5}, "and a quickness of -0.5 were given"),
])  # fmt: skip
def test_meanings_that_are_none_are_refused(change, words):
    with pytest.raises(SettingsError, match=words):
        Meaning(**change)


def test_the_corrected_arms_are_the_default_and_the_released_ones_bend_elbows_back():
    lengths = measured()[:1]
    elbows = [angle_index(f"{side}_elbow_flexion") for side in ("left", "right")]
    made = meant(numbers(1, 200), Meaning())
    assert (made.angles[..., elbows] >= 0).all()
    own, late = (placed(made, lengths, Meaning(shifted_arms=each)) for each in (False, True))
    arms = H36M_16.indices("left_elbow", "left_wrist", "right_elbow", "right_wrist")
    rest = [joint for joint in range(16) if joint not in arms]
    assert_close(own[:, :, rest], late[:, :, rest])
    assert float((own - late)[:, :, arms].abs().max()) > 0.1


@pytest.mark.parametrize("skeleton", [H36M_16, H36M_17])
def test_made_bodies_have_the_lengths_that_they_were_given(skeleton):
    lengths = measured()[torch.arange(6) % 5][:, None]
    world = placed(meant(numbers(), Meaning()), lengths, Meaning(), skeleton)
    found = lengths_of(world, skeleton)
    assert_close(found, lengths.expand_as(found), atol=1e-5, rtol=0)


def test_other_joints_are_refused():
    with pytest.raises(SkeletonError, match="convert the data with --to h36m17"):
        placed(meant(numbers(), Meaning()), measured()[:1], Meaning(), COCO_17)


def test_lengths_change_by_up_to_a_fifth_alike_on_both_sides_but_for_the_thorax():
    shares = drawn_shares(2000, "different", generator())
    assert -0.2001 < float(shares.min()) < -0.19 and 0.19 < float(shares.max()) < 0.2
    ones = scaled(torch.ones(2000, 15), shares)
    mirror = [H36M_16.mirror[joint] - 1 for joint in range(1, 16)]
    assert torch.equal(ones, ones[:, mirror])
    assert (ones[:, H36M_16.index("thorax") - 1] == 1).all()
    assert torch.equal(ones[:, H36M_16.index("right_ankle") - 1], 1 + shares[:, 0])
    same = drawn_shares(50, "same", generator())
    assert (same == same[:, :1]).all() and float(same.std()) > 0.05
    assert not drawn_shares(3, "none", generator()).any()


def test_slow_numbers_keep_what_changes_slowly():
    frames = (torch.arange(9) + 0.5) / 9
    basis = (math.pi * torch.arange(9)[:, None] * frames).cos()
    first, late = basis[2][:, None].expand(9, 35), basis[7][:, None].expand(9, 35)
    assert_close(slow(first + late, 3), first, atol=1e-5, rtol=0)
    assert slow(late, None) is late and slow(late, 9) is late


def test_motion_of_few_waves_is_smoother():
    rough, smooth = (meant(numbers(27), Meaning(waves=each)).angles for each in (None, 3))
    assert float(smooth.diff(n=2, dim=1).abs().mean()) < 0.1 * float(
        rough.diff(n=2, dim=1).abs().mean()
    )


def test_a_generator_in_its_file_makes_the_same(tmp_path):
    made = replace(network(waves=2, limits="narrow"), about={"recipe": "dh_aug"})
    save_generator(made, tmp_path / "g.safetensors")
    found = load_generator(tmp_path / "g.safetensors")
    assert (found.meaning, found.fps, found.about) == (made.meaning, 30.0, made.about)
    for one, other in zip(found.made(3, 5, generator()), made.made(3, 5, generator()), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("meaning", [{}, {"waves": 2}, {"quickness": 0.1}])
def test_fewer_frames_are_the_middle_ones(meaning):
    made = network(**meaning)
    whole, part, one = (made.made(2, frames, generator()).angles for frames in (5, 3, 1))
    assert torch.equal(part, whole[:, 1:4]) and torch.equal(one, whole[:, 2:3])


def test_more_frames_than_a_generator_makes_are_refused():
    made = network()
    with pytest.raises(SettingsError, match="makes motion of 5 frames, but windows of 9"):
        made.made(1, 9, generator())
    with pytest.raises(SettingsError, match="makes single poses, but windows of 3"):
        network(1).made(1, 3, generator())


def write(path, header, weights=None):
    save_file(weights or network().network.state_dict(), path, header)


GOOD = {
    "network": {"frames": 5, "width": 8, "noise": 4}, "meaning": {}, "fps": 30.0, "made": {},
}  # fmt: skip


@pytest.mark.parametrize(("header", "words"), [
    ({}, "holds something else"),
    ({"format": "crosslift generator", "version": "7"}, "has version 7"),
    ({"format": "crosslift generator", "version": "1", "settings": "{"}, "does not describe"),
    ({"format": "crosslift generator", "version": "1",
      "settings": json.dumps(GOOD | {"network": {"frames": 4, "width": 8, "noise": 4}})},
     "does not describe a generator"),
    ({"format": "crosslift generator", "version": "1",
      "settings": json.dumps(GOOD | {"meaning": {"reech": 1}})}, 'did you mean "reach"'),
])  # fmt: skip
def test_files_that_are_none_are_refused(tmp_path, header, words):
    write(tmp_path / "g.safetensors", header)
    with pytest.raises(CheckpointError, match=words):
        load_generator(tmp_path / "g.safetensors")


def test_a_missing_file_a_text_and_weights_that_are_no_numbers_are_refused(tmp_path):
    (tmp_path / "text").write_text("not a generator")
    for name in ("nowhere", "text"):
        with pytest.raises(CheckpointError, match="should be the file of a generator"):
            load_generator(tmp_path / name)
    bad = network()
    with torch.no_grad():
        bad.network.deconv_out.bias[0] = math.nan
    save_generator(bad, tmp_path / "nan.safetensors")
    with pytest.raises(CheckpointError, match="should be numbers, but some are not"):
        load_generator(tmp_path / "nan.safetensors")


def test_replaced_windows_keep_camera_lengths_and_the_place_of_the_root():
    given = batch()
    found = Replaced(network(), 1.0, "none")(given, generator())
    assert found.camera.focal is given.camera.focal or torch.equal(
        found.camera.focal, given.camera.focal
    )
    assert_close(found.poses[:, 2, 0], given.poses[:, 2, 0], atol=1e-4, rtol=0)
    lengths = [lengths_of(each.poses, H36M_17).mean(dim=1) for each in (found, given)]
    assert_close(*lengths, atol=1e-4, rtol=0)
    assert float((found.poses - given.poses).abs().mean()) > 0.1


def test_a_learned_place_is_the_generator_s_in_the_world():
    made = Replaced(network(), 1.0, "none", "learned")
    found = made(batch(), generator())
    root = camera_to_world(found.poses[:, :, :1], found.camera)[:, :, 0]
    rng = generator()
    torch.rand(len(found), generator=rng)  # who is replaced
    assert_close(root, made.maker.made(len(found), 5, rng).root, atol=1e-4, rtol=0)


def test_only_a_share_is_replaced():
    given = batch()
    found = Replaced(RandomBodies(), 0.3)(given, generator())
    same = (found.poses == given.poses).flatten(1).all(dim=1).float().mean()
    assert 0.5 < float(same) < 0.9
    with pytest.raises(SettingsError, match="share of windows lies between 0 and 1"):
        Replaced(RandomBodies(), 1.5)


def test_windows_whose_bones_are_unknown_stay():
    given = batch()
    poses = given.poses.clone()
    poses[0, :, 3] = math.nan
    found = Replaced(RandomBodies(), 1.0)(replace(given, poses=poses), generator())
    assert found.poses[0, :, 3].isnan().all() and torch.equal(found.poses[0, :, 2], poses[0, :, 2])


def test_random_bodies_move_evenly_or_are_torn():
    even, torn = (RandomBodies(torn=each).made(20, 9, generator()) for each in (False, True))
    assert_close(even.angles.diff(n=2, dim=1), torch.zeros(20, 7, 33), atol=1e-5, rtol=0)
    assert float(torn.angles.diff(n=2, dim=1).abs().mean()) > 0.1


def test_windows_of_cameras_without_a_place_are_refused():
    aligned = GPASettings().build(target())(source(), generator())
    with pytest.raises(DataError, match="has no place in the world"):
        DHRandomSettings().build()(aligned, generator())


@pytest.mark.parametrize("skeleton", ["h36m16", "h36m17"])
def test_swapped_bones_are_those_of_a_measured_person_in_old_directions(skeleton):
    from crosslift.mapping import mapped

    given = windows([mapped(clip, skeleton) for clip in short_clips()], Windowing(5))
    found = BoneSwap(measured())(given, generator())
    lengths = lengths_of(found.poses, found.skeleton).mean(dim=1)
    off = (lengths[:, None] - measured()).abs().amax(dim=-1)
    assert float(off.amin(dim=1).max()) < 0.02 and len(set(off.argmin(dim=1).tolist())) > 2
    assert_close(bone_directions(found.poses, found.skeleton),
                 bone_directions(given.poses, given.skeleton), atol=1e-4, rtol=0)  # fmt: skip
    assert_close(found.poses[:, :, 0], given.poses[:, :, 0])
    assert_close(found.body[:, 1:], bone_lengths(found.poses, found.skeleton).mean(dim=1))


def test_bones_of_the_batch_are_swapped_among_each_other():
    given = batch()
    found = BoneSwap()(given, generator())
    own, others = (lengths_of(each.poses, H36M_17)[:, 0] for each in (given, found))
    apart = torch.cdist(others, own)
    assert float(apart.amin(dim=1).max()) < 0.01


@pytest.mark.parametrize(("bodies", "words"), [
    (torch.zeros(0, 15), "there are none in the table"),
    (torch.zeros(2, 15), "numbers above 0, but the bodies"),
    (torch.full((1, 15), math.nan), "numbers above 0"),
])  # fmt: skip
def test_tables_without_people_or_bones_are_refused(bodies, words):
    with pytest.raises(DataError, match=words):
        check_bodies(bodies)


def test_a_generator_is_named_without_quotation_marks(tmp_path):
    path = tmp_path / "g.safetensors"
    save_generator(network(), path)
    made = augmenter_named(f"dh:generator={path}:share=1:scaling=same")
    assert made.share == 1 and made.scaling == "same" and made.maker.frames == 5
    assert augmenter_named("dh-random:per=frame").maker.torn
    with pytest.raises(SettingsError, match="but none was named; give its file"):
        DHSettings().build()
    with pytest.raises(SettingsError, match='should be "window" or "frame"'):
        augmenter_named("dh-random:per=clip")
