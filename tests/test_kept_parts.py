"""Parts of a long recording that wait for the rest."""

from dataclasses import replace

import torch

from crosslift.kept_parts import Keeping, Part, clear_parts, fingerprint

from .people import seen_walker


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_part_comes_back_as_it_was(tmp_path):
    parts = Keeping(tmp_path, ("lifter",)).of(seen_walker(0.5), drawn(), [0, 10, 15])
    part = Part(torch.randn(2, 10, 17, 3), drawn(7).get_state())
    assert parts.read(3) is None
    parts.write(3, part)
    found = parts.read(3)
    assert found is not None and torch.equal(found.poses, part.poses)
    assert torch.equal(found.drawn, part.drawn)
    assert parts.read(2) is None


def test_parts_of_anything_else_lie_elsewhere(tmp_path):
    clip = seen_walker(0.5)
    moved = replace(clip, keypoints=clip.keypoints + 1e-3)
    names = {
        Keeping(tmp_path, words).of(some, drawn(seed), bounds).folder.name
        for some, words, seed, bounds in [
            (clip, ("a",), 0, [0, 15]),
            (moved, ("a",), 0, [0, 15]),
            (clip, ("b",), 0, [0, 15]),
            (clip, ("a",), 1, [0, 15]),
            (clip, ("a",), 0, [0, 10, 15]),
            (replace(clip, fps=25.0), ("a",), 0, [0, 15]),
            (replace(clip, body=None), ("a",), 0, [0, 15]),
        ]
    }
    assert len(names) == 7 and all(name.startswith(".parts-") for name in names)
    assert fingerprint(clip, ["a"]) == fingerprint(replace(clip), ["a"])


def test_a_damaged_part_is_made_anew(tmp_path):
    parts = Keeping(tmp_path, ()).of(seen_walker(0.5), drawn(), [0, 15])
    parts.write(0, Part(torch.zeros(1, 15, 17, 3), drawn().get_state()))
    whole = parts.path(0).read_bytes()
    for broken in (b"", whole[:100], whole[:-1], b"\xff" * 64):
        parts.path(0).write_bytes(broken)
        assert parts.read(0) is None


def test_parts_are_cleared_and_nothing_else(tmp_path):
    parts = Keeping(tmp_path, ()).of(seen_walker(0.5), drawn(), [0, 15])
    parts.write(0, Part(torch.zeros(1, 15, 17, 3), drawn().get_state()))
    (tmp_path / "walk.npz").write_bytes(b"mine")
    clear_parts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["walk.npz"]
    clear_parts(tmp_path / "not there")
