"""From a clip of keypoints to a clip with poses."""

from dataclasses import dataclass, replace

import pytest
import torch

from crosslift.camera import project
from crosslift.errors import SkeletonError
from crosslift.filling import between_known
from crosslift.lifting import ASSUMED_DISTANCE, lift, placed
from crosslift.metrics import rooted
from crosslift.skeletons import H36M_16, H36M_17

from .people import seen_walker

RNG = torch.Generator()


@dataclass(frozen=True)
class Remembered:
    """A lifter that knows the truth, to see what is made of it."""

    poses: torch.Tensor
    skeleton = H36M_17
    frames: int = 7
    predict = "all"
    fps = None

    def lift(self, keypoints, camera, rng, *, scores=None, body=None):
        batch = len(keypoints)
        return self.poses[: batch * self.frames].reshape(batch, 1, self.frames, 17, 3)


def test_a_lifter_that_is_right_gives_back_the_recording():
    clip = seen_walker(63 / 30)
    truth = rooted(clip.poses[0], 0)
    found = lift(clip, Remembered(truth), RNG)
    assert found.poses.shape == (1, 63, 17, 3)
    assert found.root_from == "reprojection"
    torch.testing.assert_close(found.poses, clip.poses, atol=2e-3, rtol=0)
    torch.testing.assert_close(
        project(found.poses[0], clip.camera), clip.keypoints, atol=0.2, rtol=0
    )


def test_a_lifter_never_sees_the_poses_of_the_clip():
    clip = seen_walker()
    other = replace(clip, poses=torch.full_like(clip.poses, torch.nan))
    lifter = Remembered(rooted(clip.poses[0], 0), frames=1)
    torch.testing.assert_close(lift(clip, lifter, RNG).poses, lift(other, lifter, RNG).poses)


def test_batches_of_any_size_give_the_same():
    clip = seen_walker(10 / 30)
    from crosslift.lifters.flat import FlatSettings

    lifter = FlatSettings().build(H36M_17)
    one, all_at_once = (lift(clip, lifter, RNG, at_a_time=n).poses for n in (1, 99))
    torch.testing.assert_close(one, all_at_once)


def test_another_skeleton_is_refused_with_the_remedy():
    lifter = replace(Remembered(torch.zeros(1, 17, 3)))
    object.__setattr__(lifter, "skeleton", H36M_16)
    with pytest.raises(SkeletonError, match=r'takes the skeleton "h36m16".*map the clip first'):
        lift(seen_walker(), lifter, RNG)


def test_frames_that_show_too_little_take_their_place_from_their_neighbours():
    clip = seen_walker(1.0)
    scores = clip.scores.clone()
    scores[10:20] = 0
    hidden = replace(clip, scores=scores, observed=scores > 0)
    found = placed(hidden, rooted(clip.poses, 0))
    assert found.poses.isfinite().all()
    assert (found.poses - clip.poses)[:, 10:20].abs().max() < 0.15


def test_a_body_that_nothing_places_is_put_at_an_assumed_distance():
    clip = seen_walker(1.0)
    scores = torch.zeros_like(clip.scores)
    found = placed(replace(clip, scores=scores, observed=scores > 0), rooted(clip.poses, 0))
    assert found.root_from == "assumed"
    torch.testing.assert_close(found.poses[..., 0, 2], torch.full((1, 30), ASSUMED_DISTANCE))


def test_an_empty_clip_stays_empty():
    clip = seen_walker(1.0)
    empty = replace(
        clip, keypoints=clip.keypoints[:0], scores=clip.scores[:0], observed=clip.observed[:0],
        poses=None,
    )  # fmt: skip
    from crosslift.lifters.flat import FlatSettings

    assert lift(empty, FlatSettings().build(H36M_17), RNG).poses.shape == (1, 0, 17, 3)


def test_gaps_lie_on_the_line_between_their_neighbours():
    track = torch.full((1, 6, 3), torch.nan)
    track[0, 1], track[0, 4] = 1.0, 4.0
    filled = between_known(track, track.isfinite().all(dim=-1))[0, :, 0]
    torch.testing.assert_close(filled, torch.tensor([1.0, 1, 2, 3, 4, 4]))
    assert track[0, 0].isnan().all()
