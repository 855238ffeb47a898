"""What `lift_recording` tells of how sure its poses are."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.find_lifter import find_lifter
from crosslift.lift_job import Lifting, lift_recording
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifters.drawing import Drawing
from crosslift.lifting import lift
from crosslift.mapping import mapped
from crosslift.resampling import resampled
from crosslift.skeletons import H36M_17
from crosslift.uncertainty import Calibration, write_calibration

from .lifters.small import small_settings
from .networks.awake import awake
from .people import seen_walker

TOLD = Calibration(H36M_17.joints, (2.0,) * 17, ((1.0,) * 17, (2.0,) * 17), 5, on="a store")


def lifted(folder, hypotheses=5, **more):
    found = find_lifter(str(folder))
    found = found._replace(lifter=Drawing(hypotheses).of(found.lifter, "it"))
    rng = torch.Generator().manual_seed(0)
    return lift_recording(seen_walker(1.0), found, Lifting(**more), rng, name="it").clip


@pytest.fixture
def folder(tmp_path):
    about = About("d3dp", small_settings("d3dp"), H36M_17)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        lifter = about.build()
    with torch.no_grad():
        awake(lifter.network).head[1].weight.mul_(10)  # so that noise makes a difference
    save_lifter(lifter, about, tmp_path / "lifter")
    return tmp_path / "lifter"


@pytest.mark.parametrize("aggregate", [None, "mean", "j-agg"])
def test_a_calibrated_lifter_gives_regions(folder, aggregate):
    plain = lifted(folder, aggregate=aggregate)
    assert plain.radii is None and "not calibrated" in plain.provenance["uncertainty"]
    write_calibration(folder, TOLD)
    found = lifted(folder, aggregate=aggregate)
    assert_close(found.covariance, 2 * plain.covariance)
    assert found.radii[1].tolist() == [2.0] * 17
    assert "5 hypotheses, calibrated with 5" in found.provenance["uncertainty"]


def test_regions_grow_with_the_person(folder):
    write_calibration(folder, TOLD)
    small, large = (lifted(folder, aggregate="mean", height=each) for each in (1.0, 2.0))
    sizes = [each.spread[:, 1:].mean() for each in (small, large)]
    assert float(sizes[1] / sizes[0]) == pytest.approx(2, rel=0.05)


def test_one_answer_has_no_uncertainty(folder):
    write_calibration(folder, TOLD)
    assert lifted(folder, hypotheses=1).covariance is None


def test_what_is_lifted_or_mapped_anew_has_no_old_uncertainty(folder):

    clip = replace(lifted(folder), fps=30.0)
    for other in (mapped(clip, "h36m16"), resampled(clip, 10.0)):
        assert other.covariance is None and other.radii is None
    again = lift(clip, find_lifter("flat").lifter, torch.Generator())
    assert again.covariance is None and again.radii is None
