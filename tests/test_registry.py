"""The registry: names without imports, and every part as it is read off its file."""

from importlib import import_module

import pytest

from crosslift import registry
from crosslift.errors import SettingsError

KINDS = sorted(registry.FOLDERS)
PARTS = [(kind, name) for kind in KINDS for name in registry.parts(kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_off_the_files_is_what_registers_itself(kind):
    read = registry.parts(kind)
    for part in read.values():
        import_module(part.module)
    registered = {name for of, name in registry._registered if of == kind}
    assert registered == set(read)


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_every_part_has_a_line_of_help_and_settings_that_are_found(kind, name):
    settings = registry.settings_of(kind, name)
    line = registry.parts(kind)[name].help
    assert line and (settings.__doc__ or "").startswith(line)


def test_an_unknown_part_is_answered_with_the_nearest():
    with pytest.raises(SettingsError, match=r'There is no lifter "flatt"; did you mean "flat"\?'):
        registry.settings_of("lifter", "flatt")
    with pytest.raises(SettingsError, match="choose among bodywise, d3dp, diff3dhpe, flat"):
        registry.settings_of("lifter", "qqq")


def test_a_file_may_register_several_names():
    source = '''
@registry.lifter("small")
class Small:
    """A small one."""

@registry.lifter("large")
@dataclass(frozen=True)
class Large:
    """A large one.

    More words."""

@registry.reader("other")
class Other:
    """Of another kind."""

class Unregistered: ...
'''
    found = registry._registrations(source, "lifter")
    assert found == [("small", "A small one."), ("large", "A large one.")]
