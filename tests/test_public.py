"""What the package promises to others, and what it must never do."""

import ast
from pathlib import Path

import pytest

import crosslift

SOURCES = sorted(Path(crosslift.__file__).parent.rglob("*.py"))
NAMES = (Path(__file__).parent / "public_names.txt").read_text("utf-8").split()


def test_the_public_names_are_those_that_were_promised():
    """Taking one away is a deliberate act: change `public_names.txt`, and say so in CHANGELOG."""
    assert sorted(crosslift._homes()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_what_its_home_defines(name):
    found = getattr(crosslift, name)
    assert getattr(found, "__name__", name) in (name, getattr(found, "name", name))
    assert name in dir(crosslift)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match='has no name "Clipp"'):
        crosslift.Clipp  # noqa: B018


FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "yaml"}
FORBIDDEN_CALLS = {"eval", "exec", "torch.load", "os.system", "os.popen", "__import__"}
FORBIDDEN_WORDS = {("allow_pickle", True), ("shell", True)}


def wrongs(source: str) -> list[str]:
    """What of a source file could run code that a file brings along."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names if each.name in FORBIDDEN_MODULES]
        if isinstance(node, ast.ImportFrom) and node.module in FORBIDDEN_MODULES:
            found.append(str(node.module))
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            words = {(word.arg, getattr(word.value, "value", None)) for word in node.keywords}
            found += [name] if name in FORBIDDEN_CALLS else []
            found += [str(each) for each in words & FORBIDDEN_WORDS]
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_nothing_in_the_package_can_run_code_from_a_file(path):
    assert not wrongs(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "line",
    ["import pickle", "from pickle import loads", "eval('1')", "torch.load(f)", "__import__('os')",
     "np.load(f, allow_pickle=True)", "subprocess.run(c, shell=True)"],
)  # fmt: skip
def test_the_check_notices(line):
    assert wrongs(line)


def test_no_source_names_a_machine_or_a_registry():
    hosts = ("/" + "home/", "/" + "work/", "/" + "root/", "py" + "pi.org", "python" + "hosted")
    for path in SOURCES:
        text = path.read_text("utf-8")
        assert not [host for host in hosts if host in text], path
