"""PoSynDA's teacher and student: what is minimised, who follows whom, and that it learns."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.camera import pinhole, project, stacked
from crosslift.data.shuffled import Shuffled
from crosslift.data.windows_of_store import StoreWindows
from crosslift.errors import SettingsError
from crosslift.geometry import body_lengths
from crosslift.lifters.diffusion import Diffusion
from crosslift.networks.low_rank import LowRankSettings, additions, low_rank_layers, take_out
from crosslift.recipes.posynda import POSYNDA, PoSynDA, Teacher, adapt
from crosslift.recipes.posynda.adapting import course_of, moving, student_of
from crosslift.recipes.posynda.terms import agreement, nearest_image, off_image
from crosslift.recipes.supervised import Optimizing
from crosslift.skeletons import H36M_17
from crosslift.training import Fitting, Run, Schedule, Validation
from crosslift.windows import Windowing

from ..lifters.small import small_settings
from ..networks.awake import awake

STEADY = Fitting(epochs=1000, steps=4, schedule=Schedule("constant"), log_every=1)
QUICK = PoSynDA(
    low_rank=LowRankSettings((r"blocks\.",), rank=4),
    share=0.9,
    tried=2,
    mirrored=False,
    batch=4,
    optimizer=Optimizing(rate=3e-3),
    fitting=STEADY,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawing(name: str = "d3dp", **more) -> Diffusion:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        lifter = small_settings(name, **more).build(H36M_17)
    awake(lifter.network).eval()
    return lifter


def windows_of(store, lifter, size: int = 4) -> Shuffled:
    return Shuffled(StoreWindows(store, Windowing(lifter.frames, 3)), size, 0)


def course(store, settings: PoSynDA = QUICK, **more):
    student = student_of(drawing(**more), settings, generator())
    return course_of(student, store, settings), windows_of(store, student).batch(0, 0)


# what is minimised


def test_the_terms_worked_by_hand():
    camera = stacked([pinhole(100.0, (200, 200))])[None]  # a window, hypotheses and frames of one
    poses = torch.tensor([[[[[0.0, 0.0, 1.0], [0.3, 0.0, 1.0]]], [[[0.1, 0.0, 1.0], [0.0, 0, 1]]]]])
    keypoints = torch.tensor([[[[100.0, 100.0], [104.0, 103.0]]]])
    off = off_image(poses, keypoints, camera)
    assert_close(off[0, :, 0], torch.tensor([[0.0, (26.0**2 + 9) ** 0.5], [10.0, 5.0]]))
    seen = torch.tensor([[[True, True]]])
    assert float(nearest_image(off, seen)) == pytest.approx(2.5)
    label = torch.tensor([[[[0.0, 0.0, 1.0], [0.3, 0.4, 1.0]]]])
    assert float(agreement(poses, label, seen)) == pytest.approx((0 + 0.4 + 0.1 + 0.5) / 4)
    one = torch.tensor([[[False, True]]])
    assert float(agreement(poses, label, one)) == pytest.approx((0.4 + 0.5) / 2)


def test_what_is_unseen_or_behind_the_camera_counts_for_nothing_and_has_no_slope():
    camera = stacked([pinhole(100.0, (200, 200))])[None]
    poses = torch.tensor([[[[[0.0, 0.0, -1.0], [0.3, 0.0, 1.0]]]]], requires_grad=True)
    keypoints = torch.tensor([[[[100.0, 100.0], [torch.nan, torch.nan]]]])
    off = off_image(poses, keypoints, camera)
    assert torch.isinf(off).all()
    loss = nearest_image(off, torch.ones(1, 1, 2, dtype=torch.bool))
    loss.backward()
    assert float(loss.detach()) == 0 and not poses.grad.any()


def test_a_source_that_is_known_exactly_costs_nothing(walkers, monkeypatch):
    made, batch = course(walkers)
    truth = batch.poses - batch.poses[..., :1, :]
    monkeypatch.setattr(type(made), "tried", lambda *_: truth[:, None].expand(-1, 2, -1, -1, -1))
    terms = made.source_move(batch, generator())
    assert all(float(each) < 1e-5 for each in terms.values())


def test_weights_are_those_of_the_settings(walkers):
    made, batch = course(walkers)
    doubled = replace(
        QUICK,
        source=replace(QUICK.source, position=2.0, reprojection=0.2),
        target=replace(QUICK.target, agreement=2.0, reprojection=1.0),
    )
    other, _ = course(walkers, doubled)
    for name in ("source_move", "target_move"):
        one, two = (getattr(each, name)(batch, generator(3)) for each in (made, other))
        for key, value in one.items():
            assert float(two[key]) == pytest.approx(2 * float(value), rel=1e-4)


# what is learned of the target


def test_a_lesson_is_joint_by_joint_the_hypothesis_seen_nearest_and_has_no_slope(
    walkers, monkeypatch
):
    made, batch = course(walkers)
    truth = batch.poses - batch.poses[..., :1, :]
    beside = 0.05 * torch.randn(4, 3, *truth.shape[1:], generator=generator())
    drawn = truth[:, None] + beside * (torch.arange(17) > 0)[:, None]
    monkeypatch.setattr("crosslift.recipes.posynda.moves.drawn_by", lambda *_: drawn)
    lesson = made.lesson(replace(batch, poses=None), generator())
    assert lesson.seen.all() and not lesson.label.requires_grad
    assert (lesson.place - batch.poses[:, :, 0]).norm(dim=-1).mean() < 0.3
    off = (drawn - lesson.label[:, None]).norm(dim=-1)
    assert_close(off.amin(dim=1), torch.zeros(off[:, 0].shape), atol=1e-5, rtol=0)

    def pixels(poses):
        seen = project(poses + lesson.place[:, :, None], batch.camera)
        return (seen - batch.keypoints).norm(dim=-1)

    each = torch.stack([pixels(drawn[:, number]) for number in range(3)])
    assert_close(pixels(lesson.label), each.amin(dim=0), atol=0.05, rtol=1e-3)


def test_pseudo_labels_get_the_bones_of_the_person_if_asked_for(walkers):
    made, batch = course(walkers, replace(QUICK, bones=True))
    target = replace(batch, poses=None, body=batch.body * 1.1)
    label = made.lesson(target, generator()).label
    lengths = body_lengths(label, batch.skeleton)
    assert_close(lengths[..., 1:], target.body[:, None, 1:].expand_as(lengths[..., 1:]),
                 atol=1e-4, rtol=0)  # fmt: skip
    plain, _ = course(walkers)
    told, untold = target, replace(target, body=None)
    assert torch.equal(*(plain.lesson(each, generator()).label for each in (told, untold)))


def test_windows_in_which_nobody_is_seen_teach_nothing(walkers, monkeypatch):
    made, batch = course(walkers)
    nowhere = torch.zeros_like(batch.keypoints)
    dark = replace(batch, poses=None, scores=torch.zeros_like(batch.scores), keypoints=nowhere)
    lesson = made.lesson(dark, generator())
    assert lesson.label.isfinite().all() and not lesson.seen.any()
    monkeypatch.setattr(type(made), "drawn_windows", lambda *_: dark)
    assert not any(float(each) for each in made.target_move(batch, generator()).values())


def test_nothing_is_left_out_while_the_student_draws_but_what_was_added(walkers):
    settings = replace(QUICK, low_rank=replace(QUICK.low_rank, dropout=0.5))
    made, batch = course(walkers, settings)
    made.lifter.network.train()
    made.tried(batch, generator())
    assert {name.rpartition(".")[2] for name, each in made.lifter.network.named_modules()
            if each.training} == {"dropout"}  # fmt: skip


# teacher


def test_the_first_step_takes_the_teacher_all_the_way_and_later_ones_less():
    value = torch.nn.Parameter(torch.zeros(1))
    teacher = Teacher([value], share=0.5)
    optimizer = torch.optim.SGD([value], lr=1.0)
    teacher.follows(optimizer)
    for _ in range(3):  # 1, 2, 3
        value.grad = torch.tensor([-1.0])
        optimizer.step()
    average = (0.25 * 1 + 0.5 * 2 + 1 * 3) / (0.25 + 0.5 + 1)
    assert_close(teacher.values[0], torch.tensor([average]))
    with teacher.teaching():
        assert_close(value.detach(), torch.tensor([average]))
    assert_close(value.detach(), torch.tensor([3.0]))
    teacher.hand_over()
    assert_close(value.detach(), torch.tensor([average]))


def test_the_teacher_follows_after_every_move_of_both(walkers):
    lifter = drawing()
    done = adapt(lifter, windows_of(walkers, lifter), walkers, QUICK, generator())
    assert done.fitted.steps == 4
    made, _ = course(walkers)
    assert made.teacher is not None and int(made.teacher.count) == 0
    made.optimizer.step()
    assert int(made.teacher.count) == 1


def test_pseudo_labels_are_the_teachers(walkers):
    made, batch = course(walkers)
    target = made.drawn_windows(2, batch, generator())
    before = made.lesson(target, generator()).label
    with torch.no_grad():
        for each in moving(made.lifter.network):
            each.add_(1.0)
    assert torch.equal(made.lesson(target, generator()).label, before)
    alone, _ = course(walkers, replace(QUICK, teacher=False))
    before = alone.lesson(target, generator()).label
    with torch.no_grad():
        for each in moving(alone.lifter.network):
            each.add_(1.0)
    assert not torch.equal(alone.lesson(target, generator()).label, before)


# the whole


def error_of(lifter: Diffusion, store) -> float:
    batch = windows_of(store, lifter, 6).batch(0, 0)
    truth = batch.poses - batch.poses[..., :1, :]
    with torch.no_grad():
        found = lifter.lift(batch.keypoints, batch.camera, generator(5))[:, 0]
    return float((found - truth).norm(dim=-1).mean())


def test_it_learns_and_the_base_is_untouched(walkers):
    lifter = drawing()
    before = {name: each.clone() for name, each in lifter.state().items()}
    settings = replace(QUICK, fitting=replace(STEADY, steps=25), optimizer=Optimizing(rate=2e-2))
    done = adapt(lifter, windows_of(walkers, lifter), walkers, settings, generator())
    assert error_of(done.lifter, walkers) < 0.8 * error_of(lifter, walkers)
    assert all(torch.equal(each, before[name]) for name, each in lifter.state().items())
    added = additions(done.lifter.network)
    assert done.moved == sum(each.numel() for each in added.values())
    take_out(done.lifter.network)
    assert all(torch.equal(each, before[name]) for name, each in done.lifter.state().items())


def test_all_weights_move_if_asked_for(walkers):
    lifter = drawing()
    settings = replace(QUICK, moved="all", teacher=False)
    done = adapt(lifter, windows_of(walkers, lifter), walkers, settings, generator())
    assert not low_rank_layers(done.lifter.network)
    assert done.moved == sum(each.numel() for each in lifter.network.parameters())
    first = "Spatial_patch_to_embedding.weight"
    assert not torch.equal(done.lifter.state()[first], lifter.state()[first])


def test_a_run_that_was_stopped_ends_with_the_same_weights(walkers, tmp_path):
    lifter = drawing()

    def trained(steps: int, folder=None, *, resume: bool = False):
        settings = replace(QUICK, fitting=replace(STEADY, steps=steps))
        run = Run(folder, resume)
        return adapt(lifter, windows_of(walkers, lifter), walkers, settings, generator(), run=run)

    whole = trained(4).lifter.state()
    trained(2, tmp_path / "run")
    again = trained(4, tmp_path / "run", resume=True).lifter.state()
    assert all(torch.equal(each, whole[name]) for name, each in again.items())


def test_a_loss_that_is_no_number_moves_nothing_and_is_counted(walkers, monkeypatch):
    lifter, calls, followed = drawing(), [], []

    def broken(poses, label, known):
        calls.append(1)
        return agreement(poses, label, known) * (torch.nan if len(calls) == 3 else 1)

    monkeypatch.setattr("crosslift.recipes.posynda.moves.agreement", broken)
    follow = Teacher.follow
    monkeypatch.setattr(Teacher, "follow", lambda self: (followed.append(1), follow(self)))
    done = adapt(lifter, windows_of(walkers, lifter), walkers, QUICK, generator())
    assert (len(calls), len(followed), done.fitted.skipped) == (8, 7, 1)
    assert all(each.isfinite().all() for each in done.lifter.state().values())


def test_what_is_judged_is_what_will_be_the_result(walkers):
    lifter, judged = drawing(), []

    def validation(student) -> Validation:
        def measure():
            judged.append({k: v.clone() for k, v in student.state().items()})
            return {"size": 1.0}

        return Validation("target", measure, "size", labels="none")

    settings = replace(QUICK, fitting=replace(STEADY, keep="last"))
    done = adapt(
        lifter, windows_of(walkers, lifter), walkers, settings, generator(), validation=validation
    )
    last, state = judged[-1], done.lifter.state()
    assert all(torch.equal(each, last[name]) for name, each in state.items())


@pytest.mark.parametrize("name", ["diff3dhpe"])
def test_other_lifters_that_draw_are_adapted_too(name, walkers):
    lifter = drawing(name)
    settings = replace(QUICK, low_rank=replace(QUICK.low_rank, layers=("mlp",)))
    done = adapt(lifter, windows_of(walkers, lifter), walkers, settings, generator())
    assert done.fitted.steps == 4


def test_a_lifter_with_one_answer_is_refused(walkers):
    with torch.random.fork_rng():
        lifter = small_settings("simple_baseline").build(H36M_17)
    examples = windows_of(walkers, drawing())
    with pytest.raises(SettingsError, match=r"\(SimpleBaseline\) has one answer alone; take"):
        adapt(lifter, examples, walkers, QUICK, generator())


def test_the_published_values():
    assert (POSYNDA.low_rank.rank, POSYNDA.low_rank.scale) == (4, 1.0)
    assert (POSYNDA.target.reprojection, POSYNDA.target.agreement) == (0.5, 1.0)
    assert (POSYNDA.source.reprojection, POSYNDA.source.position) == (0.1, 1.0)
    assert (POSYNDA.hypotheses, POSYNDA.tried, POSYNDA.target_every) == (3, 3, 1)
    assert POSYNDA.optimizer == Optimizing("adam", 1e-4) and POSYNDA.fitting.epochs == 40


@pytest.mark.parametrize("wrong", [{"tried": 0}, {"share": 1.0}, {"batch": 0}, {"steps": 0}])
def test_settings_that_draw_nothing_are_refused(wrong):
    with pytest.raises(SettingsError, match="PoSynDA needs 1 or more of everything"):
        PoSynDA(**wrong)
