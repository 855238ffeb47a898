"""L2D-Pose: a detector is taught by what frozen lifters make of its keypoints.

The loss is `recipes.guided_loss`, the recipe `recipes.guiding`, its named settings
`recipes.guiding_rows`. Here are the guides (`guides`, `every_frame`), what they are shown
(`windows`), the detector that begins (`start`), its move (`moves`), and what it is worth
(`measuring`).
"""

from .every_frame import EveryFrame
from .guides import Named, guide_of, guides_named, tried
from .measuring import MEDIAN, Behind, Measured, measured
from .moves import loss_of
from .start import started
from .windows import StoredWindows, windowed, windows_in

__all__ = [
    "MEDIAN",
    "Behind",
    "EveryFrame",
    "Measured",
    "Named",
    "StoredWindows",
    "guide_of",
    "guides_named",
    "loss_of",
    "measured",
    "started",
    "tried",
    "windowed",
    "windows_in",
]
