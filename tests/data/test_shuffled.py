"""Batches in an order drawn anew for every epoch: nothing twice, nothing left out, repeatable."""

import pytest
import torch

from crosslift.augment.flip import FlipSettings
from crosslift.data.shuffled import Shuffled
from crosslift.data.windows_of_store import StoreWindows
from crosslift.errors import SettingsError, TrainingError
from crosslift.training.examples import Examples, ahead
from crosslift.windows import Windowing

from ..stores import short_clips, stored


@pytest.fixture(scope="module")
def windows(tmp_path_factory) -> StoreWindows:
    folder = tmp_path_factory.mktemp("store")
    return StoreWindows(
        stored(folder, short_clips(3), in_a_shard=2), Windowing(5, predict="centre")
    )


def prints(batch) -> list[tuple[float, ...]]:
    """What tells each window from every other."""
    middle = batch.keypoints[:, 2]
    return [tuple(row) for row in middle[:, 10].tolist()]


def test_every_window_is_seen_once_in_an_epoch(windows):
    examples = Shuffled(windows, 3, seed=1)
    assert isinstance(examples, Examples)
    assert len(windows) == 51 and len(examples) == 17
    seen = [each for index in range(17) for each in prints(examples.batch(0, index))]
    assert sorted(seen) == sorted(prints(windows.take(range(51))))


def test_the_last_smaller_batch_is_left_out(windows):
    examples = Shuffled(windows, 20, seed=1)
    assert len(examples) == 2 and len(examples.batch(0, 1)) == 20


def test_every_epoch_and_every_seed_has_another_order(windows):
    orders = [
        prints(Shuffled(windows, 51, seed).batch(epoch, 0))
        for seed, epoch in ((1, 0), (1, 1), (2, 0))
    ]
    assert len({tuple(order) for order in orders}) == 3
    assert orders[0] == prints(Shuffled(windows, 51, 1).batch(0, 0))


def test_augmenters_draw_anew_for_every_batch_and_alike_in_every_run(windows):
    examples = Shuffled(windows, 10, 1, [FlipSettings().build(), FlipSettings().build()])
    first, again = examples.batch(0, 1), examples.batch(0, 1)
    assert torch.equal(first.keypoints, again.keypoints)
    plain = Shuffled(windows, 10, 1)
    turned = [(examples.batch(0, i).keypoints != plain.batch(0, i).keypoints).flatten(1).any(dim=1)
              for i in range(5)]  # fmt: skip
    assert len({tuple(each.tolist()) for each in turned}) > 1


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_any_number_of_threads_makes_the_same_batches(windows, workers):
    examples = Shuffled(windows, 10, 1, [FlipSettings().build()])
    found = list(ahead(examples, 2, 9, workers))
    assert len(found) == 7
    for number, batch in enumerate(found, start=2):
        wanted = examples.batch(number // 5, number % 5)
        assert torch.equal(batch.keypoints, wanted.keypoints)
        assert torch.equal(batch.poses, wanted.poses)


def test_the_parts_make_up_the_whole(windows):
    examples = Shuffled(windows, 12, 1)
    batch = examples.batch(0, 0)
    parts = [examples.part(batch, which, 3) for which in range(3)]
    assert torch.equal(torch.cat([part.keypoints for part in parts]), batch.keypoints)
    assert torch.equal(torch.cat([part.camera.focal for part in parts]), batch.camera.focal)
    assert examples.part(batch, 0, 1) is batch
    with pytest.raises(
        SettingsError, match="12 windows cannot be shared equally by 5.*batch of 10"
    ):
        examples.part(batch, 0, 5)


def test_batches_that_cannot_be_are_refused(windows):
    with pytest.raises(SettingsError, match="at least one window, but 0 were asked for"):
        Shuffled(windows, 0, 1)
    with pytest.raises(
        TrainingError, match="batch of 52 windows needs as many, but the data has 51"
    ):
        Shuffled(windows, 52, 1)


def test_it_is_known_by_its_data(windows):
    assert Shuffled(windows, 3, 1).hash == windows.store.hash() == Shuffled(windows, 4, 2).hash
