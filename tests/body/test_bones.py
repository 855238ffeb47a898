"""The ten kinds of bones, and proportions."""

import pytest
import torch

from crosslift.body.bones import (
    KINDS,
    OF_BONE,
    average,
    from_log_shares,
    log_shares,
    of_joints,
    of_kinds,
)
from crosslift.geometry import stature
from crosslift.skeletons import H36M_17


def test_every_bone_has_a_kind_and_both_sides_have_the_same():
    assert set(OF_BONE) == set(range(len(KINDS)))
    for bone, (_, child) in enumerate(H36M_17.bones):
        assert OF_BONE[bone] == OF_BONE[H36M_17.mirror[child] - 1]


def test_a_kind_is_the_mean_of_its_two_sides():
    body = torch.zeros(17)
    body[H36M_17.indices("left_knee", "right_knee")] = torch.tensor([0.4, 0.5])
    assert of_kinds(body)[KINDS.index("hip-knee")] == pytest.approx(0.45)


def test_kinds_and_joints_are_each_others_inverse():
    kinds = torch.rand(3, 10)
    torch.testing.assert_close(of_kinds(of_joints(kinds)), kinds)
    assert (of_joints(kinds)[:, 0] == 0).all()


def test_proportions_do_not_depend_on_the_size():
    kinds = torch.rand(10) + 0.1
    torch.testing.assert_close(log_shares(kinds), log_shares(1.3 * kinds))


def test_lengths_of_proportions_have_the_typical_stature():
    kinds = torch.rand(5, 10) + 0.1
    again = from_log_shares(log_shares(kinds))
    torch.testing.assert_close(stature(of_joints(again), H36M_17), torch.full((5,), 1.70))
    torch.testing.assert_close(again / again[:, :1], kinds / kinds[:, :1])


def test_the_average_body_is_the_middle():
    torch.testing.assert_close(log_shares(average()), torch.zeros(10), atol=1e-5, rtol=0)
