"""Rebuild golden files with our own code and compare: one line a file, then the counts."""

import argparse
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from . import adapters  # noqa: F401  registers all adapters
from .equality import error, rule_for
from .golden import Golden, adapter_of


class Verdict(NamedTuple):
    """What became of one file."""

    state: str
    """`ok`, `FAIL` or `todo`."""
    name: str
    compared: int
    stored: int
    error: float
    tolerance: float
    why: str = ""

    def __str__(self) -> str:
        line = (
            f"{self.state:4}  {self.name}  {self.compared}/{self.stored}  "
            f"{self.error:.2e}  {self.tolerance:.0e}"
        )
        return f"{line}  {self.why}" if self.why else line


def judge(golden: Golden) -> Verdict:
    """Rebuild one file and compare every output that it stores."""
    rules = {name: rule_for(golden, name) for name in golden.outputs}
    rebuild, stored = adapter_of(golden), len(golden.outputs)
    loosest = max((rule.tolerance for rule in rules.values()), default=0.0)
    if rebuild is None:
        return Verdict("todo", golden.name, 0, stored, np.nan, loosest)
    try:
        with torch.random.fork_rng():
            ours = rebuild(golden)
        errors = {
            name: error(_array(ours[name]), golden.outputs[name], rule)
            for name, rule in rules.items()
            if name in ours
        }
    except Exception as problem:  # one broken adapter must not hide the others
        why = f"{type(problem).__name__}: {problem}".partition("\n")[0]
        return Verdict("FAIL", golden.name, 0, stored, np.inf, loosest, why)
    missing = [name for name in rules if name not in ours]
    if missing:
        why = f"not rebuilt: {', '.join(missing[:3])}"
        return Verdict("FAIL", golden.name, len(errors), stored, np.inf, loosest, why)
    if not errors:
        return Verdict("FAIL", golden.name, 0, 0, np.inf, loosest, "the file stores no output")
    worst = max(errors, key=lambda name: errors[name] / max(rules[name].tolerance, 1e-300))
    failed = errors[worst] > rules[worst].tolerance
    return Verdict(
        "FAIL" if failed else "ok",
        golden.name,
        len(errors),
        stored,
        errors[worst],
        rules[worst].tolerance,
        worst if failed else "",
    )


def read_and_judge(path: Path) -> Verdict:
    """The verdict on the file at `path`, which may not even be a golden file."""
    name = f"{path.parent.name}/{path.stem}"
    try:
        golden = Golden.read(path)
    except Exception as problem:  # nor must one broken file
        why = f"not a golden file: {type(problem).__name__}: {problem}".partition("\n")[0]
        return Verdict("FAIL", name, 0, 0, np.inf, np.nan, why)
    return judge(golden)


def _array(value: object) -> np.ndarray:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)


def find(folders: Sequence[Path], only: str | None = None) -> list[Path]:
    """The files below the folders, two levels deep, that fit one of the globs joined by `|`."""
    paths = sorted({file for folder in folders for depth in ("*.npz", "*/*.npz")
                    for file in folder.resolve().glob(depth)})  # fmt: skip
    if only is None:
        return paths
    names = {path: f"{path.parent.name}/{path.stem}" for path in paths}
    for pattern in only.split("|"):
        if not any(fnmatch(name, pattern) for name in names.values()):
            raise LookupError(f'No golden file fits "{pattern}"; names are folder/stem.')
    return [p for p, name in names.items() if any(fnmatch(name, g) for g in only.split("|"))]


def main(words: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("folders", metavar="DIR", type=Path, nargs="+")
    parser.add_argument("--only", metavar="GLOBS", help="globs on folder/stem, joined by |")
    parser.add_argument("--require-all", action="store_true", help="a file to do counts as failed")
    asked = parser.parse_args(words)
    try:
        paths = find(asked.folders, asked.only)
    except LookupError as problem:
        print(problem)
        return 1
    if not paths:
        print("No golden file was found; name folders that hold them, or whose folders do.")
        return 1
    counts: Counter[str] = Counter()
    for path in paths:
        verdict = read_and_judge(path)
        counts[verdict.state] += 1
        print(verdict, flush=True)
    print(f"{counts['ok']} ok, {counts['FAIL']} failed, {counts['todo']} todo")
    return int(counts["FAIL"] > 0 or (asked.require_all and counts["todo"] > 0))
