"""Maps and places: decoding, mirrored maps, wanted maps, losses."""

import math

import pytest
import torch
from torch.testing import assert_close

from crosslift.detect.heatmaps import mirrored_back, peaks, quarter_step, soft_argmax
from crosslift.detect.targets import Target, hardest, map_error, map_loss, target_maps
from crosslift.skeletons import H36M_17


def bump(x: float, y: float, sigma: float = 3.0, size: tuple[int, int] = (36, 48)) -> torch.Tensor:
    """A map with a Gaussian at a place."""
    columns, rows = torch.arange(size[0]).double(), torch.arange(size[1]).double()
    off = (columns - x) ** 2 + (rows[:, None] - y) ** 2
    return (-off / (2 * sigma**2)).exp()[None, None]


def test_the_peak_is_the_highest_cell_and_zero_where_nothing_is_above_zero():
    maps = torch.zeros(1, 2, 4, 5)
    maps[0, 0, 3, 1] = 0.5
    found = peaks(maps)
    assert found.cells[0].tolist() == [[1, 3], [0, 0]]
    assert found.scores[0].tolist() == [0.5, 0]
    assert peaks(maps - 1).cells[0, 0].tolist() == [0, 0]


def test_the_soft_argmax_is_near_the_true_place_and_exact_where_the_map_is_symmetric():
    assert_close(soft_argmax(bump(17, 20))[0, 0], torch.tensor([17.0, 20]).double())
    found = soft_argmax(bump(17.3, 20.4), sharpness=30)[0, 0]
    assert_close(found, torch.tensor([17.3, 20.4]).double(), atol=0.02, rtol=0)


def test_its_gradient_is_that_of_the_softmax():
    maps = torch.rand(1, 2, 5, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda given: soft_argmax(given, 7.0), (maps,))


def test_the_quarter_step_goes_towards_the_higher_neighbour():
    maps = bump(17.3, 19.6)
    cells = peaks(maps).cells
    assert cells[0, 0].tolist() == [17, 20]
    assert quarter_step(cells, maps)[0, 0].tolist() == [0.25, -0.25]
    assert quarter_step(cells, bump(17, 20)).abs().max() == 0  # nothing where both are as high


@pytest.mark.parametrize(
    ("place", "steps"), [((1, 20), False), ((2, 20), True), ((34, 20), True), ((35, 20), False)]
)
def test_there_is_no_step_at_the_border(place, steps):
    maps = bump(*place)
    maps[..., 20, min(place[0] + 1, 35)] += 0.01
    found = quarter_step(torch.tensor([[place]]).double(), maps)[0, 0]
    assert (found[0] != 0) == steps


def test_the_step_has_no_gradient():
    maps = bump(17.3, 19.6).requires_grad_()
    assert not quarter_step(peaks(maps).cells, maps).requires_grad


def test_mirrored_maps_come_back_to_the_other_side():
    maps = torch.rand(2, 17, 6, 8)
    swapped = maps[:, list(H36M_17.mirror)].flip(-1)
    assert torch.equal(mirrored_back(swapped, H36M_17, shifted=False), maps)
    shifted = mirrored_back(swapped, H36M_17)
    assert torch.equal(shifted[..., 1:], maps[..., :-1])
    assert torch.equal(shifted[..., 0], maps[..., 0])


def test_a_wanted_map_is_a_bell_about_the_rounded_cell():
    target = target_maps(torch.tensor([[[41.9, 80.0]]]), torch.ones(1, 1), (144, 192), (36, 48), 2)
    assert target.maps[0, 0].argmax() == 20 * 36 + 10  # 41.9 / 4 is 10.475
    assert_close(target.maps[0, 0, 20, 11], torch.tensor(math.exp(-1 / 8)))
    assert target.maps[0, 0, 20, 16] > 0 and target.maps[0, 0, 20, 17] == 0  # six cells and no more


def test_joints_that_are_far_outside_unseen_or_unknown_are_not_learned():
    joints = torch.tensor([[[10.0, 10], [-40, 10], [-20, 10], [50, 50], [math.nan, 3]]])
    target = target_maps(joints, torch.tensor([[1, 1, 1, 0.2, 1]]), (144, 192), (36, 48), 2)
    assert_close(target.weights, torch.tensor([[1, 0, 1, 0.2, 0]]))
    assert [bool(each.any()) for each in target.maps[0]] == [True, False, True, False, False]
    maps = torch.rand(1, 5, 48, 36, requires_grad=True)
    map_loss(maps, target).backward()
    assert maps.grad is not None and bool(maps.grad.isfinite().all())
    assert maps.grad[0, 1].abs().max() == 0 == maps.grad[0, 4].abs().max()


def test_errors_are_half_the_mean_square():
    target = Target(torch.zeros(1, 2, 2, 2), torch.tensor([[1.0, 0.5]]))
    maps = torch.full((1, 2, 2, 2), 2.0)
    assert map_error(maps, target).tolist() == [[2.0, 0.5]]
    assert map_loss(maps, target) == 1.25


def test_the_hardest_joints_may_be_chosen_by_something_else():
    errors = torch.tensor([[1.0, 2, 3], [3, 2, 1]])
    assert hardest(errors, 2) == 2.5
    assert hardest(errors, 1, by=torch.tensor([[9.0, 0, 0], [0, 9, 0]])) == 1.5
    assert hardest(errors, 3) == errors.mean()
