"""How long a training may take, as people say it."""

import re

from ..errors import SettingsError

MINUTES = {"s": 1 / 60, "m": 1.0, "h": 60.0}


def minutes_of(words: str) -> float:
    """The minutes in words such as 90s, 2m or 1.5h."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh])\s*", words)
    if found is None or float(found[1]) == 0:
        raise SettingsError(
            f'A budget is a time above zero such as 90s, 20m or 2h, but "{words}" was given.'
        )
    return float(found[1]) * MINUTES[found[2]]
