"""Pages for the browser put together: a template, its styles, scripts and data in one file."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any


def filled(
    template: str,
    title: str,
    content: Mapping[str, Any],
    scripts: Sequence[str],
    styles: Sequence[str],
) -> str:
    """A template of the folder `page` with its styles, its scripts and its data in their places."""
    parts = {
        "title": html.escape(title),
        "style": "\n".join(asset(f"{name}.css") for name in styles),
        "data": inert_json(content),
        "scripts": "\n".join(f"<script>\n{asset(name + '.js')}</script>" for name in scripts),
    }
    return re.sub(r"<!--(\w+)-->", lambda found: parts[found[1]], asset(template))


def asset(name: str) -> str:
    """The text of a file that pages are made of, by its path in the folder `page`."""
    return files("crosslift.view").joinpath("page", *name.split("/")).read_text("utf-8")


def inert_json(content: Any) -> str:
    """JSON in which no text, whatever it says, can end the element that holds it."""
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
