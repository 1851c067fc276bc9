"""The machine's device, precision, cores and memory, and corrections of its environment."""

import ctypes
import errno
import functools
import gc
import inspect
import io
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan.errors import ConfigError, RunError

if TYPE_CHECKING:  # imported where it is used: some commands work without torch, which takes seconds to load
    import torch


@contextmanager
def without_collecting() -> Iterator[None]:
    """Switch Python's garbage collector off inside the block, and exempt the objects that exist at its end from later
    collections.

    Importing and building a page make a million objects that stay. The collector would traverse them repeatedly, which takes a
    sixth of the time.
    """
    was_on = gc.isenabled()
    gc.collect()  # no garbage is exempted
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()


@contextmanager
def without_stubs() -> Iterator[None]:
    """Keep Gradio from writing type stubs for editors inside the block.

    Gradio writes stubs at every import, for each of its classes and for those made by its metaclasses, which doubles the time of
    importing. Gradio skips a class whose file is unknown.
    """
    real = inspect.getfile

    def getfile(of: Any) -> str:
        if isinstance(of, type) and any(str(each.__module__).startswith("gradio.") for each in (of, type(of))):
            raise OSError("its stub is not wanted")
        return real(of)

    inspect.getfile = getfile  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = real


SPACE_STORAGE = Path("/data")  # where the Hub mounts the storage added to a Space


def on_zero_gpu() -> bool:
    """Return whether this is a Space on ZeroGPU, which has a GPU for up to a minute during a call and none between calls."""
    return os.environ.get("SPACES_ZERO_GPU", "").strip().lower() in ("1", "true", "t")


def space_storage() -> Path | None:
    """Return the storage that was added to this Space of the Hub; None without such storage, and outside a Space."""
    return SPACE_STORAGE if os.environ.get("SPACE_ID") and SPACE_STORAGE.is_mount() else None


def disk_is_lasting(home: Path) -> bool:
    """Return False on a Space whose disk is emptied at every restart, because `home` is outside the storage added to the
    Space.
    """
    storage = space_storage()
    return not os.environ.get("SPACE_ID") or (storage is not None and home.resolve().is_relative_to(storage))


def detect_device(wanted: str | None = None) -> str:
    """Return the device to train on: the wanted one, else CUDA, else Apple's, else the CPU. Raises ConfigError for a missing
    device.
    """
    import torch

    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted is None and on_zero_gpu():
        return "cpu"  # on ZeroGPU CUDA is reported as available between calls, but is not
    if wanted is None:
        return "cuda" if present["cuda"] else "mps" if present["mps"] else "cpu"
    if wanted not in present:
        raise ConfigError("config_field", field="device", found=wanted, expected="cpu, cuda or mps")
    if not present[wanted]:
        raise ConfigError("device_absent", device=wanted, present=", ".join(name for name, there in present.items() if there))
    return wanted


def detect_precision(device: str) -> str:
    """Return bfloat16 where the device multiplies it faster than float32. Training uses the precision for convolutions; sampling
    uses float32.
    """
    import torch

    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bfloat16" if device == "cpu" and getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)() else "float32"


def send(tensor: "torch.Tensor", device: "torch.device") -> "torch.Tensor":
    """Copy a CPU tensor to a device. A GPU reads it from pinned memory, so that the copy overlaps with other work."""
    return (tensor.pin_memory() if device.type == "cuda" else tensor).to(device, non_blocking=True)


