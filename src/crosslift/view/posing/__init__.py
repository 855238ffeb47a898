"""A body that is posed by hand on a page of the browser, and the files that it becomes."""

from .cameras import Offered, offered
from .keyframes import Keyframes, motion_of
from .page import Saving, page_text, write_pose_page
from .pose_file import keyframes_of, read_pose, words_of, write_pose
from .saving import check_paths, save
from .server import PoseServer
from .start import Start, from_recording, lengths_of, on_the_floor

__all__ = [
    "Keyframes",
    "Offered",
    "PoseServer",
    "Saving",
    "Start",
    "check_paths",
    "from_recording",
    "keyframes_of",
    "lengths_of",
    "motion_of",
    "offered",
    "on_the_floor",
    "page_text",
    "read_pose",
    "save",
    "words_of",
    "write_pose",
    "write_pose_page",
]
