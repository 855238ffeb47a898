"""Where a focal length comes from, and how sure it is."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from crosslift.clip import Clip
from crosslift.errors import DataError, SettingsError
from crosslift.focal import Lens, assumed, camera_for, estimated, read_camera, refined

from .people import seen_walker

SIZE = (1280, 720)
DIAGONAL = math.hypot(*SIZE)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def written(path: Path, **camera: object) -> Path:
    path.write_text(json.dumps(camera))
    return path


@pytest.mark.parametrize(
    ("lens", "noted", "value", "origin"),
    [
        (Lens(focal=900.0), 500.0, 900.0, "given"),
        (Lens(fov=90.0), 500.0, 640.0, "given"),
        (Lens(), 500.0, 500.0, "given"),
        (Lens(), None, DIAGONAL, "assumed"),
    ],
)
def test_what_is_said_comes_before_what_is_noted_and_that_before_the_usual(
    lens, noted, value, origin
):
    camera, focal = camera_for(SIZE, lens, noted)
    assert focal.value == pytest.approx(value) and focal.origin == origin
    assert camera.focal_from == origin
    torch.testing.assert_close(camera.focal, torch.tensor([value, value]))
    assert camera.centre.tolist() == [640, 360] and camera.size.tolist() == list(SIZE)


def test_what_is_not_given_has_a_spread_and_a_reason():
    assert camera_for(SIZE, Lens(focal=900.0))[1].spread == 0
    noted, usual = camera_for(SIZE, Lens(), 800.0)[1], assumed(SIZE)
    assert 0 < noted.spread / noted.value < usual.spread / usual.value
    assert "EXIF" in noted.reason and "53 degrees" in usual.reason
    assert usual.short == "1469 ± 587 px (assumed)"


def test_a_camera_in_a_file_is_read_with_its_lens_and_scaled_to_the_picture(tmp_path):
    path = written(
        tmp_path / "a.json", focal=[1000, 1010], size=[1280, 720], centre=[650, 350],
        distortion=[0.1, 0.01],
    )  # fmt: skip
    camera, focal = camera_for((640, 360), Lens(camera=path))
    assert camera.focal.tolist() == [500, 505] and camera.centre.tolist() == [325, 175]
    assert camera.size.tolist() == [640, 360]
    torch.testing.assert_close(camera.distortion, torch.tensor([0.1, 0.01, 0, 0, 0]))
    assert focal.value == 502.5 and focal.origin == "given" and "a.json" in focal.reason
    plain = read_camera(written(tmp_path / "b.json", focal=700, width=1280, height=720), SIZE)
    assert plain.focal.tolist() == [700, 700] and plain.centre.tolist() == [640, 360]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"focal": 5},
        {"focal": "long", "size": [1, 2]},
        {"focal": -5, "size": [4, 4]},
        {"focal": 5, "size": [4, 4], "distortion": [1, 2, 3, 4, 5, 6]},
    ],
)
def test_a_file_that_is_no_camera_is_refused(told, tmp_path):
    with pytest.raises(DataError, match=r'a.json" should be a camera'):
        read_camera(written(tmp_path / "a.json", **told), SIZE)
    (tmp_path / "b.json").write_text("[1, 2")
    with pytest.raises(DataError, match="should be a camera"):
        read_camera(tmp_path / "b.json", SIZE)
    with pytest.raises(DataError, match="should be a camera"):
        read_camera(tmp_path / "nowhere.json", SIZE)


def test_a_camera_of_another_shape_is_refused(tmp_path):
    path = written(tmp_path / "a.json", focal=700, size=[720, 1280])
    with pytest.raises(DataError, match="720 x 1280 pixels, which have another shape"):
        read_camera(path, SIZE)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"focal": 900.0, "fov": 50.0}, "--focal and --fov were given"),
        ({"focal": -1.0}, "positive number of pixels"),
        ({"fov": 180.0}, "between 0 and 180"),
    ],
)
def test_contradictions_are_refused(wrong, words):
    with pytest.raises(SettingsError, match=words):
        Lens(**wrong)


def unaware(clip: Clip, noise: float = 0.0, pixels: float = 0.0, seed: int = 0) -> Clip:
    """The clip under the assumed focal length; its poses and keypoints err by that much."""
    assert clip.poses is not None
    drawn = rng(seed)
    poses = clip.poses + noise * torch.randn(clip.poses.shape, generator=drawn)
    keypoints = clip.keypoints + pixels * torch.randn(clip.keypoints.shape, generator=drawn)
    focal = torch.full((2,), float(clip.camera.size.norm()))
    return replace(clip, poses=poses, keypoints=keypoints, camera=replace(clip.camera, focal=focal))


@pytest.mark.parametrize("seed", range(2))
def test_bones_that_keep_their_lengths_tell_the_focal_length(seed):
    clip = seen_walker(4.0, seed)
    true = float(clip.camera.focal.mean())
    found = estimated(unaware(clip), rng())
    assert found is not None and found.origin == "estimated"
    assert found.value == pytest.approx(true, rel=0.03)
    assert found.spread < 0.05 * true


@pytest.mark.parametrize("seed", range(3))
def test_the_spread_grows_with_the_errors_and_covers_them(seed):
    clip = seen_walker(4.0, seed)
    true = float(clip.camera.focal.mean())
    exact, noisy = (estimated(unaware(clip, error), rng()) for error in (0.0, 0.005))
    assert exact is not None and noisy is not None
    assert noisy.spread > exact.spread
    assert abs(noisy.value - true) < 3 * noisy.spread


def test_what_does_not_tell_it_says_so():
    clip = seen_walker(4.0)
    assert estimated(unaware(clip, 0.08), rng()) is None
    assert estimated(replace(unaware(clip), poses=None), rng()) is None
    assert estimated(unaware(seen_walker(0.4)), rng()) is None
    still = unaware(clip)
    frozen = replace(
        still,
        keypoints=still.keypoints[:1].repeat(120, 1, 1),
        poses=still.poses[:, :1].repeat(1, 120, 1, 1),
    )
    assert estimated(frozen, rng()) is None


def test_only_an_assumption_gives_way_to_an_estimate():
    clip = unaware(seen_walker(4.0))
    usual = assumed(SIZE)
    assert refined(clip, usual, rng()).origin == "estimated"
    given = camera_for(SIZE, Lens(focal=900.0))[1]
    assert refined(clip, given, rng()) == given
    kept = refined(replace(clip, poses=None), usual, rng())
    assert kept.value == usual.value and "bones do not either" in kept.reason


def test_a_clip_keeps_its_estimate_whatever_joints_are_missing_and_repeats_it():
    clip = unaware(seen_walker(4.0))
    hidden = clip.keypoints.clone()
    hidden[::3, 3] = torch.nan
    seen = hidden.isfinite().all(dim=-1)
    holed = replace(clip, keypoints=hidden, scores=seen.float(), observed=seen)
    found, again = (estimated(holed, rng(1)) for _ in range(2))
    assert found == again and found is not None
    whole = estimated(clip, rng())
    assert whole is not None and found.value == pytest.approx(whole.value, rel=0.05)
