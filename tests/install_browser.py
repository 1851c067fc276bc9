"""Finds a browser that the tests can drive (Chromium, Chrome or Edge), or installs one: `python tests/install_browser.py`."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

# A headless shell comes first: it has no interface of its own, whose drawing takes a third of the time of the tests.
NAMES = (
    *("chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge"),
)

USUAL_PLACES = {
    "linux": (
        "/usr/bin/chromium",
        "/usr/lib/chromium/chromium",
        "/snap/bin/chromium",
        "/opt/google/chrome/chrome",
        "/opt/microsoft/msedge/msedge",
    ),
    "darwin": (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        "Chromium/Application/chrome.exe",
        "Google/Chrome/Application/chrome.exe",
        "Microsoft/Edge/Application/msedge.exe",
    ),
}
PLAYWRIGHT_PATTERNS = (
    "chromium-*/chrome-*/chrome",
    "chromium-*/chrome-*/*.app/Contents/MacOS/*",
    "chromium-*/chrome-*/chrome.exe",
    "chromium_headless_shell-*/chrome-*/*headless*shell*",
)

HOW_TO_GET_ONE = """No browser was found, and none could be installed. The tests need Chromium, Chrome or Edge.
Get one of them and run this again:
  Debian:         sudo apt install chromium
  Fedora:         sudo dnf install chromium
  other Linux:    python -m playwright install --with-deps chromium
  macOS, Windows: https://www.google.com/chrome"""


def usual_places() -> Iterator[Path]:
    """Yield the folders in which installers put browsers on this system, whether or not they are in PATH."""
    for place in USUAL_PLACES.get(sys.platform, ()):
        if sys.platform == "win32":
            roots = (os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"))
            yield from (Path(root) / place for root in roots if root)
        else:
            yield Path(place)


def playwright_folder() -> Path:
    """Return the folder for the browsers that playwright downloads."""
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen and chosen != "0":
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "ms-playwright"
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"


def candidates() -> Iterator[Path]:
    """Yield every file that could be a browser, the likeliest first; some may not exist."""
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))
    yield from usual_places()
    for pattern in PLAYWRIGHT_PATTERNS:
        yield from sorted(playwright_folder().glob(pattern), reverse=True)


def answers(browser: Path) -> bool:
    """Return whether the file is a browser that starts. Some are stubs that advertise a snap, and some lack a library."""
    if not browser.is_file():
        return False
    if sys.platform == "win32":  # on Windows `--version` would open a window
        return True
    try:
        asked = subprocess.run([browser, "--version"], capture_output=True, text=True, errors="replace", timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and any(name in asked.stdout for name in ("Chrom", "Edge"))


def find_browser(places: Iterable[Path] | None = None) -> str | None:
    """Return the path of the first browser that starts, or None."""
    return next((str(place) for place in places or candidates() if answers(place)), None)


def run_limited(command: Sequence[str], seconds: float) -> bool:
    """Run a command, and end it with all its children after the time limit; return whether it succeeded."""
    print("+", " ".join(command), flush=True)
    try:
        child = start_family(command)
    except OSError as error:
        print(error)
        return False
    try:
        return child.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        print(f"Given up after {seconds:g} seconds.")
        return False
    finally:
        end_family(child)


def start_family(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command so that `end_family` reaches all processes that it starts."""
    return subprocess.Popen(command, start_new_session=sys.platform != "win32")


def end_family(child: subprocess.Popen[bytes]) -> None:
    """End a process and its children. playwright's download would continue if only its parent ended."""
    if child.poll() is None:
        if sys.platform == "win32":
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(child.pid)], capture_output=True)
        else:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def install_with_playwright() -> bool:
    """Download playwright's own Chromium into the user's cache, which needs no rights."""
    # If the network drops packets instead of refusing them, each attempt is given up after ten seconds.
    os.environ.setdefault("PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT", "10000")
    return run_limited([sys.executable, "-m", "playwright", "install", "chromium"], seconds=600)


def install_with_apt() -> bool:
    """Install a headless shell, or else the whole Chromium, and a Chinese font, as root on Debian or Ubuntu."""
    if sys.platform == "win32" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    apt = ["apt-get", "-y", "-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30", "-o", "DPkg::Lock::Timeout=120"]
    run_limited([*apt, "update"], seconds=300)  # a single failing source does not matter
    install = [*apt, "install", "--no-install-recommends", "fonts-noto-cjk"]
    return any(run_limited([*install, name], seconds=900) for name in ("chromium-headless-shell", "chromium"))


def obtain_browser(find: Callable[[], str | None], ways: Sequence[Callable[[], bool]]) -> str | None:
    """Return an existing browser, or one from the first way of installing that succeeds."""
    browser = find()
    for way in ways:
        if browser is None and way():
            browser = find()
    return browser


def main(find: Callable[[], str | None] = find_browser, ways: Sequence[Callable[[], bool]] | None = None) -> int:
    """Print the browser and return 0, or print how to get one and return 1."""
    browser = obtain_browser(find, (install_with_playwright, install_with_apt) if ways is None else ways)
    print(f"The browser tests will use {browser}" if browser else HOW_TO_GET_ONE)
    return 0 if browser else 1


if __name__ == "__main__":
    sys.exit(main())
