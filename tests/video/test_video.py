"""Pictures come out of files as people see them, each at its time."""

import os
import tracemalloc
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
import torch
from PIL import Image

from crosslift.errors import DataError
from crosslift.video import Timing, about, container, frames, webcam
from crosslift.video.exif import focal_in_pixels
from crosslift.video.upright import upright

from .films import SIDE, film, front_loaded, picture


def test_frames_come_in_order_with_their_pixels_and_times(tmp_path):
    images = [picture(number) for number in range(6)]
    read = list(frames(film(tmp_path / "a.mkv", images, codec="ffv1")))
    assert [frame.number for frame in read] == list(range(6))
    assert np.allclose([frame.time for frame in read], np.arange(6) / 10, atol=1e-3)
    for frame, image in zip(read, images, strict=True):
        assert frame.image.dtype == torch.uint8
        assert np.array_equal(frame.image.numpy(), image)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.avi", "a.mkv", "Läufe 走る.mp4", "a:b.mp4"])
def test_containers_and_names_of_all_kinds_are_read(name, tmp_path):
    path = film(tmp_path / name, map(picture, range(5)))
    known = about(path)
    assert (known.size, known.fps) == ((64, 48), 10)
    assert len(list(frames(path))) == 5


@pytest.mark.parametrize(("codec", "name"), [("mpeg4", "a.mp4"), ("ffv1", "a.mkv")])
def test_odd_sizes_keep_every_row_and_column(codec, name, tmp_path):
    images = [picture(number, (61, 37)) for number in range(3)]
    path = film(tmp_path / name, images, codec=codec)
    assert about(path).size == (61, 37)
    assert {tuple(frame.image.shape) for frame in frames(path)} == {(37, 61, 3)}


CORNERS = {
    (0, False): (0, 0), (90, False): (0, 1), (180, False): (1, 1), (-90, False): (1, 0),
    (0, True): (1, 0), (180, True): (0, 1),
}  # fmt: skip
"""Where players show the upper left corner of a picture: right (1) or left, below (1) or above."""


@pytest.mark.parametrize(("turn", "corner"), CORNERS.items())
def test_videos_are_turned_and_mirrored_as_players_do(turn, corner, tmp_path):
    path = film(tmp_path / "a.mp4", [picture()] * 2, turn=turn)
    image = next(iter(frames(path))).image.float().mean(dim=-1)
    size = (48, 64) if abs(turn[0]) == 90 else (64, 48)
    assert about(path).size == size == (image.shape[1], image.shape[0])
    y, x = np.unravel_index(int(image.argmax()), image.shape)
    assert (int(x > size[0] / 2), int(y > size[1] / 2)) == corner


def test_a_display_matrix_takes_every_pixel_where_its_formula_says():
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    for a, b, c, d in [(1, 0, 0, 1), (-1, 0, 0, 1), (0, 1, -1, 0), (0, -1, 1, 0), (0, 1, 1, 0),
                       (0, -1, -1, 0), (-1, 0, 0, -1), (1, 0, 0, -1)]:  # fmt: skip
        turned = upright(image, np.array([a, b, 0, c, d, 0, 0, 0, 1]) * 65536)
        spots = {(x, y): (a * x + c * y, b * x + d * y) for x in range(3) for y in range(2)}
        left, top = (min(spot[axis] for spot in spots.values()) for axis in (0, 1))
        for (x, y), (to_x, to_y) in spots.items():
            assert np.array_equal(turned[to_y - top, to_x - left], image[y, x])


def test_a_varying_rate_keeps_each_frames_time(tmp_path):
    ticks = [0, 1, 2, 6, 7, 12]
    path = film(tmp_path / "a.mp4", map(picture, range(6)), ticks=ticks)
    times = [frame.time for frame in frames(path)]
    assert np.allclose(times, np.array(ticks) / 10, atol=1e-3)
    timing = Timing.of(times, about(path).fps or 30)
    assert timing.fps == pytest.approx(5 / 1.2, rel=1e-3)
    assert timing.times is not None and torch.allclose(
        timing.times, torch.tensor(ticks) / 10, atol=1e-3
    )


