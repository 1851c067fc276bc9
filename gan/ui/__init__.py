"""The page: a header line and four tabs. Its state is read from the home's files, so that all visitors get the same state.

rights.py, doors.py, allowance.py         the rights of each sender, and the checks of every request
language.py, spoken.py                    the visitor's language; errors shown on the page
theme.py, page.css                        colours, fonts and layout of the page
parts.py, header.py                       parts that the tabs share
create/ train/ share/ models/             the tabs
web.py, share/drafts.py                   serve the modules of the Create tab, and previews of pages to publish
endpoints.py                              endpoints for other programs
"""

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr
from huggingface_hub.constants import HF_HOME
from starlette.middleware import Middleware
from starlette.routing import Route

from gan.errors import AccessError, ModelError
from gan.files import open_home
from gan.limits import LARGEST_UPLOAD, SESSIONS_KEPT, UPLOADS_KEPT_SECONDS
from gan.machine import disk_is_lasting, on_zero_gpu, ready_to_listen, without_collecting
from gan.playing.asking import Asker, Place, Right
from gan.playing.sharing import Drafts
from gan.playing.shelf import Shelf
from gan.runs.queue import start_next
from gan.ui.beginning import Beginning
from gan.ui.create import CreateTab, connect_create, create_tab
from gan.ui.doors import Doors, names_of
from gan.ui.endpoints import connect_endpoints
from gan.ui.header import brand_html, header_html, job
from gan.ui.language import language_of, text, translations
from gan.ui.models import connect_models, models_tab
from gan.ui.pace import pause_between_looks
from gan.ui.page import Page
from gan.ui.parts import hint_html, html
from gan.ui.rights import Rights, asker_of, check_declared, needs
from gan.ui.share import connect_share, drafts_route, share_tab
from gan.ui.spoken import spoken
from gan.ui.theme import HEAD, ICON, STYLE_SHEET, TAB_SHEETS, theme
from gan.ui.train import connect_train, train_tab
from gan.ui.web import WebFiles, stylesheets
from gan.words import Language, say

HEADER_SECONDS = 6  # least pause; an event takes a tenth of a second or two of the browser's processor time
NOTICES: dict[Place, str] = {"space": "visiting_space", "keyed": "visiting_keyed", "open": "visiting_open"}
KEY_LETTERS = re.compile(r"[A-Za-z0-9._~-]*")


def build(home: Path, web: str = "", drafts: Drafts | None = None) -> gr.Blocks:
    """Build the page for a home folder. `web` is the address of the modules of the Create tab; `drafts` are served too."""
    shelf = Shelf(home)
    drafts = drafts or Drafts()
    cache = (3600, UPLOADS_KEPT_SECONDS)
    with Page(title="Seedbed", analytics_enabled=False, fill_width=True, delete_cache=cache) as page:
        header = html(brand_html(), elem_id="header")
        if login_is_offered():
            gr.LoginButton(size="sm", elem_id="login")
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab(text("tab_create"), id="create"):
                create = create_tab(shelf, web)
            with gr.Tab(text("tab_train"), id="train"):
                train_notice = html(visible=False, elem_id="train-notice")
                train = train_tab(web)
            with gr.Tab(text("tab_share"), id="share") as share_own:
                share = share_tab()
            with gr.Tab(text("tab_models"), id="models") as models_own:
                models_notice = html(visible=False, elem_id="models-notice")
                models = models_tab()
        connect_notices(page, train_notice, models_notice, home)
        connect_create(create)
        connect_train(page, train, create, share.fields.model, tabs, shelf)
        connect_share(page, share, share_own, create.model, shelf, drafts)
        connect_models(page, models, models_own, create, share.fields.model, tabs, shelf)
        _connect_header(page, header, create, home)
        connect_endpoints(create.studio)
    check_declared(page)
    return page


def login_is_offered() -> bool:
    """Return whether visitors can log in with an account of the Hub. Outside a Space, Gradio's button would log everyone in as
    the server's own user.
    """
    return bool(os.environ.get("SPACE_ID") and os.environ.get("OAUTH_CLIENT_ID"))


def connect_notices(page: gr.Blocks, train: gr.HTML, models: gr.HTML, home: Path) -> None:
    """Show visitors which actions only the owner may do, and how to become the owner. The owner sees no notice."""

    @needs("visitor")
    def tell(request: gr.Request) -> tuple[Any, Any]:
        asker, language = asker_of(request), language_of(request)
        return place_notice(home, language) or notice(asker, "trainer", language), notice(asker, "owner", language)

    page.load(tell, None, [train, models], queue=False, show_progress="hidden", api_visibility="private")


def notice(asker: Asker, needed: Right, language: Language) -> Any:
    """Return the notice above a tab for a caller who lacks the right to use it; empty for other callers."""
    if asker.may(needed):
        return gr.skip()
    return gr.update(value=f'<p class="hint">{escape(say(language, NOTICES[asker.place]))}</p>', visible=True)


