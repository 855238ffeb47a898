"""Placing a root: exact without noise, without bias with it, and honest where it cannot."""

from dataclasses import replace

import pytest
import torch
from torch.autograd import gradcheck
from torch.testing import assert_close

from crosslift.camera import Camera, pinhole, project, screen_camera
from crosslift.errors import SkeletonError
from crosslift.geometry import body_lengths, place_root, scale_to_stature, stature
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_16, H36M_17

F64 = torch.float64


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def some_camera(bent: bool = True) -> Camera:
    camera = pinhole((1100.0, 1150.0), (1000, 1000), (480.0, 520.0)).map(
        lambda tensor: tensor.double()
    )
    lens = torch.tensor([-0.2, 0.24, -0.002, 0.001, 0.01], dtype=F64)
    return replace(camera, distortion=lens) if bent else camera


def scene(count: int, camera: Camera, seed: int = 0) -> tuple[torch.Tensor, ...]:
    """Root-relative poses, where they stand, what the camera sees of them, and full scores."""
    rng = generator(seed)
    poses = 0.35 * torch.randn(count, 17, 3, generator=rng, dtype=F64)
    poses = poses - poses[:, :1]
    spread = torch.rand(count, 3, generator=rng, dtype=F64) - 0.5
    roots = spread * torch.tensor([1.5, 1, 3.0]) + torch.tensor([0, 0, 4.5])
    keypoints = project(poses + roots[:, None], camera)
    return poses, roots, keypoints, torch.ones(count, 17, dtype=F64)


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("bent", [False, True])
def test_without_noise_the_root_is_found_exactly(robust, bent):
    camera = some_camera(bent)
    poses, roots, keypoints, scores = scene(50, camera)
    found = place_root(poses, keypoints, scores, camera, robust=robust)
    assert_close(found, roots, atol=1e-8, rtol=0)


def test_in_single_precision_the_root_is_found_to_a_tenth_of_a_millimetre():
    camera = some_camera().map(lambda tensor: tensor.float())
    poses, roots, keypoints, scores = (part.float() for part in scene(50, some_camera()))
    found = place_root(poses, keypoints, scores, camera)
    assert_close(found, roots, atol=1e-4, rtol=0)


def test_a_camera_in_screen_units_finds_the_same_root():
    camera = screen_camera(some_camera())
    poses, roots, keypoints, scores = scene(10, camera)
    assert_close(place_root(poses, keypoints, scores, camera), roots, atol=1e-8, rtol=0)


def test_with_noise_no_small_move_is_better():
    camera = some_camera(bent=False)
    poses, _, keypoints, scores = scene(20, camera)
    scores = 0.2 + 0.8 * torch.rand(scores.shape, generator=generator(3), dtype=F64)
    keypoints = keypoints + 5 * torch.randn(keypoints.shape, generator=generator(1), dtype=F64)
    found = place_root(poses, keypoints, scores, camera)

    def cost(place: torch.Tensor) -> torch.Tensor:
        off = project(poses + place[:, None], camera) - keypoints
        return (scores * off.square().sum(dim=-1)).sum(dim=-1)

    for axis in torch.eye(3, dtype=F64):
        for move in (0.002 * axis, -0.002 * axis):
            assert (cost(found + move) > cost(found)).all()


def test_noise_moves_the_depth_but_not_its_mean():
    camera = some_camera(bent=False)
    poses, roots, keypoints, scores = scene(4000, camera)
    keypoints = keypoints + 6 * torch.randn(keypoints.shape, generator=generator(1), dtype=F64)
    off = (place_root(poses, keypoints, scores, camera) - roots)[:, 2]
    assert off.std() > 0.02  # what is averaged is there
    assert off.mean().abs() < 4 * off.std() / 4000**0.5 + 0.002


def test_joints_without_a_score_do_not_count_and_may_be_nan():
    camera = some_camera()
    poses, roots, keypoints, scores = scene(10, camera)
    keypoints[:, 3], keypoints[:, 5] = torch.nan, 1e4
    scores[:, [3, 5]] = 0
    found = place_root(poses, keypoints, scores, camera)
    assert_close(found, roots, atol=1e-8, rtol=0)


