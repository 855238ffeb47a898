"""What several of the lifters' pictures have in common."""

from collections.abc import Callable
from itertools import pairwise

from docs.drawing.sheet import BONES, EDGE, KINDS, SEEN, SOFT, Sheet, side_of

LANE = 32
"""Where the upper lane begins: what happens, from left to right."""
BELOW = 190
"""Where the lower lane begins: the one idea, enlarged."""


def seen_frame(sheet: Sheet, says: str = "keypoints\nof one frame") -> None:
    """What a lifter of single frames is given."""
    sheet.person(58, LANE, 74)
    sheet.text(58, LANE + 96, says, size=10.5, colour=SOFT)


def seen_window(sheet: Sheet, says: str = "a window\nof 27 frames") -> None:
    """What a lifter of windows is given."""
    for number in (2, 1, 0):
        sheet.person(40 + 17 * number, LANE + 4 * (2 - number), 62)
    sheet.strip(20, LANE + 80, 27, range(27), 84)
    sheet.text(60, LANE + 106, says, size=10.5, colour=SOFT)


def answer(sheet: Sheet, says: str, lit: range | None = None) -> None:
    """The pose that comes out, and of which frames it is one."""
    high = 74 if lit is None else 66
    sheet.person(834, LANE, high, solid=True)
    if lit is not None:
        sheet.strip(792, LANE + 80, 27, lit, 84)
    sheet.text(834, LANE + (98 if lit is None else 106), says, size=10.5, colour=SOFT)


def title(sheet: Sheet, words: str, x: float = 24) -> None:
    """The heading of what is enlarged."""
    sheet.line([(24, BELOW - 14), (876, BELOW - 14)], colour=EDGE, width=1)
    sheet.text(x, BELOW + 10, words, size=12, at="start", bold=True)


def plus(sheet: Sheet, x: float, y: float) -> None:
    """Where two things are added."""
    sheet.parts.append(
        f'<circle cx="{x:g}" cy="{y:g}" r="8" fill="#ffffff" stroke="{SOFT}" stroke-width="1.2"/>'
    )
    sheet.text(x, y + 4.5, "+", size=13, colour=SOFT)


def body(sheet: Sheet, x: float, y: float, height: float) -> list[tuple[float, float]]:
    """The skeleton as a graph; the places of its joints."""
    places = [(x + a * height / 100, y + b * height / 100) for a, b in SEEN]
    for parent, child in BONES:
        sheet.line([places[parent], places[child]], colour="#bdbdbd", width=2)
    for joint, place in enumerate(places):
        sheet.parts.append(
            f'<circle cx="{place[0]:g}" cy="{place[1]:g}" r="3.4" fill="{side_of(joint)}"/>'
        )
    return places


def pyramid(
    sheet: Sheet, x: float, y: float, width: float, rows: tuple[int, ...], high: float, kind: str
) -> None:
    """Frames below, ever fewer above, each linked to the three that it is made of."""
    edge = KINDS[kind][1]
    places = [[x + (number + 0.5) * width / count for number in range(count)] for count in rows]
    for level, (lower, upper) in enumerate(pairwise(places)):
        for number, above in enumerate(upper):
            for below in lower[3 * number : 3 * number + 3]:
                path = [(below, y - level * high), (above, y - (level + 1) * high)]
                sheet.line(path, colour=edge, width=1)
    for level, row in enumerate(places):
        for place in row:
            sheet.dot(place, y - level * high, kind=kind, size=3.6, full=len(row) == 1)


def grid(
    sheet: Sheet, x: float, y: float, lit: Callable[[int, int], bool], kind: str, size: float = 15
) -> None:
    """Tokens: a column a frame, a row a joint; those that look at each other are full."""
    for frame in range(9):
        for joint in range(6):
            full = lit(frame, joint)
            sheet.dot(x + frame * size * 1.6, y + joint * size, kind=kind if full else "plain",
                      size=4.4 if full else 3.4, full=full)  # fmt: skip


def axes(sheet: Sheet, x: float, y: float) -> None:
    """Which way frames and joints go."""
    sheet.line([(x - 16, y), (x - 16, y + 76)], arrow=True)
    sheet.text(x - 24, y + 42, "joints", size=10, colour=SOFT, at="end")
    sheet.line([(x, y + 92), (x + 190, y + 92)], arrow=True)
    sheet.text(x + 95, y + 108, "frames", size=10, colour=SOFT)
