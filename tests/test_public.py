"""What the package promises to others, and what it must never do."""

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


def test_no_source_names_a_machine_or_a_registry():
    hosts = ("/" + "home/", "/" + "work/", "/" + "root/", "py" + "pi.org", "python" + "hosted")
    for path in SOURCES:
        text = path.read_text("utf-8")
        assert not [host for host in hosts if host in text], path
