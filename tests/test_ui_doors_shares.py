"""Fair shares: one caller cannot block the machine for other callers or for its owner."""

import threading
from collections.abc import Iterator

import pytest

from gan.errors import AccessError, ModelError
from gan.limits import MOST_ADDRESS_TASKS, MOST_SESSION_TASKS, MOST_VISITORS_WAITING_TASKS, MOST_WAITING_TASKS
from gan.playing.asking import Asker, asked_by, current
from gan.playing.tasks import Task, Tasks
from gan.ui.allowance import MOST_REMEMBERED, Allowance

OWNER = Asker("owner", address="127.0.0.1")


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def busy() -> Iterator[Tasks]:
    """Yield tasks whose workers are busy until the test is over."""
    tasks, over = Tasks(), threading.Event()

    def work(task: Task) -> dict[str, object]:
        over.wait()
        return {}

    for _ in range(2):
        tasks.start(work)
    yield tasks
    over.set()
    tasks.close()


def start(tasks: Tasks, asker: Asker) -> Task:
    with asked_by(asker):
        return tasks.start(lambda task: {})


def visitor(session: str, address: str) -> Asker:
    return Asker("visitor", session, address)


def test_a_visitor_has_two_tasks_at_once_and_another_visitor_has_their_own_two(busy: Tasks) -> None:
    for _ in range(MOST_SESSION_TASKS):
        start(busy, visitor("one", "10.0.0.1"))
    with pytest.raises(AccessError, match="2 longer tasks from you"):
        start(busy, visitor("one", "10.0.0.1"))
    start(busy, visitor("one", "10.0.0.2"))
    start(busy, visitor("two", "10.0.0.1"))


def test_new_sessions_bring_an_address_no_larger_share(busy: Tasks) -> None:
    for number in range(MOST_ADDRESS_TASKS):
        start(busy, visitor(f"session {number}", "10.0.0.1"))
    with pytest.raises(AccessError, match="4 longer tasks from you"):
        start(busy, visitor("another", "10.0.0.1"))


def test_all_visitors_together_leave_room_for_the_owner(busy: Tasks) -> None:
    for number in range(MOST_VISITORS_WAITING_TASKS):
        start(busy, visitor("one", f"10.0.0.{number}"))
    with pytest.raises(ModelError, match=f"{MOST_VISITORS_WAITING_TASKS} longer tasks are waiting"):
        start(busy, visitor("one", "10.0.1.1"))
    for _ in range(MOST_WAITING_TASKS - MOST_VISITORS_WAITING_TASKS):
        start(busy, OWNER)
    with pytest.raises(ModelError, match=f"{MOST_WAITING_TASKS} longer tasks are waiting"):
        start(busy, OWNER)


def test_a_share_comes_back_when_a_task_has_ended() -> None:
    tasks, turns = Tasks(), 0
    for _ in range(3 * MOST_ADDRESS_TASKS):
        with asked_by(visitor("one", "10.0.0.1")), tasks.turn():
            turns += 1
    tasks.close()
    assert turns == 3 * MOST_ADDRESS_TASKS


def test_a_call_that_waits_for_its_turn_is_told_when_it_takes_too_long(busy: Tasks) -> None:
    with pytest.raises(AccessError, match="busy for 0 seconds"), busy.turn(seconds=0.01):
        pytest.fail("no worker is free")


def test_a_turn_frees_its_worker_whatever_happens() -> None:
    tasks = Tasks(workers=1)
    with pytest.raises(ZeroDivisionError), tasks.turn():
        raise ZeroDivisionError
    with tasks.turn(seconds=60) as task:
        assert task.state == "working"
    tasks.close()


def test_whoever_asks_is_known_only_while_they_are_answered() -> None:
    assert current().may("owner"), "a program that calls the package itself"
    with asked_by(visitor("one", "10.0.0.1")):
        assert not current().may("trainer")
    assert current().may("owner")


def test_an_allowance_is_used_up_and_comes_back_evenly() -> None:
    clock = Clock()
    share = Allowance(10, 60, clock)
    assert [share.take("a", 4) for _ in range(3)] == [True, True, False]
    assert share.take("b", 10), "each caller has their own"
    clock.now += 12
    assert share.left("a") == pytest.approx(4)
    assert share.take("a", 4)
    clock.now += 3600
    assert share.left("a") == 10


def test_an_allowance_remembers_only_so_many_callers() -> None:
    share = Allowance(10, 60, Clock())
    for number in range(MOST_REMEMBERED + 5):
        share.take(str(number), 10)
    assert share.left("0") == 10
    assert share.left(str(MOST_REMEMBERED)) == 0
