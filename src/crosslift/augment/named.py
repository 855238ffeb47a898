"""Augmenters as they are asked for in words: a name, and settings after colons."""

import json
from typing import Any

from .. import registry
from ..errors import SettingsError
from ..protocols import Augmenter
from ..settings import changed


def augmenter_named(words: str) -> Augmenter:
    """The augmenter of words such as "bodies" or "bodies:bones=0.2:size=0"."""
    name, *pairs = words.split(":")
    settings = registry.settings_of("augmenter", name)()
    return changed(settings, dict(map(pair, pairs)), where=name).build()


def pair(words: str) -> tuple[str, Any]:
    """A setting's name and its value, as JSON writes it."""
    key, equals, value = words.partition("=")
    try:
        return key, json.loads(value)
    except ValueError as problem:
        found = f'"{value}" was found' if equals else "there is no ="
        raise SettingsError(
            f'"{words}" should be an augmenter\'s setting such as bones=0.2, but {found}; write '
            "NAME:SETTING=NUMBER."
        ) from problem
