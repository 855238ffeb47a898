"""Writes the joints' tables of docs/keypoints anew: `python -m docs.make_keypoints`.

A page says with `<!-- made: joints SKELETON -->` where the table of a skeleton's mapping to the
17 joints belongs, and `<!-- end -->` where it ends.
"""

import re
from pathlib import Path

from crosslift.mapping import mapping
from crosslift.skeletons import H36M_17
from docs.make_lifters import table

FOLDER = Path(__file__).parent / "keypoints"
PAGES = sorted(FOLDER.glob("*.md"))
PLACE = re.compile(r"(<!-- made: joints (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def of_joints(name: str) -> str:
    """What becomes of a skeleton's joints in the reference skeleton."""
    found = mapping(name, H36M_17).derivations
    kept = [made.joint for made in found if made.kind == "copied" and not made.words]
    rows = [
        (made.joint, made.words, "" if made.kind == "missing" else made.terms)
        for made in found
        if made.joint not in kept
    ]
    first = f"From `{name}`, {len(kept)} joints are taken as they are: {', '.join(kept)}.\n"
    return f"{first}\n{table(('joint', 'how', 'made of'), rows)}" if rows else first


def with_tables(page: str) -> str:
    """The page with today's tables."""
    return PLACE.sub(lambda place: f"{place[1]}{of_joints(place[2])}{place[3]}", page)


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(with_tables(path.read_text("utf-8")), "utf-8")
