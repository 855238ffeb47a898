"""From a clip of keypoints to a clip with poses."""

from dataclasses import dataclass, replace

import pytest
import torch

from crosslift.camera import project
from crosslift.errors import SkeletonError
from crosslift.filling import between_known
from crosslift.geometry import body_lengths
from crosslift.kept_parts import Keeping
from crosslift.lifters.direct import Direct
from crosslift.lifters.flat import FlatSettings
from crosslift.lifting import (
    ASSUMED_DISTANCE,
    Going,
    lift,
    part_bounds,
    placed,
    root_relative,
    some_frames,
)
from crosslift.metrics import rooted
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.resampling import without_gaps
from crosslift.rigid import limbs
from crosslift.skeletons import H36M_16, H36M_17

from .lifters.knowing import Knowing
from .lifters.small import small_settings
from .people import seen_walker
from .stores import moving, with_gaps

RNG = torch.Generator()
CAUSAL = VideoPoseSettings(filter_widths=(3, 3), channels=16, causal=True)


def test_a_lifter_that_is_right_gives_back_the_recording():
    clip = seen_walker(63 / 30)
    found = lift(clip, Knowing(clip.poses[0], frames=7), RNG)
    assert found.poses.shape == (1, 63, 17, 3)
    assert found.root_from == "reprojection"
    torch.testing.assert_close(found.poses, clip.poses, atol=2e-3, rtol=0)
    torch.testing.assert_close(
        project(found.poses[0], clip.camera), clip.keypoints, atol=0.2, rtol=0
    )


def test_a_lifter_never_sees_the_poses_of_the_clip():
    clip = seen_walker()
    other = replace(clip, poses=torch.full_like(clip.poses, torch.nan))
    lifter = Knowing(clip.poses[0])
    torch.testing.assert_close(lift(clip, lifter, RNG).poses, lift(other, lifter, RNG).poses)


def test_batches_of_any_size_give_the_same():
    clip = seen_walker(10 / 30)
    lifter = FlatSettings().build(H36M_17)
    one, all_at_once = (lift(clip, lifter, RNG, at_a_time=n).poses for n in (1, 99))
    torch.testing.assert_close(one, all_at_once)


def test_another_skeleton_is_refused_with_the_remedy():
    lifter = Knowing(torch.zeros(1, 17, 3))
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
    assert lift(empty, FlatSettings().build(H36M_17), RNG).poses.shape == (1, 0, 17, 3)


def test_gaps_lie_on_the_line_between_their_neighbours():
    track = torch.full((1, 6, 3), torch.nan)
    track[0, 1], track[0, 4] = 1.0, 4.0
    filled = between_known(track, track.isfinite().all(dim=-1))[0, :, 0]
    torch.testing.assert_close(filled, torch.tensor([1.0, 1, 2, 3, 4, 4]))
    assert track[0, 0].isnan().all()


def net(name: str, **more):
    """A lifter that was never trained, in a small form."""
    torch.manual_seed(0)
    lifter = small_settings(name, **more).build(H36M_17)
    lifter.network.eval()
    return lifter


LIFTERS = {
    "flat": lambda: FlatSettings().build(H36M_17),
    "sliding": lambda: net("videopose"),
    "causal": lambda: net("videopose", network=CAUSAL),
    "windows": lambda: net("mixste"),
    "centre": lambda: net("poseformer"),
}


def apart(clip, lifter, size: int) -> float:
    """How far the poses of parts of that size are from those of the whole, in metres.

    In double precision: an untrained network's answers are several metres large.
    """
    clip = clip.to("cpu", torch.float64)
    lifter = lifter.to("cpu", torch.float64) if isinstance(lifter, Direct) else lifter
    with torch.no_grad():
        whole, parts = (
            root_relative(clip, lifter, RNG, going=Going(part=each)) for each in (999, size)
        )
    assert parts.shape == whole.shape and bool(parts.isfinite().all())
    return float((parts - whole).abs().max())


