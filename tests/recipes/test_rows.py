"""The published rows: each can be built, written down and read back."""

import json

import pytest
import torch

from crosslift import registry
from crosslift.errors import SettingsError
from crosslift.recipes.job import Recipe
from crosslift.recipes.rows import ROWS, row_named
from crosslift.recipes.supervised import Supervised, check_weights
from crosslift.settings import as_data, changed, from_data
from crosslift.skeletons import H36M_16, H36M_17


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_of_a_known_lifter_and_recipe_and_survives_json(name):
    row = ROWS[name]
    assert type(row.settings) is registry.settings_of("lifter", row.lifter)
    assert isinstance(row.recipe, Recipe) and registry.name_of("recipe", row.recipe)
    for part in (row.settings, row.recipe):
        again = json.loads(json.dumps(as_data(part)))
        assert from_data(type(part), again) == part == changed(part, again)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_builds_its_lifter_for_its_skeleton(name):
    row = ROWS[name]
    small = row.lifter in ("semgcn", "stgcn")
    with torch.device("cpu" if small else "meta"):  # others have tens of millions of weights
        lifter = row.settings.build(H36M_16 if "h36m16" in row.data else H36M_17)
    assert lifter.inputs.unit == "screen"
    if isinstance(row.recipe, Supervised):
        check_weights(row.recipe.objective, lifter.skeleton)
    if "_27_" in name or "_81_" in name or "_243_" in name:
        assert f"_{lifter.frames}_" in name


@pytest.mark.parametrize("name", ROWS)
def test_figures_are_named_with_their_units_and_plausible(name):
    row = ROWS[name]
    assert set(row.expected) <= {"mpjpe_mm", "p_mpjpe_mm", "pck", "auc"}
    assert all(5 < figure < 100 for figure in row.expected.values())
    assert row.source and row.data


def test_pre_training_comes_with_every_row_that_starts_from_it():
    first = {name.removesuffix("_stage1") for name in ROWS if name.endswith("_stage1")}
    assert first and first <= set(ROWS)
    for name in first:
        assert f"{name}_stage1" in ROWS[name].source
        assert ROWS[name].settings == ROWS[f"{name}_stage1"].settings


def test_a_row_is_found_by_its_name_or_refused_with_the_nearest():
    assert row_named("poseda_stgcn") is ROWS["poseda_stgcn"]
    with pytest.raises(SettingsError, match='no row "poseda_stgnc"; did you mean "poseda_stgcn"'):
        row_named("poseda_stgnc")
