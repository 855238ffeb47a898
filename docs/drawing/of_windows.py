"""Pictures of the lifters that see windows of frames."""

from docs.drawing.parts import BELOW, LANE, answer, axes, grid, pyramid, seen_window, title
from docs.drawing.sheet import KINDS, SOFT, Sheet


def videopose() -> Sheet:
    """Convolutions over time."""
    sheet = Sheet(
        "VideoPose3D",
        "Convolutions over time narrow 27 frames to the pose of one; a causal form takes the last.",
        404,
    )
    seen_window(sheet)
    middle = LANE + 42
    sheet.arrow(116, middle, 176, "27 x 34")
    sheet.box(180, middle - 28, 140, 56, "convolution, 3 frames\n34 → 1024", "time")
    sheet.arrow(324, middle, 372)
    sheet.box(376, middle - 28, 170, 56, "convolution, 3 frames\nlinear; skip", "time")
    sheet.times(376, 546, middle + 44, "twice (27), 4 times (243)")
    sheet.arrow(550, middle, 602)
    sheet.box(606, middle - 28, 124, 56, "linear 1024 → 51", "dense")
    sheet.arrow(734, middle, 786, "17 x 3")
    answer(sheet, "pose of the middle\nframe", range(13, 14))
    title(sheet, "One window: 27, 9, 3, 1")
    pyramid(sheet, 24, BELOW + 138, 390, (27, 9, 3, 1), 36, "time")
    sheet.text(450, BELOW + 10, "A clip: the same, side by side", size=12, at="start", bold=True)
    pyramid(sheet, 450, BELOW + 138, 390, (27, 9, 3, 1), 36, "time")
    for level, apart in ((1, 3), (2, 9), (3, 27)):
        for number in range(27 - 2 * level):
            if (number + level) % apart == apart // 2:
                continue  # the window's own
            sheet.dot(450 + (number + level + 0.5) * 390 / 27, BELOW + 138 - 36 * level,
                      kind="time", size=2.2)  # fmt: skip
    sheet.text(645, BELOW + 166, "each row once for the whole clip; a frame more costs a column",
               size=10.5, colour=SOFT)  # fmt: skip
    sheet.text(219, BELOW + 166, "causal: the same frames, the pose of the last", size=10.5,
               colour=SOFT)  # fmt: skip
    return sheet


def poseformer() -> Sheet:
    """Attention within frames, then over them."""
    sheet = Sheet(
        "PoseFormer",
        "Attention among the joints of each frame, then among the frames of a window.",
        390,
    )
    seen_window(sheet)
    middle = LANE + 42
    sheet.arrow(114, middle, 170, "27x17x2")
    sheet.box(174, middle - 28, 148, 56, "attention, MLP\n17 tokens of 32", "joints")
    sheet.times(174, 322, middle + 44, "4 times, each frame")
    sheet.arrow(326, middle, 392, "27 x 544")
    sheet.box(396, middle - 28, 148, 56, "attention, MLP\n27 tokens of 544", "time")
    sheet.times(396, 544, middle + 44, "4 times")
    sheet.arrow(548, middle, 598)
    sheet.box(602, middle - 28, 136, 56, "weighted mean\nlinear 544 → 51", "time")
    sheet.arrow(742, middle, 790)
    answer(sheet, "pose of the middle\nframe", range(13, 14))
    title(sheet, "First: the joints of a frame look at each other")
    grid(sheet, 110, BELOW + 36, lambda frame, _: frame == 4, "joints")
    axes(sheet, 110, BELOW + 36)
    sheet.text(460, BELOW + 10, "Then: a frame is one token", size=12, at="start", bold=True)
    row = BELOW + 108
    for number in range(9):
        x = 500 + 36 * number
        if number != 4:
            sheet.arc((x, row - 8), (644, row - 8), 10 + 14 * abs(number - 4), KINDS["time"][1])
        sheet.frame(x - 11, row - 6, 22, 34, KINDS["time"][0], KINDS["time"][1])
        for joint in range(3):
            sheet.dot(x, row + 2 + 9 * joint, kind="time", size=2.4, full=number == 4)
    sheet.text(644, row + 52, "the first half: once a frame, whatever windows it is in",
               size=10.5, colour=SOFT)  # fmt: skip
    return sheet


