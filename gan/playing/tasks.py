"""Tasks that take longer than one call may, such as a film, a projection or many pictures. Calls start them, watch them, stop
them and fetch their results.
"""

import base64
import logging
import os
import secrets
import shutil
import tempfile
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from gan.errors import AccessError, GanError, ModelError
from gan.files import system_refusals
from gan.limits import (
    ABANDONED_SECONDS,
    CHUNK_BYTES,
    MOST_ADDRESS_TASKS,
    MOST_FINISHED_TASKS,
    MOST_SESSION_TASKS,
    MOST_TASK_BYTES,
    MOST_VISITORS_WAITING_TASKS,
    MOST_WAITING_TASKS,
    TASK_KEPT_SECONDS,
    TASK_TURN_SECONDS,
)
from gan.playing.asking import LOCAL, Asker, current

LOG = logging.getLogger(__name__)


State = Literal["waiting", "working", "done", "failed"]


class Task:
    """A task as seen by the worker that runs it."""

    def __init__(self, folder: Path, asker: Asker = LOCAL) -> None:
        self.id = secrets.token_urlsafe(16)  # cannot be guessed
        self.folder = folder
        self.asker = asker
        self.state: State = "waiting"
        self.done, self.total = 0, 0
        self.news: dict[str, Any] = {}
        self.result: dict[str, Any] = {}
        self.error: Exception | None = None
        self.content: Path | None = None
        self.begun = self.seen = time.monotonic()
        self._stop = threading.Event()

    def report(self, done: int, total: int, **news: Any) -> None:
        """Record the progress, and values that can be shown already."""
        self.done, self.total = done, total
        if news:
            self.news = news

    @property
    def ended(self) -> bool:
        """Whether the task has ended: done, failed or stopped."""
        return self.state in ("done", "failed")

    @property
    def stopped(self) -> bool:
        """Whether the task was stopped, or its browser has sent no request for long. The worker should then soon return its best
        result so far.
        """
        return self._stop.is_set() or time.monotonic() - self.seen > ABANDONED_SECONDS

    def stop(self) -> None:
        """Request the task to end soon."""
        self._stop.set()

    def file(self, name: str) -> Path:
        """Return a path for a result too large for an answer; the browser fetches the file in pieces."""
        self.content = self.folder / f"{self.id}-{name}"
        return self.content


Work = Callable[[Task], dict[str, Any]]


class Tasks:
    """All tasks that were started on this page, by ids that cannot be guessed."""

    def __init__(self, workers: int = 2) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="seedbed-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="create")
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="create-aside")

    def start(self, work: Work, *, unasked: bool = False) -> Task:
        """Start a task as soon as a worker is free. Tasks that no user requested (`unasked`) have a worker of their own, so that
        they do not delay others.

        Raises ModelError where too many tasks wait, AccessError where the caller already has a fair share of the tasks.
        """
        task = Task(self._folder, current())
        with self._lock:
            self._tidy()
            check_share(task.asker, [each for each in self._tasks.values() if not each.ended])
            self._tasks[task.id] = task
        (self._aside if unasked else self._pool).submit(self._run, task, work)
        return task

    def get(self, task_id: str) -> Task:
        """Return the task with this id. Raises ModelError for an unknown id, also of tasks that were dropped."""
        with self._lock:
            task = self._tasks.get(task_id)
        if task is None:
            raise ModelError("task_unknown")
        task.seen = time.monotonic()
        return task

    @contextmanager
    def turn(self, seconds: float = TASK_TURN_SECONDS) -> Iterator[Task]:
        """Wait for a worker, and occupy it while the caller does the work itself. The same limits apply as to tasks.

        Raises ModelError and AccessError as `start` does, and AccessError where no worker was free within `seconds`.
        """
        mine, over = threading.Event(), threading.Event()

        def work(task: Task) -> dict[str, Any]:
            mine.set()
            over.wait()
            return {}

        task = self.start(work)
        try:
            if not mine.wait(seconds):
                raise AccessError("turn_late", seconds=int(seconds))
            yield task
        finally:
            over.set()
            task.state = "done"  # the caller's next task does not count this one, even before the worker has returned

    def close(self) -> None:
        """Stop all tasks, wait for them, and remove their files."""
        for task in list(self._tasks.values()):
            task.stop()
        for pool in (self._pool, self._aside):
            pool.shutdown(cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, task: Task, work: Work) -> None:
        task.state = "working"
        try:
            with system_refusals():
                task.result = work(task)
            task.state = "done"
        except GanError as error:
            task.error, task.state = error, "failed"
        except Exception as error:  # the visitor gets a general sentence, and the server's log the details
            LOG.exception("a task ended with an unforeseen error")
            task.error, task.state = ModelError("task_crashed", reason=type(error).__name__), "failed"

    def _tidy(self) -> None:
        """Drop finished tasks after an hour, and the oldest finished ones while there are too many or their files are too
        large.
        """
        now = time.monotonic()
        size = sum(_size_of(task) for task in self._tasks.values())
        for key, task in list(self._tasks.items()):
            if task.ended and (
                now - task.begun > TASK_KEPT_SECONDS or len(self._tasks) >= MOST_FINISHED_TASKS or size > MOST_TASK_BYTES
            ):
                size -= _size_of(task)
                del self._tasks[key]
                if task.content is not None:
                    task.content.unlink(missing_ok=True)


def check_share(asker: Asker, going: Sequence[Task]) -> None:
    """Raise ModelError where too many tasks wait, AccessError where too many of those waiting or running are the caller's."""
    waiting = [task for task in going if task.state == "waiting"]
    if len(waiting) >= MOST_WAITING_TASKS:
        raise ModelError("create_busy", most=MOST_WAITING_TASKS)
    if asker.may("owner"):
        return
    near = [task for task in going if task.asker.address == asker.address and not task.asker.may("owner")]
    own = [task for task in near if task.asker.session == asker.session]
    for found, most in ((own, MOST_SESSION_TASKS), (near, MOST_ADDRESS_TASKS)):
        if len(found) >= most:
            raise AccessError("visitor_busy", found=len(found), most=most)
    if sum(not task.asker.may("owner") for task in waiting) >= MOST_VISITORS_WAITING_TASKS:
        raise ModelError("create_busy", most=MOST_VISITORS_WAITING_TASKS)


def _size_of(task: Task) -> int:
    """Return the bytes of a task's file; 0 before it is written."""
    path = task.content
    return path.stat().st_size if path is not None and path.is_file() else 0


class TaskCall(BaseModel):
    """A request that names a task by its id."""

    id: str = Field(max_length=64)


class ContentCall(TaskCall):
    """A request for a piece of a task's file."""

    offset: int = Field(0, ge=0)


def status_of(task: Task) -> dict[str, Any]:
    """Return a task's state, its progress and, once it is done, its result. Raises its error where it failed."""
    if task.error is not None:
        raise task.error
    answer = {"id": task.id, "state": task.state, "done": task.done, "total": task.total, "news": task.news}
    return answer | ({"result": task.result} if task.state == "done" else {})


def content(task: Task, offset: int) -> dict[str, Any]:
    """Return the next piece of a task's file, as base64, and the size of the whole. Raises ModelError where the task has no
    file.
    """
    if task.content is None or task.state != "done":
        raise ModelError("task_unknown")
    with task.content.open("rb") as file:
        file.seek(offset)
        piece = file.read(CHUNK_BYTES)
        size = os.fstat(file.fileno()).st_size
    return {"content": base64.b64encode(piece).decode(), "size": size}
