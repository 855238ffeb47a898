"""The pen that draws the lifters' pictures: one visual language, written as plain SVG.

A sheet is white with a thin edge, so that it reads on light and on dark pages. What a box does to
its numbers is its colour, and `legend` explains the colours that a picture has used.
"""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

INK, SOFT, EDGE = "#222222", "#6b6b6b", "#d5d5d5"
LEFT, RIGHT, MIDDLE = "#2166ac", "#d6604d", "#4d4d4d"
FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"

KINDS = {
    "plain": ("#f3f3f3", "#8a8a8a", "each joint or frame by itself"),
    "dense": ("#ece8f5", "#7a63ad", "all joints of a frame at once"),
    "graph": ("#e2f1e3", "#3c8a4b", "along the body's bones"),
    "joints": ("#fdefd6", "#c4820e", "attention over joints"),
    "time": ("#daeef3", "#22849d", "over frames"),
}
"""Fill, edge, and what is mixed."""

SEEN = ((3, 46), (6, 46), (24, 70), (23, 100), (0, 46), (-11, 74), (-30, 96), (5, 29), (8, 12),
        (13, 7), (9, 0), (4, 12), (14, 27), (30, 25), (11, 12), (0, 26), (-2, 43))  # fmt: skip
TURNED = ((4, 45), (12, 47), (22, 65), (22, 95), (-4, 44), (-10, 74), (-22, 100), (5, 29), (7, 12),
          (10, 6), (8, 0), (-2, 10), (3, 22), (14, 16), (15, 14), (9, 31), (10, 48))  # fmt: skip
"""Human3.6M's 17 joints of a step, from the side and turned, in hundredths of the height."""
BONES = ((0, 1), (1, 2), (2, 3), (0, 4), (4, 5), (5, 6), (0, 7), (7, 8), (8, 9), (9, 10),
         (8, 11), (11, 12), (12, 13), (8, 14), (14, 15), (15, 16))  # fmt: skip

TIMES = re.compile(r"(?<![a-z])x(?=[0-9 ])")
"""An x that multiplies."""

Point = tuple[float, float]


def side_of(joint: int) -> str:
    """The colour of the side on which a joint lies."""
    return (
        RIGHT
        if joint in (1, 2, 3, 14, 15, 16)
        else LEFT
        if joint in (4, 5, 6, 11, 12, 13)
        else MIDDLE
    )


