"""Training of detectors with maps: they learn, are measured, are shown and can be continued."""

import colorsys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from crosslift.camera import pinhole, stacked
from crosslift.data.images import Crops
from crosslift.detect.map_detector import MapDetector
from crosslift.detect.targets import hardest, map_error
from crosslift.errors import DataError, SettingsError
from crosslift.networks.hrnet import HRNet, HRNetSettings
from crosslift.networks.pose_resnet import PoseResNet, PoseResNetSettings
from crosslift.recipes.detector import (
    DetectorJob,
    DetectorRecipe,
    figures,
    loss_of,
    wanted,
)
from crosslift.recipes.detector_sheet import write_sheet
from crosslift.recipes.supervised import Optimizing
from crosslift.skeletons import COCO_17, H36M_17
from crosslift.training import Fitting, Run, Schedule
from crosslift.training.examples import seeded

from ..detect.map_networks import TINY, Bright
from .jobs import generator

SIZE = (32, 64)
WIDER = HRNetSettings(width=8, modules=(1,), blocks=1, stem=16, stem_blocks=1)
WIDER_RESNET = PoseResNetSettings(width=16, blocks=(1, 1, 1, 1), enlarging=16)


@dataclass(frozen=True)
class Dotted:
    """Batches of pictures in which every joint is a dot of its own colour; see `Examples`."""

    count: int = 4
    size: tuple[int, int] = SIZE
    hash: str = "dots"

    def __len__(self) -> int:
        return self.count

    def batch(self, epoch: int, index: int) -> Crops:
        rng = seeded(0, index)  # the same in every epoch
        width, height = self.size
        joints = 6 + torch.rand(4, 17, 2, generator=rng) * torch.tensor([width - 12, height - 12.0])
        pictures = torch.zeros(4, 3, height, width)
        for joint in range(17):
            colour = torch.tensor(colorsys.hsv_to_rgb(joint / 17, 1, 1))
            for picture, (x, y) in enumerate(joints[:, joint].round().long().tolist()):
                pictures[picture, :, y - 2 : y + 3, x - 2 : x + 3] = colour[:, None, None]
        scores = torch.ones(4, 17)
        scores[:, 15], scores[:, 16] = 0.5, 0  # hidden, missing
        joints[:, 16] = torch.nan
        camera = stacked([pinhole(100.0, self.size)] * 4)
        return Crops(H36M_17, pictures, joints, scores, torch.eye(2, 3).expand(4, 2, 3), camera)

    def part(self, batch: Crops, which: int, of: int) -> Crops:
        return batch


def detector(settings=TINY, seed: int = 0) -> MapDetector:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = HRNet(settings) if isinstance(settings, HRNetSettings) else PoseResNet(settings)
    return MapDetector(H36M_17, network, SIZE)


def recipe(steps: int = 24, **more) -> DetectorRecipe:
    fitting = Fitting(epochs=100, steps=steps, schedule=Schedule("constant"), log_every=1)
    plain = DetectorRecipe(batch=4, optimizer=Optimizing(rate=1e-2), fitting=fitting)
    return replace(plain, **more)


@pytest.mark.parametrize("settings", [WIDER, WIDER_RESNET], ids=["hrnet", "pose_resnet"])
def test_detectors_learn(settings):
    job = DetectorJob(detector(settings), Dotted(1), generator())
    batch = job.train.batch(0, 0)
    empty = float(map_error(torch.zeros(4, 17, 16, 8), wanted(job.detector, batch)).mean())
    result = recipe(80).train(job)
    assert result.fitted.steps == 80
    assert float(loss_of(result.detector)(batch, generator())["maps"]) < 0.9 * empty
    assert not any(each.requires_grad for each in result.detector.network.parameters())


def test_a_run_that_was_stopped_goes_on_to_the_same_end(tmp_path: Path):
    whole = recipe(10).train(DetectorJob(detector(), Dotted(), generator())).detector.state()
    half = recipe(10, fitting=Fitting(epochs=100, steps=5, schedule=Schedule("constant")))
    half.train(DetectorJob(detector(), Dotted(), generator(), run=Run(tmp_path)))
    job = DetectorJob(detector(seed=9), Dotted(), generator(), run=Run(tmp_path, resume=True))
    again = recipe(10).train(job).detector.state()
    assert all(torch.equal(each, whole[name]) for name, each in again.items())


