"""Distances between joints, and what is expected of them."""

import numpy as np
import pytest

from crosslift.joint_order import VOCABULARY, classes, log_distances, reference

from .walkers import many


def test_distances_are_those_of_a_plain_loop():
    clips, _ = many(1, 2, seed=17)
    points = clips[0].double().numpy()
    table = log_distances(points)
    for i, j in ((0, 3), (5, 16)):
        apart = np.linalg.norm(points[:, i] - points[:, j], axis=-1)
        assert table[i, j] == pytest.approx(np.log(np.nanmean(apart**2)) / 2)


def test_the_reference_is_symmetric_and_mirrored():
    mirror = [VOCABULARY.index(name.replace("left", "@").replace("right", "left")
                               .replace("@", "right")) for name in VOCABULARY]  # fmt: skip
    assert len(list(classes())) == 114
    for axes in (2, 3):
        for table in reference(axes):
            assert np.array_equal(table, table.T)
            assert np.array_equal(table, table[np.ix_(mirror, mirror)])
