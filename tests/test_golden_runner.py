"""The golden files that we can rebuild, and the runner that says so."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.golden.equality import Rule, error, rule_for
from tests.golden.golden import ADAPTERS, Golden, adapter_of
from tests.golden.runner import find, judge, main, read_and_judge

FOLDER = Path(__file__).parent / "golden"
HELD = FOLDER / "dh_aug" / "metrics.npz"


def meta_of(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return json.loads(str(file["meta"]))


def golden_of(meta: dict[str, Any], **outputs: Any) -> Golden:
    arrays = {name: np.asarray(value) for name, value in outputs.items()}
    return Golden("folder/stem", {"config": {}, "seed": 0} | meta, {}, arrays)


REBUILT = [path for path in find([FOLDER]) if adapter_of(golden_of(meta_of(path)))]


@pytest.mark.parametrize("path", REBUILT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_published_model_is_rebuilt(path: Path) -> None:
    verdict = judge(Golden.read(path))
    assert verdict.state == "ok", str(verdict)
    assert verdict.compared == verdict.stored


# the runner


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a copy of one file, to be spoiled."""
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "copy.npz").write_bytes(HELD.read_bytes())
    return tmp_path


def rewrite(folder: Path, **changes: Any) -> None:
    path = folder / "some" / "copy.npz"
    with np.load(path) as file:
        stored = {name: file[name] for name in file.files}
    np.savez(path, **(stored | changes))


