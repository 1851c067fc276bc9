"""Previews of what will be shared, as HTML and Markdown, before anything leaves the machine."""

import re
from html import escape
from pathlib import Path

from gan.config import ModelConfig
from gan.models import PREVIEW, Entry, folder_bytes, model_card, read_config
from gan.playing.sharing import Draft
from gan.sharing import with_statement
from gan.ui.models.cards import megabytes, model_facts, thumbnail
from gan.ui.share.drafts import address_of
from gan.ui.share.form import Wish
from gan.words import Language, printable, say


def head_html(entry: Entry, config: ModelConfig, language: Language) -> str:
    """Return the shared model: a picture and its facts."""
    path = entry.folder / PREVIEW
    uri = thumbnail(path, path.stat().st_mtime_ns) if path.is_file() else None
    alt = escape(say(language, "models_alt", name=entry.name))
    picture = f'<div class="share-picture"><img src="{uri}" alt="{alt}"></div>' if uri else ""
    facts = "".join(f"<li>{escape(fact)}</li>" for fact in model_facts(config, language, entry.kind == "starter")[:3])
    return f'<div class="share-head">{picture}<div><h2>{escape(printable(entry.name))}</h2><ul>{facts}</ul></div></div>'


def page_html(draft: Draft | None, language: Language) -> str:
    """Return the static page in a frame, or a sentence on the button if the page is not written yet."""
    if draft is None:
        return f'<p class="share-empty">{escape(say(language, "share_page_unseen"))}</p>'
    address = address_of(draft)
    return (
        f'<p class="hint">{escape(say(language, "share_page_seen"))} '
        f'<a href="{address}" target="_blank">{escape(say(language, "share_page_open"))}</a></p>'
        f'<iframe class="share-frame" src="{address}" title="{escape(say(language, "share_page_title"))}"></iframe>'
    )


def app_html(entry: Entry, wish: Wish, language: Language) -> str:
    """Return a list of points about a Space with this app."""
    points = ["share_app_is", f"share_app_{wish.app_kind}_cost", f"share_app_{wish.app_kind}_runs", "share_app_owner"]
    rows = "".join(f"<li>{escape(say(language, point, name=entry.name))}</li>" for point in points)
    return f'<ul class="share-points">{rows}</ul>'


def file_html(folder: Path, wish: Wish, language: Language) -> str:
    """Return a description of the file's content and its use."""
    size = megabytes(folder_bytes(folder))
    return f'<p class="share-empty">{escape(say(language, f"share_file_{wish.file_kind}_is", size=size))}</p>'


def card_markdown(folder: Path, wish: Wish) -> str:
    """Return the model card as it will be generated for the name, without its front matter and its picture, which is shown above
    it.
    """
    config = with_statement(read_config(folder), wish.statement)
    card = model_card(config, printable(wish.name.strip()) or None)
    body = card.split("---\n", 2)[2]
    return re.sub(r"^!\[.*\n+", "", body, flags=re.MULTILINE)
