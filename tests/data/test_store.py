"""Stores and clip files: what goes in comes out, whole or not at all."""

import resource
import signal
import subprocess
import sys
import time
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from crosslift.camera import Camera
from crosslift.clip import Clip
from crosslift.data.clip_file import read_clip, write_clip
from crosslift.data.safetensors_map import map_file
from crosslift.data.shard import Shard
from crosslift.data.store import MARKER, Store, StoreWriter
from crosslift.errors import DataError
from crosslift.motion import Motion
from crosslift.skeleton import Skeleton

from ..people import seen_walker, walker


def same(one: object, other: object) -> bool:
    for field in fields(one):
        here, there = getattr(one, field.name), getattr(other, field.name)
        if isinstance(here, torch.Tensor):
            if not torch.equal(here.nan_to_num(-1), there.nan_to_num(-1)):
                return False
        elif isinstance(here, Camera):
            if not same(here, there):
                return False
        elif here != there:
            return False
    return True


def full_clip() -> Clip:
    """A clip in which every field says something."""
    clip = seen_walker(1.0)
    keypoints, scores = clip.keypoints.clone(), clip.scores.clone()
    keypoints[3, 4], scores[3, 4] = torch.nan, 0
    moving = clip.camera.map(lambda tensor: tensor.expand(len(clip), *tensor.shape).clone())
    moving = replace(moving, distortion=torch.rand(len(clip), 5) * 0.01, focal_from="estimated")
    return replace(
        clip,
        camera=moving,
        keypoints=keypoints,
        scores=scores,
        observed=scores > 0,
        spread=torch.rand(len(clip), 17),
        times=torch.arange(len(clip)) / 30,
        person="2",
        root_from="assumed",
        labels={"subject": "Ä", "action": "Photo 1"},
        provenance={"licence": "MIT"},
    )


def odd_motion() -> Motion:
    skeleton = Skeleton("hand", ("palm", "thumb", "finger"), (-1, 0, 0))
    positions = torch.rand(4, 3, 3)
    positions[1, 2] = torch.nan
    return Motion("wave", skeleton, 24.0, positions, torch.rand(4, 2), ("bend", "turn"))


def filled(folder, recordings):
    with StoreWriter(folder) as writer:
        for recording in recordings:
            writer.add(recording)
    return Store.open(folder)


@pytest.mark.parametrize("recording", [full_clip(), odd_motion(), walker(), seen_walker()])
def test_a_recording_comes_back_from_a_file_and_from_a_store(tmp_path, recording):
    write_clip(tmp_path / "a.clip.safetensors", recording)
    assert same(recording, read_clip(tmp_path / "a.clip.safetensors"))
    assert same(recording, filled(tmp_path / "store", [recording])[0])


def test_a_clip_file_says_its_units(tmp_path):
    write_clip(tmp_path / "a.clip.safetensors", seen_walker())
    words = map_file(tmp_path / "a.clip.safetensors").metadata["crosslift"]
    assert "pixels from the top left" in words and "metres in the camera's frame" in words


def test_the_same_clip_gives_the_same_file(tmp_path):
    clip = full_clip()
    for name in "ab":
        write_clip(tmp_path / name, clip)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_recordings_of_all_kinds_lie_side_by_side_in_order(tmp_path):
    recordings = [full_clip(), odd_motion(), seen_walker(), walker()]
    store = filled(tmp_path, recordings)
    assert [store.name(i) for i in range(4)] == [recording.name for recording in recordings]
    assert all(same(one, other) for one, other in zip(store, recordings, strict=True))
    assert store.frames.tolist() == [len(recording) for recording in recordings]
    assert store.values("kind") == ["clip", "motion", "clip", "motion"]
    assert store.values("skeleton")[1] == "hand"


def test_a_selection_goes_by_labels_across_shards(tmp_path):
    clip = seen_walker(0.2)
    for subjects in (("S1", "S5"), ("S5", "S9"), ()):
        filled(tmp_path, [replace(clip, name=s, labels={"subject": s}) for s in subjects])
    filled(tmp_path, [replace(clip, labels={"action": "Photo"})])
    store = Store.open(tmp_path)
    assert len(store.shards) == 3 and len(store) == 5
    assert store.values("subject") == ["S1", "S5", "S5", "S9", ""]
    assert [each.name for each in store.select(subject="S5")] == ["S5", "S5"]
    assert len(store.select(subject=["S1", "S9"])) == 2
    assert len(store.select(subject="S5").select(subject="S9")) == 0
    assert len(store.select(subject="S5", action="Photo")) == 0
    with pytest.raises(DataError, match='no label in this store "sbject"; did you mean "subject"'):
        store.select(sbject="S1")


