"""Still pictures."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from crosslift.errors import DataError
from crosslift.view.still import (
    LEFT,
    MIDDLE,
    RIGHT,
    draw,
    from_the_side,
    save,
    sheet,
    shown_part,
    side_colour,
)

from ..people import seen_walker


def test_a_picture_shows_both_sides_in_their_colours(tmp_path):
    clip = seen_walker()
    save(draw(clip, clip, moments=3), tmp_path / "a.png")
    pixels = np.asarray(Image.open(tmp_path / "a.png").convert("RGB")).reshape(-1, 3)
    for colour in (LEFT, RIGHT):
        wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(pixels - wanted).max(axis=1) < 12).sum() > 50


def test_the_same_clip_gives_the_same_file(tmp_path):
    clip = seen_walker()
    for name in ("a.png", "b.png"):
        save(draw(clip, moments=2), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_colours_follow_the_names_of_joints():
    joints = ("left_knee", "right_knee", "pelvis")
    assert [side_colour(joint) for joint in joints] == [LEFT, RIGHT, MIDDLE]


def test_from_the_side_height_is_up_and_distance_from_the_camera_to_the_left():
    clip = seen_walker()
    seen = from_the_side(clip)
    head, ankle = clip.skeleton.indices("head", "right_ankle")
    assert (seen[:, head, 1] > seen[:, ankle, 1]).all()
    depth = clip.poses[0, :, ankle, 2] - clip.poses[0, :, 0, 2]
    assert torch.corrcoef(torch.stack([seen[:, ankle, 0], -depth]))[0, 1] > 0.9


def test_the_shown_part_holds_all_keypoints():
    clip = seen_walker()
    part = shown_part(clip)
    points = clip.keypoints.flatten(0, 1)
    assert points[:, 0].min() > part.left and points[:, 1].min() > part.top
    assert (points - torch.tensor([part.left, part.top])).max() < part.width


def test_a_clip_in_which_nothing_was_seen_is_drawn_empty(tmp_path):
    clip = seen_walker()
    nothing = torch.full_like(clip.keypoints, torch.nan)
    scores = torch.zeros_like(clip.scores)
    empty = replace(clip, keypoints=nothing, scores=scores, observed=scores > 0)
    save(draw(empty, moments=2), tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 0


def test_a_sheet_has_a_row_for_each_clip(tmp_path):
    figure = sheet([seen_walker(), seen_walker(seed=1)], moments=4)
    assert len(figure.axes) == 8


def test_a_clip_without_poses_is_refused():
    with pytest.raises(DataError, match="has no poses to draw; lift its keypoints first"):
        draw(replace(seen_walker(), poses=None))
