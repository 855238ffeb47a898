"""Pictures of the lifters that draw poses from noise."""

from collections.abc import Iterator

from docs.drawing.parts import BELOW, LANE, plus, seen_window, title
from docs.drawing.sheet import BONES, KINDS, SOFT, TURNED, Sheet, side_of


def d3dp() -> Sheet:
    """A MixSTE that is given noisy poses too, and asked again and again."""
    sheet = Sheet(
        "D3DP",
        "Keypoints and noisy poses enter a MixSTE that knows the time; its clean poses, with less "
        "noise, enter again. Several drawings are several hypotheses.",
        414,
    )
    _lane(sheet, "attention, MLP\nover joints", "attention, MLP\nover frames")
    sheet.text(474, LANE - 12, "the time, added to every token once", size=10.5, colour=SOFT)
    sheet.line([(344, LANE - 8), (344, LANE + 8)], arrow=True)
    title(sheet, "One hypothesis: five calls of the network")
    _drawing(sheet, 70, BELOW + 36, (999, 799, 599, 399, 199))
    left = 640
    sheet.text(left - 14, BELOW + 10, "Several, from noise of their own", size=12, at="start",
               bold=True)  # fmt: skip
    for number in range(3):
        x = left + 20 + 62 * number
        _pose(sheet, x, BELOW + 38, 66, 0.1, seed=20 + number)
        sheet.line([(x, BELOW + 116), (left + 112, BELOW + 142)], arrow=True)
    sheet.text(left + 112, BELOW + 158, "all of them, or what is made of them:\n"
               "their mean; joint by joint, who reprojects best", size=10.5,
               colour=SOFT)  # fmt: skip
    return sheet


def diff3dhpe() -> Sheet:
    """The same with attention that says how a token differs from the others."""
    sheet = Sheet(
        "Diff3DHPE",
        "Keypoints and noisy poses enter blocks of attention less the identity; the clean poses, "
        "with less noise, enter again.",
        414,
    )
    _lane(sheet, "flow, MLP\nover joints", "flow, MLP\nover frames")
    sheet.text(474, LANE - 12, "the time, added in every block", size=10.5, colour=SOFT)
    for x in (460, 586):
        sheet.line([(x, LANE - 6), (x, LANE + 10)], arrow=True)
    title(sheet, "A drawing: six, seven or nine calls")
    _drawing(sheet, 60, BELOW + 36, (999, 713, 427, 141))
    _flow(sheet, 560, BELOW + 10)
    return sheet


def _lane(sheet: Sheet, joints: str, frames: str) -> None:
    """What a call of the network does, and that its answer comes back."""
    seen_window(sheet)
    middle = LANE + 42
    sheet.arrow(114, middle, 258, "27x17x2")
    _pose(sheet, 190, LANE + 58, 46, 1.0, seed=4)
    sheet.text(190, LANE + 122, "noisy poses", size=10.5, colour=SOFT)
    sheet.line([(216, LANE + 78), (240, LANE + 78), (258, middle + 12)], arrow=True)
    sheet.box(262, middle - 28, 124, 56, "linear 2 + 3 → 512\na token a joint", "plain", size=11)
    sheet.arrow(390, middle, 406)
    sheet.box(410, middle - 28, 108, 56, joints, "joints", size=11)
    sheet.arrow(522, middle, 534)
    sheet.box(538, middle - 28, 108, 56, frames, "time", size=11)
    sheet.times(410, 646, middle + 44, "8 times")
    sheet.arrow(650, middle, 676)
    sheet.box(680, middle - 28, 86, 56, "norm, linear\n512 → 3", "plain", size=11)
    sheet.arrow(770, middle, 796)
    sheet.person(834, LANE, 66, solid=True)
    sheet.strip(792, LANE + 80, 27, range(27), 84)
    back = LANE + 128
    sheet.line([(834, LANE + 94), (834, back), (228, back)], arrow=True)
    sheet.text(560, back - 6, "clean poses, with less noise than before", size=10.5, colour=SOFT)


