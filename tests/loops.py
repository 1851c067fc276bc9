"""Coroutines run to their end in a thread of their own.

The browser's driver leaves a loop running in the thread of the tests, where `asyncio.run` then refuses to begin another.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Made = TypeVar("Made")


def run_apart(coroutine: Coroutine[Any, Any, Made]) -> Made:
    """What the coroutine returns or raises."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(coroutine)).result()


def within_a_loop(make: Callable[[], Made]) -> Made:
    """What is made of Gradio's parts: without a loop they make loops of their own, which they never close."""

    async def made() -> Made:
        return make()

    return run_apart(made())
