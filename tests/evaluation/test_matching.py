"""Stores, clip files and folders of them, paired by the names of their clips."""

from dataclasses import replace

import pytest

from crosslift.data.clip_file import write_clip
from crosslift.data.store import StoreWriter
from crosslift.errors import CrossliftError, DataError
from crosslift.evaluation.matching import opened, pairs, without_truth
from crosslift.skeletons import MPI_INF_3DHP_17

from ..people import walker
from .clips import off, truth

CLIPS = [truth(name, frames=3) for name in ("a", "b", "c")]


def store(path, clips):
    with StoreWriter(path) as writer:
        for clip in clips:
            writer.add(clip)
    return path


def folder(path, clips):
    for number, clip in enumerate(clips):
        write_clip(path / f"{number}" / f"x{number}.clip.safetensors", clip)
    return path


@pytest.mark.parametrize("write", [store, folder])
def test_clips_are_found_by_name_wherever_they_lie(tmp_path, write):
    shelf = opened(write(tmp_path / "here", CLIPS))
    assert list(shelf.places) == ["a", "b", "c"]
    assert shelf.clip("b").poses.equal(CLIPS[1].poses)


def test_one_clip_file_is_enough(tmp_path):
    write_clip(tmp_path / "a.clip.safetensors", CLIPS[0])
    assert list(opened(tmp_path / "a.clip.safetensors").places) == ["a"]


def test_every_truth_is_paired_with_the_estimate_of_its_name(tmp_path):
    estimates = opened(store(tmp_path / "estimates", [CLIPS[2], truth("d", frames=3), CLIPS[0]]))
    truths = opened(folder(tmp_path / "truths", CLIPS))
    found = [(guess and guess.name, true.name) for guess, true in pairs(estimates, truths)]
    assert found == [("a", "a"), (None, "b"), ("c", "c")]
    assert without_truth(estimates, truths) == ["d"]


def test_both_sides_are_mapped_to_the_skeleton_that_is_asked_for(tmp_path):
    shelf = opened(store(tmp_path / "s", [truth(frames=3, skeleton=MPI_INF_3DHP_17)]))
    ((estimate, true),) = pairs(shelf, shelf, "h36m16")
    assert estimate is not None
    assert estimate.skeleton.name == true.skeleton.name == "h36m16"


def test_the_hash_changes_with_the_poses_and_not_with_the_files_names(tmp_path):
    one = opened(folder(tmp_path / "one", CLIPS)).hash
    assert opened(folder(tmp_path / "moved", CLIPS[::-1])).hash == one
    assert opened(folder(tmp_path / "other", [off(CLIPS[0], 1.0), *CLIPS[1:]])).hash != one


def test_two_clips_of_one_name_are_refused(tmp_path):
    with pytest.raises(DataError, match='holds two recordings that are called "a"'):
        opened(store(tmp_path / "s", [CLIPS[0], CLIPS[1], CLIPS[0]]))


def test_a_path_that_is_neither_is_refused(tmp_path):
    with pytest.raises(DataError, match="does not exist; check the path"):
        opened(tmp_path / "nowhere")
    with pytest.raises(DataError, match="should be a store, a clip file or a folder"):
        opened(tmp_path)
    (tmp_path / "text.txt").write_text("no clip")
    with pytest.raises(CrossliftError, match=r"text\.txt"):
        opened(tmp_path / "text.txt")


def test_a_motion_is_refused_with_the_remedy(tmp_path):
    motion = replace(walker(0.2), name="m")
    shelf = opened(store(tmp_path / "s", [motion]))
    with pytest.raises(DataError, match='"m" .* is a motion in the world; convert its source with'):
        list(pairs(shelf, shelf))
