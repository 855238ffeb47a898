"""PoseDA: everyone moves, every game is the same game, and lost games are noticed."""

from dataclasses import replace

import pytest
import torch

from crosslift.augment.gpa import GPASettings
from crosslift.augment.target import Target
from crosslift.clip import Batch, Clip
from crosslift.data.windows_of_store import StoreWindows
from crosslift.errors import DataError, SettingsError, SkeletonError, TrainingError
from crosslift.recipes.poseda import (
    GPA_ONLY,
    Moves,
    PoseDA,
    adapt,
    examples,
    steps,
)
from crosslift.recipes.poseda.moves import frozen, learned_from, resting, source_too
from crosslift.recipes.poseda.settings import Feedback, Released, Watching
from crosslift.recipes.poseda.shown import chosen
from crosslift.recipes.supervised import Objective, loss_of
from crosslift.skeletons import H36M_17
from crosslift.training import Fitting, Run, Schedule, Step, fit
from crosslift.windows import Windowing

from ..stores import short_clips
from .jobs import generator, job_for

SMALL = PoseDA(
    batch=16,
    width=16,
    picture_width=16,
    history=32,
    warm_up=0,
    fitting=Fitting(epochs=2, schedule=Schedule("constant"), clip=1.0),
)
BATCHES = 3
"""In an epoch of the walkers."""


@pytest.fixture(scope="module")
def source(walkers) -> StoreWindows:
    return StoreWindows(walkers, Windowing(1))


@pytest.fixture(scope="module")
def target() -> Target:
    return Target.of(short_clips(2))


def lifter(walkers_or_seed=0, name: str = "simple_baseline", **more):
    return job_for(name, walkers_or_seed, **more).lifter()


def align(target: Target):
    return GPASettings().build(target)


def game(source, target, settings=SMALL, name="simple_baseline", said=None) -> Moves:
    student = lifter(source.store, name)
    say = (lambda sentence: None) if said is None else said.append
    return steps(student, source, target, align(target), settings, generator(), say=say)


def batch_of(source: StoreWindows, count: int = 8) -> Batch:
    return source.take(range(count))


def values(moves: Moves) -> dict[str, torch.Tensor]:
    return {
        f"{name}.{key}": each.detach().clone()
        for name, module in moves.modules.items()
        for key, each in module.state_dict().items()
    }


def play(moves: Moves, source, settings=SMALL, **more):
    return fit(moves.modules, moves.steps, examples(source, settings, generator(1)),
               settings.fitting, generator(2), **more)  # fmt: skip


@pytest.mark.parametrize("settings", [
    SMALL,
    replace(SMALL, place="learned", real_2d="source"),
    replace(SMALL, real_2d="none", source="none"),
    replace(SMALL, fitting=replace(SMALL.fitting, precision="bfloat16")),
])  # fmt: skip
def test_everyone_moves_and_no_weight_of_anyone_stays(source, target, settings):
    moves = game(source, target, settings)
    before = values(moves)
    fitted = play(moves, source, settings)
    assert fitted.skipped == 0
    after = values(moves)
    kept = [name for name in before if torch.equal(before[name], after[name])]
    assert not [name for name in kept if name.endswith(("weight", "running_mean", "items"))]
    assert int(moves.modules["clock"].played) == fitted.steps == 2 * BATCHES
    assert ("discriminator_2d" in moves.modules) == (settings.real_2d != "none")


def test_made_poses_reach_the_generator_with_gradients_and_leave_the_others_alone(source, target):
    moves = game(source, target)
    network = moves.modules["lifter"]
    network.train()
    before = {name: each.clone() for name, each in network.state_dict().items()}
    terms = moves.game.generator_move(batch_of(source), generator())
    assert set(terms) == {"parts", "picture", "ranges", "angle_feedback", "whole_feedback"}
    sum(terms.values()).backward()
    reached = [each.grad for each in moves.modules["generator"].parameters()]
    assert all(grad is not None and grad.isfinite().all() for grad in reached)
    assert sum(float(grad.abs().sum()) for grad in reached) > 0
    for other in ("lifter", "discriminator_3d", "discriminator_2d"):
        assert all(each.grad is None for each in moves.modules[other].parameters())
        assert all(each.requires_grad for each in moves.modules[other].parameters())
    assert network.training
    assert all(torch.equal(before[name], each) for name, each in network.state_dict().items())


