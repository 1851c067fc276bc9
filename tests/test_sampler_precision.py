"""Pictures are made in full float32, whatever other threads of the process do at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import torch

from gan.sampler import full_precision

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def fast_process() -> Iterator[None]:
    """Simulate a process that allows TF32, as a training on a GPU does."""
    before, tf32 = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.allow_tf32 = True
    yield
    torch.set_float32_matmul_precision(before)
    torch.backends.cudnn.allow_tf32 = tf32


def is_full() -> bool:
    return torch.get_float32_matmul_precision() == "highest" and not torch.backends.cudnn.allow_tf32


def test_the_process_has_its_own_settings_back_afterwards_after_an_error_too() -> None:
    with full_precision(CPU), full_precision(CPU):
        assert is_full()
    with pytest.raises(ZeroDivisionError), full_precision(CPU):
        raise ZeroDivisionError
    assert not is_full()


def test_one_that_is_done_early_takes_nothing_from_another_that_is_not() -> None:
    """If each thread restored the settings that it found, the first to end would allow TF32 while the second still draws."""
    both_in, first_out = Barrier(2), Barrier(2)

    def early() -> None:
        with full_precision(CPU):
            both_in.wait()
        first_out.wait()

    def late() -> tuple[bool, bool]:
        with full_precision(CPU):
            both_in.wait()
            before = is_full()
            first_out.wait()
            return before, is_full()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(early), pool.submit(late)
        first.result(60)
        assert second.result(60) == (True, True)
    assert not is_full()
