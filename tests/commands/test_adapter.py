"""An adapter from the command that makes it to those that take it."""

import json

import pytest
import torch
from torch.testing import assert_close

from crosslift.adapt import carry_out
from crosslift.adapter_file import read_adapter
from crosslift.cli import main
from crosslift.data.clip_file import read_clip, write_clip
from crosslift.data.store import Store
from crosslift.networks.simple_baseline import SimpleBaselineSettings

from ..adapt.given import filmed, lifter_folder
from ..stores import stored

CLIP = "walk.clip.safetensors"
LEARNING = ["--synthetic", "300", "--batch", "50", "--round", "10", "--fitting.steps", "20",
            "--optimizer.rate", "3e-2", "--likeness.no-viewpoint",
            "--low-rank.rank", "4"]  # fmt: skip


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A lifter, what was filmed, and what was added to the lifter for it."""
    folder = tmp_path_factory.mktemp("adapter")
    lifter_folder(folder / "lifter")
    lifter_folder(folder / "other", network=SimpleBaselineSettings(width=48))
    write_clip(folder / CLIP, filmed(1)[0])
    stored(folder / "store", filmed(1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carry_out, "RECORDINGS_SHOWN", 0)
        words = ["--lifter", str(folder / "lifter"), "-o", str(folder / "run"), "--quiet"]
        assert main(["adapt", str(folder / CLIP), "--method", "gpa+lora", *words, *LEARNING]) == 0
    return folder


def lifted(given, out, *words: object) -> torch.Tensor:
    options = ["-o", str(out), "--no-page", "--quiet", *map(str, words)]
    assert main(["lift", str(given / CLIP), *options]) == 0
    (made,) = out.glob("*.clip.safetensors")
    return read_clip(made).poses


def test_the_base_with_the_adapter_lifts_as_the_adapted_lifter(given, tmp_path):
    base, file = given / "lifter", given / "run" / "adapter.safetensors"
    adapted = lifted(given, tmp_path / "1", "--lifter", given / "run" / "lifter")
    both = lifted(given, tmp_path / "2", "--lifter", base, "--adapter", file)
    alone = lifted(given, tmp_path / "3", "--lifter", base)
    assert_close(both, adapted, atol=1e-5, rtol=0)
    assert (both - alone).norm(dim=-1).max() > 1e-3
    assert file.stat().st_size < 0.5 * (base / "model.safetensors").stat().st_size


def test_the_adapter_says_what_it_learned_from(given):
    adapter = read_adapter(given / "run" / "adapter.safetensors")
    assert adapter.low_rank is not None and adapter.low_rank.rank == 4
    assert adapter.made["adapted"]["method"] == "gpa+lora"
    report = json.loads((given / "run" / "report.json").read_text())
    assert any("numbers were added" in remark for remark in report["remarks"])


def test_info_tells_of_an_adapter_and_of_the_weights_it_belongs_to(given, capsys):
    assert main(["info", str(given / "run" / "adapter.safetensors"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["info", str(given / "lifter"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["weights"] == told["weights it belongs to"]
    assert told["settings"]["low rank"]["rank"] == 4
    assert main(["info", str(given / "run" / "adapter.safetensors")]) == 0
    assert "crosslift lift --lifter LIFTER --adapter" in " ".join(capsys.readouterr().out.split())


def test_another_lifter_is_refused_in_one_sentence(given, tmp_path, capsys):
    words = ["--lifter", str(given / "other"), "-o", str(tmp_path / "out"), "--adapter",
             str(given / "run" / "adapter.safetensors")]  # fmt: skip
    assert main(["lift", str(given / CLIP), *words]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "The adapter belongs to a lifter whose weights have the hash" in said
    assert not list(tmp_path.glob("out/*.clip.safetensors"))


def test_evaluation_takes_it_too(given, capsys):
    figures = []
    for words in ([], ["--adapter", str(given / "run" / "adapter.safetensors")]):
        store, base = str(given / "store"), str(given / "lifter")
        assert main(["evaluate", base, store, "--json", *words]) == 0
        figures.append(json.loads(capsys.readouterr().out))
    assert figures[0] != figures[1]
    assert main(["evaluate", str(given / "store"), str(given / "store"), *words]) == 2
    assert "--adapter is for a lifter" in " ".join(capsys.readouterr().err.split())
    assert len(Store.open(given / "store")) == 1
