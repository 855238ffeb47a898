"""The report: what was judged by what, by joint, by likeness to the training, by recording."""

from dataclasses import replace

import pytest
import torch

from crosslift.errors import DataError
from crosslift.skeletons import H36M_17
from crosslift.uncertainty import (
    Calibration,
    Measured,
    checked_by_halves,
    doubt,
    fit_calibration,
    markdown,
    report_of,
    verdict,
)

from .drawn import sample


def unit(radii: tuple[float, float] = (1.0, 2.0)) -> Calibration:
    rows = tuple((each,) * 17 for each in radii)
    return Calibration(H36M_17.joints, (4.0,) * 17, rows, 5, 3, on="home (abc)")


def by_hand(name: str = "a", distance: float = 3.0, percentile: float = 60.0) -> Measured:
    """Ten frames: one joint is so many deviations away, a second one twice that, others unknown."""
    away = torch.full((10, 17), torch.nan, dtype=torch.float64)
    away[:, 1], away[:, 2] = distance, 2 * distance
    known = torch.where(away.isfinite(), 1.0, torch.nan)
    far = torch.full((10,), percentile, dtype=torch.float64)
    return Measured(name, away, 0.05 * known, 0.02 * known, 0.01 * known, far)


def test_figures_by_hand():
    """A temperature of 4 makes 3 deviations 1.5 and 6 three: the wide region holds the one."""
    found = report_of([(by_hand(), unit())], unit(), "there")
    assert found.total.places == 20 and found.total.held == (0.0, 0.5)
    assert found.total.radius_mm == pytest.approx((20.0, 40.0))
    assert found.total.error_mm == pytest.approx(50.0)
    assert found.joints["right_hip"].held == (0.0, 1.0)
    assert set(found.joints) == {"right_hip", "right_knee"}
    assert found.out_of_domain and verdict(found).startswith("OUT OF DOMAIN: Regions of 50 % held")


def test_frames_are_told_apart_by_their_likeness_to_the_training():
    near, far = by_hand("near", 1.0, 50.0), by_hand("far", 9.0, 101.0)
    found = report_of([(each, unit()) for each in (near, far)], unit(), "there")
    assert {name: row.held[1] for name, row in found.bands.items()} == {
        "up to the 50th percentile": 1.0,
        "beyond the 99th": 0.0,
    }
    assert list(found.clips) == ["far"] and (found.clips_out, found.clips_all) == (1, 2)
    unknown = report_of([(by_hand(percentile=torch.nan), unit())], unit(), "there")
    assert unknown.bands == {}


def test_the_halves_judge_each_other():
    samples = [sample(5, seed=seed, frames=300) for seed in range(4)]
    checked = checked_by_halves(samples, H36M_17, 5)
    assert sorted(each.name for each, _ in checked) == [f"drawn {seed}" for seed in range(4)]
    even = fit_calibration(samples[::2], H36M_17, 5)
    by = {each.name: calibration for each, calibration in checked}
    assert by["drawn 1"] == by["drawn 3"] == even != by["drawn 0"] == by["drawn 2"]
    found = report_of(checked, even, "halves")
    assert found.total.held == pytest.approx((0.5, 0.9), abs=0.015)


def test_of_one_recording_the_frames_are_halved():
    checked = checked_by_halves([sample(5, frames=401)], H36M_17, 5)
    assert [len(each.distance) for each, _ in checked] == [200, 201]
    assert report_of(checked, checked[0][1], "halves").clips_all == 1


def test_under_a_shift_the_result_is_out_of_its_domain():
    """Errors three times as large as those of the calibration, with the hypotheses as they were."""
    fitted = fit_calibration([sample(20, seed=1)], H36M_17, 20)
    there = sample(20, seed=2)
    shifted = replace(there, distance=3 * there.distance, error=3 * there.error)
    for each, out in ((there, False), (shifted, True)):
        found = report_of([(each, fitted)], fitted, "there")
        assert found.out_of_domain is out is found.data()["out_of_domain"]
        assert ("OUT OF DOMAIN" in markdown(found)) is out


def test_the_page_and_the_data_say_the_same():
    found = report_of([(by_hand(), unit())], unit(), "there", {"seed": 3})
    data, page = found.data(), markdown(found)
    assert data["total"]["held"] == {"50": 0.0, "90": 0.5} and data["seed"] == 3
    assert data["calibration"]["on"] == "home (abc)" and "home (abc)" in page and "seed: 3" in page
    assert "| right hip | 10 | 0.0 % | 100.0 % | 20.0 | 40.0 | 50.0 |" in page
    assert "1 of 1 recordings are out" in page


def test_nothing_known_is_refused():
    with pytest.raises(DataError, match="nothing can be judged"):
        report_of([(by_hand(distance=torch.nan), unit())], unit(), "there")


def test_without_a_truth_unlikeness_to_the_training_casts_doubt():
    assert doubt(None) is None and doubt(0.1) is None
    assert "43 % of the frames are unlike" in doubt(0.43)
