"""The header line above the tabs: the model, the device, the running training, and the switch of languages."""

from functools import cache
from html import escape
from pathlib import Path

import torch

from gan.machine import detect_device
from gan.runs import Status, read_queue
from gan.runs.listing import Listed, run_list
from gan.ui.language import switch_html
from gan.words import Language, duration, say

BRAND = '<h1 class="brand">Seedbed</h1>'
BUSY = ("training", "preparing", "stopping")


@cache
def gpu_name() -> str | None:
    """Return the name of the accelerator that makes pictures, or None on a CPU."""
    device = detect_device()
    if device == "cuda":
        return torch.cuda.get_device_name(0)
    return "Apple GPU" if device == "mps" else None


def device_text(language: Language) -> str:
    """Return the name of the device that makes pictures."""
    threads = torch.get_num_threads()
    return gpu_name() or say(language, "header_cpu_one" if threads == 1 else "header_cpu", threads=threads)


def job(home: Path) -> Listed | None:
    """Return the running training with its status; None where no training runs."""
    return next((row for row in run_list(home).rows() if row[1].state in BUSY), None)


def job_text(home: Path, language: Language) -> str | None:
    """Return the running training with its progress and the time left; None where no training runs."""
    running = job(home)
    if running is None:
        return None
    run, status = running
    words = progress_text(run.name, status, language)
    waiting = len(read_queue(home))
    return f"{words} · {say(language, 'header_waiting', count=waiting)}" if waiting else words


def progress_text(name: str, status: Status, language: Language) -> str:
    """Return a text like "flowers: 43 %, 6 min left"."""
    if status.state != "training" or not status.images_total:
        return say(language, "header_job", name=name, state=say(language, f"state_{status.state}"))
    share = int(100 * status.images_seen / status.images_total)
    if status.eta_seconds is None:
        return say(language, "header_job_share", name=name, share=share)
    return say(language, "header_job_left", name=name, share=share, left=duration(language, status.eta_seconds))


def brand_html() -> str:
    """Return the line before the visitor is known: a page that is loading states nothing, and in no language."""
    return f'<div class="header">{BRAND}</div>'


def header_html(model: str | None, home: Path, language: Language) -> str:
    """Return the page's first line as HTML."""
    job = job_text(home, language)
    parts = [
        BRAND,
        f'<span class="header-model">{escape(model or say(language, "header_no_model"))}</span>',
        f'<span class="header-device">{escape(device_text(language))}</span>',
        f'<span class="header-job{" is-busy" if job else ""}">{escape(job or say(language, "header_idle"))}</span>',
    ]
    return f'<div class="header">{"".join(parts)}{switch_html(language)}</div>'
