"""Settings as plain data and back: what stands in files beside checkpoints and results.

Settings are frozen dataclasses of plain values. Reading them is strict: a key that no field has is
refused with the nearest one that there is, and a value of another type with the type expected.
"""

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from .errors import SettingsError, unknown_name

Settings = TypeVar("Settings")


def as_data(settings: Any) -> Any:
    """Settings as dictionaries, lists, text and numbers."""
    if is_dataclass(settings):
        return {field.name: as_data(getattr(settings, field.name)) for field in fields(settings)}
    if isinstance(settings, Mapping):
        return {str(key): as_data(value) for key, value in settings.items()}
    if isinstance(settings, Path):
        return str(settings)
    if isinstance(settings, Sequence) and not isinstance(settings, str):
        return [as_data(value) for value in settings]
    return settings


def from_data(settings: type[Settings], data: Any, *, where: str = "") -> Settings:
    """Settings of a class from plain data; fields that are not named have their defaults.

    Args:
        where: The place of these settings in a file, for messages.
    """
    named = checked_keys(settings, data, where)
    lacking = [
        field.name
        for field in fields(settings)  # type: ignore[arg-type]
        if field.default is MISSING and field.default_factory is MISSING and field.name not in named
    ]
    if lacking:
        raise SettingsError(
            f'The setting "{_path(where, lacking[0])}" is missing; give it a value.'
        )
    return settings(**named)


def changed(settings: Settings, data: Any, *, where: str = "") -> Settings:
    """The settings with the values that the data names, however deep; the others stay."""
    named = checked_keys(type(settings), data, where, given=settings)
    return replace(settings, **named)  # type: ignore[type-var]


def checked_keys(settings: type, data: Any, where: str, given: Any = None) -> dict[str, Any]:
    """The fields that the data names, with values of their types."""
    if not isinstance(data, Mapping):
        raise SettingsError(
            f"{_subject(where)} should be a table of settings, but {_shown(data)} was found."
        )
    hints = get_type_hints(settings, include_extras=True)
    found = {}
    for key, value in data.items():
        if key not in hints:
            raise SettingsError(unknown_name(f"setting{_inside(where)} called", str(key), hints))
        old = getattr(given, key, None)
        path = _path(where, key)
        if is_dataclass(old) and isinstance(value, Mapping) and not isinstance(old, type):
            found[key] = changed(old, value, where=path)
        else:
            found[key] = _of_type(hints[key], value, path)
    return found


def _of_type(wanted: Any, value: Any, where: str) -> Any:
    """A value as the annotated type; refused where it is none."""
    origin = get_origin(wanted)
    if origin is Annotated:
        return _of_type(get_args(wanted)[0], value, where)
    if origin in (Union, UnionType):
        return _of_one(get_args(wanted), value, where)
    if origin is tuple:
        return _of_tuple(get_args(wanted), value, where)
    if isinstance(wanted, type) and is_dataclass(wanted):
        return from_data(wanted, value, where=where)
    if wanted is Any or _fits(wanted, value):
        return float(value) if wanted is float else Path(value) if wanted is Path else value
    expected = " or ".join(map(_shown, get_args(wanted))) if origin is Literal else _named(wanted)
    raise SettingsError(f"{_subject(where)} should be {expected}, but {_shown(value)} was found.")


def _fits(wanted: Any, value: Any) -> bool:
    if get_origin(wanted) is Literal:
        return value in get_args(wanted)
    if isinstance(value, bool) or wanted is bool:
        return wanted is bool and isinstance(value, bool)
    if wanted is float and isinstance(value, int):
        return abs(value) <= sys.float_info.max
    kinds: dict[Any, Any] = {Path: str | Path, NoneType: NoneType}
    kind = kinds.get(wanted, wanted)
    return isinstance(value, kind) if isinstance(kind, type | UnionType) else False


def _of_one(options: tuple[Any, ...], value: Any, where: str) -> Any:
    """A value as the first of several types that it fits."""
    if value is None and NoneType in options:
        return None
    problem: SettingsError | None = None
    for option in options:
        if option is not NoneType:
            try:
                return _of_type(option, value, where)
            except SettingsError as refused:
                problem = problem or refused
    assert problem is not None, "a union of nothing but None"
    raise problem


def _of_tuple(of: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise SettingsError(f"{_subject(where)} should be a list, but {_shown(value)} was found.")
    if len(of) == 2 and of[1] is Ellipsis:
        of = (of[0],) * len(value)
    if len(of) != len(value):
        raise SettingsError(
            f"{_subject(where)} should be a list of {len(of)}, but one of {len(value)} was found."
        )
    pairs = zip(of, value, strict=True)
    return tuple(_of_type(kind, each, f"{where}[{i}]") for i, (kind, each) in enumerate(pairs))


def read_settings(path: Path) -> dict[str, Any]:
    """The plain data in a TOML or JSON file of settings."""
    try:
        text = path.read_text("utf-8")
        found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError, RecursionError) as problem:
        raise SettingsError(
            f'"{path}" should be a TOML or JSON file of settings, but {problem}.'
        ) from problem
    if not isinstance(found, dict):
        raise SettingsError(f'"{path}" should hold a table of settings, but holds {_shown(found)}.')
    return found


def _path(where: str, key: object) -> str:
    return f"{where}.{key}" if where else str(key)


def _inside(where: str) -> str:
    return f' of "{where}"' if where else ""


def _subject(where: str) -> str:
    return f'The setting "{where}"' if where else "Settings"


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _named(wanted: Any) -> str:
    words = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
    return words.get(
        wanted, "a path" if wanted is Path else str(getattr(wanted, "__name__", wanted))
    )
