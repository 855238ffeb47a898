"""Graphs over the joints of a skeleton: laws, worked cases, refusals."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.networks.graphs import linked_joints, semgcn_adjacency
from crosslift.skeletons import COCO_17, H36M_16, H36M_17

SKELETONS = [H36M_16, H36M_17, COCO_17]


@pytest.mark.parametrize("skeleton", SKELETONS, ids=lambda skeleton: skeleton.name)
def test_a_tree_has_a_link_both_ways_for_each_bone(skeleton):
    links = linked_joints(skeleton.parents)
    assert_close(links, links.mT)
    assert links.sum() == 2 * (len(skeleton) - 1)
    assert (links.diagonal() == 0).all()


@pytest.mark.parametrize("skeleton", SKELETONS, ids=lambda skeleton: skeleton.name)
def test_rows_of_the_adjacency_sum_to_one(skeleton):
    adjacency = semgcn_adjacency(skeleton.parents)
    assert_close(adjacency.sum(dim=1), torch.ones(len(skeleton)))
    assert_close(adjacency != 0, linked_joints(skeleton.parents) + torch.eye(len(skeleton)) != 0)


def test_a_chain_of_three():
    third = 1 / 3
    expected = torch.tensor([[0.5, 0.5, 0], [third, third, third], [0, 0.5, 0.5]])
    assert_close(semgcn_adjacency((1, -1, 1)), expected)


@pytest.mark.parametrize("parents", [(-1, 2), (-1, 1)])
def test_a_parent_that_cannot_be_is_refused(parents):
    with pytest.raises(SettingsError, match="joint 1 has"):
        linked_joints(parents)
