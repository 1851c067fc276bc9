"""Fair shares over time: how much each caller may still have, refilled steadily."""

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_REMEMBERED = 10_000  # callers; who is forgotten begins with a full share


class Allowance:
    """`amount` for each caller, which comes back evenly over `seconds`."""

    def __init__(self, amount: float, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.amount, self.seconds, self._clock = amount, seconds, clock
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()  # how much was used, and when that was so

    def left(self, caller: str) -> float:
        """What a caller may still have."""
        used, then = self._used.get(caller, (0.0, 0.0))
        return self.amount - max(0.0, used - self.amount * (self._clock() - then) / self.seconds)

    def take(self, caller: str, amount: float) -> bool:
        """Use some of it; False, and nothing is used, where less is left."""
        left = self.left(caller)
        if amount > left:
            return False
        self._used[caller] = (self.amount - left + amount, self._clock())
        self._used.move_to_end(caller)
        while len(self._used) > MOST_REMEMBERED:
            self._used.popitem(last=False)
        return True
