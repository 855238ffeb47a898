"""Windows gathered from a store are those that are cut from its clips."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from crosslift.clip import Batch
from crosslift.data.store import Store
from crosslift.data.windows_of_store import StoreWindows
from crosslift.errors import DataError, SkeletonError
from crosslift.mapping import mapped
from crosslift.skeletons import H36M_17
from crosslift.typical import typical_body
from crosslift.windows import Windowing, windows

from ..people import walker
from ..stores import moving, short_clips, stored, with_gaps

WINDOWINGS = [
    Windowing(1),
    Windowing(9),
    Windowing(9, 4),
    Windowing(99),
    Windowing(5, end="centred"),
    Windowing(9, predict="centre"),
    Windowing(9, 3, predict="centre"),
    Windowing(9, predict="last"),
    Windowing(8, 2, predict="last"),
]


def assert_same(found: Batch, wanted: Batch) -> None:
    assert found.skeleton == wanted.skeleton
    for name in ("keypoints", "scores", "valid", "poses", "body"):
        mine, other = getattr(found, name), getattr(wanted, name)
        assert (mine is None) == (other is None), name
        if mine is not None:
            torch.testing.assert_close(mine, other, rtol=0, atol=0, equal_nan=True, msg=name)
    for name in ("focal", "centre", "rotation", "translation", "size", "distortion"):
        mine, other = getattr(found.camera, name), getattr(wanted.camera, name)
        assert (mine is None) == (other is None), name
        if mine is not None:
            torch.testing.assert_close(mine, other, rtol=0, atol=0, msg=name)


def clips(count: int = 5):
    return [with_gaps(clip, seed=number) for number, clip in enumerate(short_clips(count))]


@pytest.fixture(scope="module")
def stores(tmp_path_factory) -> dict[str, Store]:
    folder = tmp_path_factory.mktemp("stores")
    one = stored(folder / "one", clips())
    several = stored(folder / "several", clips(), in_a_shard=2)
    first, rest = stored(folder / "a", clips()[:2]), stored(folder / "b", clips()[2:])
    return {"one": one, "several": several, "joined": Store.joined([first, rest])}


def everything(store: Store, windowing: Windowing, **more) -> Batch:
    found = StoreWindows(store, windowing, **more)
    return found.take(range(len(found)))


@pytest.mark.parametrize("kind", ["one", "several", "joined"])
@pytest.mark.parametrize("windowing", WINDOWINGS, ids=str)
def test_all_windows_are_those_of_the_clips(stores, kind, windowing):
    assert_same(everything(stores[kind], windowing), windows(clips(), windowing))


def test_some_windows_come_in_the_order_in_which_they_are_asked_for(stores):
    found = StoreWindows(stores["several"], Windowing(9, predict="centre"))
    whole = found.take(range(len(found)))
    numbers = torch.randperm(len(found), generator=torch.Generator().manual_seed(0))[:20]
    some = found.take(numbers.numpy())
    torch.testing.assert_close(some.keypoints, whole.keypoints[numbers], equal_nan=True)
    torch.testing.assert_close(some.poses, whole.poses[numbers])
    torch.testing.assert_close(some.camera.focal, whole.camera.focal[numbers])
    assert len(found.take([])) == 0


def test_a_selection_has_the_windows_of_its_clips(stores):
    some = [clip for clip in clips() if clip.labels["split"] == "train"]
    found = everything(stores["several"].select(split="train"), Windowing(9, 4))
    assert_same(found, windows(some, Windowing(9, 4)))


def test_clips_of_another_skeleton_in_the_same_shard_do_not_disturb_a_selection(tmp_path):
    mixed = clips(4)
    mixed[0], mixed[2] = mapped(mixed[0], "h36m16"), mapped(mixed[2], "coco17")
    mixed[2] = replace(mixed[2], keypoints=mixed[2].keypoints[:7], scores=mixed[2].scores[:7],
                       observed=mixed[2].observed[:7], poses=None)  # fmt: skip
    store = stored(tmp_path / "mixed", mixed).select(skeleton="h36m17")
    assert_same(everything(store, Windowing(5)), windows([mixed[1], mixed[3]], Windowing(5)))


def test_a_shard_from_which_nothing_is_taken_may_hold_anything(tmp_path):
    folder = tmp_path / "store"
    stored(folder, [walker(0.2)])
    store = stored(folder, clips(2)).select(kind="clip")
    assert_same(everything(store, Windowing(5)), windows(clips(2), Windowing(5)))


def test_bone_lengths_are_there_if_every_clip_has_them(tmp_path):
    body = typical_body(H36M_17)
    known = [replace(clip, body=body * (1 + number)) for number, clip in enumerate(clips(2))]
    found = everything(stored(tmp_path / "known", known), Windowing(9))
    assert_same(found, windows(known, Windowing(9)))
    assert found.body is not None
    half = everything(
        stored(tmp_path / "half", [known[0], replace(known[1], body=None)]), Windowing(9)
    )
    assert half.body is None


def test_keypoints_alone_are_enough_where_no_poses_are_asked_for(tmp_path):
    bare = [replace(clip, poses=None) for clip in clips(2)]
    store = stored(tmp_path / "bare", bare)
    assert_same(everything(store, Windowing(9), labelled=False), windows(bare, Windowing(9)))
    with pytest.raises(DataError, match='one true pose for every frame, but "walk/0" has 0'):
        everything(store, Windowing(9))


def test_several_guesses_are_no_truth(tmp_path):
    clip = clips(1)[0]
    store = stored(tmp_path / "guesses", [replace(clip, poses=clip.poses.expand(3, -1, -1, -1))])
    with pytest.raises(DataError, match='"walk/0" has 3; leave it out'):
        everything(store, Windowing(9))


def test_what_cannot_be_trained_on_is_refused_in_words(tmp_path):
    clip, other = clips(2)
    for name, some, kind, sentence in (
        ("motion", [walker(0.2)], DataError, "a motion without a camera"),
        ("motions", [clip, walker(0.2)], DataError, "the store holds motions too"),
        ("skeletons", [clip, mapped(other, "h36m16")], SkeletonError, '"h36m16" and others'),
    ):  # fmt: skip
        with pytest.raises(kind, match=sentence):
            everything(stored(tmp_path / name, some), Windowing(9))


@pytest.mark.parametrize("windowing", [Windowing(1), Windowing(9, 4), Windowing(9, predict="last")])
def test_a_moving_camera_is_that_of_every_frame(tmp_path, windowing):
    some = clips(3)
    for number in (0, 2):
        camera = moving(some[number].camera, len(some[number]))
        focal = camera.focal + torch.arange(len(some[number]))[:, None] + 100 * number
        some[number] = replace(some[number], camera=replace(camera, focal=focal))
    store = stored(tmp_path / "moving", some, in_a_shard=2)
    assert_same(everything(store, windowing), windows(some, windowing))
    still = StoreWindows(store, windowing)
    first = int(still.ends[0])
    assert_same(still.take(range(first, int(still.ends[1]))), windows(some[1], windowing))


def test_there_are_as_many_windows_as_the_plans_say(stores):
    found = StoreWindows(stores["one"], Windowing(9, predict="centre"))
    assert len(found) == sum(map(len, clips()))
    assert found.ends.tolist() == np.cumsum([len(clip) for clip in clips()]).tolist()
    none = stores["one"].select(subject=())
    assert len(StoreWindows(none, Windowing(9))) == 0
