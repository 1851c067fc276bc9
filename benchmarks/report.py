"""Writes RESULTS.md and its pictures from the stored measurements alone."""

import json
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.cells import LIMITS, OURS, TUNED
from benchmarks.judge import READINGS
from benchmarks.sets import SETS
from gan.files import write_file

HERE = Path(__file__).parent
SPEED = "speed.json"
NO_CELLS = (SPEED, READINGS)
COLUMNS = {
    "frechet": "Fréchet",
    "kernel": "kernel × 1000",
    "precision": "precision",
    "recall": "recall",
    "recognised": "recognised",
    "sliced_wasserstein": "sliced Wasserstein",
    "diversity": "diversity",
    "memorisation": "memorisation",
}
HEAD = """# Results

`python -m benchmarks.quality` and `python -m benchmarks.speed` write this page from their stored measurements. {judge}

## How to read the tables

*Ours* is Seedbed. *Ours-from-emoji* is Seedbed, fine-tuned from the starter `emoji`. Every system trains for the same time on the
same pictures with the same number of threads. At least 1,000 of its pictures are scored, without truncation. Trainings with one
thread run two at a time, each on its own core; the list below a table gives the core time that each training used.

- *Fréchet* and *kernel* distance, *precision* and *recall* are computed in the features of the judge, a small classifier of all
  measured sets (`benchmarks/judge.py`, JUDGE.md). No number on this page is an FID.
- *Recognised* is the share of samples recognised as their class, among the classes of all sets.
- *Sliced Wasserstein* is the measure of `gan.metrics`. Lower is better for these three distances.
- *Floor* is the score of real pictures that no system trained on, in sets of the same size.
- *Ceiling* is the score of Seedbed's untrained network; another untrained system may score worse.
- *Above floor* is the Fréchet distance minus that of the floor.
- High *precision* alone is not enough: a system that repeats one good picture has it.
- *Diversity* is 1 where samples vary as much as real pictures.
- *Memorisation* is ½ where samples lie no closer to training pictures than new pictures do; blur also raises it.

Each table is followed by real pictures that no system trained on and by each system's pictures of seeds 0 to 15, not selected.
"""


def read_cells(results: Path) -> list[dict[str, Any]]:
    """Return all cells that the present judge scored, set by set."""
    paths = [path for path in sorted(results.glob("*.json")) if path.name not in NO_CELLS]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    judge = json.loads((results / READINGS).read_text(encoding="utf-8"))["sha256"]
    found = [cell for cell in found if cell["judge"] == judge]
    return sorted(found, key=lambda cell: (cell["set_name"], cell["minutes"], cell["threads"], cell["seed"]))


def write_results(folder: Path = HERE) -> Path:
    """Write RESULTS.md into `folder` from its folder `results`."""
    results = folder / "results"
    cells = read_cells(results)
    limits = {cell["set_name"]: cell for cell in cells if cell["system"] == LIMITS}
    trained = [cell for cell in cells if cell["system"] != LIMITS and cell["set_name"] in limits]
    parts = [HEAD.format(judge=describe_judge(results)), describe_sets(limits)]
    for (set_name, minutes, threads, seed), group in groupby(trained, lambda c: tuple(c[k] for k in GROUP)):
        if seed:
            continue  # the table of seeds lists it
        parts.append(f"## {set_name}, {minutes:g} minutes, {count(threads, 'thread')}")
        parts += describe_group(limits[set_name], list(group), results)
    parts += [part for part in (describe_tuning(trained, limits), describe_seeds(trained)) if part]
    speed = results / SPEED
    if speed.is_file():
        parts.append(describe_speed(json.loads(speed.read_text(encoding="utf-8"))))
    path = folder / "RESULTS.md"
    write_file(path, ("\n\n".join(part.strip() for part in parts) + "\n").encode())
    return path


GROUP = ("set_name", "minutes", "threads", "seed")
CEILING = """In this section *ceiling* is the speed of a system's convolutions and matrix products alone, and *reached* is the
share of it that the system reaches."""


def describe_judge(results: Path) -> str:
    """Return a sentence about the judge."""
    told = json.loads((results / READINGS).read_text(encoding="utf-8"))
    readings = [
        f"{told[key]:.1%} of the unseen pictures of {key.removeprefix('accuracy_')}"
        for key in told
        if key.startswith("accuracy_")
    ]
    return f"The judge recognises {' and '.join(readings)} (sha256 {told['sha256'][:12]}…)."


def describe_sets(limits: dict[str, dict[str, Any]]) -> str:
    """Return the training sets, and the code that measured their limits."""
    rows = []
    for name, cell in limits.items():
        source, counts = SETS[name], cell["pictures"]
        folders = f" ({', '.join(source.only)})" if source.only else ""
        numbers = [f"{counts[key]:,}" for key in ("training", "unseen")]
        rows.append([name, f"{source.zip_name}{folders}, {source.side} px", *numbers, f"{cell['time']}, commit {cell['commit']}"])
    return f"## The sets\n\n{table(['set', 'pictures', 'to train on', 'unseen', 'limits measured'], rows)}"


def describe_group(limits: dict[str, Any], cells: list[dict[str, Any]], results: Path) -> list[str]:
    """Return the table, the ratios and the pictures of the systems that trained on a set for the same time."""
    floor = limits["floor"]
    cells = sorted(cells, key=lambda cell: cell["scores"]["frechet"])
    rows = [row("*floor: unseen pictures*", None, floor, floor)]
    rows += [
        row(f"**{cell['system']}**" if cell["system"] in (OURS, TUNED) else cell["system"], cell, cell["scores"], floor)
        for cell in cells
    ]
    rows.append(row("*ceiling: untrained*", None, limits["ceiling"], floor))
    header = ["system", "pictures seen", "pictures/s", "above floor", *COLUMNS.values()]
    parts = [table(header, rows), compare(cells, floor)]
    parts.append("\n".join(f"- {describe_cell(cell)}" for cell in cells))
    parts += [show(cell, results) for cell in [limits, *cells]]
    return [part for part in parts if part]


