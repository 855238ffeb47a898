"""Pictures of clips: stills, films, and pages for the browser."""

from .denoising import Denoised, denoised
from .film import write_film
from .moments import write_figure
from .page import write_page
from .pictures import pictures_of
from .reel import Filming
from .series import Series
from .shown import Picture, Shown
from .still import Pair, draw, draw_side_by_side, save, sheet
from .words import facts_of, warnings_of

__all__ = [
    "Denoised",
    "Filming",
    "Pair",
    "Picture",
    "Series",
    "Shown",
    "denoised",
    "draw",
    "draw_side_by_side",
    "facts_of",
    "pictures_of",
    "save",
    "sheet",
    "warnings_of",
    "write_figure",
    "write_film",
    "write_page",
]
