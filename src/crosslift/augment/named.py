"""Augmenters as they are asked for in words: a name, and settings after colons."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from .. import registry
from ..errors import SettingsError
from ..protocols import Augmenter
from ..settings import changed


def augmenter_named(words: str) -> Augmenter:
    """The augmenter of words such as "bodies" or "bodies:bones=0.2:size=0"."""
    name, *pairs = words.split(":")
    settings = registry.settings_of("augmenter", name)()
    bare = worded(type(settings))
    return changed(settings, dict(pair(each, bare) for each in pairs), where=name).build()


def worded(settings: type) -> set[str]:
    """The settings whose values are words or paths, which need no quotation marks."""
    hints = get_type_hints(settings).items()
    return {
        name
        for name, hint in hints
        if get_origin(hint) is Literal or {str, Path} & {hint, *get_args(hint)}
    }


def pair(words: str, bare: Collection[str] = ()) -> tuple[str, Any]:
    """A setting's name and its value, as JSON writes it; words may stand bare where asked for."""
    key, equals, value = words.partition("=")
    try:
        return key, json.loads(value)
    except ValueError as problem:
        if equals and value and key in bare:
            return key, value
        found = f'"{value}" was found' if equals else "there is no ="
        raise SettingsError(
            f'"{words}" should be an augmenter\'s setting such as bones=0.2, but {found}; write '
            "NAME:SETTING=NUMBER."
        ) from problem
