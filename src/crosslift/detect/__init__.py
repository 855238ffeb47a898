"""Finding people in pictures: one detector a file, found through the registry."""

from .finder import Finder, People
from .recording import Looking, Seen, people_in

__all__ = ["Finder", "Looking", "People", "Seen", "people_in"]
