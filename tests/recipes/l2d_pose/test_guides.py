"""Frozen lifters as guides: how they are called, and what is refused before they are believed."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from crosslift.camera import pinhole, stacked
from crosslift.errors import CheckpointError, CrossliftError, SettingsError
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifters.direct import Direct
from crosslift.lifters.inputs import Inputs
from crosslift.networks.simple_baseline import Statistics
from crosslift.recipes.l2d_pose import guide_of, guides_named, tried, windows_in
from crosslift.recipes.l2d_pose.guides import check_rates
from crosslift.skeletons import COCO_17, H36M_17, PANOPTIC_15

from ...lifters.small import small_settings
from ..jobs import generator
from .people import Posed, dotted_store, of_frames, small_lifter


def kept(folder: Path, name: str = "simple_baseline", skeleton=H36M_17, **more) -> str:
    """A small lifter in a folder."""
    settings = small_settings(name, **more)
    with torch.random.fork_rng():
        save_lifter(settings.build(skeleton), About(name, settings, skeleton), folder)
    return str(folder)


def standard(mean: float = 16.0, spread: float = 8.0, joints: int = 17) -> Direct:
    """A lifter with statistics of keypoints in small pictures."""
    plain = small_lifter(inputs=Inputs("standard"))
    given = Statistics(torch.full((joints, 2), mean), torch.full((joints, 2), spread))
    answered = Statistics(torch.zeros(17, 3), torch.full((17, 3), 0.02))
    return replace(plain, keypoint_statistics=given, pose_statistics=answered)


def test_guides_are_called_after_their_lifters(tmp_path):
    names = [kept(tmp_path / "a"), kept(tmp_path / "b", "iganet"), kept(tmp_path / "c")]
    found = guides_named(names, H36M_17)
    assert [each.guide.name for each in found] == ["simple_baseline", "iganet", "simple_baseline_2"]
    assert not any(
        weight.requires_grad for each in found for weight in each.found.lifter.network.parameters()
    )


def test_a_lifter_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(SettingsError, match='There is no lifter called ".*nowhere"'):
        guides_named([str(tmp_path / "nowhere")], H36M_17)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match="should be the folder of a lifter"):
        guides_named([str(tmp_path / "empty")], H36M_17)


def test_a_lifter_of_panoptics_joints_is_shown_them(tmp_path):
    found = guides_named([kept(tmp_path / "a", skeleton=PANOPTIC_15)], H36M_17)[0].guide
    points = torch.arange(34.0).view(1, 1, 17, 2)
    own = found.joints.apply2d(points).keypoints[0, 0, :, 0] / 2
    assert own.tolist() == [8, 9, 0, 11, 12, 13, 4, 5, 6, 14, 15, 16, 1, 2, 3]


def test_guides_that_are_fine_are_let_through():
    batch = Posed().batch(0, 0)
    guides = [
        guide_of(name, small_lifter(name), H36M_17)
        for name in ("simple_baseline", "videopose", "iganet", "mixste")
    ]
    tried([*guides, guide_of("z", standard(), H36M_17)], batch)
    tried(guides, batch, frames=2)


def test_statistics_of_other_pictures_are_refused():
    guide = guide_of("sb", standard(mean=500.0, spread=10.0), H36M_17)
    with pytest.raises(CheckpointError, match='standard deviations off .* lifter "sb" was trained'):
        tried([guide], Posed().batch(0, 0))


def test_statistics_of_other_joints_are_refused():
    guide = guide_of("sb", standard(joints=15), H36M_17)
    with pytest.raises(CheckpointError, match='of the lifter "sb" should be of its 17 joints, but'):
        tried([guide], Posed().batch(0, 0))


def test_statistics_that_are_missing_are_refused():
    guide = guide_of("sb", small_lifter(inputs=Inputs("standard")), H36M_17)
    with pytest.raises(CheckpointError, match="has no statistics; import it with those"):
        tried([guide], Posed().batch(0, 0))


def test_statistics_in_another_unit_are_refused():
    plain = small_lifter()
    far = Statistics(torch.full((17, 3), 0.0), torch.full((17, 3), 1000.0))
    guide = guide_of("sb", replace(plain, pose_statistics=far), H36M_17)
    with pytest.raises(CheckpointError, match=r'"sb" is .* m off on true keypoints'):
        tried([guide], Posed().batch(0, 0))


def test_a_lifter_without_a_gradient_is_refused():
    class Stiff:
        skeleton, frames, predict, fps = H36M_17, 1, "all", None

        def lift(self, keypoints, camera, rng, *, scores=None, body=None):
            return torch.zeros(len(keypoints), 1, keypoints.shape[1], 17, 3)

    guide = guide_of("stiff", Stiff(), H36M_17)
    with pytest.raises(SettingsError, match='"stiff" gives no gradient by its keypoints'):
        tried([guide], Posed().batch(0, 0))


def test_pictures_without_poses_guide_nobody():
    batch = replace(Posed().batch(0, 0), poses=None)
    with pytest.raises(SettingsError, match="the pictures have keypoints alone; name other"):
        tried([guide_of("a", small_lifter(), H36M_17)], batch)


def test_a_detector_of_cocos_joints_can_be_guided():
    guide = guide_of("a", small_lifter(), COCO_17)
    points = torch.rand(1, 1, 17, 2, generator=generator()) * 30
    camera = of_frames(stacked([pinhole(100.0, (32, 64))]))
    found = guide.poses(points.requires_grad_(), camera, generator(), rerooted=True)
    assert found.shape == (1, 1, 17, 3) and found.requires_grad


def test_pictures_at_another_rate_show_no_motion_to_a_lifter(tmp_path):
    pictures = windows_in([dotted_store(tmp_path / "dots")], {}, (32, 64), 4, 2, generator())
    seen = [guide_of("vp", small_lifter("videopose", fps=fps), H36M_17) for fps in (30.0, 50.0)]
    check_rates([seen[0], guide_of("sb", small_lifter(), H36M_17)], pictures)
    with pytest.raises(SettingsError, match='"vp" sees motion at 50 .* follow each other at 30'):
        check_rates(seen, pictures)
    check_rates(seen, Posed())  # single pictures: somebody who stands still


def test_a_bad_guide_is_a_users_mistake():
    assert issubclass(CheckpointError, CrossliftError)
