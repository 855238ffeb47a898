"""Pictures of the lifters that see single frames, or a few."""

from docs.drawing.parts import BELOW, LANE, answer, body, plus, seen_frame, title
from docs.drawing.sheet import KINDS, SOFT, Sheet


def simple_baseline() -> Sheet:
    """A perceptron with skips."""
    sheet = Sheet(
        "SimpleBaseline",
        "Keypoints of one frame pass a linear layer, two stages with skips and a linear layer.",
        360,
    )
    seen_frame(sheet)
    middle = LANE + 42
    sheet.arrow(104, middle, 170, "17 x 2")
    sheet.box(174, middle - 28, 132, 56, "linear 34 → 1024\nnorm, ReLU, dropout", "dense")
    sheet.arrow(310, middle, 366)
    sheet.box(370, middle - 28, 132, 56, "stage\n1024 → 1024", "dense")
    sheet.times(370, 502, middle + 44, "twice")
    sheet.arrow(506, middle, 572)
    sheet.box(576, middle - 28, 132, 56, "linear 1024 → 51", "dense")
    sheet.arrow(712, middle, 786, "17 x 3")
    answer(sheet, "pose\nof that frame")
    title(sheet, "A stage: two layers, and the way around them")
    level = BELOW + 76
    sheet.line([(90, level), (178, level)], arrow=True)
    sheet.box(182, level - 26, 190, 52, "linear 1024 → 1024\nnorm, ReLU, dropout", "dense")
    sheet.arrow(376, level, 438)
    sheet.box(442, level - 26, 190, 52, "linear 1024 → 1024\nnorm, ReLU, dropout", "dense")
    sheet.line([(636, level), (700, level)], arrow=True)
    plus(sheet, 710, level)
    sheet.line([(719, level), (800, level)], arrow=True)
    sheet.line([(132, level), (132, level - 46), (710, level - 46), (710, level - 10)], arrow=True)
    sheet.text(420, level + 48, "nothing follows the sum; a frame knows of no other", size=10.5,
               colour=SOFT)  # fmt: skip
    return sheet


def semgcn() -> Sheet:
    """Graph convolutions over joints."""
    sheet = Sheet(
        "SemGCN",
        "Graph convolutions along the bones of one frame, with learned shares of the neighbours.",
        400,
    )
    seen_frame(sheet)
    middle = LANE + 42
    sheet.arrow(104, middle, 170, "17 x 2")
    sheet.box(174, middle - 28, 122, 56, "graph 2 → 128\nnorm, ReLU", "graph")
    sheet.arrow(300, middle, 350)
    sheet.box(354, middle - 28, 176, 56, "two graph layers, skip\n17 x 128", "graph")
    sheet.times(354, 530, middle + 44, "4 times")
    sheet.arrow(534, middle, 588)
    sheet.box(592, middle - 28, 122, 56, "graph 128 → 3", "graph")
    sheet.arrow(718, middle, 786, "17 x 3")
    answer(sheet, "pose\nof that frame")
    title(sheet, "A graph layer: what the left knee takes")
    top = BELOW + 30
    places = body(sheet, 120, top, 120)
    edge = KINDS["graph"][1]
    for joint in (4, 6):
        sheet.line([places[joint], places[5]], colour=edge, width=3.4)
    sheet.dot(*places[5], kind="graph", size=7, full=True)
    x, y = 236, top + 30
    sheet.box(x, y, 150, 34, "W0 x the knee's own", "graph")
    sheet.box(x, y + 58, 150, 34, "W1 x hip, W1 x ankle", "graph")
    sheet.text(470, y + 82, "one W for itself,\none for all neighbours", size=10.5, colour=SOFT,
               at="start")  # fmt: skip
    plus(sheet, 440, y + 46)
    sheet.line([(x + 154, y + 17), (410, y + 17), (434, y + 39)], arrow=True)
    sheet.line([(x + 154, y + 75), (410, y + 75), (434, y + 53)], arrow=True)
    sheet.text(470, y + 26, "each in its share: softmax of\na learned number a link", size=10.5,
               colour=SOFT, at="start")  # fmt: skip
    sheet.frame(660, top, 214, 136, dashed=True)
    sheet.text(767, top + 22, "with groups: non-local blocks", size=11.5)
    for row, pair in enumerate(("hip + hip", "knee + ankle", "elbow + wrist")):
        sheet.box(760, top + 34 + 26 * row, 100, 20, pair, "joints", size=10)
        sheet.line([(698, top + 70), (758, top + 44 + 26 * row)], arrow=True)
    sheet.dot(690, top + 70, kind="joints", size=6, full=True)
    sheet.text(767, top + 126, "every joint looks at every pair", size=10, colour=SOFT)
    return sheet


