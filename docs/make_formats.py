"""Writes docs/formats.md from the docstrings of the readers: `make pages`.

Each fact about a format is written once, in its reader, where it is needed.
"""

import inspect
import re
from pathlib import Path

from crosslift import registry

PAGE = Path(__file__).parent / "formats.md"
SECTIONS = ("Layout", "Units", "Axes", "Joints", "Example")

START = """# Formats

What `crosslift convert FORMAT ROOT STORE` reads. Everything comes in with named joints, in our
units and axes (see [conventions.md](conventions.md)), in the format's own skeleton. With
`--to h36m17` it is mapped to another one: what that one has and the format lacks is
synthesised and marked (`crosslift info` names it under `synthesised`). `crosslift convert FORMAT
--help` lists a format's options.

This page is made from the readers' own descriptions by `make pages`.

| format | what |
|---|---|
"""


def page() -> str:
    """The whole page."""
    known = registry.parts("reader")
    table = "".join(f"| [{name}](#{name}) | {part.help} |\n" for name, part in known.items())
    return START + table + "".join(f"\n{section(name)}" for name in known)


def section(name: str) -> str:
    """What one reader says of its format."""
    text = inspect.getdoc(registry.settings_of("reader", name)) or ""
    first, _, rest = text.partition("\n")
    lines = [f"## {name}", "", first, ""]
    for title, fact in facts(rest).items():
        shown = f"`{fact}`" if title == "Example" else fact
        lines.append(f"- **{title}**: {shown}")
    return "\n".join(lines) + "\n"


def facts(text: str) -> dict[str, str]:
    """The sections of a docstring, each on one line; what stands before them is `Note`."""
    parts = re.split(rf"^({'|'.join(SECTIONS)}):", text, flags=re.MULTILINE)
    found = {"Note": " ".join(parts[0].split())} if parts[0].strip() else {}
    for title, fact in zip(parts[1::2], parts[2::2], strict=True):
        found[title] = " ".join(fact.split())
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
