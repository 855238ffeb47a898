"""Adapters: several beside one base, each a file of its own that fits nothing else."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.adapter_file import (
    Adapter,
    adapter_of,
    is_adapter,
    merged,
    read_adapter,
    save_adapter,
    weights_hash,
    with_adapters,
)
from crosslift.errors import CheckpointError, SettingsError
from crosslift.find_lifter import find_lifter
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifters.direct import Direct
from crosslift.lifters.refined import Refined
from crosslift.networks.low_rank import LowRankSettings, inject, low_rank_layers
from crosslift.networks.refinement import Refinement, RefinementSettings
from crosslift.skeletons import H36M_17
from crosslift.windows import Windowing, windows

from .lifters.small import small_settings
from .networks.awake import awake
from .people import seen_walker

ALL = LowRankSettings((".",), rank=2)


def built(name: str = "d3dp", seed: int = 0) -> Direct:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        lifter = small_settings(name).build(H36M_17)
    awake(lifter.network).eval()
    return lifter


def taught(base: Direct, seed: int) -> Direct:
    """A student of the base that has learned something."""
    student = merged(base)
    rng = torch.Generator().manual_seed(seed)
    inject(student.network, ALL, rng)
    for added in low_rank_layers(student.network).values():
        torch.nn.init.normal_(added.lora_up.weight, std=0.05, generator=rng)
    return student


def poses(lifter) -> torch.Tensor:
    batch = windows([seen_walker(0.7)], Windowing(lifter.frames))
    with torch.no_grad():
        return lifter.lift(batch.keypoints, batch.camera, torch.Generator().manual_seed(0))


def refinement() -> Refinement:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = Refinement(RefinementSettings(8, 2, 8, 1))
        torch.nn.init.normal_(network.decoder.weight, std=0.1)
    return network.eval()


@pytest.mark.parametrize("name", ["d3dp", "simple_baseline", "videopose"])
def test_two_adapters_in_turn_and_the_base_are_what_they_were(name, tmp_path):
    base = built(name)
    before, students = poses(base), [taught(base, seed) for seed in (1, 2)]
    for number, student in enumerate(students):
        save_adapter(adapter_of(student, base, ALL), tmp_path / f"{number}.safetensors")
    found = [
        with_adapters(base, [read_adapter(tmp_path / f"{number}.safetensors")])
        for number in (0, 1, 0)
    ]
    assert_close(poses(found[0]), poses(students[0]), atol=1e-5, rtol=0)
    assert_close(poses(found[1]), poses(students[1]), atol=1e-5, rtol=0)
    assert torch.equal(poses(found[0]), poses(found[2]))
    assert (poses(found[0]) - poses(found[1])).abs().max() > 1e-3
    assert torch.equal(poses(base), before)
    assert {type(each) for each in found[0].network.modules()} == {
        type(each) for each in base.network.modules()
    }


def test_another_base_is_refused_and_the_same_weights_are_known_elsewhere():
    base, other = built(), built(seed=7)
    adapter = adapter_of(taught(base, 1), base, ALL)
    with pytest.raises(CheckpointError, match=f"the hash {adapter.base}, but those of this one"):
        with_adapters(other, [adapter])
    again = built(seed=7).with_state(base.state())
    assert weights_hash(again) == adapter.base != weights_hash(other)
    with_adapters(again, [adapter])


def test_additions_that_do_not_fit_the_layers_are_refused():
    base = built()
    adapter = adapter_of(taught(base, 1), base, ALL)
    fewer = dict(list(adapter.state.items())[1:])
    for wrong in (replace(adapter, state=fewer), replace(adapter, low_rank=LowRankSettings())):
        with pytest.raises(CheckpointError, match=r'name, but ".*" does not fit'):
            with_adapters(base, [wrong])


def test_a_lifter_without_a_network_of_ours_is_refused():
    base = built()
    flat = small_settings("flat").build(H36M_17)
    with pytest.raises(SettingsError, match="this lifter has none here"):
        with_adapters(flat, [adapter_of(taught(base, 1), base, ALL)])
    assert with_adapters(flat, []) is flat


def test_all_of_it_comes_back_from_the_file(tmp_path):
    base, path = built(), tmp_path / "one.safetensors"
    given = replace(adapter_of(taught(base, 1), base, ALL, made={"command": "a test"}),
                    refinement=refinement())  # fmt: skip
    save_adapter(given, path)
    found = read_adapter(path)
    assert is_adapter(path) and found.made == {"command": "a test"}
    assert (found.base, found.low_rank, found.numbers) == (given.base, ALL, given.numbers)
    assert all(torch.equal(each, given.state[name]) for name, each in found.state.items())
    assert found.domain_of(H36M_17) is None
    assert torch.equal(poses(with_adapters(base, [found])), poses(with_adapters(base, [given])))


def test_a_refinement_goes_over_what_is_drawn():
    base, look = built(), refinement()
    refined = with_adapters(base, [Adapter(weights_hash(base), {}, refinement=look)])
    assert isinstance(refined, Refined)
    plain = poses(base)
    with torch.no_grad():
        expected = base.about_root(look(plain))
    assert_close(poses(refined), expected)
    assert poses(refined)[..., 0, :].abs().max() == 0
    two = poses(replace(refined, hypotheses=2))
    assert two.shape[1] == 2
    assert_close(poses(refined.fast()), expected, atol=1e-4, rtol=0)


def test_a_refinement_of_a_lifter_that_answers_once_is_refused():
    base = built("simple_baseline")
    with pytest.raises(SettingsError, match="A refinement goes over poses that a lifter draws"):
        with_adapters(base, [Adapter(weights_hash(base), {}, refinement=refinement())])


def test_other_files_are_no_adapters(tmp_path):
    base = built()
    save_lifter(base, About("d3dp", small_settings("d3dp"), H36M_17), tmp_path / "lifter")
    weights = tmp_path / "lifter" / "model.safetensors"
    assert not is_adapter(weights) and not is_adapter(tmp_path / "none.safetensors")
    with pytest.raises(CheckpointError, match="should be an adapter that crosslift has made"):
        read_adapter(weights)


def test_a_lifter_is_found_with_its_adapter_and_another_hash(tmp_path):
    base, path = built(), tmp_path / "one.safetensors"
    about = About("d3dp", small_settings("d3dp"), H36M_17)
    save_lifter(base, about, tmp_path / "lifter")
    adapter = adapter_of(taught(base, 1), base, ALL, made={"command": "a test"})
    save_adapter(adapter, path)
    name = str(tmp_path / "lifter")
    plain, found = find_lifter(name), find_lifter(name, adapters=[path])
    assert plain.hash != found.hash and found.domain() is None
    assert found.about.made["adapters"] == [{"file": "one.safetensors", "command": "a test"}]
    assert_close(poses(found.lifter), poses(with_adapters(base, [adapter])), atol=1e-4, rtol=0)
    with pytest.raises(SettingsError, match='the lifter in a folder, but "flat" is none'):
        find_lifter("flat", adapters=[path])
