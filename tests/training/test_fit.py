"""The loop: what is learned, what is kept, what a stop changes (nothing), what is refused."""

import json
import math
import signal
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from crosslift.errors import SettingsError, TrainingError
from crosslift.training import Fitting, Run, Schedule, Step, Validation, fit, plan
from crosslift.training.checkpoint import NAME, load_checkpoint
from crosslift.training.plan import CLOCKS
from crosslift.training.precision import lowered

from .lines import Points, adam, network, square, weights_of

FLAT = Schedule("constant")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def trained(settings: Fitting, *, run: Run | None = None, examples=None, stop_at=None, **more):
    """A network after its training, and what became of that."""
    model = network()
    step = adam(model)
    if stop_at is not None:
        step = replace(step, loss=stopping(step.loss, stop_at))
    data = Points() if examples is None else examples
    fitted = fit({"line": model}, [step], data, settings, generator(),
                 run=run or Run(), **more)  # fmt: skip
    return model, fitted


def stopping(loss, at):
    """A loss at whose so-manieth call someone presses Ctrl-C."""
    calls = 0

    def stop(batch, rng):
        nonlocal calls
        calls += 1
        if calls > at:
            raise KeyboardInterrupt
        return loss(batch, rng)

    return stop


def measured(model, name="held_out"):
    points = Points(size=64).batch(99, 0)

    def measure():
        with torch.no_grad():
            off = (model(points[:, :3]) - points[:, 3:]).square().mean()
        return {"square": float(off)}

    return Validation(name, measure, by="square")


def test_a_plane_is_learned():
    model, fitted = trained(Fitting(epochs=80))
    assert measured(model).measure()["square"] < 0.3
    assert (fitted.steps, fitted.epochs, fitted.skipped) == (320, 80.0, 0)
    assert not model.training


def test_the_same_generator_gives_the_same_weights_and_another_one_others():
    first, second = (trained(Fitting(epochs=3))[0] for _ in range(2))
    assert torch.equal(weights_of(first), weights_of(second))
    other = network()
    fit({"line": other}, [adam(other)], Points(), Fitting(epochs=3), generator(1))
    assert not torch.equal(weights_of(first), weights_of(other))


def test_the_processs_own_random_numbers_stay_as_they_were():
    torch.manual_seed(5)
    wanted = torch.rand(3)
    model = network()
    torch.manual_seed(5)
    fit({"line": model}, [adam(model)], Points(), Fitting(epochs=1), generator())
    assert torch.equal(torch.rand(3), wanted)


@pytest.mark.parametrize("stop_at", [1, 4, 7])
def test_a_training_that_was_stopped_ends_with_the_same_weights(tmp_path, stop_at):
    settings = Fitting(epochs=3, average=0.9, schedule=Schedule("cosine", warm_up=2), clip=1.0)
    model = network()
    whole = fit({"line": model}, [adam(model)], Points(), settings, generator(),
                validation=measured(model))  # fmt: skip
    wanted = weights_of(model)
    stopped = network()
    step = replace(adam(stopped), loss=stopping(square(stopped), stop_at))
    with pytest.raises(KeyboardInterrupt):
        fit({"line": stopped}, [step], Points(), settings, generator(), run=Run(tmp_path),
            validation=measured(stopped))  # fmt: skip
    again = network(seed=77)  # the weights come from the checkpoint
    then = fit({"line": again}, [adam(again)], Points(), settings, generator(9),
               run=Run(tmp_path, resume=True), validation=measured(again))  # fmt: skip
    assert torch.equal(weights_of(again), wanted)
    assert (then.best, then.best_step, then.steps) == (whole.best, whole.best_step, whole.steps)
    assert [row["step"] for row in then.history] == [row["step"] for row in whole.history]


