"""A run folder: config, status, events, samples, requests, and the lock that a living trainer holds.

The files are the interface: every process reads the same files, however the run was started. The trainer that holds the lock
writes them; other processes write only `control.json` and the status of a queued run (see queue.py).
"""

import errno
import json
import math
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gan.errors import CheckpointError, GanError, RunError
from gan.files import hold, is_held, read_json, replace, write_file
from gan.images import write_png
from gan.words import shorten

State = Literal["queued", "preparing", "training", "paused", "stopping", "done", "failed", "interrupted"]
Request = Literal["save", "pause", "stop"]
ENDED: tuple[State, ...] = ("paused", "done", "failed", "interrupted")
# Requests from weak to strong. A later request never replaces a stronger one that still waits.
REQUESTS: tuple[Request, ...] = ("save", "pause", "stop")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*\.", re.IGNORECASE)  # names that Windows reserves
LOCK_SECONDS = 1.0
START_SECONDS = 120  # Windows hides a process that is just starting, so the process has this long to take the lock
LOG_TAIL_BYTES = 4096


class Status(BaseModel):
    """`status.json`. `error` is a GanError's sentence; `error_code` and `error_values` let a page show it in another language."""

    model_config = ConfigDict(frozen=True)  # fields of later versions are ignored

    state: State = "queued"
    images_seen: int = 0
    images_total: int | None = None
    seconds: float = 0.0
    images_per_second: float | None = None
    eta_seconds: float | None = None
    memory_bytes: int | None = None  # at its peak so far: of the GPU, or of the process
    error: str | None = None
    hint: str | None = None
    error_code: str | None = None
    error_values: dict[str, Any] = Field(default_factory=dict)

    @property
    def goal(self) -> int | None:
        """Return the total that the run trains towards; None once the run is done, since a time limit may have ended it
        earlier.
        """
        return None if self.state == "done" else self.images_total


class Waiting(BaseModel):
    """An entry of `queue.json`: a run, and the new total or the added minutes to resume it with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=f"^{NAME.pattern}$")
    images: int | None = Field(None, ge=1)
    minutes: float | None = Field(None, gt=0, allow_inf_nan=False)


class EventPosition(NamedTuple):
    """The position of a reader in `events.jsonl`: an offset in bytes, and the bytes just before the offset."""

    offset: int = 0
    before: bytes = b""


class EventNews(NamedTuple):
    """Events since a position, the new position, and whether the file was cut, which makes earlier events invalid."""

    events: list[dict[str, Any]]
    position: EventPosition
    restarted: bool


def snapshot_name(images_seen: int) -> str:
    """Return the name of a snapshot, or of a sample without its ending."""
    return f"{images_seen:09d}"


def home_folder(option: str | Path | None = None) -> Path:
    """Return the home folder: the option, else $GAN_HOME, else the working folder. Raises RunError where that is a file."""
    home = Path(option or os.environ.get("GAN_HOME") or Path.cwd()).expanduser().resolve()
    if home.exists() and not home.is_dir():
        raise RunError("home_unusable", home=str(home), reason=os.strerror(errno.ENOTDIR))
    return home


def check_name(name: str) -> str:
    """Return the name if every system allows it for a folder. Raises RunError otherwise."""
    if not NAME.fullmatch(name):
        raise RunError("run_name_invalid", name=shorten(name))
    if RESERVED.fullmatch(name):
        raise RunError("run_name_reserved", name=name)
    return name


def read_queue(home: Path) -> list[Waiting]:
    """Return the waiting runs in their order. A missing or damaged queue counts as empty; its runs then have the state
    `interrupted`.
    """
    try:
        return [Waiting.model_validate(entry) for entry in read_json(home / "queue.json")["waiting"]]
    except (CheckpointError, ValidationError, KeyError, TypeError):
        return []


def list_runs(home: Path) -> list["Run"]:
    """Return all runs of a home, newest first."""
    folder = home / "runs"
    try:
        names = [name for name in os.listdir(folder) if NAME.fullmatch(name)]  # noqa: PTH208 - names alone, for a thousand runs
    except (FileNotFoundError, NotADirectoryError):
        return []
    runs = [(_modified(f"{folder}{os.sep}{name}{os.sep}config.json"), name) for name in names]
    return [Run(folder / name) for modified, name in sorted(runs, reverse=True) if modified]


def _modified(path: str | Path) -> float:
    """Return the time when a file was written; 0 if the file does not exist."""
    try:
        return os.stat(path).st_mtime  # noqa: PTH116 - for a thousand runs, making a Path takes longer than the call
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _finite(value: Any) -> Any:
    """Return the value with null for numbers that JSON cannot represent."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _parse_lines(content: bytes) -> list[dict[str, Any]]:
    """Parse whole lines into events, and skip everything that is not a JSON object.

    A kill or a full disk can cut a line short, and a view of a training must survive that. No decision of a training depends on
    these lines.
    """
    events = []
    for line in content.splitlines():
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            events.append(event)
    return events


