"""Crops of rendered people: exact labels, the same for a number, and stores of them."""

from dataclasses import replace

import pytest
import torch

from crosslift.camera import project
from crosslift.data.images import moved
from crosslift.data.images_crop import Framing
from crosslift.errors import SettingsError, SkeletonError, TrainingError
from crosslift.render import RenderedCrops, Rendering, pictured_clip
from crosslift.skeletons import H36M_16

from ..people import seen_walker

SMALL = Rendering(size=(48, 64))
FRAMING = Framing(size=(48, 64))


def crops(**words) -> RenderedCrops:
    given = {"clips": [seen_walker(0.5)], "size": 4, "seed": 3, "epoch": 5}
    return RenderedCrops(**{**given, "framing": FRAMING, "rendering": SMALL, **words})


def test_keypoints_of_a_crop_are_those_of_the_pose_in_the_whole_picture():
    batch = crops().batch(0, 1)
    whole = project(batch.poses, batch.camera)
    torch.testing.assert_close(moved(batch.keypoints, batch.to_picture), whole, atol=2e-3, rtol=0)
    assert batch.pictures.shape == (4, 3, 64, 48)
    assert float(batch.scores.max()) == 1
    inside = ((batch.keypoints > -0.5) & (batch.keypoints < torch.tensor([47.5, 63.5]))).all(-1)
    assert bool(((batch.scores > 0) == inside).all())


def test_a_batch_follows_from_its_number():
    first, again, next_one = crops().batch(1, 2), crops().batch(1, 2), crops().batch(1, 3)
    assert torch.equal(first.pictures, again.pictures)
    assert not torch.equal(first.pictures, next_one.pictures)
    assert len(crops().part(first, 1, 2)) == 2
    assert torch.equal(crops().part(first, 1, 2).keypoints, first.keypoints[2:])


def test_a_clip_gets_pictures_of_some_of_its_frames():
    clip = seen_walker(0.5)
    found = pictured_clip(clip, 4, torch.Generator().manual_seed(0), SMALL, FRAMING)
    assert len(found.clip) == len(found.shown) == 4
    assert found.clip.fps == clip.fps / 4
    torch.testing.assert_close(found.clip.keypoints, clip.keypoints[::4])
    part = found.shown[0].part
    back = torch.linalg.inv(part.way[:, :2]) @ (found.clip.keypoints[0] - part.way[:, 2]).T
    assert bool((back > -1).all() & (back < torch.tensor([[48.0], [64.0]])).all())


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"size": 0}, SettingsError, "At least one crop"),
        ({"clips": []}, TrainingError, "but there is none"),
        ({"rendering": Rendering(size=(64, 64))}, SettingsError, "give both the same size"),
    ],
)
def test_crops_that_cannot_be_are_refused(words, error, message):
    with pytest.raises(error, match=message):
        crops(**words)


def test_people_without_whole_poses_are_refused():
    clip = seen_walker(0.5)
    joints = [joint for joint in range(17) if joint != 9]
    bare = replace(
        clip,
        skeleton=H36M_16,
        keypoints=clip.keypoints[:, joints],
        scores=clip.scores[:, joints],
        observed=clip.observed[:, joints],
        poses=None,
        body=None,
    )
    with pytest.raises(SkeletonError, match='whole 3D poses of "h36m17", but .* has none'):
        crops(clips=[bare]).batch(0, 0)