def stgcn() -> Sheet:
    """Joints, parts, the body, and back."""
    sheet = Sheet(
        "ST-GCN",
        "Graph units over joints, then over five parts, then the body, and back to each joint.",
        400,
    )
    sheet.person(58, LANE, 74)
    sheet.strip(36, LANE + 84, 7, range(7), 46)
    sheet.text(58, LANE + 110, "1, 3, 5 or 7 frames", size=10.5, colour=SOFT)
    rows = (LANE + 42, 206, 306)
    for row, says in zip(rows, ("joints: 17", "parts: 5", "body: 1"), strict=True):
        sheet.line([(128, row), (770, row)], colour="#ededed", width=14)
        sheet.text(872, row + (62 if row == rows[0] else 4), "" if row == rows[0] else says,
                   size=11, colour=SOFT, at="end")  # fmt: skip
    sheet.text(872, rows[0] + 92, "joints: 17", size=11, colour=SOFT, at="end")
    first, second, third = rows
    sheet.arrow(96, first, 136)
    sheet.box(140, first - 26, 150, 52, "three graph units\n128, 128, 256", "graph")
    sheet.line([(215, first + 28), (215, second), (244, second)], arrow=True)
    sheet.text(206, first + 88, "the largest of\neach part", size=10, colour=SOFT, at="end")
    sheet.box(248, second - 26, 150, 52, "two graph units\n512, over five parts", "graph")
    sheet.line([(323, second + 28), (323, third), (352, third)], arrow=True)
    sheet.text(314, second + 56, "the largest\nof the five", size=10, colour=SOFT, at="end")
    sheet.box(356, third - 26, 130, 52, "convolution\n512, over frames", "time")
    sheet.line([(490, third), (530, third), (530, second + 30)], arrow=True)
    sheet.arrow(402, second, 462)
    sheet.box(466, second - 26, 128, 52, "part + body\n1024 → 256", "plain")
    sheet.line([(530, second - 28), (530, first + 32)], arrow=True)
    sheet.arrow(294, first, 454)
    sheet.box(458, first - 26, 144, 52, "joint + part\n512", "plain")
    sheet.arrow(606, first, 634)
    sheet.box(638, first - 26, 112, 52, "attention\nall joints, frames", "joints")
    sheet.line([(754, first), (790, first)], arrow=True)
    answer(sheet, "middle frame")
    sheet.text(706, third - 62, "links: itself, inwards, outwards, mirror image,\n"
               "the frame before, the frame after;\neach kind with weights of its own",
               size=10.5, colour=SOFT)  # fmt: skip
    return sheet


def iganet() -> Sheet:
    """Graph and attention side by side, each fed with some of the other."""
    sheet = Sheet(
        "IGANet",
        "In each of three blocks a graph lane and an attention lane feed each other.",
        420,
    )
    seen_frame(sheet)
    middle = LANE + 42
    sheet.arrow(104, middle, 176, "17 x 2")
    sheet.box(180, middle - 28, 136, 56, "four linear layers\n2 → 64 … → 512", "plain")
    sheet.arrow(320, middle, 382)
    sheet.box(386, middle - 28, 136, 56, "block\n17 x 512", "joints")
    sheet.times(386, 522, middle + 44, "3 times")
    sheet.arrow(526, middle, 588)
    sheet.box(592, middle - 28, 120, 56, "norm\nlinear 512 → 3", "plain")
    sheet.arrow(716, middle, 786, "17 x 3")
    answer(sheet, "pose\nof that frame")
    title(sheet, "A block: two lanes that feed each other, then a narrow waist")
    upper, lower, between = BELOW + 58, BELOW + 150, BELOW + 104
    sheet.line([(60, between), (96, between), (120, upper), (146, upper)], arrow=True)
    sheet.line([(60, between), (96, between), (120, lower), (146, lower)], arrow=True)
    sheet.box(150, upper - 24, 140, 48, "graph layer", "graph")
    sheet.box(150, lower - 24, 140, 48, "attention, 8 heads", "joints")
    sheet.line([(294, upper), (408, upper)], arrow=True)
    sheet.line([(294, lower), (408, lower)], arrow=True)
    sheet.line([(310, upper), (400, lower - 9)], arrow=True)
    sheet.line([(310, lower), (400, upper + 9)], arrow=True)
    sheet.text(336, upper + 14, "x 0.5", size=10, colour=SOFT, at="start")
    sheet.text(336, lower - 7, "x 0.8", size=10, colour=SOFT, at="start")
    for level in (upper, lower):
        plus(sheet, 418, level)
        sheet.line([(427, level), (456, level)], arrow=True)
    sheet.box(460, upper - 24, 110, 48, "graph layer", "graph")
    sheet.box(460, lower - 24, 110, 48, "linear", "plain")
    sheet.line([(574, upper), (622, between - 7)], arrow=True)
    sheet.line([(574, lower), (622, between + 7)], arrow=True)
    plus(sheet, 630, between)
    sheet.line([(639, between), (668, between)], arrow=True)
    sheet.box(
        672, between - 28, 132, 56, "MLP through a waist\n512, 256, 256, 512", "plain", size=11
    )
    sheet.line([(808, between), (850, between)], arrow=True)
    sheet.text(738, between + 50, "skips around both halves", size=10.5, colour=SOFT)
    return sheet