def test_an_even_rate_is_told_by_a_number_though_containers_round():
    rounded = [round(frame / 29.97, 3) for frame in range(200)]
    assert Timing.of(rounded, 29.97) == Timing(29.97, None)
    assert Timing.of([0.0], 25) == Timing(25, None)
    assert Timing.of([0.0, 0.5, 1.0], 30) == Timing(2.0, None)


def test_of_a_video_that_is_cut_off_the_rest_is_read_and_said(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (40, 48, 64, 3), dtype=np.uint8)
    whole = front_loaded(tmp_path / "a.mp4", film(tmp_path / "b.mp4", noise))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    said: list[str] = []
    assert len(list(frames(whole, say=said.append))) == 40 and not said
    assert 10 < len(list(frames(cut, say=said.append))) < 30
    assert len(said) == 1 and '"cut.mp4" is damaged or cut off' in said[0] and "of 40" in said[0]


def test_damage_in_the_middle_costs_some_frames_and_is_said(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (20, 48, 64, 3), dtype=np.uint8)
    path = film(tmp_path / "a.mp4", noise)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 9000] = bytes(9000)
    path.write_bytes(bytes(content))
    said: list[str] = []
    assert 0 < len(list(frames(path, say=said.append))) < 20
    assert said and "damaged" in said[0]


def test_a_container_that_counts_no_frames_is_cut_off_if_time_is_missing(tmp_path):
    path = film(tmp_path / "a.mkv", map(picture, range(60)))
    said: list[str] = []
    assert len(list(frames(path, say=said.append))) == 60 and not said
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 5 < len(list(frames(path, say=said.append))) < 45
    assert said and "cut off" in said[0]


@pytest.mark.parametrize(
    "content", [b"", b"This is no video.", b"\x00\x00\x00\x14ftypisom\x00\x00\x02\x00isom"]
)
def test_what_is_no_video_is_refused_in_a_sentence(content, tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    for read in (about, lambda source: list(frames(source))):
        with pytest.raises(DataError, match=r'"\S+a.mp4" should be a video'):
            read(path)


def test_a_playlist_that_leads_elsewhere_is_not_followed(tmp_path):
    path = tmp_path / "a.m3u8"
    path.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(DataError, match="should be a video"):
        about(path)


def test_pixels_that_are_not_square_become_so(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as made:
        stream = made.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(3, 2)
        made.mux(stream.encode(av.VideoFrame.from_ndarray(picture(), format="rgb24")))
        made.mux(stream.encode())
    assert about(path).size == (96, 48)


def test_memory_does_not_grow_with_the_length(tmp_path):
    path = film(tmp_path / "a.mp4", (picture(each, (320, 240)) for each in range(120)))
    tracemalloc.start()
    for _ in frames(path):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * 320 * 240 * 3


def folder_of_pictures(folder: Path, numbers: list[int]) -> Path:
    folder.mkdir()
    for number in numbers:
        Image.fromarray(picture(number)).save(folder / f"{number}.png")
    (folder / "notes.txt").write_text("not a picture")
    return folder


def test_pictures_of_a_folder_come_in_natural_order(tmp_path):
    folder = folder_of_pictures(tmp_path / "in", [2, 10, 1])
    assert about(folder) == ((64, 48), None, 3, None)
    read = list(frames(folder, fps=5))
    assert [int(frame.image[0].float().argmax()) // 3 // SIDE for frame in read] == [1, 2, 10 % 8]
    assert [frame.time for frame in read] == [0, 0.2, 0.4]


def test_a_folder_of_nothing_or_of_different_sizes_is_refused(tmp_path):
    with pytest.raises(DataError, match="should hold pictures"):
        list(frames(folder_of_pictures(tmp_path / "empty", [])))
    folder = folder_of_pictures(tmp_path / "in", [1])
    Image.fromarray(picture(size=(32, 48))).save(folder / "2.png")
    with pytest.raises(DataError, match=r'"2.png" has 32 x 48 pixels and the first one 64 x 48'):
        list(frames(folder))
    (folder / "2.png").write_bytes(b"broken")
    with pytest.raises(DataError, match="2.png"):
        list(frames(folder))
    with pytest.raises(DataError, match="does not exist"):
        about(tmp_path / "nowhere.mp4")


def photograph(path: Path, *, orientation: int = 1, **tags: float) -> Path:
    numbers = {"equivalent": 0xA405, "focal": 0x920A, "resolution": 0xA20E, "unit": 0xA210,
               "width": 0xA002}  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8769).update({numbers[name]: value for name, value in tags.items()})
    Image.fromarray(picture(size=(64, 48))).save(path, exif=exif, quality=95)
    return path


def test_photographs_are_turned_upright(tmp_path):
    path = photograph(tmp_path / "a.jpg", orientation=6)  # held so that the left side is on top
    assert about(path).size == (48, 64)
    image = next(iter(frames(path))).image.float().mean(dim=-1)
    assert image[:SIDE, -SIDE:].mean() > 200 > 50 > image[:SIDE, :SIDE].mean()


def test_the_focal_length_of_a_photograph_is_found_in_its_tags(tmp_path):
    equivalent = photograph(tmp_path / "a.jpg", equivalent=26)
    assert about(equivalent).focal == pytest.approx(26 / 43.2666 * 80, rel=1e-4)
    # 4 mm before a sensor of 1000 pixels a centimetre, stored 128 wide and halved since
    sensor = photograph(tmp_path / "b.jpg", focal=4, resolution=1000, unit=3, width=128)
    assert about(sensor).focal == pytest.approx(4 * 1000 / 10 / 2)
    assert about(photograph(tmp_path / "c.jpg", focal=4)).focal is None
    assert about(photograph(tmp_path / "d.jpg", equivalent=0)).focal is None


def test_broken_tags_tell_nothing():
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0xA405: "wide", 0x920A: (1, 2)})
    assert focal_in_pixels(exif, (64, 48)) is None