def mixste() -> Sheet:
    """Attention over joints and over time in turn."""
    sheet = Sheet(
        "MixSTE",
        "Attention over the joints of each frame and along each joint's time in turn, eight times.",
        390,
    )
    seen_window(sheet)
    middle = LANE + 42
    sheet.arrow(114, middle, 176, "27x17x2")
    sheet.box(180, middle - 28, 108, 56, "linear 2 → 512\na token a joint", "plain")
    sheet.arrow(292, middle, 340)
    sheet.box(344, middle - 28, 112, 56, "attention, MLP\nover joints", "joints")
    sheet.arrow(460, middle, 496)
    sheet.box(500, middle - 28, 112, 56, "attention, MLP\nover frames", "time")
    sheet.times(344, 612, middle + 44, "8 times")
    sheet.arrow(616, middle, 660)
    sheet.box(664, middle - 28, 96, 56, "norm\nlinear 512 → 3", "plain")
    sheet.arrow(764, middle, 792)
    answer(sheet, "poses of all\nframes", range(27))
    title(sheet, "Joints of a frame")
    grid(sheet, 130, BELOW + 36, lambda frame, _: frame == 4, "joints")
    axes(sheet, 130, BELOW + 36)
    sheet.text(370, BELOW + 82, "and in turn", size=11, colour=SOFT)
    sheet.text(470, BELOW + 10, "One joint's frames", size=12, at="start", bold=True)
    grid(sheet, 500, BELOW + 36, lambda _, joint: joint == 2, "time")
    axes(sheet, 500, BELOW + 36)
    sheet.text(800, BELOW + 70, "tokens stay apart:\n27 x 17 of them\nto the very end", size=10.5,
               colour=SOFT)  # fmt: skip
    return sheet


def pstmo() -> Sheet:
    """A token a frame; attention narrows the window."""
    sheet = Sheet(
        "P-STMO",
        "A perceptron makes a token of each frame; attention narrows a window to its middle frame.",
        420,
    )
    seen_window(sheet)
    middle = LANE + 42
    sheet.arrow(116, middle, 172, "27 x 34")
    sheet.box(176, middle - 28, 128, 56, "perceptron\na frame → 256", "dense")
    sheet.arrow(308, middle, 350)
    sheet.box(354, middle - 28, 122, 56, "attention, MLP\nover frames", "time")
    sheet.times(354, 476, middle + 44, "3 times (P-STMO: 4)")
    sheet.arrow(480, middle, 526)
    sheet.box(
        530, middle - 28, 128, 56, "attention, narrowing\n1 of 3 frames stays", "time", size=11
    )
    sheet.times(530, 658, middle + 44, "3 times (243: 5)")
    sheet.arrow(662, middle, 702)
    sheet.box(706, middle - 28, 66, 56, "linear\n→ 51", "dense")
    sheet.arrow(776, middle, 798)
    answer(sheet, "pose of the middle\nframe", range(13, 14))
    title(sheet, "Narrowing: 27, 9, 3, 1")
    pyramid(sheet, 24, BELOW + 140, 330, (27, 9, 3, 1), 36, "time")
    sheet.text(189, BELOW + 166, "each from three neighbours, and from all by attention", size=10.5,
               colour=SOFT)  # fmt: skip
    left = 420
    sheet.text(left, BELOW + 10, "Beforehand, without poses: guess what is hidden", size=12,
               at="start", bold=True)  # fmt: skip
    shown = (1, 7, 12, 19, 24)
    sheet.strip(left, BELOW + 34, 27, shown, 290)
    sheet.text(left + 300, BELOW + 43, "4 in 5 frames hidden", size=10.5, colour=SOFT, at="start")
    sheet.line([(left + 145, BELOW + 48), (left + 145, BELOW + 60)], arrow=True)
    sheet.box(left + 40, BELOW + 64, 210, 30, "perceptron and first transformer", "time", size=11)
    sheet.text(left + 300, BELOW + 76, "what the lifter\nthen starts from", size=10.5, colour=SOFT,
               at="start")  # fmt: skip
    sheet.line([(left + 145, BELOW + 97), (left + 145, BELOW + 109)], arrow=True)
    sheet.box(left + 80, BELOW + 113, 130, 26, "a small decoder", "time", size=11)
    sheet.line([(left + 145, BELOW + 142), (left + 145, BELOW + 154)], arrow=True)
    sheet.strip(left, BELOW + 160, 27, range(27), 290)
    sheet.text(left + 300, BELOW + 169, "keypoints of all frames", size=10.5, colour=SOFT,
               at="start")  # fmt: skip
    return sheet
