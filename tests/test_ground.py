"""The floor found under lifted poses, and clips that stand on it."""

import math
from dataclasses import replace
from functools import cache

import pytest
import torch

from crosslift.camera import camera_to_world, looking_at, pinhole, project
from crosslift.clip import Clip
from crosslift.errors import DataError
from crosslift.geometry import rotation_about
from crosslift.ground import estimated_ground, feet_of, given_ground, is_placed, standing, stands
from crosslift.observe import observe, perfect
from crosslift.skeleton import Skeleton
from crosslift.synth import draw_body, record

from .stores import moving


@cache
def performed(kind: str, seconds: float = 4.0):
    rng = torch.Generator().manual_seed(7)
    return record(kind, draw_body(rng), 30.0, seconds, rng)


def seen(
    kind: str, height: float = 1.5, tilt: float = 0.0, roll: float = 0.0, turn: float = 0.6
) -> Clip:
    """A movement before a camera so high, tilted down and rolled by degrees, with true poses."""
    motion = performed(kind)
    middle = motion.positions.mean(dim=(0, 1))
    down = math.radians(tilt)
    away = torch.tensor([math.sin(turn), math.cos(turn), 0.0])
    position = torch.cat([(middle + 6 * away)[:2], torch.tensor([height])])
    aim = position - torch.cat([6 * away[:2], torch.tensor([6 * math.tan(down)])])
    camera = looking_at(pinhole(1000, (2000, 2000)), position, aim)
    about = rotation_about("z", torch.tensor(math.radians(roll)))
    camera = replace(
        camera, rotation=about @ camera.rotation, translation=about @ camera.translation
    )
    return observe(motion, camera, perfect, torch.Generator())


def unplaced(clip: Clip) -> Clip:
    camera = replace(clip.camera, rotation=torch.eye(3), translation=torch.zeros(3))
    return replace(clip, camera=camera)


def noisy(clip: Clip, metres: float) -> Clip:
    noise = torch.randn(clip.poses.shape, generator=torch.Generator().manual_seed(0))
    return replace(clip, poses=clip.poses + metres * noise)


def errors(clip: Clip, metres: float = 0.0) -> tuple[float, float]:
    """Degrees of tilt, and metres of the floor below the person, by which the estimate is off."""
    truth, found = given_ground(clip.camera), estimated_ground(noisy(unplaced(clip), metres))
    tilt = math.degrees(math.acos(min(1.0, float(truth.up @ found.up))))
    root = clip.poses[0, :, 0].mean(dim=0)
    return tilt, abs(float(root @ (found.up - truth.up)) + found.height - truth.height)


@pytest.mark.parametrize("metres", [0.0, 0.03])
@pytest.mark.parametrize(
    ("height", "tilt", "roll"), [(1.5, 0, 0), (0.3, -10, 3), (3.0, 20, -3), (3.0, 35, 2)]
)
def test_someone_who_walks_tells_the_tilt_and_the_floor(height, tilt, roll, metres):
    degrees, floor = errors(seen("walk", height, tilt, roll), metres)
    assert degrees < (0.8 if metres == 0 else 1.5)
    assert floor < (0.01 if metres == 0 else 0.03)


@pytest.mark.parametrize("kind", ["squat", "wave", "turn", "sit", "lie_down"])
@pytest.mark.parametrize("tilt", [0, 30])
def test_someone_who_stays_in_place_tells_the_floor_and_the_tilt_nearly(kind, tilt):
    degrees, floor = errors(seen(kind, 2.0, tilt), 0.02)
    assert degrees < 7 and floor < 0.04


def test_the_doubt_is_small_for_who_walks_and_large_for_who_stays():
    walks, stays = (estimated_ground(unplaced(seen(kind))) for kind in ("walk", "squat"))
    assert walks.how == stays.how == "contacts"
    assert walks.tilt_spread_degrees < 2 < 4 < stays.tilt_spread_degrees < 10
    assert walks.height_spread < 0.03 and "feet stood in" in walks.words