def test_a_camera_that_is_not_there_is_said():
    with pytest.raises(DataError, match='no camera "987"'):
        about("camera:987")


@pytest.mark.skipif("lavfi" not in av.formats_available, reason="FFmpeg without test pictures")
def test_a_camera_is_read_until_one_stops(monkeypatch):
    made = webcam.Device("testsrc=size=64x48:rate=10", "lavfi")
    monkeypatch.setattr(webcam, "device", lambda which: made)
    assert about("camera:0") == ((64, 48), 10, None, None)
    for frame in frames("camera:0"):
        if frame.number == 4:
            break
    assert frame.time == pytest.approx(0.4)
    assert frame.image.shape == (48, 64, 3)


def test_a_camera_that_has_no_picture_yet_is_asked_again(monkeypatch):
    waits = iter([True, False, True, True, False])

    class Slow:
        streams = SimpleNamespace(video=[SimpleNamespace(average_rate=10)])

        def demux(self, stream):
            for wait in waits:
                if wait:
                    raise BlockingIOError
                yield SimpleNamespace(decode=lambda: [SimpleNamespace(time=None, is_corrupt=False)])

    monkeypatch.setattr(container, "_picture", lambda frame, aspect: np.zeros((2, 2, 3), np.uint8))
    monkeypatch.setattr(Slow.streams.video[0], "sample_aspect_ratio", None, raising=False)
    assert [time for time, _ in container.pictures(Slow())] == [0, pytest.approx(0.1)]


SHARED = os.environ.get("CROSSLIFT_DATA")


@pytest.mark.skipif(SHARED is None, reason="CROSSLIFT_DATA names no folder with real videos")
def test_a_real_video_is_read_to_its_end():
    path = Path(str(SHARED)) / "media" / "sports2d_demo.mp4"
    assert about(path) == ((1768, 994), 30, 230, None)
    read = [frame.time for frame in frames(path)]
    assert len(read) == 230 and Timing.of(read, 30) == Timing(30, None)
