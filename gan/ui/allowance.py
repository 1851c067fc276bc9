"""Fair shares over time: each caller has an allowance that refills steadily."""

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_REMEMBERED = 10_000  # callers; one that is dropped from the record has its full amount again


class Allowance:
    """An allowance of `amount` for each caller, which refills evenly over `seconds`."""

    def __init__(self, amount: float, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.amount, self.seconds, self._clock = amount, seconds, clock
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()  # amount used, and the time of that record

    def left(self, caller: str) -> float:
        """Return the amount that a caller has left."""
        used, then = self._used.get(caller, (0.0, 0.0))
        return self.amount - max(0.0, used - self.amount * (self._clock() - then) / self.seconds)

    def take(self, caller: str, amount: float) -> bool:
        """Use some of the allowance; if too little is left, use nothing and return False."""
        left = self.left(caller)
        if amount > left:
            return False
        self._used[caller] = (self.amount - left + amount, self._clock())
        self._used.move_to_end(caller)
        while len(self._used) > MOST_REMEMBERED:
            self._used.popitem(last=False)
        return True
