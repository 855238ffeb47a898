"""Procrustes: a slow twin, exact recovery, poses without a best move, weights, gradients."""

import pytest
import torch
from torch.autograd import gradcheck
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.geometry import (
    Similarity,
    align,
    axis_angle_to_matrix,
    moved,
    procrustes,
)
from crosslift.geometry.alignment import check_freedom

F64 = torch.float64


def twin(estimate: torch.Tensor, truth: torch.Tensor, *, scaled: bool = True) -> torch.Tensor:
    """One pose after the other, by the textbook's singular values."""
    aligned = []
    for guess, right in zip(estimate.double(), truth.double(), strict=True):
        off, wanted = guess - guess.mean(0), right - right.mean(0)
        u, s, vt = torch.linalg.svd(off.T @ wanted)
        if torch.linalg.det(u @ vt) < 0:
            s, vt = s * torch.tensor([1, 1, -1]), vt * torch.tensor([[1], [1], [-1]])
        scale = s.sum() / (off**2).sum() if scaled else 1.0
        aligned.append(scale * off @ (u @ vt) + right.mean(0))
    return torch.stack(aligned)


def poses(*batch: int, seed: int = 0, dtype: torch.dtype = F64) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return 0.5 * torch.randn(*batch, 17, 3, generator=rng, dtype=dtype)


def cases() -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    truth, noise = poses(20), poses(20, seed=1)
    flat = truth * torch.tensor([1.0, 1, 0])
    line = truth[..., :1] * torch.tensor([0.6, 0.0, 0.8], dtype=F64)
    mirror = torch.tensor([-1.0, 1, 1])
    return {
        "noisy": (truth + 0.1 * noise, truth),
        "unlike": (noise, truth),
        "mirrored": (truth * mirror, truth),
        "flat": (flat, flat + 0.05 * noise),
        "flat and mirrored": (flat * mirror, flat),
        "near a line": (line + 1e-4 * noise, truth),
        "both near a line": (line + 1e-6 * noise, line + 1e-6 * truth),
        "far away": (truth + 100, noise - 50),
        "tiny": (1e-6 * truth + 1e-7 * noise, truth),
    }


@pytest.mark.parametrize("case", cases())
@pytest.mark.parametrize("freedom", ["similarity", "rigid"])
def test_alignment_agrees_with_a_slow_obvious_twin(case, freedom):
    estimate, truth = cases()[case]
    expected = twin(estimate, truth, scaled=freedom == "similarity")
    assert_close(align(estimate, truth, freedom=freedom), expected, atol=1e-6, rtol=0)


def test_single_precision_agrees_with_the_twin_too():
    estimate, truth = poses(20, dtype=torch.float32), poses(20, seed=1, dtype=torch.float32)
    aligned = align(estimate, truth)
    assert aligned.dtype == torch.float32
    assert_close(aligned.double(), twin(estimate, truth), atol=1e-6, rtol=0)


def test_a_moved_pose_comes_back_and_its_move_is_found():
    truth = poses(4)
    vector = torch.tensor([[0.1, 2, -1]], dtype=F64).expand(4, 3)
    known = Similarity(
        torch.tensor([0.5, 1, 2, 3], dtype=F64), axis_angle_to_matrix(vector), vector * 3
    )
    for found, right in zip(procrustes(truth, moved(truth, known)), known, strict=True):
        assert_close(found, right)


def test_the_rigid_move_has_scale_one_and_the_scale_alone_turns_nothing():
    estimate, truth = poses(3), poses(3, seed=1)
    assert_close(procrustes(estimate, truth, freedom="rigid").scale, torch.ones(3, dtype=F64))
    move = procrustes(estimate, truth, freedom="scale")
    assert_close(move.rotation, torch.eye(3, dtype=F64).expand(3, 3, 3))
    assert_close(move.translation, torch.zeros(3, 3, dtype=F64))


def test_the_best_scale_by_hand():
    estimate = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 2, 0]])
    truth = torch.tensor([[0.0, 0, 0], [3, 0, 0], [0, 1, 1]])
    move = procrustes(estimate, truth, freedom="scale")
    assert_close(move.scale, torch.tensor((1 * 3 + 2 * 1) / (1 + 4)))


def test_a_mirrored_pose_is_never_unmirrored():
    truth = poses(6)
    move = procrustes(truth * torch.tensor([-1.0, 1, 1]), truth)
    assert_close(torch.linalg.det(move.rotation), torch.ones(6, dtype=F64))


@pytest.mark.parametrize("freedom", ["similarity", "rigid", "scale"])
def test_no_small_change_of_the_move_is_better(freedom):
    estimate, truth = poses(5), poses(5, seed=1)
    move = procrustes(estimate, truth, freedom=freedom)
    best = (moved(estimate, move) - truth).square().sum(dim=(-2, -1))
    tilt = axis_angle_to_matrix(
        torch.tensor([[1e-3, 0, 0], [0, 1e-3, 0], [0, 0, -1e-3]], dtype=F64)
    )
    changed = [move._replace(scale=move.scale * factor) for factor in (0.999, 1.001)]
    if freedom == "rigid":
        changed = []
    if freedom != "scale":
        changed += [move._replace(rotation=one @ move.rotation) for one in tilt]
        changed += [move._replace(translation=move.translation + 1e-3)]
    for other in changed:
        assert ((moved(estimate, other) - truth).square().sum(dim=(-2, -1)) > best).all()


