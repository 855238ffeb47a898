"""Boxes and crops, by hand and against the published formulas."""

import math

import numpy as np
import pytest
import torch

from crosslift.data.images import inverse_way, joined_ways, moved
from crosslift.data.images_crop import (
    NO_CHANGES,
    Changes,
    Framing,
    box_of,
    check_box,
    cut,
    drawn_way,
    recoloured,
    way_of,
)
from crosslift.errors import DataError, SettingsError


def test_a_box_is_widened_cut_to_the_picture_and_made_whole():
    keypoints = torch.tensor([[100.0, 50.0], [200.0, 250.0], [math.nan, math.nan]])
    box = box_of(keypoints, torch.tensor([205.0, 400.0]))
    assert box.tolist() == [92.0, 35.0, 205.0, 265.0]  # 92.5, 35, 207.5, 265


def test_a_way_follows_the_published_centre_and_scale():
    box = torch.tensor([100.0, 50.0, 180.0, 350.0])
    way = way_of(box, Framing((288, 384)))
    scale = 300 * 288 / 384 / 200 * 1.25  # from the height, as the box is slim
    crop = moved(torch.tensor([[140.0, 200.0], [150.0, 180.0]]), inverse_way(way))
    expected = [[144, 192], [10 * 288 / (200 * scale) + 144, -20 * 288 / (200 * scale) + 192]]
    torch.testing.assert_close(crop, torch.tensor(expected), atol=1e-3, rtol=0)


def test_a_turned_way_turns_about_the_middle():
    box = torch.tensor([0.0, 0.0, 75.0, 100.0])
    straight, turned = way_of(box, Framing()), way_of(box, Framing(), turn=math.pi / 2)
    middle = torch.tensor([[96.0, 128.0]])
    torch.testing.assert_close(moved(middle, turned), moved(middle, straight))
    right = moved(middle + torch.tensor([10.0, 0]), turned) - moved(middle, turned)
    assert float(right[0, 0].abs()) < 1e-4
    assert float(right[0, 1]) > 0


def test_ways_join_and_invert():
    rng = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 5, 2, 3, generator=rng)
    points = torch.randn(5, 7, 2, generator=rng)
    both = moved(points, joined_ways(second, first))
    torch.testing.assert_close(both, moved(moved(points, first), second))
    torch.testing.assert_close(
        moved(moved(points, first), inverse_way(first)), points, atol=1e-4, rtol=0
    )


def test_the_way_back_is_differentiable():
    points = torch.zeros(1, 3, 2, requires_grad=True)
    moved(points, torch.tensor([[2.0, 0, 5], [0, 3, 7]])).sum().backward()
    torch.testing.assert_close(points.grad, torch.tensor([[[2.0, 3.0]] * 3]))


def test_a_crop_takes_whole_pixels_over_and_is_black_beyond():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    way = torch.tensor([[1.0, 0, 25], [0, 1, -2]])
    found = cut(pixels, way, (8, 6))
    expected = torch.zeros(3, 6, 8)
    expected[:, 2:, :5] = torch.from_numpy(pixels[:4, 25:].transpose(2, 0, 1).copy()) / 255
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_between_pixels_a_crop_goes_straight():
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[1, 1], pixels[1, 2] = 100, 200
    found = cut(pixels, torch.tensor([[1.0, 0, 1.25], [0, 1, 1]]), (1, 1))
    assert float(found[0, 0, 0]) == pytest.approx(125 / 255, abs=1e-5)


def test_drawn_ways_stay_within_bounds_and_follow_the_generator():
    box, framing = torch.tensor([0.0, 0.0, 75.0, 100.0]), Framing()
    rng = torch.Generator().manual_seed(0)
    ways = torch.stack([drawn_way(box, framing, Changes(), rng) for _ in range(200)])
    size = torch.linalg.det(ways[:, :, :2]).sqrt() / (75 * 1.25 / 192)
    assert 0.65 - 1e-4 < float(size.min()) < 0.7
    assert 1.3 < float(size.max()) < 1.35 + 1e-4
    straight = (ways[:, 0, 1] == 0).float().mean()
    assert 0.3 < float(straight) < 0.5  # 0.6 are turned
    plain = drawn_way(box, framing, NO_CHANGES, rng)
    torch.testing.assert_close(plain, way_of(box, framing))


def test_colours_change_within_bounds():
    picture = torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(0))
    rng = torch.Generator().manual_seed(1)
    other = recoloured(picture, 0.2, rng)
    assert not torch.equal(other, picture)
    assert 0 <= float(other.min()) <= float(other.max()) <= 1
    assert recoloured(picture, 0.0, rng) is picture


def test_empty_boxes_and_crops_are_refused():
    with pytest.raises(DataError, match="a person in the picture should have a width and a height"):
        check_box(torch.tensor([5.0, 5, 5, 9]), "the picture")
    with pytest.raises(SettingsError, match="at least one pixel wide"):
        Framing(size=(0, 10))
