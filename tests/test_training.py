"""Training ends at the right point in all conditions, and its results can be used."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from gan.config import RunConfig, parse_run, resolve_run
from gan.data import open_dataset, prepare
from gan.errors import ConfigError, GanError, RunError
from gan.families.layers import smooth
from gan.families.style import StyleGenerator
from gan.images import to_tensor, to_uint8
from gan.metrics import mean_picture_distance, observe, take
from gan.models import read_generator
from gan.order import Parent
from gan.runs import Run, Status
from gan.runs.estimates import images_in
from gan.sampler import Model, latents
from gan.training import extend, train
from gan.training.accelerator import accelerator_for
from gan.training.feed import Pictures
from gan.training.games import GAMES
from gan.training.games.adversarial import AdversarialGame
from gan.training.observers import metrics, report
from gan.training.observers.base import Allowance
from gan.training.pace import COST_OF_AN_OCTAVE, seconds_left, seconds_to_end
from gan.training.schedules import learning_rate_factor
from gan.training.snapshots import latest_snapshot, read_snapshot, write_snapshot
from tests.processes import CONTEXT, DEADLINE_SECONDS, KILL, wait_until
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import TINY, TINY_HEADS, tiny_run
from tests.zips import pictures, write_zip

FAMILIES = tuple(TINY)


def test_what_is_held_out_comes_in_its_own_order_with_its_own_classes(home: Path) -> None:
    run = tiny_run(home)
    dataset = open_dataset(home, run.config["dataset_hash"])
    source = Pictures(dataset, dataset.held_out_indices, parse_run(run.config), torch.device("cpu"))
    count = len(dataset.held_out_indices)
    batch, classes = source(np.arange(count))
    assert classes is not None
    found = {(picture.permute(1, 2, 0).numpy().tobytes(), int(of)) for picture, of in zip(batch, classes, strict=True)}
    rows = dataset.held_out_indices
    assert found == {(dataset.pictures[row].tobytes(), int(dataset.labels[row])) for row in rows}


def weights(run: Run) -> dict[str, torch.Tensor]:
    return read_generator(run.model_folder)[1].state_dict()


def train_in_child(home: Path, name: str) -> None:
    train(Run.open(home, name))


def measured(run: Run) -> list[dict[str, Any]]:
    return [event for event in run.events() if event["kind"] == "metrics"]


def newest_snapshot(run: Run) -> int:
    """Return the number of pictures seen at the newest snapshot; 0 without one. A snapshot gets its name once it is complete."""
    return max((int(path.name) for path in run.snapshots_folder.glob("*") if path.name.isdigit()), default=0)


def equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize(("family", "kind"), [*((family, "own") for family in FAMILIES), ("style", "both")])
def test_a_run_killed_again_and_again_ends_bit_identical_to_one_left_alone(home: Path, family: str, kind: str) -> None:
    """Kills occur in steps and in file writes alike, because a snapshot is written after every step."""
    growing: dict[str, Any] = {"size": 32, "growth": ((8, 0.3), (16, 0.6))} if family == "style" else {}
    chosen: dict[str, Any] = {"images": 160, "snapshot_seconds": 0, "discriminator": kind, "features": TINY_HEADS, **growing}
    whole = tiny_run(home, "whole", family, **chosen)
    train(whole)
    killed = tiny_run(home, "killed", family, **chosen)
    reached: list[int] = []
    for goal in (16, 96):
        process = CONTEXT.Process(target=train_in_child, args=(home, "killed"))
        process.start()
        while process.is_alive() and newest_snapshot(killed) < goal:
            process.join(0.002)
        process.join(0.02 * random.random())  # at a random moment of a step, or of the writing after it
        os.kill(process.pid, KILL)
        process.join(DEADLINE_SECONDS)
        reached.append(newest_snapshot(killed))
    assert reached[-1] < 160, "it was killed on the way, not after"
    train(Run.open(home, "killed"))
    assert equal(weights(whole), weights(killed))
    last = [read_snapshot(run.snapshots_folder / "000000160")[0] for run in (whole, killed)]
    assert equal(*last), "the optimisers' states differ"
    assert [e["images_seen"] for e in killed.events()] == sorted(e["images_seen"] for e in killed.events())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows stops no process")
def test_a_training_that_sleeps_with_the_machine_reads_as_running_and_wakes_as_if_it_had_not(home: Path) -> None:
    chosen: dict[str, Any] = {"images": 160, "snapshot_seconds": 0}
    whole, slept = (tiny_run(home, name, "mlp", **chosen) for name in ("whole", "slept"))
    train(whole)
    process = CONTEXT.Process(target=train_in_child, args=(home, "slept"))
    process.start()
    wait_until(lambda: newest_snapshot(slept) >= 16)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    assert slept.alive()
    assert slept.status().state == "training"
    os.kill(process.pid, signal.SIGCONT)
    process.join(DEADLINE_SECONDS)
    assert slept.status().state == "done"
    assert equal(weights(whole), weights(slept))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_finished_run_has_a_model_samples_and_a_status_that_says_done(home: Path, family: str) -> None:
    run = tiny_run(home, family=family)
    status = train(run)
    assert (status.state, status.images_seen, status.images_total) == ("done", 64, 64)
    sampled = [int(path.stem) for path in run.samples()]
    assert (sampled[0], sampled[-1]) == (0, 64)  # a slow machine writes more samples between these
    pictures = Model.open(run.model_folder).generate([0, 1, 2])
    assert pictures.shape == (3, run.config["resolution"], run.config["resolution"], 3)
    assert status.memory_bytes is None or status.memory_bytes > 2**20
    record = Model.open(run.model_folder).config.training
    assert (record.images_seen, record.dataset) == (64, "emoji32")


def test_samples_and_saving_change_nothing_in_the_training(home: Path) -> None:
    seldom = tiny_run(home, "seldom", "dcgan", snapshot_seconds=3600)
    often = tiny_run(home, "often", "dcgan", snapshot_seconds=0)
    train(seldom)
    train(often)
    assert equal(weights(seldom), weights(often))


@pytest.mark.parametrize("family", FAMILIES)
def test_measuring_on_the_way_changes_nothing_in_the_training(home: Path, monkeypatch: pytest.MonkeyPatch, family: str) -> None:
    growing: dict[str, Any] = {"size": 32, "growth": ((8, 0.3), (16, 0.6))} if family == "style" else {}
    unseen = tiny_run(home, "unseen", family, images=32, **growing)
    train(unseen)
    monkeypatch.setattr(metrics, "OBSERVE_SECONDS", 0.0)
    monkeypatch.setattr(metrics, "OBSERVE_SHARE", 1e9)
    seen = tiny_run(home, "seen", family, images=32, **growing)
    train(seen)
    assert [event["images_seen"] for event in measured(unseen)] == [32]
    assert [event["images_seen"] for event in measured(seen)] == [8, 16, 24, 32, 32], "after each step, and at the end"
    last = [read_snapshot(run.snapshots_folder / "000000032")[0] for run in (unseen, seen)]
    assert equal(*last), "of the networks, their average or the optimisers"
    same = ("sliced_wasserstein", "diversity")
    assert [measured(unseen)[0][name] for name in same] == [measured(seen)[-1][name] for name in same], "the same pictures"


def test_what_a_finished_run_measured_is_what_its_model_makes(home: Path) -> None:
    run = tiny_run(home)
    train(run)
    dataset = open_dataset(home, run.config["dataset_hash"])
    model, rows = Model.open(run.model_folder), dataset.train_indices
    assert dataset.classes == list(model.config.classes)
    names = [dataset.classes[label] for label in dataset.labels[rows]]
    samples = [model.generate([seed], psi=1.0, class_name=name)[0] for seed, name in enumerate(names)]
    (event,) = measured(run)
    expected = observe(np.stack(samples), dataset.pictures[rows])
    assert {name: event[name] for name in expected} == pytest.approx(expected, rel=0.01)
    assert event["sliced_wasserstein"] > observe(dataset.pictures[rows[::2]], dataset.pictures[rows[1::2]])["sliced_wasserstein"]
    assert 0 < event["diversity"] < 2


def test_while_it_grows_a_run_is_measured_at_the_side_it_plays_at(home: Path) -> None:
    """At full size, pictures without the fine lines that are not learnt yet would measure as far from real ones and as all
    alike.
    """
    run = tiny_run(home, size=32, growth=((8, 0.5),))
    dataset, config = open_dataset(home, run.config["dataset_hash"]), parse_run(run.config)
    game = AdversarialGame(config, accelerator_for(config))
    real = torch.nn.functional.avg_pool2d(to_tensor(take(dataset, dataset.train_indices)), 4)
    z, classes = latents(range(len(real)), config.z_dim, len(config.classes))
    if classes is not None:
        classes = torch.from_numpy(dataset.labels[dataset.train_indices])
    with torch.no_grad():
        made = game.average.generator(z, classes, side=8)
    assert made.shape[2:] == real.shape[2:] == (8, 8)
    small, whole = game.measure(dataset, 8), game.measure(dataset, 32)
    references = to_uint8(smooth(real))
    expected = observe(to_uint8(made), references) | {"mean_picture_distance": mean_picture_distance(references)}
    assert small == pytest.approx(expected, rel=0.01)
    assert whole != pytest.approx(small, rel=0.1)


def test_a_run_says_at_which_side_it_was_measured(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "OBSERVE_SECONDS", 0.0)
    monkeypatch.setattr(metrics, "OBSERVE_SHARE", 1e9)
    run = tiny_run(home, images=24, size=32, growth=((8, 0.3), (16, 1.0)))
    train(run)
    assert [event["side"] for event in measured(run)] == [8, 16, 16, 32], "what is finished is measured as a whole"


def test_a_run_that_is_stopped_is_not_kept_waiting_by_a_measurement(home: Path) -> None:
    run = tiny_run(home, images=4000)
    run.request("stop")
    assert train(run).state == "paused"
    assert measured(run) == []


def test_a_set_of_the_smallest_size_in_grey_can_be_measured(home: Path, tmp_path: Path) -> None:
    write_zip(tmp_path / "few.zip", pictures(16))
    dataset = prepare(tmp_path / "few.zip", home=home, size=16, channels=1)
    config = resolve_run(dataset, family="style", device="cpu", batch=8, images=8, z_dim=8).model_dump(mode="json")
    run = Run.create(home, "few", config | {"network": TINY["style"], "threads": 1})
    assert train(run).state == "done"
    assert all(np.isfinite(event[name]) for event in measured(run) for name in ("sliced_wasserstein", "diversity"))
    assert len(measured(run)) == 1


def test_measuring_stays_within_its_share_of_the_time() -> None:
    allowance = Allowance(60.0, 0.01, begun=1000.0)
    now, spent = 1000.0, 0.0
    begun: list[float] = []
    while now < 5000.0:
        now += 1.0
        if allowance.due(0, now):
            begun.append(now)
            allowance.done(now, now + 4.0)
            now, spent = now + 4.0, spent + 4.0
            assert len(begun) == 1 or spent <= 0.01 * (now - 1000.0)
    assert begun[0] == 1060.0
    assert 8 <= len(begun) <= 10, "and what is allowed is used"
    quick = Allowance(60.0, 0.01, begun=0.0)
    quick.done(60.0, 60.1)
    assert [quick.due(0, now) for now in (61.0, 120.0, 120.2)] == [False, False, True]


def test_a_request_ends_a_run_that_can_then_go_on(home: Path) -> None:
    run = tiny_run(home, images=4000)
    run.request("stop")
    status = train(run)
    assert status.state == "paused"
    assert 0 < status.images_seen < 4000
    assert Model.open(run.model_folder).config.training.images_seen == status.images_seen
    assert extend(run, images=status.images_seen + 80)
    assert train(run).state == "done"
    assert not extend(run), "a run that is done has nothing left"


def test_a_request_to_save_keeps_a_snapshot_and_trains_on(home: Path) -> None:
    run = tiny_run(home)
    run.request("save")
    assert train(run).state == "done"
    assert [path.name for path in sorted(run.snapshots_folder.iterdir())] == ["000000008", "000000064"]


def _terminate(process: subprocess.Popen[bytes], _terminal: int) -> None:
    process.send_signal(signal.SIGTERM)


def _close_the_terminal(process: subprocess.Popen[bytes], terminal: int) -> None:
    """Close it as a window does: the system sends a signal, and the shell of the terminal sends the same signal again."""
    os.close(terminal)
    process.send_signal(signal.SIGHUP)


# makes the standard input the controlling terminal of a new session, as a window does, also in tests started under nohup
ON_TERMINAL = """import fcntl, os, signal, sys, termios; signal.signal(signal.SIGHUP, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, sys.argv[1:])"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither SIGTERM nor such terminals")
@pytest.mark.parametrize("end", [_terminate, _close_the_terminal])
def test_a_command_that_is_ended_leaves_a_snapshot_and_a_usable_model(
    home: Path, end: Callable[[subprocess.Popen[bytes], int], None]
) -> None:
    run = tiny_run(home, images=10**7)
    command = [sys.executable, "-c", ON_TERMINAL, sys.executable, "-m", "gan", "resume", "tiny", "--home", str(home)]
    terminal, inside = os.openpty()
    process = subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, start_new_session=True)
    os.close(inside)

    def has_begun() -> bool:
        assert process.poll() is None, "it ended before it was told to"
        return run.status().images_seen > 0

    wait_until(has_begun)
    end(process, terminal)
    process.wait(timeout=DEADLINE_SECONDS)
    if end is _terminate:
        os.close(terminal)
        assert process.returncode == 0
    status = run.status()
    assert status.state == "paused"
    assert status.images_seen > 0
    assert Model.open(run.model_folder).config.training.images_seen == status.images_seen


