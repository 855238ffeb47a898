"""Writes the tables of the lifters' pages anew: `python -m docs.make_lifters`.

Each fact is written once: settings in their classes, published figures in `recipes/rows.py`, our
own in `benchmarks/results`. A page says with `<!-- made: WHAT -->` where a table belongs, and
`<!-- end -->` where it ends.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crosslift.recipes.rows import ROWS, Row
from docs.lifter_facts import LIFTERS, Form, Setting, facts, forms, inputs, settings

FOLDER = Path(__file__).parent
RESULTS = FOLDER.parent / "benchmarks" / "results"
WHICH = FOLDER / "which_lifter.md"
PAGES = {name: FOLDER / "methods" / f"{name}.md" for name in LIFTERS}
PLACE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TITLES = {
    "mpjpe_mm": "MPJPE, mm",
    "p_mpjpe_mm": "P-MPJPE, mm",
    "pck": "PCK, %",
    "auc": "AUC, %",
}
NOTHING = ""
"""What stands where nothing was measured: the page says what there is instead, if anything."""
HOW_FAST = (
    "How fast the network is alone, one thread unless said otherwise, beside a plain form of it in "
    "the same run:\n\n"
)


def table(heading: Sequence[str], rows: Iterable[Sequence[object]], right: int = 0) -> str:
    """A table of Markdown, the last `right` columns of which are numbers."""
    ways = ["---"] * (len(heading) - right) + ["--:"] * right
    lines = [heading, ways, *([_cell(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def of_settings(name: str) -> str:
    """All settings of a lifter."""
    return table(("setting", "default", "what"), map(_setting, settings(name)))


def _setting(each: Setting) -> tuple[str, str, str]:
    says = each.says
    if each.follows:
        says = f"{says} Follows from skeleton and inputs.".strip()
    return f"`{each.path}`", each.default, says


def of_inputs() -> str:
    """What networks can be given."""
    return table(("setting", "default", "what"), map(_setting, inputs()))


def of_forms(name: str) -> str:
    """The published sizes, and the words that ask for them."""
    known = forms(name)
    if not known:
        return "There is none: it was published here.\n"
    heading = ("form", "of", "words", "frames", "weights")
    return table(heading, map(_form, known), right=2)


def _form(each: Form) -> tuple[str, str, str, str, str]:
    words = f"`{each.words}`" if each.words else "the default"
    return f"`{each.name}`", each.says, words, str(each.frames), f"{each.weights:,}"


def of_figures(name: str) -> str:
    """The published rows of a lifter."""
    known = {row: each for row, each in ROWS.items() if each.lifter == name}
    if not known:
        return "There is no row for it: no figure of ours is to be compared with a published one.\n"
    keys = [key for key in TITLES if any(key in row.expected for row in known.values())]
    heading = ("`--row`", "data", *(TITLES[key] for key in keys), "where the figure stands")
    return table(heading, (_row(row, each, keys) for row, each in known.items()))


def _row(name: str, row: Row, keys: Sequence[str]) -> tuple[str, ...]:
    figures = (f"{row.expected[key]:g}" if key in row.expected else "" for key in keys)
    return f"`{name}`", row.data, *figures, row.source


def results(file: str) -> list[dict[str, Any]]:
    """The lines of a file of results; none where there is no such file."""
    path = RESULTS / file
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def of_trained(name: str | None = None) -> str:
    """Errors of lifters that we trained; of one kind, with the commands, or of all."""
    some = [each for each in results("lifters_trained.jsonl") if name in (None, each["lifter"])]
    if not some:
        return NOTHING
    heading = ("lifter" if name is None else "what", "settings", "trained and tested on",
               "minutes", "MPJPE, mm", "mean pose, mm")  # fmt: skip
    made = table(heading, (_trained(each, name) for each in some), right=3)
    if name is None:
        return made
    commands = dict.fromkeys(each["command"] for each in some)
    return made + "\n```\n" + "".join(f"{command}\n" for command in commands) + "```\n"


def _trained(each: Mapping[str, Any], name: str | None) -> tuple[str, ...]:
    first = f"[{each['lifter']}](methods/{each['lifter']}.md)" if name is None else each["what"]
    figures = (f"{each[key]:.1f}" for key in ("mpjpe_mm", "mean_pose_mm"))
    return first, _words(each["settings"]), each["data"], f"{each['minutes']:g}", *figures


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_words(each)}" for key, each in value.items())
    return str(value)


BODIES = {
    "true": "true",
    "all": "estimated from all clips of the person",
    "ten": "estimated from ten clips",
    "one": "estimated from that clip",
    "average": "average",
}
"""How the body was known that a lifter was told."""
SEEN = {"none": "exact", "model": "with a detector's errors"}
"""How keypoints were made."""


def of_shipped(people: str = "", rig: str = "", detector: str = "") -> str:
    """What the lifters of the package make of people and cameras that they never saw.

    Args:
        people: Only of these; of all unless given, and so with the others.
    """
    wanted = {"people": people, "rig": rig, "detector": detector}
    lifter, rows = "", []
    for each in results("shipped/figures.jsonl"):
        lifter = each.get("lifter", lifter)  # said once for the lines that follow, or in each
        chosen = all(value in ("", each.get(key)) for key, value in wanted.items())
        if "mpjpe_mm" in each and chosen:
            rows.append(_shipped(each, lifter))
    if not rows:
        return NOTHING
    heading = ("lifter", "people", "rig", "keypoints", "told body", "its stature", "MPJPE, mm",
               "N-MPJPE, mm", "P-MPJPE, mm", "within 150 mm, %")  # fmt: skip
    return table(heading, rows, right=4)


def of_shipped_in_short() -> str:
    """The same of the people and cameras that are least like training."""
    return of_shipped("target_val", "target", "none")


def _shipped(each: Mapping[str, Any], lifter: str) -> tuple[str, ...]:
    stature = "their own" if each["stature"] == "true" else "1.70 m"
    keys = ("mpjpe_mm", "n_mpjpe_mm", "p_mpjpe_mm", "pck_percent")
    return (f"`{lifter}`", each["people"], each["rig"], SEEN[each["detector"]],
            BODIES[each["body"]], stature, *(f"{each[key]:.1f}" for key in keys))  # fmt: skip


def of_speed(name: str | None = None) -> str:
    """How fast the networks are; of one kind, or of all."""
    titles = (LIFTERS[name],) if name else tuple(LIFTERS.values())
    some = [each for each in results("lifters.jsonl")
            if "poses_a_second" in each and each["what"].startswith(titles)
            and "precision" in each]  # fmt: skip
    if not some:
        return NOTHING
    heading = ("network", "precision", "threads", "poses a second", "plain form takes")
    rows = (
        (each["what"], each["precision"], each["threads"], f"{each['poses_a_second']:,}",
         f"{each['ratio']:.1f} times as long")
        for each in some
    )  # fmt: skip
    return ("" if name is None else HOW_FAST) + table(heading, rows, right=3)


def of_kinds() -> str:
    """All lifters at a glance."""
    heading = ("lifter", "sees", "answers for", "may be told", "skeletons", "weights")
    rows = []
    for name, title in LIFTERS.items():
        each = facts(name)
        sees = "1 frame" if each.frames == 1 else f"{each.frames} frames"
        first = f"[{title}](methods/{name}.md) `{name}`"
        rows.append((first, sees, each.answers, each.told, each.skeletons, f"{each.weights:,}"))
    return table(heading, rows, right=1)


OF_A_LIFTER: Mapping[str, Callable[[str], str]] = {
    "settings": of_settings,
    "forms": of_forms,
    "figures": of_figures,
    "trained": of_trained,
    "speed": of_speed,
}
OF_ALL: Mapping[str, Callable[[], str]] = {
    "kinds": of_kinds,
    "inputs": of_inputs,
    "trained": of_trained,
    "speed": of_speed,
}
ANYWHERE: Mapping[str, Callable[[], str]] = {
    "shipped": of_shipped,
    "shipped_in_short": of_shipped_in_short,
}
"""Tables that a page may have or not."""


def with_tables(page: str, name: str | None = None) -> str:
    """The page with today's tables: of a lifter, or of all of them."""

    def made(place: re.Match[str]) -> str:
        what = place[2]
        if what in ANYWHERE:
            text = ANYWHERE[what]()
        else:
            text = OF_ALL[what]() if name is None else OF_A_LIFTER[what](name)
        return f"{place[1]}{text}{place[3]}"

    return PLACE.sub(made, page)


if __name__ == "__main__":
    WHICH.write_text(with_tables(WHICH.read_text("utf-8")), "utf-8")
    for of, path in PAGES.items():
        path.write_text(with_tables(path.read_text("utf-8"), of), "utf-8")