@pytest.mark.parametrize("freedom", ["similarity", "rigid", "scale"])
@pytest.mark.parametrize("dtype", [torch.float32, F64])
def test_a_pose_without_extent_is_nan_and_leaves_the_others_alone(freedom, dtype):
    estimate, truth = poses(4, dtype=dtype), poses(4, seed=1, dtype=dtype)
    expected = align(estimate, truth, freedom=freedom)
    constant = torch.zeros(3) if freedom == "scale" else torch.tensor([1.1, -2.3, 3.7])
    estimate[1], truth[2] = constant.to(dtype), constant.to(dtype)
    estimate.requires_grad_()
    aligned = align(estimate, truth, freedom=freedom)
    assert aligned[1].isnan().all()
    assert aligned[2].isnan().all()
    assert_close(aligned[[0, 3]], expected[[0, 3]])
    (slope,) = torch.autograd.grad(aligned[[0, 3]].square().sum(), estimate)
    assert slope.isfinite().all()
    assert slope[0].abs().max() > 0


def test_whole_weights_count_joints_more_than_once():
    estimate, truth = poses(3), poses(3, seed=1)
    weights = torch.ones(3, 17, dtype=F64)
    weights[:, 4] = 3
    twice = [*range(17), 4, 4]
    expected = twin(estimate[:, twice], truth[:, twice])[:, :17]
    assert_close(align(estimate, truth, weights), expected, atol=1e-9, rtol=0)
    assert_close(align(estimate, truth, 7 * weights), expected, atol=1e-9, rtol=0)


@pytest.mark.parametrize("freedom", ["similarity", "scale"])
def test_joints_that_do_not_count_may_be_nan(freedom):
    estimate, truth = poses(3), poses(3, seed=1)
    counts = torch.ones(3, 17, dtype=torch.bool)
    counts[:, [2, 9]] = False
    kept = [joint for joint in range(17) if joint not in (2, 9)]
    expected = procrustes(estimate[:, kept], truth[:, kept], freedom=freedom)
    estimate[:, 2], truth[:, 9] = torch.nan, torch.nan
    for found, right in zip(
        procrustes(estimate, truth, counts, freedom=freedom), expected, strict=True
    ):
        assert_close(found, right)


def test_nothing_that_counts_is_nan():
    counts = torch.zeros(2, 17, dtype=torch.bool)
    counts[1] = True
    aligned = align(poses(2), poses(2, seed=1), counts)
    assert aligned[0].isnan().all()
    assert aligned[1].isfinite().all()


def test_a_pose_that_is_not_finite_is_nan_and_leaves_the_others_alone():
    estimate, truth = poses(3), poses(3, seed=1)
    expected = align(estimate, truth)
    estimate[0, 3, 1] = torch.nan
    truth[1, 5, 0] = torch.inf
    estimate.requires_grad_()
    aligned = align(estimate, truth)
    assert aligned[:2].isnan().all()
    assert_close(aligned[2], expected[2])
    (slope,) = torch.autograd.grad(aligned[2].sum(), estimate)
    assert slope.isfinite().all()


def test_leading_axes_are_handled_one_by_one():
    estimate, truth = poses(2, 3, 4), poses(2, 3, 4, seed=1)
    aligned = align(estimate, truth)
    assert_close(aligned[1, 2, 3], align(estimate[1, 2, 3], truth[1, 2, 3]))
    assert align(estimate[:, :0], truth[:, :0]).shape == (2, 0, 4, 17, 3)


@pytest.mark.parametrize("freedom", ["similarity", "rigid", "scale"])
def test_one_truth_serves_several_hypotheses(freedom):
    estimate, truth = poses(5, 4), poses(4, seed=1)
    counts = torch.ones(4, 17, dtype=torch.bool)
    counts[:, 3] = False
    for weights in (None, counts):
        aligned = align(estimate, truth, weights, freedom=freedom)
        assert_close(aligned[2], align(estimate[2], truth, weights, freedom=freedom))


def test_the_inputs_stay_as_they_were():
    estimate, truth = poses(2), poses(2, seed=1)
    align(estimate, truth, torch.ones(2, 17, dtype=F64))
    assert_close(estimate, poses(2), rtol=0, atol=0)
    assert_close(truth, poses(2, seed=1), rtol=0, atol=0)


@pytest.mark.parametrize("freedom", ["similarity", "rigid", "scale"])
@pytest.mark.parametrize("case", ["noisy", "mirrored", "flat"])
def test_alignment_has_right_gradients(freedom, case):
    estimate, truth = (pose[:1, :5].clone().requires_grad_() for pose in cases()[case])
    weights = torch.linspace(0.5, 1.5, 5, dtype=F64)[None].requires_grad_()
    assert gradcheck(
        lambda *pair: align(*pair, freedom=freedom), (estimate, truth, weights), atol=1e-5
    )


def test_an_exact_copy_has_finite_gradients():
    estimate = poses(1).requires_grad_()
    (slope,) = torch.autograd.grad((align(estimate, poses(1)) - poses(1, seed=2)).sum(), estimate)
    assert slope.isfinite().all()


def test_an_unknown_freedom_is_refused():
    with pytest.raises(SettingsError, match=r'"rigid" or "scale", but "affine" was asked for'):
        check_freedom("affine")
