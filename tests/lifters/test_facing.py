"""The camera turned to the person: what a lifter then does not see, and the way back."""

from dataclasses import replace

import torch

from crosslift.camera import Camera, pinhole, project, to_image_plane
from crosslift.geometry import body_lengths
from crosslift.lifters.facing import facing, proportions, seen_facing, turn_to
from crosslift.lifters.inputs import Inputs, Seen, given
from crosslift.skeletons import H36M_17
from crosslift.typical import typical_body

from ..people import seen_walker
from .small import small_settings

ROOT = H36M_17.root


def walker() -> torch.Tensor:
    """Poses of a window in the camera's frame."""
    return seen_walker().poses[:, :9].double()


def seen(poses: torch.Tensor, focal: float = 1000.0) -> Seen:
    camera: Camera = pinhole(focal, (1000, 1000))[None][None].map(lambda each: each.double())
    body = body_lengths(poses, H36M_17).mean(dim=1)
    return Seen(project(poses, camera), camera, None, body)


def turned(poses: torch.Tensor, axis: tuple[float, float, float]) -> torch.Tensor:
    vector = torch.tensor(axis, dtype=poses.dtype)
    turn = torch.linalg.matrix_exp(torch.cross(torch.eye(3).double(), vector.expand(3, 3), dim=1))
    return poses @ turn.T


def test_the_turn_is_one_and_brings_the_point_to_the_middle():
    points = torch.tensor([[0.0, 0.0], [0.3, -0.2], [-1.5, 2.0]], dtype=torch.float64)
    turn = turn_to(points)
    torch.testing.assert_close(turn @ turn.mT, torch.eye(3).double().expand(3, 3, 3))
    torch.testing.assert_close(torch.linalg.det(turn), torch.ones(3).double())
    rays = torch.nn.functional.pad(points, (0, 1), value=1.0)[..., None]
    torch.testing.assert_close((turn @ rays)[:, :2, 0], torch.zeros(3, 2).double())
    torch.testing.assert_close(turn[0], torch.eye(3).double())


def test_where_in_the_picture_a_person_is_seen_does_not_matter():
    """Turning the camera turns nothing that the network is given but the person's own roll."""
    poses = walker()
    about = poses - poses[:, :, [ROOT]] + torch.tensor([0.0, 0.0, 4.0]).double()
    aside = turned(about, (0.2, 0.0, 0.0))
    inputs = Inputs("facing", body=True)
    here, there = (given(seen(some), inputs, H36M_17) for some in (about, aside))
    torch.testing.assert_close(here.numbers, there.numbers, atol=1e-6, rtol=1e-6)
    assert here.facing is not None and there.facing is not None
    root_relative = about - about[:, :, [ROOT]]
    torch.testing.assert_close(
        there.facing.back(root_relative / here.facing.size, "all"),
        aside - aside[:, :, [ROOT]],
        atol=1e-6,
        rtol=1e-6,
    )


def test_a_giant_twice_as_far_is_a_person_twice_as_large():
    poses, inputs = walker(), Inputs("facing", body=True)
    one, two = (given(seen(some), inputs, H36M_17) for some in (poses, 2 * poses))
    torch.testing.assert_close(one.numbers, two.numbers, atol=1e-6, rtol=1e-6)
    assert one.facing is not None and two.facing is not None
    torch.testing.assert_close(two.facing.size, 2 * one.facing.size)


def test_the_roots_place_tells_how_large_the_person_appears():
    poses = walker()
    near, far = (
        given(seen(poses + torch.tensor([0.0, 0.0, z]).double()), Inputs("facing"), H36M_17).numbers
        for z in (0.0, 4.0)
    )
    assert (near[:, :, ROOT, 0] > far[:, :, ROOT, 0]).all()
    assert (near[:, :, ROOT, 1] == 0).all()
    others = [joint for joint in range(17) if joint != ROOT]
    size = near[:, :, others].norm(dim=-1).sum(dim=-1) / 17
    torch.testing.assert_close(size, torch.ones_like(size))


def test_proportions_are_shares_of_the_typical_persons():
    typical = typical_body(H36M_17)[None]
    plane = to_image_plane(*seen(walker())[:2])
    size = facing(plane, (1.3 * typical).double(), H36M_17).size
    torch.testing.assert_close(size, torch.full_like(size, 1.3), rtol=1e-6, atol=0)
    even = proportions(1.3 * typical, size.float(), H36M_17)
    torch.testing.assert_close(even, torch.zeros_like(even), atol=1e-6, rtol=0)
    longer = typical.clone()
    longer[0, 3] *= 1.2
    found = proportions(longer, torch.ones(1), H36M_17)
    torch.testing.assert_close(found[0, 3], torch.tensor(0.2))
    assert found[0, :3].abs().max() < 1e-6


def test_a_person_beside_the_camera_gives_numbers():
    plane = torch.zeros(1, 1, 17, 2)
    plane[0, 0, 1:, 0] = torch.linspace(-500, 500, 16)
    assert seen_facing(plane, turn_to(plane[..., ROOT, :]), ROOT).isfinite().all()


def test_twice_the_told_body_is_twice_the_pose():
    torch.manual_seed(0)
    lifter = small_settings("bodywise").build(H36M_17)
    lifter.network.eval()
    clip = seen_walker()
    camera = clip.camera[None][None]
    body = clip.body[None]
    with torch.no_grad():
        one, two = (
            lifter.lift(clip.keypoints[None, :9], camera, torch.Generator(), body=told)
            for told in (body, 2 * body)
        )
    torch.testing.assert_close(two, 2 * one, atol=1e-5, rtol=1e-4)
    assert one.abs().max() > 1e-3
    assert replace(lifter, flip=False).answers(Seen(clip.keypoints[None, :9], camera))[0].any()
