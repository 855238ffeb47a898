"""Pickled data is read and never run."""

import io
import pickle
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.errors import DataError
from crosslift.importer import read_pickle

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def through(data: object, protocol: int = 4) -> object:
    return read_pickle(io.BytesIO(pickle.dumps(data, protocol)))


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(plain, st.sampled_from([2, 3, 4, 5]))
def test_plain_data_comes_back(data, protocol):
    assert through(data, protocol) == data


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("dtype", ["f4", ">f8", "i8", "u1", "?", "c8", "U5", "S3"])
def test_arrays_come_back_in_every_protocol(protocol, dtype):
    array = np.arange(12).reshape(3, 4).astype(dtype)
    found = through({"a": array, "turned": array.T}, protocol)
    np.testing.assert_array_equal(found["a"], array)
    np.testing.assert_array_equal(found["turned"], array.T)
    assert found["a"].dtype == array.dtype


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_releases_keep_in_pickles_comes_back(protocol):
    track = np.random.default_rng(0).random((5, 17, 2), dtype=np.float32)
    data = {
        "S1": OrderedDict({"Walking 1": [track, track[:2]]}),
        "objects": np.array({"deep": track}, dtype=object),
        "list of objects": np.array([{"a": 1}, None], dtype=object),
        "fps": np.int64(50),
        "scale": np.float32(0.5),
    }
    found = through(data, protocol)
    np.testing.assert_array_equal(found["S1"]["Walking 1"][1], track[:2])
    np.testing.assert_array_equal(found["objects"]["deep"], track)
    assert found["list of objects"] == [{"a": 1}, None]
    assert (found["fps"], found["scale"]) == (50, 0.5)


def test_arrays_of_python_2_come_back():
    """Its strings are bytes, which a pickle of protocol 0 to 2 holds as text."""
    old = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I2\ntcnumpy\n"
        b"dtype\n(S'f4'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\n"
        b"S'\\x00\\x00\\x80?\\x00\\x00\\x00@'\ntb."
    )
    np.testing.assert_array_equal(read_pickle(io.BytesIO(old)), np.array([1, 2], np.float32))


def test_shared_parts_stay_shared_and_circles_are_cut_open():
    inner = [1]
    found = through([inner, inner])
    assert found[0] is found[1]
    circle: list = []
    circle.append(circle)
    assert through(circle) == [None]


class Evil:
    """Calls whatever it is given when it is read by an honest unpickler."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("payload", "named"),
    [
        (Evil(exec, "raise SystemExit"), "exec"),
        (Evil(__import__("os").system, "true"), "system"),
        (Evil(getattr, 1, "real"), "getattr"),
        (Evil(bytearray, 10**13), "bytearray"),
        (Evil(np.load, "x"), "load"),
        (Evil(__import__("subprocess").Popen, ["true"]), "Popen"),
    ],
)
def test_any_other_name_refuses_the_whole_file(payload, named, protocol):
    with pytest.raises(DataError, match=f"{named}.*may run code"):
        through({"honest": [1, 2], "evil": payload}, protocol)


@pytest.mark.parametrize(
    "program",
    [
        b"",
        b".",
        b"]",
        b"(((((((",
        b"\x80\x04]\x94h\x05.",
        b"}]N s.",
        b"}](K\x01K\x02u.",
        b"K\x01K\x02a.",
        b"cnumpy\nndarray\n)R)b.",
        b"cnumpy\ndtype\n(S'O8'\ntR.",
        b"cnumpy\ndtype\n(S'V9'\ntR.",
        b"\x8c\x05numpy\x8c\x05dtype\x93K\x01\x85R.",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x8a\xff" + b"\xff" * 255 + b".",
        b"(l(ltQ.",
        b"Phello\n.",
        b"ios\nsystem\n(tR.",
        b"(ios\nsystem\n.",
        b"\x82\x01.",
    ],
)
def test_programs_that_make_no_sense_are_one_sentence(program):
    try:
        read_pickle(io.BytesIO(program))
    except DataError as problem:
        assert "\n" not in str(problem) or len(str(problem).splitlines()) < 3
    else:
        assert program in (b"\x8a\xff" + b"\xff" * 255 + b".", b"cnumpy\ndtype\n(S'O8'\ntR.")


def test_keys_whose_hash_takes_for_ever_are_refused():
    nested: tuple = ()
    for _ in range(60):
        nested = (nested, nested)
    program = pickle.dumps(nested)[:-1] + b"\x94}h\x01K\x01s."
    with pytest.raises(DataError):
        read_pickle(io.BytesIO(b"\x80\x04}" + program[11:]))


def test_an_array_that_claims_more_than_it_has_is_refused():
    honest = pickle.dumps(np.arange(4, dtype=np.int32), 2)
    with pytest.raises(DataError):
        read_pickle(io.BytesIO(honest.replace(b"K\x04\x85", b"K\x7f\x85")))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mutation_gives_plain_data_or_one_error(data):
    honest = bytearray(pickle.dumps({"a": np.arange(6.0), "b": [1, "x", (2.5, None)]}, 2))
    for _ in range(data.draw(st.integers(1, 4))):
        honest[data.draw(st.integers(0, len(honest) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_pickle(io.BytesIO(bytes(honest)))
    except DataError as problem:
        assert str(problem)