def test_the_best_weights_by_the_pixel_error_are_kept(tmp_path: Path):
    job = DetectorJob(detector(), Dotted(), generator(), Dotted(2), Run(tmp_path))
    fitted = recipe(8).train(job).fitted
    assert [set(row) for row in fitted.history] == [
        {"step", "validation.pixels", "validation.maps", "validation.pdj"}
    ] * 2
    assert fitted.best == min(row["validation.pixels"] for row in fitted.history)


def test_sheets_are_written_at_intervals(tmp_path: Path):
    job = DetectorJob(detector(), Dotted(), generator(), run=Run(tmp_path))
    recipe(12, sheets=2).train(job)
    sheets = sorted(each.name for each in (tmp_path / "sheets").iterdir())
    assert sheets == ["epoch-0000.png", "epoch-0002.png", "kept.png"]
    with Image.open(tmp_path / "sheets" / "kept.png") as sheet:
        assert sheet.size == (4 * 5 * 32, 5 * 64)
    recipe(1, sheets=0).train(
        DetectorJob(detector(), Dotted(), generator(), run=Run(tmp_path / "b"))
    )
    assert not (tmp_path / "b" / "sheets").exists()


def test_a_sheet_shows_what_was_found_and_what_is_true(tmp_path: Path):
    batch = Dotted().batch(0, 0)
    nothing = torch.full_like(batch.keypoints, torch.nan)
    colours = {}
    for name, found in (("lost", nothing), ("found", batch.keypoints)):
        write_sheet(tmp_path / "a.png", batch.pictures * 0, found, batch.keypoints, H36M_17)
        with Image.open(tmp_path / "a.png") as sheet:
            colours[name] = {colour for _, colour in sheet.getcolors(10_000) or []}
    of_left, grey = (0x21, 0x66, 0xAC), (0x8F, 0x96, 0x9E)
    assert of_left in colours["found"] and of_left not in colours["lost"]
    assert grey in colours["lost"]  # the truth shows


def test_the_hardest_joints_alone_can_be_learned():
    own, batch = detector(), Dotted().batch(0, 0)
    own.network.eval()
    errors = map_error(own.maps(batch.pictures), wanted(own, batch))
    assert loss_of(own, 3)(batch, generator())["maps"] == hardest(errors, 3)
    assert loss_of(own)(batch, generator())["maps"] == errors.mean()


def test_figures_are_those_of_visible_joints():
    class Middle(Bright):
        """All joints in cell 4, 8."""

        def forward(self, pictures: Tensor) -> Tensor:
            maps = torch.zeros(len(pictures), 17, 16, 8)
            maps[:, :, 8, 4] = 1
            return maps

    own = MapDetector(H36M_17, Middle(), SIZE, "peak")
    batch = Dotted(1).batch(0, 0)
    off = (batch.keypoints - torch.tensor([16.0, 32]))[:, :16].norm(dim=-1)
    found = figures(own, Dotted(1))
    assert found["pixels"] == pytest.approx(float(off.mean()), rel=1e-5)
    assert 0 <= found["pdj"] <= 1


def test_pictures_of_another_size_or_other_joints_are_refused():
    own = detector()
    with pytest.raises(SettingsError, match="cut-outs of 32 x 64 pixels, but the pictures have 64"):
        recipe().train(DetectorJob(own, Dotted(size=(64, 64)), generator()))
    other = replace(own, skeleton=COCO_17)
    with pytest.raises(SettingsError, match='joints of "coco17", but the pictures .* "h36m17"'):
        recipe().train(DetectorJob(other, Dotted(), generator()))


def test_a_validation_without_visible_joints_is_refused():
    class Hidden(Dotted):
        def batch(self, epoch: int, index: int) -> Crops:
            plain = super().batch(epoch, index)
            return replace(plain, scores=torch.zeros(4, 17))

    with pytest.raises(DataError, match="needs pictures with visible joints"):
        figures(detector(), Hidden())


def test_settings_that_train_nothing_are_refused():
    with pytest.raises(SettingsError, match="batches of 1 picture or more"):
        DetectorRecipe(batch=0)
