"""Folders that appear whole or not at all, with the checksums of their files beside them."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .errors import CheckpointError, DataError
from .files import whole

SUMS = "SHA256SUMS"


@contextmanager
def summed(folder: Path, what: str) -> Iterator[Path]:
    """A temporary folder that takes the place of `folder` once it has been filled without error.

    Args:
        what: What the folder is for, with its article: "a detector".
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(
            f'"{folder}" should be a new folder for {what}, but there is something; name another.'
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        yield draft
        made = sorted(draft.iterdir())
        write_sums(draft, [(sha256(file), file.name) for file in made])
        draft.chmod(0o755)
        for file in made:
            file.chmod((draft / SUMS).stat().st_mode)  # libraries may write theirs private
        if folder.exists():
            folder.rmdir()  # which is empty
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def check_sums(folder: Path, names: Sequence[str]) -> None:
    """Refuse a folder whose named files are not those that were written."""
    wanted = read_sums(folder)
    for name in names:
        path = folder / name
        if not path.is_file() or (sha256(path), name) not in wanted:
            raise CheckpointError(
                f'The checksum of "{path}" is not the one that was written with it: the file was '
                "cut off or changed; copy the folder anew."
            )


def read_sums(folder: Path) -> list[tuple[str, str]]:
    """The hashes that a folder lists, each with the name of its file."""
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
        return [(digest, name) for digest, name in (line.split("  ", 1) for line in lines)]
    except (OSError, ValueError) as problem:
        raise CheckpointError(
            f'"{folder / SUMS}" should list the checksums of the files beside it, but {problem}; '
            "copy the folder anew."
        ) from problem


def write_sums(folder: Path, sums: Iterable[tuple[str, str]]) -> None:
    """List hashes and names of files, whole or not at all."""
    with whole(folder / SUMS) as draft:
        draft.write_text("".join(f"{digest}  {name}\n" for digest, name in sums), "utf-8")


def sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
