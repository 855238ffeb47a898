"""Metrics: laws, values worked by hand, slow twins, masks, gradients, refusals."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from crosslift import metrics
from crosslift.errors import SkeletonError
from crosslift.geometry.rotations import project_to_rotation
from crosslift.skeletons import H36M_16, H36M_17, MPI_INF_3DHP_17, PANOPTIC_15

Metric = Callable[..., Tensor]

OF_POSES: dict[str, Metric] = {
    name: getattr(metrics, name)
    for name in ("mpjpe", "p_mpjpe", "n_mpjpe", "pck", "auc", "cps", "cps_area")
}
OF_JOINTS: dict[str, Metric] = {
    name: getattr(metrics, name)
    for name in ("joint_error", "aligned_joint_error", "scaled_joint_error")
}
OF_TRACKS: dict[str, Metric] = {
    "mpjve": metrics.mpjve,
    "acceleration_error": metrics.acceleration_error,
    "jitter": lambda estimate, truth, **options: metrics.jitter(estimate - truth, **options),
}


def pair(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """A truth of body size and an estimate some 10 cm from it."""
    rng = torch.Generator().manual_seed(seed)
    truth = 0.4 * torch.randn(*shape, 3, generator=rng, dtype=torch.float64)
    estimate = truth + 0.08 * torch.randn(*shape, 3, generator=rng, dtype=torch.float64)
    return estimate.to(dtype), truth.to(dtype)


def some_mask(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) > 0.3


def spoiled(points: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask[..., None], points, torch.nan)


# slow twins


def twin_error(estimate: np.ndarray, truth: np.ndarray) -> float:
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(estimate, truth, strict=True)))


def twin_aligned(estimate: np.ndarray, truth: np.ndarray) -> np.ndarray:
    found, wanted = estimate - estimate.mean(0), truth - truth.mean(0)
    u, s, vt = np.linalg.svd(wanted.T @ found)
    flip = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    scale = np.trace(flip @ np.diag(s)) / (found**2).sum()
    return scale * found @ (u @ flip @ vt).T + truth.mean(0)


def twin_of_pose(name: str, estimate: np.ndarray, truth: np.ndarray) -> float:
    if name in ("p_mpjpe", "cps", "cps_area"):
        estimate = twin_aligned(estimate, truth)
    if name == "n_mpjpe":
        estimate = estimate * (truth * estimate).sum() / (estimate**2).sum()
    errors = [twin_error(a, b) for a, b in zip(estimate, truth, strict=True)]
    if name == "pck":
        return sum(error < 0.15 for error in errors) / len(errors)
    if name == "auc":
        return sum(error < step / 200 for error in errors for step in range(31)) / 31 / len(errors)
    if name == "cps":
        return float(max(errors) < 0.18)
    if name == "cps_area":
        return sum(max(errors) < step / 1000 for step in range(301)) / 301
    return sum(errors) / len(errors)


@pytest.mark.parametrize("name", OF_POSES)
def test_a_metric_over_any_leading_axes_equals_a_loop(name: str) -> None:
    estimate, truth = pair(2, 3, 11)
    ours = OF_POSES[name](estimate, truth)
    assert ours.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            slow = twin_of_pose(name, estimate[i, j].numpy(), truth[i, j].numpy())
            assert ours[i, j].item() == pytest.approx(slow, rel=1e-10)
            assert_close(OF_POSES[name](estimate[i, j], truth[i, j]), ours[i, j])


@pytest.mark.parametrize("name", OF_TRACKS)
@pytest.mark.parametrize("fps", [None, 30.0])
def test_a_metric_of_movement_equals_a_loop_over_frames(name: str, fps: float | None) -> None:
    estimate, truth = pair(2, 7, 5)
    order = {"mpjve": 1, "acceleration_error": 2, "jitter": 3}[name]
    weights = {1: [-1, 1], 2: [1, -2, 1], 3: [-1, 3, -3, 1]}[order]
    ours = OF_TRACKS[name](estimate, truth, fps=fps)
    for track in range(2):
        off = (estimate - truth)[track].numpy()
        lengths = [
            np.linalg.norm(sum(w * off[t + i, joint] for i, w in enumerate(weights)))
            for t in range(7 - order)
            for joint in range(5)
        ]
        assert ours[track].item() == pytest.approx(np.mean(lengths) * (fps or 1) ** order)


# laws


@pytest.mark.parametrize("name", ["p_mpjpe", "cps", "cps_area"])
@given(
    seed=st.integers(0, 10**6),
    scale=st.floats(0.1, 10),
    shift=st.floats(-5, 5),
)
@settings(max_examples=10, deadline=None)
def test_alignment_takes_out_any_similarity(
    name: str, seed: int, scale: float, shift: float
) -> None:
    estimate, truth = pair(3, 9, seed=seed)
    matrix = torch.randn(3, 3, 3, generator=torch.Generator().manual_seed(seed), dtype=truth.dtype)
    turned = scale * estimate @ project_to_rotation(matrix).mT + shift
    assert_close(OF_POSES[name](turned, truth), OF_POSES[name](estimate, truth))
    if name == "p_mpjpe":
        rotated = scale * truth @ project_to_rotation(matrix).mT + shift
        assert metrics.p_mpjpe(rotated, truth).max() < 1e-9


def test_alignment_never_mirrors() -> None:
    _, truth = pair(4, 17)
    mirrored = truth * torch.tensor([-1.0, 1.0, 1.0], dtype=truth.dtype)
    assert bool((metrics.p_mpjpe(mirrored, truth) > 0.1).all())


@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100))
@settings(max_examples=10, deadline=None)
def test_the_scale_of_an_estimate_does_not_change_n_mpjpe(seed: int, scale: float) -> None:
    estimate, truth = pair(3, 9, seed=seed)
    assert_close(metrics.n_mpjpe(scale * estimate, truth), metrics.n_mpjpe(estimate, truth))
    assert metrics.n_mpjpe(scale * truth, truth).max() < 1e-9


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_more_freedom_never_adds_squared_error(seed: int) -> None:
    estimate, truth = pair(5, 9, seed=seed)
    bare, aligned, scaled = (
        (form(estimate, truth) ** 2).sum(dim=-1) for form in OF_JOINTS.values()
    )
    assert bool((aligned <= scaled + 1e-12).all())
    assert bool((scaled <= bare + 1e-12).all())


def test_mpjpe_is_symmetric_and_unmoved_by_a_common_shift() -> None:
    estimate, truth = pair(4, 9)
    assert_close(metrics.mpjpe(estimate, truth), metrics.mpjpe(truth, estimate))
    assert_close(metrics.mpjpe(estimate + 3, truth + 3), metrics.mpjpe(estimate, truth))


def test_a_perfect_estimate_scores_all_that_the_thresholds_allow() -> None:
    _, truth = pair(4, 9)
    assert_close(100 * metrics.auc(truth, truth), torch.full((4,), 96.774193548, dtype=truth.dtype))
    assert bool((metrics.pck(truth, truth) == 1).all())
    assert bool((metrics.cps(truth, truth) == 1).all())
    assert_close(metrics.cps_area(truth, truth), torch.full((4,), 300 / 301, dtype=truth.dtype))
    for name in ("mpjpe", "p_mpjpe", "n_mpjpe"):
        assert OF_POSES[name](truth, truth).max() < 1e-12


def test_auc_is_the_mean_of_pck_over_its_thresholds() -> None:
    estimate, truth = pair(4, 9)
    each = [metrics.pck(estimate, truth, threshold=limit) for limit in metrics.AUC_THRESHOLDS]
    assert_close(metrics.auc(estimate, truth), torch.stack(each).mean(dim=0))


def test_cps_area_is_the_mean_of_cps_over_its_thresholds() -> None:
    estimate, truth = pair(4, 9)
    each = [metrics.cps(estimate, truth, threshold=limit) for limit in metrics.CPS_THRESHOLDS]
    assert_close(metrics.cps_area(estimate, truth), torch.stack(each).mean(dim=0))


def test_even_movement_costs_nothing_in_the_differences_that_do_not_see_it() -> None:
    _, truth = pair(8, 5)
    time = torch.arange(8, dtype=truth.dtype)[:, None, None]
    assert metrics.mpjve(truth + 1, truth) < 1e-12
    assert metrics.acceleration_error(truth + 0.1 * time, truth) < 1e-12
    assert metrics.jitter((0.1 * time + 0.02 * time**2).expand(8, 5, 3)) < 1e-12


def test_fps_turns_steps_into_seconds() -> None:
    estimate, truth = pair(8, 5)
    for order, name in enumerate(("mpjve", "acceleration_error", "jitter"), start=1):
        metric = OF_TRACKS[name]
        assert_close(metric(estimate, truth, fps=50.0), metric(estimate, truth) * 50**order)


# values worked by hand


def test_mpjpe_of_a_pose_worked_by_hand() -> None:
    truth = torch.zeros(2, 3)
    estimate = torch.tensor([[0.3, 0.4, 0.0], [0.0, 0.0, 0.1]])
    assert metrics.mpjpe(estimate, truth).item() == pytest.approx(0.3)
    assert_close(metrics.joint_error(estimate, truth), torch.tensor([0.5, 0.1]))


def test_n_mpjpe_of_a_pose_worked_by_hand() -> None:
    truth = torch.tensor([[2.0, 0, 0], [0, 2.0, 0]])
    estimate = torch.tensor([[1.0, 0, 0], [0, 3.0, 0]])  # scale (2 + 6) / (1 + 9)
    assert metrics.n_mpjpe(estimate, truth).item() == pytest.approx((1.2 + 0.4) / 2)


def test_velocity_and_acceleration_of_a_track_worked_by_hand() -> None:
    truth = torch.zeros(3, 1, 3)
    estimate = torch.zeros(3, 1, 3)
    estimate[1, 0, 0] = 0.01  # there and back: 10 mm, then -10 mm; second difference -20 mm
    assert metrics.mpjve(estimate, truth).item() == pytest.approx(0.01)
    assert metrics.acceleration_error(estimate, truth, fps=10.0).item() == pytest.approx(2.0)


def test_jitter_of_a_single_step_worked_by_hand() -> None:
    poses = torch.zeros(4, 1, 3)
    poses[3, 0] = torch.tensor([0.0, 0.003, 0.004])
    assert metrics.jitter(poses).item() == pytest.approx(0.005)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("step", range(1, 31))
def test_an_error_of_exactly_the_threshold_is_not_below_it(step: int, dtype: torch.dtype) -> None:
    limit = step / 200
    errors = torch.tensor([5.0 * step], dtype=dtype) / 1000
    assert metrics.below(errors, limit).item() == 0
    if dtype != torch.bfloat16:
        assert metrics.share_of_thresholds(errors, metrics.AUC_THRESHOLDS).item() == pytest.approx(
            (30 - step) / 31
        )
        assert metrics.below(errors * (1 - 1e-5), limit).item() == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_length_of_3_4_5_is_exact_enough_to_be_no_hit(dtype: torch.dtype) -> None:
    truth = torch.zeros(4, 3, dtype=dtype)
    estimate = torch.tensor(
        [[0.09, 0.12, 0.0], [0.15, 0.0, 0.0], [0.1, 0.1, 0.05], [0.0, -0.1499, 0.0]], dtype=dtype
    )
    assert metrics.pck(estimate, truth).item() == 0.25


def test_one_bad_joint_makes_a_pose_incorrect() -> None:
    _, truth = pair(17)
    estimate = truth.clone()
    estimate[3] += 0.5
    assert metrics.cps(estimate, truth).item() == 0
    assert metrics.cps(estimate, truth, threshold=1.0).item() == 1
    worst = metrics.aligned_joint_error(estimate, truth).max()
    assert_close(metrics.worst_joint_error(estimate, truth), worst)


def test_pdj_of_keypoints_worked_by_hand() -> None:
    truth = torch.tensor([[0.0, 0], [30, 40], [10, 10], [20, 20]])  # the torso is 50 pixels
    estimate = truth + torch.tensor([[9.9, 0], [0, 10], [torch.nan, 0], [8, 6]])
    hits = metrics.keypoint_hits(estimate, truth, torso=(0, 1), fraction=0.2)
    assert hits.tolist() == [True, False, False, False]
    assert metrics.pdj(estimate, truth, torso=(0, 1)).item() == 0.25
    seen = torch.tensor([True, True, False, False])
    assert metrics.pdj(estimate, truth, torso=(0, 1), mask=seen).item() == 0.5


def test_pdj_without_a_true_torso_is_not_a_number() -> None:
    truth = torch.rand(2, 4, 2)
    estimate = truth.clone()
    truth[0, 1] = torch.nan
    seen = torch.tensor([True, False, True, True]).expand(2, 4)
    found = metrics.pdj(estimate, truth, torso=(0, 1), mask=seen)
    assert found.isnan().tolist() == [True, False]


def test_bones_that_keep_their_length_do_not_stretch() -> None:
    _, truth = pair(17)
    matrix = torch.randn(6, 3, 3, generator=torch.Generator().manual_seed(1), dtype=truth.dtype)
    turning = truth @ project_to_rotation(matrix).mT
    assert metrics.bone_stretch(turning, H36M_17).shape == (16,)
    assert metrics.mean_bone_stretch(turning, H36M_17) < 1e-12


def test_stretch_of_a_breathing_pose_worked_by_hand() -> None:
    _, truth = pair(17)
    breathing = torch.stack([truth * 0.9, truth * 1.1])
    assert_close(
        metrics.bone_stretch(breathing, H36M_17), torch.full((16,), 0.1, dtype=truth.dtype)
    )
    assert metrics.mean_bone_stretch(breathing, H36M_17).item() == pytest.approx(0.1)


def test_asymmetry_of_one_longer_shin_worked_by_hand() -> None:
    pose = torch.zeros(17, 3, dtype=torch.float64)
    for parent, child in sorted(H36M_17.bones):
        pose[child] = pose[parent] + torch.tensor([0.0, 0.0, 0.2])
    assert metrics.mean_bone_asymmetry(pose, H36M_17) < 1e-12
    pose[H36M_17.index("left_ankle"), 2] += 0.1  # 0.3 m against 0.2 m
    asymmetry = metrics.bone_asymmetry(pose, H36M_17)
    assert asymmetry[H36M_17.left.index(H36M_17.index("left_ankle"))].item() == pytest.approx(0.4)
    assert metrics.mean_bone_asymmetry(pose, H36M_17).item() == pytest.approx(0.4 / 6)


def test_a_mirrored_body_is_as_lopsided_as_before() -> None:
    _, poses = pair(3, 17)
    assert_close(
        metrics.bone_asymmetry(poses[:, list(H36M_17.mirror)], H36M_17),
        metrics.bone_asymmetry(poses, H36M_17),
    )


# masks


@pytest.mark.parametrize("name", OF_POSES)
def test_masked_joints_are_as_good_as_absent(name: str) -> None:
    estimate, truth = pair(2, 11)
    mask = some_mask(2, 11)
    ours = OF_POSES[name](spoiled(estimate, mask), spoiled(truth, mask), mask=mask)
    for row in range(2):
        absent = OF_POSES[name](estimate[row, mask[row]], truth[row, mask[row]])
        assert_close(ours[row], absent)


@pytest.mark.parametrize("name", OF_JOINTS)
def test_masked_joints_have_no_error_of_their_own(name: str) -> None:
    estimate, truth = pair(2, 11)
    mask = some_mask(2, 11)
    ours = OF_JOINTS[name](spoiled(estimate, mask), truth, mask=mask)
    assert torch.equal(ours.isnan(), ~mask)
    pooled = metrics.counted_mean(ours.flatten(), mask.flatten())
    assert_close(pooled, ours[mask].mean())


@pytest.mark.parametrize("name", OF_TRACKS)
def test_a_step_counts_only_where_all_its_frames_do(name: str) -> None:
    estimate, truth = pair(9, 4)
    mask = torch.ones(9, 4, dtype=torch.bool)
    mask[0, 0] = mask[8, 2] = False
    ours = OF_TRACKS[name](spoiled(estimate, mask), truth, mask=mask)
    order = {"mpjve": 1, "acceleration_error": 2, "jitter": 3}[name]
    off = torch.diff(estimate - truth, n=order, dim=0).norm(dim=-1)
    steps = torch.stack([mask[i : len(off) + i] for i in range(order + 1)]).all(dim=0)
    assert_close(ours, off[steps].mean())


def test_masked_joints_leave_bones_that_do_not_touch_them_alone() -> None:
    _, poses = pair(5, 17)
    mask = torch.ones(5, 17, dtype=torch.bool)
    mask[2:, H36M_17.index("left_wrist")] = False
    stretch = metrics.bone_stretch(spoiled(poses, mask), H36M_17, mask=mask)
    wrist = [child for _, child in H36M_17.bones].index(H36M_17.index("left_wrist"))
    whole, early = metrics.bone_stretch(poses, H36M_17), metrics.bone_stretch(poses[:2], H36M_17)
    whole[wrist] = early[wrist]
    assert_close(stretch, whole)
    assert_close(metrics.mean_bone_stretch(spoiled(poses, mask), H36M_17, mask=mask), whole.mean())
    asymmetry = metrics.bone_asymmetry(spoiled(poses, mask), H36M_17, mask=mask)
    plain = metrics.bone_asymmetry(poses, H36M_17)
    pair_of = H36M_17.left.index(H36M_17.index("left_wrist"))
    assert asymmetry[2:, pair_of].isnan().all()
    mean = metrics.mean_bone_asymmetry(spoiled(poses, mask), H36M_17, mask=mask)
    others = [i for i in range(len(H36M_17.left)) if i != pair_of]
    assert_close(mean[2:], plain[2:, others].mean(dim=-1))
    assert_close(mean[:2], plain[:2].mean(dim=-1))


@pytest.mark.parametrize("name", OF_POSES)
def test_a_pose_of_which_nothing_counts_is_not_a_number_and_spares_the_others(name: str) -> None:
    estimate, truth = pair(2, 11)
    mask = torch.ones(2, 11, dtype=torch.bool)
    mask[0] = False
    ours = OF_POSES[name](spoiled(estimate, mask), spoiled(truth, mask), mask=mask)
    assert ours.isnan().tolist() == [True, False]
    assert_close(ours[1], OF_POSES[name](estimate[1], truth[1]))


@pytest.mark.parametrize("name", OF_POSES)
def test_what_counts_and_is_no_number_is_not_hidden(name: str) -> None:
    estimate, truth = pair(2, 11)
    estimate[0, 4] = torch.nan
    mask = torch.ones(2, 11, dtype=torch.bool)
    assert OF_POSES[name](estimate, truth).isnan().tolist() == [True, False]
    assert OF_POSES[name](estimate, truth, mask=mask).isnan().tolist() == [True, False]


@pytest.mark.parametrize("name", OF_TRACKS)
@pytest.mark.parametrize("frames", [0, 1])
def test_too_short_a_track_is_not_a_number(name: str, frames: int) -> None:
    estimate, truth = pair(frames, 5)
    assert bool(OF_TRACKS[name](estimate, truth).isnan())
    mask = torch.ones(frames, 5, dtype=torch.bool)
    assert bool(OF_TRACKS[name](estimate, truth, mask=mask).isnan())


@pytest.mark.parametrize("name", OF_POSES)
def test_no_poses_give_no_numbers(name: str) -> None:
    nothing = torch.zeros(0, 17, 3)
    assert OF_POSES[name](nothing, nothing).shape == (0,)


def test_pooling_weighs_joints_and_not_frames() -> None:
    errors = torch.tensor([[1.0, 1.0, 1.0], [5.0, 0.0, 0.0]])
    mask = torch.tensor([[True, True, True], [True, False, False]])
    assert metrics.counted_mean(errors.flatten(), mask.flatten()).item() == 2
    assert metrics.counted_mean(errors, mask).mean().item() == 3


# gradients


@pytest.mark.parametrize("name", ["mpjpe", "n_mpjpe", "p_mpjpe"])
@pytest.mark.parametrize("masked", [False, True])
def test_gradients_are_right_with_and_without_a_mask(name: str, masked: bool) -> None:
    estimate, truth = pair(2, 6)
    mask = torch.ones(2, 6, dtype=torch.bool)
    mask[:, 1] = not masked

    def total(points: Tensor) -> Tensor:
        return OF_POSES[name](points, truth, mask=mask)

    assert torch.autograd.gradcheck(total, estimate.requires_grad_())


@pytest.mark.parametrize("name", [*OF_POSES, *OF_TRACKS])
def test_no_gradient_is_spoiled_by_what_does_not_count(name: str) -> None:
    metric = (OF_POSES | OF_TRACKS)[name]
    estimate, truth = pair(6, 8)
    mask = torch.ones(6, 8, dtype=torch.bool)
    mask[:, 2] = False
    mask[4] = False
    estimate = spoiled(estimate, mask).requires_grad_()
    value = metric(estimate, spoiled(truth, mask), mask=mask)
    if not value.requires_grad:
        assert name in ("pck", "auc", "cps", "cps_area")
        return
    value.nansum().backward()
    assert estimate.grad is not None
    assert estimate.grad.isfinite().all()
    assert not estimate.grad[~mask].any()


def test_a_rigid_body_has_a_finite_gradient_of_its_stretch() -> None:
    _, pose = pair(17)
    still = pose.expand(4, 17, 3).clone().requires_grad_()
    metrics.mean_bone_stretch(still, H36M_17).backward()
    assert still.grad is not None
    assert still.grad.isfinite().all()


# sets of joints, shapes, refusals


def test_the_official_set_is_the_first_fourteen_joints_of_3dhp() -> None:
    assert metrics.joint_set("14", MPI_INF_3DHP_17) == list(range(14))
    assert len(metrics.joint_set("14", H36M_17)) == 14
    left_out = set(H36M_17.joints) - {H36M_17.joints[i] for i in metrics.joint_set("14", H36M_17)}
    assert left_out == {"pelvis", "spine", "nose"}


def test_larger_sets_hold_every_joint_of_their_skeleton() -> None:
    assert metrics.joint_set("16", H36M_16) == list(range(16))
    assert metrics.joint_set("17", H36M_17) == list(range(17))
    assert metrics.joint_set("17", MPI_INF_3DHP_17) == list(range(17))
    assert len(metrics.joint_set("16", H36M_17)) == len(metrics.joint_set("16", MPI_INF_3DHP_17))


def test_an_unknown_set_of_joints_is_named_with_the_known_ones() -> None:
    with pytest.raises(SkeletonError, match='no set of joints "15"'):
        metrics.joint_set("15", H36M_17)


def test_a_skeleton_without_the_set_is_refused_with_those_that_have_it() -> None:
    with pytest.raises(SkeletonError, match=r'mpi_inf_3dhp17, h36m17.*"panoptic15"; remap'):
        metrics.joint_set("14", PANOPTIC_15)


@pytest.mark.parametrize("name", [*OF_POSES, *OF_JOINTS])
def test_another_number_of_joints_never_broadcasts(name: str) -> None:
    estimate, truth = pair(2, 17)
    with pytest.raises(Exception, match="joints"):
        (OF_POSES | OF_JOINTS)[name](estimate[:, :1], truth)


@pytest.mark.parametrize("name", [*OF_POSES, *OF_TRACKS])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_inputs_stay_as_they_were_and_the_precision_is_theirs(
    name: str, dtype: torch.dtype
) -> None:
    estimate, truth = pair(6, 8, dtype=dtype)
    before = estimate.clone(), truth.clone()
    ours = (OF_POSES | OF_TRACKS)[name](estimate, truth)
    assert ours.dtype == dtype
    assert torch.equal(estimate, before[0])
    assert torch.equal(truth, before[1])


def test_rooted_poses_have_their_root_at_zero() -> None:
    _, poses = pair(2, 3, 17)
    moved = metrics.rooted(poses, 4)
    assert not moved[..., 4, :].any()
    assert_close(moved[..., 7, :] - moved[..., 2, :], poses[..., 7, :] - poses[..., 2, :])
