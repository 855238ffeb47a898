"""Pictures of clips: stills."""

from .still import draw, save

__all__ = ["draw", "save"]
