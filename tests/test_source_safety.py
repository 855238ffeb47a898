"""No source of ours can run code that a file brings along."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path
    for folder in ("src", "benchmarks", "examples", "docs")
    for path in (ROOT / folder).rglob("*.py")
)
MODULES = {
    "pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml",
    "code", "codeop", "runpy", "imp",
}  # fmt: skip
CALLS = {
    "eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec", "os.system",
    "os.popen", "torch.load", "torch.hub.load", "torch.jit.load", "np.fromregex", "yaml.load",
    "pd.read_pickle", "pandas.read_pickle", "subprocess.getoutput", "subprocess.getstatusoutput",
}  # fmt: skip
FROM = {
    ("torch", "load"), ("os", "system"), ("os", "popen"), ("torch.hub", "load"),
    ("torch.jit", "load"), ("subprocess", "getoutput"), ("builtins", "eval"), ("builtins", "exec"),
}  # fmt: skip
WORDS = {("allow_pickle", True), ("shell", True), ("weights_only", False)}


def wrongs(source: str) -> list[str]:
    """What of a source file could."""
    return [wrong for node in ast.walk(ast.parse(source)) for wrong in wrongs_of(node)]


def wrongs_of(node: ast.AST) -> list[str]:
    """What of one piece of syntax could."""
    if isinstance(node, ast.Import):
        return [each.name for each in node.names if each.name.split(".")[0] in MODULES]
    if isinstance(node, ast.ImportFrom) and not node.level:
        module = str(node.module)
        taken = [f"{module}.{each.name}" for each in node.names if (module, each.name) in FROM]
        return taken + [module] * (module.split(".", maxsplit=1)[0] in MODULES)
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        words = {
            (word.arg, word.value.value)
            for word in node.keywords
            if isinstance(word.value, ast.Constant)
        }
        return [name] * (name in CALLS) + [f"{word}={value}" for word, value in words & WORDS]
    return []


def test_no_source_can_run_code_from_a_file():
    found = {str(path.relative_to(ROOT)): wrongs(path.read_text("utf-8")) for path in SOURCES}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "import pickle as harmless",
        "from pickle import loads",
        "import joblib.numpy_pickle",
        "def f():\n    import dill",
        "from torch import load as read",
        "from os import system",
        "eval('1')",
        "exec(text)",
        "compile(text, '', 'exec')",
        "__import__('os')",
        "os.system(command)",
        "torch.load(f)",
        "torch.load(f, weights_only=False)",
        "np.load(f, allow_pickle=True)",
        "numpy.lib.format.read_array(f, allow_pickle=True)",
        "subprocess.run(c, shell=True)",
        "yaml.load(f)",
        "x = [torch.jit.load(f) for f in fs]",
    ],
)
def test_the_check_notices(line: str):
    assert wrongs(line)


@pytest.mark.parametrize(
    "line",
    [
        "import pickletools",
        "from .importer import read_pickle",
        "np.load(f, allow_pickle=False)",
        "model.eval()",
        "re.compile('a')",
        "safetensors.torch.load_file(f)",
        "subprocess.run(c, shell=False)",
    ],
)
def test_the_check_lets_others_be(line: str):
    assert not wrongs(line)


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 100