def test_minutes_become_a_total_that_is_written_down(home: Path) -> None:
    run = tiny_run(home, minutes=0.05)
    status = train(run)
    assert status.state == "done"
    assert run.config["images_total"] == status.images_total
    assert status.images_seen <= (status.images_total or 0)
    assert status.seconds < 20
    plan = next(event for event in run.events() if event["kind"] == "plan")
    assert plan["images_per_second"] > 0


def test_a_plan_settles_once_by_the_pace_at_full_size_and_is_written_down(home: Path) -> None:
    run = tiny_run(home, size=32, batch=4, growth=((16, 0.1),), images=800, minutes=60, lr_falls_from=0.5)

    def leave_once_planned(status: Status) -> None:
        if run.config["plan_settled"]:
            run.request("pause")

    assert train(run, leave_once_planned).state == "paused"
    plans = [event for event in run.events() if event["kind"] == "plan"]
    assert [plan["images_seen"] for plan in plans] == [400], "half of it, and more than 64 steps after the growth"
    assert plans[0]["images_total"] == run.config["images_total"] > 800, "an hour is long"
    assert run.config["growth_images"] == 800
    assert (run.snapshots_folder / "000000400").is_dir(), "no resume goes back before it"
    train(Run.open(home, "tiny"), lambda status: run.request("pause"))
    assert sum(event["kind"] == "plan" for event in run.events()) == 1
    assert extend(run, minutes=1)
    assert not run.config["plan_settled"]


