"""The browser for the tests is found, or installed, or its absence is explained."""

import contextlib
import os
import socket
import sys
from pathlib import Path

import pytest

from tests import install_browser
from tests.install_browser import HOW_TO_GET_ONE, answers, candidates, end_family, find_browser, main, run_limited, start_family

on_posix = sys.platform != "win32"


def program(folder: Path, name: str, body: str) -> Path:
    """Write an executable file with the behaviour of `body`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_a_browser_that_the_browser_tests_can_drive_is_on_this_machine() -> None:
    browser = find_browser()
    assert browser is not None, "run tests/install_browser.py first, as README's test command does"
    assert answers(Path(browser))


def test_a_browser_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "chromium-headless-shell" if on_posix else "chromium-headless-shell.exe"
    browser = program(tmp_path, name, "echo Chromium 150.0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert next(candidates()) == browser
    assert find_browser() == str(browser)


@pytest.mark.parametrize(
    "place",
    [
        "chromium-1255/chrome-linux64/chrome",
        "chromium-1255/chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
        "chromium-1255/chrome-win64/chrome.exe",
        "chromium_headless_shell-1255/chrome-headless-shell-linux64/chrome-headless-shell",
    ],
)
def test_a_browser_that_playwright_downloaded_is_found(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = program((tmp_path / place).parent, Path(place).name, "echo Google Chrome for Testing 159.0")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert browser in list(candidates())
    assert answers(browser)


@pytest.mark.parametrize("body", ["echo Requires the chromium snap >&2; exit 1", "echo Something else 1.0", "exit 127"])
def test_a_stub_or_a_browser_that_does_not_start_is_passed_over(body: str, tmp_path: Path) -> None:
    stub = program(tmp_path / "stub", "chromium", body)
    browser = program(tmp_path / "real", "chromium", "echo Chromium 150.0")
    if on_posix:
        assert find_browser([stub, tmp_path / "absent", browser]) == str(browser)
    assert find_browser([tmp_path / "absent"]) is None


def test_a_browser_that_is_there_is_not_installed_again(capsys: pytest.CaptureFixture[str]) -> None:
    def never() -> bool:
        raise AssertionError("installing was tried")

    assert main(find=lambda: "/usr/bin/chromium", ways=[never]) == 0
    assert "/usr/bin/chromium" in capsys.readouterr().out


def test_the_next_way_of_installing_is_tried_when_one_fails_or_brings_nothing_that_starts(tmp_path: Path) -> None:
    browser = tmp_path / "chromium"
    asked: list[str] = []

    def way(name: str, succeeds: bool, brings: bool) -> bool:
        asked.append(name)
        if brings:
            program(tmp_path, browser.name, "echo Chromium 150.0")
        return succeeds

    ways = [lambda: way("fails", False, False), lambda: way("lacks a library", True, False), lambda: way("works", True, True)]
    assert main(find=lambda: find_browser([browser]), ways=[*ways, lambda: way("never", True, True)]) == 0
    assert asked == ["fails", "lacks a library", "works"]


def test_without_any_way_it_ends_by_saying_how_to_get_a_browser(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(find=lambda: None, ways=[lambda: False]) == 1
    printed = capsys.readouterr().out
    assert HOW_TO_GET_ONE in printed
    assert "apt install chromium" in printed


def test_what_an_installation_started_ends_with_it() -> None:
    grandchild = "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.send(b'up'); s.recv(1)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}, sys.argv[1]])"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        family = start_family([sys.executable, "-c", child, str(server.getsockname()[1])])
        connection, _ = server.accept()
        with connection:
            connection.settimeout(60)
            assert connection.recv(2) == b"up"
            end_family(family)
            with contextlib.suppress(ConnectionResetError):  # Windows reports the end with this error
                assert connection.recv(1) == b""


def test_an_installation_that_hangs_is_given_up() -> None:
    assert not run_limited([sys.executable, "-c", "import threading; threading.Event().wait()"], seconds=0.5)


def test_a_command_that_does_not_exist_or_fails_is_a_failure_not_an_exception() -> None:
    assert not run_limited(["no-such-installer"], seconds=5)
    assert not run_limited([sys.executable, "-c", "raise SystemExit(3)"], seconds=30)
    assert run_limited([sys.executable, "-c", ""], seconds=30)


def test_apt_is_left_alone_by_who_is_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert not install_browser.install_with_apt()