def detect_threads() -> int:
    """Return the number of threads for training: the cores this process may use, divided among the processes that torchrun
    started.

    Half a core counts as one; any other fraction of a core is ignored.
    """
    cores: float = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = min(cores, cpu_quota() or cores)
    processes = os.environ.get("LOCAL_WORLD_SIZE", "")
    return max(1, int(cores) // max(1, int(processes) if processes.isdecimal() else 1))


def cpu_quota(membership: Path = Path("/proc/self/cgroup"), mounts: Path = Path("/sys/fs/cgroup")) -> float | None:
    """Return the cores that control groups allow this process at a time (`docker --cpus`, Kubernetes); None without a limit.

    Version 2 writes "quota period" into cpu.max, version 1 into two files. The limits of all parent groups apply as well. In a
    container the path may be one of the host; then only the root of the mount is visible.
    """
    quotas = []
    for line in _read(membership).splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        names = controllers.split(",")
        if controllers and "cpu" not in names:
            continue
        # in version 1 a folder may be named by its controllers in either order
        folders = {controllers, ",".join(reversed(names)), "cpu"} if controllers else {"", "unified"}
        for mount in (mounts / folder for folder in folders):
            group = mount / path.strip("/")
            quotas += [_group_quota(folder) for folder in (group, *group.parents) if folder.is_relative_to(mount)]
    return min((quota for quota in quotas if quota is not None), default=None)


def _group_quota(folder: Path) -> float | None:
    """Return the cores that one control group allows, in either version; None without a limit."""
    words = _read(folder / "cpu.max").split()
    if not words:
        words = [*_read(folder / "cpu.cfs_quota_us").split(), *_read(folder / "cpu.cfs_period_us").split()]
    try:
        quota, period = (int(word) for word in words[:2])
    except ValueError:  # the text is "max", or the file is missing
        return None
    return quota / period if quota > 0 and period > 0 else None


def _read(path: Path) -> str:
    """Return the text of one of the system's small files; "" where the file is missing."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError:
        return ""


# The environment

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def spare_loopback() -> None:
    """Exclude this machine's own addresses from proxies. Must be called before an HTTP client is made."""
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = [host.strip() for host in named.split(",") if host.strip()]
    if "*" not in hosts:
        hosts += [host for host in LOOPBACK if host not in hosts]
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(hosts)


@contextmanager
def without_proxies() -> Iterator[None]:
    """Remove all proxy settings inside the block.

    An HTTP client raises an error if a SOCKS proxy is set and its package is missing, even if the client would not use the proxy.
    The block is needed while the page tests whether it can be reached.
    """
    held = {name: os.environ.pop(name) for name in list(os.environ) if name.lower() in PROXIES}
    try:
        yield
    finally:
        os.environ.update(held)


def allow_any_letters() -> None:
    """Let stdout and stderr accept names in any script, whatever the terminal's code page; letters that it lacks are escaped, as
    in \\u732b.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def ready_to_listen(host: str | None, port: int | None) -> Iterator[None]:
    """Prepare the start of a page: check that its port is free, and remove proxies between the page and itself. Raises
    RunError.
    """
    check_port(host, port)
    spare_loopback()
    with without_proxies():
        yield


def check_port(host: str | None, port: int | None) -> None:
    """Raise RunError where a page cannot listen on a port. Without a port the page takes the first free one."""
    if port is None:
        return
    address = host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    if not 0 <= port < 2**16:
        raise RunError("address_unusable", host=address, port=port, reason="a port is a number from 0 to 65535")
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as trial:
            if os.name == "posix":  # as servers do, so that a port that was just released counts as free
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(where)
    except OSError as error:
        code = "port_taken" if error.errno == errno.EADDRINUSE else "address_unusable"
        raise RunError(code, host=address, port=port, reason=error.strerror or str(error)) from error
    except UnicodeError as error:
        raise RunError("address_unusable", host=address, port=port, reason=str(error)) from error


# Constants of glibc's <malloc.h>. 32 MiB is the largest threshold that glibc accepts.
M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES = -3, 32 * 2**20
M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES = -1, 2**30
# each arena keeps memory after it is freed; with one arena for each thread, fifty visitors would fill the memory
M_ARENA_MAX, ARENAS = -8, 2
MALLOC_SETTINGS = ((M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES), (M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES), (M_ARENA_MAX, ARENAS))


@functools.cache
def keep_freed_memory() -> bool:
    """Let this process keep freed blocks of up to 32 MiB for reuse; return True where glibc supports it.

    By default glibc returns large blocks to the system and requests new ones soon afterwards. The system then clears thousands of
    pages, which takes a fifth of the time that 64 pictures need on a CPU. Each arena of glibc keeps at most one GiB of free
    memory at its end.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:  # another C library
        return False
    return all(mallopt(*setting) for setting in MALLOC_SETTINGS)


def peak_memory() -> int | None:
    """Return the peak memory of this process in bytes; None where the system does not report it."""
    status = Path("/proc/self/status")
    # Linux. Its getrusage, below, also counts memory of the parent process from before this process started.
    for line in status.read_bytes().splitlines() if status.exists() else ():
        if line.startswith(b"VmHWM:"):
            return 1024 * int(line.split()[1])
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