@pytest.mark.parametrize("name", LIFTERS)
@pytest.mark.parametrize("frames", [1, 26, 28, 71])
def test_parts_join_without_a_seam(name, frames):
    clip, lifter = some_frames(seen_walker(71 / 30), slice(frames)), LIFTERS[name]()
    if frames == 71:
        assert len(part_bounds(frames, lifter, 13)) > 5
    assert apart(clip, lifter, 13) < 1e-6


@pytest.mark.parametrize("name", LIFTERS)
def test_cameras_that_move_and_gaps_go_through_parts(name):
    clip = without_gaps(with_gaps(seen_walker(2.0), 0.3))
    clip = replace(clip, camera=moving(clip.camera, len(clip)), times=torch.arange(60) / 30)
    assert apart(clip, LIFTERS[name](), 13) < 1e-6


def test_another_frame_rate_goes_through_parts():
    clip, lifter = replace(seen_walker(2.0), fps=25.0), replace(LIFTERS["sliding"](), fps=30.0)
    whole, parts = (lift(clip, lifter, RNG, going=Going(part=size)) for size in (999, 13))
    assert float((parts.poses - whole.poses).abs().max()) < 1e-5
    assert "30 frames a second" in parts.provenance["resampled"]


@dataclass(frozen=True)
class Stopping:
    """A lifter that is stopped after some batches; it draws its poses."""

    batches: list[int]
    skeleton = H36M_17
    frames: int = 5
    predict = "all"
    fps = None

    def lift(self, keypoints, camera, rng, *, scores=None, body=None):
        if self.batches[0] == 0:
            raise KeyboardInterrupt
        self.batches[0] -= 1
        return torch.randn(len(keypoints), 2, self.frames, 17, 3, generator=rng)


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    clip, seeded = seen_walker(2.0), torch.Generator
    whole = root_relative(clip, Stopping([99]), seeded().manual_seed(3), going=Going(part=20))
    going = Going(part=20, keeping=Keeping(tmp_path, ("it",)))
    with pytest.raises(KeyboardInterrupt):
        root_relative(clip, Stopping([2]), seeded().manual_seed(3), going=going)
    assert len(list(tmp_path.rglob("*.safetensors"))) == 2
    last = Stopping([1])
    found = root_relative(clip, last, seeded().manual_seed(3), going=going)
    assert torch.equal(found, whole) and last.batches == [0]
    with pytest.raises(KeyboardInterrupt):  # of another seed nothing is kept
        root_relative(clip, Stopping([1]), seeded().manual_seed(4), going=going)


def test_how_far_it_is_is_told_within_a_part_too(tmp_path):
    told = []
    root_relative(seen_walker(2.0), net("mixste"), RNG, going=Going(2, 36, watch=told.append))
    assert told == sorted(told) and told[-1] == 1 and len(told) >= 4 and told[0] <= 0.3


def test_short_recordings_keep_no_parts(tmp_path):
    going = Going(keeping=Keeping(tmp_path, ()))
    lift(seen_walker(1.0), net("videopose"), RNG, going=going)
    assert list(tmp_path.iterdir()) == []


def test_limbs_are_rigid_if_asked_for():
    clip = seen_walker(1.0)
    lifter = net("videopose")
    found = lift(clip, lifter, RNG, rigid_limbs=True)
    lengths = body_lengths(rooted(found.poses[0], 0), H36M_17)[:, limbs(H36M_17)]
    assert float((lengths - clip.body[limbs(H36M_17)]).abs().max()) < 1e-5
    assert "the body's" in found.provenance["limbs"]
    alone = lift(replace(clip, body=None), lifter, RNG, rigid_limbs=True)
    lengths = body_lengths(rooted(alone.poses[0], 0), H36M_17)[:, limbs(H36M_17)]
    assert float((lengths - lengths[:1]).abs().max()) < 1e-5
    assert "limbs" not in lift(clip, lifter, RNG).provenance
