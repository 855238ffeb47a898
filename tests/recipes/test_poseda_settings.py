"""What can be chosen of PoseDA, and the rows of its table."""

from dataclasses import replace

import pytest

from crosslift.errors import SettingsError
from crosslift.recipes import rows as supervised_rows
from crosslift.recipes.poseda import POSEAUG, POSEAUG_RELEASED, ROWS, PoseDA, row_named
from crosslift.recipes.poseda.settings import Released
from crosslift.training import Schedule


@pytest.mark.parametrize(("change", "words"), [
    ({"place": "learned", "local": False}, 'say place "aligned"'),
    ({"real_2d": "source"}, 'say real_2d "target" or "none"'),
    ({"history": 0}, "history of at least 1"),
    ({"warm_up": -1}, "warm-up of at least 0"),
])  # fmt: skip
def test_choices_that_contradict_each_other_are_refused(change, words):
    with pytest.raises(SettingsError, match=words):
        replace(PoseDA(), **change)


def test_the_published_forms_differ_in_what_is_named():
    assert (POSEAUG.place, POSEAUG.real_2d) == ("learned", "source")
    assert POSEAUG.released == Released() and POSEAUG_RELEASED.released == Released(
        True, True, True
    )
    assert POSEAUG_RELEASED.terms.least_error == 0.0


def test_rows_start_from_rows_of_source_only_training_and_improve_them():
    for name, row in ROWS.items():
        start = supervised_rows.row_named(row.start)
        assert row.expected["mpjpe_mm"] < start.expected["mpjpe_mm"], name
    assert row_named("gpa_videopose").expected["mpjpe_mm"] == 66.07
    with pytest.raises(SettingsError, match='did you mean "gpa_semgcn"'):
        row_named("gpa_semgcm")


def test_the_rate_falls_evenly_to_zero():
    factors = [Schedule("linear")(0, 0, progress) for progress in (0.0, 0.25, 1.0, 1.5)]
    assert factors == [1.0, 0.75, 0.0, 0.0]
