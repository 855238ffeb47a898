"""Ctrl-C is heeded between two batches, so that no half batch is kept; twice, at once."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def between_batches() -> Iterator[Callable[[], bool]]:
    """Within, the first Ctrl-C is noted, which is told when asked, and the next is the usual one.

    Only the main thread is told of Ctrl-C; elsewhere nothing changes.
    """
    asked = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
