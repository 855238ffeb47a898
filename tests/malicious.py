"""Files that would run code, fill the memory or never end, if they were read as they ask to be.

Whatever of them runs leaves a marker file behind. `PAYLOADS` is for every command that takes a
file: see `test_malicious`.
"""

import gzip
import io
import json
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

MAGIC = 0x1950A86A20F9469CFC6C


class Payload(NamedTuple):
    """One file."""

    name: str
    suffix: str
    make: Callable[[Path], bytes]
    """Its bytes; the path is that of the marker which it tries to leave."""


class Call:
    """Is replaced by what a function returns when an honest unpickler reads it."""

    def __init__(self, function: object, *arguments: object, state: object = None) -> None:
        self.parts = (function, arguments) if state is None else (function, arguments, state)

    def __reduce__(self) -> tuple:
        return self.parts


def named(module: str, name: str) -> bytes:
    """The instruction for a name."""
    return f"c{module}\n{name}\n".encode()


def call(module: str, name: str, *arguments: object) -> bytes:
    """A program that calls a name and stops."""
    return b"\x80\x02" + named(module, name) + body(arguments) + b"R."


def body(data: object) -> bytes:
    """The instructions that push plain data."""
    return pickle.dumps(data, 2)[2:-1]


def zipped(program: bytes, storages: dict[str, bytes] | None = None, **changes: object) -> bytes:
    """A file as `torch.save` writes it today, around any pickle."""
    members: dict[str, object] = {
        "archive/data.pkl": program,
        "archive/byteorder": b"little",
        **{f"archive/data/{key}": raw for key, raw in (storages or {}).items()},
        "archive/version": b"3\n",
    }
    return packed((members | changes).items())


