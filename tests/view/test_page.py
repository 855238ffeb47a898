"""The page as a file; what it does in a browser is tested elsewhere."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from crosslift.camera import project
from crosslift.clip import unlabelled
from crosslift.errors import SettingsError
from crosslift.view import Picture, Series, Shown, write_page
from crosslift.view.page import SCRIPTS, STYLES, azimuth
from crosslift.view.shown import PALETTES, TRUTH
from crosslift.view.template import asset, filled
from crosslift.view.upright import upright

from ..people import seen_walker, walker
from .embedded import content, poses_of, unpacked


@pytest.fixture
def page(tmp_path):
    return tmp_path / "a.html"


def test_the_numbers_of_a_clip_are_in_the_page(page):
    clip = seen_walker()
    clip = replace(clip, spread=torch.full_like(clip.scores, 0.03))
    write_page(page, [Shown(clip)])
    (found,) = content(page)["clips"]
    assert np.abs(poses_of(found) - upright(clip).poses.numpy()).max() < 1e-4
    assert np.abs(unpacked(found["keypoints"]) - clip.keypoints.numpy()).max() < 0.05
    assert np.abs(unpacked(found["scores"]) - clip.scores.numpy()).max() < 1e-4
    assert np.abs(unpacked(found["spread"]) - 0.03).max() < 1e-6
    again = project(clip.poses[0], clip.camera).numpy()
    assert np.abs(unpacked(found["reprojected"]) - again).max() < 0.05
    assert (found["frames"], found["fps"], found["truth"]) == (len(clip), 30.0, False)


def test_joints_that_were_filled_in_are_told(page):
    clip = seen_walker()
    seen = clip.observed.clone()
    seen[3, 5] = False
    write_page(page, [Shown(replace(clip, observed=seen)), Shown(clip)])
    filled_in, whole = content(page)["clips"]
    np.testing.assert_array_equal(unpacked(filled_in["observed"]) > 0, seen.numpy())
    assert whole["observed"] is None


def test_a_long_recording_takes_some_megabytes(page):
    clip = seen_walker(1.0)
    many = 10_000 // len(clip) + 1
    long = replace(
        clip,
        keypoints=clip.keypoints.repeat(many, 1, 1)[:10_000],
        scores=clip.scores.repeat(many, 1)[:10_000],
        observed=clip.observed.repeat(many, 1)[:10_000],
        poses=clip.poses.repeat(1, many, 1, 1)[:, :10_000],
    )
    write_page(page, [Shown(long)])
    assert page.stat().st_size < 5e6


NASTY = '</script><script>alert("x")</script><img src=x onerror=alert(1)>&amp;\u2028 <!--data-->'


def test_no_name_can_become_markup(page):
    clip = replace(seen_walker(), name=NASTY, labels={"subject": NASTY})
    series = [Series(NASTY, NASTY, clip.scores.mean(dim=-1))]
    shown = Shown(clip, label=NASTY, series=series)
    write_page(page, [shown], title=NASTY, facts={NASTY: NASTY}, warnings=[NASTY])
    text = page.read_text("utf-8")
    assert text.count("<script") == 1 + len(SCRIPTS) and "<img" not in text
    assert content(page)["clips"][0]["label"] == NASTY
    assert content(page)["facts"] == {NASTY: NASTY}


def test_the_page_asks_for_nothing_from_elsewhere(page):
    write_page(page, [Shown(seen_walker())])
    text = page.read_text("utf-8")
    assert not re.findall(r"""(?:src|href)=["'](?!data:)|@import|https?://|url\(|fetch\(""", text)
    assert "default-src 'none'" in text


def test_all_scripts_of_the_folder_are_in_the_page():
    text = filled("clip.html", "a", {}, SCRIPTS, STYLES)
    assert all(asset(f"{name}.js") in text for name in SCRIPTS)
    assert "<!--" not in text.replace("<!DOCTYPE", "")


def test_colours_tell_recordings_apart_and_truths_are_grey(page):
    clip = seen_walker()
    write_page(page, [Shown(clip, "truth", truth=True), Shown(clip, "a"), Shown(clip, "b")])
    colours = [each["palette"] for each in content(page)["clips"]]
    assert colours == [TRUTH._asdict(), PALETTES[0]._asdict(), PALETTES[1]._asdict()]