def test_up_has_length_one_and_turns_with_the_camera():
    clip = unplaced(seen("walk", 1.5, 10))
    turn = rotation_about("x", torch.tensor(0.2))
    turned = replace(clip, poses=torch.einsum("ij, hfpj -> hfpi", turn, clip.poses))
    first, second = estimated_ground(clip), estimated_ground(turned)
    assert float(first.up.norm()) == pytest.approx(1, abs=1e-6)
    assert float((turn @ first.up) @ second.up) > math.cos(math.radians(0.5))


def test_feet_that_nobody_saw_are_not_relied_on():
    clip = unplaced(seen("walk", 1.5, 15))
    which = clip.skeleton.indices("left_ankle", "right_ankle")
    observed = clip.observed.clone()
    observed[:, which] = False
    found = estimated_ground(replace(clip, observed=observed))
    assert found.how == "assumed" and "no foot was seen to stand" in found.reason
    assert found.height == pytest.approx(1.5, abs=0.3)
    truth = given_ground(seen("walk", 1.5, 15).camera)
    assert float(found.up @ truth.up) > math.cos(math.radians(8))


def test_a_body_in_the_air_all_the_time_has_no_ground_of_its_own():
    clip = unplaced(seen("walk"))
    flying = clip.poses + torch.arange(len(clip))[:, None, None] * torch.tensor([0.0, 0.1, 0.0])
    assert estimated_ground(replace(clip, poses=flying)).how == "assumed"


def test_a_step_up_does_not_lift_the_floor():
    clip = seen("walk")
    plain = estimated_ground(unplaced(clip))
    motion = performed("walk")
    raised = motion.positions.clone()
    raised[-25:, :, 2] += 0.3
    stepped = observe(replace(motion, positions=raised), clip.camera, perfect, torch.Generator())
    found = estimated_ground(unplaced(stepped))
    assert found.height == pytest.approx(plain.height, abs=0.08)


def test_nothing_to_stand_on_is_said():
    empty = unplaced(seen("walk"))
    lost = replace(empty, poses=torch.full_like(empty.poses, torch.nan))
    none = replace(
        empty,
        poses=empty.poses[:, :0],
        keypoints=empty.keypoints[:0],
        scores=empty.scores[:0],
        observed=empty.observed[:0],
    )
    for clip in (lost, none):
        found = estimated_ground(clip)
        assert found.how == "assumed" and "there are no poses" in found.reason
        torch.testing.assert_close(found.up, torch.tensor([0.0, -1.0, 0.0]))
        assert math.isfinite(found.height)
        assert is_placed(standing(clip, found).camera)


def test_keypoints_alone_have_no_floor():
    with pytest.raises(DataError, match='found under poses, but ".*" has none; lift the keypoints'):
        estimated_ground(replace(seen("walk"), poses=None))
    with pytest.raises(DataError, match="no clip was given"):
        estimated_ground([])


def test_several_people_share_a_floor_and_tell_it_better():
    still, walking = unplaced(seen("squat", 1.5, 10)), unplaced(seen("walk", 1.5, 10))
    alone, together = estimated_ground(still), estimated_ground([still, walking])
    assert together.tilt_spread_degrees < alone.tilt_spread_degrees


def test_a_clip_stands_on_its_floor():
    clip = unplaced(seen("walk", 1.8, 20))
    found = standing(clip, estimated_ground(clip))
    world = camera_to_world(found.poses, found.camera)[0]
    ankles = world[:, clip.skeleton.indices("left_ankle", "right_ankle"), 2]
    assert ankles.amin() == pytest.approx(0.08, abs=0.03)
    torch.testing.assert_close(world[0, 0, :2], torch.zeros(2), rtol=0, atol=1e-5)
    assert (world[:, 10, 2] > 1).all()  # the head
    assert float(found.camera.position[2]) == pytest.approx(1.8, abs=0.03)
    assert float(found.camera.rotation[2, 0]) == pytest.approx(0, abs=1e-6)  # looks along y
    assert "above the floor" in found.provenance["floor"]


