"""Facts about the machine: devices, cores, memory, and environments in which the app could not start."""

import gc
import os
import socket
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest

from gan.errors import ConfigError, RunError
from gan.machine import (
    check_port,
    cpu_quota,
    detect_device,
    detect_threads,
    peak_memory,
    spare_loopback,
    without_collecting,
    without_proxies,
)
from tests.zips import pictures, write_zip

ROOT = Path(__file__).parents[1]


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigError) as caught:
        detect_device("tpu")
    assert "cuda" in str(caught.value)
    assert detect_device("cpu") == "cpu"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_peak_memory_is_that_of_the_process_and_not_of_the_larger_one_that_started_it() -> None:
    held = np.ones(2**30, np.uint8)
    own = peak_memory()
    assert own is not None
    assert own > held.nbytes
    command = [sys.executable, "-c", "from gan.machine import peak_memory; print(peak_memory())"]
    started = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert 2**20 < int(started.stdout) < held.nbytes


# Cores


def groups(tmp_path: Path, membership: str, files: dict[str, str]) -> tuple[Path, Path]:
    """Write a /proc/self/cgroup and a /sys/fs/cgroup with these files."""
    (tmp_path / "self").write_text(membership)
    for name, content in files.items():
        (tmp_path / "fs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fs" / name).write_text(content)
    return tmp_path / "self", tmp_path / "fs"


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/pod/box\n", {"pod/cpu.max": "50000 100000\n", "pod/box/cpu.max": "max 100000\n", "cpu.max": "max 100000"}, 0.5),
        ("0::/kubepods/of/the/host\n", {"cpu.max": "400000 100000"}, 4),
        (
            "4:cpu,cpuacct:/docker/abc\n3:memory:/x\n",
            {"cpu,cpuacct/cpu.cfs_quota_us": "20000", "cpu,cpuacct/cpu.cfs_period_us": "10000"},
            2,
        ),
        (
            "1:cpu:/q\n",
            {"cpu/q/cpu.cfs_quota_us": "50000\n", "cpu/q/cpu.cfs_period_us": "100000\n", "cpu/cpu.cfs_quota_us": "-1"},
            0.5,
        ),
        ("1:cpu:/q\n", {"cpu/q/cpu.cfs_quota_us": "-1\n", "cpu/q/cpu.cfs_period_us": "100000\n"}, None),
        ("0::/\n", {"cpu.max": "words"}, None),
        ("nonsense\n", {}, None),
    ],
)
def test_the_quota_of_control_groups_of_both_versions_is_read(
    tmp_path: Path, membership: str, files: dict[str, str], expected: float | None
) -> None:
    assert cpu_quota(*groups(tmp_path, membership, files)) == expected


def test_part_of_a_core_counts_as_one_and_the_rest_of_one_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for quota, cores, expected in ((0.5, 8, 1), (2.9, 8, 2), (16, 4, 4), (None, 4, 4)):
        monkeypatch.setattr("gan.machine.cpu_quota", lambda quota=quota: quota)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)), raising=False)
        assert detect_threads() == expected


# The environment


def test_this_machines_own_addresses_go_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for before, kept in (("", []), ("intranet, localhost", ["intranet"]), ("*", ["*"])):
        monkeypatch.setenv("NO_PROXY", before)
        monkeypatch.delenv("no_proxy", raising=False)
        spare_loopback()
        hosts = os.environ["no_proxy"].split(",")
        assert os.environ["NO_PROXY"] == os.environ["no_proxy"]
        assert set(kept) <= set(hosts)
        assert before == "*" or {"localhost", "127.0.0.1", "::1"} <= set(hosts)


def test_proxies_are_back_after_the_moment_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with without_proxies():
        assert not {"ALL_PROXY", "https_proxy"} & set(os.environ)
    assert os.environ["ALL_PROXY"] == "socks5://127.0.0.1:9"
    assert os.environ["https_proxy"] == "http://127.0.0.1:9"


def test_a_port_that_is_taken_or_an_address_that_is_not_ours_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RunError, match=f"Port {port} of 127.0.0.1 is taken .* Leave --port out"):
            check_port(None, port)
    check_port("127.0.0.1", port)
    check_port("203.0.113.7", None)
    for host, port in (("no such host.invalid", 7860), ("127.0.0.1", 70_000)):
        with pytest.raises(RunError) as caught:
            check_port(host, port)
        assert caught.value.code == "address_unusable"


@pytest.mark.parametrize(("variable", "arguments"), [("home", ["--home", "/dev/null/home"]), ("port", ["--port"])])
def test_a_page_that_cannot_start_says_why_in_one_line(tmp_path: Path, variable: str, arguments: list[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        if variable == "port":
            arguments = [*arguments, str(taken.getsockname()[1]), "--home", str(tmp_path)]
        proxied = {**os.environ, "ALL_PROXY": "socks5://127.0.0.1:9", "GRADIO_SERVER_NAME": "127.0.0.1"}
        command = [sys.executable, "app.py", *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=proxied, check=False)
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr


def test_a_report_reaches_a_terminal_of_an_old_code_page(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "pets.zip", pictures(10, "猫/") | pictures(10, "犬/", first=10))
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    arguments = [sys.executable, "-m", "gan", "inspect", str(source)]
    ended = subprocess.run(arguments, capture_output=True, cwd=ROOT, env=environment, check=False)
    assert ended.returncode == 0, ended.stderr
    assert b"class \\u732b: 10" in ended.stdout


IMPORT_GRADIO = """
import inspect, sys
from gan.machine import without_stubs
opened = []
sys.addaudithook(lambda event, values: opened.append(str(values[0])) if event == "open" else None)
before = inspect.getfile
with without_stubs():
    import gradio
assert inspect.getfile is before
print(sum(path.endswith(".pyi") for path in opened), gradio.Button("Start").value)
"""


def test_gradio_is_imported_without_its_stubs_for_editors() -> None:
    ended = subprocess.run([sys.executable, "-c", IMPORT_GRADIO], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ended.stdout.split() == ["0", "Start"]


class Loop:
    """An object in a circle of references."""

    own: "Loop"


def test_what_was_made_without_collecting_is_exempt_from_it_and_later_garbage_is_not() -> None:
    frozen = gc.get_freeze_count()
    with without_collecting():
        assert not gc.isenabled()
        kept = [[number] for number in range(10_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(kept)
    loop = Loop()
    loop.own = loop
    seen = weakref.ref(loop)
    del loop
    gc.collect()
    assert seen() is None
    gc.unfreeze()


def test_a_start_that_fails_exempts_nothing_and_leaves_the_collector_as_it_was() -> None:
    frozen = gc.get_freeze_count()
    with pytest.raises(ZeroDivisionError), without_collecting():
        raise ZeroDivisionError
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, frozen)
    gc.disable()
    with without_collecting():
        assert not gc.isenabled()
    assert not gc.isenabled()
    gc.enable()
    gc.unfreeze()
