"""Settings as plain data and back: nothing lost, nothing guessed, every mistake in words."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from crosslift import registry
from crosslift.errors import SettingsError
from crosslift.settings import as_data, changed, from_data, read_settings

PARTS = [(kind, name) for kind in registry.FOLDERS for name in registry.parts(kind)]


@dataclass(frozen=True)
class Inner:
    rate: float = 0.5
    kind: Literal["slow", "fast"] = "slow"


@dataclass(frozen=True)
class Outer:
    size: int
    name: str = "some"
    flag: bool = False
    inner: Inner = Inner()
    maybe: Inner | None = None
    limit: float | None = None
    either: int | str = 0
    pair: tuple[int, float] = (1, 2.0)
    many: tuple[Inner, ...] = ()
    path: Path = Path("here")
    noted: Annotated[float, "a note"] = 1.0
    anything: Any = None


@dataclass(frozen=True)
class Unplain:
    table: dict[str, int]


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_the_settings_of_every_part_survive_json(kind, name):
    settings = registry.settings_of(kind, name)()
    again = from_data(type(settings), json.loads(json.dumps(as_data(settings))))
    assert again == settings
    assert changed(settings, as_data(settings)) == settings


def test_nested_settings_survive_json():
    given = Outer(3, "other", True, Inner(0.1, "fast"), Inner(2), 4.0, "word", (7, 8.5),
                  (Inner(), Inner(9.0)), Path("a/b"), 2.5)  # fmt: skip
    assert from_data(Outer, json.loads(json.dumps(as_data(given)))) == given


def test_tables_become_plain_data():
    assert as_data({1: (Inner(), "text")}) == {"1": [{"rate": 0.5, "kind": "slow"}, "text"]}


def test_whole_numbers_serve_as_numbers_and_become_such():
    rate = from_data(Inner, {"rate": 2}).rate
    assert rate == 2.0 and isinstance(rate, float)


def test_what_is_not_named_has_its_default_or_keeps_its_value():
    assert from_data(Outer, {"size": 1, "inner": {"kind": "fast"}}).inner == Inner(0.5, "fast")
    given = Outer(1, inner=Inner(0.1), maybe=Inner(0.2))
    found = changed(given, {"inner": {"kind": "fast"}, "maybe": {"rate": 3}, "size": 2})
    assert found == replace(given, size=2, inner=Inner(0.1, "fast"), maybe=Inner(3.0))


def test_what_may_be_missing_can_be_taken_away_and_given():
    assert changed(Outer(1, maybe=Inner()), {"maybe": None}).maybe is None
    assert changed(Outer(1), {"maybe": {"rate": 1}}).maybe == Inner(1.0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, 'The setting "size" is missing; give it a value.'),
        ({"size": 1, "maybe": {"rat": 1}}, 'setting of "maybe" called "rat"; did you mean "rate"?'),
        ({"siez": 1}, 'no setting called "siez"; did you mean "size"?'),
        ({"size": 1.5}, 'The setting "size" should be a whole number, but 1.5 was found.'),
        ({"size": True}, '"size" should be a whole number, but true was found.'),
        ({"size": 1, "flag": 1}, '"flag" should be true or false, but 1 was found.'),
        ({"size": 1, "name": 1}, '"name" should be text, but 1 was found.'),
        ({"size": 1, "limit": "x"}, '"limit" should be a number, but "x" was found.'),
        ({"size": 1, "noted": []}, '"noted" should be a number, but [] was found.'),
        ({"size": 1, "path": 3}, '"path" should be a path, but 3 was found.'),
        ({"size": 1, "inner": 3}, '"inner" should be a table of settings, but 3 was found.'),
        ({"size": 1, "inner": {"kind": "swift"}}, '"inner.kind" should be "slow" or "fast", but'),
        ({"size": 1, "pair": 3}, '"pair" should be a list, but 3 was found.'),
        ({"size": 1, "pair": [1]}, '"pair" should be a list of 2, but one of 1 was found.'),
        ({"size": 1, "pair": ["a", 1]}, '"pair[0]" should be a whole number, but "a" was found.'),
        ({"size": 1, "many": [{}, {"rate": "a"}]}, '"many[1].rate" should be a number, but "a"'),
        ({"size": 1, "either": [1]}, '"either" should be a whole number, but [1] was found.'),
        ({"size": 10**400, "limit": 10**400}, '"limit" should be a number, but 1000'),
        ({"size": "x" * 99}, f'but "{"x" * 36}... was found.'),
        ([1], "Settings should be a table of settings, but [1] was found."),
    ],
)  # fmt: skip
def test_mistakes_are_named_in_words(data, sentence):
    with pytest.raises(SettingsError) as refused:
        from_data(Outer, data)
    assert sentence in str(refused.value)


def test_a_field_that_is_no_plain_value_cannot_be_read():
    with pytest.raises(SettingsError, match='"table" should be dict, but'):
        from_data(Unplain, {"table": {"a": 1}})


def test_the_place_in_a_file_is_told():
    with pytest.raises(SettingsError, match='no setting of "lifter" called "siz"'):
        changed(Outer(1), {"siz": 2}, where="lifter")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", 'size = 3\n[inner]\nkind = "fast"\n'),
        ("a.json", '{"size": 3, "inner": {"kind": "fast"}}'),
    ],
)
def test_files_are_read_as_toml_or_json(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert from_data(Outer, read_settings(tmp_path / name)) == Outer(3, inner=Inner(kind="fast"))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.toml", b"size =", "should be a TOML or JSON file of settings, but"),
        ("a.json", b"{", "should be a TOML or JSON file of settings, but"),
        ("a.json", b"\xff\xfe", "should be a TOML or JSON file of settings, but"),
        ("a.json", b"[" * 100_000, "should be a TOML or JSON file of settings, but"),
        ("a.json", b"[1]", "should hold a table of settings, but holds [1]."),
        ("none.json", None, "should be a TOML or JSON file of settings, but"),
    ],
)
def test_files_that_hold_no_settings_are_refused(tmp_path, name, content, sentence):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        read_settings(tmp_path / name)
    assert sentence in str(refused.value)