class Sheet:
    """A picture while it is drawn."""

    def __init__(self, title: str, says: str, height: int, width: int = 900) -> None:
        self.title, self.says, self.width, self.height = title, says, width, height
        self.parts: list[str] = []
        self.used: list[str] = []

    def text(
        self, x: float, y: float, words: str, *, size: float = 12, colour: str = INK,
        at: str = "middle", bold: bool = False,
    ) -> None:  # fmt: skip
        """Words, a line for each line, the first of which stands on y."""
        weight = ' font-weight="bold"' if bold else ""
        for number, line in enumerate(TIMES.sub("\N{MULTIPLICATION SIGN}", words).split("\n")):
            self.parts.append(
                f'<text x="{x:g}" y="{y + number * size * 1.3:g}" font-size="{size:g}" '
                f'fill="{colour}" text-anchor="{at}"{weight}>{escape(line)}</text>'
            )

    def line(
        self, points: Sequence[Point], *, colour: str = SOFT, width: float = 1.3,
        arrow: bool = False, dashed: bool = False,
    ) -> None:  # fmt: skip
        """A line through points, with an arrow's tip if asked for."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        tip = ' marker-end="url(#tip)"' if arrow else ""
        dashes = ' stroke-dasharray="4 3"' if dashed else ""
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
            f'stroke-linecap="round" stroke-linejoin="round"{dashes}{tip}/>'
        )

    def arrow(self, x: float, y: float, to: float, says: str = "") -> None:
        """A level arrow, with what travels along it above."""
        self.line([(x, y), (to, y)], arrow=True)
        if says:
            self.text((x + to) / 2, y - 7, says, size=10, colour=SOFT)

    def arc(self, start: Point, end: Point, high: float, colour: str) -> None:
        """A thin arc between two points of one height."""
        (x, y), (to, level) = start, end
        self.parts.append(
            f'<path d="M{x:g},{y:g} Q{(x + to) / 2:g},{y - high:g} {to:g},{level:g}" fill="none" '
            f'stroke="{colour}"/>'
        )

    def dot(
        self, x: float, y: float, *, kind: str = "plain", size: float = 4, full: bool = False
    ) -> None:
        """A number, or a token; full if it is the one that is spoken of."""
        fill, edge, _ = KINDS[kind]
        self.parts.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="{size:g}" fill="{edge if full else fill}" '
            f'stroke="{edge}" stroke-width="1.2"/>'
        )

    def box(
        self, x: float, y: float, width: float, height: float, words: str, kind: str = "plain",
        *, size: float = 11.5,
    ) -> None:  # fmt: skip
        """A step, in the colour of what it mixes; the first line is its name."""
        fill, edge, _ = KINDS[kind]
        self.frame(x, y, width, height, fill, edge)
        self.use(kind)
        lines = words.split("\n")
        top = y + height / 2 + size * 0.36 - (len(lines) - 1) * size * 0.66
        for number, each in enumerate(lines):
            where = top + number * size * 1.32
            first = number == 0
            self.text(x + width / 2, where, each, size=size if first else size - 1.5,
                      colour=INK if first else SOFT)  # fmt: skip

    def frame(
        self, x: float, y: float, width: float, height: float, fill: str = "none", edge: str = EDGE,
        *, dashed: bool = False, corner: float = 6,
    ) -> None:  # fmt: skip
        """A rounded rectangle."""
        dashes = ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{corner:g}" '
            f'fill="{fill}" stroke="{edge}" stroke-width="1.2"{dashes}/>'
        )

    def times(self, x: float, to: float, y: float, says: str) -> None:
        """A bracket under what is repeated."""
        self.line([(x, y - 5), (x, y), (to, y), (to, y - 5)], colour=SOFT, width=1)
        self.text((x + to) / 2, y + 14, says, size=11, colour=SOFT)

    def person(self, x: float, y: float, height: float, *, solid: bool = False) -> None:
        """The step seen from the side, or, solid, turned and standing on a floor."""
        joints = [
            (x + a * height / 100, y + b * height / 100) for a, b in (TURNED if solid else SEEN)
        ]
        if solid:
            wide, deep, low = 0.42 * height, 0.13 * height, y + 0.97 * height
            corners = [(x - wide, low), (x, low - deep), (x + wide, low), (x, low + deep)]
            path = " ".join(f"{a:g},{b:g}" for a, b in corners)
            self.parts.append(f'<polygon points="{path}" fill="#f6f6f6" stroke="{EDGE}"/>')
        for parent, child in BONES:
            self.line(
                [joints[parent], joints[child]], colour=side_of(child), width=max(2, height / 32)
            )

    def strip(self, x: float, y: float, frames: int, lit: Sequence[int], width: float) -> None:
        """Frames side by side, those that are spoken of dark."""
        cell = width / frames
        fill, edge, _ = KINDS["time"]
        for frame in range(frames):
            self.parts.append(
                f'<rect x="{x + frame * cell:.2f}" y="{y:g}" width="{cell - 1:.2f}" height="9" '
                f'fill="{edge if frame in lit else fill}"/>'
            )

    def use(self, kind: str) -> None:
        """Have a colour explained in the legend."""
        if kind not in self.used:
            self.used.append(kind)

    def legend(self) -> None:
        """What the colours mean, along the lower edge."""
        x, y = 24.0, self.height - 18
        self.text(x, y, "mixes:", size=10.5, colour=SOFT, at="start")
        x += 48
        for kind in (each for each in KINDS if each in self.used):
            fill, edge, says = KINDS[kind]
            self.frame(x, y - 10, 14, 12, fill, edge, corner=3)
            self.text(x + 22, y, says, size=10.5, colour=SOFT, at="start")
            x += 44 + 5.7 * len(says)

    def svg(self) -> str:
        """The whole picture."""
        self.legend()
        body = "\n".join(self.parts)
        return f"""<svg xmlns="http://www.w3.org/2000/svg" \
viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}" \
font-family="{FONT}" role="img">
<title>{escape(self.title)}</title>
<desc>{escape(self.says)}</desc>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
orient="auto"><path d="M0,0.8 L7.5,4 L0,7.2 z" fill="{SOFT}"/></marker></defs>
<rect x="0.6" y="0.6" width="{self.width - 1.2:g}" height="{self.height - 1.2:g}" rx="10" \
fill="#ffffff" stroke="{EDGE}"/>
{body}
</svg>
"""

    def save(self, path: Path) -> None:
        """Write the picture."""
        path.write_text(self.svg(), "utf-8")
