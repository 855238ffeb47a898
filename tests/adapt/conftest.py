"""Two seconds of made-up people to learn from."""

import pytest

from crosslift.adapt.source import Source, source_for
from crosslift.data.store import Store

from .given import generator, small_lifter


@pytest.fixture(scope="session")
def source(tmp_path_factory) -> Store:
    folder = tmp_path_factory.mktemp("adapt") / "source"
    made = Source(frames=240, seconds=1.0)
    return source_for(small_lifter().lifter, made, folder, generator())