@pytest.fixture
def constant(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the adapter of the model "test/constant" gives, to be filled by a test."""
    outputs: dict[str, Any] = {}
    monkeypatch.setitem(ADAPTERS, ("test", "constant"), lambda _: outputs)
    return outputs


def verdict_on(**outputs: Any) -> str:
    return str(judge(golden_of({"system": "test", "model": "constant"}, **outputs)))


def test_an_untouched_copy_is_ok(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("ok    some/copy  4/4  ")
    assert printed[1] == "1 ok, 0 failed, 0 todo"


def test_a_tampered_output_fails_by_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(folder, out_pck=np.array(68.76))
    assert main([str(folder)]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("FAIL  some/copy  4/4  ")
    assert "pck\n" in printed


def test_an_output_that_is_not_rebuilt_fails(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(folder, out_unheard_of=np.array(1.0))
    assert main([str(folder)]) == 1
    assert "not rebuilt: unheard_of" in capsys.readouterr().out


def test_a_model_without_adapter_is_to_do_and_fails_only_if_all_are_required(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    meta = {"system": "nobody's", "model": "yet", "config": {}, "seed": 0}
    rewrite(folder, meta=np.array(json.dumps(meta)))
    assert main([str(folder)]) == 0
    assert "0 ok, 0 failed, 1 todo" in capsys.readouterr().out
    assert main([str(folder), "--require-all"]) == 1


def test_a_file_that_is_no_golden_file_fails_and_hides_no_other(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a_broken.npz").write_bytes(b"nothing")
    assert main([str(folder)]) == 1
    printed = capsys.readouterr().out
    assert "a_broken  0/0" in printed
    assert "not a golden file" in printed
    assert "1 ok, 1 failed, 0 todo" in printed


def test_objects_in_a_file_are_refused(folder: Path) -> None:
    rewrite(folder, in_object=np.array([{}], dtype=object))
    verdict = read_and_judge(folder / "some" / "copy.npz")
    assert verdict.state == "FAIL"
    assert "allow_pickle" in verdict.why


def test_a_pattern_that_fits_nothing_ends_with_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder), "--only", "some/copy|other/*"]) == 1
    assert 'No golden file fits "other/*"' in capsys.readouterr().out
    assert main([str(folder), "--only", "other/*|some/c*"]) == 1


def test_a_folder_without_files_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    assert "No golden file was found" in capsys.readouterr().out


def test_files_are_found_two_levels_deep_and_each_once(folder: Path) -> None:
    deep = folder / "some" / "deeper"
    deep.mkdir()
    for place in (folder, deep):
        (place / "copy.npz").write_bytes(HELD.read_bytes())
    assert find([folder]) == [folder / "copy.npz", folder / "some" / "copy.npz"]
    assert find([folder / "some"]) == [folder / "some" / "copy.npz", deep / "copy.npz"]
    assert find([folder, folder / "some"]).count(folder / "some" / "copy.npz") == 1
    assert find([folder], "some/*") == [folder / "some" / "copy.npz"]


def test_an_adapter_that_breaks_fails_its_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Golden) -> dict[str, Any]:
        raise ValueError("first line\nsecond line")

    monkeypatch.setitem(ADAPTERS, ("test", "constant"), broken)
    assert verdict_on(y=[1.0]).endswith("ValueError: first line")


def test_what_cannot_be_compared_fails_its_file_alone(constant: dict[str, Any]) -> None:
    constant["y"] = torch.ones(1, dtype=torch.bfloat16)
    assert verdict_on(y=[1.0]).startswith("FAIL")


def test_a_file_without_outputs_fails(constant: dict[str, Any]) -> None:
    assert "stores no output" in verdict_on()


def test_the_worst_output_is_the_one_reported(constant: dict[str, Any]) -> None:
    constant |= {"good": [1.0], "bad": [1.1], "worse": [1.3]}
    assert verdict_on(good=[1.0], bad=[1.0], worse=[1.0]).endswith("3.00e-01  1e-04  worse")


def test_an_adapter_leaves_the_random_stream_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ADAPTERS, ("test", "constant"), lambda _: {"y": torch.rand(1)})
    torch.manual_seed(0)
    before = torch.get_rng_state()
    verdict_on(y=[1.0])
    assert torch.equal(torch.get_rng_state(), before)


def test_the_adapter_with_the_longest_fitting_beginning_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for model in ("net", "net_large"):
        monkeypatch.setitem(ADAPTERS, ("test", model), lambda _, model=model: {"model": model})
    for model, taken in {"net": "net", "net_w32": "net", "net_large_2": "net_large"}.items():
        found = adapter_of(golden_of({"system": "test", "model": model}))
        assert found is not None
        assert found(golden_of({}))["model"] == taken
    assert adapter_of(golden_of({"system": "other", "model": "net"})) is None


# the rule


def holds(ours: Any, stored: Any, rule: Rule) -> bool:
    return error(np.asarray(ours), np.asarray(stored), rule) <= rule.tolerance


def test_the_tolerance_grows_with_the_largest_stored_value_but_not_below_one() -> None:
    rule = Rule(1e-4)
    assert holds([1000.09, 0.0], [1000.0, 0.0], rule)
    assert holds([1000.0, 0.09], [1000.0, 0.0], rule)
    assert not holds([1000.0, 0.11], [1000.0, 0.0], rule)
    assert holds([0.00109], [0.001], rule)
    assert not holds([0.00111], [0.001], rule)


def test_shapes_must_be_equal() -> None:
    assert not holds([[1.0]], [1.0], Rule(1e-4))
    assert not holds(1.0, [1.0, 1.0], Rule(1e-4))
    assert holds(np.zeros((0, 3)), np.zeros((0, 3)), Rule(1e-4))


def test_grey_levels_are_held_against_a_tolerance_in_their_own_unit() -> None:
    stored = np.array([10, 200, 30], np.uint8)
    assert holds(np.array([11, 198, 30], np.uint8), stored, Rule(2.0, absolute=True))
    assert not holds(np.array([13, 200, 30], np.uint8), stored, Rule(2.0, absolute=True))
    assert not holds(np.array([11, 200, 30], np.uint8), stored, Rule(2.0))


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.bool_])
def test_integers_and_booleans_must_be_equal_exactly(dtype: type) -> None:
    stored = np.array([1, 0, 1]).astype(dtype)
    assert holds([1, 0, 1], stored, Rule(2.0, absolute=True))
    assert not holds([1, 1, 1], stored, Rule(2.0, absolute=True))
    assert not holds([1.0, 1e-9, 1.0], stored, Rule(1e-4))


def test_nan_stands_exactly_where_it_is_stored() -> None:
    rule = Rule(1e-4)
    assert holds([np.nan, 1.0], [np.nan, 1.0], rule)
    assert not holds([np.nan, np.nan], [np.nan, 1.0], rule)
    assert not holds([1.0, 1.0], [np.nan, 1.0], rule)
    assert holds([np.nan], [np.nan], rule)


@pytest.mark.parametrize("rule", [Rule(1e-4), Rule(1e-4, relative=True), Rule(1, absolute=True)])
def test_infinity_equals_itself_and_excuses_nothing_else(rule: Rule) -> None:
    stored = [np.inf, 1.0, -np.inf]
    assert holds(stored, stored, rule)
    assert not holds([np.inf, 9.0, -np.inf], stored, rule)
    assert not holds([np.inf, 1.0, np.inf], stored, rule)
    assert not holds([3.0, 1.0, -np.inf], stored, rule)
    assert not holds([np.inf, np.inf, -np.inf], stored, rule)


def test_a_relative_rule_holds_for_each_element() -> None:
    rule = Rule(1e-4, relative=True)
    assert holds([1000.09, 0.001 * 1.00009, 0.0], [1000.0, 0.001, 0.0], rule)
    assert not holds([1000.0, 0.001 * 1.00011, 0.0], [1000.0, 0.001, 0.0], rule)
    assert not holds([1000.0, 0.001, 1e-30], [1000.0, 0.001, 0.0], rule)


def test_a_share_of_elements_may_be_anywhere() -> None:
    rule = Rule(2.0, absolute=True, share=0.99)
    stored, ours = np.full(200, 100.0), np.full(200, 102.0)
    ours[:2] = 0.0
    assert holds(ours, stored, rule)
    ours[:3] = 0.0
    assert not holds(ours, stored, rule)


@pytest.mark.parametrize(
    ("meta", "output", "rule"),
    [
        ({"system": "poseda", "model": "metrics"}, "auc", Rule(1e-5)),
        ({"system": "poseda", "model": "SemGCN"}, "pose_3d", Rule(1e-4)),
        ({"system": "poseda", "model": "metrics", "tolerance": 0.5}, "auc", Rule(0.5)),
        (
            {"system": "x", "model": "y", "tolerance": {"kind": "words", "value": 1e-5}},
            "z",
            Rule(1e-5),
        ),
        (
            {"system": "L2D-Pose", "model": "guided_loss", "tolerance": {"losses": "words"}},
            "keypoints_2d_image",
            Rule(1e-3, absolute=True),
        ),
        ({"system": "L2D-Pose", "model": "guided_loss"}, "loss", Rule(1e-4)),
        (
            {"system": "L2D-Pose", "model": "affine"},
            "crop_rgb",
            Rule(2.0, absolute=True, share=0.99),
        ),
        (
            {"system": "L2D-Pose", "model": "affine"},
            "crop_normalised",
            Rule(0.04, absolute=True, share=0.99),
        ),
        ({"system": "L2D-Pose", "model": "affine"}, "center_192x256", Rule(1e-4)),
        (
            {"system": "diff3dhpe", "model": "GaussianDiffusion.p_losses over Net"},
            "loss_elements",
            Rule(1e-4, relative=True),
        ),
        (
            {"system": "diff3dhpe", "model": "GaussianDiffusion.p_losses over Net"},
            "loss_coef",
            Rule(1e-4, relative=True),
        ),
        (
            {"system": "diff3dhpe", "model": "GaussianDiffusion.p_losses over Net"},
            "loss_elements_clipped",
            Rule(1e-4),
        ),
    ],
)
def test_the_rule_follows_from_the_model_and_the_output(
    meta: dict[str, Any], output: str, rule: Rule
) -> None:
    assert rule_for(golden_of(meta), output) == rule
