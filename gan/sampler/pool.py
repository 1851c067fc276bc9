"""Many who ask for pictures at once, and one model: what waits together is painted together, in one forward pass."""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gan.limits import MOST_PICTURES
from gan.recipes import Recipe
from gan.sampler.model import Model, Points


class _Request:
    """One caller's pictures: asked for as recipes or points, painted in one pass or several."""

    def __init__(self, model: Model, wanted: Sequence[Recipe] | Points) -> None:
        self.model = model
        self.wanted = wanted
        self.points: Points | None = wanted if isinstance(wanted, Points) else None
        self.pictures: list[np.ndarray[Any, Any]] = []
        self.painted = 0
        self.error: BaseException | None = None

    @property
    def left(self) -> int:
        return len(self.wanted) - self.painted

    @property
    def done(self) -> bool:
        return self.error is not None or (self.left == 0 and bool(self.pictures))

    def next_points(self, count: int) -> Points:
        """The next points to paint. Raises ModelError where a recipe is bad."""
        if self.points is None:
            assert not isinstance(self.wanted, Points)
            self.points = self.model.points(self.wanted)
        return self.points[self.painted : self.painted + count]

    def take(self, pictures: np.ndarray[Any, Any]) -> None:
        self.pictures.append(pictures)
        self.painted += len(pictures)


class Pool:
    """Paints for many threads, one pass at a time. It has no thread of its own: of those who wait, one paints for all.

    Requests of one model that wait at the same moment share a pass of at most 64 pictures: small ones are served whole, large
    ones share what is left and come again behind all who waited. Everybody gets the pictures asked for, to a level of 255 those
    they would have got alone; an error concerns its own caller.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[_Request] = deque()
        self._painting = False

    def render(self, model: Model, recipes: Sequence[Recipe]) -> np.ndarray[Any, Any]:
        """Recipes to pictures uint8 (N, H, W, C). Raises ModelError, and whatever the device refuses."""
        return self._ask(_Request(model, list(recipes)))

    def paint(self, model: Model, points: Points) -> np.ndarray[Any, Any]:
        """Points to pictures uint8 (N, H, W, C)."""
        return self._ask(_Request(model, points))

    def _ask(self, request: _Request) -> np.ndarray[Any, Any]:
        if not len(request.wanted):
            return request.model.render([])
        with self._changed:
            self._waiting.append(request)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: request.done or not self._painting)
                if request.done:
                    break
                self._painting = True
                shares = _share_out(self._waiting)
            try:
                _paint(shares)
            except BaseException as error:  # the process is being ended: nobody may wait for this pass
                for other, _ in shares:
                    other.error = error
                raise
            finally:
                with self._changed:
                    self._put_back([other for other, _ in shares])
                    self._painting = False
                    self._changed.notify_all()
        if request.error is not None:
            raise request.error
        return np.concatenate(request.pictures)

    def _put_back(self, served: Sequence[_Request]) -> None:
        """Take a pass's requests out of the queue; those that are not done go to its end."""
        for request in served:
            self._waiting.remove(request)
        self._waiting.extend(request for request in served if not request.done)


def _share_out(waiting: Sequence[_Request]) -> list[tuple[_Request, int]]:
    """Who is served in the next pass, and with how many pictures: those of the first one's model, the small ones whole."""
    model = waiting[0].model
    first = [request for request in waiting if request.model is model][:MOST_PICTURES]
    room = MOST_PICTURES
    shares = []
    for place, request in enumerate(sorted(first, key=lambda request: request.left)):
        count = min(request.left, room // (len(first) - place))
        shares.append((request, count))
        room -= count
    return shares


def _paint(shares: Sequence[tuple[_Request, int]]) -> None:
    """One pass. Where it fails each request is tried alone, so that an error meets only the one it belongs to."""
    parts = []
    for request, count in shares:
        try:
            parts.append((request, request.next_points(count)))
        except Exception as error:  # noqa: BLE001 (its caller's own, and raised again in that thread)
            request.error = error
    if not parts:
        return
    try:
        pictures = _paint_points(parts[0][0].model, [points for _, points in parts])
    except Exception as error:  # noqa: BLE001 (as above)
        if len(parts) == 1:
            parts[0][0].error = error
            return
        for request, points in parts:
            _paint([(request, len(points))])
        return
    start = 0
    for request, points in parts:
        request.take(pictures[start : start + len(points)])
        start += len(points)


def _paint_points(model: Model, parts: Sequence[Points]) -> np.ndarray[Any, Any]:
    classes = [points.class_index for points in parts if points.class_index is not None]
    with torch.inference_mode():
        together = Points(torch.cat([points.values for points in parts]), torch.cat(classes) if classes else None)
    return model.paint(together, batch=MOST_PICTURES)
