"""Pictures of every usual kind, and those that are none."""

import numpy as np
import pytest
from PIL import Image

from crosslift.data.images_read import (
    as_colours,
    is_blank,
    packed_picture,
    read_picture,
    unpacked_picture,
)
from crosslift.errors import DataError

GREY = np.arange(0, 240, 10, dtype=np.uint8).reshape(4, 6)


def test_grey_becomes_three_equal_colours(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "grey.png")
    found = read_picture(tmp_path / "grey.png")
    assert found.shape == (4, 6, 3)
    np.testing.assert_array_equal(found, np.repeat(GREY[..., None], 3, axis=-1))


def test_sixteen_bits_keep_their_upper_eight(tmp_path):
    deep = GREY.astype(np.uint16) * 256 + 7
    Image.fromarray(deep).save(tmp_path / "deep.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "deep.png")[..., 1], GREY)
    Image.fromarray(deep).save(tmp_path / "deep.tif")
    np.testing.assert_array_equal(read_picture(tmp_path / "deep.tif")[..., 1], GREY)


def test_printing_inks_become_colours(tmp_path):
    inks = np.zeros((8, 8, 4), np.uint8)
    inks[:, :4, 0] = 255  # all cyan: no red
    Image.fromarray(inks, "CMYK").save(tmp_path / "inks.jpg", quality=100)
    found = read_picture(tmp_path / "inks.jpg")
    assert found.shape == (8, 8, 3)
    assert found[0, 1, 0] < 30 < 200 < found[0, 1, 2]
    assert found[0, 6].min() > 220


def test_a_palette_and_a_hidden_layer_become_colours():
    red = Image.new("RGBA", (3, 2), (255, 0, 0, 10))
    np.testing.assert_array_equal(as_colours(red)[0, 0], [255, 0, 0])
    found = as_colours(red.convert("RGB").quantize(4))
    np.testing.assert_array_equal(found[1, 2], [255, 0, 0])


def test_pictures_stay_as_stored_unless_they_are_to_be_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # held a quarter turn to the left
    Image.fromarray(GREY).save(tmp_path / "turned.jpg", exif=exif)
    assert read_picture(tmp_path / "turned.jpg").shape[:2] == (4, 6)
    assert read_picture(tmp_path / "turned.jpg", upright=True).shape[:2] == (6, 4)


def test_what_is_no_whole_picture_is_refused(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole.png")
    held = (tmp_path / "whole.png").read_bytes()
    for name, content in (("cut.png", held[: len(held) // 2]), ("text.jpg", b"no picture")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=f"{name}.*should be a picture, but reading it failed"):
            read_picture(tmp_path / name)
    with pytest.raises(DataError, match="does not exist, but should be a picture"):
        read_picture(tmp_path / "none.png")


def test_numbers_whose_white_is_unknown_are_refused(tmp_path):
    Image.fromarray(GREY.astype(np.float32)).save(tmp_path / "point.tif")
    with pytest.raises(DataError, match="numbers with a point, whose white nobody knows"):
        read_picture(tmp_path / "point.tif")
    Image.fromarray(GREY.astype(np.int32) * 100_000).save(tmp_path / "wide.tif")
    with pytest.raises(DataError, match="up to 16 bits, but this one's values reach from 0"):
        read_picture(tmp_path / "wide.tif")


def test_packed_pictures_come_back(tmp_path):
    smooth = np.linspace(0, 255, 32 * 32 * 3).reshape(32, 32, 3).astype(np.uint8)
    found = unpacked_picture(packed_picture(smooth), tmp_path)
    assert np.abs(found.astype(int) - smooth).mean() < 2
    assert not is_blank(smooth)
    assert is_blank(np.dstack([smooth[..., :2], np.zeros((32, 32), np.uint8)]))
