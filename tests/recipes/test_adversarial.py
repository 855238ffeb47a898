"""PoseDA and PoseAug as recipes: what they are given, what they change, what they refuse."""

from dataclasses import replace

import pytest
import torch

from crosslift.errors import SettingsError, SkeletonError
from crosslift.mapping import mapped
from crosslift.recipes.adversarial import PoseAugRecipe, PoseDARecipe
from crosslift.recipes.poseda import GPA_ONLY, POSEAUG, POSEDA
from crosslift.training import Fitting

from ..stores import short_clips, stored
from .jobs import job_for

SMALL = {"batch": 16, "width": 16, "picture_width": 16, "history": 32, "warm_up": 0}


def small(players, batches: int = 3, **more):
    return replace(players, fitting=Fitting(epochs=1, steps=batches), **SMALL | more)


@pytest.fixture(scope="module")
def filmed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("target") / "store"
    stored(folder, short_clips(2))
    return folder


def weights(trained) -> dict[str, torch.Tensor]:
    return trained.lifter.state()


def same(one, other) -> bool:
    return all(torch.equal(each, weights(other)[key]) for key, each in weights(one).items())


@pytest.mark.parametrize("players", [POSEDA, GPA_ONLY], ids=["whole", "gpa"])
def test_a_lifter_is_adapted_to_a_store_of_keypoints(players, walkers, filmed):
    recipe = PoseDARecipe((filmed,), players=small(players))
    trained = recipe.train(job_for("simple_baseline", walkers))
    before = job_for("simple_baseline", walkers).lifter().state()
    assert trained.fitted.steps == 3 and trained.fitted.history
    assert any(not torch.equal(each, before[key]) for key, each in weights(trained).items())


def test_poses_and_camera_places_of_the_target_change_nothing(walkers, filmed, tmp_path):
    planted = [
        replace(clip, poses=clip.poses * 0 + 1, body=None,
                camera=replace(clip.camera, rotation=-torch.eye(3).flip(0),
                               translation=clip.camera.translation + 5))
        for clip in short_clips(2)
    ]  # fmt: skip
    stored(tmp_path / "planted", planted)
    one, other = (
        PoseDARecipe((path,), players=small(GPA_ONLY)).train(job_for("simple_baseline", walkers))
        for path in (filmed, tmp_path / "planted")
    )
    assert same(one, other)


def test_without_a_target_a_generator_places_bodies(walkers):
    recipe = PoseAugRecipe(small(POSEAUG))
    one, other = (recipe.train(job_for("simple_baseline", walkers)) for _ in range(2))
    assert one.fitted.steps == 3 and same(one, other)
    assert not one.fitted.history  # nothing is there to judge by
    judged = recipe.train(job_for("simple_baseline", walkers, validation=walkers))
    assert "validation.mpjpe_mm" in judged.fitted.history[0]


def test_a_target_that_is_missing_or_of_other_joints_is_refused(walkers, tmp_path):
    job = job_for("simple_baseline", walkers)
    with pytest.raises(SettingsError, match="no store of it was named; say --target STORE"):
        PoseDARecipe().train(job)
    stored(tmp_path / "other", [mapped(clip, "h36m16") for clip in short_clips(1)])
    with pytest.raises(SkeletonError, match='the target "h36m16"'):
        PoseDARecipe((tmp_path / "other",), players=small(GPA_ONLY)).train(job)


def test_poseaug_with_a_target_is_another_recipe():
    with pytest.raises(SettingsError, match="take the recipe poseda"):
        PoseAugRecipe(POSEDA)
