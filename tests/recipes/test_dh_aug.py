"""DH-AUG: everyone moves, every game is the same game, lost games are noticed, files are whole."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from crosslift.adapt.dh import QUICK
from crosslift.augment.dh_body import Meaning
from crosslift.augment.dh_generator import NAME, load_generator
from crosslift.data.windows_of_store import StoreWindows
from crosslift.errors import DataError, SettingsError, TrainingError
from crosslift.mapping import mapped
from crosslift.recipes.dh_aug.diagnosis import apart, at_limits, covered, overlap, smooth, upright
from crosslift.recipes.dh_aug.learning import Lesson, backwards, has_image
from crosslift.recipes.dh_aug.making import source_of, swap_for
from crosslift.recipes.dh_aug.moves import contest_of
from crosslift.recipes.dh_aug.players import players
from crosslift.recipes.dh_aug.settings import (
    Falling,
    Game,
    Learning,
    Playing,
    Released,
    Showing,
    Watching,
    Widths,
)
from crosslift.recipes.dh_aug.shown import Shown, mirrored, real_poses, shown, varied
from crosslift.recipes.dh_aug.watch import Watch
from crosslift.recipes.dh_training import BASELINE, RANDOM, SINGLE, VIDEO, DHAug
from crosslift.recipes.poseda.players import Clock
from crosslift.recipes.supervised import Optimizing
from crosslift.skeletons import H36M_16
from crosslift.training import Fitting, Run, Schedule
from crosslift.training.precision import lowered
from crosslift.windows import Windowing

from ..stores import short_clips, stored
from .jobs import generator, job_for

TINY = Widths(12, 12, 12, 12, 12)
GAME = Game(widths=TINY, place="source", playing=Playing(rate=1e-3, generator_every=2))
SMALL = DHAug(
    batch=16,
    warm_up=0,
    game=GAME,
    learning=Learning(optimizer=Optimizing(rate=1e-3)),
    showing=Showing(every=1, poses=5, measured=20),
    fitting=Fitting(epochs=2, schedule=Schedule("constant"), log_every=1),
)
LIFTERS = {"simple_baseline": {"body", "picture"},
           "videopose": {"body", "picture", "motion", "picture_motion"}}  # fmt: skip
"""And the critics that play where it learns."""


def contest(name: str = "simple_baseline", game: Game = GAME, store=None, **more):
    lifter = job_for(name, store).lifter()
    clock = Clock(3, 10)
    return contest_of(game, lifter, clock, generator(), lambda sentence: None, **more), lifter


def batch_of(store, frames: int, count: int = 12):
    return StoreWindows(store, Windowing(frames, 1, "all")).take(range(count))


@pytest.mark.parametrize("name", LIFTERS)
@pytest.mark.parametrize(
    "mirrors", ["half", *(pytest.param(each, marks=pytest.mark.slow) for each in ("both", "none"))]
)
def test_everyone_moves_and_everyone_is_kept(walkers, tmp_path, name, mirrors):
    settings = replace(SMALL, game=replace(GAME, mirrors=mirrors))
    job = job_for(name, walkers, run=Run(tmp_path / "run"))
    with_it = settings.train(job)
    assert with_it.fitted.skipped == 0 and with_it.fitted.steps == 6
    last = json.loads((tmp_path / "run" / "log.jsonl").read_text().splitlines()[-1])
    for critic in LIFTERS[name]:
        terms = {f"critics.{critic}_{part}" for part in ("real", "made", "penalty")}
        assert terms <= set(last)
    assert {"lifter.real"} <= set(last)
    made = load_generator(tmp_path / "run" / NAME)
    assert made.frames == with_it.lifter.frames
    fresh = players(GAME, made.frames, generator(), torch.device("cpu")).generator
    assert not torch.equal(made.network.deconv_out.weight, fresh.deconv_out.weight)
    there = {path.name for path in (tmp_path / "run" / "generated").iterdir()}
    wanted = {"epoch-0000", "epoch-0001", "end"}
    assert there == {f"{each}.{kind}" for each in wanted for kind in ("png", "json")}
    figures = json.loads((tmp_path / "run" / "generated" / "end.json").read_text())
    assert {"covered", "nearest_real_mm", "at_limits", "range_used", "body"} <= set(figures)
    assert ("smooth" in figures) == (name == "videopose")


@pytest.mark.parametrize("name", LIFTERS)
def test_products_may_be_coarse_while_coordinates_stay_exact(walkers, name):
    coarse = replace(
        SMALL, game=replace(GAME, place="learned", meaning=Meaning(waves=2)),
        fitting=replace(SMALL.fitting, precision="bfloat16"),
    )  # fmt: skip
    assert coarse.train(job_for(name, walkers)).fitted.skipped == 0
    found, lifter = contest(name, store=walkers)
    source = found.source(batch_of(walkers, lifter.frames), generator())
    said = 0.3 * torch.randn(len(source), lifter.frames * 35, generator=generator())
    found.players.generator.deconv_out.register_forward_hook(lambda *_: said)
    with lowered(found.modules().values(), torch.device("cpu"), "bfloat16"):
        coarsely = found.made(source, generator())
    assert_close(coarsely.bodies, found.made(source, generator()).bodies)


def test_the_same_seed_gives_the_same_weights_and_a_stopped_training_goes_on(walkers, tmp_path):
    quiet = replace(SMALL, showing=Showing(every=0))
    whole = quiet.train(job_for("simple_baseline", walkers)).lifter.state()
    some = replace(quiet, fitting=replace(SMALL.fitting, steps=4))
    some.train(job_for("simple_baseline", walkers, run=Run(tmp_path / "run")))
    (tmp_path / "run" / NAME).unlink()
    again = job_for("simple_baseline", walkers, run=Run(tmp_path / "run", resume=True))
    stopped = quiet.train(again).lifter.state()
    assert all(torch.equal(whole[name], stopped[name]) for name in whole)


@pytest.mark.parametrize("name", LIFTERS)
def test_each_critic_alone_reaches_the_generator_and_leaves_no_trace_in_itself(walkers, name):
    found, lifter = contest(name, store=walkers)
    batch = batch_of(walkers, lifter.frames)
    found.clock.tick()
    terms = found.generator_move(batch, generator())
    assert set(terms) == LIFTERS[name]
    parameters = list(found.players.generator.parameters())
    for term in terms.values():
        grads = torch.autograd.grad(term, parameters, retain_graph=True)
        assert all(grad.isfinite().all() for grad in grads) and grads[0].abs().sum() > 0
    sum(terms.values()).backward()
    critics = found.players.critics.values()
    assert all(each.grad is None for critic in critics for each in critic.parameters())
    assert all(each.requires_grad for critic in critics for each in critic.parameters())


def test_critics_leave_the_generator_alone(walkers):
    found, _ = contest(store=walkers)
    terms = found.critics_move(batch_of(walkers, 1), generator())
    sum(terms.values()).backward()
    assert all(each.grad is None for each in found.players.generator.parameters())


def test_critics_of_movement_rest_until_their_warm_up_is_over(walkers):
    found, lifter = contest("videopose", store=walkers, resting_critics=1)
    batch = batch_of(walkers, lifter.frames)
    first = found.critics_move(batch, generator())
    assert not [term for term in first if "motion" in term]
    for _ in range(3):
        found.clock.tick()
    assert [term for term in found.critics_move(batch, generator()) if "motion" in term]


def test_critics_move_in_one_batch_of_so_many(walkers):
    seldom = replace(GAME, playing=replace(GAME.playing, critics_every=3))
    found, _ = contest(game=seldom, store=walkers)
    batch, rng = batch_of(walkers, 1), generator()
    moves = [set(found.critics_move(batch, rng)) for _ in range(5)]
    assert [terms == {"resting"} for terms in moves] == [False, True, True, False, True]


def test_critics_learn_to_tell_real_from_made(walkers):
    found, _ = contest(store=walkers)
    batch = batch_of(walkers, 1)
    rng = generator()
    for _ in range(40):
        found.optimizers["critics"].zero_grad()
        sum(found.critics_move(batch, rng).values()).backward()
        found.optimizers["critics"].step()
    assert found.watch.readings()["body_apart"] > 0
    made = found.made(found.source(batch, rng), rng)
    real = found.real(found.source(batch, rng))
    critic = found.players.critics["body"]
    assert float(critic(real.of("body")).mean()) > float(critic(made.of("body")).mean())


def test_in_the_release_mirror_images_count_and_teach_nothing(walkers):
    game = replace(GAME, mirrors="both", backwards=False,
                   released=Released(detached_mirrors=True))  # fmt: skip
    found, _ = contest(game=game, store=walkers)
    own, _ = contest(game=replace(game, released=Released()), store=walkers)
    own.players.generator.load_state_dict(found.players.generator.state_dict())
    own.players.critics["body"].load_state_dict(found.players.critics["body"].state_dict())
    batch, values, slopes = batch_of(walkers, 1), [], []
    for each in (found, own):
        term = each.generator_move(batch, generator())["body"]
        values.append(term.detach())
        slopes.append(torch.autograd.grad(term, each.players.generator.deconv_out.bias)[0])
    assert_close(*values)
    assert float((slopes[0] - slopes[1]).abs().max()) > 1e-6


def test_the_lifter_rests_in_the_warm_up_then_learns_and_its_rate_falls(walkers, tmp_path):
    settings = replace(
        SMALL, warm_up=1, fitting=replace(SMALL.fitting, epochs=3), showing=Showing(every=0)
    )
    job = job_for("simple_baseline", walkers, run=Run(tmp_path / "run"))
    settings.train(job)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    resting = ["lifter.resting" in line for line in lines]
    assert resting == [True] * 3 + [False] * 6
    assert not (tmp_path / "run" / "generated").exists()


def test_the_published_fall_of_the_rate():
    rate = Falling()
    assert rate(0) == 1 and rate(1) == pytest.approx(50 / 51)
    assert rate(50) == pytest.approx(1 / 51) and rate(52) == pytest.approx(0.95**2 / 51)


def test_the_lifter_s_gradient_is_clipped_and_its_rate_follows_the_clock(walkers):
    lifter = job_for("simple_baseline", walkers).lifter()
    clock = Clock(1, 10)
    learning = Learning(optimizer=Optimizing(rate=1.0), falling=Falling(1, 0.5), clip=0.1)
    optimizer = Lesson(lifter, GAME, learning, clock).optimizer()
    weights = next(lifter.network.parameters())
    for wanted in (1.0, 0.5, 0.25):
        clock.tick()
        for each in lifter.network.parameters():
            each.grad = torch.ones_like(each)
        optimizer.param_groups[0]["lr"] = 1.0
        optimizer.step()
        assert optimizer.param_groups[0]["lr"] == pytest.approx(wanted)
        assert float(weights.grad.norm()) <= 0.1


@pytest.mark.parametrize(("settings", "terms"), [
    (replace(RANDOM, batch=16), {"made", "real"}),
    (replace(BASELINE, batch=16), {"real"}),
])  # fmt: skip
def test_without_a_generator_there_are_random_bodies_or_none(walkers, tmp_path, settings, terms):
    settings = replace(settings, fitting=SMALL.fitting)
    folder = tmp_path / "run"
    trained = settings.train(job_for("simple_baseline", walkers, run=Run(folder)))
    last = json.loads((folder / "log.jsonl").read_text().splitlines()[-1])
    assert {f"lifter.{term}" for term in terms} == {key for key in last if key[:6] == "lifter"}
    assert trained.fitted.steps == 6 and not (folder / NAME).exists()


def test_a_lifter_learns_from_made_pairs_alone(walkers):
    settings = replace(
        SMALL,
        game=replace(GAME, data="random"),
        learning=Learning(made=1.0, optimizer=Optimizing(rate=3e-3), falling=None, squared=False),
        fitting=Fitting(epochs=100, steps=40, schedule=Schedule("constant")),
    )
    lifter = job_for("simple_baseline", walkers).lifter()
    lesson = settings.lesson(lifter, Clock(3, 100), None)
    batch, rng = batch_of(walkers, 1, 40), generator()
    before = float(lesson.loss(lesson.made(batch, generator(1)), rng)["position"].detach())
    trained = settings.train(job_for("simple_baseline", walkers)).lifter
    lesson = settings.lesson(trained, Clock(3, 100), None)
    made = lesson.made(batch, generator(1))
    assert float(lesson.loss(made, rng)["position"].detach()) < 0.8 * before


def test_made_windows_are_wholly_in_the_picture(walkers):
    lifter = job_for("videopose", walkers).lifter()
    lesson = replace(SMALL, game=replace(GAME, data="random")).lesson(lifter, Clock(3, 1), None)
    made = lesson.made(batch_of(walkers, lifter.frames), generator())
    assert len(made) and made.keypoints.isfinite().all() and (made.scores == 1).all()
    assert (made.keypoints >= 0).all() and (made.keypoints <= made.camera.size[..., None, :]).all()


def test_windows_with_a_joint_beside_the_camera_are_not_learned_from(walkers):
    batch = batch_of(walkers, 1, 4)
    keypoints, scores = batch.keypoints.clone(), batch.scores.clone()
    keypoints[1, 0, 3] = 1e9
    keypoints[2, 0, 3], scores[2, 0, 3] = math.nan, 0
    odd = replace(batch, keypoints=keypoints, scores=scores)
    assert has_image(odd).tolist() == [True, False, True, True]


def test_noise_can_be_put_on_made_pairs_alone(walkers):
    noisy = Learning(augment=("detector:exact=0:lost=0.5",))
    lifter = job_for("simple_baseline", walkers).lifter()
    settings = replace(SMALL, game=replace(GAME, data="random"), learning=noisy)
    made = settings.lesson(lifter, Clock(3, 1), None).made(batch_of(walkers, 1, 40), generator())
    assert (made.scores == 0).any()


def test_windows_backwards_twice_are_the_windows(walkers):
    batch = batch_of(walkers, 5)
    again = backwards(backwards(batch))
    assert torch.equal(again.poses, batch.poses)
    assert torch.equal(backwards(batch).keypoints[:, 0], batch.keypoints[:, -1])


def test_critics_see_the_world_s_axes_about_the_root(walkers):
    batch = batch_of(walkers, 3)
    seen = shown(real_poses(batch)[0], batch.camera)
    assert_close(seen.bodies[:, :, 0], torch.zeros_like(seen.bodies[:, :, 0]))
    assert (seen.bodies[:, :, H36M_16.index("head"), 2] > 0.3).all()  # people who stand, z up
    assert (seen.pictures.abs() < 1.5).all()
    assert seen.of("body").shape == (len(batch) * 3, 16, 3)
    assert seen.of("picture_motion").shape == (len(batch), 3, 16, 2)


def test_points_behind_the_camera_have_an_image_and_the_release_s_is_false(walkers):
    batch = batch_of(walkers, 1, 2)
    poses = real_poses(batch)[0].clone()
    poses[0, 0, 3] = torch.tensor([0.3, 0.2, -1.0])
    own, false = (shown(poses, batch.camera, clamped=each).pictures for each in (False, True))
    assert own.isfinite().all() and own[0, 0, 3, 0] > 0 > false[0, 0, 3, 0]
    assert_close(own[1], false[1])


def test_half_are_mirrored_or_all_stand_beside_their_images():
    rng = generator()
    seen = Shown(torch.randn(200, 2, 16, 3, generator=rng), torch.randn(200, 2, 16, 2))
    half = varied(seen, "half", generator(), reverse=False)
    changed = (half.bodies != seen.bodies).flatten(1).any(dim=1)
    assert 0.35 < float(changed.float().mean()) < 0.65
    assert torch.equal(half.bodies[changed], mirrored(seen).bodies[changed])
    both = varied(seen, "both", generator(), reverse=True)
    assert len(both.bodies) == 800 and torch.equal(both.bodies[:200], seen.bodies)
    assert torch.equal(both.pictures[400:600], seen.pictures.flip(1))
    assert varied(seen, "none", generator(), reverse=True) is seen


def test_templates_are_read_from_bodies_and_bad_ones_refused(walkers, tmp_path):
    from crosslift.body import Body, write_body

    lengths = torch.cat([torch.zeros(1), torch.linspace(0.1, 0.4, 15)])
    write_body(tmp_path / "a.json", Body(lengths, lengths * 0, H36M_16, "a tape", 1))
    game = replace(GAME, templates=(tmp_path / "a.json",))
    assert_close(swap_for(game).bodies[0], lengths[1:], atol=1e-4, rtol=0)
    lengths[3] = 0
    write_body(tmp_path / "b.json", Body(lengths, lengths * 0, H36M_16, "a tape", 1))
    with pytest.raises(DataError, match="Bone lengths are numbers above 0"):
        swap_for(replace(GAME, templates=(tmp_path / "b.json",)))
    assert swap_for(replace(GAME, swap="none")) is None
    assert swap_for(replace(GAME, swap="batch")).bodies is None


@pytest.mark.parametrize(("change", "words"), [
    ({"swap": "none", "templates": (Path("a.json"),)}, 'swap is "none"'),
    ({"released": Released(detached_mirrors=True)}, 'say mirrors "both"'),
    ({"playing": Playing(generator_every=0)}, "move in one batch of 1 or more"),
    ({"playing": Playing(critics_every=0)}, "move in one batch of 1 or more"),
    ({"frames_judged": 0}, "critics see 1 frame or more"),
])  # fmt: skip
def test_games_that_contradict_themselves_are_refused(change, words):
    with pytest.raises(SettingsError, match=words):
        replace(GAME, **change)


@pytest.mark.parametrize(("make", "words"), [
    (lambda: Watching(every=0), "Watching needs every"),
    (lambda: Showing(measured=1), "figures of 2 or more"),
    (lambda: replace(SINGLE, warm_up=-1), "lasts 0 or more epochs"),
])  # fmt: skip
def test_other_settings_that_are_none_are_refused(make, words):
    with pytest.raises(SettingsError, match=words):
        make()


def test_only_windows_known_in_full_are_shown(walkers):
    batch = batch_of(walkers, 1, 4)
    poses = batch.poses.clone()
    poses[1, 0, 5] = math.nan
    found = source_of(replace(batch, poses=poses), None, generator())
    assert len(found) == 3
    with pytest.raises(SettingsError, match="needs poses, but the batch has keypoints alone"):
        source_of(replace(batch, poses=None), None, generator())


def test_a_store_of_sixteen_joints_is_played_with_too(tmp_path):
    store = stored(tmp_path / "s", [mapped(clip, "h36m16") for clip in short_clips(3)])
    job = job_for("simple_baseline", store, skeleton=H36M_16)
    assert SMALL.train(job).fitted.skipped == 0


def test_losses_that_are_no_numbers_end_the_training_and_write_no_generator(walkers, tmp_path):
    watching = Watching(every=1, patience=2, right=0.0)
    mad = replace(SMALL, game=replace(GAME, playing=Playing(rate=1e30), watching=watching),
                  fitting=replace(SMALL.fitting, epochs=20))  # fmt: skip
    job = job_for("simple_baseline", walkers, run=Run(tmp_path / "run"))
    with pytest.raises(TrainingError, match="critic sets real and made inf apart, after 1 new"):
        mad.train(job)
    assert not (tmp_path / "run" / NAME).exists()


def watched(**readings: float) -> Watch:
    watch = Watch(Watching(), seed=7)
    for name, value in readings.items():
        watch.note(name, torch.tensor(value))
    return watch


@pytest.mark.parametrize(("readings", "degrees", "limits", "words"), [
    ({"body": 0.6, "body_apart": 3.0, "seen": 0.5}, 20.0, 0.1, None),
    ({"body": 0.1}, 20.0, 0.1, "the body critic tells real from made in 10% of all pairs"),
    ({"picture_motion_apart": -3e3}, 20.0, 0.1, "the picture-motion critic sets real and made"),
    ({"motion_apart": math.inf}, 20.0, 0.1, "the motion critic sets real and made inf apart"),
    ({}, 0.1, 0.1, "two bodies that the generator makes are 0.1 degrees apart"),
    ({}, math.nan, 0.1, "are nan degrees apart"),
    ({}, 20.0, 0.99, "99% of all made angles lie at their limits"),
    ({"seen": 0.0}, 20.0, 0.1, "0% of all made bodies lie within the picture"),
])  # fmt: skip
def test_each_way_to_lose_is_noticed(readings, degrees, limits, words):
    found = watched(**readings).complaint(degrees, limits)
    assert found is None if words is None else words in found


def test_a_lost_game_begins_anew_once_then_ends(walkers, tmp_path):
    game = replace(GAME, watching=Watching(every=1, patience=1, degrees=1e6, right=0.0))
    settings = replace(SMALL, game=game)
    job = job_for("simple_baseline", walkers, run=Run(tmp_path / "run"))
    with pytest.raises(TrainingError, match="degrees apart, after 1 new beginnings; choose"):
        settings.train(job)
    assert not (tmp_path / "run" / NAME).exists()


def test_a_new_beginning_is_said_and_forgets_weights_and_momenta(walkers):
    said: list[str] = []
    game = replace(GAME, watching=Watching(every=1, patience=1, degrees=1e6, right=0.0))
    lifter = job_for("simple_baseline", walkers).lifter()
    found = contest_of(game, lifter, Clock(3, 10), generator(), said.append)
    batch, before = batch_of(walkers, 1), found.players.generator.deconv_out.weight.clone()
    for _ in range(2):
        found.optimizers["critics"].zero_grad()
        sum(found.critics_move(batch, generator()).values()).backward()
        found.optimizers["critics"].step()
    assert "Generator and critics begin anew at batch 1: two bodies" in said[0]
    assert not torch.equal(before, found.players.generator.deconv_out.weight)


def test_figures_know_a_collapse_from_variety(walkers):
    found, _ = contest(store=walkers)
    meaning = Meaning()
    various = found.maker.made(64, 1, generator())
    alike = various._replace(angles=various.angles[:1].expand(64, 1, 33))
    assert apart(alike) == pytest.approx(0, abs=0.1) and apart(various) > 1
    upper = torch.tensor(meaning.table.upper).expand(64, 1, 33)
    assert at_limits(various._replace(angles=upper), meaning.table) == 1
    assert at_limits(alike, meaning.table) < 0.1


def test_real_bodies_cover_themselves_and_turned_ones_are_the_same(walkers):
    real = shown(real_poses(batch_of(walkers, 1, 40))[0], batch_of(walkers, 1, 40).camera)
    bodies = real.bodies[:, 0]
    assert covered(bodies, bodies) == 1 and overlap(bodies, bodies) == pytest.approx(1)
    straight = torch.zeros_like(bodies)
    straight[..., 2] = torch.arange(16.0)
    assert covered(bodies, straight) < 0.5
    turn = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert_close(upright(bodies @ turn.T), upright(bodies), atol=1e-5, rtol=0)


def test_smooth_motion_is_told_from_torn_motion(walkers):
    batch = batch_of(walkers, 9, 20)
    real = shown(real_poses(batch)[0], batch.camera).bodies
    torn = real[torch.randperm(len(real), generator=generator())][:, torch.randperm(9)]
    assert smooth(real, real) == pytest.approx(0.95, abs=0.01)
    assert smooth(real, torn) < 0.8
    assert math.isnan(smooth(real[:, :2], torn[:, :2]))


def test_motion_of_few_waves_is_smoother_for_critics_too(walkers):
    rough, _ = contest("videopose", store=walkers)
    slow, lifter = contest("videopose", replace(GAME, meaning=Meaning(waves=2)), walkers)
    batch = batch_of(walkers, lifter.frames)
    real = rough.real(rough.source(batch, generator())).bodies
    shares = [smooth(real, each.made(each.source(batch, generator()), generator()).bodies)
              for each in (rough, slow)]  # fmt: skip
    assert shares[0] < shares[1]


def test_made_motion_is_led_to_the_pace_of_people(walkers):
    found, lifter = contest("videopose", store=walkers)
    batch = batch_of(walkers, lifter.frames)

    def share() -> float:
        source = found.source(batch, generator())
        return smooth(found.real(source).bodies, found.made(source, generator()).bodies)

    before = share()
    for seed in range(30):
        found.critics_move(batch, generator(seed))
    assert before < 0.8 and share() == pytest.approx(0.95, abs=0.05)  # of 3 clips
    assert found.maker.now.quickness == float(found.modules()["pace"].quickness) < 1


def test_a_pace_is_kept_with_the_run_and_in_the_generators_file(walkers, tmp_path):
    whole = replace(SMALL, showing=Showing(every=0))
    whole.train(job_for("videopose", walkers, run=Run(tmp_path / "whole")))
    some = replace(whole, fitting=replace(SMALL.fitting, steps=4))
    some.train(job_for("videopose", walkers, run=Run(tmp_path / "run")))
    (tmp_path / "run" / NAME).unlink()
    whole.train(job_for("videopose", walkers, run=Run(tmp_path / "run", resume=True)))
    whole, stopped = (load_generator(tmp_path / run / NAME).meaning for run in ("whole", "run"))
    assert whole.quickness == stopped.quickness < 1


def test_single_poses_have_no_pace(walkers):
    found, _ = contest("simple_baseline", store=walkers)
    assert found.pace is None and "pace" not in found.modules()


def test_published_settings_are_those_of_the_commands():
    assert (SINGLE.batch, SINGLE.game.widths.body, SINGLE.fitting.epochs) == (1024, 256, 113)
    assert (VIDEO.batch, VIDEO.game.widths.motion, VIDEO.fitting.epochs) == (512, 1000, 134)
    assert VIDEO.warm_up + VIDEO.motion_warm_up == 25 and not VIDEO.game.paced
    assert SINGLE.game.says.picture == 0.2 and SINGLE.game.playing.betas == (0.5, 0.9)
    assert QUICK.place == "source" and QUICK.swap == "none"
