"""From one recording's keypoints to a clip that people can use, and words about it."""

from dataclasses import replace

import pytest
import torch

from crosslift.clip import unlabelled
from crosslift.find_lifter import Found, find_lifter
from crosslift.focal import Lens
from crosslift.geometry import body_lengths
from crosslift.lift_job import Lifting, absence, lift_recording
from crosslift.lifter_folder import About
from crosslift.lifting import some_frames
from crosslift.rigid import limbs
from crosslift.skeletons import H36M_17

from .lifters.knowing import Knowing
from .people import seen_walker

FLAT, USUAL = find_lifter("flat"), Lifting()


def lifted(clip, found=FLAT, settings=USUAL):
    return lift_recording(clip, found, settings, torch.Generator().manual_seed(0), name="it")


def knowing(clip) -> Found:
    return Found(Knowing(clip.poses[0]), About("it", FLAT.about.settings, H36M_17), None)


def under_assumption(clip):
    """The clip of someone who knows nothing of the camera."""
    focal = torch.full((2,), float(clip.camera.size.norm()))
    camera = replace(clip.camera, focal=focal, focal_from="assumed")
    return replace(unlabelled(clip), camera=camera)


def test_an_assumed_focal_length_gives_way_to_what_the_bones_tell():
    clip = seen_walker(4.0)
    true = float(clip.camera.focal.mean())
    found = lifted(under_assumption(clip), knowing(clip))
    assert float(found.clip.camera.focal.mean()) == pytest.approx(true, rel=0.03)
    assert found.clip.camera.focal_from == "estimated"
    assert "estimated" in found.clip.provenance["focal"]
    assert any("px is estimated; tell the true one" in each for each in found.remarks)


def test_where_the_bones_do_not_tell_it_the_assumption_stays_and_is_said():
    found = lifted(under_assumption(seen_walker(1.0)))
    assert found.clip.camera.focal_from == "assumed"
    assert any("px is assumed" in each for each in found.remarks)


def test_what_the_user_says_of_the_camera_comes_first():
    found = lifted(under_assumption(seen_walker(1.0)), settings=Lifting(Lens(fov=60.0)))
    camera = found.clip.camera
    assert camera.focal_from == "given"
    assert float(camera.focal[0]) == pytest.approx(float(camera.size[0]) / 2 / 0.57735, rel=1e-4)
    assert not any("focal length" in each for each in found.remarks)


def test_frames_without_anybody_are_counted():
    clip = seen_walker(1.0)
    blank = replace(clip, scores=torch.zeros_like(clip.scores), observed=clip.observed & False)
    half = replace(clip, observed=clip.observed & (torch.arange(30) < 12)[:, None])
    assert absence(clip) == []
    assert "in 18 of 30 frames" in absence(half)[0]
    assert "in any frame" in absence(blank)[0]
    assert "no frames" in absence(some_frames(clip, slice(0)))[0]


def test_limbs_are_rigid_in_the_size_that_is_asked_for():
    clip = unlabelled(seen_walker(1.0))
    spread = {}
    for rigid in (True, False):
        found = lifted(clip, settings=Lifting(height=1.9, rigid=rigid)).clip
        lengths = body_lengths(found.poses[0], H36M_17)[:, limbs(H36M_17)]
        spread[rigid] = float((lengths - lengths[:1]).abs().max())
        assert ("limbs" in found.provenance) == rigid
        assert "1.90 m" in found.provenance["size"]
    assert spread[True] < 1e-5 < spread[False]
