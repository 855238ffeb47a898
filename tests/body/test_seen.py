"""What frames tell of a body."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.body.bones import average
from crosslift.body.seen import as_if_centred, bones_seen, scales, told, trembling
from crosslift.geometry import rotation_about

ANGLES = st.floats(-0.3, 0.3)


def people(*shape: int, seed: int = 0) -> torch.Tensor:
    """Points about three metres before a camera."""
    rng = torch.Generator().manual_seed(seed)
    return 0.4 * torch.randn(*shape, 17, 3, generator=rng) + torch.tensor([0.3, -0.2, 4.0])


def on_plane(points: torch.Tensor) -> torch.Tensor:
    return points[..., :2] / points[..., 2:]


@settings(max_examples=20)
@given(ANGLES, ANGLES)
def test_it_does_not_matter_where_in_the_picture_a_person_is(across, up):
    turn = rotation_about("y", torch.tensor(across)) @ rotation_about("x", torch.tensor(up))
    points = people(4)
    here, there = (bones_seen(on_plane(p)) for p in (points, points @ turn.mT))
    long, again = (seen.vectors.norm(dim=-1) for seen in (here, there))
    # The middle of keypoints is not quite that of their rays, so this holds nearly.
    torch.testing.assert_close(long, again, rtol=0.05, atol=0.003)


def test_the_middle_of_the_body_comes_to_lie_in_the_middle():
    plane = on_plane(people(6))
    middle = plane.mean(dim=-2, keepdim=True)
    spread = plane - middle
    pair = torch.cat([middle - spread, middle + spread], dim=-2)[:, :17]
    assert as_if_centred(middle.expand_as(pair)).abs().max() < 1e-6


def test_turning_is_what_a_rotation_of_the_rays_does():
    plane = on_plane(people(5))
    ray = torch.nn.functional.pad(plane.mean(dim=-2), (0, 1), value=1.0)
    ray = torch.nn.functional.normalize(ray, dim=-1)
    ahead = torch.tensor([0.0, 0.0, 1.0]).expand_as(ray)
    axis = torch.linalg.cross(ray, ahead)
    cross = torch.linalg.cross(axis[:, None], torch.eye(3).expand(5, 3, 3)).mT
    turn = torch.eye(3) + cross + cross @ cross / (1 + ray[:, 2])[:, None, None]
    turned = torch.nn.functional.pad(plane, (0, 1), value=1.0) @ turn.mT
    torch.testing.assert_close(as_if_centred(plane), on_plane(turned), atol=1e-5, rtol=1e-4)


def test_what_the_network_is_told_does_not_depend_on_the_distance():
    points = people(1, 2, 5, 3) - torch.tensor([0.3, -0.2, 4.0])
    flat = points[..., :2]
    near, far = (told(flat / z, average()[None]) for z in (3.0, 6.0))
    torch.testing.assert_close(near.apparent, far.apparent, atol=5e-2, rtol=0)
    torch.testing.assert_close(near.clips, far.clips, atol=5e-2, rtol=0)


def test_the_scale_is_that_of_the_bone_that_looks_third_longest():
    vectors = torch.zeros(1, 17, 2)
    average_bones = {2: 0.9, 3: 0.8, 5: 0.7, 6: 0.6}  # right and left thigh and shin
    for joint, share in average_bones.items():
        length = average()[1 if joint in (2, 5) else 2]
        vectors[0, joint] = vectors[0, joint - 1] + torch.tensor([0.0, share * float(length)])
    seen = bones_seen(vectors)
    seen = seen._replace(
        vectors=vectors[:, 1:] - vectors[:, [0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15]]
    )
    torch.testing.assert_close(scales(seen, average()), torch.tensor([0.7]))


def test_a_frame_with_too_few_long_bones_does_not_count():
    plane = on_plane(people(1, 1, 1, 3))
    plane[..., [3, 5, 6, 7, 8, 12, 13, 15, 16], :] = torch.nan  # one thigh is left
    facts = told(plane, average()[None])
    assert not facts.counts.any()
    assert (facts.frames == 0).all() and (facts.apparent == 0).all()


def test_missing_joints_leave_no_trace_but_their_absence():
    plane = on_plane(people(1, 1, 6, 3))
    plane[..., 16, :] = torch.nan
    facts = told(plane, average()[None])
    assert all(bool(part.isfinite().all()) for part in facts)
    assert facts.counts.all()


def test_even_movement_does_not_tremble_and_noise_does():
    start, way = people(1, 1, 1)[:, :, :, None, :, :2], torch.full((2,), 0.01)
    line = start + way * torch.arange(3)[:, None, None]
    scale = torch.ones(1, 1, 1, 3)
    still = trembling(line, scale)
    noisy = trembling(line + 0.01 * torch.randn(line.shape, generator=torch.Generator()), scale)
    assert (noisy[..., 0] > still[..., 0] + 1).all()
    assert (still[..., 2] == 1).all()


def test_frames_without_neighbours_say_nothing_of_trembling():
    plane = on_plane(people(1, 1, 4, 3))
    plane[..., [0, 2], :, :] = torch.nan
    assert (told(plane, average()[None]).clips[..., :3] == 0).all()
