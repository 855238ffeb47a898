"""The command line: words in, one call of the library, the result out.

`crosslift --help` must be quick, so nothing here imports PyTorch or a command until it is chosen.
"""

import ast
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from . import __version__
from .errors import CrossliftError, SettingsError, unknown_name

if TYPE_CHECKING:
    from .commands.common import Outcome

SHARED = {"__init__", "common", "train_detector", "train_l2d_pose"}
"""Files in the folder of commands that are no commands."""

TRACE = "CROSSLIFT_TRACE"
"""The environment variable that shows where an error came from."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that the words name, and return the exit code of the process.

    0 done; 1 a check did not hold or something of ours failed; 2 bad input or words; 3 the result
    is doubtful and `--strict` was asked for; 130 stopped.
    """
    try:
        return dispatch(sys.argv[1:] if words is None else list(words))
    except CrossliftError as problem:
        return complain(str(problem), 2)
    except KeyboardInterrupt:
        return complain("Stopped.", 130)
    except Exception as problem:  # whatever it is, a person gets a sentence and not a trace
        kind = type(problem).__name__
        return complain(
            f"crosslift failed where it should not ({kind}: {problem}); please report this, with "
            f"what {TRACE}=1 prints.",
            1,
        )


def complain(sentence: str, code: int) -> int:
    """Say what went wrong, and pass the exit code on."""
    if os.environ.get(TRACE) and sys.exc_info()[0] not in (None, KeyboardInterrupt):
        raise  # noqa: PLE0704  called while an exception is handled
    print(sentence, file=sys.stderr)
    return code


def dispatch(words: list[str]) -> int:
    """Run one command, or answer for the program as a whole."""
    if not words or words[0] in ("-h", "--help", "help"):
        print(help_page())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        print(f"crosslift {__version__}")
        return 0
    name, known = words[0], commands()
    if name not in known:
        raise SettingsError(unknown_name("command", name, known))
    return run(name, words[1:])


def commands() -> dict[str, str]:
    """The commands and their lines of help, read off their files without importing them."""
    folder = files("crosslift").joinpath("commands")
    stems = {file.name.removesuffix(".py"): file for file in folder.iterdir()}
    return {
        name: (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n")[0]
        for name, file in sorted(stems.items())
        if file.name.endswith(".py") and name not in SHARED
    }


def help_page() -> str:
    """What `crosslift --help` prints."""
    known = commands()
    width = max(map(len, known))
    lines = [f"  crosslift {name:{width}}  {line}" for name, line in known.items()]
    return "\n".join(
        [
            "crosslift: 2D human keypoints in, 3D human motion out.",
            "",
            *lines,
            "",
            "crosslift COMMAND --help tells what a command takes; crosslift --version the version.",
        ]
    )


class Call(NamedTuple):
    """The arguments that the words stand for."""

    arguments: tuple[Any, ...]
    options: dict[str, Any]


def run(name: str, words: list[str]) -> int:
    """Call the function of a command with the arguments that the words stand for."""
    import tyro  # here, because it is needed by commands only

    module = import_module(f"crosslift.commands.{name}")
    choose = getattr(module, "choose", None)
    function, rest = choose(words) if choose else (getattr(module, name), words)
    chosen = words[:1] if choose and words and words[0] not in rest else []
    prog = " ".join(["crosslift", name, *chosen])
    call: Call = tyro.cli(captured(function), args=rest, prog=prog)
    common = call.options["common"]
    common.prepare()
    outcome: Outcome = function(*call.arguments, **call.options)
    if common.json:
        print(json.dumps(outcome.data, indent=2))
    elif not common.quiet:
        show(outcome)
    return outcome.code


def captured(function: Callable[..., Any]) -> Callable[..., Call]:
    """A function with the same signature that returns its arguments instead of being run."""

    @wraps(function)
    def keep(*arguments: Any, **options: Any) -> Call:
        return Call(arguments, options)

    return keep


def show(outcome: "Outcome") -> None:
    """Print the words of an outcome."""
    from rich.console import Console  # here, because `--help` does without it

    console = Console(soft_wrap=True, highlight=False)
    for part in outcome.words:
        console.print(part)
