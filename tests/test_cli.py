"""The command line: quick, helpful, and honest in its exit codes."""

import json
import subprocess
import sys

import pytest

from crosslift import __version__, cli
from crosslift.commands.common import Common, Options, Outcome
from crosslift.errors import DataError


def run(*words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "crosslift", *words], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_help_names_every_command_with_a_line(capsys):
    assert cli.main(["--help"]) == 0
    page = capsys.readouterr().out
    known = cli.commands()
    assert "demo" in known
    for name, line in known.items():
        assert f"crosslift {name}" in page
        assert line.endswith(".") and line in page


@pytest.mark.parametrize("start", ["import crosslift", "from crosslift.cli import main; main([])"])
def test_starting_loads_neither_torch_nor_a_part(start):
    code = (
        f"import sys\n{start}\nprint([m for m in sys.modules if m in ('torch', 'numpy', 'tyro')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_no_words_are_answered_with_help_and_the_code_of_bad_words(capsys):
    assert cli.main([]) == 2
    assert "crosslift demo" in capsys.readouterr().out


def test_the_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"crosslift {__version__}\n"


def test_an_unknown_command_is_answered_with_the_nearest(capsys):
    assert cli.main(["dmo"]) == 2
    assert capsys.readouterr().err == 'There is no command "dmo"; did you mean "demo"?\n'


def test_a_users_error_is_a_sentence_and_the_code_2(monkeypatch, capsys):
    monkeypatch.setattr(cli, "dispatch", raising(DataError("Expected this, found that; do so.")))
    assert cli.main(["demo"]) == 2
    assert capsys.readouterr().err == "Expected this, found that; do so.\n"


def test_an_error_of_ours_is_a_sentence_and_the_code_1(monkeypatch, capsys):
    monkeypatch.setattr(cli, "dispatch", raising(ZeroDivisionError("division by zero")))
    assert cli.main(["demo"]) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: division by zero" in said and "Traceback" not in said


def test_the_trace_is_shown_when_asked_for(monkeypatch):
    monkeypatch.setattr(cli, "dispatch", raising(ZeroDivisionError("division by zero")))
    monkeypatch.setenv(cli.TRACE, "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["demo"])


def test_stopping_is_the_code_130(monkeypatch, capsys):
    monkeypatch.setattr(cli, "dispatch", raising(KeyboardInterrupt()))
    assert cli.main(["demo"]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_a_misspelt_option_is_the_code_2():
    code, said = run("demo", "--sed", "3")
    assert code == 2
    assert "--seed" in said


def test_a_device_that_is_not_there_is_refused_by_name(capsys):
    assert cli.main(["demo", "--device", "cuda:99"]) == 2
    assert 'no device "cuda:99"; choose among cpu' in capsys.readouterr().err


def test_threads_start_at_one(capsys):
    assert cli.main(["demo", "--threads", "0"]) == 2
    assert "--threads takes a number from 1 upwards, but 0" in capsys.readouterr().err


def a_command(*, common: Options = Common()) -> Outcome:
    """A command of the tests."""
    return Outcome(("some words",), {"seed": common.seed}, code=3)


@pytest.mark.parametrize(
    ("words", "printed"),
    [([], "some words\n"), (["--quiet"], ""), (["--json", "--seed", "7"], None)],
)
def test_an_outcome_is_printed_as_asked_and_its_code_returned(monkeypatch, capsys, words, printed):
    monkeypatch.setattr("crosslift.commands.demo.demo", a_command)
    assert cli.run("demo", [*words, "--threads", "1"]) == 3
    said = capsys.readouterr().out
    assert said == printed if printed is not None else json.loads(said) == {"seed": 7}


def raising(problem: BaseException):
    def dispatch(words: list[str]) -> int:
        raise problem

    return dispatch
