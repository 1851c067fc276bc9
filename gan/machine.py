"""What this machine has to train on, and how its memory is best used."""

import ctypes
import functools
import os
import sys
from pathlib import Path

import torch

from gan.errors import ConfigError


def detect_device(wanted: str | None = None) -> str:
    """The device to train on: the wanted one, else CUDA, else Apple's, else the CPU; ConfigError where the wanted is absent."""
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted is None:
        return "cuda" if present["cuda"] else "mps" if present["mps"] else "cpu"
    if wanted not in present:
        raise ConfigError("config_field", field="device", found=wanted, expected="cpu, cuda or mps")
    if not present[wanted]:
        raise ConfigError("device_absent", device=wanted, present=", ".join(name for name, there in present.items() if there))
    return wanted


def detect_precision(device: str) -> str:
    """bfloat16 where the device multiplies it faster than float32, for convolutions in training only; sampling is float32."""
    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bfloat16" if device == "cpu" and getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)() else "float32"


def send(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A CPU tensor on a device: a GPU takes it from pinned memory, so that nobody waits for it."""
    return (tensor.pin_memory() if device.type == "cuda" else tensor).to(device, non_blocking=True)


def detect_threads() -> int:
    """Threads for training: the cores this process may use, shared with its siblings where several train (torchrun)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


# Of glibc's <malloc.h>. The first may not be larger.
M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES = -3, 32 * 2**20
M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES = -1, 2**30


@functools.cache
def keep_freed_memory() -> bool:
    """Let this process keep blocks of up to 32 MiB that it has freed, for what it needs next; True where glibc can be asked to.

    Of its own accord glibc gives large blocks back to the system and takes new ones the next moment, thousands of pages that have
    to be cleared first: a fifth of the time that 64 pictures need on a CPU. Each of its arenas keeps a GiB at most at its end.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:  # another C library
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES) and mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES))


def peak_memory() -> int | None:
    """The most bytes of memory this process has held; None where the system does not tell."""
    status = Path("/proc/self/status")
    # Linux; its getrusage, below, also counts what the process that started this one had held by then.
    for line in status.read_bytes().splitlines() if status.exists() else ():
        if line.startswith(b"VmHWM:"):
            return 1024 * int(line.split()[1])
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
