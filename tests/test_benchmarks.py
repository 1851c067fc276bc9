"""The comparison at a small scale: the division of pictures, the training and resuming of peers, the scores and the report."""

import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks import ceiling, cells, quality, report
from benchmarks.cells import LIMITS, Cell, machine
from benchmarks.judge import READINGS, Classifier, Judge
from benchmarks.peers import PEERS
from benchmarks.peers import stylegan2 as stylegan2_module
from benchmarks.peers.base import Peer, count
from benchmarks.sets import PictureSet, divide
from gan.config import resolve_run
from gan.data import Dataset, Report
from gan.families import build_discriminator, build_generator
from gan.families.style import StyleSettings
from tests.test_families_style import by_the_paper, modulated
from tests.test_metrics import blobs

SIDE = 16
SHA = "0" * 64  # sha256 of the judge


def dataset(count: int = 60, classes: tuple[str, ...] = ()) -> Dataset:
    """Return pictures of soft spots, the last tenth of them held out."""
    rows = np.arange(count)
    return Dataset(
        hash="0" * 32,
        name="blobs",
        resolution=SIDE,
        channels=3,
        pictures=blobs(count, 0, SIDE),
        labels=rows % max(1, len(classes)),
        classes=list(classes),
        train_indices=rows[: count - count // 10],
        held_out_indices=rows[count - count // 10 :],
        report=Report(usable=count, skipped=[], classes={}, duplicates=0, median_side=SIDE, grey=False),
    )


@pytest.fixture
def pictures(tmp_path: Path) -> PictureSet:
    return PictureSet("people64", tmp_path / "none.zip", dataset(), blobs(40, 7, SIDE), np.zeros(40, np.int64))


@pytest.fixture(scope="module")
def judge() -> Judge:
    torch.manual_seed(0)
    return Judge(Classifier(2, (8, 8, 8, 8, 8)), SHA, ("emoji/people", "emoji/hands"))


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make networks and batches small enough for a test."""
    monkeypatch.setattr("benchmarks.peers.dcgan.WIDTH", 8)
    monkeypatch.setattr(stylegan2_module, "WIDEST", 16)


def small(name: str, **changes: Any) -> Peer:
    peer = PEERS[name](dataset(classes=("a", "b")))
    peer.batch = 8
    return peer


# Division of the pictures


def test_unseen_pictures_are_chosen_by_content_and_equal_ones_are_taken_once(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20):
            archive.writestr(f"people/{number}.png", b"content %d" % number)
            archive.writestr(f"other/{number}.png", b"something else %d" % number)
        archive.writestr("people/again.png", b"content 3")
    divide(path, ("people",), tmp_path / "training.zip", tmp_path / "unseen.zip")
    parts = [zipfile.ZipFile(tmp_path / f"{name}.zip") for name in ("training", "unseen")]
    contents = [{part.read(name) for name in part.namelist()} for part in parts]
    for part in parts:
        part.close()
    assert [len(content) for content in contents] == [16, 4]
    assert contents[0] | contents[1] == {b"content %d" % number for number in range(20)}


def test_as_many_samples_are_scored_as_make_whole_sets_of_the_unseen(pictures: PictureSet) -> None:
    assert pictures.samples == 1000
    assert PictureSet("x", Path(), pictures.dataset, pictures.unseen[:30], pictures.unseen_labels[:30]).samples == 1020


# Peers


@pytest.mark.parametrize("name", ["dcgan", "stylegan2"])
def test_a_peer_learns_something_and_draws_a_seed_alike_in_any_company(name: str) -> None:
    peer = small(name)
    before = [parameter.clone() for parameter in (*peer.generator.parameters(), *peer.discriminator.parameters())]
    for _ in range(2):
        peer.step()
    assert peer.images_seen == 16
    after = (*peer.generator.parameters(), *peer.discriminator.parameters())
    changed = [not torch.equal(old, new) for old, new in zip(before, after, strict=True)]
    assert sum(changed) > 0.9 * len(changed)
    assert all(bool(torch.isfinite(parameter).all()) for parameter in after)
    peer.calibrate()
    made = peer.generate([3, 4, 5])
    assert made.shape == (3, SIDE, SIDE, 3)
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(made, peer.generate([3, 4, 5]))


@pytest.mark.parametrize("name", ["dcgan", "stylegan2"])
def test_a_peer_that_is_broken_off_goes_on_as_if_it_were_not(name: str, tmp_path: Path) -> None:
    whole, first, second = small(name), small(name), small(name)
    for _ in range(3):
        whole.step()
    first.step()
    first.save(tmp_path / "state.safetensors", 12.5)
    assert second.load(tmp_path / "state.safetensors") == 12.5
    for _ in range(2):
        second.step()
    assert second.images_seen == whole.images_seen
    for (key, one), other in zip(whole.average.state_dict().items(), second.average.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0, msg=key)


def test_the_stylegan2_peer_is_of_the_size_of_our_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    peer = PEERS["stylegan2"](dataset())
    own = resolve_run(peer.dataset, device="cpu", minutes=1)
    sizes: dict[str, Any] = {"resolution": SIDE, "channels": 3, "num_classes": 0, "network": own.network}
    ours = count(
        build_generator(own.family, z_dim=own.z_dim, **sizes),
        build_discriminator(own.family, **sizes),
    )
    assert sum(peer.parameters().values()) == pytest.approx(ours, rel=0.2)


def test_augmentation_grows_while_the_discriminator_is_sure() -> None:
    peer = small("stylegan2")
    assert isinstance(peer, stylegan2_module.StyleGAN2)
    for sure, expected in ((5.0, 1), (-5.0, 0)):
        for _ in range(stylegan2_module.ADJUST_EVERY):
            peer._adjust(torch.full((8,), sure))
        assert (peer.strength > 0) == bool(expected)


# Scores


def test_unseen_pictures_score_better_than_noise_and_an_equal_set_is_perfect(pictures: PictureSet, judge: Judge) -> None:
    real = cells.score(pictures.unseen, pictures.unseen_labels, pictures, judge)
    random = np.random.default_rng(0).integers(0, 256, (80, SIDE, SIDE, 3), dtype=np.uint8)
    noise = cells.score(random, np.zeros(80, np.int64), pictures, judge)
    for key in ("frechet", "kernel", "sliced_wasserstein"):
        assert noise[key] > 2 * real[key], key
    assert noise["precision"] < 0.5 < real["precision"]
    assert real["memorisation"] == 0.5
    assert (real["samples"], noise["samples"]) == (40, 80)


def test_the_ceiling_is_what_the_untrained_network_makes(pictures: PictureSet) -> None:
    made = cells.untrained(pictures)
    assert made.shape == (1000, SIDE, SIDE, 3)
    np.testing.assert_array_equal(made, cells.untrained(pictures))


def test_a_peers_cell_is_trained_for_its_time_and_kept(pictures: PictureSet, tmp_path: Path) -> None:
    cell = Cell("dcgan", "people64", 0.001, 1)
    told, make = cells.train_peer(cell, pictures, tmp_path)
    assert told["seconds"] >= 0.06
    assert told["images_seen"] > 0
    assert make(range(2), None).shape == (2, SIDE, SIDE, 3)
    again, _ = cells.train_peer(cell, pictures, tmp_path)
    assert again["images_seen"] == told["images_seen"]


# The report


def written(results: Path, cell: Cell, **values: Any) -> None:
    results.mkdir(exist_ok=True)
    (results / READINGS).write_text(json.dumps({"sha256": SHA, "accuracy_digits": 0.99}))
    where = {"machine": "a machine", "time": "2026-01-01 00:00 UTC", "commit": "abc", "judge": SHA}
    (results / f"{cell.name}.json").write_text(json.dumps({**asdict(cell), **where, **values}), encoding="utf-8")
    (results / f"{cell.name}.png").write_bytes(b"picture")


COUNTS = {"training": 1234, "unseen": 200}


def scores(frechet: float) -> dict[str, float]:
    return dict.fromkeys(report.COLUMNS, frechet) | {"samples": 1000.0}


def test_the_report_holds_what_was_measured_and_the_ratio_to_the_best_peer(tmp_path: Path) -> None:
    results = tmp_path / "results"
    written(results, Cell(LIMITS, "people64", 0, 1), floor=scores(2), ceiling=scores(90), pictures=COUNTS)
    for system, frechet in (("ours", 6.0), ("dcgan", 30.0), ("stylegan2", 10.0)):
        told = {"images_seen": 1000, "seconds": 10.0, "cpu_seconds": 9.0, "parameters": {"generator": 5}}
        written(results, Cell(system, "people64", 30, 1), scores=scores(frechet), **told)
    text = report.write_results(tmp_path).read_text(encoding="utf-8")
    assert "## people64, 30 minutes, 1 thread" in text
    assert "ours is **0.50** of the best peer's (stylegan2)" in text  # (6 - 2) / (10 - 2)
    assert text.index("| **ours**") < text.index("| stylegan2") < text.index("| dcgan") < text.index("ceiling: untrained")
    assert "lightweight-gan" not in text
    assert "## Speed" not in text
    assert "| people64 | emoji.zip (people), 64 px | 1,234 | 200 | 2026-01-01 00:00 UTC, commit abc |" in text
    assert "trained for 10 s with 0.90 cores of a machine" in text
    for line in text.splitlines():
        if "](results/" in line:
            assert (tmp_path / line.split("](")[1].rstrip(")")).read_bytes() == b"picture"


def test_seeds_and_fine_tuning_have_tables_of_their_own(tmp_path: Path) -> None:
    results = tmp_path / "results"
    written(results, Cell(LIMITS, "flowers64", 0, 1), floor=scores(2), ceiling=scores(90), pictures=COUNTS)
    told: dict[str, Any] = {"images_seen": 1000, "seconds": 10.0, "cpu_seconds": 9.0, "parameters": {"generator": 5}}
    for seed, diversity in ((0, 1.0), (1, 0.8)):
        values = scores(8) | {"diversity": diversity}
        written(results, Cell("ours", "flowers64", 30, 1, seed), scores=values, **told)
    written(results, Cell("ours-from-emoji", "flowers64", 10, 1), scores=scores(5), **told)
    text = report.write_results(tmp_path).read_text(encoding="utf-8")
    assert text.count("## flowers64, 30 minutes") == 1
    assert "| ours | flowers64 | 30 | 1, 0.8 | 8, 8 | 0.80 |" in text
    assert "| ours-from-emoji | flowers64 | 10 | 1 | 0 | 1,000 | 3.00 |" in text
    assert "| ours | flowers64 | 30 | 1 | 1 | 1,000 | 6.00 |" in text


def test_a_cell_that_is_there_is_not_run_again_and_can_be_forgotten(judge: Judge, tmp_path: Path) -> None:
    cell = Cell("ours", "people64", 0.5, 1)
    written(tmp_path, cell, scores=scores(1))
    known = cells.read_cell(cell, judge, tmp_path)
    assert known is not None
    assert known["scores"]["frechet"] == 1
    quality.forget(cell, tmp_path / "cache", tmp_path)
    assert cells.read_cell(cell, judge, tmp_path) is None


def test_what_another_judge_scored_counts_no_more(judge: Judge, tmp_path: Path) -> None:
    results, cell = tmp_path / "results", Cell("ours", "people64", 0.5, 1)
    told: dict[str, Any] = {"images_seen": 1000, "seconds": 10.0, "cpu_seconds": 9.0, "parameters": {"generator": 5}}
    written(results, Cell(LIMITS, "people64", 0, 1), floor=scores(2), ceiling=scores(90), pictures=COUNTS)
    written(results, cell, scores=scores(1), **told)
    assert "0.5 minutes" in report.write_results(tmp_path).read_text(encoding="utf-8")
    path = results / f"{cell.name}.json"
    path.write_text(path.read_text().replace(SHA, "1" * 64))
    assert cells.read_cell(cell, judge, results) is None
    assert "0.5 minutes" not in report.write_results(tmp_path).read_text(encoding="utf-8")


def test_cells_of_other_minutes_threads_and_seeds_have_other_files() -> None:
    kinds = [Cell("ours", "people64", *rest) for rest in ((30, 1), (0.5, 1), (30, 2), (30, 1, 5))]
    assert len({cell.name for cell in kinds}) == 4


# The ceiling of speed


def test_convolutions_are_counted_forwards_and_backwards_and_done_again_alone() -> None:
    network = torch.nn.Conv2d(3, 8, 3, padding=1)
    x = torch.randn(4, 3, 16, 16).contiguous(memory_format=torch.channels_last)

    def work() -> None:
        for _ in range(2):
            network(x).sum().backward()

    found = ceiling.record(work)
    assert sorted((str(signature[0]), count) for signature, count in found.items()) == [
        ("aten.convolution.default", 2),
        ("aten.convolution_backward.default", 2),
    ]
    assert 0 < ceiling.alone(found, repeats=2) < 60


def test_operations_are_counted_where_a_penalty_takes_the_slope_of_a_slope() -> None:
    network = torch.nn.Conv2d(3, 8, 3, padding=1, bias=False)
    x = torch.randn(4, 3, 16, 16, requires_grad=True)
    once = 2 * (4 * 16 * 16) * 8 * (3 * 3 * 3)  # an addition and a multiplication for each weight at each pixel
    with ceiling.Operations() as forwards:
        y = network(x).square().sum()
    with ceiling.Operations() as penalty:
        (slope,) = torch.autograd.grad(y, x, create_graph=True)
        slope.square().sum().backward()
    assert forwards.total == once
    assert penalty.total >= 4 * once  # at least one backward pass to x, and three to the weights


def test_what_inference_mode_hides_is_counted_too() -> None:
    layers = torch.nn.Sequential(torch.nn.ConvTranspose2d(3, 4, 4, 2, 1), torch.nn.Flatten(), torch.nn.Linear(4 * 16, 2))
    with torch.inference_mode():
        found = ceiling.record(lambda: layers(torch.randn(5, 3, 2, 2)))
    assert len(found) == 2
    assert ceiling.alone(found, repeats=1) > 0


@pytest.mark.parametrize("network", ["ours", "stylegan2"])
def test_of_a_generator_as_much_is_counted_with_gradients_as_in_inference_mode(network: str) -> None:
    if network == "ours":
        sizes = {"resolution": 32, "channels": 3, "z_dim": 16, "num_classes": 0}
        generator: torch.nn.Module = build_generator("style", network=StyleSettings(maps=2), **sizes)
    else:
        generator = stylegan2_module.Generator(32, 3, 0, 256)
    z = torch.randn(2, 16 if network == "ours" else stylegan2_module.DIM)
    usual = ceiling.record(lambda: generator(z, None))
    with torch.inference_mode():
        hidden = ceiling.record(lambda: generator(z, None))
    assert sum(hidden.values()) == sum(usual.values()) > 10


def test_a_product_is_done_again_with_its_factors() -> None:
    x = torch.randn(3, 3)
    found = ceiling.record(lambda: (torch.addmm(torch.ones(3), x, x, alpha=0), torch.baddbmm(x, x[None], x[None])))
    of_rows, of_pictures = sorted(found, key=lambda signature: str(signature[0]))
    assert str(of_pictures[0]) == "aten.baddbmm.default"
    product = ceiling.operation(of_rows)()
    assert torch.equal(product, product[:1].expand(3, 3)), "the factor is 0: only what is added is left, in each row"


def test_the_stylegan2_peer_modulates_as_its_paper_does() -> None:
    torch.manual_seed(0)
    x, w = torch.randn(3, 6, 8, 8), torch.randn(3, 16)
    for demodulate in (False, True):
        layer = stylegan2_module.ModulatedConv2d(6, 5, 3, 16, demodulate=demodulate)
        torch.nn.init.normal_(layer.bias)
        with torch.no_grad():
            style = layer.style(w)
            weight = layer.weight[None] * style[:, None, :, None, None] / (6 * 9) ** 0.5
            weight = modulated(layer.weight, style) if demodulate else weight
            expected = by_the_paper(x, weight) + layer.bias[:, None, None]
            torch.testing.assert_close(layer(x, w), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_only_changed_code_makes_a_commit_dirty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)  # otherwise git would use the repository whose hook runs the test
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setattr(cells, "ROOT", tmp_path)
    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    (tmp_path / "gan").mkdir()
    (tmp_path / "gan" / "game.py").write_text("1")
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    for words in (["init"], ["add", "."], [*who, "commit", "-m", "first"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    commit = machine()["commit"]
    for name in ("benchmarks/results/cell.json", "benchmarks/RESULTS.md", "notes.txt"):
        (tmp_path / name).write_text("{}")
    assert machine()["commit"] == commit != ""
    (tmp_path / "gan" / "new.py").write_text("2")
    assert machine()["commit"] == f"{commit}-dirty"