def test_standing_leaves_the_picture_and_the_poses():
    clip = unplaced(seen("walk", 1.8, 20))
    found = standing(clip, estimated_ground(clip))
    torch.testing.assert_close(found.poses, clip.poses)
    torch.testing.assert_close(project(found.poses[0], found.camera), clip.keypoints)
    off = found.camera.rotation @ found.camera.rotation.T - torch.eye(3)
    assert off.abs().max() < 1e-5


def test_the_world_begins_where_it_is_told():
    clip = unplaced(seen("walk"))
    ground, origin = estimated_ground(clip), torch.tensor([1.0, 0.0, 4.0])
    found = standing(clip, ground, origin=origin)
    there = camera_to_world(origin[None], found.camera)[0]
    torch.testing.assert_close(there[:2], torch.zeros(2), rtol=0, atol=1e-5)
    assert float(there[2]) == pytest.approx(float(origin @ ground.up) + ground.height, abs=1e-5)


def test_a_camera_with_a_place_keeps_it():
    clip = seen("walk")
    assert is_placed(clip.camera) and not is_placed(pinhole(1000, (10, 10)))
    ground = given_ground(clip.camera)
    assert ground.how == "given" and ground.height == pytest.approx(1.5, abs=1e-5)
    torch.testing.assert_close(ground.up, clip.camera.rotation @ torch.tensor([0.0, 0.0, 1.0]))
    assert standing(clip, ground) is clip
    assert "given" in ground.words


def test_a_camera_of_its_own_in_every_frame_is_put_up_in_every_frame():
    clip = unplaced(seen("walk"))
    each = replace(clip, camera=moving(clip.camera, len(clip)))
    ground = estimated_ground(clip)
    one, many = standing(clip, ground).camera, standing(each, ground).camera
    torch.testing.assert_close(many[3].rotation, one.rotation)
    torch.testing.assert_close(many.translation, one.translation.expand(len(clip), 3))
    assert given_ground(many).height == pytest.approx(given_ground(one).height)


def test_a_camera_that_looks_straight_down_is_put_up_too():
    clip = unplaced(seen("walk"))
    ground = replace(estimated_ground(clip), up=torch.tensor([0.0, 0.0, -1.0]), height=3.0)
    camera = standing(clip, ground).camera
    torch.testing.assert_close(camera.rotation[2], torch.tensor([0.0, 0.0, -1.0]))
    assert float(camera.position[2]) == pytest.approx(3, abs=1e-5)


def test_feet_stand_in_turn_when_someone_walks():
    clip = seen("walk")
    feet = feet_of(clip)
    down = stands(feet, given_ground(clip.camera).up.double())
    share = down.double().mean(dim=0)
    assert (share > 0.35).all() and (share < 0.8).all()
    assert down.any(dim=1).double().mean() > 0.8
    assert feet.places.shape == (len(clip), 2, 3)


def only(clip: Clip, *joints: str) -> Clip:
    """The clip with some of its joints, all hanging from the first."""
    which = clip.skeleton.indices(*joints)
    return replace(
        clip,
        skeleton=Skeleton("some", joints, (-1, *(0 for _ in joints[1:]))),
        keypoints=clip.keypoints[:, which],
        scores=clip.scores[:, which],
        observed=clip.observed[:, which],
        poses=clip.poses[:, :, which],
        body=None,
    )


def test_a_skeleton_without_feet_is_held_up_by_its_trunk():
    clip = seen("walk", 1.5, 20)
    found = estimated_ground(
        only(unplaced(clip), "pelvis", "left_hip", "right_hip", "left_shoulder", "right_shoulder")
    )
    assert found.how == "assumed" and "how the trunk is held" in found.reason
    assert float(found.up @ given_ground(clip.camera).up) > math.cos(math.radians(10))


def test_a_skeleton_without_a_trunk_leaves_the_camera_level():
    found = estimated_ground(only(unplaced(seen("walk", 1.5, 20)), "head", "nose"))
    torch.testing.assert_close(found.up, torch.tensor([0.0, -1.0, 0.0]))
    assert found.tilt_spread_degrees > 20
