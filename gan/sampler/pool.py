"""Serves requests of many threads: requests that wait for the same model are painted together, in one forward pass."""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gan.limits import MOST_PICTURES
from gan.recipes import Recipe
from gan.sampler.lent import is_worth_a_gpu, paint_on_lent_gpu
from gan.sampler.model import Model, Points


class _Request:
    """The request of one caller: recipes or points, painted in one or several passes."""

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
        """Return the next points to paint. Raises ModelError for a recipe that does not fit the model."""
        if self.points is None:
            assert not isinstance(self.wanted, Points)
            self.points = self.model.points(self.wanted)
        return self.points[self.painted : self.painted + count]

    def take(self, pictures: np.ndarray[Any, Any]) -> None:
        self.pictures.append(pictures)
        self.painted += len(pictures)


class Pool:
    """Paints for many threads, one pass at a time, in one of the waiting threads.

    Requests of one model that wait at the same moment share a pass of at most 64 pictures: small ones are served whole, large
    ones share the remainder and queue again. The pictures are those that a separate call would give, within 1 level of 255. An
    error reaches only the caller whose request caused it.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[_Request] = deque()
        self._painting = False

    def render(self, model: Model, recipes: Sequence[Recipe]) -> np.ndarray[Any, Any]:
        """Return the pictures of recipes, uint8 (N, H, W, C). Raises ModelError, and errors of the device."""
        return self._ask(_Request(model, list(recipes)))

    def paint(self, model: Model, points: Points) -> np.ndarray[Any, Any]:
        """Return the pictures of points, uint8 (N, H, W, C)."""
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
            except BaseException as error:  # the process is ending: no other thread may wait for this pass
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
        """Remove the requests of a pass from the queue, and append unfinished ones at its end."""
        for request in served:
            self._waiting.remove(request)
        self._waiting.extend(request for request in served if not request.done)


def _share_out(waiting: Sequence[_Request]) -> list[tuple[_Request, int]]:
    """Return the requests of the next pass and their picture counts: those of the first one's model, small ones whole."""
    model = waiting[0].model
    first = [request for request in waiting if request.model is model][:MOST_PICTURES]
    room = MOST_PICTURES
    shares = []
    for index, request in enumerate(sorted(first, key=lambda request: request.left)):
        count = min(request.left, room // (len(first) - index))
        shares.append((request, count))
        room -= count
    return shares


def _paint(shares: Sequence[tuple[_Request, int]]) -> None:
    """Paint one pass. If it fails, each request is tried alone, so that an error reaches only its own caller."""
    parts = []
    for request, count in shares:
        try:
            parts.append((request, request.next_points(count)))
        except Exception as error:  # noqa: BLE001 (raised again in the caller's thread)
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
    if is_worth_a_gpu(model, len(together)):
        return paint_on_lent_gpu(model, together, MOST_PICTURES)
    return model.paint(together, batch=MOST_PICTURES)
