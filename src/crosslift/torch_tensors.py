"""The tensors of a PyTorch checkpoint, and the names that describe them in its pickle.

A checkpoint's numbers lie in storages beside the pickle; a tensor in the pickle is a storage's key
with an offset, sizes and strides. All of that is checked before a tensor is made, and a tensor is a
view of its storage, which is a view of the file: nothing is copied.
"""

from collections.abc import Callable
from math import prod
from typing import Any, cast

import torch
from torch import Tensor

from .importer import HARMLESS
from .pickle_machine import (
    LeftOut,
    Name,
    Names,
    Placeholder,
    Unfinished,
    key_of,
    left_out,
    never_called,
)

TIMES_THE_FILE = 8
"""By how much all tensors together may exceed the file, since some share what they hold."""
SPARE = 1 << 20
MOST_AXES = 32
LONGEST = 1 << 48
"""Elements that no axis reaches, so that nothing overflows."""
ALIGNED = 16
"""Bytes of the widest number, at multiples of which numbers have to lie."""

STORAGES = {
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
    "ComplexFloatStorage": torch.complex64,
    "ComplexDoubleStorage": torch.complex128,
}
"""Element types by the names of old storages; new ones are untyped."""
UNTYPED = (Name("torch.storage", "UntypedStorage"), Name("torch", "UntypedStorage"))
STORAGE_TYPES: dict[Name, torch.dtype] = {
    Name(module, name): dtype
    for module in ("torch", "torch.cuda")
    for name, dtype in STORAGES.items()
} | dict.fromkeys(UNTYPED, torch.uint8)
UNSIGNED = {Name("torch", f"uint{bits}"): getattr(torch, f"uint{bits}") for bits in (16, 32, 64)}
DTYPES = [Name("torch", str(dtype).removeprefix("torch.")) for dtype in STORAGES.values()]


class Storages:
    """The storages that a pickle has mentioned, by key, and how much their tensors may hold.

    Args:
        size: Bytes of the file.
        find: The bytes of a storage; none where those come after the pickle.
    """

    def __init__(self, size: int, find: Callable[[str], memoryview] | None = None) -> None:
        self.left = TIMES_THE_FILE * size + SPARE
        self.find = find
        self.by_key: dict[str, Storage] = {}

    def mentioned(self, identity: Any) -> "Storage":
        """The storage, or the part of one, that a persistent id of PyTorch describes."""
        kind, of, key, _, count, *view = identity
        if kind not in ("storage", b"storage") or not isinstance(key, str):
            raise ValueError("it refers to something that is no storage")
        if of not in STORAGE_TYPES or not _is_count(count):
            raise ValueError(f"a storage of {of} and {count} elements cannot be")
        if key not in self.by_key:
            self.by_key[key] = Storage(self, key, STORAGE_TYPES[of], count)
        storage = self.by_key[key]
        if (storage.dtype, storage.count) != (STORAGE_TYPES[of], count):
            raise ValueError(f'the storage "{key}" is described in two ways')
        return storage.part(*view[0][1:]) if view and view[0] is not None else storage


