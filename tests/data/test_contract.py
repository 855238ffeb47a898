"""What every reader owes, whatever its format: run over the registry."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import torch

from crosslift import registry
from crosslift.clip import Clip
from crosslift.data.record import Recording
from crosslift.data.store import Store, StoreWriter
from crosslift.errors import CrossliftError, DataError
from crosslift.motion import Motion
from crosslift.protocols import Reader

from .mutations import mutations

NAMES = sorted(registry.parts("reader"))
MUTATIONS = 60
"""A short slice of what `benchmarks/fuzz_readers.py` tries."""


def sample(name: str, folder: Path) -> Path:
    """A small valid sample of a format in `folder`; the root to read."""
    folder.mkdir(parents=True, exist_ok=True)
    return import_module(f"tests.data.samples.{name}").write(folder)


def read(name: str, root: Path) -> Iterator[Recording]:
    options = getattr(import_module(f"tests.data.samples.{name}"), "OPTIONS", {})
    return registry.settings_of("reader", name)(**options).read(root)


def test_every_reader_has_a_sample():
    there = {path.stem for path in (Path(__file__).parent / "samples").glob("[!_]*.py")}
    assert set(NAMES) <= there


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_read_in_our_units(name, tmp_path):
    recordings = list(read(name, sample(name, tmp_path)))
    assert recordings and isinstance(registry.settings_of("reader", name)(), Reader)
    assert len({recording.name for recording in recordings}) == len(recordings)
    for recording in recordings:
        assert recording.name and recording.provenance
        if isinstance(recording, Motion):
            check_motion(recording)
        else:
            check_clip(recording)


def check_motion(motion: Motion) -> None:
    extent = motion.positions[motion.known]
    assert len(extent) and extent.abs().max() < 100  # metres, not millimetres
    assert (extent.amax(dim=0) - extent.amin(dim=0)).max() > 0.05


def check_clip(clip: Clip) -> None:
    assert torch.equal(clip.keypoints.isfinite().all(dim=-1), clip.observed | (clip.scores > 0))
    assert not (clip.observed & (clip.scores == 0)).any()
    assert clip.observed.any()
    width = clip.camera.size.reshape(-1, 2).amax()
    assert 1 < clip.keypoints[clip.observed].abs().max() < 20 * width  # pixels, not shares
    if clip.poses is not None:
        assert clip.poses.ndim == 4
        assert clip.poses[clip.poses.isfinite()].abs().max() < 200


@pytest.mark.parametrize("name", NAMES)
def test_reading_twice_gives_the_same(name, tmp_path):
    root = sample(name, tmp_path)
    for one, other in zip(read(name, root), read(name, root), strict=True):
        assert one.name == other.name and dict(one.labels) == dict(other.labels)
        field = "positions" if isinstance(one, Motion) else "keypoints"
        here, there = getattr(one, field), getattr(other, field)
        torch.testing.assert_close(here, there, equal_nan=True, rtol=0, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_goes_into_a_store_and_back(name, tmp_path):
    recordings = list(read(name, sample(name, tmp_path / "in")))
    with StoreWriter(tmp_path / "store") as writer:
        for recording in recordings:
            writer.add(recording)
    store = Store.open(tmp_path / "store")
    assert [each.name for each in store] == [each.name for each in recordings]
    assert store[0].skeleton == recordings[0].skeleton


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["missing", "empty file", "empty folder", "text", "zeros"])
def test_a_root_that_is_something_else_is_one_sentence(name, kind, tmp_path):
    suffix = sample(name, tmp_path / "good").suffix
    root = tmp_path / f"bad{suffix}"
    if kind == "empty folder":
        root.mkdir()
    elif kind != "missing":
        root.write_bytes(
            {"empty file": b"", "text": b"What is this?\n", "zeros": bytes(5000)}[kind]
        )
    with pytest.raises(DataError) as caught:
        list(read(name, root))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_damaged_files_are_read_or_refused_and_nothing_else(name, tmp_path):
    root = sample(name, tmp_path)
    for done in mutations(tmp_path, MUTATIONS, seed=0):
        try:
            list(read(name, root))
        except CrossliftError as problem:
            assert "\n" not in str(problem), done
        except Exception as problem:
            raise AssertionError(done) from problem


def test_the_page_of_formats_is_what_the_readers_say():
    page = Path(__file__).parents[2] / "docs" / "formats.md"
    made = import_module("docs.make_formats").page()
    assert page.read_text("utf-8") == made, "run `make pages`"
