"""Runs coroutines to their end in a separate thread.

Playwright leaves an event loop running in the tests' thread, in which `asyncio.run` then cannot start another one.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Made = TypeVar("Made")


def run_apart(coroutine: Coroutine[Any, Any, Made]) -> Made:
    """Return the coroutine's result, or raise its error."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(coroutine)).result()


def within_a_loop(make: Callable[[], Made]) -> Made:
    """Call a function that makes Gradio's components inside an event loop. Without one, the components make loops of their own
    and never close them.
    """

    async def made() -> Made:
        return make()

    return run_apart(made())
