"""A person's bone lengths from keypoints that nobody labelled, and how surely they are known."""

from .estimate import estimate_body, visibility_of_bones
from .person import Body, read_body, write_body

__all__ = ["Body", "estimate_body", "read_body", "visibility_of_bones", "write_body"]