def packed(members: object, packing: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        for name, content in members:  # type: ignore[attr-defined]
            archive.writestr(name, content)
    return stream.getvalue()


def legacy(program: bytes, after: bytes | None = None, version: object = 1001) -> bytes:
    """A file as `torch.save` wrote it before, around any pickle."""
    machine = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
    before = b"".join(pickle.dumps(part, 2) for part in (MAGIC, version, machine))
    return before + program + (pickle.dumps([], 2) if after is None else after)


def tensor(
    size: object = (2,),
    stride: object = (1,),
    offset: object = 0,
    count: object = 2,
    storage: str = "FloatStorage",
    key: object = "0",
) -> bytes:
    """A program for one tensor."""
    kept = b"(" + body("storage") + named("torch", storage) + body(key) + body("cpu") + body(count)
    arguments = b"(" + kept + b"tQ" + body(offset) + body(size) + body(stride) + body(False)
    rebuild = named("torch._utils", "_rebuild_tensor_v2")
    return b"\x80\x02" + rebuild + arguments + b"}tR."


def kept_as(identity: bytes) -> bytes:
    """A program whose data lies under a persistent id."""
    return zipped(b"\x80\x02" + identity + b"Q.", {"0": bytes(8)})


def weights(numbers: int = 4) -> bytes:
    """An honest file."""
    stream = io.BytesIO()
    torch.save({"weight": torch.ones(numbers)}, stream)
    return stream.getvalue()


def safetensors(header: object, data: bytes = bytes(16), length: int | None = None) -> bytes:
    """A safetensors file with any header."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def entry(shape: list[int], begin: int, end: int, dtype: str = "F32") -> dict:
    """What a header says of a tensor."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def many_copies() -> bytes:
    """A list of two thousand pairs, of which a hundred thousand dictionaries are to be made."""
    pairs = body([(str(i), i) for i in range(2_000)])
    again = named("collections", "OrderedDict") + b"j\xff\xff\x00\x00\x85Ra"
    return b"\x80\x02" + pairs + b"r\xff\xff\x00\x000]" + again * 100_000 + b"."


def laughs(levels: int = 30) -> bytes:
    """Lists that hold each other ten times over."""
    one = b"](" + b"h\x00" * 10 + b"eq\x00"
    return b"\x80\x02]K\x01aq\x00" + one * levels + b"."


def same_hash() -> bytes:
    """A dictionary whose keys all have the same hash."""
    keys = (body(number * (2**61 - 1)) for number in range(1, 30_000))
    return b"\x80\x02}" + b"".join(key + b"Ns" for key in keys) + b"."


def deep_key() -> bytes:
    """A key of pairs of pairs of pairs, whose hash takes for ever."""
    return b"\x80\x02})" + b"q\x00h\x00\x86" * 60 + b"Ns."


def changed(raw: bytes, place: int, to: bytes) -> bytes:
    """A copy with other bytes at a place."""
    return raw[:place] + to + raw[place + len(to) :]


def directory(raw: bytes, field: int, to: bytes) -> bytes:
    """An archive whose first entry in the directory says something else."""
    return changed(raw, raw.index(b"PK\1\2") + field, to)


def ending(raw: bytes, field: int, to: bytes) -> bytes:
    """An archive whose very end says something else."""
    return changed(raw, raw.rindex(b"PK\5\6") + field, to)


def tar(content: bytes) -> bytes:
    """The oldest form of a checkpoint."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        info = tarfile.TarInfo("pickle")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def twice(name: str) -> Iterator[tuple[str, bytes]]:
    """Members two of which have one name."""
    yield from (("archive/data.pkl", body({}) + b"."), (name, b"ab"), (name, b"cd"))


def objects(marker: Path) -> bytes:
    """An array of objects, as NumPy writes it."""
    stream = io.BytesIO()
    np.save(stream, np.array([Call(Path.touch, marker)], dtype=object), allow_pickle=True)
    return stream.getvalue()


def object_archive(marker: Path) -> bytes:
    """The same in an archive."""
    return packed({"arr_0.npy": objects(marker)}.items())


def touch(marker: Path) -> str:
    """A command of the shell."""
    return f"touch {marker}"


def python(marker: Path) -> str:
    """A line of Python."""
    return f"open({str(marker)!r}, 'w').close()"


def calls(module: str, name: str, line: Callable[[Path], object] = touch) -> Callable:
    """Calls a name with one argument, in a file of today's form."""
    return lambda marker: zipped(call(module, name, line(marker)))


def always(raw: Callable[[], bytes]) -> Callable[[Path], bytes]:
    """Bytes in which the marker does not occur."""
    return lambda _: raw()


ATTRIBUTES = named("types", "SimpleNamespace") + b")R"

NAMES = [
    ("os.system", "os", "system", touch),
    ("posix.system", "posix", "system", touch),
    ("nt.system", "nt", "system", touch),
    ("os.popen", "os", "popen", touch),
    ("subprocess.getoutput", "subprocess", "getoutput", touch),
    ("subprocess.Popen", "subprocess", "Popen", lambda marker: ["touch", str(marker)]),
    ("pty.spawn", "pty", "spawn", lambda marker: ["touch", str(marker)]),
    ("eval", "builtins", "eval", python),
    ("exec", "builtins", "exec", python),
    ("exec of Python 2", "__builtin__", "exec", python),
    ("compile", "builtins", "compile", python),
    ("open", "builtins", "open", str),
    ("__import__", "builtins", "__import__", lambda _: "antigravity"),
    ("importlib", "importlib", "import_module", lambda _: "antigravity"),
    ("runpy", "runpy", "run_path", str),
    ("timeit", "timeit", "timeit", python),
    ("cProfile", "cProfile", "run", python),
    ("torch.load", "torch", "load", str),
    ("torch.hub", "torch.hub", "load_state_dict_from_url", lambda _: "http://localhost/x"),
    ("torch.jit", "torch.jit", "load", str),
    ("torch.storage loads", "torch.storage", "_load_from_bytes", lambda _: weights()),
    ("numpy.load", "numpy", "load", str),
    ("numpy runstring", "numpy.testing._private.utils", "runstring", python),
    ("pickle.loads", "pickle", "loads", lambda marker: call("os", "system", touch(marker))),
    ("marshal.loads", "marshal", "loads", lambda _: b"N"),
    ("functools.partial", "functools", "partial", lambda _: print),
    ("operator", "operator", "attrgetter", lambda _: "__class__"),
    ("a dotted name", "builtins", "exec.__call__", python),
    ("a name with a line break and a colour", "os\\n\x1b[31m", "system", touch),
    ("a whole network", "torch.nn.modules.linear", "Linear", lambda _: 3),
]

PROGRAMS = {
    "getattr of a module": lambda marker: pickle.dumps(
        Call(getattr, Call(__import__, "os"), "system"), 2
    ),
    "a call within a call": lambda marker: pickle.dumps(
        {"state_dict": Call(list, [Call(exec, python(marker))])}, 2
    ),
    "a call as a key": lambda marker: pickle.dumps({"a": {"b": [Call(exec, python(marker))]}}, 4),
    "types.CodeType": lambda marker: call("types", "CodeType", 0),
    "a name off the stack": lambda marker: (
        b"\x80\x04\x8c\x02os\x8c\x06system\x93" + body((touch(marker),)) + b"R."
    ),
    "INST": lambda marker: b"(S'" + touch(marker).encode() + b"'\nios\nsystem\n.",
    "OBJ": lambda marker: b"(" + named("os", "system") + body(touch(marker)) + b"o.",
    "NEWOBJ": lambda marker: (
        b"\x80\x02" + named("subprocess", "Popen") + body((touch(marker),)) + b"\x81."
    ),
    "NEWOBJ_EX": lambda marker: (
        b"\x80\x04" + named("subprocess", "Popen") + body((touch(marker),)) + b"}\x92."
    ),
    "EXT": lambda marker: b"\x80\x02\x82\x01.",
    "an allowed name called as a function": lambda marker: call("torch", "float32", 1),
    "a text called as a function": lambda marker: b"\x80\x02" + body("os.system") + b")R.",
    "__setstate__ of a list": lambda marker: b"\x80\x02]" + body({"__setstate__": 1}) + b"b.",
    "__reduce__ by __dict__": lambda marker: (
        b"\x80\x02" + ATTRIBUTES + b"}" + body("__reduce__") + named("os", "system") + b"sb."
    ),
    "a tensor of another type, made by a call": lambda marker: (
        b"\x80\x02" + named("torch._tensor", "_rebuild_from_type_v2") + b"("
        + named("os", "system") + named("torch", "Tensor") + body((touch(marker),)) + b"}tR."
    ),
    "a tensor whose hook is a call": lambda marker: (
        tensor()[:-4] + call("os", "system", touch(marker))[2:-1] + b"tR."
    ),
    "a text that claims to be endless": lambda _: b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7f.",
    "a number of too many digits": lambda _: b"I" + b"9" * 1_000_000 + b"\n.",
    "no end": lambda _: b"\x80\x02}",
    "no instruction": lambda _: b"\x80\x02\xff.",
    "an array of more than it has": lambda _: pickle.dumps(np.arange(4, dtype=np.int32), 2).replace(
        b"K\x04\x85", b"K\x7f\x85"
    ),
    "a code page": lambda marker: call("_codecs", "encode", "a", "unicode_escape"),
    "a codec that unpacks": lambda _: call("_codecs", "encode", "a", "bz2"),
}  # fmt: skip
"""Pickles, each of which is tried in both forms of file."""

ENDLESS = {
    "dictionaries without end": always(many_copies),
    "laughs without end": always(laughs),
    "keys of one hash": always(same_hash),
    "a key of pairs of pairs": always(deep_key),
    "nested too deep": lambda _: b"\x80\x02" + b"]" * 20_000 + b"a" * 19_999 + b".",
    "tuples nested too deep": lambda _: b"\x80\x02)" + b"\x85" * 20_000 + b".",
    "more instructions than any": lambda _: b"\x80\x02" + b"N0" * 400_000 + b"N.",
}
"""Pickles that would take long; in one form."""

TENSORS = {
    "outside its storage": tensor(size=(3,)),
    "beyond its storage by an offset": tensor(offset=1),
    "of a huge shape": tensor(size=(1 << 40, 1 << 40), stride=(1 << 40, 1)),
    "of a shape that overflows": tensor(size=(1 << 62, 4), stride=(4, 1)),
    "made of one number": tensor(size=(1 << 33,), stride=(0,)),
    "with a negative stride": tensor(stride=(-1,), offset=1),
    "with a negative size": tensor(size=(-2,)),
    "with a negative offset": tensor(offset=-1),
    "with a stride too few": tensor(size=(1, 2)),
    "of too many axes": tensor(size=(1,) * 1000, stride=(1,) * 1000),
    "of half a number": tensor(size=(1.5,)),
    "empty and huge": tensor(size=(0, 1 << 62), stride=(1, 1)),
    "of a storage with more numbers than bytes": tensor(count=3),
    "of a storage with fewer numbers than bytes": tensor(count=1, size=(1,)),
    "of a storage with a huge count": tensor(count=1 << 70),
    "of a storage that is not there": tensor(key="1"),
    "of a storage elsewhere": tensor(key="../../../etc/passwd"),
    "of a storage whose key is a number": tensor(key=0),
    "of a storage of an unknown type": tensor(storage="QInt8Storage"),
    "of truth values that are none": tensor(storage="BoolStorage", size=(8,), count=8),
}

NUMBERS = {"0": b"\xff" * 8}
"""The storage of these tensors, and its key."""

IDENTITIES = {
    "of a call": body(("storage",)) + b"0" + call("os", "system", "true")[2:-1],
    "that is no tuple": body("storage"),
    "of a module": body(("module", "Net", "net.py", "import os")),
    "that is too short": body(("storage",)),
    "whose type is a text": body(("storage", "FloatStorage", "0", "cpu", 2)),
}

PLAIN = body({}) + b"."

ARCHIVES = {
    "packed members": lambda marker: packed(
        {"archive/data.pkl": PLAIN, "archive/data/0": bytes(1000)}.items(), zipfile.ZIP_DEFLATED
    ),
    "a bomb": lambda marker: packed(
        {"archive/data.pkl": PLAIN, "archive/data/0": bytes(30 << 20)}.items(),
        zipfile.ZIP_DEFLATED,
    ),
    "a bomb of another packing": lambda marker: packed(
        {"archive/data.pkl": PLAIN, "archive/data/0": bytes(1 << 20)}.items(), zipfile.ZIP_LZMA
    ),
    "two members of one name": lambda marker: packed(twice("archive/data/0")),
    "two pickles": lambda marker: zipped(PLAIN, **{"other/data.pkl": call("os", "system", "true")}),
    "a name that leads out": lambda marker: zipped(PLAIN, **{"archive/../../x": b"x"}),
    "a name from the root": lambda marker: zipped(PLAIN, **{"/etc/passwd": b"x"}),
    "a name with a backslash": lambda marker: zipped(PLAIN, **{"archive\\..\\x": b"x"}),
    "an archive in an archive": lambda marker: zipped(zipped(call("os", "system", touch(marker)))),
    "an archive without a pickle": lambda marker: packed({"a.txt": b"a"}.items()),
    "an array of objects": object_archive,
    "a program of TorchScript": lambda marker: zipped(
        PLAIN, **{"archive/constants.pkl": PLAIN, "archive/code/net.py": python(marker)}
    ),
    "numbers the other way round": lambda marker: zipped(PLAIN, **{"archive/byteorder": b"big"}),
    "numbers in no order": lambda marker: zipped(PLAIN, **{"archive/byteorder": b"little" * 9}),
    "a wrong checksum": lambda marker: weights().replace(
        np.ones(4, "<f4").tobytes(), np.full(4, 2, "<f4").tobytes()
    ),
    "a size that is a lie": lambda marker: directory(weights(), 24, b"\xff\xff\xff\x7f"),
    "two sizes": lambda marker: directory(weights(), 20, b"\x01\0\0\0"),
    "a member elsewhere": lambda marker: directory(weights(), 42, b"\xff\xff\xff\x7f"),
    "a member at another": lambda marker: directory(weights(), 42, b"\x01\0\0\0"),
    "an encrypted member": lambda marker: directory(weights(), 8, b"\x01\x08"),
    "more members than bytes": lambda marker: ending(weights(), 10, b"\xff\xfe"),
    "a directory elsewhere": lambda marker: ending(weights(), 16, b"\xff\xff\xff\x7f"),
    "a directory of 64 bits that is none": lambda marker: ending(zipped(PLAIN), 16, b"\xff" * 4),
    "half of it": lambda marker: weights()[: len(weights()) // 2],
    "the first bytes alone": lambda marker: b"PK\3\4",
    "overlapping members": lambda marker: overlapping(),
}


def overlapping() -> bytes:
    """One member that reaches over all that follow it, as the smallest bombs are made."""
    raw = zipped(PLAIN, {"0": bytes(64)})
    begin = raw.index(b"archive/data.pkl") + len("archive/data.pkl")
    end = raw.index(b"PK\1\2")
    size = struct.pack("<L", end - begin)
    crc = struct.pack("<L", zlib.crc32(raw[begin:end]))
    return directory(directory(directory(raw, 16, crc), 20, size), 24, size)


OLD = {
    "a call in the magic number": lambda marker: call("os", "system", touch(marker)),
    "a call in the version": lambda marker: legacy(PLAIN, version=Call(exec, python(marker))),
    "a call in the keys": lambda marker: legacy(
        body({}) + b".", after=call("os", "system", touch(marker))
    ),
    "storages that are cut off": lambda marker: legacy(
        tensor(), pickle.dumps(["0"], 2) + struct.pack("<q", 2) + bytes(3)
    ),
    "storages of another size": lambda marker: legacy(
        tensor(), pickle.dumps(["0"], 2) + struct.pack("<q", 1 << 60) + bytes(8)
    ),
    "a storage that is missing": lambda marker: legacy(tensor()),
    "a storage twice": lambda marker: legacy(
        tensor(), pickle.dumps(["0", "0"], 2) + (struct.pack("<q", 2) + bytes(8)) * 2
    ),
    "another version": lambda marker: legacy(PLAIN, version=7),
    "another magic number": lambda marker: legacy(PLAIN).replace(b"\x19", b"\x18", 1),
    "a tar archive": lambda marker: tar(call("os", "system", touch(marker))),
    "a pickle": lambda marker: pickle.dumps({"a": Call(exec, python(marker))}, 2),
    "a packed pickle": lambda marker: gzip.compress(pickle.dumps(Call(exec, python(marker)))),
    "an array of objects alone": objects,
    "a web page": lambda marker: b"<!DOCTYPE html><title>Sign in</title>",
    "nothing": lambda marker: b"",
    "noise": lambda marker: np.random.default_rng(0).bytes(5000),
    "zeros": lambda marker: bytes(1 << 20),
}

HEADERS = {
    "an endless header": safetensors({}, length=1 << 62),
    "a header longer than the file": safetensors({}, length=10_000),
    "a header that is no JSON": safetensors(b"\x80\x02cos\nsystem\n."),
    "a header nested too deep": safetensors(b'{"a":' * 100_000),
    "a tensor outside the file": safetensors({"a": entry([1 << 20], 0, 1 << 22)}),
    "a tensor of another size": safetensors({"a": entry([5], 0, 16)}),
    "a shape that overflows": safetensors({"a": entry([1 << 62, 4], 0, 16)}),
    "offsets the wrong way round": safetensors({"a": entry([4], 16, 0)}),
    "a negative offset": safetensors({"a": entry([4], -16, 0)}),
    "an unknown element type": safetensors({"a": entry([4], 0, 16, "OBJECT")}),
    "overlapping tensors": safetensors({"a": entry([4], 0, 16), "b": entry([2], 8, 16)}),
    "no header": b"\0" * 4,
    "a pickle under that name": pickle.dumps({"a": 1}),
}


def _payloads() -> Iterator[Payload]:
    """All of them."""
    for name, module, of, line in NAMES:
        yield Payload(f"a call of {name}", ".pth", calls(module.replace("\\n", "\n"), of, line))
    for name, program in PROGRAMS.items():
        yield Payload(
            name, ".bin", lambda marker, made=program: zipped(made(marker), {"0": bytes(8)})
        )
        yield Payload(
            f"{name}, in the old form", ".tar", lambda marker, made=program: legacy(made(marker))
        )
    for name, program in ENDLESS.items():
        yield Payload(name, ".bin", lambda marker, made=program: zipped(made(marker)))
    for name, program in TENSORS.items():
        yield Payload(f"a tensor {name}", ".pt", lambda _, made=program: zipped(made, NUMBERS))
    for name, program in IDENTITIES.items():
        yield Payload(f"a persistent id {name}", ".pt", lambda _, made=program: kept_as(made))
    for name, archive in ARCHIVES.items():
        yield Payload(f"an archive with {name}", ".pth", archive)
    for name, old in OLD.items():
        yield Payload(f"an old file with {name}", ".pth", old)
    for name, raw in HEADERS.items():
        yield Payload(f"safetensors with {name}", ".safetensors", lambda _, made=raw: made)


PAYLOADS = list(_payloads())
"""The whole table."""