def test_a_keypoint_or_joint_that_is_nan_never_counts():
    camera = some_camera()
    poses, roots, keypoints, scores = scene(10, camera)
    keypoints[:, 3], poses[:, 8, 1] = torch.nan, torch.nan
    assert_close(place_root(poses, keypoints, scores, camera), roots, atol=1e-8, rtol=0)


def test_the_scores_weigh():
    camera = some_camera(bent=False)
    poses, roots, keypoints, scores = scene(10, camera)
    keypoints[:, 7] += 60
    equal = (place_root(poses, keypoints, scores, camera) - roots).norm(dim=-1)
    scores[:, 7] = 0.01
    weighed = (place_root(poses, keypoints, scores, camera) - roots).norm(dim=-1)
    assert (weighed < 0.1 * equal).all()


def test_the_robust_way_is_not_led_astray_by_three_wrong_joints():
    camera = some_camera()
    poses, roots, keypoints, scores = scene(200, camera)
    keypoints = keypoints + torch.randn(keypoints.shape, generator=generator(1), dtype=F64)
    clean = (place_root(poses, keypoints, scores, camera) - roots).norm(dim=-1).median()
    wrong = 150 * torch.randn(200, 3, 2, generator=generator(2), dtype=F64)
    keypoints[:, [3, 13, 16]] += wrong
    plain, robust = (
        (place_root(poses, keypoints, scores, camera, robust=how) - roots).norm(dim=-1).median()
        for how in (False, True)
    )
    assert plain > 20 * clean
    assert robust < 2 * clean


def test_too_few_joints_seen_give_nan_and_leave_the_others_alone():
    camera = some_camera()
    poses, roots, keypoints, scores = scene(4, camera)
    scores[0, 2:] = 0
    scores[1] = 0
    scores[2, 3:] = 0
    poses.requires_grad_()
    found = place_root(poses, keypoints, scores, camera)
    assert found[:2].isnan().all()
    assert_close(found[2:], roots[2:], atol=1e-6, rtol=0)
    (slope,) = torch.autograd.grad(found[2:].sum(), poses)
    assert slope.isfinite().all()
    assert slope[2].abs().max() > 0


def test_keypoints_in_one_point_have_no_depth():
    camera = some_camera()
    poses, _, keypoints, scores = scene(2, camera)
    assert place_root(poses, keypoints * 0 + 400, scores, camera).isnan().all()


def test_a_pose_seen_the_wrong_way_round_is_never_put_behind_the_camera():
    camera = some_camera(bent=False)
    poses, _, keypoints, scores = scene(20, camera)
    upside_down = 2 * camera.centre - keypoints
    found = place_root(poses, upside_down, scores, camera)
    ahead = (poses + found[:, None])[..., 2] > 0
    assert (ahead.all(dim=-1) | found.isnan().all(dim=-1)).all()


def test_a_body_twice_as_large_stands_twice_as_far():
    camera = some_camera()
    poses, roots, keypoints, scores = scene(10, camera)
    found = place_root(2 * poses, keypoints, scores, camera)
    assert_close(found, 2 * roots, atol=1e-7, rtol=0)


def test_each_frame_may_have_its_own_camera():
    camera = some_camera()
    poses, roots, _, scores = scene(4, camera)
    zoom = torch.tensor([1, 1.2, 0.9, 1.1], dtype=F64)[:, None]
    moving = camera.map(lambda tensor: tensor.expand(4, *tensor.shape))
    moving = replace(moving, focal=moving.focal * zoom)
    keypoints = project(poses + roots[:, None], moving)
    found = place_root(poses, keypoints, scores, moving)
    assert_close(found, roots, atol=1e-8, rtol=0)
    assert_close(place_root(poses[2], keypoints[2], scores[2], moving[2]), roots[2])


def test_several_hypotheses_share_their_keypoints():
    camera = some_camera()
    poses, roots, keypoints, scores = scene(4, camera)
    found = place_root(torch.stack([poses, 2 * poses]), keypoints, scores, camera)
    assert_close(found, torch.stack([roots, 2 * roots]), atol=1e-7, rtol=0)


