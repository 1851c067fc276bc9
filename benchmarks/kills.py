"""Kills trainings at random instants and compares them with trainings left alone: `python -m benchmarks.kills [--kills 100]`.

Each family trains in a process of its own that writes a snapshot after every step, so that kills hit steps and writing alike.
A kill comes at a random instant after the process has written one more snapshot. The last process trains to the end. Weights and
the optimisers' states must then be the same bits as those of the training that was left alone. Exit status 1 if they are not.
"""

import argparse
import json
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from gan.models import read_generator
from gan.runs import Run
from gan.training import train
from gan.training.snapshots import read_snapshot
from tests.processes import CONTEXT, DEADLINE_SECONDS, KILL
from tests.tiny_runs import TINY, TINY_HEADS, tiny_run

KINDS = (*((family, "own") for family in TINY), ("style", "both"))
IMAGES_A_KILL = 24  # pictures of progress that are planned for each kill; a step has 8 pictures
LONGEST_WAIT_SECONDS = 0.15  # a step and its snapshot take less time


def continue_run(home: Path, name: str) -> None:
    """Train a run to its end."""
    train(Run.open(home, name))


def newest_snapshot(run: Run) -> int:
    """Return the number of pictures seen at the newest complete snapshot; 0 without one."""
    return max((int(path.name) for path in run.snapshots_folder.glob("*") if path.name.isdigit()), default=0)


def kill_again_and_again(run: Run, kills: int) -> dict[str, int]:
    """Kill the training `kills` times; return how many kills left an unfinished snapshot, and how many came after the end."""
    torn = late = 0
    for _ in range(kills):
        before = newest_snapshot(run)
        process = CONTEXT.Process(target=continue_run, args=(run.home, run.name))
        process.start()
        while process.is_alive() and newest_snapshot(run) == before:
            process.join(0.002)
        process.join(random.uniform(0, LONGEST_WAIT_SECONDS))
        late += not process.is_alive()
        os.kill(process.pid, KILL)
        process.join(DEADLINE_SECONDS)
        torn += any(path.name.startswith(".") for path in run.snapshots_folder.iterdir())
    return {"kills": kills, "during_a_snapshot": torn, "after_the_end": late, "pictures_at_the_last_kill": newest_snapshot(run)}


def state_of(run: Run, total: int) -> dict[str, torch.Tensor]:
    """Return the model's weights and everything in the last snapshot."""
    state = {f"weights.{name}": value for name, value in read_generator(run.model_folder)[1].state_dict().items()}
    return state | read_snapshot(run.snapshots_folder / f"{total:09d}")[0]


def compare(home: Path, family: str, discriminator: str, kills: int) -> dict[str, Any]:
    """Train twice, once uninterrupted and once with kills, and return the findings."""
    total = kills * IMAGES_A_KILL
    chosen: dict[str, Any] = {"images": total, "snapshot_seconds": 0, "discriminator": discriminator, "features": TINY_HEADS}
    if family == "style":
        chosen |= {"size": 32, "growth": ((8, 0.3), (16, 0.6))}
    whole, killed = (tiny_run(home, f"{family}-{discriminator}-{name}", family, **chosen) for name in ("whole", "killed"))
    train(whole)
    found: dict[str, Any] = kill_again_and_again(killed, kills)
    train(Run.open(home, killed.name))
    left, right = (state_of(run, total) for run in (whole, killed))
    same = left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)
    return {"family": family, "discriminator": discriminator, **found, "identical": same}


def main() -> int:
    """Print the findings as JSON; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="over all families")
    options = parser.parse_args()
    torch.set_num_threads(1)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        rows = [compare(Path(home), *kind, -(-options.kills // len(KINDS))) for kind in KINDS]
    print(json.dumps({"families": rows, "seconds": round(time.monotonic() - begun)}, indent=2))
    return 0 if all(row["identical"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
