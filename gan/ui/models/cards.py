"""Models as cards: a preview, the model's facts, and its training pictures."""

import base64
import io
from functools import lru_cache
from html import escape
from pathlib import Path

from PIL import Image

from gan.config import ModelConfig, own_and_inherited
from gan.errors import GanError
from gan.models import PREVIEW, Entry, bytes_of, folders_of, read_config
from gan.words import TEXTS, Language, number, printable, say

THUMBNAIL_SIDE = 512
MOST_PIXELS = 4096 * 4096


def cards_html(entries: list[Entry], language: Language, home: Path | None = None) -> str:
    """Return all models as cards. With `home`, each card has a menu for the owner, who may change the models in it."""
    if not entries:
        return f'<p class="empty">{escape(say(language, "models_none"))}</p>'
    return f'<div class="cards">{"".join(_card(entry, language, home) for entry in entries)}</div>'


def _card(entry: Entry, language: Language, home: Path | None) -> str:
    name, key = escape(printable(entry.name)), escape(entry.key)
    try:
        facts = "".join(
            f"<li>{escape(fact)}</li>" for fact in model_facts(read_config(entry.folder), language, entry.kind == "starter")
        )
    except GanError as error:  # shown on the card, so that a damaged model does not hide the others
        facts = f'<li class="trouble">{escape(error.translated(language))}</li>'
    use = _button("use", say(language, "models_use"), name)
    menu = "" if home is None else _menu(entry, home, language)
    return (
        f'<article class="card" data-model="{key}">{_preview(entry, language)}'
        f'<h2>{name} <span class="chip">{escape(say(language, f"kind_{entry.kind}"))}</span></h2><ul>{facts}</ul>'
        f'<div class="card-actions">{use}{menu}</div></article>'
    )


def _button(act: str, words: str, name: str) -> str:
    return f'<button type="button" data-act="{act}" aria-label="{escape(words)}: {name}">{escape(words)}</button>'


def _menu(entry: Entry, home: Path, language: Language) -> str:
    """Return the owner's menu of a model: share it, show its folder, and for models of the home rename and delete it."""
    name = escape(printable(entry.name))
    acts = [("give", "models_share_one"), ("zip", "models_zip"), ("folder", "models_folder")]
    rows = [_button(act, say(language, words), name) for act, words in acts]
    if entry.kind != "starter":
        label, size = escape(say(language, "models_new_name")), megabytes(bytes_of(folders_of(entry, home)))
        rows.append(
            f'<form class="card-rename" data-act="rename"><label>{label}<input name="name" value="{name}" maxlength="64"'
            f' autocomplete="off" spellcheck="false"></label>{_submit(say(language, "models_rename"), name)}</form>'
        )
        rows.append(_button("remove", say(language, "models_delete", size=size), name))
    more = escape(say(language, "models_more"))
    return f'<details class="card-menu"><summary aria-label="{more}: {name}">⋯</summary><div>{"".join(rows)}</div></details>'


def _submit(words: str, name: str) -> str:
    """`name` is already escaped"""
    return f'<button type="submit" aria-label="{escape(words)}: {name}">{escape(words)}</button>'


def megabytes(size: int) -> str:
    """Format a size: 1.3 MB."""
    return f"{size / 1e6:,.1f} MB"


EARLIER = "an earlier "  # precedes a starter's name where its card names a model that it was fine-tuned from


def model_facts(config: ModelConfig, language: Language, starter: bool = False) -> list[str]:
    """Return the facts that a user needs before using a model. The classes of a starter are named in the visitor's language."""
    kind = say(language, "models_grey" if config.channels == 1 else "models_colour")
    facts = [say(language, "models_size", side=config.resolution, kind=kind)]
    if config.classes:
        translated = TEXTS[language] if starter else {}
        names = [translated.get(f"create_class_name_{name}", name) for name in config.classes[:8]]
        shown = say(language, "comma").join(names) + ("…" if len(config.classes) > 8 else "")
        facts.append(say(language, "models_classes", count=len(config.classes), names=shown))
    training = config.training
    if training.dataset:
        facts.append(say(language, "models_trained", name=training.dataset, count=number(training.images)))
    if training.images_seen:
        facts.append(say(language, "models_seen", count=number(training.images_seen)))
    if training.parent:
        before = training.parent.removeprefix(EARLIER)
        words = "models_parent" if before == training.parent else "models_parent_earlier"
        facts.append(say(language, words, name=before))
    own, inherited = own_and_inherited(training.licence)
    licences = [own or say(language, "models_no_licence"), *inherited]
    facts.append(say(language, "models_licence", name=" · ".join(licences)))
    return facts


def _preview(entry: Entry, language: Language) -> str:
    path = entry.folder / PREVIEW
    uri = thumbnail(path, path.stat().st_mtime_ns) if path.is_file() else None
    if uri is None:
        return '<div class="card-picture"></div>'
    alt = escape(say(language, "models_alt", name=entry.name))
    return f'<div class="card-picture"><img src="{uri}" alt="{alt}"></div>'


@lru_cache(maxsize=64)
def thumbnail(path: Path, changed: int) -> str | None:
    """Return a picture as a small data URI, or None where it cannot be read. `changed` distinguishes a new file of the same
    name.
    """
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            small = picture.convert("RGB")
    except Exception:  # noqa: BLE001
        # Pillow raises many kinds of errors for damaged files, and one bad preview must not hide the other models.
        return None
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "WEBP", quality=88)
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()
