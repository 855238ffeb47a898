"""Pictures of clips: stills."""

from .still import Pair, draw, draw_side_by_side, save, sheet

__all__ = ["Pair", "draw", "draw_side_by_side", "save", "sheet"]
