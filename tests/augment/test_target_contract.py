"""What every augmenter towards a target owes."""

from dataclasses import replace

import pytest
import torch

from crosslift.augment.gpa import GPASettings
from crosslift.augment.proportions import ProportionsSettings
from crosslift.augment.viewpoint import ViewpointSettings
from crosslift.camera import project
from crosslift.errors import DataError
from crosslift.protocols import Augmenter

from .targets import source, target
from .test_contract import generator, same

every_kind = pytest.mark.parametrize(
    "settings",
    [GPASettings(), ViewpointSettings(), ProportionsSettings()],
    ids=lambda s: type(s).__name__,
)


@every_kind
def test_the_input_stays_and_the_same_seed_gives_the_same(settings):
    given, augmenter = source(), settings.build(target())
    assert isinstance(augmenter, Augmenter)
    first, again, other = (augmenter(given, generator(seed)) for seed in (1, 1, 2))
    assert same(given, source()) and same(first, again) and not same(first, other)


@every_kind
def test_the_process_s_own_random_numbers_are_left_alone(settings):
    torch.manual_seed(3)
    wanted = torch.rand(3)
    torch.manual_seed(3)
    settings.build(target())(source(), generator())
    assert torch.equal(torch.rand(3), wanted)


@every_kind
def test_what_is_seen_is_the_image_of_what_is_there(settings):
    found = settings.build(target())(source(), generator())
    eye = torch.eye(3).expand_as(found.camera.rotation)
    still = replace(found.camera, rotation=eye, translation=0 * found.camera.translation)
    torch.testing.assert_close(project(found.poses, still), found.keypoints, atol=0.05, rtol=0)


@every_kind
def test_missing_keypoints_stay_missing(settings):
    given = source()
    lost = torch.rand(given.scores.shape, generator=generator(1)) < 0.3
    given = replace(given, scores=torch.where(lost, 0, given.scores))
    found = settings.build(target())(given, generator())
    assert torch.equal(found.keypoints.isnan().any(dim=-1), lost)
    assert torch.equal(found.scores == 0, lost)


@every_kind
@pytest.mark.parametrize("size", [0, 1])
def test_batches_of_none_and_one_are_taken_and_those_without_poses_refused(settings, size):
    augmenter, given = settings.build(target()), source()[:size]
    assert len(augmenter(given, generator())) == size
    with pytest.raises(DataError, match="but the batch has keypoints alone"):
        augmenter(replace(given, poses=None), generator())
