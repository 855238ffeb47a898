"""Files that appear whole or not at all."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place once it has been written without error.

    Until then, and if anything goes wrong, what lay at `path` before stays as it was.
    """
    with _draft(path) as draft:
        yield draft
        _settle(draft)
        draft.replace(path)


def write_by_content(path: Path, write: Callable[[Path], None]) -> Path:
    """Write a file, whole or not at all, whose name gets the hash of its content; the path.

    Two processes that write at the same time never write over each other's file, unless it is
    the same.
    """
    with _draft(path) as draft:
        write(draft)
        with draft.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        _settle(draft)
        return draft.replace(path.with_stem(f"{path.stem}-{digest[:16]}"))


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """An empty file beside `path` that is gone afterwards, unless it has been moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _settle(draft: Path) -> None:
    """Bring a finished draft to the disk, with the permissions of any new file."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.chmod(0o666 & ~_umask())


def _umask() -> int:
    """The process's mask for new files, which the system tells only by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_json(path: Path, content: Any) -> None:
    """Write plain data as JSON, whole or not at all."""
    with whole(path) as draft:
        draft.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", "utf-8")
