"""The report of an adaptation as one page that needs nothing else: figures, pictures, sentences."""

import html
import io
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from ..files import whole
from ..view.still import LEFT, MIDDLE, RIGHT
from .report import Report, Row
from .spread import Spread, Spreads

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd;
  vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.better { color: #12697b; } .worse { color: #a8412c; }
.verdict { font-size: 1.1rem; } img { max-width: 100%; }
.quiet { color: #666; }
"""
TITLES = {
    "size": "size in the picture",
    "across": "place, left to right",
    "down": "place, top to bottom",
}


def write_report_page(path: Path, report: Report, pictures: Sequence[tuple[str, Figure]]) -> None:
    """Write the page, whole or not at all.

    Args:
        pictures: Headings and figures, shown below the tables.
    """
    parts = [
        f"<h1>{html.escape(report.title)}</h1>",
        f'<p class="verdict">{html.escape(report.verdict)}</p>',
        *(f"<p>{html.escape(sentence)}</p>" for sentence in report.sentences),
        "<h2>What the target's keypoints say</h2>",
        "<p>No label is looked at. Of all scores, less is better.</p>",
        table(report.scores),
    ]
    if report.errors:
        parts += [
            "<h2>What truths say that were kept for evaluation</h2>",
            "<p>They took no part in the adaptation.</p>",
            table(report.errors),
        ]
    for heading, figure in pictures:
        parts += [f"<h2>{html.escape(heading)}</h2>", embedded(figure, heading)]
    parts.append(f'<p class="quiet">{html.escape(report.origin)}</p>')
    content = "\n".join(parts)
    text = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(report.title)}</title><style>{STYLE}</style></head>\n"
        f"<body>\n{content}\n</body></html>\n"
    )
    with whole(path) as draft:
        draft.write_text(text, "utf-8")


def table(rows: Sequence[Row]) -> str:
    """Before and after, a row for each figure."""
    head = "".join(f'<th class="number">{title}</th>' for title in ("before", "after", "change"))
    lines = [f"<tr><th>figure</th>{head}<th>what it is</th></tr>"]
    for row in rows:
        kind = "better" if row.better else "worse"
        cells = "".join(f'<td class="number">{value}</td>' for value in row.numbers()[:2])
        lines.append(
            f"<tr><td>{html.escape(row.title)}</td>{cells}"
            f'<td class="number {kind}">{row.numbers()[2]}</td>'
            f"<td>{html.escape(row.sentence)}</td></tr>"
        )
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def embedded(figure: Figure, words: str) -> str:
    """A figure as an element that holds its picture."""
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=110, metadata={"Software": None})
    data = b64encode(held.getvalue()).decode("ascii")
    return f'<img alt="{html.escape(words)}" src="data:image/png;base64,{data}">'


def draw_spreads(found: Spreads) -> Figure:
    """How large people are and where, as curves: the publication's figure."""
    figure = Figure(figsize=(11, 3.2), layout="constrained")
    for axes, name in zip(figure.subplots(1, 3), Spread._fields, strict=True):
        for whose, colour, style in (
            ("source", MIDDLE, ":"),
            ("aligned", LEFT, "-"),
            ("target", RIGHT, "--"),
        ):
            values = getattr(getattr(found, whose), name).numpy()
            label = {"aligned": "source, aligned"}.get(whose, whose)
            axes.hist(
                values, bins=40, range=(0, 2) if name == "size" else (-1, 1), density=True,
                histtype="step", color=colour, linestyle=style, linewidth=1.6, label=label,
            )  # fmt: skip
        axes.set_xlabel(f"{TITLES[name]} (1: half the picture's width)", fontsize=8.5)
        axes.set_yticks([])
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
    figure.axes[0].legend(frameon=False, fontsize=8.5)
    return figure
