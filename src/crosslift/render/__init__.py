"""Pictures of people who do not exist, with exact keypoints, visibility and poses."""

from .people import RenderedCrops, Views, pictured_clip, rendered, views_of
from .picture import Rendered, Rendering, render

__all__ = [
    "Rendered",
    "RenderedCrops",
    "Rendering",
    "Views",
    "pictured_clip",
    "render",
    "rendered",
    "views_of",
]
