"""What adaptation is given: nothing in 3D, in an order of its own, and a sentence if it is bad."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.adapt.budget import minutes_of
from crosslift.adapt.footage import in_skeleton
from crosslift.body import estimate_body, write_body
from crosslift.camera import pinhole
from crosslift.errors import DataError, SettingsError, SkeletonError
from crosslift.focal import Lens
from crosslift.geometry import stature
from crosslift.mapping import mapped
from crosslift.skeletons import COCO_17, H36M_16, H36M_17

from ..stores import moving
from .given import cut, filmed, footage, small_lifter, unseen


def test_nothing_in_3d_comes_through():
    found = footage()
    for clip in found.clips:
        assert clip.poses is None and clip.spread is None and not clip.provenance
        assert torch.equal(clip.camera.rotation, torch.eye(3))
        assert not clip.camera.translation.any()
        assert clip.name.startswith("target/")


def test_names_and_order_and_truth_change_nothing():
    clips = filmed(3)
    turned = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(1)))[0]
    planted = [
        replace(
            clip,
            name=f"other/{7 - number}",
            poses=clip.poses.flip(1) + 1,
            body=clip.body * 2,
            camera=replace(clip.camera, rotation=turned, translation=clip.camera.translation + 1),
        )
        for number, clip in enumerate(clips)
    ]
    one, other = footage(clips), footage([planted[2], planted[0], planted[1]])
    assert one.hash == other.hash
    assert torch.equal(one.target.keypoints, other.target.keypoints)
    assert torch.equal(one.target.people[0].lengths, other.target.people[0].lengths)
    assert [clip.name for clip in one.clips] == [clip.name for clip in other.clips]


def test_every_pixel_counts_for_the_hash():
    clips = filmed(1)
    nudged = clips[0].keypoints.clone()
    nudged[3, 5, 0] += 1
    assert footage(clips).hash != footage([replace(clips[0], keypoints=nudged)]).hash
    assert footage(clips).hash != footage(clips, height=1.6).hash


def test_the_stature_that_is_told_is_that_of_the_body():
    assert footage(height=1.6).people[""].stature == pytest.approx(1.6, abs=1e-4)
    assert footage().people[""].stature == pytest.approx(1.7, abs=1e-4)
    lengths = footage(height=1.6).clips[0].body
    assert float(stature(lengths, H36M_17)) == pytest.approx(1.6, abs=1e-4)


def test_a_body_of_a_file_is_taken_as_it_is(tmp_path):
    body = estimate_body(filmed(1), height=1.9)
    write_body(tmp_path / "body.json", body)
    assert_close(
        footage(body=tmp_path / "body.json").clips[0].body, body.lengths, atol=1e-4, rtol=0
    )


def test_each_person_has_a_body_and_a_stranger_the_first_one():
    clips = [
        replace(clip, labels={"subject": who}) for clip, who in zip(filmed(2), "ab", strict=True)
    ]
    found = footage(clips)
    assert set(found.people) == {"a", "b"} and len(found.target.people) == 2
    assert torch.equal(found.body_for(clips[1]), found.bones["b"].lengths)
    stranger = replace(clips[0], labels={"subject": "c"})
    assert torch.equal(found.body_for(stranger), found.bones["a"].lengths)


def test_a_body_in_another_skeleton_keeps_the_bones_that_both_have():
    body = estimate_body(filmed(1), height=1.5)
    found = in_skeleton(body, H36M_16)
    knee, head = H36M_16.index("left_knee"), H36M_16.index("head")
    assert found.lengths[knee] == body.lengths[H36M_17.index("left_knee")]
    assert found.lengths[H36M_16.root] == 0 and found.spread[knee] > 0
    assert 0.05 < found.lengths[head] < 0.4 and found.spread[head] == 0
    assert in_skeleton(body, H36M_17) is body


def test_a_target_is_brought_to_the_rate_at_which_a_lifter_sees_motion():
    found = small_lifter("videopose", fps=15.0)
    clips = footage(filmed(1), found).clips
    assert clips[0].fps == 15.0 and len(clips[0]) == 9


@pytest.mark.parametrize("frames", [1, 10, 50])
def test_few_frames_are_enough_and_are_remarked_on(frames):
    clip = cut(filmed(1, seconds=2.0)[0], slice(frames))
    found = footage([clip])
    assert found.frames == frames
    assert any(f"has only {frames} frames" in remark for remark in found.remarks)


def test_one_pose_again_and_again_is_a_target():
    clip = filmed(1)[0]
    still = replace(
        clip, keypoints=clip.keypoints[:1].expand_as(clip.keypoints).clone(), poses=None
    )
    assert footage([still]).people[""].frames == 1


def test_a_camera_that_moves_is_a_target():
    clip = filmed(1)[0]
    found = footage([replace(clip, camera=moving(clip.camera, len(clip)))])
    assert found.clips[0].camera.focal.shape == (len(clip), 2)


def test_a_target_without_frames_is_refused():
    with pytest.raises(DataError, match="at least one frame, but there is none"):
        footage([cut(filmed(1)[0], slice(0))])


def test_a_target_without_a_person_is_refused():
    with pytest.raises(DataError, match="none of its 18 frames does; detect the keypoints anew"):
        footage([unseen(filmed(1)[0])])


def test_joints_in_a_wrong_order_are_refused_and_a_few_left_out():
    clips = filmed(3, seconds=1.0)
    order = torch.randperm(17, generator=torch.Generator().manual_seed(3))
    mixed = [replace(clip, keypoints=clip.keypoints[:, order], poses=None) for clip in clips]
    with pytest.raises(SkeletonError, match="should be in the order of their skeleton"):
        footage(mixed)
    found = footage([*clips[:2], mixed[2]])
    assert len(found.clips) == 2
    assert any("1 of 3 recordings are left out" in remark for remark in found.remarks)


def test_an_unknown_focal_length_is_remarked_on_and_a_told_one_is_taken():
    clip = filmed(1, seconds=1.0)[0]
    size = tuple(int(each) for each in clip.camera.size)
    unknown = replace(clip, camera=pinhole(900.0, size, focal_from="assumed"))
    found = footage([unknown])
    assert any("tell the true one with --focal" in remark for remark in found.remarks)
    told = footage([unknown], lens=Lens(focal=1234.0))
    assert float(told.target.cameras.focal[0, 0]) == 1234.0 and len(told.remarks) == 1


def test_another_skeleton_is_mapped_or_refused():
    clips = [mapped(clip, "coco17") for clip in filmed(1)]
    assert clips[0].skeleton == COCO_17
    assert footage(clips).clips[0].skeleton == H36M_17


@pytest.mark.parametrize(("words", "minutes"), [("90s", 1.5), ("2m", 2), ("1.5h", 90)])
def test_a_budget_in_words(words, minutes):
    assert minutes_of(words) == pytest.approx(minutes)


@pytest.mark.parametrize("words", ["2", "m", "-2m", "0s", "two minutes", "nanm"])
def test_other_words_are_no_budget(words):
    with pytest.raises(SettingsError, match="such as 90s, 20m or 2h"):
        minutes_of(words)
