"""No file runs code, whatever it says; each is refused in a sentence."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crosslift.errors import CrossliftError
from crosslift.torch_file import read_torch_file

from .malicious import PAYLOADS, Payload, call, touch

LOADERS: list[Callable[[Path], Any]] = [read_torch_file]
"""What takes a file that anybody may have made."""


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("load", LOADERS, ids=lambda load: load.__name__)
@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
def test_it_is_refused_in_a_sentence_and_nothing_runs(
    tmp_path: Path, payload: Payload, load: Callable[[Path], Any]
):
    marker, path = tmp_path / "marker", tmp_path / f"model{payload.suffix}"
    path.write_bytes(payload.make(marker))
    with pytest.raises(CrossliftError) as refusal:
        load(path)
    message = str(refusal.value)
    assert message.isprintable()
    assert path.name in message
    assert 20 < len(message) < 700
    assert list(tmp_path.iterdir()) == [path]


def test_there_are_many_and_no_two_of_one_name():
    names = [payload.name for payload in PAYLOADS]
    assert len(set(names)) == len(names) > 30


def test_an_honest_unpickler_would_leave_the_marker(tmp_path: Path):
    """So that the test above can fail."""
    marker = tmp_path / "marker"
    pickle.loads(call("os", "system", touch(marker)))
    assert marker.exists()
