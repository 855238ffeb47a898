"""A human body as five Denavit-Hartenberg chains: joint angles in, positions out, and back."""

from .body import Posed, forward, forward_with_nose, mirror_angles, posed, turns
from .chains import ANGLES, LINKS, Link, angle_index
from .fitting import Fitted, Fitting, inverse, measured_lengths
from .limits import NARROW, WIDE, Limits
from .rest import BONES, HINGES, MOVING, REST_FRAMES
from .sampling import Drawn, Sampling, random_angles
from .templates import AVERAGE, SUBJECTS, TEMPLATES

__all__ = [
    "ANGLES",
    "AVERAGE",
    "BONES",
    "HINGES",
    "LINKS",
    "MOVING",
    "NARROW",
    "REST_FRAMES",
    "SUBJECTS",
    "TEMPLATES",
    "WIDE",
    "Drawn",
    "Fitted",
    "Fitting",
    "Limits",
    "Link",
    "Posed",
    "Sampling",
    "angle_index",
    "forward",
    "forward_with_nose",
    "inverse",
    "measured_lengths",
    "mirror_angles",
    "posed",
    "random_angles",
    "turns",
]