class Storage(Unfinished):
    """Numbers in a row, which tensors share."""

    def __init__(
        self, of: Storages, key: str, dtype: torch.dtype, count: int, first: int = 0
    ) -> None:
        self.of, self.key, self.dtype, self.count, self.first = of, key, dtype, count, first
        self.octets: Tensor | None = None

    @property
    def bytes(self) -> int:
        """How many there are."""
        return self.count * self.dtype.itemsize

    def part(self, first: int, count: int) -> "Storage":
        """Some of the numbers as a storage of their own, which very old files have."""
        if not _is_count(first) or not _is_count(count) or first + count > self.count:
            raise ValueError(f'a part of the storage "{self.key}" lies outside of it')
        return Storage(self.of, self.key, self.dtype, count, first)

    def fill(self, data: memoryview) -> None:
        """Take over the bytes of the whole storage."""
        if len(data) != self.bytes:
            raise ValueError(
                f'the storage "{self.key}" has {len(data):,} bytes, where {self.bytes:,} belong'
            )
        if not data:
            self.octets = torch.empty(0, dtype=torch.uint8)
            return
        octets = torch.frombuffer(data, dtype=torch.uint8)
        if self.dtype == torch.bool and octets.amax() > 1:
            raise ValueError(f'the storage "{self.key}" of truth values holds others')
        self.octets = octets if octets.data_ptr() % ALIGNED == 0 else octets.clone()

    def values(self, dtype: torch.dtype) -> Tensor:
        """The numbers as a tensor of one axis."""
        whole = self.of.by_key[self.key]
        if whole.octets is None:
            if self.of.find is None:
                raise ValueError(f'the storage "{self.key}" is missing')
            whole.fill(self.of.find(self.key))
        octets = cast(Tensor, whole.octets)
        octets = octets.narrow(0, self.first * self.dtype.itemsize, self.bytes)
        if octets.numel() % dtype.itemsize:
            raise ValueError(f'the storage "{self.key}" is cut within a number')
        return octets.view(dtype)

    def finished(self) -> Placeholder:
        """A storage that no tensor wraps is of no use."""
        return Placeholder("torch.storage.UntypedStorage")


class StoredTensor(Unfinished):
    """A tensor as a pickle describes it."""

    def __init__(
        self, storage: Any, offset: Any, size: Any, stride: Any, dtype: torch.dtype | None = None
    ) -> None:
        if not isinstance(storage, Storage):
            raise ValueError("a tensor has no storage")
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride
        self.dtype = dtype or storage.dtype

    def build(self, state: Any) -> None:
        """Use nothing of the attributes that someone gave the tensor."""

    def finished(self) -> Tensor:
        """The tensor, once it is known to lie in its storage."""
        size, stride, offset = self.size, self.stride, self.offset
        if not _are_counts(size) or not _are_counts(stride) or not _are_counts((offset,)):
            raise ValueError("a tensor has sizes or strides that cannot be")
        if len(size) != len(stride):
            raise ValueError(f"a tensor of {size} has strides of {stride}")
        storage, count = self.storage, prod(size)
        held = storage.bytes // self.dtype.itemsize
        last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
        if count and last >= held:
            raise ValueError(f"a tensor of {size} lies outside its {held:,} numbers")
        if count > held:  # strides of zero make much of little
            raise ValueError(f"a tensor of {size} is made of no more than {held:,} numbers")
        storage.of.left -= count * self.dtype.itemsize
        if storage.of.left < 0:
            raise ValueError("its tensors hold many times what the file does")
        if count:
            return storage.values(self.dtype).as_strided(size, stride, offset)
        if prod(n for n in size if n) >= LONGEST:
            raise ValueError(f"an empty tensor of {size} cannot be")
        return torch.empty(size, dtype=self.dtype)


def _is_count(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < LONGEST


def _are_counts(numbers: Any) -> bool:
    fits = isinstance(numbers, tuple | list) and len(numbers) <= MOST_AXES
    return fits and all(map(_is_count, numbers))


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *ignored: Any) -> StoredTensor:
    """PyTorch's second form, whose further arguments concern gradients."""
    return StoredTensor(storage, offset, size, stride)


def _typed_tensor(
    storage: Any, offset: Any, size: Any, stride: Any, gradient: Any, hooks: Any, dtype: Any,
    *ignored: Any,
) -> StoredTensor:  # fmt: skip
    """The third form, for element types that have no storage of their own."""
    return StoredTensor(storage, offset, size, stride, UNSIGNED[dtype])


def _parameter(data: Any, *ignored: Any) -> Any:
    """What the parameter holds."""
    return data


def _of_type(how: Any, of: Any, arguments: Any, state: Any) -> Any:
    """A tensor to which someone gave attributes."""
    return REBUILT[how](*arguments)


def _empty(*ignored: Any) -> dict[Any, Any]:
    return {}


