"""Compares the speed of training and sampling with the same machine's convolutions of the same shapes, and with the peers.

    python -m benchmarks.speed [--threads 2] [--quick]

Everything is measured in one run, as the best of several times, so that other programs on the machine hardly affect the results.
The ceiling of a piece of work is the time that its convolutions and matrix products take alone, with all data in the cache, so
the ceiling cannot be reached. Also measured: cost by resolution, batch and number of pictures; time to the first step; peak
memory.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.ceiling import alone, record
from benchmarks.cells import ROOT, machine
from benchmarks.device import noise_zip
from benchmarks.judge import RESULTS
from benchmarks.peers import PEERS
from benchmarks.report import SPEED, write_results
from benchmarks.search import keep
from gan import data
from gan.config import RunConfig, resolve_run
from gan.data import Dataset
from gan.files import write_file
from gan.machine import keep_freed_memory
from gan.runs import Run
from gan.sampler import latents
from gan.training.accelerator import accelerator_for
from gan.training.feed import PictureFeed, Pictures
from gan.training.games.adversarial import AdversarialGame

Section = dict[str, Any]
TOTAL = 10**9  # pictures; so many that schedules stay constant
SAMPLED = 64
POLL_SECONDS = 0.02
ROUNDS = 3  # rounds in which a piece of work and its ceiling are measured in turns


def dataset_of(home: Path, side: int, count: int = 512) -> Dataset:
    """Write pictures of noise to the disk, which are then read as a user's pictures are."""
    path = home / f"noise-{side}.zip"
    dataset = data.prepare(noise_zip(path, 256, side), home=home, size=side)
    pictures = np.lib.format.open_memmap(
        home / f"{side}-{count}.npy", mode="w+", dtype=np.uint8, shape=(count, side, side, dataset.channels)
    )
    rng = np.random.RandomState(0)
    for start in range(0, count, 1000):
        pictures[start : start + 1000] = rng.randint(0, 256, pictures[start : start + 1000].shape, dtype=np.uint8)
    parts = np.split(np.arange(count), [count // 20])
    return replace(
        dataset, pictures=pictures, labels=np.zeros(count, np.int64), train_indices=parts[1], held_out_indices=parts[0]
    )


def untrained(config: RunConfig) -> AdversarialGame:
    """Return both networks in the state at the start of a training on the CPU."""
    return AdversarialGame(config, accelerator_for(config))


class Work:
    """The product's training on a dataset: each call does a cycle of steps, one of which has the penalty."""

    def __init__(self, dataset: Dataset, threads: int, **chosen: Any) -> None:
        config = resolve_run(dataset, device="cpu", images=TOTAL, **chosen)
        self.config: RunConfig = config.model_copy(update={"threads": threads})
        self.game = untrained(self.config)
        kinds = (dataset.train_indices, dataset.held_out_indices)
        self.feed = PictureFeed(*(Pictures(dataset, indices, self.config, torch.device("cpu")) for indices in kinds))
        self.images_seen = 0

    @property
    def pictures(self) -> int:
        """The number of pictures in a cycle."""
        return self.config.batch * self.config.penalty_every

    def __call__(self) -> None:
        for _ in range(self.config.penalty_every):
            side = self.config.resolution  # without growth
            self.game.step(self.images_seen, TOTAL, self.feed, side)
            self.images_seen += self.config.batch


def training(dataset: Dataset, threads: int, repeats: int, peers: list[str]) -> Section:
    """Measure pictures a second in the trainings of the product and of the peers, and the share of the ceiling."""
    work = Work(dataset, threads)
    rows = [compare("**ours**", work, work.pictures, repeats)]
    for name in peers:
        peer = PEERS[name](dataset)
        cycle = 16 if name == "stylegan2" else 4 if name == "lightweight-gan" else 1  # steps from one penalty to the next

        def steps(peer: Any = peer, cycle: int = cycle) -> None:
            for _ in range(cycle):
                peer.step()

        rows.append(compare(name, steps, cycle * peer.batch, 1 if name == "lightweight-gan" else repeats))
    setting = f"{dataset.resolution} pixels, default settings, penalties included."
    return section("Training step", f"{setting} Training that begins with smaller pictures is faster.", rows)


def sampling(home: Path, dataset: Dataset, repeats: int, peers: list[str]) -> Section:
    """Measure seconds for 64 pictures, drawn by the product's sampler."""
    config = resolve_run(dataset, device="cpu", images=TOTAL)
    z, classes = latents(range(SAMPLED), config.z_dim, len(config.classes))
    model = keep(untrained(config), home / "model")
    rows = [compare("**ours**", lambda: model.generate_from_z(z, classes), SAMPLED, repeats)]
    for name in peers:
        make = partial(PEERS[name](dataset).generate, range(SAMPLED))
        rows.append(compare(name, make, SAMPLED, 1 if "light" in name else repeats))
    return section("Sampling", f"{SAMPLED} pictures of {dataset.resolution} pixels are drawn, 32 at a time.", rows)


def compare(label: str, work: Callable[[], Any], pictures: int, repeats: int) -> list[str]:
    """Return a row: pictures a second, the ceiling's, and the share of the ceiling.

    Both are measured in turns, and the best time of each counts, because a machine may be faster in one minute than in the next.
    """
    found = record(work)
    times = math.ceil(repeats / ROUNDS)
    rounds = [(least(work, times), alone(found, times)) for _ in range(min(ROUNDS, repeats))]
    seconds, ceiling = (min(each) for each in zip(*rounds, strict=True))
    speeds = [f"{pictures / each:.3g}" for each in (seconds, ceiling)]
    return [label, *speeds, f"{ceiling / seconds:.0%}", f"{seconds:.3g} s for {pictures}"]


def least(work: Callable[[], Any], repeats: int) -> float:
    """Return the least of several times in seconds."""
    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def section(title: str, words: str, rows: list[list[str]]) -> Section:
    """Return a table of pictures a second."""
    header = ["system", "pictures/s", "ceiling, pictures/s", "reached", "measured"]
    return {"title": title, "words": words, "header": header, "rows": rows}


def costs(home: Path, threads: int, repeats: int, quick: bool) -> Section:
    """Measure milliseconds for each training picture by side, batch and number of pictures."""
    sides, batches, side = ((16,), (8,), 16) if quick else ((16, 32, 64, 128), (8, 16, 32, 64), 32)
    small, large = dataset_of(home, side, 500), dataset_of(home, side, 2000 if quick else 50_000)
    trained: list[tuple[str, Dataset, dict[str, Any]]] = [(f"{each} pixels", dataset_of(home, each), {}) for each in sides]
    trained += [(f"{side} pixels, batch {batch}", small, {"batch": batch}) for batch in batches]
    rows = [costs_of({label: Work(dataset, threads, **chosen)}, repeats)[0] for label, dataset, chosen in trained]
    sizes = {f"{side} pixels, {len(each.pictures):,} pictures": Work(each, threads) for each in (small, large)}
    rows += costs_of(sizes, repeats)
    header = ["what", "ms a picture", "pictures/s"]
    return {
        "title": "Cost of training",
        "words": "The time for each training picture, penalties included.",
        "header": header,
        "rows": rows,
    }


def costs_of(works: dict[str, Work], repeats: int) -> list[list[str]]:
    """Return rows of the table of costs by their labels. Several are measured in turns, so that changes of the machine's speed
    affect them alike.
    """
    best = dict.fromkeys(works, math.inf)
    for work in works.values():
        work()
    for _ in range(repeats):
        for label, work in works.items():
            best[label] = min(best[label], least(work, 1))
    return [
        [label, f"{1000 * best[label] / work.pictures:.3g}", f"{work.pictures / best[label]:.3g}"]
        for label, work in works.items()
    ]


def process(home: Path, dataset_zip: Path, threads: int) -> Section:
    """Measure a whole training process: seconds to its first step, and its peak memory."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}
    images = resolve_run(data.prepare(dataset_zip, home=home, size=32), device="cpu", images=1).batch * 16
    command = [sys.executable, "-m", "gan", "train", str(dataset_zip), "--name", "start", "--device", "cpu"]
    command += ["--size", "32", "--images", str(images), "--home", str(home)]
    begun = time.monotonic()
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    first = watch(home, running, begun)
    if running.wait():
        raise RuntimeError(f"the training that was timed ended with {running.returncode}")
    rows = [["first step of a training begins", f"{first:.2g} s"]]
    if peak := Run.open(home, "start").status().memory_bytes:
        rows.append(["peak memory of that process, torch included", f"{peak / 2**20:.0f} MiB"])
    return {
        "title": "A process",
        "words": "One process of `python -m gan train` at 32 pixels.",
        "header": ["what", "measured"],
        "rows": rows,
    }


def watch(home: Path, running: subprocess.Popen[bytes], begun: float) -> float:
    """Return the seconds until the run's status is training, or ended."""
    while True:
        if (home / "runs" / "start").is_dir() and Run.open(home, "start").status().state in ("training", "done"):
            break
        if os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            break
        time.sleep(POLL_SECONDS)
    return time.monotonic() - begun


def measure(threads: int, quick: bool) -> dict[str, Any]:
    """Measure everything; `quick` uses 16 pixels and omits the slowest peer, for a test."""
    torch.set_num_threads(threads)
    keep_freed_memory()  # as the product does; called at the start, so that all parts are measured under the same conditions
    repeats = 2 if quick else 6
    peers = ["dcgan"] if quick else list(PEERS)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        dataset = dataset_of(home, 16 if quick else 64)
        sections = [training(dataset, threads, repeats, peers)]
        sections.append(sampling(home, dataset, repeats, peers))
        sections += [costs(home, threads, repeats, quick), process(home, noise_zip(home / "start.zip", 64, 32), threads)]
    return {**machine(), "threads": threads, "sections": sections}


def main() -> None:
    """Measure, store the results, and write them into RESULTS.md."""
    parser = argparse.ArgumentParser(description="Measure speed beside the machine's own convolutions and beside the peers.")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes; proves that it runs, measures little")
    options = parser.parse_args()
    result = measure(options.threads, options.quick)
    print(json.dumps(result, indent=1))
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        write_file(RESULTS / SPEED, json.dumps(result, indent=1).encode() + b"\n")
        print(f"{write_results()} is written")


if __name__ == "__main__":
    main()
