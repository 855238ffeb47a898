"""What a detector is worth: by itself, and behind lifters."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from crosslift.detect.map_detector import MapDetector
from crosslift.errors import DataError
from crosslift.metrics import mpjpe, p_mpjpe
from crosslift.recipes.guided_loss import median_pose
from crosslift.recipes.l2d_pose import MEDIAN, Measured, guide_of, measured
from crosslift.skeletons import H36M_17, PANOPTIC_15

from ...lifters.small import small_settings
from ..jobs import generator
from .people import Posed, of_frames, small_lifter

SIZE = (32, 64)


class Knowing(nn.Module):
    """Peaks at the true joints of the first batch, which it was told, moved by some cells."""

    joints: Tensor

    def __init__(self, off: int = 0) -> None:
        super().__init__()
        self.register_buffer("joints", Posed(1).batch(0, 0).keypoints.nan_to_num(0) / 4)
        self.off = off

    def forward(self, pictures: Tensor) -> Tensor:
        rows, columns = torch.meshgrid(torch.arange(16.0), torch.arange(8.0), indexing="ij")
        x, y = (self.joints + torch.tensor([self.off, 0]))[..., None, None].unbind(dim=2)
        return -((columns - x) ** 2 + (rows - y) ** 2) * 0.05


def knowing(off: int = 0) -> MapDetector:
    return MapDetector(H36M_17, Knowing(off), SIZE, "soft")


def guides(*names: str):
    return [guide_of(name, small_lifter(name), H36M_17) for name in names]


def test_a_detector_that_knows_is_not_off():
    found = measured(knowing(), [], Posed(1))
    assert found.pixels < 0.8  # since cells are four pixels wide
    assert found.pdj > 0.9 and found.behind == {}
    assert set(found.figures()) == {"pixels", "pdj", "pckh"}


def test_a_cell_off_is_four_pixels():
    assert measured(knowing(1), [], Posed(1)).pixels == pytest.approx(4, abs=0.7)


def test_errors_behind_a_lifter_are_those_of_its_poses():
    guide, batch = guides("simple_baseline")[0], Posed(1).batch(0, 0)
    own = knowing()
    assert batch.poses is not None
    points = own.pixels(own.maps(batch.pictures))[:, None]
    poses = guide.poses(points, of_frames(batch.camera), generator(), rerooted=True)
    truth = guide.truth(batch.poses[:, None])
    found = measured(own, [guide], Posed(1)).behind["simple_baseline"]
    assert found.mpjpe_mm == pytest.approx(1000 * float(mpjpe(poses, truth).mean()), rel=1e-4)
    assert found.p_mpjpe_mm == pytest.approx(1000 * float(p_mpjpe(poses, truth).mean()), rel=1e-3)
    assert found.joints_mm[0] == pytest.approx(0, abs=1e-3) and len(found.joints_mm) == 17
    assert sum(found.joints_mm) / 17 == pytest.approx(found.mpjpe_mm)


def test_the_median_of_several_lifters_is_told_and_not_averaged():
    some, batch = guides("simple_baseline", "iganet", "mixste"), Posed(1).batch(0, 0)
    own = knowing()
    found = measured(own, some, Posed(1))
    assert list(found.behind) == ["simple_baseline", "iganet", "mixste", MEDIAN]
    singles = [found.behind[guide.name].mpjpe_mm for guide in some]
    assert found.mpjpe_mm == pytest.approx(sum(singles) / 3)
    points = own.pixels(own.maps(batch.pictures))[:, None]
    poses = [
        each.poses(points, of_frames(batch.camera), generator(), rerooted=True) for each in some
    ]
    assert batch.poses is not None
    off = mpjpe(median_pose(poses), some[0].truth(batch.poses[:, None])).mean()
    assert found.behind[MEDIAN].mpjpe_mm == pytest.approx(1000 * float(off), rel=1e-4)


def test_lifters_of_other_joints_have_no_median():
    other = guide_of("other", small_lifter(), H36M_17)
    with torch.random.fork_rng():
        panoptic = small_settings("simple_baseline").build(PANOPTIC_15)
    panoptic.network.eval()
    found = measured(knowing(), [other, guide_of("panoptic", panoptic, H36M_17)], Posed(1))
    assert list(found.behind) == ["other", "panoptic"]
    assert len(found.behind["panoptic"].joints_mm) == 15


def test_windows_are_told_as_windows():
    guide = guides("videopose")
    single, pairs = (measured(knowing(), guide, Posed(1), frames) for frames in (1, 2))
    assert single.mpjpe_mm != pairs.mpjpe_mm and single.pixels == pairs.pixels


def test_what_cannot_be_measured_is_refused():
    class Bare(Posed):
        def batch(self, epoch, index):
            return replace(super().batch(epoch, index), poses=None)

    class Hidden(Posed):
        def batch(self, epoch, index):
            return replace(super().batch(epoch, index), scores=torch.zeros(4, 17))

    with pytest.raises(DataError, match="told by true poses, but the pictures have keypoints"):
        measured(knowing(), guides("iganet"), Bare(1))
    with pytest.raises(DataError, match="with visible joints, but there are none"):
        measured(knowing(), [], Hidden(1))


def test_figures_are_a_flat_table():
    found = measured(knowing(), guides("iganet"), Posed(1))
    assert isinstance(found, Measured)
    assert found.figures()["iganet.p_mpjpe_mm"] == found.behind["iganet"].p_mpjpe_mm
    assert found.figures()["mpjpe_mm"] == found.behind["iganet"].mpjpe_mm
