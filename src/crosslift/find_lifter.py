"""The lifter that a person names: a folder, one that ships with the package, a computed one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import torch

from . import registry
from .adapter_file import read_adapter, with_adapters
from .deploy import load_onnx
from .domain import Domain
from .errors import SettingsError, unknown_name
from .lifter_folder import (
    SETTINGS,
    About,
    is_lifter,
    load_domain,
    load_lifter,
    read_about,
)
from .lifters.direct import Direct
from .protocols import Lifter, StatefulLifter
from .skeletons import H36M_17
from .summed_folder import SUMS
from .uncertainty import Calibration, read_calibration

ONNX = ".onnx"


class Found(NamedTuple):
    """A lifter ready for use, and what is known of it."""

    lifter: Lifter
    about: About
    path: Path | None
    """The folder or the file it was read from."""
    adapters: tuple[Path, ...] = ()
    """The files of what was added to it."""

    @property
    def hash(self) -> str:
        """Of its weights and settings; its name where it has no weights."""
        if self.path is None:
            return self.about.name
        file = self.path / SUMS if self.path.is_dir() else self.path
        told = b"".join(each.read_bytes() for each in (file, *self.adapters))
        return sha256(told).hexdigest()[:16]

    def domain(self) -> Domain | None:
        """What its training data looked like, if its folder tells; with adapters, the last one's.

        An adapter that does not tell leaves it unknown: keypoints that it is for are like others.
        """
        if self.adapters:
            return read_adapter(self.adapters[-1]).domain_of(self.about.skeleton)
        return load_domain(self.path) if self.path is not None and self.path.is_dir() else None

    def calibration(self) -> Calibration | None:
        """How far its hypotheses can be believed, if that was measured; an adapter changes it."""
        if self.adapters or self.path is None or not self.path.is_dir():
            return None
        return read_calibration(self.path)


def shipped() -> dict[str, Path]:
    """The folders of the lifters that come with the package."""
    assets = Path(str(files("crosslift"))) / "assets"
    return {each.parent.name: each.parent for each in sorted(assets.glob(f"*/{SETTINGS}"))}


def named_or_shipped(name: str) -> str:
    """The name of a lifter; where none was said, of the first that comes with the package."""
    found = name or next(iter(shipped()), "")
    if not found:
        raise SettingsError(
            "No lifter comes with this package; name the folder of one with --lifter."
        )
    return found


def find_lifter(
    name: str,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
    *,
    fast: bool = True,
    compiled: bool = False,
    adapters: Sequence[Path] = (),
) -> Found:
    """The lifter of a name or a path, on a device.

    Args:
        adapters: Files of what is to be added to it; refused where they belong to another one.
        fast: Bring its network into the form that only computes poses; it cannot be trained,
            stored or exported then.
        compiled: Have that form translated by PyTorch's compiler at its first call.
    """
    folder = shipped().get(name, Path(name))
    if adapters and not is_lifter(folder):
        raise SettingsError(
            f'An adapter is added to the lifter in a folder, but "{name}" is none; name the folder '
            "of the lifter that it was made for."
        )
    if folder.suffix == ONNX:
        if compiled:
            raise SettingsError(
                f'PyTorch does not compute the ONNX file "{name}"; leave --compiled out, or name '
                "the lifter's folder."
            )
        computed = load_onnx(folder, device)
        assert computed.about is not None, "read off the file"
        return Found(computed, computed.about, folder)
    if is_lifter(folder):
        lifter, about = load_lifter(folder)
        lifter, about = adapted(lifter, about, adapters)
        lifter = placed_on(lifter, device, dtype, fast=fast, compiled=compiled)
        return Found(lifter, about, folder, tuple(adapters))
    known = registry.parts("lifter")
    if name in known:
        settings = registry.settings_of("lifter", name)()
        lifter = settings.build(H36M_17)
        if isinstance(lifter, StatefulLifter):
            raise SettingsError(
                f'"{name}" is a kind of lifter that has to be trained first; name the folder of a '
                f"trained one, or one that ships with the package ({_listed(shipped())})."
            )
        lifter = placed_on(lifter, device, dtype, fast=fast, compiled=compiled)
        return Found(lifter, About(name, settings, H36M_17), None)
    if folder.exists():
        read_about(folder)  # says what is wrong with it
    raise SettingsError(unknown_name("lifter called", name, [*shipped(), *known]))


def adapted(lifter: Lifter, about: About, paths: Sequence[Path]) -> tuple[Lifter, About]:
    """The lifter with the adapters of some files, and what is then said of it."""
    if not paths:
        return lifter, about
    found = [read_adapter(path) for path in paths]
    said = [{"file": path.name, **each.made} for path, each in zip(paths, found, strict=True)]
    return with_adapters(lifter, found), replace(about, made={**about.made, "adapters": said})


def placed_on(
    lifter: Lifter, device: str, dtype: torch.dtype, *, fast: bool, compiled: bool = False
) -> Lifter:
    """The lifter on a device and in a precision, in its fast form if asked for."""
    whole = not fast or dtype == torch.float64  # which is for those who ask what rounding does
    if compiled and (whole or not isinstance(lifter, Direct)):
        raise SettingsError(
            f"Only the fast form of a network is compiled, but {type(lifter).__name__} in {dtype} "
            "has none here; leave --compiled out."
        )
    if not isinstance(lifter, Direct):
        return lifter
    if whole:
        return lifter.to(device, dtype)
    return lifter.to(device).fast(dtype, compiled=compiled)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "there is none"