@pytest.mark.parametrize("term", ["parts", "picture", "angle_feedback", "whole_feedback"])
def test_each_judgement_alone_reaches_the_generator(source, target, term):
    tight = Feedback(1.0, 1e3, 1e3, 0.0)
    settings = replace(
        SMALL, terms=replace(SMALL.terms, angle_feedback=tight, whole_feedback=tight)
    )
    moves = game(source, target, settings)
    moves.game.generator_move(batch_of(source), generator())[term].backward()
    found = [each.grad for each in moves.modules["generator"].parameters() if each.grad is not None]
    assert found and all(float(grad.abs().max()) > 0 for grad in found[-2:])


def test_in_the_release_feedback_lets_the_lifter_s_statistics_drift(source, target):
    moves = game(source, target, replace(SMALL, released=Released(lifter_in_training=True)))
    before = moves.modules["lifter"].batch_norm1.running_mean.clone()
    moves.game.generator_move(batch_of(source), generator())
    assert not torch.equal(moves.modules["lifter"].batch_norm1.running_mean, before)


def test_the_lifter_rests_until_the_warm_up_is_over(source, target):
    settings = replace(SMALL, warm_up=1, fitting=replace(SMALL.fitting, steps=BATCHES))
    moves = game(source, target, settings)
    before = values(moves)
    play(moves, source, settings)
    now = values(moves)
    assert all(torch.equal(before[name], now[name]) for name in before
               if name.startswith("lifter") and name.endswith(("weight", "bias")))  # fmt: skip
    assert not moves.game.optimizers["lifter"].state  # not even a step was counted
    later = replace(settings, fitting=replace(SMALL.fitting, steps=BATCHES + 1))
    moves = game(source, target, later)
    play(moves, source, later)
    assert not torch.equal(values(moves)["lifter.w1.weight"], before["lifter.w1.weight"])


def test_the_same_generator_plays_the_same_game_and_another_one_another(source, target):
    given = lifter(source.store)
    settings = replace(SMALL, fitting=replace(SMALL.fitting, epochs=1))
    first, again, other = (
        adapt(given, source, target, align(target), settings, generator(seed)).lifter.state()
        for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["w1.weight"], other["w1.weight"])
    assert not torch.equal(first["w1.weight"], given.state()["w1.weight"])
    assert torch.equal(lifter(source.store).state()["w1.weight"], given.state()["w1.weight"])


def stopping(steps: list[Step], name: str, at: int) -> list[Step]:
    """The moves, at the so-manieth of which by a player someone presses Ctrl-C."""
    calls = 0

    def stops(loss):
        def move(batch, rng):
            nonlocal calls
            calls += 1
            if calls > at:
                raise KeyboardInterrupt
            return loss(batch, rng)

        return move

    return [replace(step, loss=stops(step.loss)) if step.name == name else step for step in steps]


@pytest.mark.parametrize(("settings", "stop_at"), [
    (SMALL, 5),
    (replace(SMALL, warm_up=1, watching=Watching(every=1, patience=2, degrees=1e9)), 4),
])  # fmt: skip
def test_a_game_that_was_stopped_ends_as_if_it_had_not_been(
    tmp_path, source, target, settings, stop_at
):
    whole = game(source, target, settings)
    play(whole, source, settings)
    stopped = game(source, target, settings)
    stopped = replace(stopped, steps=stopping(stopped.steps, "generator", stop_at))
    with pytest.raises(KeyboardInterrupt):
        play(stopped, source, settings, run=Run(tmp_path))
    again = steps(lifter(source.store, seed=5), source, target, align(target), settings,
                  generator(7), say=lambda sentence: None)  # fmt: skip
    play(again, source, settings, run=Run(tmp_path, resume=True))
    wanted, found = values(whole), values(again)
    assert wanted.keys() == found.keys()
    unlike = [name for name in wanted
              if not torch.equal(wanted[name].nan_to_num(), found[name].nan_to_num())]  # fmt: skip
    assert not unlike


def test_a_lost_game_begins_anew_says_so_and_then_ends(source, target):
    watching = Watching(every=1, patience=2, degrees=1e9, restarts=1)
    settings, said = replace(SMALL, watching=watching), []
    moves = game(source, target, settings, said=said)
    with pytest.raises(TrainingError, match=r"keep each other in balance.*after 1 new beginnings"):
        play(moves, source, settings)
    assert len(said) == 1
    assert "begin anew at batch 1: two poses that the generator makes of one are" in said[0]
    assert int(moves.modules["clock"].played) == 4


