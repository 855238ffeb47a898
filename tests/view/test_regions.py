"""Where joints may be: upright as the poses are, in the page and in films."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from crosslift.camera import camera_to_world
from crosslift.uncertainty import Calibration, with_uncertainty
from crosslift.uncertainty.calibration import NORMAL
from crosslift.view import Filming, Shown, write_page
from crosslift.view.reel import Actor, Reel
from crosslift.view.regions import lower_root, outline, regions_of
from crosslift.view.shown import palettes
from crosslift.view.upright import upright

from ..people import seen_walker
from ..stores import moving
from .embedded import content, unpacked

RADII = ((1.5,) * 17, (3.0,) * 17)


def doubtful(metres: float = 0.05, *, calibrated: bool = True):
    """A clip of six hypotheses that differ most along the line of sight."""
    clip = seen_walker(1.0)
    off = torch.randn(6, len(clip), 17, 3, generator=torch.Generator().manual_seed(0))
    off[:, :, 0] = 0
    clip = replace(clip, poses=clip.poses + metres * off * torch.tensor([1.0, 1.0, 3.0]))
    told = Calibration(clip.skeleton.joints, (1.0,) * 17, RADII, 6) if calibrated else None
    return with_uncertainty(clip, calibration=told)


def test_normal_errors_are_held_as_their_radii_say():
    rng = torch.Generator().manual_seed(0)
    away = torch.randn(200_000, 3, generator=rng).norm(dim=-1)
    shares = [float((away < radius).float().mean()) for radius in NORMAL]
    assert shares == pytest.approx([0.5, 0.9], abs=0.003)


@pytest.mark.parametrize("moves", [False, True])
def test_ellipsoids_turn_with_the_poses(moves):
    """The covariance of upright hypotheses is the upright covariance."""
    clip = doubtful()
    if moves:
        clip = replace(clip, camera=moving(clip.camera, len(clip)))
    found = regions_of(clip, upright(clip))
    offset = torch.tensor([[0.1, 0.0, 0.3]]).expand(len(clip), 1, 3)
    turned = camera_to_world(offset, clip.camera) - camera_to_world(0 * offset, clip.camera)
    along = torch.einsum("fjx, fjxy, fjy -> fj", offset.expand(-1, 17, 3), clip.covariance,
                         offset.expand(-1, 17, 3))  # fmt: skip
    there = torch.einsum("fjx, fjxy, fjy -> fj", turned.expand(-1, 17, 3), found.covariance,
                         turned.expand(-1, 17, 3))  # fmt: skip
    assert_close(there, along, rtol=1e-3, atol=1e-8)


def test_roots_multiply_to_covariances_and_unknown_ones_stay_unknown():
    clip = doubtful()
    lost = clip.covariance.clone()
    lost[3] = torch.nan
    root = torch.zeros(*lost.shape)
    rows, columns = torch.tril_indices(3, 3)
    root[..., rows, columns] = lower_root(lost)
    assert_close(root @ root.mT, lost, rtol=1e-4, atol=1e-7, equal_nan=True)
    assert root[3].isnan().any() and root[2].isfinite().all()


def test_an_outline_by_hand():
    """Seen along y: 3 cm to the right, 2 cm upwards, whatever it is in depth."""
    ball = np.diag([9.0, 100.0, 4.0]) * 1e-4
    axes = np.array([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
    found = outline(ball, axes)
    assert np.abs(found).max(axis=0) == pytest.approx([0.03, 0.02], rel=1e-2)
    assert np.isnan(outline(ball * np.nan, axes)).all()


def test_the_page_has_them_and_says_whether_they_were_measured(tmp_path):
    clip = doubtful()
    write_page(tmp_path / "a.html", [Shown(clip), Shown(doubtful(calibrated=False)),
                                     Shown(seen_walker(1.0))])  # fmt: skip
    measured, plain, none = (each["regions"] for each in content(tmp_path / "a.html")["clips"])
    assert (measured["measured"], plain["measured"], none) == (True, False, None)
    assert measured["radii"] == [list(row) for row in RADII]
    assert plain["radii"][0] == pytest.approx([NORMAL[0]] * 17, abs=1e-3)
    wanted = regions_of(clip, upright(clip)).factors.numpy()
    assert np.abs(unpacked(measured["factors"]) - wanted).max() < 1e-4


def test_a_film_draws_regions_and_other_hypotheses_unless_told():
    def coloured(clip, **filming) -> int:
        """Pixels that are not grey: of the body and of all that is drawn about it."""
        shown = (Shown(clip),)
        small = Filming(size=(240, 136), fps=10, **filming)
        reel = Reel(tuple(map(Actor.of, shown, palettes(shown))), small, overlay=True)
        image = np.asarray(reel.picture(0.5).crop((120, 40, 240, 136))).astype(int)
        return int((np.ptp(image, axis=-1) > 25).sum())

    clip = doubtful(0.08)
    alone = replace(clip, poses=clip.poses[:1], covariance=None, radii=None)
    sure = replace(clip, covariance=None, radii=None)
    plain, others, all_of_it = (coloured(each) for each in (alone, sure, clip))
    assert plain + 20 < others and others + 20 < all_of_it
    assert coloured(clip, uncertainty=False) == plain
