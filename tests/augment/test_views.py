"""Which way up is in pictures of people who stand."""

import math
from dataclasses import replace

import pytest
import torch

from crosslift.augment.target import Target
from crosslift.augment.views import DOUBT, PITCH, ROLL, Views, estimated_views, standing_lines
from crosslift.camera import Camera, looking_at, pinhole, project, world_to_camera
from crosslift.clip import Clip, clip_of
from crosslift.geometry import rotation_about
from crosslift.kinematics import ANGLES, AVERAGE, forward_with_nose
from crosslift.skeletons import H36M_17

from .test_contract import generator


def camera(down: float, roll: float) -> Camera:
    """Six metres away, in degrees."""
    level = math.radians(down)
    place = torch.tensor([6 * math.cos(level), 0.0, 1 + 6 * math.sin(level)])
    seeing = looking_at(pinhole(1500.0, (2000, 2000)), place, torch.tensor([0.0, 0.0, 1.0]))
    turn = rotation_about("z", torch.tensor(math.radians(roll)))
    return replace(seeing, rotation=turn @ seeing.rotation, translation=turn @ seeing.translation)


def standing(count: int = 60) -> torch.Tensor:
    """Someone who stands here and there: `frames joints 3` in the world."""
    rest = forward_with_nose(
        torch.zeros(1, len(ANGLES), dtype=torch.float64), torch.tensor(AVERAGE)
    ).float()
    turn = rotation_about("z", 7 * torch.rand(count, generator=generator(1)))
    place = 3 * torch.rand(count, 1, 3, generator=generator(2)) - 1.5
    place[..., 2] = 0.9
    return rest @ turn.mT + place


def lying(count: int = 60) -> torch.Tensor:
    turn = rotation_about("x", torch.full((count,), 1.5))
    return standing(count) @ turn.mT


def film(world: torch.Tensor, seeing: Camera, **labels: str) -> Clip:
    keypoints = project(world_to_camera(world, seeing), seeing)
    return replace(clip_of(keypoints, seeing, H36M_17, 30.0), labels=labels)


def leans(seeing: Camera) -> torch.Tensor:
    up = seeing.rotation[:, 2]
    return torch.stack([up[0], up[2]]) / -up[1]


@pytest.mark.parametrize(("down", "roll"), [(0, 0), (45, 0), (-15, 8), (30, -5)])
def test_up_is_found_where_people_stand_here_and_there(down, roll):
    seeing = camera(down, roll)
    found = estimated_views(Target.of([film(standing(2000), seeing)]))
    off = found.lean[0].float() - leans(seeing)
    assert abs(float(off[0])) < 0.02 and abs(float(off[1])) < 0.08


def test_people_who_lie_do_not_pull_it_aside():
    seeing = camera(20, 3)
    world = torch.cat([standing(2000), lying(500)])
    found = estimated_views(Target.of([film(world, seeing)]))
    off = found.lean[0].float() - leans(seeing)
    assert abs(float(off[0])) < 0.03 and abs(float(off[1])) < 0.12


def test_who_stands_in_one_place_tells_the_roll_and_not_the_tilt():
    seeing = camera(30, 6)
    found = estimated_views(Target.of([film(standing(1).expand(200, -1, -1), seeing)]))
    spread = found.covariance[0].diagonal().sqrt()
    assert float(spread[0]) < 0.8 * ROLL and float(spread[1]) > 0.8 * PITCH
    assert float(spread[0]) > DOUBT[0]


def test_who_is_not_seen_leaves_what_is_known_of_cameras():
    clip = film(standing(30), camera(30, 0))
    lost = torch.zeros_like(clip.scores)
    found = estimated_views(Target.of([replace(clip, scores=lost, observed=lost.bool())]))
    assert (found.lean == 0).all()
    wanted = torch.diag(torch.tensor([ROLL, PITCH]) ** 2 + torch.tensor(DOUBT) ** 2).double()
    torch.testing.assert_close(found.covariance[0], wanted)


def test_each_camera_has_its_own_view_and_clips_of_one_camera_share_it():
    high, low = camera(50, 0), camera(0, 0)
    clips = [film(standing(2000), high, camera="high"), film(standing(1000), low, camera="low"),
             film(standing(500), high, camera="high")]  # fmt: skip
    found = estimated_views(Target.of(clips))
    assert found.weight.tolist() == [2500.0, 1000.0]
    assert float(found.lean[0, 1]) < -0.9 and abs(float(found.lean[1, 1])) < 0.1


def test_leans_are_drawn_as_often_as_frames_and_as_far_as_they_are_uncertain():
    covariance = torch.diag(torch.tensor([0.01, 0.04]) ** 2).expand(2, 2, 2)
    views = Views(torch.tensor([[0.1, -1.0], [0.0, 1.0]]), covariance, torch.tensor([3.0, 1.0]))
    drawn = views.draw(4000, generator())
    down = drawn[:, 1] < 0
    assert 0.7 < float(down.float().mean()) < 0.8
    torch.testing.assert_close(drawn[down].mean(dim=0), torch.tensor([0.1, -1.0]),
                               atol=5e-3, rtol=0)  # fmt: skip
    torch.testing.assert_close(drawn[down].std(dim=0), torch.tensor([0.01, 0.04]),
                               atol=3e-3, rtol=0)  # fmt: skip


def test_planes_of_standing_people_hold_the_direction_up():
    seeing = camera(25, 4)
    lines = standing_lines(Target.of([film(standing(50), seeing)]))
    torch.testing.assert_close(lines.norm(dim=-1), torch.ones(50))
    assert float((lines @ seeing.rotation[:, 2]).abs().max()) < 0.08  # the neck is before the feet
