"""One cell of the comparison: a system trained on a set for given minutes on given threads, scored, and stored as JSON."""

import contextlib
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.judge import RESULTS, Features, Judge, frechet, kernel_distance, load_judge, precision_recall
from benchmarks.peers import PEERS
from benchmarks.peers.base import count
from benchmarks.sets import SETS, PictureSet, prepare_set
from gan import data, metrics
from gan.config import new_generator, resolve_run
from gan.files import write_file
from gan.images import encode_png, grid
from gan.machine import keep_freed_memory
from gan.models import read_discriminator
from gan.sampler import Model, latents

Array = npt.NDArray[Any]
Maker = Callable[[Sequence[int], npt.NDArray[np.int64] | None], Array]

ROOT = Path(__file__).parents[1]
LIMITS = "limits"  # the cell with a set's floor and ceiling
OURS, TUNED = "ours", "ours-from-emoji"  # trained from scratch, and fine-tuned from the starter
COMPARED = (OURS, *PEERS)
SYSTEMS = (*COMPARED, TUNED)
# the files that influence a result; notes and results do not
CODE = ("gan", "checkpoints", "requirements.txt", "benchmarks/*.py")
SAVE_SECONDS = 120
GRID_SEEDS = range(16)
GRID_COLUMNS = 8


@dataclass(frozen=True)
class Cell:
    """A system, its training set, the training time and the share of the machine."""

    system: str
    set_name: str
    minutes: float
    threads: int
    seed: int = 0

    @property
    def name(self) -> str:
        """The file name of the cell, without its ending."""
        if self.system == LIMITS:
            return f"{self.set_name}-{LIMITS}"
        seed = f"-seed{self.seed}" if self.seed else ""
        return f"{self.set_name}-{self.system}-{self.minutes:g}min-{self.threads}t{seed}"


def working_folder(cell: Cell, cache: Path) -> Path:
    """Return the folder with the files from which a cell resumes."""
    return Path(cache) / "cells" / cell.name


def read_cell(cell: Cell, judge: Judge, results: Path = RESULTS) -> dict[str, Any] | None:
    """Return a cell's measurements if the present judge scored it, else None, since distances of another judge have another
    scale.
    """
    path = results / f"{cell.name}.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found if found and found["judge"] == judge.sha256 else None


def run_cell(cell: Cell, source: Path, cache: Path, results: Path = RESULTS) -> dict[str, Any]:
    """Train and score a cell, or resume an interrupted one."""
    torch.set_num_threads(cell.threads)
    judge, pictures = load_judge(), prepare_set(cell.set_name, source, cache)
    folder = working_folder(cell, cache)
    folder.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {**asdict(cell), "judge": judge.sha256, **machine()}
    if cell.system == LIMITS:
        result["pictures"] = {"training": len(pictures.training), "unseen": len(pictures.unseen)}
        result["floor"] = score(pictures.unseen, pictures.unseen_labels, pictures, judge)
        result["ceiling"] = score(untrained(pictures), class_proportions(pictures), pictures, judge)
        samples = pictures.unseen[: len(GRID_SEEDS)]
    else:
        told, make = train_ours(cell, pictures, folder) if cell.system in (OURS, TUNED) else train_peer(cell, pictures, folder)
        result |= told
        labels = class_proportions(pictures)
        result["scores"] = score(make(range(pictures.samples), labels), labels, pictures, judge)
        samples = make(GRID_SEEDS, None)
    results.mkdir(parents=True, exist_ok=True)
    if cell.system != LIMITS or SETS[cell.set_name].licence_stated:
        write_file(results / f"{cell.name}.png", encode_png(grid(samples, GRID_COLUMNS)))
    write_file(results / f"{cell.name}.json", json.dumps(result, indent=1).encode() + b"\n")
    return result


def machine() -> dict[str, Any]:
    """Return commit, time and machine, as every result records them."""
    commit = git("describe", "--always") + ("-dirty" if git("status", "--porcelain", "--", *CODE) else "")
    processor = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), processor)
    return {
        "commit": commit,
        "time": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": f"{processor}, {os.cpu_count()} cores, torch {torch.__version__}",
    }


def git(*words: str) -> str:
    """Return the output of a git command in this repository; empty without git or a repository."""
    try:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        return ""


# Training


