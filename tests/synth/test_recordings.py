"""Many recordings: presets that share nothing, and seeds that can be split and continued."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.cli import main
from crosslift.data.store import Store
from crosslift.errors import SettingsError
from crosslift.geometry import body_lengths
from crosslift.skeletons import H36M_17
from crosslift.synth import PRESETS, RIGS, SOURCE, TARGET, Settings, draw_body, kinds, recordings
from crosslift.synth.bodies import arms_for_legs
from crosslift.synth.movements.medley import PARTS
from crosslift.synth.presets import child_seed

SMALL = Settings(frames=120, seconds=1.0, fps=12.0, views=2)


BOTH = (SOURCE, TARGET)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_presets_share_no_kind_rig_size_or_body():
    assert not set(SOURCE.kinds) & set(TARGET.kinds)
    assert set(SOURCE.kinds) | set(TARGET.kinds) == set(kinds())
    assert 2 <= len(TARGET.kinds) <= 3
    assert not set(SOURCE.rigs) & set(TARGET.rigs)
    sizes = [{size for rig in preset.rigs for size in RIGS[rig].sizes} for preset in BOTH]
    assert not sizes[0] & sizes[1]
    assert SOURCE.bodies.arms[1] < TARGET.bodies.arms[0]
    for preset in PRESETS.values():
        generator = rng()
        drawn = [arms_for_legs(draw_body(generator, preset.bodies)) for _ in range(25)]
        least, most = preset.bodies.arms
        assert least <= min(drawn) <= max(drawn) <= most


def test_a_medley_holds_nothing_of_the_target():
    assert set(PARTS) <= set(SOURCE.kinds)


def test_the_presets_share_no_seed():
    bases = [int(torch.randint(2**48, (), generator=rng(seed))) for seed in range(20)]
    source, target = (
        {child_seed(base, number, preset.stream) for base in bases for number in range(200)}
        for preset in BOTH
    )
    assert len(source) == len(target) == 4000
    assert not source & target


def test_a_seed_gives_the_same_recordings():
    first, second = (list(recordings(SMALL, rng())) for _ in range(2))
    assert [clip.name for clip in first] == [clip.name for clip in second]
    for one, other in zip(first, second, strict=True):
        assert_close(one.keypoints, other.keypoints, rtol=0, atol=0, equal_nan=True)
    assert sum(map(len, first)) == 120
    assert first[0].name != next(recordings(Settings(preset="target", frames=9), rng())).name


def test_recordings_can_be_split_and_continued():
    whole = {clip.name: clip for clip in recordings(SMALL, rng())}
    parts = [*recordings(SMALL, rng(), start=1, every=2), *recordings(SMALL, rng(), every=2)]
    assert {clip.name for clip in parts} == set(whole)
    for clip in parts:
        assert_close(clip.keypoints, whole[clip.name].keypoints, equal_nan=True)
    later = [clip.name for clip in recordings(SMALL, rng(), skip={"source-0", "source-1"})]
    assert later == list(whole)[4:]


def test_a_clip_says_whose_it_is_and_holds_the_truth():
    clip = next(recordings(SMALL, rng()))
    assert clip.labels == {"subject": "source-0", "action": "walk", "camera": clip.labels["camera"]}
    assert clip.labels["camera"] in SOURCE.rigs
    assert clip.poses is not None
    assert clip.body is not None
    lengths = body_lengths(clip.poses[0], H36M_17)
    assert_close(lengths, clip.body.expand_as(lengths), rtol=0, atol=1e-4)
    assert int(clip.provenance["seed"]) % 2 == SOURCE.stream


def test_names_that_do_not_exist_are_refused():
    with pytest.raises(SettingsError, match='preset called "sourc"; did you mean "source"?'):
        Settings(preset="sourc")
    with pytest.raises(SettingsError, match='did you mean "crawl"?'):
        Settings(kinds=("crawll",))
    with pytest.raises(SettingsError, match='did you mean "high"?'):
        Settings(cameras=("hihg",))
    with pytest.raises(SettingsError, match="At least one frame"):
        Settings(frames=0)


def run(*words: object) -> int:
    return main(["synth", *map(str, words), "--seconds", "1", "--quiet"])


def test_the_command_makes_a_store_and_goes_on_with_it(tmp_path, capsys):
    store = tmp_path / "store"
    assert run("-o", store, "--frames", 240, "--kinds", "wave", "walk") == 0
    assert int(Store.open(store).frames.sum()) == 240
    assert run("-o", store, "--frames", 480, "--kinds", "wave", "walk") == 2
    assert "--continue" in capsys.readouterr().err
    assert run("-o", store, "--frames", 480, "--kinds", "wave", "walk", "--continue") == 0
    assert len(set(Store.open(store).values("subject"))) == 4
    assert run("-o", store, "--frames", 480, "--kinds", "wave", "--continue") == 2
    assert 'begun with another "kinds"' in capsys.readouterr().err


def test_parts_of_a_store_make_the_whole(tmp_path):
    words = ("--frames", 480, "--kinds", "reach")
    for part in (2, 1):
        assert run("-o", tmp_path / "parts", *words, "--part", part, 2) == 0
    assert run("-o", tmp_path / "whole", *words) == 0
    parts, whole = Store.open(tmp_path / "parts"), Store.open(tmp_path / "whole")
    assert sorted(clip.name for clip in parts) == sorted(clip.name for clip in whole)


def test_a_part_that_is_none_is_refused(tmp_path, capsys):
    assert run("-o", tmp_path / "store", "--part", 3, 2) == 2
    assert "such as 2 4" in capsys.readouterr().err
