"""What this machine has to train on."""

import os

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


def detect_threads() -> int:
    """Threads for training: the cores this process may use, shared with its siblings where several train (torchrun)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
