"""A name for each part that a person can choose, found without importing any part.

A part registers the class of its settings where it is defined:

    @registry.lifter("flat")
    @dataclass(frozen=True)
    class FlatSettings: ...

The tables of names and help lines are read off the source files, so that listing the parts costs
no import of PyTorch; a part is imported when it is asked for.
"""

import ast
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import NamedTuple, TypeVar

from .errors import SettingsError, unknown_name

FOLDERS = {
    "lifter": "lifters",
    "augmenter": "augment",
    "adapter": "adapt",
    "detector": "detect",
    "reader": "data",
    "writer": "export",
    "recipe": "recipes",
}
"""The folder of the package in which each kind of part lives."""

Settings = TypeVar("Settings")
_registered: dict[tuple[str, str], type] = {}


class Part(NamedTuple):
    """Where a registered name is defined, and what it is in a line."""

    module: str
    help: str


def _registers(kind: str) -> Callable[[str], Callable[[type[Settings]], type[Settings]]]:
    def named(name: str) -> Callable[[type[Settings]], type[Settings]]:
        def register(settings: type[Settings]) -> type[Settings]:
            _registered[kind, name] = settings
            return settings

        return register

    return named


lifter = _registers("lifter")
augmenter = _registers("augmenter")
adapter = _registers("adapter")
detector = _registers("detector")
reader = _registers("reader")
writer = _registers("writer")
recipe = _registers("recipe")


@cache
def parts(kind: str) -> dict[str, Part]:
    """The parts of one kind by name."""
    folder = files("crosslift").joinpath(FOLDERS[kind])
    if not folder.is_dir():
        return {}
    found = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".py"):
            module = f"crosslift.{FOLDERS[kind]}.{file.name.removesuffix('.py')}"
            for name, line in _registrations(file.read_text("utf-8"), kind):
                found[name] = Part(module, line)
    return dict(sorted(found.items()))


def _registrations(source: str, kind: str) -> list[tuple[str, str]]:
    """Each name that a file registers under `kind`, with the first line of its docstring."""
    return [
        (str(decorator.args[0].value), (ast.get_docstring(node) or "").partition("\n")[0])
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and ast.unparse(decorator.func) == f"registry.{kind}"
        and isinstance(decorator.args[0], ast.Constant)
    ]


def name_of(kind: str, settings: object) -> str:
    """The name under which the class of some settings is registered."""
    return next(
        name for (of, name), known in _registered.items() if of == kind and known is type(settings)
    )


def settings_of(kind: str, name: str) -> type:
    """The settings class that is registered under `name`; its `build` makes the part."""
    known = parts(kind)
    if name not in known:
        raise SettingsError(unknown_name(kind, name, known))
    import_module(known[name].module)
    return _registered[kind, name]