def test_a_total_that_was_chosen_is_never_changed(home: Path) -> None:
    run = tiny_run(home, batch=4, images=400)
    assert train(run).images_seen == 400
    assert not [event for event in run.events() if event["kind"] == "plan"]


def test_more_minutes_are_counted_from_where_the_run_stands(home: Path) -> None:
    run = tiny_run(home)
    before = train(run).seconds
    assert extend(run, minutes=0.05)
    status = train(run)
    assert status.state == "done"
    assert status.images_seen > 64
    assert before < status.seconds < before + 20


def overflow(snapshot: Path) -> None:
    """Replace a snapshot by one whose discriminator is finite, but so large that every loss overflows."""
    tensors, meta = read_snapshot(snapshot)
    huge = {name: value * 1e30 if name.startswith("discriminator/logit") else value for name, value in tensors.items()}
    write_snapshot(snapshot, huge, meta)


def test_losses_that_are_not_finite_lead_back_to_a_good_snapshot_and_a_lower_rate(home: Path) -> None:
    run = tiny_run(home, objective="least-squares", snapshot_seconds=0)
    train(run)
    overflow(run.snapshots_folder / "000000064")
    assert extend(run, images=320)
    assert train(run).state == "done"
    rollbacks = [event for event in run.events() if event["kind"] == "rollback"]
    assert [event["values"]["lr_factor"] for event in rollbacks] == [0.5, 0.25]
    assert rollbacks[1]["images_seen"] == 56, "the second time it goes further back"
    assert all(torch.isfinite(value).all() for value in weights(run).values())


