"""Who is right agrees with themselves, however it is seen."""

from dataclasses import replace

import pytest
import torch

from crosslift.camera import to_image_plane
from crosslift.geometry import mirror
from crosslift.label_free import SCORES, Question
from crosslift.label_free.agreement import (
    places,
    seen_again,
    seen_by_turned,
    turned,
    turns,
    without_mean,
)
from crosslift.label_free.question import unlabelled_windows
from crosslift.lifters.direct import Direct
from crosslift.skeletons import H36M_17

from ..lifters.small import small_settings
from .lifters import generator, knowing, off_by, said, true_poses, walking

AGREEMENTS = ("flip", "camera_change", "viewpoint")


def moving_cameras():
    batch = walking()
    camera = batch.camera.map(lambda each: each.expand(-1, 9, *each.shape[2:]).clone())
    return replace(batch, camera=camera)


def deeper(factor: float):
    return lambda poses, rng: poses * poses.new_tensor([1, 1, factor])


@pytest.mark.parametrize("name", AGREEMENTS)
def test_whoever_is_right_agrees(name):
    for batch in (walking(), moving_cameras()):
        found = SCORES[name](knowing(), batch, generator())
        assert found.shape == (len(batch),)
        assert found.max() < 1e-6


@pytest.mark.parametrize("name", AGREEMENTS)
def test_noise_makes_agreement_worse(name):
    none, little, much = (
        SCORES[name](knowing(off_by(metres)), walking(), generator()).mean()
        for metres in (0.0, 0.01, 0.05)
    )
    assert none < little / 10 and little < much / 2


def test_flat_answers_agree_with_their_mirror_image_and_not_from_elsewhere():
    flat = knowing(deeper(0.0))
    assert SCORES["flip"](flat, walking(), generator()).max() < 1e-6
    assert SCORES["viewpoint"](flat, walking(), generator()).mean() > 0.05
    assert SCORES["camera_change"](flat, walking(), generator()).mean() > 0.002


def test_the_flatter_the_worse_from_elsewhere():
    found = [
        SCORES["viewpoint"](knowing(deeper(factor)), walking(), generator()).mean()
        for factor in (1.0, 0.9, 0.7, 0.4)
    ]
    assert found == sorted(found)


def test_who_looks_at_nothing_is_as_lopsided_as_what_they_say():
    poses = true_poses(walking())
    found = SCORES["flip"].measure(said(poses), generator())
    wanted = (poses - mirror(poses, H36M_17)).norm(dim=-1).mean(dim=(1, 2))
    torch.testing.assert_close(found, wanted)


def test_the_mean_with_the_mirror_image_is_not_what_is_asked_for():
    torch.manual_seed(0)
    built = small_settings("simple_baseline").build(H36M_17)
    assert isinstance(built, Direct) and built.flip
    built.network.eval()
    batch = walking().to("cpu", torch.float32)
    both = SCORES["flip"](built, batch, generator())
    alone = SCORES["flip"](replace(built, flip=False), batch, generator())
    torch.testing.assert_close(both, alone)
    assert alone.min() > 1e-3
    assert without_mean(knowing()).known is not None


def test_two_hypotheses_are_half_their_distance_from_their_mean():
    poses = true_poses(walking())
    two = torch.stack([poses, poses + poses.new_tensor([0.06, 0.0, 0.08])], dim=1)
    question = replace(said(poses), lifter=replace(said(poses).lifter, poses=two))
    found = SCORES["hypotheses"].measure(question, generator())
    torch.testing.assert_close(found, torch.full_like(found, 0.05))
    assert SCORES["hypotheses"].measure(said(poses), generator()).isnan().all()


def test_a_turned_camera_sees_the_turned_poses_and_stays_where_it_was():
    batch = walking()
    turn = turns(len(batch), (10.0, 10.0, 20.0), generator()).double()
    zoom = torch.linspace(0.8, 1.2, len(batch), dtype=torch.float64)
    seen = seen_by_turned(batch, turn, zoom)
    poses = turned(batch.poses, turn)
    plane = to_image_plane(seen.keypoints, seen.camera)
    torch.testing.assert_close(plane, poses[..., :2] / poses[..., 2:], atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(seen.camera.position, batch.camera.position)
    assert seen.poses is None
    torch.testing.assert_close(seen.camera.focal, batch.camera.focal * zoom[:, None, None])


def test_no_turn_and_no_zoom_change_nothing():
    batch = walking()
    eye = torch.eye(3, dtype=torch.float64).expand(len(batch), 3, 3)
    seen = seen_by_turned(batch, eye, torch.ones(len(batch), dtype=torch.float64))
    torch.testing.assert_close(seen.keypoints, batch.keypoints)


def test_what_is_seen_again_is_what_was_seen_if_nothing_is_turned():
    question = Question(knowing(), walking())
    seen = seen_again(question, question.poses)
    torch.testing.assert_close(seen.keypoints, walking().keypoints, atol=1e-6, rtol=1e-9)
    torch.testing.assert_close(places(question), walking().poses[:, :, 0], atol=1e-6, rtol=1e-6)


def test_who_fits_nowhere_is_seen_at_the_assumed_distance():
    nothing = torch.zeros_like(true_poses(walking()))
    ahead = torch.tensor([0.0, 0.0, 4.0], dtype=torch.float64)
    assert (places(said(nothing)) == ahead).all()


@pytest.mark.parametrize("name", ("camera_change", "viewpoint"))
def test_the_same_draws_give_the_same_score_and_others_another(name):
    found = [
        SCORES[name](knowing(deeper(0.5)), walking(), generator(seed)).mean() for seed in (0, 0, 1)
    ]
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("name", AGREEMENTS)
def test_missing_keypoints_are_no_reason_for_no_score(name):
    torch.manual_seed(0)
    built = small_settings("simple_baseline").build(H36M_17)
    built.network.eval()
    batch = unlabelled_windows(walking().to("cpu", torch.float32), tell_body=False)
    keypoints, scores = batch.keypoints.clone(), batch.scores.clone()
    keypoints[:, ::2, 3], scores[:, ::2, 3] = torch.nan, 0
    found = SCORES[name](built, replace(batch, keypoints=keypoints, scores=scores), generator())
    assert found.isfinite().all()