def test_a_new_beginning_forgets_all_but_the_lifter(source, target):
    watching = Watching(every=4, patience=1, degrees=1e9, restarts=2)
    two = replace(SMALL.fitting, steps=2)
    settings = replace(SMALL, watching=watching, discriminators_every=1, fitting=two)
    moves = game(source, target, settings)
    play(moves, source, settings)
    assert int(moves.modules["history_3d"].count) == 32
    before = values(moves)
    moves.game.look(batch_of(source), 4, generator())
    after = values(moves)
    assert int(after["history_3d.count"]) == int(after["history_2d.count"]) == 0
    assert not torch.equal(before["generator.BAprocess.w1.weight"],
                           after["generator.BAprocess.w1.weight"])  # fmt: skip
    assert (after["generator.BAprocess.batch_norm1.running_mean"] == 0).all()
    assert all(torch.equal(before[name], after[name]) for name in before if "lifter" in name)
    filled = {name for name, each in moves.game.optimizers.items() if each.state}
    assert filled == {"lifter"}


def test_the_generator_moves_in_one_batch_of_so_many(source, target):
    moves = game(source, target, replace(SMALL, generator_every=3))
    found = [moves.game.generator_move(batch_of(source), generator()) for _ in range(5)]
    assert [set(terms) == {"resting"} for terms in found] == [False, True, True, False, True]


def test_the_source_is_learned_from_as_filmed_or_aligned_or_not_at_all(source, target):
    batch, shown = batch_of(source), {}
    for how in ("filmed", "aligned", "none"):
        settings = replace(SMALL, source=how)
        shown[how] = source_too(batch, align(target), settings, generator()).get("source")
    assert shown["filmed"] is batch and shown["none"] is None
    torch.testing.assert_close(shown["aligned"].poses, align(target)(batch, generator()).poses)
    assert not torch.allclose(shown["aligned"].poses, batch.poses, atol=0.1)


def test_squares_or_distances_count_and_made_poses_for_as_much_as_is_said(source):
    student, batch = lifter(source.store), batch_of(source)
    student.network.eval()
    for squared, objective in ((True, "squared"), (False, "distance")):
        settings = replace(SMALL, squared=squared)
        terms = learned_from(student, {"made": batch}, settings, generator())
        expected = loss_of(student, Objective(objective))(batch, generator())["position"]
        assert terms == {"made": expected} and float(expected) > 0
    less = replace(SMALL, made=0.25, squared=False)
    found = learned_from(student, {"made": batch, "source": batch}, less, generator())
    torch.testing.assert_close(found["made"], 0.25 * found["source"])


@pytest.mark.parametrize(("how", "leaves_a_trace"), [("filmed", True), ("aligned", False)])
def test_beside_the_aligned_source_made_poses_leave_no_trace_in_batch_norms(
    source, how, leaves_a_trace
):
    student, batch = lifter(source.store), batch_of(source)
    norm = student.network.train().batch_norm1
    before = norm.running_mean.clone()
    learned_from(student, {"made": batch}, replace(SMALL, source=how), generator())
    assert torch.equal(norm.running_mean, before) != leaves_a_trace
    assert norm.momentum == torch.nn.BatchNorm1d(1).momentum


def test_alignment_alone_trains_the_lifter_alone(source, target):
    settings = replace(GPA_ONLY, batch=8, fitting=SMALL.fitting)
    moves = game(source, target, settings)
    assert set(moves.modules) == {"lifter"} and moves.game is None
    assert [step.name for step in moves.steps] == ["lifter"]
    before = values(moves)
    play(moves, source, settings)
    assert not torch.equal(values(moves)["lifter.w1.weight"], before["lifter.w1.weight"])


def test_a_lifter_of_windows_and_of_all_their_frames_is_adapted_too(walkers, target):
    for name in ("videopose", "mixste"):
        given = lifter(walkers, name)
        source = StoreWindows(walkers, Windowing(given.frames, 1, given.predict))
        settings = replace(SMALL, batch=4, fitting=replace(SMALL.fitting, steps=3))
        adapted = adapt(given, source, target, align(target), settings, generator())
        assert adapted.fitted.steps == 3 and adapted.fitted.skipped == 0
        state = adapted.lifter.state()
        assert any(not torch.equal(each, given.state()[key]) for key, each in state.items())


