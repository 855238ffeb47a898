"""What a target tells, and what it must not tell."""

from dataclasses import fields, replace

import pytest
import torch

from crosslift.augment.footprints import Pool
from crosslift.augment.gpa import GPASettings
from crosslift.augment.target import Target
from crosslift.augment.views import estimated_views
from crosslift.camera import project, to_image_plane
from crosslift.clip import unlabelled
from crosslift.errors import DataError, SkeletonError
from crosslift.skeletons import H36M_16

from ..people import walker
from ..stores import moving, stored
from .targets import source, target, target_clips
from .test_contract import generator, same


def lied_about(clip):
    """The clip with another truth: other poses, bones and another place of the camera."""
    turn = torch.tensor([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
    camera = replace(clip.camera, rotation=turn, translation=torch.tensor([9.0, 9, 9]))
    return replace(clip, poses=clip.poses * 7 + 1, body=torch.full((17,), 3.0), camera=camera)


def test_a_target_holds_keypoints_scores_lenses_and_numbers_of_clips_alone():
    assert {each.name for each in fields(Target)} == {
        "skeleton", "keypoints", "scores", "cameras", "seen_by", "clip", "stand", "people"
    }  # fmt: skip
    cameras = target().cameras
    assert torch.equal(cameras.rotation, torch.eye(3).expand_as(cameras.rotation))
    assert (cameras.translation == 0).all()


def test_another_truth_gives_the_same_target_and_the_same_examples():
    honest, lying = target_clips(), [lied_about(clip) for clip in target_clips()]
    assert any(clip.poses is not None for clip in honest)
    bare = Target.of([unlabelled(clip) for clip in honest])
    for others in (Target.of(honest), Target.of(lying)):
        for name in ("keypoints", "scores", "seen_by", "clip", "stand"):
            assert torch.equal(getattr(others, name).nan_to_num(-1),
                               getattr(bare, name).nan_to_num(-1))  # fmt: skip
        assert torch.equal(estimated_views(others).lean, estimated_views(bare).lean)
        made = [GPASettings().build(each)(source(), generator()) for each in (others, bare)]
        assert same(*made)


def test_every_frame_has_its_own_clip_s_camera():
    clips = target_clips()
    found = Target.of(clips)
    assert len(found) == sum(len(clip) for clip in clips)
    for number, clip in enumerate(clips):
        camera = found.cameras[found.seen_by[found.clip == number]]
        assert torch.equal(camera.focal, clip.camera.focal.expand(len(clip), 2))
        assert torch.equal(camera.size, clip.camera.size.expand(len(clip), 2))


def test_the_frames_of_a_moving_camera_keep_their_lenses():
    clips = target_clips()
    camera = moving(clips[1].camera, len(clips[1]))
    camera = replace(camera, focal=camera.focal + torch.arange(len(clips[1]))[:, None])
    found = Target.of([clips[0], replace(clips[1], camera=camera), clips[2]])
    assert torch.equal(found.cameras[found.seen_by[found.clip == 1]].focal, camera.focal)
    assert torch.equal(found.cameras.focal[found.seen_by[-1]], clips[2].camera.focal)


def test_the_lens_is_taken_out_of_the_keypoints_and_gaps_stay_gaps():
    clips = target_clips()
    found = Target.of(clips)
    wanted = torch.cat([to_image_plane(clip.keypoints, clip.camera) for clip in clips])
    torch.testing.assert_close(found.plane, wanted, equal_nan=True, atol=1e-5, rtol=0)
    assert torch.equal(found.plane.isnan().any(dim=-1), ~found.seen)


def test_clips_with_one_camera_s_label_share_its_stand():
    first, second, third = target_clips()
    labelled = [replace(clip, labels={"camera": "left"}) for clip in (first, third)]
    found = Target.of([labelled[0], second, labelled[1]])
    assert found.stand[found.clip == 0].unique().tolist() == [0]
    assert found.stand[found.clip == 1].unique().tolist() == [1]
    assert found.stand[found.clip == 2].unique().tolist() == [0]


def test_a_store_is_a_target(tmp_path):
    clips = target_clips()
    found, wanted = Target.of(stored(tmp_path / "store", clips)), Target.of(clips)
    torch.testing.assert_close(found.keypoints, wanted.keypoints, equal_nan=True)


def test_what_is_no_target_is_refused():
    clips = target_clips()
    with pytest.raises(DataError, match="there is a motion without a camera"):
        Target.of([clips[0], walker(0.2)])
    with pytest.raises(DataError, match="at least one frame, but there is none"):
        Target.of([])
    other = replace(clips[1], skeleton=H36M_16, keypoints=clips[1].keypoints[:, :16],
                    scores=clips[1].scores[:, :16], observed=clips[1].observed[:, :16],
                    poses=None, body=None)  # fmt: skip
    with pytest.raises(SkeletonError, match='has "h36m17" and .* has "h36m16"'):
        Target.of([clips[0], other])


def test_frames_without_the_pelvis_or_half_of_the_joints_or_any_size_are_not_aligned_with():
    clip = seen(target_clips()[0])
    lost = clip.scores.clone()
    lost[0, 0] = 0  # no pelvis
    lost[1, 1:10] = 0  # fewer than half
    small = clip.keypoints.clone()
    small[2] = small[2] / 1000  # a point in the corner
    found = Pool.of(Target.of([replace(clip, scores=lost, keypoints=small)]))
    assert len(found.first) == len(clip) - 3
    nothing = replace(clip, scores=torch.zeros_like(lost), observed=torch.zeros_like(lost).bool())
    with pytest.raises(DataError, match="none of its 15 frames does; detect the keypoints anew"):
        Pool.of(Target.of([nothing]))


def test_bodies_in_a_row_follow_each_other_within_a_run_without_gaps():
    clips = [seen(clip) for clip in target_clips()]
    lost = clips[0].scores.clone()
    lost[6, 0] = 0
    found = Pool.of(Target.of([replace(clips[0], scores=lost), *clips[1:]]))
    assert found.first.unique().tolist() == [0, 6, 14, 32]
    assert found.last.unique().tolist() == [5, 13, 31, 43]
    rows = found.draw(300, 8, generator())
    steps = rows.diff(dim=1)
    assert torch.equal(found.first[rows[:, 0]], found.first[rows[:, -1]])
    long = found.last[rows[:, 0]] - found.first[rows[:, 0]] >= 7
    assert (steps[long] == 1).all()
    assert (rows[~long][:, 0] == 0).all() and (rows[~long][:, 5:] == 5).all()
    assert rows[:, 0].unique().tolist() == [0, 6, *range(14, 25), *range(32, 37)]
    assert rows[:, 0].bincount()[14:25].min() > 3  # none is preferred


def seen(clip):
    """The clip without gaps."""
    still = replace(clip.camera, rotation=torch.eye(3), translation=torch.zeros(3))
    known = torch.ones_like(clip.scores)
    keypoints = project(clip.poses[0], still)
    return replace(clip, keypoints=keypoints, scores=known, observed=known.bool())
