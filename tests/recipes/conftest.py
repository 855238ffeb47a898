"""A store of a few seconds on which recipes are tried."""

import pytest

from crosslift.data.store import Store

from ..stores import short_clips, stored


@pytest.fixture(scope="session")
def walkers(tmp_path_factory) -> Store:
    return stored(tmp_path_factory.mktemp("walkers"), short_clips(3))
