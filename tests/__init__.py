"""The tests of crosslift, and how annotations are checked while they run."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
"""Checks every call; an int may stand where a float is asked for, as for all type checkers."""