def _dictionary(entries: Any = ()) -> dict[Any, Any]:
    pairs = entries.items() if isinstance(entries, dict) else entries
    return {key_of(key): value for key, value in pairs}


def _set(items: Any = ()) -> set[Any]:
    return {key_of(item) for item in items}


def _all_of(module: str, *names: str) -> list[Name]:
    return [Name(module, name) for name in names]


REBUILT: Names = {
    Name("torch._utils", "_rebuild_tensor"): _tensor,
    Name("torch._utils", "_rebuild_tensor_v2"): _tensor,
    Name("torch._utils", "_rebuild_tensor_v3"): _typed_tensor,
}
"""What describes a tensor."""

OPTIMISERS = {
    "adadelta": "Adadelta", "adagrad": "Adagrad", "adam": "Adam", "adamax": "Adamax",
    "adamw": "AdamW", "asgd": "ASGD", "nadam": "NAdam", "radam": "RAdam", "rmsprop": "RMSprop",
    "rprop": "Rprop", "sgd": "SGD", "lbfgs": "LBFGS",
}  # fmt: skip
SCHEDULES = (
    "LambdaLR", "MultiplicativeLR", "StepLR", "MultiStepLR", "ConstantLR", "LinearLR",
    "ExponentialLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR",
    "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "ChainedScheduler",
)  # fmt: skip
RANDOM = [
    *_all_of("numpy.random", "__RandomState_ctor", "RandomState"),
    *_all_of("numpy.random.mtrand", "RandomState"),
    *_all_of(
        "numpy.random._pickle",
        "__randomstate_ctor",
        "__generator_ctor",
        "__bit_generator_ctor",
    ),
    *_all_of("numpy.random._mt19937", "MT19937"),
    *_all_of("numpy.random._pcg64", "PCG64", "PCG64DXSM"),
    *_all_of("numpy.random._philox", "Philox"),
    *_all_of("numpy.random._sfc64", "SFC64"),
    *_all_of("numpy.random.bit_generator", "SeedSequence", "__pyx_unpickle_SeedSequence"),
]
PATHS = [
    Name(module, name)
    for module in ("pathlib", "pathlib._local")
    for name in ("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath")
]

TORCH_NAMES: Names = {
    **HARMLESS,
    **REBUILT,
    Name("torch._utils", "_rebuild_parameter"): _parameter,
    Name("torch._utils", "_rebuild_parameter_with_state"): _parameter,
    Name("torch._tensor", "_rebuild_from_type_v2"): _of_type,
    Name("torch", "Size"): lambda sizes=(): tuple(sizes),
    Name("torch", "device"): lambda *_: LeftOut(Name("torch", "device")),
    Name("builtins", "set"): _set,
    Name("__builtin__", "set"): _set,
    Name("builtins", "frozenset"): _set,
    Name("__builtin__", "frozenset"): _set,
    Name("collections", "defaultdict"): _empty,
    Name("collections", "Counter"): _dictionary,
    **never_called(
        *STORAGE_TYPES,
        *DTYPES,
        *UNSIGNED,
        *_all_of("torch.storage", "TypedStorage", "_TypedStorage"),
        *_all_of("torch.nn.parameter", "Parameter", "Buffer"),
        *_all_of("torch", "Tensor", "strided"),
        *_all_of("builtins", "list", "dict", "int", "float", "str"),
        *_all_of("__builtin__", "list", "dict", "int", "float", "unicode", "str"),
    ),
    **left_out(
        *RANDOM,
        *PATHS,
        *(Name(f"torch.optim.{module}", name) for module, name in OPTIMISERS.items()),
        *_all_of("torch.optim.lr_scheduler", *SCHEDULES),
        *_all_of("argparse", "Namespace"),
        *_all_of("types", "SimpleNamespace"),
        *_all_of("easydict", "EasyDict"),
        *_all_of("yacs.config", "CfgNode"),
        *_all_of("datetime", "datetime", "timedelta", "date"),
        *_all_of("uuid", "UUID"),
    ),
}
"""All names that a checkpoint may hold; any other refuses the file."""
