"""The machine that reads pickles builds what its table says and nothing beyond."""

import io
import pickle
from typing import Any

import pytest

from crosslift.errors import DataError
from crosslift.importer import HARMLESS
from crosslift.pickle_machine import (
    ForbiddenNameError,
    Machine,
    Name,
    Placeholder,
    finished,
    left_out,
    never_called,
    sensible,
)


def read(program: bytes, **options: Any) -> Any:
    with sensible():
        return finished(Machine(**{"names": HARMLESS, **options}).run(io.BytesIO(program)))


def test_sets_come_back():
    assert read(pickle.dumps([{1, "a"}, frozenset([2.5])], 4)) == [{1, "a"}, {2.5}]


def test_a_forbidden_name_is_told_apart():
    with pytest.raises(ForbiddenNameError) as refusal:
        read(b"cos\nsystem\n.")
    assert refusal.value.name == "os.system"


def test_what_is_left_out_takes_whatever_it_is_made_of():
    thing = Name("a", "Thing")
    program = b"ca\nThing\n)R(K\x01K\x02u(K\x01e}b."
    assert read(program, names=left_out(thing)) == Placeholder("a.Thing")
    assert read(b"ca\nThing\n)\x81.", names=left_out(thing)) == Placeholder("a.Thing")


def test_a_name_that_is_only_mentioned_is_its_own_text_and_not_called():
    names = never_called(Name("torch", "float32"))
    assert read(b"ctorch\nfloat32\n.", names=names) == "torch.float32"
    with pytest.raises(DataError, match="is called"):
        read(b"ctorch\nfloat32\n)R.", names=names)


def test_data_kept_elsewhere_is_asked_for_by_its_key():
    assert read(b"K\x07Q.", stored=lambda key: key + 1) == 8
    assert read(b"Pthere\n.", stored=str.upper) == "THERE"
    with pytest.raises(DataError, match="data outside of it"):
        read(b"K\x07Q.")


def test_the_attributes_of_a_dictionary_are_dropped():
    assert read(b"}(K\x01K\x02u}(K\x03K\x04ub.") == {1: 2}
    with pytest.raises(DataError, match="is given a state"):
        read(b"]}(K\x03K\x04ub.")


def test_entries_under_an_object_are_dropped():
    names = left_out(Name("a", "Thing"))
    assert read(b"}(ca\nThing\n)RK\x01K\x02K\x03u.", names=names) == {2: 3}


def test_a_program_may_be_too_long():
    assert read(b"K\x01.", longest=2) == 1
    with pytest.raises(DataError, match="more than 1 instructions"):
        read(b"K\x01.", longest=1)


def test_a_name_is_shown_on_one_line():
    assert str(Name("a\nb", "\x1b[31m")) == "a\\nb.\\x1b[31m"
    assert len(str(Name("a" * 10_000, "b"))) == 80


@pytest.mark.parametrize("big", [2**64, -(2**64), (1, 2**70)])
def test_keys_that_can_share_a_hash_at_will_are_refused(big: Any):
    with pytest.raises(DataError, match="more than 64 bits"):
        read(pickle.dumps({big: 1}, 2))
    assert read(pickle.dumps({2**64 - 1: 1}, 2)) == {2**64 - 1: 1}
