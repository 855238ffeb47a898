"""The errors that a user can do something about, one class for each kind of remedy.

Every message is one sentence that says what was expected, what was found and what to do.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class CrossliftError(Exception):
    """Something the user can mend; the command line prints the sentence and ends with code 2."""


class SkeletonError(CrossliftError):
    """Joints that do not fit: an unknown name, a wrong number, a wrong order."""


class CameraError(CrossliftError):
    """A camera that cannot be: a focal length below zero, a rotation that is none."""


class SettingsError(CrossliftError):
    """A choice that does not exist or contradicts another one."""


class DataError(CrossliftError):
    """A file or an array that is not what it should be."""


class TrainingError(CrossliftError):
    """A training that cannot go on: losses that are no numbers, a run of other settings."""


class CheckpointError(CrossliftError):
    """Weights that cannot be loaded, or belong to something else."""


def unknown_name(what: str, found: str, known: Iterable[str]) -> str:
    """The sentence for a name that is none of `known`, with the nearest one as the remedy."""
    known = sorted(known)
    nearest = get_close_matches(found, known, n=1, cutoff=0.6)
    hint = f'did you mean "{nearest[0]}"?' if nearest else f"choose among {', '.join(known)}."
    return f'There is no {what} "{found}"; {hint}'