def _drawing(sheet: Sheet, x: float, y: float, times: tuple[int, ...]) -> None:
    """Noise that becomes a pose, with the time of each call."""
    apart = 100 if len(times) < 5 else 92
    for number, time in enumerate(times):
        _pose(sheet, x + apart * number, y, 80, (time / 1000) ** 1.3, seed=number)
        sheet.text(x + apart * number, y + 104, f"t = {time}", size=10.5, colour=SOFT)
        sheet.arrow(x + apart * number + 30, y + 42, x + apart * number + 58)
    end = x + apart * len(times)
    _pose(sheet, end, y, 80, 0.0)
    sheet.text(end, y + 104, "the answer", size=10.5, colour=SOFT)
    sheet.text((x + end) / 2, y + 128, "each call answers with a clean pose; all but the last then "
               "go on\nwith that pose and the noise that is left", size=10.5,
               colour=SOFT)  # fmt: skip


def _flow(sheet: Sheet, x: float, y: float) -> None:
    """Attention that adds only what the others have, and the token has not."""
    sheet.text(x, y, "Flow: attention less the token itself, (A - I) V", size=12, at="start",
               bold=True)  # fmt: skip
    row, edge = y + 76, KINDS["joints"][1]
    places = [x + 22 + 46 * number for number in range(6)]
    for number, place in enumerate(places):
        if number != 2:
            high = 16 + 14 * abs(number - 2)
            sheet.arc((place, row - 7), (places[2], row - 7), high, edge)
        sheet.dot(place, row, kind="joints", size=6, full=number == 2)
    sheet.text(x + 138, row + 28, "tokens of a frame's joints, or of a joint's frames", size=10.5,
               colour=SOFT)  # fmt: skip
    level = row + 62
    sheet.box(x, level - 16, 92, 32, "mean of all, V", "joints", size=11)
    sheet.line([(x + 96, level), (x + 122, level)], arrow=True)
    sheet.parts.append(
        f'<circle cx="{x + 132:g}" cy="{level:g}" r="8" fill="#ffffff" stroke="{SOFT}" '
        'stroke-width="1.2"/>'
    )
    sheet.text(x + 132, level + 4, "\N{MINUS SIGN}", size=13, colour=SOFT)
    sheet.line([(x + 141, level), (x + 166, level)], arrow=True)
    sheet.box(x + 170, level - 16, 60, 32, "linear", "plain", size=11)
    sheet.line([(x + 234, level), (x + 258, level)], arrow=True)
    plus(sheet, x + 268, level)
    sheet.line([(x + 132, level + 34), (x + 132, level + 10)], arrow=True)
    sheet.text(x + 132, level + 46, "its own V", size=10.5, colour=SOFT)
    sheet.line([(x + 268, level + 34), (x + 268, level + 10)], arrow=True)
    sheet.text(x + 268, level + 46, "the token", size=10.5, colour=SOFT)


def _pose(sheet: Sheet, x: float, y: float, high: float, noise: float, *, seed: int = 0) -> None:
    """A pose whose joints are off by some share of the body's size."""
    off = _offsets(seed)
    joints = [
        (
            x + (a + 30 * noise * next(off)) * high / 100,
            y + (b + 30 * noise * next(off)) * high / 100,
        )
        for a, b in TURNED
    ]
    wide = max(1.4, high / 40)
    for parent, child in BONES:
        sheet.line([joints[parent], joints[child]], colour=side_of(child), width=wide)


def _offsets(seed: int) -> Iterator[float]:
    """Numbers from -1 to 1 without order, always the same ones for a seed."""
    number = 7919 * seed + 1
    while True:
        number = number * 1_103_515_245 % 2_147_483_647
        yield 2 * number / 2_147_483_647 - 1
