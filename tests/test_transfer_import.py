"""PoSynDA's checkpoint: one file becomes a lifter, an adapter and a refinement."""

import json
from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.adapter_file import read_adapter
from crosslift.cli import main
from crosslift.diffusion import noise_schedule
from crosslift.errors import CheckpointError
from crosslift.find_lifter import find_lifter
from crosslift.lifter_import import Importing
from crosslift.lifters.d3dp import D3DPLifter
from crosslift.lifters.inputs import Inputs
from crosslift.networks.d3dp import D3DP
from crosslift.networks.low_rank import LowRankSettings, inject, low_rank_layers
from crosslift.networks.mixste import MixSTESettings
from crosslift.networks.refinement import Refinement, RefinementSettings, waves
from crosslift.skeletons import MPI_INF_3DHP_17
from crosslift.transfer_import import import_transfer
from crosslift.windows import Windowing, windows

from .people import seen_walker

SIZES = MixSTESettings(frames=9, width=16, depth=2, heads=8)
LOOK = RefinementSettings(16, 8, 16, 2, dropout=0.5, released=True)


def trained() -> tuple[D3DP, Refinement]:
    """The two networks as a training leaves them."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network, look = D3DP(SIZES), Refinement(LOOK)
        inject(network, LowRankSettings(), torch.Generator().manual_seed(0))
        for added in low_rank_layers(network).values():
            torch.nn.init.normal_(added.lora_up.weight, std=0.1)
    return network.eval(), look.eval()


@pytest.fixture
def checkpoint(tmp_path):
    """The file as the release writes it."""
    network, look = trained()
    state = {f"module.pose_estimator.{name}": each for name, each in network.state_dict().items()}
    tables = noise_schedule("cosine", 1000).tables()
    state |= {f"module.{name}": table for name, table in tables.items()}
    weight = {f"module.{name}": each for name, each in look.state_dict().items()}
    weight["module.pos_encoder.pe"] = waves(50, 16, torch.zeros(()))[:, None]
    path = tmp_path / "best_epoch.bin"
    torch.save({"epoch": 3, "lr": 1e-4, "model_pos": state, "model_weight": weight}, path)
    return path


def poses(lifter) -> torch.Tensor:
    clip = seen_walker(0.3)
    batch = windows([clip], Windowing(9))
    with torch.no_grad():
        return lifter.lift(batch.keypoints, batch.camera, torch.Generator().manual_seed(0))


def expected() -> tuple[torch.Tensor, torch.Tensor]:
    """What the networks of the release draw, and what they make of it."""
    network, look = trained()
    lifter = D3DPLifter(SIZES, Inputs("screen")).build(MPI_INF_3DHP_17)
    drawn = poses(replace(lifter, network=network))
    with torch.no_grad():
        return drawn, lifter.about_root(look(drawn))


def test_the_parts_fit_together_again(checkpoint, tmp_path, capsys):
    folder = tmp_path / "posynda"
    assert main(["import", str(checkpoint), "-o", str(folder)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "mpi_inf_3dhp17" in said and "numbers that were added to it" in said
    adapter, refinement = (
        tmp_path / f"posynda.{part}.safetensors" for part in ("adapter", "refinement")
    )
    drawn, refined = expected()
    assert_close(poses(find_lifter(str(folder), adapters=[adapter]).lifter), drawn,
                 atol=1e-5, rtol=1e-4)  # fmt: skip
    both = find_lifter(str(folder), adapters=[adapter, refinement]).lifter
    assert_close(poses(both), refined, atol=1e-5, rtol=1e-4)
    assert (poses(find_lifter(str(folder)).lifter) - drawn).abs().max() > 1e-4
    assert read_adapter(adapter).low_rank == LowRankSettings()
    assert adapter.stat().st_size < 2e6


def test_another_skeleton_can_be_told(checkpoint, tmp_path):
    words = ["--skeleton", "h36m17", "--json"]
    assert main(["import", str(checkpoint), "-o", str(tmp_path / "posynda"), *words]) == 0
    assert find_lifter(str(tmp_path / "posynda")).about.skeleton.name == "h36m17"


def test_a_file_without_additions_is_none(tmp_path):
    path = tmp_path / "d3dp.bin"
    torch.save({"model_pos": D3DP(SIZES).state_dict()}, path)
    assert import_transfer(path, Importing()) is None


def test_additions_of_several_ranks_are_refused(checkpoint):
    content = torch.load(checkpoint, weights_only=True)
    name = "module.pose_estimator.STEblocks.0.attn.qkv.lora_down.weight"
    content["model_pos"][name] = torch.zeros(3, 16)
    torch.save(content, checkpoint)
    with pytest.raises(CheckpointError, match=r"could not be imported: .*ranks \[3, 4\]"):
        import_transfer(checkpoint, Importing())


def test_info_tells_of_the_additions(checkpoint, capsys):
    assert main(["info", str(checkpoint), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["network"] == "d3dp" and told["added to it"].endswith("of the rank 4")
