"""Trains the product (`ours`) and its peers for the same time on the same pictures, machine and threads, and scores them with the
same judge.

    python -m benchmarks.quality --data FOLDER --lanes 2      two cells at a time, each on its own core with one thread
    python -m benchmarks.quality --data FOLDER --threads 2    one cell at a time on two threads

FOLDER holds cifar10.zip, digits.zip, emoji.zip and flowers.zip. An interrupted cell resumes, and a finished one is not run
again. `--again ours` first removes the cells of the system `ours` that this command selects. RESULTS.md is written from all cells
in benchmarks/results. Other useful commands:

    … --systems ours --sets people64 --minutes 60                          the result of an hour
    … --systems ours-from-emoji --sets objects64,flowers64 --minutes 10    fine-tuning, to compare with …
    … --systems ours --sets objects64                                      … 30 minutes from scratch
    … --systems ours --sets digits32,people32 --minutes 5 --seed 1         … 2, 3, 4: tests for collapse
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.cells import COMPARED, LIMITS, ROOT, SYSTEMS, Cell, read_cell, run_cell, working_folder
from benchmarks.judge import CACHE, RESULTS, load_judge
from benchmarks.report import write_results
from benchmarks.sets import COMPARED as COMPARED_SETS
from benchmarks.sets import SETS

MINUTES = {"people64": 30.0, "flowers64": 30.0, "objects64": 30.0, "digits32": 10.0, "people32": 5.0}
POLL_SECONDS = 2.0


def main() -> None:
    """Run the missing cells, then write RESULTS.md."""
    options = parse()
    if options.cell:
        if options.core is not None:
            os.sched_setaffinity(0, {options.core})
        cell = Cell(**json.loads(options.cell))
        run_cell(cell, options.data, options.cache)
        return
    judge = load_judge()
    cells = wanted(options)
    for cell in cells:
        if cell.system in options.again:
            forget(cell, options.cache)
    missing = [cell for cell in cells if read_cell(cell, judge) is None]
    print(f"{len(cells) - len(missing)} cells are there, {len(missing)} are to be run", flush=True)
    failed = run_lanes(missing, options.lanes, options.data, options.cache)
    path = write_results()
    print(f"{path} is written" + (f"; failed: {', '.join(failed)}" if failed else ""))
    raise SystemExit(int(bool(failed)))


def parse() -> argparse.Namespace:
    """Parse the command's options."""
    parser = argparse.ArgumentParser(description="Train and score ours and its peers at equal time.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the zips")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--systems", default=",".join(COMPARED), help=f"of {', '.join(SYSTEMS)}")
    parser.add_argument("--sets", default=",".join(COMPARED_SETS), help=f"of {', '.join(SETS)}")
    parser.add_argument("--minutes", type=float, help=f"for each cell; else {MINUTES}")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=1, help="cells at once, each on a core of its own with one thread")
    parser.add_argument("--seed", type=int, default=0, help="of the trainings")
    parser.add_argument("--again", type=lambda text: text.split(","), default=[], metavar="SYSTEMS", help="run these anew")
    parser.add_argument("--cell", help=argparse.SUPPRESS)
    parser.add_argument("--core", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name, known in (("systems", SYSTEMS), ("sets", tuple(SETS))):
        chosen = getattr(options, name).split(",")
        if unknown := set(chosen) - set(known):
            parser.error(f"unknown {name}: {', '.join(sorted(unknown))}; known are {', '.join(known)}")
        setattr(options, name, chosen)
    if options.lanes > 1 and options.threads > 1:
        parser.error("lanes have one thread each: give --lanes or --threads, not both")
    return options


def wanted(options: argparse.Namespace) -> list[Cell]:
    """Return the requested cells: ours first, and compared systems next to each other, so that the machine's state affects them
    alike.
    """
    cells = [Cell(LIMITS, name, 0, 1) for name in options.sets]
    for name in options.sets:
        minutes = options.minutes or MINUTES[name]
        cells += [Cell(system, name, minutes, options.threads, options.seed) for system in options.systems]
    return cells


def forget(cell: Cell, cache: Path, results: Path = RESULTS) -> None:
    """Remove a cell and its training."""
    shutil.rmtree(working_folder(cell, cache), ignore_errors=True)
    for ending in (".json", ".png"):
        (results / f"{cell.name}{ending}").unlink(missing_ok=True)


def run_lanes(cells: list[Cell], lanes: int, data: Path, cache: Path) -> list[str]:
    """Run cells in separate processes, `lanes` at a time, each lane on its own core; return those that failed."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    running: dict[int, tuple[Cell, subprocess.Popen[bytes]]] = {}
    waiting, failed = list(cells), list[str]()
    while waiting or running:
        for lane in range(lanes):
            if lane in running and (status := running[lane][1].poll()) is not None:
                cell, _ = running.pop(lane)
                print(f"{time.strftime('%H:%M')} {cell.name} {'done' if status == 0 else 'failed'}", flush=True)
                failed += [cell.name] if status else []
            if lane not in running and waiting:
                cell = waiting.pop(0)
                print(f"{time.strftime('%H:%M')} {cell.name} begins", flush=True)
                running[lane] = (cell, start(cell, data, cache, cores[lane % len(cores)] if cores and lanes > 1 else None))
        if running:
            time.sleep(POLL_SECONDS)
    return failed


def start(cell: Cell, data: Path, cache: Path, core: int | None) -> subprocess.Popen[bytes]:
    """Start a cell in a separate process, whose output goes to the cell's log."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(cell.threads), "OMP_WAIT_POLICY": "PASSIVE"}
    values = json.dumps({name: getattr(cell, name) for name in ("system", "set_name", "minutes", "threads", "seed")})
    command = [sys.executable, "-m", "benchmarks.quality", "--data", str(data), "--cache", str(cache), "--cell", values]
    command += [] if core is None else ["--core", str(core)]
    log = working_folder(cell, cache) / "log.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file)


if __name__ == "__main__":
    main()
