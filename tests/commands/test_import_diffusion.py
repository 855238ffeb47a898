"""crosslift import of D3DP and Diff3DHPE: the sampler around the weights, and the unit of poses."""

import json
from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.cli import main
from crosslift.clip import unlabelled
from crosslift.diffusion import noise_schedule
from crosslift.lifter_folder import load_lifter
from crosslift.networks.d3dp import D3DP
from crosslift.networks.grand import GrandMixSTE, GrandSettings
from crosslift.networks.mixste import MixSTESettings

from ..stores import short_clips, stored

SIZES = {"frames": 9, "width": 16, "depth": 1}
BUFFERS = [
    *("betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod"),
    *("posterior_variance", "posterior_mean_coef1"),
]


def d3dp() -> D3DP:
    torch.manual_seed(0)
    return D3DP(MixSTESettings(**SIZES)).eval()


def grand(**more) -> GrandMixSTE:
    torch.manual_seed(0)
    return GrandMixSTE(GrandSettings(**SIZES | more)).eval()


def tables(kind="cosine", times=1000, dtype=torch.float64) -> dict[str, torch.Tensor]:
    whole = noise_schedule(kind, times).tables()
    return {name: whole[name].to(dtype) for name in BUFFERS}


def imported(network, folder, *words, noise=None, wrapper="module.", part=None):
    """Write what a release saves, and import it."""
    prefix = "pose_estimator." if isinstance(network, D3DP) else "model."
    part = part or ("model_pos" if isinstance(network, D3DP) else "model_diffusion")
    weights = {f"{prefix}{name}": each for name, each in network.state_dict().items()}
    whole = {f"{wrapper}{name}": each for name, each in ((noise or {}) | weights).items()}
    content = {"epoch": 3, "lr": 1e-4, "optimizer": {"state": {}, "param_groups": []}, part: whole}
    torch.save(content, folder / "published.bin")
    lifter = folder / "lifter"
    return main(["import", str(folder / "published.bin"), "-o", str(lifter), *words]), lifter


def refused(capsys, code) -> str:
    assert code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("wrapper", ["module.", ""])
def test_d3dp_becomes_a_lifter_with_its_sampler(tmp_path, capsys, wrapper):
    network = d3dp()
    code, folder = imported(network, tmp_path, noise=tables(), wrapper=wrapper)
    assert code == 0 and "holds d3dp" in capsys.readouterr().out
    lifter, about = load_lifter(folder)
    assert (about.name, lifter.frames, lifter.inputs.unit) == ("d3dp", 9, "screen")
    assert (lifter.process.eta, lifter.process.limit, lifter.fps) == (1.0, 1.1, 50.0)
    state = network.state_dict()
    assert all(torch.equal(each, state[name]) for name, each in lifter.state().items())
    seen = short_clips(1)[0]
    poses = lifter.lift(
        seen.keypoints[None, :9], seen.camera[None][None], torch.Generator().manual_seed(0)
    )
    assert poses.shape == (1, 1, 9, 17, 3) and poses.isfinite().all()


def test_d3dps_own_scale_can_be_told(tmp_path):
    _, folder = imported(d3dp(), tmp_path, "--scale", "2")
    assert load_lifter(folder)[0].process.scale == 2.0


@pytest.mark.parametrize("centre", [False, True])
@pytest.mark.parametrize("time_embedding", [False, True])
def test_diff3dhpe_is_told_its_unit(tmp_path, capsys, centre, time_embedding):
    network = grand(centre=centre, time_embedding=time_embedding)
    noise = tables(dtype=torch.float32)
    code, folder = imported(network, tmp_path, "--scale", "1.25", noise=noise)
    assert code == 0 and "in units of 1.2500 m, as was told" in capsys.readouterr().out
    lifter, about = load_lifter(folder)
    assert about.name == "diff3dhpe" and lifter.predict == ("centre" if centre else "all")
    assert lifter.process.direction == "published" and lifter.process.eta == 0.0
    assert_close(lifter.in_metres(torch.ones(1, 17, 3)), torch.full((1, 17, 3), 1.25))
    made = json.loads((folder / "settings.json").read_text())["made"]
    assert "1.2500 m" in " ".join(made["notes"])


def test_the_published_number_of_steps_follows_from_the_frames(tmp_path):
    _, folder = imported(grand(frames=27), tmp_path, "--scale", "1")
    assert load_lifter(folder)[0].steps == 7


def test_the_unit_is_computed_from_a_store_and_kept(tmp_path, capsys):
    clips = short_clips(2)
    store = stored(tmp_path / "store", clips)
    code, folder = imported(grand(), tmp_path, "--scale-from", str(store.path))
    assert code == 0 and "the release takes" in capsys.readouterr().out.replace("\n", " ")
    about = [each.poses - each.poses[..., [0], :] for each in clips]
    largest = max(float(each.abs().max()) for each in about)
    found = load_lifter(folder)[0].pose_statistics.std
    assert_close(found, torch.full((17, 3), largest))


@pytest.mark.parametrize(("kind", "times"), [("linear", 50), ("cosine", 20)])
def test_the_schedule_is_read_off_the_tables(tmp_path, kind, times):
    _, folder = imported(d3dp(), tmp_path, noise=tables(kind, times))
    process = load_lifter(folder)[0].process
    assert (process.schedule, process.times) == (kind, times)


def test_another_schedule_is_refused(tmp_path, capsys):
    noise = tables() | {"betas": torch.full((1000,), 0.01)}
    code, folder = imported(d3dp(), tmp_path, noise=noise)
    assert '"betas" holds 1000 numbers of none of them' in refused(capsys, code)
    assert not folder.exists()


def test_a_unit_is_needed_by_diff3dhpe_and_by_no_other(tmp_path, capsys):
    code, folder = imported(grand(), tmp_path)
    said = refused(capsys, code)
    assert "largest coordinate of its training data" in said and "neither was given" in said
    code, _ = imported(grand(), tmp_path, "--scale", "1", "--scale-from", str(tmp_path))
    assert "both were given" in refused(capsys, code) and not folder.exists()
    code, _ = imported(grand(), tmp_path, "--scale", "-1")
    assert "A scale lies above 0" in refused(capsys, code)
    code, _ = imported(d3dp(), tmp_path, "--scale-from", str(tmp_path))
    assert "follows from no data; give --scale" in refused(capsys, code)
    torch.save(short_mixste(), tmp_path / "mixste.bin")
    words = ["import", str(tmp_path / "mixste.bin"), "-o", str(folder), "--scale", "1"]
    assert "but this is no diffusion" in refused(capsys, main(words))


def short_mixste() -> dict[str, torch.Tensor]:
    from crosslift.networks.mixste import MixSTE

    return dict(MixSTE(MixSTESettings(**SIZES)).state_dict())


def test_a_store_without_poses_tells_no_unit(tmp_path, capsys):
    clips = [replace(unlabelled(clip), name=clip.name) for clip in short_clips(2)]
    store = stored(tmp_path / "store", clips)
    code, _ = imported(grand(), tmp_path, "--scale-from", str(store.path))
    assert "has clips without any; name the store of the training data" in refused(capsys, code)


def test_weights_that_do_not_all_fit_are_refused(tmp_path, capsys):
    network = d3dp()
    state = {f"module.pose_estimator.{name}": each for name, each in network.state_dict().items()}
    del state["module.pose_estimator.time_mlp.3.bias"]
    torch.save({"model_pos": state}, tmp_path / "published.bin")
    code = main(["import", str(tmp_path / "published.bin"), "-o", str(tmp_path / "lifter")])
    assert '"time_mlp.3.bias" is missing' in refused(capsys, code)
