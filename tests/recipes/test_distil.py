"""Distillation: the steps that are halved, what the student learns, and what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from crosslift.cli import main
from crosslift.diffusion import Process, ddim, gaussian, noise_schedule
from crosslift.diffusion.process import DIRECTIONS
from crosslift.errors import SettingsError
from crosslift.lifter_folder import About, load_lifter, save_lifter
from crosslift.lifters.d3dp import D3DPLifter
from crosslift.lifters.diff3dhpe import Diff3DHPELifter
from crosslift.lifters.direct import mirrored
from crosslift.lifters.flat import FlatSettings
from crosslift.lifters.inputs import Seen
from crosslift.networks.grand import GrandSettings
from crosslift.networks.mixste import MixSTESettings
from crosslift.recipes.diffusion import DiffusionRecipe
from crosslift.recipes.distil import DistilRecipe, Rounds, clean_of_step, goal_of, loss_of
from crosslift.recipes.job import Job
from crosslift.recipes.supervised import Optimizing, relative_truth
from crosslift.skeletons import H36M_17
from crosslift.training import Fitting, Run, Schedule

from .test_diffusion import batch_of, generator, short

SIZES = {"frames": 5, "width": 32, "depth": 1, "heads": 2}
TEACHERS = {
    "d3dp": D3DPLifter(MixSTESettings(**SIZES), hypotheses=3, steps=8),
    "diff3dhpe": Diff3DHPELifter(GrandSettings(**SIZES), steps=8),
}


@pytest.fixture(scope="module")
def teachers(walkers, tmp_path_factory) -> dict[str, Path]:
    """Lifters that have learned a little."""
    place, found = tmp_path_factory.mktemp("teachers"), {}
    for name, settings in TEACHERS.items():
        job = Job(About(name, settings, H36M_17), walkers, generator())
        recipe = DiffusionRecipe(**vars(short(name, 50)))
        found[name] = place / name
        save_lifter(recipe.train(job).lifter, job.about, found[name])
    return found


def recipe_of(teacher: Path, batches: int = 6, **more) -> DistilRecipe:
    fitting = Fitting(epochs=1000, steps=batches, schedule=Schedule("constant"), log_every=1)
    plain = DistilRecipe(
        teacher, batch=16, stride=1, optimizer=Optimizing(rate=5e-4), fitting=fitting
    )
    return replace(plain, **more)


def job_of(recipe: DistilRecipe, store, **more) -> Job:
    return Job(About(*recipe.lifter(), H36M_17), store, generator(), **more)


def drawn(lifter, batch, steps: int):
    """Poses without fresh noise, from the same start."""
    process = replace(lifter.process, eta=0.0)
    lifter = replace(lifter, process=process, steps=steps, hypotheses=6)
    with torch.no_grad():
        return lifter.lift(batch.keypoints, batch.camera, generator())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["d3dp", "diff3dhpe"])
def test_the_student_draws_in_one_step_what_its_teacher_draws_in_eight(teachers, walkers, name):
    recipe = recipe_of(teachers[name], batches=60, truth=0.0)
    trained = recipe.train(job_of(recipe, walkers))
    assert trained.fitted.skipped == 0 and trained.lifter.steps == 1
    teacher, _ = load_lifter(teachers[name])
    batch = batch_of(walkers, teacher, 20)
    wanted = drawn(teacher, batch, 8)
    before, after = (
        float((drawn(each, batch, 1) - wanted).norm(dim=-1).mean())
        for each in (teacher, trained.lifter)
    )
    assert after < 0.9 * before


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", TEACHERS)
def test_one_step_with_the_goal_leads_where_two_steps_lead(teachers, walkers, name, direction):
    teacher, _ = load_lifter(teachers[name])
    teacher = replace(teacher, flip=False, process=Process(direction=direction))
    batch = batch_of(walkers, teacher, 1)
    seen, noisy = Seen(batch.keypoints, batch.camera), torch.randn(1, 5, 17, 3)
    told = teacher.numbers(seen)

    def denoise(poses, time):
        return teacher.network(told, poses[:, None], torch.tensor([time]))[:, 0]

    times = (999, 874, 749)
    stages = ddim(denoise, lambda: noisy, noise_schedule(), times, direction=DIRECTIONS[direction])
    _, there, _ = stages
    signal = noise_schedule().signal.float()
    with torch.no_grad():
        goal = goal_of(teacher, seen, noisy, tuple(torch.tensor([time]) for time in times))
    kept = (1 - signal[749]).sqrt() * DIRECTIONS[direction](noisy, goal, float(signal[999]))
    assert_close(signal[749].sqrt() * goal + kept, there.noisy.detach(), atol=1e-4, rtol=1e-3)


def test_the_last_goal_is_what_the_second_step_says(teachers, walkers):
    teacher, _ = load_lifter(teachers["d3dp"])
    teacher = replace(teacher, process=replace(teacher.process, eta=0.0), steps=2, hypotheses=1)
    batch = batch_of(walkers, teacher, 4)
    noise = gaussian(torch.zeros(4, 1, 5, 17, 3), generator())
    seen = Seen(batch.keypoints, batch.camera)
    told = teacher.numbers(seen)
    turned = teacher.numbers(mirrored(seen, H36M_17))
    with torch.no_grad():
        *_, last = teacher.drawn(told, turned, lambda: noise)
        times = tuple(torch.full((4,), time) for time in (999, 499, -1))
        found = goal_of(teacher, seen, noise[:, 0], times)
    assert_close(found, last.clean[:, 0], atol=1e-4, rtol=0)


def test_a_step_is_solved_for_its_clean_poses():
    rng = generator()
    noisy, clean = (torch.randn(2, 5, 17, 3, generator=rng, dtype=torch.float64) for _ in range(2))
    now, then = (torch.full((2, 1, 1, 1), each).double() for each in (0.3, 0.7))
    for direction in DIRECTIONS.values():
        after = then.sqrt() * clean + (1 - then).sqrt() * direction(noisy, clean, now)
        assert_close(clean_of_step(noisy, after, now, then, direction), clean)


def test_rounds_halve_the_steps_and_change_who_teaches(teachers, walkers):
    recipe = recipe_of(teachers["d3dp"], steps=2, halvings=2)
    teacher, student = recipe.pair(job_of(recipe, walkers))
    rounds, told = Rounds(teacher, recipe, batches=6), teacher.network.state_dict()
    with torch.no_grad():
        for each in student.network.parameters():
            each.add_(1.0)
    steps = []
    for number in range(6):
        steps.append(rounds.next(student))
        expected = told if number < 3 else student.network.state_dict()
        now = rounds.before.network.state_dict()
        assert all(torch.equal(now[name], each) for name, each in expected.items())
    assert steps == [4, 4, 4, 2, 2, 2]


def test_a_stopped_distillation_ends_with_the_same_weights(teachers, walkers, tmp_path):
    recipe = recipe_of(teachers["d3dp"], batches=6)
    whole = recipe.train(job_of(recipe, walkers)).lifter.state()
    run = Run(tmp_path / "run", resume=True)

    seen = []

    def stops(self, student, before=Rounds.next):
        seen.append(1)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return before(self, student)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rounds, "next", stops)
        with pytest.raises(KeyboardInterrupt):
            recipe.train(job_of(recipe, walkers, run=run))
    again = recipe.train(job_of(recipe, walkers, run=run)).lifter.state()
    assert all(torch.equal(each, again[name]) for name, each in whole.items())


def test_the_truth_counts_as_much_as_it_is_told(teachers, walkers):
    def terms(truth: float):
        recipe = recipe_of(teachers["d3dp"], truth=truth)
        teacher, student = recipe.pair(job_of(recipe, walkers))
        student.network.eval()
        with torch.no_grad():
            return loss_of(student, Rounds(teacher, recipe, 6))(
                batch_of(walkers, student), generator()
            )

    none, one, two = terms(0.0), terms(1.0), terms(2.0)
    assert set(none) == {"position"} and none["position"] == one["position"] == two["position"]
    assert float(two["truth"]) == pytest.approx(2 * float(one["truth"])) and one["truth"] > 0


def test_what_is_learned_anew_is_nearer_to_the_truth(teachers, walkers):
    def off(truth: float) -> float:
        recipe = recipe_of(teachers["d3dp"], batches=30, truth=truth)
        lifter = recipe.train(job_of(recipe, walkers)).lifter
        batch = batch_of(walkers, lifter, 20)
        with torch.no_grad():
            poses = lifter.lift(batch.keypoints, batch.camera, generator())
        truth_of, _ = relative_truth(batch)
        return float((poses.mean(dim=1) - truth_of).norm(dim=-1).mean())

    assert off(20.0) < 0.98 * off(0.0)


def test_gradients_reach_the_student_and_not_the_teacher(teachers, walkers):
    recipe = recipe_of(teachers["d3dp"])
    teacher, student = recipe.pair(job_of(recipe, walkers))
    loss = loss_of(student, Rounds(teacher, recipe, 6))(batch_of(walkers, student), generator())
    loss["position"].backward()
    assert all(bool((each.grad != 0).any()) for each in student.network.parameters())
    assert all(each.grad is None for each in teacher.network.parameters())


def test_the_command_makes_a_student_of_the_teachers_kind(teachers, walkers, tmp_path, capsys):
    words = ["train", "distil", str(walkers.path), "-o", str(tmp_path / "run")]
    words += ["--teacher", str(teachers["d3dp"]), "--batch", "16", "--fitting.steps", "3"]
    assert main([*words, "--quiet"]) == 0
    lifter, about = load_lifter(tmp_path / "run" / "lifter")
    assert (about.name, lifter.steps, lifter.hypotheses) == ("d3dp", 1, 3)
    assert main([*words[:3], "-o", str(tmp_path / "other"), *words[5:], "--lifter", "d3dp"]) == 2
    assert "says itself which lifter it trains" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"steps": 3}, "draws in 1 or 2 steps, after 1 to 8 halvings .* but 3 and 3"),
        ({"halvings": 0}, "but 1 and 0 were asked for; choose 1 and 3"),
        ({"truth": -1.0}, "weight of 0 or more, but -1 was given"),
        ({"fitting": Fitting(minutes=1.0)}, "fitting.minutes or fitting.patience could end it"),
    ],
)
def test_impossible_distillations_are_refused(more, words):
    with pytest.raises(SettingsError, match=words):
        DistilRecipe(**more)


def test_a_teacher_is_a_diffusion_lifter_of_the_same_kind(teachers, walkers, tmp_path):
    with pytest.raises(SettingsError, match="needs a teacher; name the folder of a trained d3dp"):
        DistilRecipe().lifter()
    from ..lifters.small import small_settings

    other = About("mixste", small_settings("mixste"), H36M_17)
    save_lifter(other.build(), other, tmp_path / "mixste")
    with pytest.raises(SettingsError, match='"mixste", which answers in one; name the folder of'):
        DistilRecipe(tmp_path / "mixste").lifter()
    recipe = recipe_of(teachers["d3dp"])
    with pytest.raises(SettingsError, match="but flat for .* leave the lifter to the recipe"):
        recipe.train(Job(About("flat", FlatSettings(), H36M_17), walkers, generator()))