def test_the_hash_depends_on_data_and_selection(tmp_path):
    clip = seen_walker(0.2)
    one = filled(tmp_path / "one", [clip, clip])
    same_again = filled(tmp_path / "two", [clip, clip])
    other = filled(tmp_path / "three", [clip, replace(clip, fps=25.0)])
    assert one.hash() == same_again.hash() == Store.open(tmp_path / "one").hash()
    assert one.hash() != other.hash()
    kinds = one.select(kind="clip"), one.select(kind="motion")
    assert kinds[0].hash() == one.hash() != kinds[1].hash()


def test_two_writers_do_not_write_over_each_other(tmp_path):
    clip = seen_walker(0.2)
    with StoreWriter(tmp_path) as first, StoreWriter(tmp_path) as second:
        first.add(replace(clip, name="first"))
        second.add(replace(clip, name="second"))
    assert {each.name for each in Store.open(tmp_path)} == {"first", "second"}


def test_what_was_whole_before_an_error_is_kept(tmp_path):
    with pytest.raises(RuntimeError), StoreWriter(tmp_path) as writer:
        writer.add(seen_walker(0.2))
        raise RuntimeError
    assert len(Store.open(tmp_path)) == 1


def test_an_empty_store_is_a_store(tmp_path):
    store = filled(tmp_path, [])
    assert len(store) == 0 and list(store) == [] and store.frames.tolist() == []


def test_many_recordings_open_without_being_read(tmp_path):
    clip = seen_walker(0.1)
    store = filled(tmp_path, [replace(clip, name=f"{i}") for i in range(500)])
    (shard,) = store.shards
    assert not shard.arrays["keypoints"].flags.owndata
    assert not shard.arrays["keypoints"].flags.writeable
    assert store.name(499) == "499"


def test_more_shards_than_a_process_may_have_files_are_opened(tmp_path):
    clip = seen_walker(0.1)
    with StoreWriter(tmp_path) as writer:
        for number in range(300):
            writer.add(replace(clip, name=str(number)))
            writer.flush()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (220, hard))
    try:
        store = Store.open(tmp_path)
        assert [store[index].name for index in (0, 150, 299)] == ["0", "150", "299"]
        assert store.frames.sum() == 300 * len(clip)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_folder_that_is_no_store_is_refused(tmp_path):
    with pytest.raises(DataError, match="should be a store.*crosslift convert"):
        Store.open(tmp_path)
    (tmp_path / MARKER).write_text('{"crosslift_store": 99}')
    with pytest.raises(DataError, match="has version 99.*update crosslift"):
        Store.open(tmp_path)
    (tmp_path / MARKER).write_text("nonsense")
    with pytest.raises(DataError, match="marker of a store"):
        Store.open(tmp_path)


def test_damaged_files_are_one_sentence(tmp_path):
    path = tmp_path / "a.clip.safetensors"
    write_clip(path, seen_walker(0.2))
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(whole[: rng.integers(len(whole))] if rng.random() < 0.3 else whole)
        for place in rng.integers(0, min(len(damaged), 1500) or 1, rng.integers(1, 5)):
            damaged[place : place + 1] = bytes([rng.integers(256)])
        path.write_bytes(damaged)
        try:
            read_clip(path)
        except Exception as problem:
            assert type(problem).__module__ == "crosslift.errors", repr(problem)


def test_a_file_of_another_tool_is_refused(tmp_path):
    from safetensors.numpy import save_file

    save_file({"weight": np.zeros(3, np.float32)}, tmp_path / "model.safetensors")
    with pytest.raises(DataError, match="none of a crosslift recording"):
        read_clip(tmp_path / "model.safetensors")
    with pytest.raises(DataError, match="no part of a store"):
        Shard.open(tmp_path / "model.safetensors")


WRITER = """
import sys, torch
from dataclasses import replace
from pathlib import Path
from crosslift.data import store
from tests.people import seen_walker
store.SHARD_BYTES = 30_000
clip = seen_walker(0.5)
print("ready", flush=True)
with store.StoreWriter(Path(sys.argv[1])) as writer:
    for number in range(10**9):
        writer.add(replace(clip, name=str(number)))
"""


def killed_while_writing(folder, moments) -> int:
    """How many clips are there after each kill; every one of them is whole."""
    clip = seen_walker(0.5)
    for moment in moments:
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE
        )
        writer.stdout.readline()
        time.sleep(moment)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        store = Store.open(folder) if (folder / MARKER).exists() else []
        for index in {0, len(store) // 2, len(store) - 1} if len(store) else ():
            assert same(store[index], replace(clip, name=store[index].name))
    return len(store)


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_whole_clips(tmp_path):
    assert killed_while_writing(tmp_path / "store", [0.05, 0.31]) > 0


@pytest.mark.slow
def test_a_writer_that_is_killed_a_hundred_times_leaves_whole_clips(tmp_path):
    moments = np.random.default_rng(0).uniform(0, 0.2, 100)
    assert killed_while_writing(tmp_path / "store", moments) > 0