def describe_cell(cell: dict[str, Any]) -> str:
    """Return where and when a cell ran, and its share of the machine."""
    got = cell["cpu_seconds"] / cell["seconds"]
    sizes = ", ".join(f"{name} {number:,}" for name, number in cell["parameters"].items())
    trained = f"trained for {cell['seconds']:.0f} s with {got:.2f} cores of {cell['machine']}"
    return f"{cell['system']}: {sizes} parameters; {trained}; {cell['time']}, commit {cell['commit']}"


def row(label: str, cell: dict[str, Any] | None, scores: dict[str, float], floor: dict[str, float]) -> list[str]:
    """Return a row of the table of results."""
    seen = ["", ""] if cell is None else [f"{cell['images_seen']:,}", f"{cell['images_seen'] / cell['seconds']:.3g}"]
    return [label, *seen, f"{scores['frechet'] - floor['frechet']:.2f}", *(f"{scores[key]:.3g}" for key in COLUMNS)]


def compare(cells: list[dict[str, Any]], floor: dict[str, float]) -> str:
    """Return a sentence that compares the product with the best peer."""
    ours = next((cell["scores"] for cell in cells if cell["system"] == OURS), None)
    peers = [cell for cell in cells if cell["system"] not in (OURS, TUNED)]
    if ours is None or not peers:
        return ""
    sentences = []
    for key, title in (("frechet", "Fréchet distance above its floor"), ("sliced_wasserstein", "Sliced Wasserstein distance")):
        zero = floor["frechet"] if key == "frechet" else 0.0
        best = min(peers, key=lambda cell: cell["scores"][key])
        ratio = (ours[key] - zero) / max(best["scores"][key] - zero, 1e-9)
        sentences.append(f"{title}: ours is **{ratio:.2f}** of the best peer's ({best['system']}).")
    return " ".join(sentences)


def describe_tuning(cells: list[dict[str, Any]], limits: dict[str, Any]) -> str:
    """Return a comparison of fine-tuning and training from scratch, over all minutes and seeds."""
    names = sorted({cell["set_name"] for cell in cells if cell["system"] == TUNED})
    chosen = [cell for cell in cells if cell["system"] in (OURS, TUNED) and cell["set_name"] in names]
    measures = ("recall", "sliced_wasserstein", "diversity")
    rows = [
        [cell["system"], cell["set_name"], f"{cell['minutes']:g}", str(cell["threads"]), str(cell["seed"])]
        + [f"{cell['images_seen']:,}", f"{cell['scores']['frechet'] - limits[cell['set_name']]['floor']['frechet']:.2f}"]
        + [f"{cell['scores'][key]:.3g}" for key in measures]
        for cell in chosen
    ]
    told = ["system", "set", "minutes", "threads", "seed", "pictures seen", "Fréchet above floor"]
    header = told + [COLUMNS[key] for key in measures]
    return f"## Fine-tuning compared with training from scratch\n\n{table(header, rows)}" if rows else ""


def describe_seeds(cells: list[dict[str, Any]]) -> str:
    """Return the results of the same training with several seeds."""
    kinds = ("system", "set_name", "minutes", "threads")
    rows = []
    for kind, group in groupby(sorted(cells, key=lambda c: tuple(c[k] for k in kinds)), lambda c: tuple(c[k] for k in kinds)):
        scores = [cell["scores"] for cell in group]
        if len(scores) > 1:
            several = [", ".join(f"{score[key]:.3g}" for score in scores) for key in ("diversity", "frechet")]
            least = min(score["diversity"] for score in scores) / max(score["diversity"] for score in scores)
            rows.append([str(kind[0]), str(kind[1]), f"{kind[2]:g}", *several, f"{least:.2f}"])
    header = ["system", "set", "minutes", "diversity of each seed", "Fréchet of each seed", "least / greatest diversity"]
    return f"## The same training from several seeds\n\n{table(header, rows)}" if rows else ""


def show(cell: dict[str, Any], results: Path) -> str:
    """Return a line that shows a cell's grid."""
    seed = f"-seed{cell['seed']}" if cell["seed"] else ""
    limit = cell["system"] == LIMITS
    ending = LIMITS if limit else f"{cell['system']}-{cell['minutes']:g}min-{cell['threads']}t{seed}"
    name = f"{cell['set_name']}-{ending}.png"
    if not (results / name).is_file():
        return ""
    label = "real pictures, unseen" if limit else cell["system"]
    return f"{label}\n\n![{label}](results/{name})"


def describe_speed(speed: dict[str, Any]) -> str:
    """Return the section with the measurements of benchmarks/speed.py."""
    measured = (
        f"Measured with {count(speed['threads'], 'thread')} of {speed['machine']}; {speed['time']}, commit {speed['commit']}."
    )
    parts = ["## Speed", f"{measured} {CEILING}"]
    parts += [f"### {part['title']}\n\n{part['words']}\n\n{table(part['header'], part['rows'])}" for part in speed["sections"]]
    return "\n\n".join(parts)


def count(number: int, noun: str) -> str:
    """Return a count with its noun: 1 thread, 2 threads."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def table(header: list[str], rows: Iterable[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
