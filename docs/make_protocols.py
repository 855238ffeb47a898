"""Write the tables of protocols.md anew: `python docs/make_protocols.py`."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from crosslift.evaluation.measures import MEASURES
from crosslift.evaluation.protocols import AVERAGES, PROTOCOLS, Protocol

PAGE = Path(__file__).with_name("protocols.md")
START, END = "<!-- tables: written by make_protocols.py -->", "<!-- end of the tables -->"
HEADING = (
    "| protocol | skeletons | joints | of PCK, AUC | quoted | average | annotation | published |",
    "|---" * 8 + "|",
)


def with_tables(page: str) -> str:
    """The page with the tables of today's protocols."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    parts = [averages()]
    for text, some in groupby(PROTOCOLS.values(), lambda each: each.help):
        parts.append(family(text, list(some)))
    return "\n".join([f"{before}{START}\n", *parts, f"{END}{after}"])


def averages() -> str:
    """What each average means."""
    rows = (f"| `{name}` | {text} |" for name, text in AVERAGES.items())
    return "\n".join(["| average | |", "|---|---|", *rows, ""])


def family(text: str, some: list[Protocol]) -> str:
    """The protocols of one test set."""
    first = some[0]
    tested = "; ".join(f"{key} {', '.join(values)}" for key, values in first.expects.items())
    trained = f"Trained on: {first.trained_on}." if first.trained_on else ""
    said = " ".join(filter(None, [f"Tested on: {tested}." if tested else "", trained]))
    lines = [f"### {text.rstrip('.')}", "", *([said, ""] if said else []), *HEADING]
    return "\n".join([*lines, *map(row, some), ""])


def row(protocol: Protocol) -> str:
    """One protocol."""
    cells: Iterable[str] = (
        f"`{protocol.name}`",
        ", ".join(protocol.skeletons) or "any",
        protocol.joints or "all",
        protocol.correct or protocol.joints or "all",
        MEASURES[protocol.headline].title,
        protocol.average,
        protocol.annotation or "",
        protocol.published,
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