def test_half_a_batch_is_not_kept(tmp_path):
    """Of two players, the second is stopped when the first has made its move."""

    def players(stop_at=None):
        first, second = network(), network(seed=5)
        moves = [adam(first), replace(adam(second), name="second")]
        if stop_at is not None:
            moves[1] = replace(moves[1], loss=stopping(moves[1].loss, stop_at))
        return {"first": first, "second": second}, moves

    settings = Fitting(epochs=2, checkpoint_minutes=0.0)
    whole, moves = players()
    fit(whole, moves, Points(), settings, generator())
    stopped, moves = players(stop_at=3)
    with pytest.raises(KeyboardInterrupt):
        fit(stopped, moves, Points(), settings, generator(), run=Run(tmp_path))
    again, moves = players()
    fit(again, moves, Points(), settings, generator(9), run=Run(tmp_path, resume=True))
    for name, model in again.items():
        assert torch.equal(weights_of(model), weights_of(whole[name]))


def test_ctrl_c_is_heeded_after_the_batch(tmp_path):
    def pressing(loss, at):
        calls = 0

        def press(batch, rng):
            nonlocal calls
            calls += 1
            if calls == at:
                signal.raise_signal(signal.SIGINT)
            return loss(batch, rng)

        return press

    settings, wanted = Fitting(epochs=3), trained(Fitting(epochs=3))[0]
    usual = signal.getsignal(signal.SIGINT)
    model = network()
    step = replace(adam(model), loss=pressing(square(model), 3))
    with pytest.raises(KeyboardInterrupt):
        fit({"line": model}, [step], Points(), settings, generator(), run=Run(tmp_path))
    assert load_checkpoint(tmp_path / NAME)[0].step == 3
    assert signal.getsignal(signal.SIGINT) is usual
    again = network(seed=7)
    fit({"line": again}, [adam(again)], Points(), settings, generator(9),
        run=Run(tmp_path, resume=True))  # fmt: skip
    assert torch.equal(weights_of(again), weights_of(wanted))


def test_an_epoch_that_is_gone_on_with_is_entered_again(tmp_path):
    entered = []
    model = network()
    step = replace(adam(model), loss=stopping(square(model), 6))
    with pytest.raises(KeyboardInterrupt):
        fit({"line": model}, [step], Points(), Fitting(epochs=3), generator(), run=Run(tmp_path),
            every_epoch=entered.append)  # fmt: skip
    assert entered == [0, 1]
    fit({"line": model}, [adam(model)], Points(), Fitting(epochs=3), generator(),
        run=Run(tmp_path, resume=True), every_epoch=entered.append)  # fmt: skip
    assert entered == [0, 1, 1, 2]


def test_the_number_of_threads_that_prepare_batches_changes_nothing():
    one, many = (trained(Fitting(epochs=3, workers=workers))[0] for workers in (1, 4))
    assert torch.equal(weights_of(one), weights_of(many))


def test_the_best_weights_are_kept_or_the_last_ones():
    values = iter([3.0, 1.0, 2.0])
    seen = []

    def judge(model):
        def measure():
            seen.append(weights_of(model))
            return {"made_up": next(values)}

        return Validation("made_up", measure, by="made_up")

    for keep, kept in (("best", 1), ("last", 2)):
        values, seen = iter([3.0, 1.0, 2.0]), []
        model = network()
        fitted = fit({"line": model}, [adam(model)], Points(), Fitting(epochs=3, keep=keep),
                     generator(), validation=judge(model))  # fmt: skip
        assert torch.equal(weights_of(model), seen[kept])
        assert (fitted.best, fitted.best_step) == (1.0, 8)


def test_patience_ends_a_training_that_brings_nothing_better():
    values = iter([3.0, 1.0, 2.0, 2.0, 2.0, 0.0])
    model = network()
    validation = Validation("made_up", lambda: {"x": next(values)}, by="x")
    fitted = fit({"line": model}, [adam(model)], Points(), Fitting(epochs=9, patience=2),
                 generator(), validation=validation)  # fmt: skip
    assert fitted.steps == 4 * 4
    assert fitted.why == "2 epochs brought nothing better"


def test_a_number_of_batches_ends_a_training_too():
    _, fitted = trained(Fitting(epochs=9, steps=6))
    assert fitted.steps == 6 and fitted.epochs == 1.5


def test_time_ends_a_training():
    _, fitted = trained(Fitting(epochs=10**6, minutes=1e-3))
    assert fitted.why == "0.001 minutes were over" and fitted.steps < 10**5


