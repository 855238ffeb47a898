"""What the documents say is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from crosslift import cli, registry

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


@pytest.mark.parametrize("code", blocks(ROOT / "README.md", "python"))
def test_the_code_of_the_readme_runs(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "torch.Size([1, 100, 17, 3])" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_and_pictures_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#][^)]*)\)", page.read_text("utf-8")):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_that_are_named_exist(page):
    known = set(cli.commands())
    for name in re.findall(r"`crosslift ([a-z]+)", page.read_text("utf-8")):
        assert name in known, f"{page.name} names crosslift {name}"


def test_the_readme_counts_the_formats_right():
    counted = re.search(r"\[(\d+) formats\]", (ROOT / "README.md").read_text("utf-8"))
    assert counted and int(counted[1]) == len(registry.parts("reader"))


def test_the_changelog_has_an_unreleased_section_on_top():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert text.index("## Unreleased") < 200
