"""Cut-outs: boxes, maps there and back, and what is refused."""

import math

import pytest
import torch
from torch.testing import assert_close

from crosslift.detect.crops import (
    Cuts,
    box_about,
    check_boxes,
    cuts_around,
    inverse,
    mapped,
    to_cut,
    to_picture,
)
from crosslift.errors import DataError

SIZE = (288, 384)


def some_cuts(count: int = 3) -> Cuts:
    rng = torch.Generator().manual_seed(0)
    centre = 500 + 100 * torch.randn(count, 2, generator=rng, dtype=torch.float64)
    width = 200 + 100 * torch.rand(count, 1, generator=rng, dtype=torch.float64)
    turn = torch.linspace(-1, 1, count, dtype=torch.float64)
    return Cuts(centre, width * torch.tensor([1, 4 / 3], dtype=torch.float64), turn)


def test_a_box_gets_the_shape_of_the_cut_out_and_a_quarter_more():
    tall = torch.tensor([[100.0, 100, 130, 200]])  # 100 high: 75 wide in the shape 3 to 4
    assert_close(cuts_around(tall, SIZE).sides, torch.tensor([[93.75, 125]]))
    wide = torch.tensor([[100.0, 100, 190, 130]])  # 90 wide: 120 high
    assert_close(cuts_around(wide, SIZE).sides, torch.tensor([[112.5, 150]]))
    assert_close(cuts_around(wide, SIZE).centre, torch.tensor([[145.0, 115]]))
    assert_close(cuts_around(wide, SIZE, margin=1.0).sides, torch.tensor([[90.0, 120]]))


def test_there_and_back_is_the_identity():
    cuts = some_cuts()
    points = torch.rand(3, 5, 2, dtype=torch.float64) * 300
    for size in (SIZE, (72, 96)):
        there = mapped(points, to_picture(cuts, size))
        assert_close(mapped(there, to_cut(cuts, size)), points)
        assert_close(inverse(to_cut(cuts, size)), to_picture(cuts, size))


def test_the_middle_of_the_grid_is_the_centre_and_up_is_turned():
    cuts = some_cuts()
    middle = torch.tensor([[144.0, 192]], dtype=torch.float64).expand(3, 1, 2)
    assert_close(mapped(middle, to_picture(cuts, SIZE))[:, 0], cuts.centre)
    quarter = cuts._replace(turn=torch.full((3,), math.pi / 2, dtype=torch.float64))
    above = mapped(middle - torch.tensor([0.0, 10.0]), to_picture(quarter, SIZE))[:, 0]
    pixels = cuts.sides[:, 0] / 288
    expected = cuts.centre + torch.stack([10 * pixels, torch.zeros(3)], dim=-1)
    assert_close(above, expected)  # what is up in the cut-out is to the right in the picture


def test_cell_k_of_a_map_lies_at_pixel_four_k():
    cuts = some_cuts()
    cells = torch.tensor([[[0.0, 0], [10, 20], [71, 95]]], dtype=torch.float64).expand(3, 3, 2)
    assert_close(
        mapped(cells, to_picture(cuts, (72, 96))), mapped(4 * cells, to_picture(cuts, SIZE))
    )


def test_the_box_about_joints_is_padded_clipped_and_whole():
    joints = torch.tensor([[100.0, 200], [300, 500]])
    assert box_about(joints, (1000, 1000)).tolist() == [85, 177, 315, 522]
    assert box_about(joints, (310, 510)).tolist() == [85, 177, 310, 510]
    assert box_about(joints - 110, (1000, 1000))[0] == 0


def test_empty_boxes_and_boxes_outside_the_picture_are_refused():
    size = (640, 480)
    check_boxes(torch.tensor([[-10.0, -10, 5, 5], [600, 400, 900, 900]]), size)
    for empty in ([10.0, 10, 10, 50], [20.0, 10, 10, 50], [math.nan, 0, 1, 1]):
        with pytest.raises(DataError, match="Box 0 .* is empty"):
            check_boxes(torch.tensor([empty]), size)
    fine = [0.0, 0, 1, 1]
    for outside in ([700.0, 10, 800, 50], [-50.0, 0, 0, 10], [0.0, 480, 10, 500]):
        with pytest.raises(DataError, match="Box 1 .* lies outside the picture of 640 x 480"):
            check_boxes(torch.tensor([fine, outside]), size)