class Run:
    """A run folder, `home/runs/NAME`. The object holds no state: everything is read from the files and written to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self.home = folder.parent.parent
        self.snapshots_folder = folder / "snapshots"
        self.samples_folder = folder / "samples"
        self.model_folder = folder / "model"
        self.best_folder = folder / "best"
        self.earlier_folder = folder / "earlier"
        self.log_path = folder / "log.txt"
        self.events_path = folder / "events.jsonl"
        self._config_path = folder / "config.json"
        self._status_path = folder / "status.json"
        self._control_path = folder / "control.json"
        self._lock_path = folder / "lock"

    @classmethod
    def create(cls, home: Path, name: str, config: dict[str, Any]) -> Self:
        """Create a queued run. It appears as a whole, with its config. Raises RunError if the name is taken or not allowed."""
        folder = home / "runs" / check_name(name)
        if folder.exists():
            raise RunError("run_exists", name=name)
        temporary = folder.with_name(f".{name}.{secrets.token_hex(4)}.tmp")
        try:
            temporary.mkdir(parents=True)
            made = cls(temporary)
            made.write_config(config)
            made.write_status(state="queued", images_total=config.get("images_total"))
            temporary.rename(folder)
        except (OSError, CheckpointError) as error:
            if folder.exists():  # another process was faster
                raise RunError("run_exists", name=name) from error
            reason = error.values["reason"] if isinstance(error, CheckpointError) else error.strerror or str(error)
            raise RunError("home_unusable", home=str(home), reason=reason) from error
        finally:
            if temporary.exists():
                shutil.rmtree(temporary)
        return cls(folder)

    @classmethod
    def open(cls, home: Path, name: str) -> Self:
        """Open an existing run. Raises RunError where no run has this name."""
        run = cls(home / "runs" / check_name(name))
        if not run._config_path.is_file():
            raise RunError("run_unknown", name=name, home=str(home))
        return run

    # Config and status

    @property
    def config(self) -> dict[str, Any]:
        """Return the config as plain values. Raises CheckpointError."""
        return read_json(self._config_path)

    def write_config(self, config: dict[str, Any]) -> None:
        """Replace the config, and make sure that it survives a power cut."""
        write_file(self._config_path, json.dumps(config, indent=2, allow_nan=False).encode() + b"\n")

    def _written_status(self) -> Status:
        """Return the status as it was written; `interrupted` where it is lost."""
        try:
            return Status.model_validate(read_json(self._status_path))
        except (CheckpointError, ValidationError):
            return Status(state="interrupted")

    def write_status(self, **changes: Any) -> None:
        """Replace the named fields of the status. A new state clears the old error unless a new one is given."""
        if "state" in changes and "error" not in changes:
            changes = {"error": None, "hint": None, "error_code": None, "error_values": {}, **changes}
        status = Status.model_validate({**self._written_status().model_dump(), **_finite(changes)})
        write_file(self._status_path, status.model_dump_json(indent=2).encode() + b"\n", durable=status.state in ENDED)

    def fail(self, error: GanError, **changes: Any) -> None:
        """Record that the run failed, and why."""
        values = {key: value if isinstance(value, str | int | float) else str(value) for key, value in error.values.items()}
        self.write_status(state="failed", error=str(error), error_code=error.code, error_values=values, **changes)

    def status(self) -> Status:
        """Return the status. A run that has not ended, and neither trains nor waits, is `interrupted`. The call is cheap."""
        written = self._written_status()
        while written.state not in ENDED and not self._goes_on(written):
            # The run may end or begin between the two reads, so only a status that is equal before and after counts.
            before, written = written, self._written_status()
            if written == before:
                return self._interrupted(written)
        return written

    def _goes_on(self, written: Status) -> bool:
        # The queue is read first: a run leaves it only after it was started.
        waits = written.state == "queued" and any(place.name == self.name for place in read_queue(self.home))
        return waits or self.active()

    def active(self) -> bool:
        """Return whether a process trains the run, or was started for it and is about to take the lock (queue.py)."""
        queued = self._written_status().state == "queued"
        return self.alive() or (queued and self._starting())

    def _starting(self) -> bool:
        """Return whether the process last started for it is alive; that process holds the log from its first instant
        (queue.py).
        """
        if sys.platform == "win32":
            begun = _modified(self.log_path)
            return begun >= _modified(self._status_path) and time.time() - begun < START_SECONDS
        return is_held(self.log_path)

    def _interrupted(self, written: Status) -> Status:
        tail = self.log_tail()
        if not tail:
            return written.model_copy(update={"state": "interrupted", "eta_seconds": None})
        error = RunError("run_died", tail=tail)
        cause = {"error": str(error), "error_code": error.code, "error_values": error.values}
        return written.model_copy(update={"state": "interrupted", "eta_seconds": None, **cause})

    def log_tail(self, lines: int = 3) -> str:
        """Return the last lines that the latest process printed, without the command line."""
        if not self.log_path.is_file():
            return ""
        with self.log_path.open("rb") as file:
            file.seek(-min(LOG_TAIL_BYTES, self.log_path.stat().st_size), os.SEEK_END)
            text = file.read().decode("utf-8", errors="replace")
        said = ("\n" + text).rsplit("\n$ ", 1)
        words = said[-1].split("\n", 1)[-1] if len(said) == 2 else text
        plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", words)  # colours
        printable = ("".join(char for char in line if char.isprintable()).strip() for line in plain.splitlines())
        return "\n".join([line for line in printable if line][-lines:])[-500:]

    # Lock and requests

    def alive(self) -> bool:
        """Return whether a trainer holds the lock."""
        return is_held(self._lock_path)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run's lock as its trainer; the system releases the lock when the process ends in any way. Raises RunError
        where another process holds it.

        A request left from an earlier trainer is dropped; one made since the run was queued is kept.
        """
        with hold(self._lock_path, LOCK_SECONDS) as held:
            if not held:
                raise RunError("run_held", name=self.name)
            if self._written_status().state != "queued":
                self.take_request()
            yield

    def request(self, kind: Request) -> None:
        """Send the trainer a request, which takes effect at the end of a step. A stronger request that waits is kept."""
        pending = self._pending(self._control_path)
        if pending is None or REQUESTS.index(kind) > REQUESTS.index(pending):
            write_file(self._control_path, json.dumps({"request": kind}).encode(), durable=False)

    def take_request(self) -> Request | None:
        """Return the waiting request, if there is one, and remove it. Cheap enough for every step."""
        taken = self._control_path.with_suffix(".taken")
        try:
            replace(self._control_path, taken)
        except FileNotFoundError:
            return None
        kind = self._pending(taken)
        taken.unlink()
        return kind

    def _pending(self, path: Path) -> Request | None:
        try:
            found = read_json(path).get("request")
        except CheckpointError:  # the request is missing or damaged
            return None
        return next((kind for kind in REQUESTS if kind == found), None)

    # Events and samples

    def append_event(self, event: dict[str, Any]) -> None:
        """Append an event, which should hold `images_seen`; numbers that are not finite become null. Raises CheckpointError."""
        line = json.dumps(_finite(event), allow_nan=False, separators=(",", ":")).encode() + b"\n"
        try:
            with self.events_path.open("ab+", buffering=0) as file:
                if file.seek(0, os.SEEK_END):
                    file.seek(-1, os.SEEK_END)
                    if file.read(1) != b"\n":  # the last line was cut short by a kill
                        file.truncate(self.events_path.read_bytes().rfind(b"\n") + 1)
                if file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise CheckpointError("file_not_written", path=str(self.events_path), reason=error.strerror) from error

    def events(self, since: int = 0) -> list[dict[str, Any]]:
        """Return all events from `since` pictures on, without a last line that is still being written."""
        return [event for event in self.read_events().events if event.get("images_seen", since) >= since]

    def read_events(self, position: EventPosition | None = None) -> EventNews:
        """Return the events after a position, for a reader that polls."""
        offset, before = position or EventPosition()
        if not self.events_path.is_file():
            return EventNews([], EventPosition(), offset > 0)
        with self.events_path.open("rb") as file:
            file.seek(offset - len(before))
            restarted = file.read(len(before)) != before
            if restarted:
                file.seek(0)
                offset, before = 0, b""
            content = file.read()
        content = content[: content.rfind(b"\n") + 1]
        return EventNews(_parse_lines(content), EventPosition(offset + len(content), (before + content)[-200:]), restarted)

    def cut_events(self, images_seen: int) -> None:
        """Drop the events after `images_seen`, which a resumed training will write again; the file is replaced in one step."""
        kept = [event for event in self.read_events().events if event.get("images_seen", 0) <= images_seen]
        lines = [json.dumps(event, separators=(",", ":")).encode() + b"\n" for event in kept]
        for leftover in self.folder.glob(f".{self.events_path.name}.*.tmp"):
            leftover.unlink()
        write_file(self.events_path, b"".join(lines))

    def samples(self) -> list[Path]:
        """Return the sample grids, oldest first."""
        if not self.samples_folder.is_dir():
            return []
        return sorted(path for path in self.samples_folder.iterdir() if re.fullmatch(r"\d{9,}\.png", path.name))

    def write_sample(self, images_seen: int, picture: np.ndarray, recipe: dict[str, Any] | None = None) -> Path:
        """Store a sample grid, uint8 (H, W, C), as samples/000064000.png. Raises CheckpointError if that fails."""
        try:
            self.samples_folder.mkdir(exist_ok=True)
        except OSError as error:
            raise CheckpointError("file_not_written", path=str(self.samples_folder), reason=error.strerror) from error
        path = self.samples_folder / f"{snapshot_name(images_seen)}.png"
        write_png(path, picture, recipe)
        return path
