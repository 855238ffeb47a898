"""Pictures reach networks where and as their training had them."""

import pytest
import torch

from crosslift.detect.boxes import distinct, overlaps
from crosslift.detect.pictures import cut_out, letterbox, standardised, widened
from crosslift.detect.recipe import CUT_OUT, LETTERBOX, Recipe, described
from crosslift.detect.yolox import of_cells
from crosslift.errors import DataError

from .networks import pipeline

PLAIN = Recipe(rgb=True)


def ramp(height: int, width: int) -> torch.Tensor:
    """A picture whose red is the column and whose green is the row."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([columns, rows, torch.full_like(rows, 7)], dim=-1).to(torch.uint8)


def test_a_letterbox_keeps_the_aspect_and_fills_with_grey():
    made = letterbox(torch.full((10, 40, 3), 200, dtype=torch.uint8), (20, 20), PLAIN)
    assert made.ratio == 0.5 and made.pixels.shape == (1, 3, 20, 20)
    assert bool((made.pixels[..., :5, :] == 200).all() and (made.pixels[..., 5:, :] == 114).all())


def test_networks_that_want_blue_first_get_it_and_others_are_standardised():
    colour = torch.tensor([10.0, 20, 30])[None, :, None, None]
    assert standardised(colour, LETTERBOX).flatten().tolist() == [30, 20, 10]
    expected = [(10 - 123.675) / 58.395, (20 - 116.28) / 57.12, (30 - 103.53) / 57.375]
    torch.testing.assert_close(standardised(colour, CUT_OUT).flatten(), torch.tensor(expected))


def test_a_cut_out_of_the_whole_picture_is_the_picture():
    image = ramp(6, 8)
    made = cut_out(image, torch.tensor([0.0, 0, 8, 6]), (8, 6), PLAIN)
    assert torch.equal(made, image.movedim(-1, 0).float())


def test_a_cut_out_is_black_beyond_the_picture_and_shifted_by_whole_pixels():
    image = ramp(40, 60) + 1
    for left, top in [(-5, -3), (20, 10), (50, 30), (-100, -100), (300, 300), (30, -90)]:
        made = cut_out(image, torch.tensor([left, top, left + 16.0, top + 12]), (16, 12), PLAIN)
        for y in range(12):
            for x in range(16):
                inside = 0 <= x + left < 60 and 0 <= y + top < 40
                pixel = image[y + top, x + left].float() if inside else torch.zeros(3)
                assert torch.equal(made[:, y, x], pixel), (left, top, x, y)


def test_a_smaller_box_is_magnified_between_the_pixels():
    made = cut_out(ramp(20, 20), torch.tensor([4.0, 6, 12, 14]), (16, 16), PLAIN)
    torch.testing.assert_close(made[0, 0], (4 + torch.arange(16) / 2).round())
    torch.testing.assert_close(made[1, :, 0], (6 + torch.arange(16) / 2).round())


def test_boxes_get_a_margin_and_the_shape_of_the_input():
    boxes = torch.tensor([[10.0, 20, 30, 60], [0, 0, 100, 10]])
    wide = widened(boxes, (48, 64), 1.25)
    sides = wide[:, 2:] - wide[:, :2]
    torch.testing.assert_close(sides, torch.tensor([[37.5, 50.0], [125.0, 125 * 4 / 3]]))
    torch.testing.assert_close(wide[:, :2] + wide[:, 2:], boxes[:, :2] + boxes[:, 2:])


def test_overlaps_are_shares_of_the_union():
    boxes = torch.tensor([[0.0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6]])
    expected = torch.tensor([[1, 1 / 3, 0], [1 / 3, 1, 0], [0, 0, 1]])
    torch.testing.assert_close(overlaps(boxes, boxes), expected)


def test_of_boxes_that_overlap_the_most_certain_stays():
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [20, 20, 30, 30]])
    assert distinct(boxes, torch.tensor([0.5, 0.9, 0.7]), 0.45).tolist() == [1, 2]
    assert distinct(boxes, torch.tensor([0.5, 0.9, 0.7]), 0.9).tolist() == [1, 2, 0]
    assert distinct(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist() == []


def test_cells_are_decoded_by_their_place_and_stride():
    cells = torch.zeros(64 + 16 + 4, 6)
    cells[9] = torch.tensor([0.5, 0.25, 0.0, 2.0, 0.8, 0.5])  # the second of the second row
    cells[64 + 16 + 3] = torch.tensor([0, 0, 0, 0, 1, 1.0])  # the last of the coarsest grid
    found = of_cells(cells, (64, 64))
    height = 8 * torch.tensor(2.0).exp()
    expected = torch.tensor([12 - 4, 10 - height / 2, 12 + 4, 10 + height / 2, 0.4])
    torch.testing.assert_close(found[9], expected)
    torch.testing.assert_close(found[-1], torch.tensor([16.0, 16, 48, 48, 1]))
    with pytest.raises(DataError, match="has 84 cells, but this one gives 5"):
        of_cells(cells[:5], (64, 64))


def test_a_published_description_is_understood():
    assert described(Recipe(), pipeline()) == Recipe(CUT_OUT.mean, CUT_OUT.scale, True, (48, 64))
    other = pipeline(normalise={"mean": [0, 0, 0], "std": [1, 1, 1], "to_rgb": False}, split=3)
    assert described(CUT_OUT, other) == Recipe(size=(48, 64), split=3)
    resize = {"type": "Resize", "keep_ratio": True, "size": [480, 640]}
    tasks = {"pipeline": {"tasks": [{"transforms": [resize]}]}}
    assert described(LETTERBOX, tasks).size == (640, 480)
    assert described(LETTERBOX, {}) == LETTERBOX


@pytest.mark.parametrize("wrong", [{"mean": [1]}, {"std": [0, 1, 1]}, {"std": "wide"}])
def test_a_description_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(DataError, match="pipeline.json should describe"):
        described(CUT_OUT, pipeline(normalise=wrong))
    with pytest.raises(DataError, match="pipeline.json should describe"):
        described(CUT_OUT, {"pipeline": []})
