"""List what is installed: lifters, readers, writers, detectors, recipes, published rows."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import tyro
from rich.box import SIMPLE
from rich.table import Table

from .. import registry
from ..errors import SettingsError, unknown_name
from ..find_lifter import shipped
from ..lifter_folder import read_about
from .common import Common, Options, Outcome

KINDS = {
    "rows": "published rows",
    "detector-rows": "published rows of detectors",
    "shipped": "lifters that come with the package",
} | {f"{kind}s": f"{kind}s" for kind in registry.FOLDERS}
"""What can be listed, and its heading."""


def choose(words: list[str]) -> tuple[Callable[..., Outcome], list[str]]:
    """The one function there is; the module's name is that of a Python type."""
    return listed, words


def listed(
    what: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="WHAT")] = "",
    *,
    common: Options = Common(),
) -> Outcome:
    """List what is installed.

    Args:
        what: One kind alone: shipped, rows, detector-rows, lifters, augmenters, adapters,
            detectors, readers, writers, recipes.
    """
    if what and what not in KINDS:
        raise SettingsError(unknown_name("list of", what, KINDS))
    wanted = [what] if what else [kind for kind in KINDS if kind not in ROWS_OF]
    found = {kind: ROWS_OF.get(kind, partial(entries, kind))() for kind in wanted}
    some = {kind: those for kind, those in found.items() if those or what}
    return Outcome(tuple(table(kind, those) for kind, those in some.items()), found)


def entries(kind: str) -> dict[str, dict[str, Any]]:
    """The parts of one kind, each with its line of help."""
    if kind == "shipped":
        return {
            name: {"what": read_about(path).made.get("what", read_about(path).name)}
            for name, path in shipped().items()
        }
    parts = registry.parts(kind.removesuffix("s"))
    return {name: {"what": part.help} for name, part in parts.items()}


def rows() -> dict[str, dict[str, Any]]:
    """The published rows of lifters, with the figures to expect."""
    from ..recipes.rows import ROWS  # here, because it brings all the networks

    return {name: {"lifter": row.lifter} | told(row) for name, row in ROWS.items()}


def detector_rows() -> dict[str, dict[str, Any]]:
    """The published rows of detectors, each with the lifters that guide it."""
    from ..recipes.guiding_rows import ROWS  # here, because it brings all the networks

    return {
        name: {"lifters": ", ".join(row.lifters) or "none"} | told(row)
        for name, row in ROWS.items()
    }


def told(row: Any) -> dict[str, Any]:
    """What is said of any row."""
    return {"data": row.data, "expected": dict(row.expected), "source": row.source}


ROWS_OF = {"rows": rows, "detector-rows": detector_rows}
"""Lists of rows, which are long and shown only if asked for."""


def table(kind: str, those: dict[str, dict[str, Any]]) -> Table:
    """One kind for people."""
    keys = list(next(iter(those.values()), {"what": ""}))
    made = Table(title=KINDS[kind], title_justify="left", box=SIMPLE)
    for heading in ("name", *keys):
        made.add_column(heading, overflow="fold")
    for name, entry in those.items():
        made.add_row(name, *(_words(entry[key]) for key in keys))
    return made


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {figure:g}" for key, figure in value.items()) or "none"
    return str(value)
