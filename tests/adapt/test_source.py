"""Where labelled movement comes from: made once, fit for the lifter, or refused."""

from dataclasses import replace

import pytest

from crosslift.adapt.source import Source, source_for, words_of
from crosslift.errors import DataError, SettingsError, SkeletonError
from crosslift.skeletons import H36M_16

from ..people import walker
from ..stores import short_clips, stored
from .given import generator, small_lifter

FEW = Source(frames=30, seconds=1.0)


def test_made_up_movement_is_made_once_and_found_again(tmp_path):
    lifter = small_lifter().lifter
    one = source_for(lifter, FEW, tmp_path / "source", generator())
    files = sorted(tmp_path.rglob("*"))
    again = source_for(lifter, FEW, tmp_path / "source", generator(5))
    assert one.hash() == again.hash() and sorted(tmp_path.rglob("*")) == files
    other = source_for(lifter, FEW, tmp_path / "other", generator(5))
    assert other.hash() != one.hash()
    assert bool(one[0].observed.all()) and one[0].poses is not None


def test_it_suits_the_lifter_s_skeleton_and_rate(tmp_path):
    lifter = replace(small_lifter("stgcn", skeleton=H36M_16).lifter, fps=50.0)
    found = source_for(lifter, FEW, tmp_path / "source", generator())
    assert found[0].skeleton == H36M_16 and found.fps(0) == 50.0


def test_what_was_not_finished_is_not_there(tmp_path, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("crosslift.adapt.source.mapped", stopped)
    with pytest.raises(KeyboardInterrupt):
        source_for(small_lifter().lifter, FEW, tmp_path / "source", generator())
    assert not list(tmp_path.iterdir())


def test_stores_are_added_or_taken_alone(tmp_path):
    stored(tmp_path / "own", short_clips(2))
    both = Source((tmp_path / "own",), frames=30, seconds=1.0)
    lifter = small_lifter().lifter
    assert len(source_for(lifter, both, tmp_path / "made", generator())) == 3
    alone = replace(both, frames=0)
    assert len(source_for(lifter, alone, tmp_path / "none", generator())) == 2
    assert not (tmp_path / "none").exists()
    assert words_of(both, both.stores) == '30 made-up frames and "own"'


def test_a_source_of_nothing_is_refused():
    with pytest.raises(SettingsError, match="0 made-up frames and no store"):
        Source(frames=0)


def test_a_store_of_another_rate_skeleton_or_of_motions_is_refused(tmp_path):
    stored(tmp_path / "own", short_clips(1))
    own = Source((tmp_path / "own",), frames=0)
    with pytest.raises(DataError, match="sees 30 frames a second, but .* has 50"):
        source_for(replace(small_lifter("stgcn").lifter, fps=30.0), own, tmp_path, generator())
    with pytest.raises(SkeletonError, match="convert it with --to h36m16"):
        source_for(small_lifter("stgcn", skeleton=H36M_16).lifter, own, tmp_path, generator())
    stored(tmp_path / "motions", [walker(0.5)])
    motions = Source((tmp_path / "motions",), frames=0)
    with pytest.raises(DataError, match="should hold labelled clips"):
        source_for(small_lifter().lifter, motions, tmp_path, generator())