@pytest.mark.parametrize("clock", ["wall", "processor"])
def test_the_minutes_are_those_of_the_chosen_clock(clock, monkeypatch):
    ticks = iter(range(10**6))
    still = {name: lambda: 0.0 for name in CLOCKS}
    monkeypatch.setattr(plan, "CLOCKS", still | {clock: lambda: 6.0 * next(ticks)})
    _, fitted = trained(Fitting(epochs=10**6, minutes=1.0, clock=clock))
    assert (fitted.steps, fitted.seconds) == (10, 60.0)


def test_a_player_may_move_in_one_batch_of_several():
    model, calls = network(), []

    def counted(batch, rng):
        calls.append(1)
        return square(model)(batch, rng)

    step = Step("seldom", counted, torch.optim.SGD(model.parameters(), lr=0.01), every=3)
    fit({"line": model}, [step], Points(), Fitting(epochs=2), generator())
    assert len(calls) == 3  # batches 0, 3 and 6 of 8


def test_players_move_in_their_order_each_with_its_optimiser():
    model, order = network(), []
    steps = [
        Step(name, lambda batch, rng, name=name: order.append(name) or square(model)(batch, rng),
             torch.optim.SGD(model.parameters(), lr=0.01))
        for name in ("first", "second")
    ]  # fmt: skip
    fit({"line": model}, steps, Points(), Fitting(epochs=1), generator())
    assert order == ["first", "second"] * 4


def test_a_batch_whose_loss_is_no_number_changes_nothing_and_is_counted():
    model, calls = network(dropout=0.0), []

    def broken(batch, rng):
        calls.append(weights_of(model)[:24])
        factor = math.nan if len(calls) == 2 else 1.0
        return {"square": square(model)(batch, rng)["square"] * factor}

    step = Step("line", broken, torch.optim.SGD(model.parameters(), lr=0.1))
    fitted = fit({"line": model}, [step], Points(), Fitting(epochs=1), generator())
    assert fitted.skipped == 1
    assert torch.equal(calls[1], calls[2]) and not torch.equal(calls[0], calls[1])


def test_losses_that_are_never_a_number_end_the_training():
    model = network()
    step = Step("line", lambda batch, rng: {"x": model(batch[:, :3]).mean() * math.nan},
                torch.optim.SGD(model.parameters(), lr=0.1))  # fmt: skip
    with pytest.raises(TrainingError, match='loss of "line" was no number 51 times in a row'):
        fit({"line": model}, [step], Points(), Fitting(epochs=99), generator())


def test_a_player_whose_loss_is_never_a_number_is_not_hidden_by_the_others():
    model = network(dropout=0.0)
    steps = [
        Step("well", square(model), torch.optim.SGD(model.parameters(), lr=0.01)),
        Step("ill", lambda batch, rng: {"x": model(batch[:, :3]).mean() * math.nan},
             torch.optim.SGD(model.parameters(), lr=0.01)),
    ]  # fmt: skip
    with pytest.raises(TrainingError, match='loss of "ill" was no number 51 times in a row'):
        fit({"line": model}, steps, Points(), Fitting(epochs=99), generator())


def test_a_gradient_is_scaled_down_to_the_largest_norm():
    model = torch.nn.Linear(3, 1)
    before = weights_of(model)
    step = Step("line", lambda batch, rng: {"x": 1e6 * model(batch[:, :3]).sum()},
                torch.optim.SGD(model.parameters(), lr=1.0))  # fmt: skip
    fit({"line": model}, [step], Points(), Fitting(steps=1, clip=0.5, schedule=FLAT),
        generator())  # fmt: skip
    assert float((weights_of(model) - before).norm()) == pytest.approx(0.5, rel=1e-4)


def test_the_average_follows_slowly_and_is_what_is_kept():
    model = torch.nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        model.weight.fill_(0.0)
    step = Step("line", lambda batch, rng: {"x": -model.weight.sum()},
                torch.optim.SGD(model.parameters(), lr=1.0))  # fmt: skip
    settings = Fitting(steps=3, average=0.9999, schedule=FLAT)
    fit({"line": model}, [step], Points(), settings, generator())
    average = 0.0
    for count, weight in enumerate((1.0, 2.0, 3.0), 1):
        share = count / (count + 9)
        average = share * average + (1 - share) * weight
    assert model.weight.item() == pytest.approx(average, rel=1e-6)


