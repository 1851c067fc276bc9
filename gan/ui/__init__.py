"""The page: a thin line and three tabs. All that lasts is read from the home's files, so every visitor sees the same at any time.

language.py, texts.py, texts_errors.py    what is said, in English and Chinese; spoken.py says errors
theme.py, page.css                        how it looks
shelf.py, parts.py, header.py             what the tabs share
create/, texts_create.py                  the Create tab
train.py, and under it pictures.py (the zip), recipe.py (the form), live.py, runview.py, plots.py, eventlog.py (a run)
models.py, cards.py                       the Models tab
endpoints.py                              what other programs use
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr
from huggingface_hub.constants import HF_HOME

from gan.errors import ModelError
from gan.files import open_home
from gan.machine import ready_to_listen
from gan.playing.shelf import Shelf
from gan.runs.queue import start_next
from gan.ui.create import CreateTab, connect_create, create_tab
from gan.ui.create.tab import STYLE_SHEET as CREATE_STYLE_SHEET
from gan.ui.endpoints import connect_endpoints
from gan.ui.header import header_html
from gan.ui.language import language_of, text, translations
from gan.ui.models import connect_models, models_tab
from gan.ui.parts import html
from gan.ui.spoken import spoken
from gan.ui.theme import HEAD, ICON, STYLE_SHEET, theme
from gan.ui.train import connect_train, train_tab

LARGEST_UPLOAD = "4gb"
HEADER_SECONDS = 2
UPLOADS_KEPT_SECONDS = 24 * 3600


def build(home: Path) -> gr.Blocks:
    """The page over a home folder."""
    shelf = Shelf(home)
    cache = (3600, UPLOADS_KEPT_SECONDS)
    with gr.Blocks(title="Seedbed", analytics_enabled=False, fill_width=True, delete_cache=cache) as page:
        header = html(header_html(None, home, "en"), elem_id="header")
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab(text("tab_create"), id="create"):
                create = create_tab(shelf)
            with gr.Tab(text("tab_train"), id="train"):
                train = train_tab(shelf)
            with gr.Tab(text("tab_models"), id="models") as models_own:
                models = models_tab()
        connect_create(create)
        connect_train(page, train, create, tabs, shelf)
        connect_models(models, models_own, create, tabs, shelf)
        _connect_header(page, header, create, home)
        connect_endpoints(create.studio)
    return page


def _connect_header(page: gr.Blocks, header: gr.HTML, create: CreateTab, home: Path) -> None:
    seen = gr.State("")

    @spoken
    def tick(key: str | None, shown: str, request: gr.Request) -> tuple[Any, Any]:
        start_next(home)
        line = header_html(key.partition(":")[2] if key else None, home, language_of(request))
        return (gr.skip(), gr.skip()) if line == shown else (line, line)

    quiet: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    gr.Timer(HEADER_SECONDS).tick(tick, [create.model, seen], [header, seen], **quiet)
    gr.on([page.load, create.model.change], tick, [create.model, seen], [header, seen], **quiet)


def launch(home: Path, host: str | None = None, port: int | None = None, mcp: bool = False, **options: Any) -> None:
    """Serve the page, and with `mcp` its endpoints as MCP tools too. `options` go to Gradio's launch.

    Without a host Gradio's own default and environment variables hold. Raises ModelError where mcp is not installed.
    """
    if mcp and find_spec("mcp") is None:
        raise ModelError("mcp_missing")
    open_home(home)
    page = build(home)
    with ready_to_listen(host, port):
        _launch(page, home, host, port, mcp, options)
    page.block_thread()


def _launch(page: gr.Blocks, home: Path, host: str | None, port: int | None, mcp: bool, options: dict[str, Any]) -> None:
    page.launch(
        prevent_thread_lock=True,
        server_name=host,
        server_port=port,
        mcp_server=mcp,
        theme=theme(),
        css_paths=[STYLE_SHEET, CREATE_STYLE_SHEET],
        head=HEAD,
        favicon_path=ICON,
        i18n=translations(),
        allowed_paths=[],
        blocked_paths=private_paths(home),
        max_file_size=LARGEST_UPLOAD,
        footer_links=[],
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        show_error=False,
        **options,
    )


def private_paths(home: Path) -> list[str]:
    """What is never served, whatever a handler returns: trainings, prepared pictures, models, tokens."""
    tokens = [Path(HF_HOME) / "token", Path(HF_HOME) / "stored_tokens"]
    named = os.environ.get("HF_TOKEN_PATH")
    return [
        *(str((home / name).resolve()) for name in ("runs", "data", "models", "queue.json")),
        *(str(path.expanduser().resolve()) for path in [*tokens, *([Path(named)] if named else [])]),
    ]
