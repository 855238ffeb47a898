"""How a pose comes out of noise: the steps are those of the lifter, and a clip like any other."""

from dataclasses import replace

import pytest
import torch
from PIL import Image
from torch.testing import assert_close

from crosslift.clip import unlabelled
from crosslift.errors import DataError, SettingsError, SkeletonError
from crosslift.lifting import root_relative
from crosslift.mapping import mapped
from crosslift.metrics import rooted
from crosslift.skeletons import H36M_17
from crosslift.view import Filming, Shown, denoised, write_figure, write_film, write_page
from crosslift.view.denoising import LASTING, stages

from ..lifters.small import small_settings
from ..people import seen_walker
from .embedded import content


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def built(name: str = "d3dp", **more):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        lifter = small_settings(name, **more).build(H36M_17)
    lifter.network.eval()
    return lifter if lifter.pose_statistics or name == "d3dp" else lifter.with_largest(1.5)


def nine_frames():
    """A clip that is one window of the lifter, so that there is no other."""
    return seen_walker(9 / 30)


@pytest.mark.parametrize("name", ["d3dp", "diff3dhpe"])
@pytest.mark.parametrize("frame", [0, 4, 8])
def test_the_last_step_is_what_the_lifter_answers(name, frame):
    lifter, clip = built(name, hypotheses=3, steps=4), nine_frames()
    with torch.no_grad():
        noisy, clean = stages(clip, lifter, generator(), frame)
        wanted = root_relative(clip, lifter, generator())[:, frame]
    assert noisy.shape == clean.shape == (5, 3, 17, 3)
    assert_close(clean[-1], wanted, atol=1e-5, rtol=1e-4)
    assert_close(noisy[-1], clean[-1])
    assert clean[0].isnan().all() and clean[1:].isfinite().all() and noisy.isfinite().all()


def test_it_begins_with_noise_that_has_nothing_of_the_keypoints():
    lifter = built(steps=2, hypotheses=40)
    first, other = (
        stages(clip, lifter, generator(), 4)[0][0] for clip in (nine_frames(), moved_aside())
    )
    assert_close(first, other)
    assert float(first[:, 1:].detach().std()) == pytest.approx(1, rel=0.1)


def moved_aside():
    clip = nine_frames()
    return replace(clip, keypoints=clip.keypoints + 50)


def test_a_moment_is_a_clip_whose_frames_are_steps():
    clip = seen_walker(2.0)
    lifter = built(hypotheses=2, steps=5)
    found = denoised(unlabelled(clip), lifter, generator(), 1.0, truth=clip)
    steps = 6
    assert len(found.noisy) == len(found.clean) == len(found.truth) == steps + LASTING - 1
    assert found.captions[:2] == ("noise", "step 1 of 5")
    assert found.captions[-LASTING:] == ("step 5 of 5",) * LASTING
    assert_close(found.truth.poses[0], clip.poses[0, 30].expand(steps + LASTING - 1, 17, 3))
    assert_close(found.noisy.keypoints[3], clip.keypoints[30])
    roots = found.noisy.poses[:, :, 0]
    assert_close(roots, roots[:, -1:].expand_as(roots), atol=1e-5, rtol=0)
    assert_close(rooted(found.noisy.poses[:, -1], 0), rooted(found.clean.poses[:, -1], 0),
                 atol=1e-5, rtol=0)  # fmt: skip


def test_a_lifter_at_another_rate_is_shown_the_moment_at_its_own():
    clip = seen_walker(2.0)
    lifter = replace(built(steps=2), fps=10.0)
    found = denoised(clip, lifter, generator(), 1.0)
    assert_close(found.clean.keypoints[0], clip.keypoints[30], atol=2.0, rtol=0)


def test_everything_that_shows_clips_shows_it(tmp_path):
    clip = seen_walker(1.0)
    found = denoised(clip, built(steps=3, hypotheses=2), generator(), 0.5, truth=clip)
    shown = [
        Shown(found.noisy, "noisy", captions=found.captions),
        Shown(found.clean, "clean", captions=found.captions),
        Shown(found.truth, "truth", truth=True),
    ]
    write_page(tmp_path / "a.html", shown)
    assert content(tmp_path / "a.html")["clips"][0]["captions"] == list(found.captions)
    small = Filming(size=(240, 136))
    write_film(tmp_path / "a.gif", shown, small, overlay=False)
    with Image.open(tmp_path / "a.gif") as film:
        lasting = [film.info["duration"] for each in range(film.n_frames) if not film.seek(each)]
    assert sum(lasting) == 500 * len(found.noisy) and len(lasting) >= 4  # like ones are one
    write_figure(tmp_path / "a.png", shown, small, moments=7)
    with Image.open(tmp_path / "a.png") as figure:
        assert figure.size == (240, 4 * 136)  # what lasts is shown once


def test_what_cannot_be_shown_is_refused(tmp_path):
    clip, lifter = seen_walker(1.0), built()
    with pytest.raises(SettingsError, match="draws poses from noise, but this one answers once"):
        denoised(clip, small_settings("mixste").build(H36M_17), generator(), 0.5)
    with pytest.raises(SkeletonError, match="map the clip first"):
        denoised(mapped(clip, "h36m16"), lifter, generator(), 0.5)
    with pytest.raises(SettingsError, match="within the 0.97 s .* but is 3 s"):
        denoised(clip, lifter, generator(), 3.0)
    bare = unlabelled(clip)
    empty = replace(bare, keypoints=clip.keypoints[:0], scores=clip.scores[:0],
                    observed=clip.observed[:0])  # fmt: skip
    with pytest.raises(DataError, match="has no frames, so there is no moment"):
        denoised(empty, lifter, generator(), 0.0)
    with pytest.raises(SettingsError, match="30 frames, but 2 captions"):
        write_page(tmp_path / "a.html", [Shown(clip, captions=("a", "b"))])
    with pytest.raises(SettingsError, match="should end in .png or .jpg"):
        write_figure(tmp_path / "a.gif", [Shown(clip)])
    with pytest.raises(SettingsError, match="1 to 24 moments, but 99 were asked for"):
        write_figure(tmp_path / "a.png", [Shown(clip)], moments=99)
    with pytest.raises(DataError, match="nothing to draw"):
        write_figure(tmp_path / "a.png", [Shown(empty)])
    assert list(tmp_path.iterdir()) == []
