"""The picture of the lifter that is told the body."""

import math

from docs.drawing.parts import BELOW, LANE, answer, seen_window, title
from docs.drawing.sheet import BONES, EDGE, INK, KINDS, SEEN, SOFT, Sheet, side_of


def bodywise() -> Sheet:
    """A turned camera, the body's size taken out, and channels that look along time."""
    sheet = Sheet(
        "Bodywise",
        "A camera turned to the root sees a person in units of their size; each channel looks "
        "along time by itself, perceptrons see one frame at a time.",
        430,
    )
    seen_window(sheet, "31 frames, and\nthe bones' lengths")
    middle = LANE + 42
    sheet.arrow(114, middle, 148)
    sheet.box(152, middle - 28, 100, 56, "turned camera\nunits of the body", "plain", size=11)
    sheet.arrow(256, middle, 304, "31x17x4")
    sheet.box(308, middle - 28, 82, 56, "linear\n68 → 512", "dense")
    sheet.arrow(394, middle, 424)
    sheet.box(428, middle - 28, 96, 56, "7 frames of\neach channel", "time", size=11)
    sheet.arrow(528, middle, 552)
    sheet.box(556, middle - 28, 100, 56, "perceptron\n512, 1024, 512", "dense", size=11)
    sheet.times(428, 656, middle + 44, "5 times, skip")
    sheet.arrow(660, middle, 684)
    sheet.box(688, middle - 28, 92, 56, "norm, linear\nand turned back", "dense", size=11)
    sheet.arrow(784, middle, 802)
    answer(sheet, "pose of the middle\nframe", range(13, 14))
    title(sheet, "Wherever they stand: a turned camera")
    _turned_camera(sheet, 150, BELOW + 172)
    sheet.text(360, BELOW + 10, "However tall: units of the told body", size=12, at="start",
               bold=True)  # fmt: skip
    _sizes(sheet, 380, BELOW + 34)
    sheet.text(636, BELOW + 10, "Along time: a channel by itself", size=12, at="start", bold=True)
    _channels(sheet, 664, BELOW + 42)
    return sheet


def _turned_camera(sheet: Sheet, x: float, y: float) -> None:
    """From above: a camera, someone at the edge of its picture, and both planes."""
    far, near = 118.0, 66.0
    angle = math.radians(32)
    way = (math.sin(angle), -math.cos(angle))
    person = (x + far * way[0] * 1.12, y + far * way[1] * 1.12)
    sheet.line([(x, y), (x, y - far)], dashed=True)
    sheet.line([(x, y), person], colour=INK)
    sheet.line([(x - 76, y - near), (x + 92, y - near)], colour=SOFT, width=2)
    at = (x + near * way[0], y + near * way[1])
    across = (math.cos(angle), math.sin(angle))
    ends = [(at[0] + side * 48 * across[0], at[1] + side * 48 * across[1]) for side in (-1, 1)]
    sheet.line(ends, colour=INK, width=2.6)
    sheet.dot(*person, size=7, full=True)
    sheet.text(person[0] + 14, person[1] + 4, "the root", size=10.5, colour=SOFT, at="start")
    sheet.text(x - 80, y - near - 7, "the picture", size=10.5, colour=SOFT, at="start")
    sheet.text(ends[1][0] + 4, ends[1][1] + 12, "what is given", size=10.5, colour=SOFT, at="start")
    sheet.line([(x - 9, y + 6), (x + 9, y + 6), (x, y - 8), (x - 9, y + 6)], width=1.6)
    sheet.text(x - 16, y + 6, "camera, from above", size=10.5, colour=SOFT, at="end")


def _sizes(sheet: Sheet, x: float, y: float) -> None:
    """A child and an adult, whose numbers are the same but for their proportions."""
    for left, tall in ((x + 8, 62.0), (x + 86, 96.0)):
        _standing(sheet, left, y + 104 - tall, tall)
    sheet.line([(x - 24, y + 106), (x + 130, y + 106)], colour=EDGE)
    sheet.text(x + 54, y + 122, "each divided by\nits own size", size=10.5, colour=SOFT)
    for row, (name, share) in enumerate((("thigh", 8), ("upper arm", -12), ("shoulders", 18))):
        level = y + 18 + 32 * row
        sheet.text(x + 182, level, name, size=10.5, colour=SOFT)
        sheet.line([(x + 182, level + 6), (x + 182, level + 16)], width=1)
        wide = 2.0 * abs(share)
        start = x + 182 - (wide if share < 0 else 0)
        fill, edge, _ = KINDS["plain"]
        sheet.frame(start, level + 7, wide, 8, fill, edge, corner=1)
    sheet.text(x + 182, y + 122, "how its bones\nare unlike others'", size=10.5, colour=SOFT)


def _standing(sheet: Sheet, x: float, y: float, tall: float) -> None:
    places = [(x + a * tall / 100, y + b * tall / 100) for a, b in SEEN]
    for parent, child in BONES:
        sheet.line([places[parent], places[child]], colour=side_of(child), width=2)


def _channels(sheet: Sheet, x: float, y: float) -> None:
    """Numbers of a few channels over time, each made of its own neighbours."""
    wide, high, edge = 17.0, 24.0, KINDS["time"][1]
    for row in range(3):
        for level in (0, 1):
            for frame in range(11 - 6 * level):
                at = (x + wide * (frame + 3 * level), y + row * 2 * high + (1 - level) * high * 0.9)
                made = level == 1 and frame == 2
                if made:
                    for near in range(7):
                        below = (x + wide * (near + 2), at[1] + high * 0.9)
                        sheet.line([below, at], colour=edge, width=1)
                sheet.dot(*at, kind="time", size=3.6, full=made)
        sheet.text(x - 12, y + row * 2 * high + 20, f"{'abc'[row]}", size=10.5, colour=SOFT)
    sheet.text(x + 5 * wide, y + 156, "7 weights a channel; mixed with the others\n"
               "only frame by frame, by perceptrons", size=10.5, colour=SOFT)  # fmt: skip