def test_recordings_of_the_same_moments_lie_in_one_view_unless_told(page):
    clip, other = seen_walker(), replace(seen_walker(), name="another")
    for shown, together in (
        ([Shown(clip)] * 2, True),
        ([Shown(clip), Shown(other)], False),
        ([Shown(clip), Shown(other, truth=True)], True),
        ([Shown(clip), Shown(seen_walker(1.0))], False),
    ):
        write_page(page, shown)
        assert content(page)["overlay"] is together
    write_page(page, [Shown(clip)] * 2, overlay=False)
    assert content(page)["overlay"] is False


def test_curves_of_one_title_share_a_plot_and_the_distance_comes_first(page):
    clip = seen_walker()
    write_page(page, [Shown(clip, "a"), Shown(clip, "truth", truth=True)])
    first, second, *_ = content(page)["curves"]
    assert first["title"] == "Distance to the truth" and len(first["lines"]) == 1
    assert [(line["clip"], line["side"]) for line in second["lines"]] == [
        (0, "left"), (0, "right"), (1, "left"), (1, "right"),
    ]  # fmt: skip


def test_curves_that_are_given_take_the_place_of_the_usual_ones(page):
    clip = seen_walker()
    force = Series("Force", "N", torch.arange(len(clip)).float(), "left")
    write_page(page, [Shown(clip, series=[force])])
    (curve,) = content(page)["curves"]
    assert (curve["title"], curve["unit"]) == ("Force", "N")
    assert np.abs(unpacked(curve["lines"][0]["values"]) - np.arange(len(clip))).max() < 1e-2


def test_a_curve_of_another_length_is_refused(page):
    short = Series("Force", "N", torch.zeros(3))
    with pytest.raises(SettingsError, match='"Force" has 3 numbers, but .* 60 frames'):
        write_page(page, [Shown(seen_walker(), series=[short])])
    assert not page.exists()


@pytest.mark.parametrize("count", [0, 9])
def test_nothing_and_too_much_are_refused(page, count):
    with pytest.raises(SettingsError, match=f"1 to 8 recordings at a time, but {count} were given"):
        write_page(page, [Shown(seen_walker(0.2))] * count)


def test_pictures_are_kept_with_their_times(page):
    pictures = [Picture(0.0, b"first"), Picture(0.5, b"second")]
    write_page(page, [Shown(seen_walker(), pictures=pictures)])
    (clip,) = content(page)["clips"]
    assert clip["pictures"] == [{"time": 0.0, "base64": "Zmlyc3Q="},
                                {"time": 0.5, "base64": "c2Vjb25k"}]  # fmt: skip


def test_uneven_times_are_kept_however_late_they_are(page):
    clip = seen_walker()
    times = 1.7e9 + torch.linspace(0, 3, len(clip), dtype=torch.float64) ** 2
    write_page(page, [Shown(replace(clip, times=times))])
    (found,) = content(page)["clips"]
    assert np.abs(found["start"] + unpacked(found["times"]) - times.numpy()).max() < 1e-5


def test_keypoints_alone_motions_and_empty_clips_have_pages(page):
    clip = seen_walker()
    empty = replace(unlabelled(clip), keypoints=clip.keypoints[:0], scores=clip.scores[:0],
                    observed=clip.observed[:0])  # fmt: skip
    for recording in (unlabelled(clip), walker(), empty):
        write_page(page, [Shown(recording)])
        (found,) = content(page)["clips"]
        assert found["frames"] == len(recording)
        assert (found["poses"] is None) is not hasattr(recording, "positions")
    assert content(page)["curves"] == []


def test_a_motion_is_looked_at_from_the_front():
    motion = walker()
    ahead = motion.positions[-1, 0, :2] - motion.positions[0, 0, :2]
    turned = azimuth(motion, upright(motion))
    sight = torch.tensor([np.sin(turned), np.cos(turned)], dtype=ahead.dtype)
    if float(ahead.norm()) > 0.5:
        assert float(sight @ ahead / ahead.norm()) < -0.5


def test_the_same_clips_give_the_same_page(tmp_path):
    for name in ("a.html", "b.html"):
        write_page(tmp_path / name, [Shown(seen_walker())])
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
