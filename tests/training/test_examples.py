"""Batches ahead: in their order, whoever makes them; and draws that follow from numbers."""

import threading
import time

import pytest
import torch

from crosslift.training.examples import ahead, seeded

from .lines import Points


class Slow(Points):
    """Batches of which some take longer than others."""

    def batch(self, epoch, index):
        time.sleep(0.002 * (3 - index))
        return epoch, index


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_batches_come_in_their_order(workers):
    found = list(ahead(Slow(), 2, 11, workers))
    assert found == [(step // 4, step % 4) for step in range(2, 11)]


def test_a_stream_that_is_left_leaves_no_thread_behind():
    before = threading.active_count()
    stream = ahead(Slow(), 0, 1000, 3)
    next(stream)
    stream.close()
    assert threading.active_count() == before


def test_what_is_wrong_with_a_batch_is_said():
    class Broken(Points):
        def batch(self, epoch, index):
            raise ValueError("no such file")

    with pytest.raises(ValueError, match="no such file"):
        list(ahead(Broken(), 0, 2, 2))


def test_seeds_are_all_different_and_the_same_numbers_draw_the_same():
    draws = {
        float(torch.rand((), generator=seeded(*numbers), dtype=torch.float64))
        for numbers in [(s, e, i) for s in range(4) for e in range(20) for i in range(20)]
    }
    assert len(draws) == 4 * 20 * 20
    assert torch.equal(torch.rand(3, generator=seeded(1, 2)), torch.rand(3, generator=seeded(1, 2)))
