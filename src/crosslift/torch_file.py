"""Checkpoints of PyTorch, read without PyTorch's reader, so that none of them can run code.

Three forms of file are known: the zip archive that `torch.save` has written since version 1.6, the
row of pickles and storages that it wrote before, and safetensors. The first two describe tensors in
a pickle, which the importer's machine reads. What comes back is plain data, tensors among it; an
optimiser's or a generator's objects are placeholders.

The tensors are views of the file, mapped into memory: whoever keeps them keeps it open.
"""

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file

from .errors import CheckpointError, DataError
from .pickle_machine import ForbiddenNameError, Machine, Stream, finished, sensible
from .stored_zip import Member, stored_members
from .torch_tensors import TORCH_NAMES, Storages

MAGIC = 0x1950A86A20F9469CFC6C
"""With which the older form begins, as a pickle of its own."""
VERSION = 1001
OTHER_ORDER = (
    "its numbers should begin with their least byte, but it says otherwise; save it anew on a "
    "machine that is common today."
)
LONGEST = 400_000
"""Instructions of a pickle; that of HRNet with its optimiser, the longest we know, has 160,000."""


def read_torch_file(path: Path) -> Any:
    """The plain data in a checkpoint: dictionaries, lists, numbers, text, tensors, placeholders."""
    with _sentences(path):
        if path.suffix.lower() == ".safetensors":
            return _safetensors(path)
        if not path.stat().st_size:
            raise DataError("it is empty; copy or download it anew.")
        with path.open("rb") as file:
            # A private copy, page by page and only where something is written to.
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        if whole[:2] == b"PK":
            return _zip(whole)
        if whole[257:262] == b"ustar":
            raise DataError(
                "it is a tar archive, as PyTorch wrote before 2017; save it anew with a PyTorch "
                "that can still read it."
            )
        return _legacy(whole)


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """Turn what goes wrong into one sentence that names the file."""
    try:
        yield
    except FileNotFoundError as problem:
        raise CheckpointError(f'"{path}" should be a checkpoint, but does not exist.') from problem
    except ForbiddenNameError as problem:
        raise CheckpointError(
            f'"{path}" should hold weights and numbers, but names "{problem.name}" and is refused, '
            "since it may run code; ask its author for the state_dict() alone."
        ) from problem
    except (DataError, OSError) as problem:
        words = " ".join(str(problem).split())[:400]
        reason = "".join(letter if letter.isprintable() else "?" for letter in words)
        raise CheckpointError(f'"{path}" could not be read as a checkpoint: {reason}') from problem


def _safetensors(path: Path) -> Any:
    try:
        return load_file(path)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as problem:
        raise DataError(
            f"it should be a whole safetensors file, but is none ({problem}); copy or download it "
            "anew."
        ) from problem


def _zip(whole: mmap.mmap) -> Any:
    members = _members(whole)
    folder, pickled = _pickle(members)
    order = members.get(f"{folder}byteorder")
    if order is not None and bytes(order.data[:8]) != b"little":
        raise DataError(OTHER_ORDER)

    def storage(key: str) -> memoryview:
        name = f"{folder}data/{key}"
        if name not in members:
            raise ValueError(f'the storage "{key[:40]}" is missing')
        return members[name].checked()

    with sensible():
        storages = Storages(len(whole), storage)
        return finished(_machine(storages).run(BytesIO(pickled.checked())))


def _members(whole: mmap.mmap) -> dict[str, Member]:
    """The parts of the archive."""
    try:
        return stored_members(memoryview(whole))
    except (ValueError, struct.error) as problem:
        raise DataError(
            f"it should be a whole archive as PyTorch writes it, but is none ({problem}); copy or "
            "download it anew."
        ) from problem


def _pickle(members: dict[str, Member]) -> tuple[str, Member]:
    """The archive's folder, as the beginning of a name, and the pickle in it."""
    if any(name.endswith("/constants.pkl") for name in members):
        raise DataError(
            "it is a program of TorchScript and holds code; save the state_dict() of the network "
            "instead."
        )
    found = [name for name in members if name.endswith("data.pkl") and name.count("/") < 2]
    if len(found) != 1 or found[0].rpartition("/")[2] != "data.pkl":
        some = ", ".join(f'"{name}"' for name in list(members)[:4]) or "nothing"
        raise DataError(
            f'it is a zip archive in which one "data.pkl" should lie in a folder, but it holds '
            f"{some}; give the file as torch.save wrote it, not one that was packed anew."
        )
    return found[0].removesuffix("data.pkl"), members[found[0]]


def _machine(storages: Storages) -> Machine:
    return Machine(TORCH_NAMES, storages.mentioned, LONGEST)


def _legacy(whole: mmap.mmap) -> Any:
    """Pickles of a magic number, a version, the machine, the data and keys; then the storages."""
    storages = Storages(len(whole))
    with sensible():
        _check_beginning(whole)
        content = _machine(storages).run(whole)
        keys = _plain(whole)
        if not isinstance(keys, list) or sorted(keys) != sorted(storages.by_key):
            raise ValueError("its list of storages is not that of its tensors")
        view = memoryview(whole)
        place = whole.tell()
        for key in keys:
            storage = storages.by_key[key]
            count = int.from_bytes(view[place : place + 8], "little")
            if count != storage.count:
                raise ValueError(f'the storage "{key}" has {count:,} numbers and claims others')
            storage.fill(view[place + 8 : place + 8 + storage.bytes])
            place += 8 + storage.bytes
        return finished(content)


def _check_beginning(whole: mmap.mmap) -> None:
    """Refuse what is not of the older form."""
    beginning = whole[:64]
    try:
        honest = _plain(BytesIO(beginning)) == MAGIC
    except (DataError, ValueError, IndexError, TypeError, KeyError) as problem:
        raise DataError(_no_checkpoint(beginning)) from problem
    if not honest:
        raise DataError(_no_checkpoint(beginning))
    _plain(whole)
    version, machine = _plain(whole), _plain(whole)
    if version != VERSION:
        raise DataError(f"its form should be {VERSION}, but is {version}; save it anew.")
    if not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise DataError(OTHER_ORDER)


def _plain(stream: Stream) -> Any:
    """A pickle that holds neither arrays nor tensors."""
    return Machine({}, longest=LONGEST).run(stream)


def _no_checkpoint(beginning: bytes) -> str:
    return (
        "it should begin as torch.save has files begin, but begins with "
        f'"{beginning[:8].hex(" ")}"; download it anew if it was saved as a web page, and save '
        "other pickles with torch.save."
    )