def train_ours(cell: Cell, pictures: PictureSet, folder: Path) -> tuple[dict[str, Any], Maker]:
    """Train the product as a user starts it: with the default preset, and no settings but the minutes and a seed."""
    home = folder / "home"
    start = [sys.executable, "-m", "gan"]
    own = ["--home", str(home), "--json"]
    if (home / "runs" / "cell").is_dir():
        command = [*start, "resume", "cell", *own]
    else:
        length = ["--minutes", f"{cell.minutes:g}", "--seed", str(cell.seed), "--device", "cpu"]
        length += ["--from", "emoji"] if cell.system == TUNED else []
        side = SETS[cell.set_name].side
        # None of the compared sets needs an explicit size.
        length += ["--size", str(side)] if side != data.default_size(pictures.dataset.report) else []
        command = [*start, "train", str(pictures.zip_path), "--name", "cell", *length, *own]
    environment = {**os.environ, "OMP_NUM_THREADS": str(cell.threads), "OMP_WAIT_POLICY": "PASSIVE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    if told["state"] != "done":
        raise RuntimeError(f"{cell.name} is {told['state']}: run the same command again, it goes on")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    model = Model.open(Path(told["model"]), "cpu")
    if model.config.resolution != pictures.dataset.resolution:
        raise ValueError(f"{cell.name} was trained at {model.config.resolution} pixels, not {pictures.dataset.resolution}")

    def make(seeds: Sequence[int], class_index: npt.NDArray[np.int64] | None) -> Array:
        z, classes = latents(seeds, model.config.z_dim, len(model.config.classes))
        if classes is not None and class_index is not None:
            classes = torch.from_numpy(class_index)
        return model.generate_from_z(z, classes, psi=1.0)

    networks = {"generator": model.generator, "discriminator": read_discriminator(Path(told["model"]))}
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "images_seen": told["images_seen"],
        "seconds": told["seconds"],
        "cpu_seconds": round(cpu, 1),
        "parameters": {name: count(network) for name, network in networks.items() if network},
    }, make


def train_peer(cell: Cell, pictures: PictureSet, folder: Path) -> tuple[dict[str, Any], Maker]:
    """Train a peer for the same time, in this process; the clock stops while its state is written."""
    keep_freed_memory()  # as the product's trainer does
    peer = PEERS[cell.system](pictures.dataset, cell.seed)
    path, limit = folder / "state.safetensors", cell.minutes * 60
    seconds = peer.load(path) if path.is_file() else 0.0
    saved, cpu = seconds, time.process_time()
    while seconds < limit:
        begun = time.monotonic()
        peer.step()
        seconds += time.monotonic() - begun
        if seconds - saved > SAVE_SECONDS or seconds >= limit:
            peer.save(path, seconds)
            saved = seconds
    cpu = time.process_time() - cpu
    peer.calibrate()
    told = {"images_seen": peer.images_seen, "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1)}
    return {**told, "parameters": peer.parameters()}, peer.generate


def untrained(pictures: PictureSet) -> Array:
    """Return pictures of the product's untrained generator."""
    dataset = pictures.dataset
    config = resolve_run(dataset, device="cpu", minutes=1)
    torch.manual_seed(0)
    generator = new_generator(config).eval()
    generator.calibrate()
    z, classes = latents(range(pictures.samples), config.z_dim, len(config.classes))
    if classes is not None:
        classes = torch.from_numpy(class_proportions(pictures))
    with torch.inference_mode():
        parts = [
            generator.sample(z[start : start + 64], None if classes is None else classes[start : start + 64], 1.0)
            for start in range(0, len(z), 64)
        ]
    levels = ((torch.cat(parts).clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return levels.permute(0, 2, 3, 1).numpy()


def class_proportions(pictures: PictureSet) -> npt.NDArray[np.int64]:
    """Return a class for each sample, so that classes are as frequent as among the training pictures."""
    labels = pictures.dataset.labels[pictures.dataset.train_indices]
    return np.random.default_rng(0).choice(labels, pictures.samples)


# Scores


def score(samples: Array, labels: npt.NDArray[np.int64], pictures: PictureSet, judge: Judge) -> dict[str, float]:
    """Return the distances of samples to the training pictures, and the share that the judge recognises as the classes in
    `labels`.

    Each distance is the mean over sets as large as the set of unseen pictures. A perfect generator therefore has the same score
    as the unseen pictures, even if these are few.
    """
    count = len(pictures.unseen)
    training = pictures.training
    described, known = judge.features(samples), judge.features(training)
    some = metrics.evenly(known, count)
    rows = [slice(start, start + count) for start in range(0, len(samples) - count + 1, count)]
    shares = [precision_recall(some, described[part]) for part in rows]
    to_training = metrics.nearest(samples, training)[1]
    new_to_training = metrics.nearest(pictures.unseen, training)[1]
    return {
        "frechet": mean_of(frechet, described, known, rows),
        "kernel": 1000 * mean_of(kernel_distance, described, known, rows),
        "precision": float(np.mean([share[0] for share in shares])),
        "recall": float(np.mean([share[1] for share in shares])),
        "recognised": judge.recognised(samples, pictures.names(labels)),
        "sliced_wasserstein": float(np.mean([metrics.sliced_wasserstein(samples[part], training) for part in rows])),
        "diversity": metrics.diversity(samples, training),
        "memorisation": metrics.memorisation(to_training, new_to_training),
        "samples": float(len(samples)),
    }


def mean_of(distance: Callable[[Features, Features], float], samples: Features, known: Features, rows: list[slice]) -> float:
    """Return the mean distance of parts of the samples to the known pictures."""
    return float(np.mean([distance(samples[part], known) for part in rows]))