def place_notice(home: Path, language: Language) -> Any:
    """Return the notice above the Train tab on a Space that cannot train or loses trainings at a restart; None elsewhere."""
    key = "train_on_zerogpu" if on_zero_gpu() else None if disk_is_lasting(home) else "train_disk_emptied"
    return key and gr.update(value=hint_html(say(language, key)), visible=True)


def _connect_header(page: gr.Blocks, header: gr.HTML, create: CreateTab, home: Path) -> None:
    seen = gr.State(("", HEADER_SECONDS))
    ticks = gr.Timer(HEADER_SECONDS)

    @spoken
    @needs("visitor")
    def tick(key: str | None, shown: tuple[str, int], request: gr.Request) -> tuple[Any, Any, Any]:
        start_next(home)
        line = header_html(key.partition(":")[2] if key else None, home, language_of(request))
        running = job(home)
        pause = max(HEADER_SECONDS, pause_between_looks(running and running[1]))
        news = (line, pause)
        if news == tuple(shown):
            return gr.skip(), gr.skip(), gr.skip()
        return line, gr.Timer(pause) if pause != shown[1] else gr.skip(), news

    quiet: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    gr.on([ticks.tick, page.load, create.model.change], tick, [create.model, seen], [header, ticks, seen], **quiet)


@dataclass(frozen=True)
class Serving:
    """The settings of the server, from options of the command line, else from environment variables."""

    host: str | None = None  # None: Gradio's own default and environment variables
    port: int | None = None
    mcp: bool = False
    owner_key: str | None = None
    allowed_hosts: tuple[str, ...] = ()

    @property
    def bound(self) -> str:
        """The address that the server listens on."""
        return self.host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"

    def rights(self) -> Rights:
        """Return the rules by which the owner is recognised. Raises AccessError for a key or a setting that cannot be used."""
        rights = Rights.of(self.owner_key)
        if not KEY_LETTERS.fullmatch(rights.owner_key):
            raise AccessError("owner_key_invalid")
        return rights

    def doors(self, rights: Rights) -> Middleware:
        """Return the middleware that every request passes."""
        allowed = (*self.allowed_hosts, os.environ.get("GAN_ALLOWED_HOSTS", ""))
        names = names_of(self.bound, os.environ.get("SPACE_HOST", ""), allowed)
        return Middleware(Doors, rights=rights, names=names, framed_by="" if rights.space else "'self'")


def launch(home: Path, serving: Serving = Serving(), **options: Any) -> None:
    """Serve the page, and with `mcp` also its endpoints as MCP tools. `options` go to Gradio's launch.

    Raises ModelError where mcp is not installed, AccessError for a key or a setting that cannot be used.
    """
    if serving.mcp and find_spec("mcp") is None:
        raise ModelError("mcp_missing")
    rights = serving.rights()
    open_home(home)
    web = WebFiles.read()
    drafts = Drafts()
    with without_collecting(), ready_to_listen(serving.host, serving.port):
        page = build(home, web.address, drafts)
        _launch(page, home, serving, rights, web, [web.route(), drafts_route(drafts)], options)
    address = str(page.local_url).rstrip("/")
    lines = [f"* Running on local URL:  {address}"]
    if page.mcp_error:
        lines.append(f"* {page.mcp_error}")
    if rights.owner_key:  # only this line prints the key
        lines.append(f"* Owner's link:          {address}/?key={rights.owner_key}")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    page.block_thread()


def _launch(
    page: gr.Blocks,
    home: Path,
    serving: Serving,
    rights: Rights,
    web: WebFiles,
    routes: Sequence[Route],
    options: dict[str, Any],
) -> None:
    page.launch(
        prevent_thread_lock=True,
        quiet=True,  # Gradio's own lines advise options that this program does not have
        server_name=serving.host,
        server_port=serving.port,
        mcp_server=serving.mcp,
        app_kwargs={"middleware": [serving.doors(rights), Middleware(Beginning)], "routes": routes},
        theme=theme(),
        css_paths=[STYLE_SHEET, *TAB_SHEETS, *stylesheets()],
        head=HEAD + web.preloads,
        favicon_path=ICON,
        i18n=translations(),
        allowed_paths=[],
        blocked_paths=private_paths(home),
        max_file_size=LARGEST_UPLOAD,
        num_workers=0,  # Gradio's workers would listen on ports of their own, without the checks of doors.py
        state_session_capacity=SESSIONS_KEPT,
        footer_links=[],
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        show_error=False,
        **options,
    )


def private_paths(home: Path) -> list[str]:
    """Return the paths that are never served, whatever a handler returns: trainings, prepared pictures, models, tokens."""
    tokens = [Path(HF_HOME) / "token", Path(HF_HOME) / "stored_tokens"]
    named = os.environ.get("HF_TOKEN_PATH")
    return [
        *(str((home / name).resolve()) for name in ("runs", "data", "models", "trash", "queue.json")),
        *(str(path.expanduser().resolve()) for path in [*tokens, *([Path(named)] if named else [])]),
    ]
