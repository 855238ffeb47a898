"""crosslift import: a published checkpoint becomes a lifter's folder that lifts the same."""

import json

import numpy as np
import pytest
import torch

from crosslift.cli import main
from crosslift.lifter_folder import load_lifter
from crosslift.networks.graphs import semgcn_adjacency
from crosslift.networks.iganet import IGANET_PANOPTIC, IGANet
from crosslift.networks.mixste import MixSTE, MixSTESettings
from crosslift.networks.poseformer import PoseFormer, PoseFormerSettings
from crosslift.networks.pstmo import PSTMO, PSTMOSettings
from crosslift.networks.pstmo_pretraining import PSTMOPretraining
from crosslift.networks.semgcn import SemGCN, SemGCNSettings
from crosslift.networks.simple_baseline import (
    L2D_POSE,
    POSEAUG_MLP,
    SimpleBaseline,
    SimpleBaselineSettings,
)
from crosslift.networks.stgcn import STGCN, PoseAugSTGCN
from crosslift.networks.videopose import VideoPose, VideoPoseSettings
from crosslift.skeletons import H36M_16

SMALL = PSTMOSettings(9, (3, 3), width=16, hidden=32, depth=1)
MADE = {
    "simple_baseline": (lambda: SimpleBaseline(POSEAUG_MLP), "h36m16", 1),
    "semgcn": (lambda: SemGCN(semgcn_adjacency(H36M_16.parents), SemGCNSettings(16)), "h36m16", 1),
    "stgcn": (STGCN, "h36m17", 1),
    "poseaug_stgcn": (PoseAugSTGCN, "h36m16", 1),
    "videopose": (
        lambda: VideoPose(VideoPoseSettings(filter_widths=(3, 3), channels=8)), "h36m17", 9
    ),
    "poseformer": (
        lambda: PoseFormer(PoseFormerSettings(frames=9, joint_width=8, depth=1)), "h36m17", 9
    ),
    "mixste": (lambda: MixSTE(MixSTESettings(frames=9, width=16, depth=1)), "h36m17", 9),
    "pstmo": (lambda: PSTMO(SMALL), "h36m17", 9),
    "iganet": (lambda: IGANet(IGANET_PANOPTIC), "panoptic15", 1),
}  # fmt: skip


def imported(network, folder, *words, wrapped=True):
    torch.manual_seed(0)
    file, lifter = folder / "published.bin", folder / "lifter"
    state = {f"module.{name}": each for name, each in network.state_dict().items()}
    content = {"epoch": 3, "lr": 1e-4, "model_pos": state} if wrapped else network.state_dict()
    torch.save(content, file)
    return main(["import", str(file), "-o", str(lifter), *words]), lifter


@pytest.mark.parametrize("name", MADE)
def test_every_published_network_becomes_a_lifter_that_computes_the_same(tmp_path, capsys, name):
    make, skeleton, frames = MADE[name]
    network = make().eval()
    code, folder = imported(network, tmp_path, "--as", name, "--no-flip")
    assert code == 0 and "The lifter is in" in capsys.readouterr().out
    lifter, about = load_lifter(folder)
    assert (about.skeleton.name, lifter.frames) == (skeleton, frames)
    assert lifter.fps == (50.0 if frames > 1 else None)
    given = torch.randn(2, frames, len(about.skeleton), 2)
    found = lifter.read(lifter.network, given)[0]
    one_by_one = name in ("simple_baseline", "semgcn", "iganet")
    wanted = network(given[:, 0])[:, None] if one_by_one else network(given)
    wanted = wanted[0] if isinstance(wanted, tuple) else wanted
    assert torch.equal(found, wanted)


def test_a_bare_state_dict_is_recognised_without_a_name(tmp_path):
    code, folder = imported(SimpleBaseline(POSEAUG_MLP), tmp_path, wrapped=False)
    assert code == 0 and load_lifter(folder)[1].name == "simple_baseline"


def test_the_card_says_where_it_comes_from(tmp_path):
    _, folder = imported(SimpleBaseline(POSEAUG_MLP), tmp_path)
    made = json.loads((folder / "settings.json").read_text())["made"]
    assert made["imported"] == "published.bin" and made["architecture"] == "simple_baseline"
    assert "published.bin" in (folder / "card.md").read_text()


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_statistics_come_along_in_metres(tmp_path, suffix):
    rng = np.random.default_rng(0)
    arrays = {
        name: rng.uniform(1, 9, (17, 2 if name.endswith("2d") else 3)).astype(np.float32)
        for name in ("mean_2d", "std_2d", "mean_3d", "std_3d")
    }
    path = tmp_path / f"statistics{suffix}"
    if suffix == ".npz":
        np.savez(path, **arrays)
    else:
        path.write_text(json.dumps({name: each.tolist() for name, each in arrays.items()}))
    code, folder = imported(SimpleBaseline(L2D_POSE), tmp_path, "--statistics", str(path))
    assert code == 0
    lifter, _ = load_lifter(folder)
    assert lifter.inputs.unit == "standard"
    torch.testing.assert_close(lifter.pose_statistics.mean, torch.tensor(arrays["mean_3d"]) / 100)
    torch.testing.assert_close(lifter.keypoint_statistics.std, torch.tensor(arrays["std_2d"]))


def refused(capsys, code):
    assert code == 2
    return capsys.readouterr().err


def test_statistics_without_a_part_are_refused(tmp_path, capsys):
    path = tmp_path / "statistics.json"
    path.write_text('{"mean_2d": [[1, 2]]}')
    code, folder = imported(SimpleBaseline(L2D_POSE), tmp_path, "--statistics", str(path))
    assert '"std_2d" is not there' in refused(capsys, code)
    assert not folder.exists()


def test_a_wrong_name_is_answered_with_what_it_seems_to_be(tmp_path, capsys):
    code, folder = imported(SimpleBaseline(POSEAUG_MLP), tmp_path, "--as", "mixste")
    said = refused(capsys, code)
    assert "seem to be those of SimpleBaseline" in said and "published.bin" in said
    assert not folder.exists()


def test_a_stage_of_training_is_no_lifter(tmp_path, capsys):
    code, _ = imported(PSTMOPretraining(SMALL), tmp_path)
    assert "stage of training and no lifter" in refused(capsys, code)


def test_a_trajectory_is_no_lifter(tmp_path, capsys):
    settings = VideoPoseSettings(filter_widths=(3,), channels=8, regressed=1)
    code, _ = imported(VideoPose(settings), tmp_path)
    assert "trajectory" in refused(capsys, code)


def test_a_number_of_joints_without_a_skeleton_is_refused(tmp_path, capsys):
    settings = SimpleBaselineSettings(joints=11, regressed=11, width=8)
    code, _ = imported(SimpleBaseline(settings), tmp_path)
    assert "should have 11 joints, but no skeleton is named" in refused(capsys, code)
    code, _ = imported(SimpleBaseline(settings), tmp_path, "--skeleton", "h36m17")
    assert 'but "h36m17" has 17' in refused(capsys, code)
