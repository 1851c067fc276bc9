"""Compares many simultaneous visitors with a single one: `python -m benchmarks.visitors [--model emoji] [--visitors 50]`.

A visitor does what a browser does: it requests over HTTP eight pictures of its own seeds, as the Create tab does. When they
arrive, it sends the next of `--turns` different requests, for `--seconds` in all. The app runs as a separate process. The command
first makes the expected pictures itself, and compares them with those that each visitor gets. The exit status is 1 if a request
failed or a picture was wrong.

- failed: requests that brought no pictures; foreign: pictures that differ from those of their seeds (more than 1 of 255 apart)
- p50, p95: milliseconds from the request to all eight pictures; pictures a second over all visitors together
- memory_mb: the app's resident memory in each quarter of the time, where the system reports it; it should stay flat
"""

import argparse
import base64
import json
import os
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gan import load
from tests.served import served

PICTURES = 8  # pictures in a request
SEEDS_APART = 100_000  # distance between the seeds of two visitors
TIMEOUT_SECONDS = 120
CLOSE = 1  # largest difference between equal pictures, in levels of 255


@dataclass
class Seen:
    """The answers that one visitor received."""

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0
    foreign: int = 0
    wrong: list[str] = field(default_factory=list)


class Visitor:
    """Sends the requests of one browser."""

    def __init__(self, url: str, model: str, number: int) -> None:
        self.url, self.model, self.number = url, model, number
        config = json.loads(_get(f"{url}/config"))
        (studio,) = [part for part in config["components"] if part["props"].get("elem_id") == "studio"]
        self.component = studio["id"]

    def seeds(self, turn: int) -> list[int]:
        """Return the seeds of a turn, which no other visitor uses."""
        first = self.number * SEEDS_APART + turn * PICTURES
        return list(range(first, first + PICTURES))

    def ask(self, seeds: list[int]) -> list[np.ndarray[Any, Any]]:
        """Request pictures of seeds, as the Create tab does."""
        asked = {"call": "pictures", "with": {"model": self.model, "seeds": f"{seeds[0]}-{seeds[-1]}"}}
        body = {"data": asked, "component_id": self.component, "fn_name": "ask", "session_hash": f"visitor-{self.number}"}
        answer = json.loads(_get(f"{self.url}/gradio_api/component_server", body))
        if "error" in answer:
            raise ValueError(answer["error"])
        return [picture_of(tile["src"]) for tile in answer["tiles"]]

    def stay(self, turns: Iterable[int], until: float, expected: dict[int, np.ndarray[Any, Any]], seen: Seen) -> None:
        """Send the requests of `turns` one after the other, until the time is over."""
        for turn in turns:
            seeds = self.seeds(turn)
            begun = time.monotonic()
            if begun > until:
                return
            try:
                pictures = self.ask(seeds)
            except (OSError, ValueError) as error:
                seen.failed += 1
                seen.wrong.append(str(error))
                continue
            seen.milliseconds.append(1000 * (time.monotonic() - begun))
            for seed, picture in zip(seeds, pictures, strict=True):
                if np.abs(picture.astype(int) - expected[seed]).max() > CLOSE:
                    seen.foreign += 1
                    seen.wrong.append(f"seed {seed}")


def _get(url: str, body: dict[str, Any] | None = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"} if data else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        content: bytes = answer.read()
    return content


def picture_of(source: str) -> np.ndarray[Any, Any]:
    """Return a data URI's pixels, (H, W, C)."""
    picture = np.asarray(Image.open(BytesIO(base64.b64decode(source.partition(",")[2]))))
    return picture[:, :, None] if picture.ndim == 2 else picture


def memory_of_app() -> int | None:
    """Return the resident megabytes of the app that this process has started; None where the system does not report them."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(line.partition(":")[::2] for line in status.read_text().splitlines())
            command = status.with_name("cmdline").read_bytes()
        except OSError:  # raised for a process that has just ended
            continue
        if told["PPid"].strip() == str(os.getpid()) and b"app.py" in command:
            return int(told["VmRSS"].split()[0]) // 1024
    return None


def visit(url: str, key: str, folder: Path, visitors: int, turns: int, seconds: float, *, again: bool = False) -> dict[str, Any]:
    """Run `visitors` at once, each for a number of turns or seconds, and return their results. `folder` holds the model of `key`.

    With `again` the turns repeat until the seconds are over.
    """
    guests = [Visitor(url, key, number) for number in range(visitors)]
    model = load(folder)
    seeds = [seed for guest in guests for turn in range(turns) for seed in guest.seeds(turn)]
    expected = dict(zip(seeds, model.generate(seeds).astype(int), strict=True))
    guests[0].ask(guests[0].seeds(0))  # opens the model before the measurement
    seen = [Seen() for _ in guests]
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=guest.stay, args=(cycle(range(turns)) if again else range(turns), until, expected, own))
        for guest, own in zip(guests, seen, strict=True)
    ]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    memory = []
    for quarter in range(1, 5):
        for thread in threads:
            thread.join(max(0.0, begun + seconds * quarter / 4 - time.monotonic()))
        memory.append(memory_of_app())
    for thread in threads:
        thread.join()
    took = time.monotonic() - begun
    times = np.array([each for own in seen for each in own.milliseconds])
    result: dict[str, Any] = {
        "visitors": visitors,
        "requests": len(times),
        "failed": sum(own.failed for own in seen),
        "foreign": sum(own.foreign for own in seen),
        "pictures_per_second": round(len(times) * PICTURES / took, 1),
    }
    if len(times):
        result |= {"p50_ms": round(float(np.percentile(times, 50))), "p95_ms": round(float(np.percentile(times, 95)))}
    result["memory_mb"] = memory
    wrong = [words for own in seen for words in own.wrong]
    return result | ({"wrong": wrong[:5]} if wrong else {})


def main() -> None:
    """Measure one visitor alone, then all at once, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default="emoji", help="a starter")
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--turns", type=int, default=4, help="different questions of a visitor")
    parser.add_argument("--seconds", type=float, default=600.0, help="for all visitors; one alone has a tenth of it")
    options = parser.parse_args()
    starter = Path(__file__).parents[1] / "checkpoints" / options.model
    with tempfile.TemporaryDirectory() as home, served(Path(home)) as url:
        key = f"starter:{options.model}"
        alone = visit(url, key, starter, 1, options.turns, options.seconds / 10, again=True)
        together = visit(url, key, starter, options.visitors, options.turns, options.seconds, again=True)
    times_as_many = round(together["pictures_per_second"] / max(alone["pictures_per_second"], 0.1), 2)
    print(json.dumps({"alone": alone, "together": together, "times_as_many_pictures": times_as_many}, indent=2))
    raise SystemExit(int(any(each["failed"] or each["foreign"] for each in (alone, together))))


if __name__ == "__main__":
    main()
