"""What a report says of its origin, so that a figure can be traced and made again."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..version import __version__

PATIENCE = 5.0
"""Seconds that git may take to tell the commit."""


def stamp() -> dict[str, Any]:
    """The program's version, its commit if it is run from a checkout, and the date."""
    at = commit(Path(__file__).parents[3])
    return {
        "crosslift": __version__,
        **({"commit": at} if at else {}),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def commit(checkout: Path) -> str | None:
    """The commit of a checkout of this project, with "-dirty" if files differ from it.

    None where the package lies elsewhere, as when it was installed: the commit of whatever
    repository is around it would say nothing.
    """
    here = checkout / "src" / "crosslift" / "evaluation" / Path(__file__).name
    if not (checkout / ".git").exists() or not here.is_file():
        return None
    words = ["git", "--no-optional-locks", "-C", str(checkout), "describe", "--always", "--dirty",
             "--abbrev=40", "--exclude=*"]  # fmt: skip
    try:
        told = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return told.stdout.strip() or None
