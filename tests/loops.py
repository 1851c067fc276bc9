"""Runs coroutines to their end in a separate thread.

The browser's driver leaves a loop running in the tests' thread, where `asyncio.run` then refuses to start another one.
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
    """Build Gradio's parts inside a loop. Without one they make loops of their own and never close them."""

    async def made() -> Made:
        return make()

    return run_apart(made())