def test_a_run_that_cannot_be_mended_fails_and_keeps_its_model(home: Path) -> None:
    run = tiny_run(home, objective="least-squares", snapshot_seconds=3600)
    train(run)
    for snapshot in run.snapshots_folder.iterdir():
        overflow(snapshot)
    assert extend(run, images=1000)
    with pytest.raises(RunError) as caught:
        train(run)
    assert caught.value.code == "diverged"
    assert run.status().state == "failed"
    assert run.status().error_code == "diverged"
    assert Model.open(run.model_folder).generate([0]).shape == (1, 16, 16, 3)


class InfiniteSlope(AdversarialGame):
    """A game whose losses stay finite while a gradient does not."""

    def __init__(self, config: RunConfig, accelerator: Accelerator) -> None:
        super().__init__(config, accelerator)
        next(self.generator.parameters()).register_hook(lambda gradient: gradient * float("inf"))


def test_gradients_that_are_not_finite_lead_back_though_every_loss_is_finite(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GAMES, "infinite-slope", InfiniteSlope)
    run = tiny_run(home, snapshot_seconds=3600, images=240, game="infinite-slope")
    with pytest.raises(RunError) as caught:
        train(run)
    assert caught.value.code == "diverged"
    assert {event["values"]["broken_at"] for event in run.events() if event["kind"] == "rollback"} == {80}