def test_the_log_has_a_line_at_intervals_and_for_each_validation(tmp_path):
    model = network()
    fit({"line": model}, [adam(model)], Points(), Fitting(epochs=2, log_every=3), generator(),
        run=Run(tmp_path), validation=measured(model))  # fmt: skip
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [3, 4, 6, 8]
    assert all("line.square" in lines[at] and "rate" in lines[at] for at in (0, 2))
    assert all("held_out.square" in lines[at] for at in (1, 3))


def test_a_continued_log_has_no_line_twice_and_no_half_line(tmp_path):
    settings = Fitting(epochs=3, log_every=1)
    with pytest.raises(KeyboardInterrupt):
        trained(settings, run=Run(tmp_path), stop_at=6)
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"step": 7, "epoch": 1.7\n{"ste')
    trained(settings, run=Run(tmp_path, resume=True))
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 13))


def test_a_folder_with_a_training_is_not_written_over(tmp_path):
    trained(Fitting(epochs=1), run=Run(tmp_path))
    with pytest.raises(SettingsError, match="holds a training already; .* --continue"):
        trained(Fitting(epochs=1), run=Run(tmp_path))


def test_a_training_is_continued_on_the_same_data_and_settings_only(tmp_path):
    trained(Fitting(epochs=1), run=Run(tmp_path, about={"rate": 1}))
    resume = Run(tmp_path, resume=True, about={"rate": 2})
    with pytest.raises(TrainingError, match=r'begun with another "rate" \(1, not 2\)'):
        trained(Fitting(epochs=1), run=resume)
    other = Points(hash="others")
    with pytest.raises(TrainingError, match="trained on other data .hash points, now others"):
        trained(Fitting(epochs=1), run=replace(resume, about={"rate": 1}), examples=other)


def test_a_checkpoint_that_is_none_is_refused(tmp_path):
    (tmp_path / "checkpoint.safetensors").write_bytes(b"nonsense")
    with pytest.raises(Exception, match="should say where a training stands"):
        trained(Fitting(epochs=1), run=Run(tmp_path, resume=True))


def test_data_without_a_batch_is_refused():
    with pytest.raises(TrainingError, match="at least one batch"):
        trained(Fitting(epochs=1), examples=Points(count=0))


class Asked(nn.Module):
    """Wide in the middle; it is asked in two ways."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.wide = nn.Linear(2, 128), nn.Linear(128, 128)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        first = self.first(x)
        return first, self.wide(first)

    def along(self, x: Tensor) -> Tensor:
        return self(x)[1]

    def beside(self, x: Tensor) -> Tensor:
        return self.wide(self.first(x))


def test_lower_precision_is_inside_of_networks_and_nowhere_else():
    network, x, turn = Asked(), torch.randn(4, 2), torch.randn(2, 2)
    before = network(x)[1]
    with lowered([network, network], torch.device("cpu"), "bfloat16"):
        first, wide = network(x)
        assert (first.dtype, wide.dtype) == (torch.float32, torch.bfloat16)
        assert network.along(x).dtype == torch.bfloat16
        assert network.beside(x).dtype == torch.float32  # not a way by which networks are asked
        assert torch.allclose(x @ turn, (x.double() @ turn.double()).float(), rtol=1e-6, atol=1e-6)
    assert torch.equal(network(x)[1], before)
    assert "forward" not in vars(network) and "forward" not in vars(network.first)


def test_bfloat16_learns_as_well():
    model, _ = trained(Fitting(epochs=80, precision="bfloat16"))
    assert all(each.dtype == torch.float32 for each in model.parameters())
    assert measured(model).measure()["square"] < 0.4


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epochs": 0}, "1 or more epochs"),
        ({"average": 1.0}, "between 0 and 1"),
        ({"workers": 0}, "1 or more workers"),
    ],
)
def test_settings_that_make_no_training_are_refused(settings, words):
    with pytest.raises(SettingsError, match=words):
        Fitting(**settings)


def test_a_player_that_never_moves_is_refused():
    with pytest.raises(SettingsError, match='player "line" should move'):
        adam(network(), every=0)
