"""Pictures in: videos of any kind, folders of pictures and cameras, one frame after the other."""

from .frame import About, Frame, Say
from .source import CAMERA, about, frames
from .timing import Timing

__all__ = ["CAMERA", "About", "Frame", "Say", "Timing", "about", "frames"]
