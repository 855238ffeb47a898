"""What can be chosen of PoseDA, and the rows of its table."""

from dataclasses import replace

import pytest

from crosslift import registry
from crosslift.commands.train import begun
from crosslift.errors import SettingsError
from crosslift.recipes.poseda import POSEAUG, POSEAUG_RELEASED, ROWS, PoseDA
from crosslift.recipes.poseda.settings import Released
from crosslift.recipes.rows import row_named
from crosslift.training import Schedule


@pytest.mark.parametrize(("change", "words"), [
    ({"place": "learned", "local": False}, 'say place "aligned"'),
    ({"real_2d": "source"}, 'say real_2d "target" or "none"'),
    ({"place": "learned", "source": "aligned"}, 'or source "filmed"'),
    ({"generator_every": 0}, "in one batch of 1 or more"),
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


def test_rows_begin_with_lifters_of_source_only_rows_and_improve_on_them():
    for name, row in ROWS.items():
        start, own = row_named(row.start), row_named(name)
        assert (own.lifter, own.settings) == (start.lifter, start.settings)
        assert f"--start-from the lifter of {row.start}" in own.source
        if row.expected:
            assert own.expected["mpjpe_mm"] < start.expected["mpjpe_mm"], name
    assert row_named("gpa_videopose_3dhp").expected["mpjpe_mm"] == 66.07


def test_a_row_has_a_target_if_it_aligns_with_one():
    kinds = {name: registry.name_of("recipe", row_named(name).recipe) for name in ROWS}
    assert set(kinds.values()) == {"poseda", "poseaug"}
    for name, kind in kinds.items():
        assert name.startswith("poseaug") == (kind == "poseaug")
        assert ("--target" in row_named(name).source) == (kind == "poseda")


def test_the_command_takes_a_row_s_settings_and_lifter():
    start, rest = begun("poseda", ["store", "--row", "gpa_semgcn_3dhp", "-o", "run"])
    assert start.lifter == "semgcn" and not start.settings.players.local
    assert start.settings.players.lifter.rate == 1e-3 and rest == ["store", "-o", "run"]
    with pytest.raises(SettingsError, match='of the recipe "poseaug", but "poseda" was asked for'):
        begun("poseda", ["--row", "poseaug_videopose"])


def test_the_rate_falls_evenly_to_zero():
    factors = [Schedule("linear")(0, 0, progress) for progress in (0.0, 0.25, 1.0, 1.5)]
    assert factors == [1.0, 0.75, 0.0, 0.0]
