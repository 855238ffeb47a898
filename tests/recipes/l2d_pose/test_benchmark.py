"""The table of the guided grid: what is compared with what, and what is missing."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from benchmarks.guided import METHODS, changes, key_of, known, lines, weighed
from benchmarks.guided_data import BATCH, LIFTERS, Held, below_each_other, turned
from benchmarks.guided_table import figures, missing, said, table
from crosslift.camera import project
from crosslift.data.images import moved
from crosslift.recipes.guiding import REPAIRED

from .people import Posed

GUIDES = {name: method.guides for name, method in METHODS.items()}
ASKED = SimpleNamespace(
    network="hrnet", size=64, budget=9.0, batches=0, start=1.0, lifters=1.0, space=0.5
)


def key(method: str, seed: int = 0) -> dict:
    return key_of(method, seed, ASKED)


def line(method: str, error: float, pixels: float = 2.0, seed: int = 0) -> dict:
    """A cell that is off by so many millimetres behind all lifters, and more by argmax."""
    ways = {}
    for way, more in (("soft", 0.0), ("quarter", 5.0)):
        behind = {f"{name}.mpjpe_mm": error + more for name in LIFTERS}
        aligned = {f"{name}.p_mpjpe_mm": (error + more) / 2 for name in LIFTERS}
        ways[way] = {"pixels": pixels, "pdj": 0.9, "pckh": 0.8, "mpjpe_mm": error + more}
        ways[way] |= behind | aligned
    return key(method, seed) | ways


def test_the_way_of_reading_that_is_better_behind_lifters_counts():
    one = line("plain", 100.0)
    assert figures(one)["mpjpe_mm"] == 100.0
    one["soft"]["mpjpe_mm"] = 200.0
    assert figures(one)["mpjpe_mm"] == 105.0


def test_shares_are_of_plain_training_of_the_same_seed():
    found = [line("plain", 100.0, 2.0), line("plain", 50.0, 1.0, 1),
             line("multi", 90.0, 2.1), line("multi", 40.0, 1.0, 1)]  # fmt: skip
    keys = [key(method, seed) for method in ("plain", "multi") for seed in (0, 1)]
    plain, multi = table(found, keys)
    assert all(each == 0 for each in plain.less.values())
    assert multi.less["mixste"] == pytest.approx((10 + 20) / 2)
    assert multi.worse == pytest.approx(2.5) and multi.seeds == 2
    assert multi.behind["iganet"] == 65.0 and multi.spread == pytest.approx(35.355, abs=1e-2)


def test_what_was_not_seen_in_training_is_in_italics():
    shown = said([line("plain", 100.0), line("multi", 90.0)], [key("plain"), key("multi")], GUIDES)
    row = next(each for each in shown.splitlines() if each.startswith("| multi"))
    assert row.count("*90.0*") == 1 and "| 90.0 | 90.0 | 90.0 | *90.0* |" in row
    assert "| 10.0 | 10.0 | +0.0 | 1 |" in row
    assert shown.endswith("No cell is missing.")


def test_cells_that_are_missing_are_named():
    keys = [key("plain"), key("multi"), key("multi", 1)]
    assert missing([line("plain", 1.0)], keys) == "2 cells are missing: multi/0, multi/1."
    assert known(key("plain"), [line("plain", 1.0)])
    assert not known(key("multi"), [line("plain", 1.0)])
    assert not table([], keys)


def test_methods_differ_from_the_usual_by_what_they_are_called():
    assert changes(METHODS["multi"].guidance) == {}
    assert changes(METHODS["multi_quarter"].guidance) == {"quarter": True}
    assert changes(METHODS["multi_unrooted"].guidance) == {"rerooted": False}
    assert changes(METHODS["multi_no_hard_space"].guidance) == {"hard_space": 0.0}
    published = changes(METHODS["multi_published"].guidance)
    assert set(published) == {"quarter", "rerooted", "hard_space", "balanced"}
    assert weighed(REPAIRED, 0.5).depth == 0.02 and weighed(REPAIRED, 0.5).hard == REPAIRED.hard


def test_crops_in_memory_are_seen_by_their_cameras_mirrored_or_not():
    batch = Posed(1).batch(0, 0)
    assert batch.poses is not None
    seen = project(batch.poses, batch.camera)
    truth = moved(batch.keypoints, batch.to_picture)
    known = truth.isfinite().all(dim=-1)
    assert torch.allclose(seen[known], truth[known], atol=1e-3)
    other = turned(batch)
    assert other.poses is not None and torch.equal(other.pictures, batch.pictures.flip(-1))
    seen = project(other.poses, other.camera)
    truth = moved(other.keypoints, other.to_picture)
    known = truth.isfinite().all(dim=-1)
    assert int(known.sum()) == 4 * 16
    assert torch.allclose(seen[known], truth[known], atol=1e-3)


def test_batches_in_memory_follow_from_their_numbers():
    crops = below_each_other([Posed(1).batch(0, 0)] * 16)
    pixels = (crops.pictures * 255).byte()
    one, other = (Held(crops, pixels, 3, mirrored=True) for _ in range(2))
    assert len(one) == 2 and len(one.batch(0, 1)) == BATCH
    assert torch.equal(one.batch(4, 1).pictures, other.batch(4, 1).pictures)
    assert float(one.batch(0, 0).pictures.max()) <= 1


def test_lines_are_plain_data(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text(json.dumps(line("plain", 1.0)) + "\n", "utf-8")
    assert lines(tmp_path / "a.jsonl")[0]["method"] == "plain" and lines(tmp_path / "b") == []
