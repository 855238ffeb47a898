"""2D human keypoints in, 3D human motion out. See https://www.python.org/dev/peps/pep-0562."""

__version__ = "0.1.0"
