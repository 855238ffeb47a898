"""Poses that are made better by their own recording: by its keypoints, a body's bones and its ways.

A lifter answers once and does not look back. But its answer is to be seen where the keypoints are,
the bones are to be those of one body, people bend and accelerate only so much; and the image of a
better answer is a better question. `docs/refine.md` says what that brings.
"""

from .guard import Guarded
from .rounds import Refined, refined_clip
from .settings import Refining, Trust

__all__ = ["Guarded", "Refined", "Refining", "Trust", "refined_clip"]