def test_a_finished_run_goes_on_at_the_rates_it_ended_with_unless_it_is_rewarmed(home: Path) -> None:
    run = tiny_run(home, lr_end=0.1, lr_falls_from=0.5)
    assert run.config["schedule_images"] is None
    train(run)
    assert not extend(run, images=64)
    assert run.config["schedule_images"] is None, "nothing was extended"
    assert extend(run, images=128)
    for seen in (64, 96, 128):
        assert learning_rate_factor(parse_run(run.config), seen, 128) == pytest.approx(0.1)
    train(run)
    assert extend(run, minutes=1)
    assert run.config["schedule_images"] == 64, "however often it is extended"
    assert extend(run, images=256, rewarm=True)
    assert learning_rate_factor(parse_run(run.config), 64, 256) == 1.0


def test_a_run_that_was_paused_spreads_its_schedules_over_its_new_total(home: Path) -> None:
    run = tiny_run(home, images=4000)
    run.request("pause")
    assert train(run).state == "paused"
    assert extend(run, images=8000)
    assert run.config["schedule_images"] is None


def test_a_sample_calibrates_its_own_classes_and_a_kept_model_all_of_them(home: Path) -> None:
    """Calibration takes some milliseconds for each class, and thus six seconds for a thousand classes."""
    config = parse_run(tiny_run(home).config)
    many = config.model_copy(update={"classes": tuple(f"class {number}" for number in range(40))})
    game = AdversarialGame(many, accelerator_for(many))
    classes = latents(range(16), config.z_dim, 40)[1]
    assert classes is not None
    first = game.sample()
    rows = game.average.generator.state_dict()["w_mean"]
    assert {int(row) for row in rows.any(1).nonzero()} == set(classes.tolist())
    game.average.finish()
    assert rows.any(1).all()
    assert np.array_equal(game.sample(), first)
    calibrated = game.average.calibrated
    game.sample()
    assert game.average.calibrated is calibrated, "the weights are the same"
    game.average.follow(0.5)
    assert game.average.calibrated is None