def test_aligned_poses_are_whole_bodies_before_the_target_s_cameras(source, target):
    moves = game(source, target)
    batch = moves.game.source(batch_of(source), generator())
    drawn = moves.game.augmentation.drawn(batch, generator())
    made = moves.game.placed(batch, drawn, generator())
    about = made.poses - made.poses[:, :, :1]
    wanted = drawn.turned - drawn.turned[:, :, :1]
    torch.testing.assert_close(about, wanted, atol=1e-5, rtol=0)
    focals = {round(float(each)) for each in made.camera.focal[..., 0].flatten()}
    assert focals <= {round(float(each)) for each in target.cameras.focal[:, 0]}
    assert not torch.allclose(made.poses, drawn.turned, atol=0.1)


def test_an_alignment_that_turns_bodies_is_refused(source, target):
    def upside_down(batch, rng):
        return replace(batch, poses=-batch.poses)

    moves = steps(lifter(source.store), source, target, upside_down, SMALL, generator())
    with pytest.raises(SettingsError, match="should move bodies as they are"):
        moves.game.lifter_move(batch_of(source), generator())


def test_windows_with_unknown_joints_are_left_out_and_too_few_make_no_move(source, target):
    moves, batch = game(source, target), batch_of(source)
    poses = batch.poses.clone()
    poses[:6, :, 3] = torch.nan
    holed = replace(batch, poses=poses)
    assert len(moves.game.source(holed, generator())) == 2
    poses[6, :, 3] = torch.nan
    found = [set(step.loss(replace(batch, poses=poses), generator())) for step in moves.steps]
    assert found == [{"resting"}, {"resting"}, {"resting"}, {"source"}]


def test_a_move_that_rests_changes_nothing(source):
    model = torch.nn.Linear(2, 1)
    before = model.weight.detach().clone()
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    fitted = fit({"model": model}, [Step("idle", lambda batch, rng: resting(), optimizer)],
                 Shuffles(), Fitting(epochs=1, clip=1.0), generator())  # fmt: skip
    assert torch.equal(model.weight, before) and not optimizer.state
    assert fitted.skipped == 0


class Shuffles:
    """Two empty batches."""

    hash = "none"

    def __len__(self) -> int:
        return 2

    def batch(self, epoch, index):
        return index

    def part(self, batch, which, of):
        return batch


def test_frozen_networks_pass_gradients_on_and_are_as_before_afterwards():
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    model[0].bias.requires_grad_(False)
    given = torch.randn(4, 2, requires_grad=True)
    with frozen(model):
        assert not model.training
        out = model(given).sum()
    out.backward()
    assert given.grad is not None and model[0].weight.grad is None
    assert model.training and model[0].weight.requires_grad and not model[0].bias.requires_grad


def test_some_windows_are_chosen_with_their_cameras(source):
    batch = batch_of(source)
    rows = torch.arange(8) % 3 == 0
    some = chosen(batch, rows)
    assert torch.equal(some.poses, batch.poses[rows])
    assert torch.equal(some.camera.focal, batch.camera.focal[rows])
    assert chosen(batch, torch.ones(8, dtype=torch.bool)) is batch


def without_a_wrist(clip: Clip) -> Clip:
    keypoints, scores = clip.keypoints.clone(), clip.scores.clone()
    keypoints[:, 13], scores[:, 13] = torch.nan, 0
    return replace(clip, keypoints=keypoints, scores=scores, observed=scores > 0)


def test_a_target_of_which_no_frame_is_whole_is_refused_where_it_is_needed(source):
    holed = Target.of([without_a_wrist(clip) for clip in short_clips(2)])
    with pytest.raises(DataError, match="frames of the target in which all joints are seen"):
        game(source, holed)
    assert game(source, holed, replace(SMALL, real_2d="none"))


def test_windows_and_skeletons_that_do_not_fit_are_refused(walkers, source, target):
    long = StoreWindows(walkers, Windowing(3))
    with pytest.raises(SettingsError, match="lifter's 1 frames, but have 3"):
        game(long, target)
    other = replace(target, skeleton=replace(H36M_17, name="another"))
    with pytest.raises(SkeletonError, match="one skeleton"):
        game(source, other)


def test_without_feedback_in_sight_there_is_none(source, target):
    moves = game(source, target, replace(SMALL, place="learned", real_2d="source"))
    with torch.no_grad():  # the generator puts everybody far beside the picture
        moves.modules["generator"].RTprocess.get_submodule("w2_T").bias[0] = 1e4
    terms = moves.game.generator_move(batch_of(source), generator())
    assert set(terms) == {"parts", "ranges"}
    assert set(moves.game.discriminator_2d_move(batch_of(source), generator())) == {"resting"}
    assert not len(moves.game.made(batch_of(source), generator()))
    assert moves.game.watch.means[2] == 0
