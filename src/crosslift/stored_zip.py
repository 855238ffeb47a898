"""The members of a zip archive in which nothing is packed, as PyTorch writes it.

Nothing is unpacked and nothing copied: a member is a view of the file, and so no archive can grow
beyond itself. What PyTorch never writes is refused: packed or encrypted members, two of one name,
two that overlap, names that lead out of the archive.
"""

import zlib
from collections.abc import Iterator
from itertools import pairwise
from struct import Struct
from typing import NamedTuple

MOST_MEMBERS = 50_000
END = Struct("<4s4H2LH")
END_64 = Struct("<4sQ2H2L4Q")
END_64_PLACE = Struct("<4sLQL")
ENTRY = Struct("<4s6H3L5H2L")
LOCAL = Struct("<4s5H3L2H")
EXTRA = Struct("<2H")
FULL, FULL_SHORT = 0xFFFFFFFF, 0xFFFF
"""In the place of a number that is written with 64 bits elsewhere."""


class Member(NamedTuple):
    """One member."""

    name: str
    data: memoryview
    crc: int
    header: int
    """Where in the file it begins."""

    def checked(self) -> memoryview:
        """The data, once its checksum is right; zero means that there is none."""
        if self.crc and zlib.crc32(self.data) != self.crc:
            raise ValueError(f'the checksum of its part "{self.name}" is wrong')
        return self.data


def stored_members(whole: memoryview) -> dict[str, Member]:
    """The members of an archive by name."""
    count, start, size = _directory(whole)
    if count > MOST_MEMBERS:
        raise ValueError(f"it claims {count:,} parts, but has at most {MOST_MEMBERS:,} if honest")
    members: dict[str, Member] = {}
    for member in _entries(whole, count, start, size):
        if member.name in members:
            raise ValueError(f'two of its parts are called "{member.name}"')
        members[member.name] = member
    in_order = sorted(members.values(), key=lambda member: member.header)
    for one, other in pairwise(in_order):
        if one.header + LOCAL.size + len(one.data) > other.header:
            raise ValueError(f'its parts "{one.name}" and "{other.name}" overlap')
    return members


def _directory(whole: memoryview) -> tuple[int, int, int]:
    """The number of entries in the archive's directory, where it begins, and its bytes."""
    tail = max(0, len(whole) - END.size - FULL_SHORT)  # a comment may follow
    place = bytes(whole[tail:]).rfind(b"PK\5\6")
    if place < 0:
        raise ValueError("the directory at its end is missing")
    place += tail
    _, disk, _, _, count, size, start, _ = END.unpack_from(whole, place)
    if FULL_SHORT in (count, disk) or FULL in (size, start):
        found, _, place_64, _ = END_64_PLACE.unpack_from(whole, place - END_64_PLACE.size)
        if found != b"PK\6\7" or place_64 > len(whole) - END_64.size:
            raise ValueError("the directory at its end is damaged")
        *_, count, size, start = END_64.unpack_from(whole, place_64)
    if start + size > len(whole) or count * ENTRY.size > size:
        raise ValueError("the directory at its end does not fit")
    return count, start, size


def _entries(whole: memoryview, count: int, start: int, size: int) -> Iterator[Member]:
    end = start + size
    for _ in range(count):
        (mark, _, _, flags, packing, _, _, crc, packed, plain, name_size, extra_size, comment_size,
         _, _, _, header) = ENTRY.unpack_from(whole, start)  # fmt: skip
        extra = start + ENTRY.size + name_size
        start = extra + extra_size + comment_size
        if mark != b"PK\1\2" or start > end:
            raise ValueError("the directory at its end is damaged")
        name = _name(whole[extra - name_size : extra])
        if packing or flags & 1:
            raise ValueError(f'its part "{name}" is packed or encrypted, as PyTorch packs nothing')
        plain, packed, header = _wide(whole[extra : extra + extra_size], plain, packed, header)
        if plain != packed:
            raise ValueError(f'its part "{name}" has two sizes')
        yield Member(name, _data(whole, name, header, plain), crc, header)


def _name(raw: memoryview) -> str:
    """The name of a member, once it is known to stay in the archive."""
    name = bytes(raw).decode("utf-8")
    if not name.isprintable() or "\\" in name or ":" in name[:2]:
        raise ValueError("the name of a part is none that PyTorch gives")
    if name.startswith("/") or ".." in name.split("/"):
        raise ValueError(f'the name of its part "{name}" leads out of it')
    return name


def _wide(extra: memoryview, *numbers: int) -> list[int]:
    """Numbers of an entry, those of 64 bits taken from its extra field, where they are in order."""
    wide: list[int] = []
    place = 0
    while place + EXTRA.size <= len(extra):
        kind, size = EXTRA.unpack_from(extra, place)
        place += EXTRA.size
        if kind == 1:
            raw = bytes(extra[place : place + size])
            wide = [int.from_bytes(raw[i : i + 8], "little") for i in range(0, len(raw), 8)]
        place += size
    fields = iter(wide)
    found = [next(fields, None) if number == FULL else number for number in numbers]
    if None in found:
        raise ValueError("the size of a part is missing")
    return [number for number in found if number is not None]


def _data(whole: memoryview, name: str, header: int, size: int) -> memoryview:
    """The data of a member, once what stands before it agrees with the directory."""
    if header > len(whole) - LOCAL.size:
        raise ValueError(f'its part "{name}" lies outside of it')
    mark, *_, name_size, extra_size = LOCAL.unpack_from(whole, header)
    begin = header + LOCAL.size
    if mark != b"PK\3\4" or bytes(whole[begin : begin + name_size]) != name.encode():
        raise ValueError(f'its part "{name}" is called otherwise where it lies')
    begin += name_size + extra_size
    if begin + size > len(whole):
        raise ValueError(f'its part "{name}" is cut off')
    return whole[begin : begin + size]