def test_two_trainers_cannot_have_the_same_run(home: Path) -> None:
    run = tiny_run(home)
    with run.lock(), pytest.raises(RunError) as caught:
        train(Run.open(home, "tiny"))
    assert caught.value.code == "run_held"


def test_a_damaged_newest_snapshot_is_passed_over_and_said(home: Path) -> None:
    run = tiny_run(home, snapshot_seconds=0)
    train(run)
    newest = latest_snapshot(run.snapshots_folder).path
    assert newest is not None
    (newest / "state.safetensors").write_bytes(b"torn")
    assert extend(run, images=96)
    assert train(run).images_seen == 96
    assert [event["code"] for event in run.events() if event["kind"] == "warning"] == ["snapshot_damaged"]


def test_a_run_whose_snapshots_are_all_damaged_is_not_begun_again_unasked(home: Path) -> None:
    run = tiny_run(home)
    train(run)
    for snapshot in run.snapshots_folder.iterdir():
        (snapshot / "state.safetensors").write_bytes(b"torn")
    assert extend(run, images=96)
    with pytest.raises(RunError) as caught:
        train(run)
    assert caught.value.code == "snapshots_damaged"
    assert Model.open(run.model_folder).config.training.images_seen == 64


def test_a_device_with_too_little_memory_gets_smaller_pieces(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test has no GPU whose memory could fill up, so the step is replaced by one that refuses pieces of more than four
    pictures.
    """
    generate = StyleGenerator.forward

    def small_device(
        self: StyleGenerator, z: torch.Tensor, class_index: torch.Tensor | None, side: int | None = None
    ) -> torch.Tensor:
        if self.training and len(z) > 4:
            raise torch.OutOfMemoryError("too many at once")
        return generate(self, z, class_index, side)

    monkeypatch.setattr(StyleGenerator, "forward", small_device)
    run = tiny_run(home, size=32, growth=((16, 0.5),), batch=16, minutes=0.03)
    assert train(run).state == "done"
    pieces = [event["values"]["pieces"] for event in run.events() if event.get("code") == "smaller_pieces"]
    assert pieces == [8, 4]


def test_a_run_made_for_a_device_that_is_not_here_says_so(home: Path) -> None:
    run = tiny_run(home)
    absent = "mps" if torch.cuda.is_available() else "cuda"
    run.write_config(run.config | {"device": absent})
    with pytest.raises(ConfigError) as caught:
        train(run)
    assert caught.value.code == "device_absent"
    assert run.status().error_code == "device_absent"


def test_a_resume_that_fails_leaves_the_time_already_spent(home: Path) -> None:
    run = tiny_run(home)
    spent = train(run).seconds
    dataset = home / "data"
    dataset.rename(home / "elsewhere")
    assert extend(run, images=96)
    with pytest.raises(GanError):
        train(run)
    assert run.status().seconds == pytest.approx(spent)


def fine_tuned(home: Path, folder: Path, **chosen: Any) -> Run:
    run = tiny_run(home, "child", parent=Parent(name="parent", folder=folder), **chosen)
    train(run)
    return run


def test_fine_tuning_begins_at_the_parents_pictures(home: Path, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "parent", classes=("people", "smileys"))
    run = fine_tuned(home, tmp_path / "parent", images=8)
    first = read_snapshot(run.snapshots_folder / "000000000")[0]
    theirs = read_generator(tmp_path / "parent")[1].state_dict()
    for name in ("constant", "blocks.0.conv0.weight", "mapping_layers.0.weight"):
        assert torch.equal(first[f"generator/{name}"], theirs[name])
    note = next(event for event in run.events() if event.get("code") == "transferred")
    assert note["values"]["fresh"] == "-"


def test_what_a_parent_lacks_is_said(home: Path, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "parent", discriminator=False)
    run = fine_tuned(home, tmp_path / "parent", images=8, size=32)
    codes = [event.get("code") for event in run.events()]
    assert "parent_without_discriminator" in codes
    note = next(event for event in run.events() if event.get("code") == "transferred")
    assert "blocks.2.conv0.weight" in note["values"]["fresh"]


def test_a_parent_of_another_family_is_refused(home: Path, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "parent")
    with pytest.raises(ConfigError) as caught:
        fine_tuned(home, tmp_path / "parent", family="dcgan")
    assert caught.value.code == "parent_family"


def test_a_plan_by_the_clock_takes_growth_into_account(home: Path) -> None:
    """Three quarters of the pictures at four times the speed take 7/16 of the time of all pictures at the slow speed."""
    config = parse_run(tiny_run(home, size=32, growth=((16, 0.75),), minutes=1).config)
    rates = {16: 400.0, 32: 100.0}
    assert images_in(config, rates, 70.0) == 16_000
    planned = config.model_copy(update={"growth_images": 16_000})
    assert images_in(planned, rates, 10.0, first=16_000) == 17_000, "more minutes are spent at the full side"
    assert images_in(planned, rates, 20.0, first=8_000) == 8_000 + 4_000 + 1_000
    assert images_in(planned, rates, 0.0, first=8_000) == 8_008, "at least one batch more"


def test_the_time_left_counts_the_slower_pictures_to_come(home: Path) -> None:
    config = parse_run(tiny_run(home, size=32, growth=((8, 0.25), (16, 0.5)), images=1000).config)
    step = COST_OF_AN_OCTAVE
    assert seconds_left(config, 10.0, 0, 1000) == pytest.approx(25 + 25 * step + 50 * step**2)
    assert seconds_left(config, 10.0, 300, 1000) == pytest.approx(20 + 50 * step)
    assert seconds_left(config, 10.0, 600, 1000) == pytest.approx(40)
    assert seconds_left(config, 10.0, 1000, 4000) == pytest.approx(300), "extended, it does not grow again"


def test_until_a_plan_is_settled_the_time_left_is_the_time_limits(home: Path) -> None:
    """Ten steps on a busy machine plan too small a total: the page told 21 seconds where 77 were left."""
    config = parse_run(tiny_run(home, size=32, growth=((16, 0.5),), batch=8, minutes=2).config)
    busy = config.model_copy(update={"images_total": 3000, "growth_images": 3000})

    def left(config: RunConfig, images_seen: int, total: int, seconds: float, rate: float = 100.0, timed_from: int = 0) -> float:
        return seconds_to_end(config, rate, images_seen, total, seconds=seconds, timed_from=timed_from)

    assert left(busy, 1600, 3000, 43.0) == 77.0
    assert left(busy, 1600, 3000, 43.0, rate=1.0) == 77.0, "never longer than the limit"
    settled = busy.model_copy(update={"plan_settled": True, "images_total": 9000})
    assert left(settled, 1600, 9000, 43.0) == pytest.approx(74.0)
    assert left(settled, 1600, 9000, 43.0, rate=50.0) == 77.0
    assert left(settled, 9000, 9000, 130.0) == 0.0
    few = left(busy, 1600, 2000, 43.0)
    assert few == pytest.approx(4.0), "64 steps at full size do not fit, so this total stays"
    assert left(busy, 2600, 3000, 43.0, timed_from=2600) == pytest.approx(4.0), "resumed too late to be settled"
    by_images = busy.model_copy(update={"minutes": None})
    assert left(by_images, 1600, 3000, 43.0) == pytest.approx(14.0)


def test_the_time_left_includes_the_last_measurements(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "OBSERVE_SECONDS", 0.0)
    monkeypatch.setattr(metrics, "OBSERVE_SHARE", 1e9)
    monkeypatch.setattr(report, "REPORT_SECONDS", 0.0)
    said: list[Status] = []
    train(tiny_run(home, images=32), said.append)
    last = [status for status in said if status.state == "training"][-1]
    assert last.images_seen == last.images_total == 32
    assert last.eta_seconds is not None
    assert last.eta_seconds > 0
    assert said[-1].eta_seconds == 0
