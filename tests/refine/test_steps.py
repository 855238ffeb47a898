"""Steps downhill, within a number and a time."""

from dataclasses import replace
from itertools import chain

import pytest
import torch
from torch.testing import assert_close

from crosslift.refine import Refining, steps
from crosslift.refine.bones import Bones
from crosslift.refine.clock import Clock
from crosslift.refine.evidence import Evidence
from crosslift.refine.steps import add_gradients, bending, moved, parts, passed
from crosslift.skeletons import H36M_17

from .clips import spoilt, true_walker

CLIP = true_walker()
START = spoilt(CLIP, 0.03)
EVIDENCE = Evidence.of(START, Refining().trust)


def after(number: int, *, seconds: float = 1e9, held: bool = False):
    settings = Refining(seconds=seconds, steps=number)
    bones = Bones.of(START.poses, H36M_17, CLIP.body)
    return moved(START.poses, bones, EVIDENCE, settings,
                 clock=Clock(seconds), until=1.0, held=held)  # fmt: skip


def contradicted(move) -> float:
    bent = bending(move.poses, EVIDENCE)
    return float(EVIDENCE.contradicted(move.poses, move.bones.of_bones, bent))


@pytest.mark.parametrize("frames, at_once", [(1, 4), (4, 4), (5, 4), (11, 3)])
def test_each_frame_belongs_to_one_part(frames, at_once):
    own = [list(range(frames)[part.all])[part.known :] for part in parts(frames, at_once)]
    assert list(chain.from_iterable(own)) == list(range(frames))


def test_the_gradient_of_parts_is_that_of_the_whole(monkeypatch):
    def gradients():
        change = torch.zeros_like(START.poses, requires_grad=True)
        bones = Bones.of(START.poses, H36M_17, CLIP.body)
        bones = replace(bones, logs=(bones.logs + 0.05).requires_grad_(True))
        add_gradients(START.poses, change, bones, EVIDENCE, bending(START.poses, EVIDENCE))
        return change.grad, bones.logs.grad

    whole = gradients()
    monkeypatch.setattr(steps, "parts", lambda frames: parts(frames, 7))
    for one, other in zip(whole, gradients(), strict=True):
        assert_close(one, other, rtol=1e-3, atol=1.0)


def test_steps_contradict_less_and_less_and_repeat():
    found = [after(number) for number in (1, 10, 40)]
    assert [each.steps for each in found] == [1, 10, 40]
    costs = [contradicted(each) for each in found]
    assert costs == sorted(costs, reverse=True) and costs[2] < 0.3 * costs[0]
    assert torch.equal(after(10).poses, found[1].poses)


def test_bones_move_unless_they_are_held():
    assert after(5, held=True).bones.logs.abs().max() == 0
    assert after(5).bones.logs.abs().max() > 0


def test_nothing_moves_when_time_is_over():
    found = after(10, seconds=1e-9)
    assert found.steps == 0 and torch.equal(found.poses, START.poses)


def test_a_stretch_of_time_passes_from_its_beginning_to_its_end():
    assert [passed(0.2, now, 0.6) for now in (0.2, 0.4, 0.6)] == pytest.approx([0, 0.5, 1])
    assert passed(0.7, 0.7, 0.6) == 1.0