def test_no_frames_have_no_roots():
    poses, _, keypoints, scores = scene(2, some_camera())
    assert place_root(poses[:0], keypoints[:0], scores[:0], some_camera()).shape == (0, 3)


def test_the_root_has_right_gradients():
    camera = some_camera(bent=False)
    poses, _, keypoints, scores = (part[:1] for part in scene(1, camera))
    keypoints = keypoints + torch.randn(keypoints.shape, generator=generator(1), dtype=F64)
    inputs = tuple(part.clone().requires_grad_() for part in (poses, keypoints, scores))
    assert gradcheck(lambda *parts: place_root(*parts, camera), inputs, atol=1e-4)


def test_the_stature_by_hand():
    body = torch.zeros(17)
    lengths = {
        "left_knee": 0.44, "left_ankle": 0.42, "right_knee": 0.46, "right_ankle": 0.40,
        "spine": 0.24, "thorax": 0.25, "nose": 0.11, "head": 0.11,
        "left_hip": 9, "right_elbow": 9,
    }  # fmt: skip
    for joint, length in lengths.items():
        body[H36M_17.index(joint)] = length
    chain = 0.86 + 0.24 + 0.25 + 0.11 + 0.11
    assert_close(stature(body, H36M_17), torch.tensor(chain / 0.91))
    body[H36M_17.index("nose")] = 0
    short = body[[joint for joint in range(17) if H36M_17.joints[joint] != "nose"]]
    assert_close(stature(short, H36M_16), torch.tensor((chain - 0.11) / 0.91))


def test_a_skeleton_without_the_chain_is_refused():
    legless = Skeleton("legless", ("pelvis", "head"), (-1, 0))
    with pytest.raises(SkeletonError, match='"legless" has no "left_knee"; bring the poses to'):
        stature(torch.ones(2), legless)


def test_scaled_clips_have_the_stature_and_one_factor_for_all_frames():
    camera = some_camera()
    poses, roots, _, _ = scene(6, camera)
    clips = (poses + roots[:, None]).reshape(2, 3, 17, 3)
    scaled = scale_to_stature(clips, H36M_17, 1.85)
    found = stature(body_lengths(scaled, H36M_17), H36M_17).median(dim=-1).values
    assert_close(found, torch.full((2,), 1.85, dtype=F64))
    factor = (scaled / clips).flatten(1)
    assert_close(factor, factor[:, :1].expand_as(factor))
    assert_close(project(scaled, camera), project(clips, camera))


def test_frames_without_the_whole_chain_do_not_count_for_the_stature():
    poses, *_ = scene(5, some_camera())
    expected = scale_to_stature(poses[1:4], H36M_17)
    poses[[0, 4], H36M_17.index("left_knee")] = torch.nan
    assert_close(scale_to_stature(poses, H36M_17)[1:4], expected)


def test_a_pose_of_unknown_size_is_placed_by_its_stature():
    camera = some_camera()
    poses, roots, keypoints, scores = scene(1, camera)
    height = float(stature(body_lengths(poses, H36M_17), H36M_17))
    sized = scale_to_stature(0.37 * poses, H36M_17, height)
    found = place_root(sized, keypoints, scores, camera)
    assert_close(found, roots, atol=1e-7, rtol=0)


def test_a_pose_that_contradicts_its_keypoints_has_no_place_far_away():
    """Fitted as it is, it would be up to a million million metres off."""
    rng = torch.Generator().manual_seed(0)
    poses = 0.4 * torch.randn(2000, 17, 3, generator=rng)
    keypoints = 500 + 80 * torch.randn(2000, 17, 2, generator=rng)
    place = place_root(poses, keypoints, torch.ones(2000, 17), pinhole(1000.0, (1000, 1000)))
    found = place[place.isfinite().all(dim=-1)]
    assert 0 < len(found) < 2000
    assert float(found[:, 2].max()) < 5 * 0.4 / 0.08 * 2.5
