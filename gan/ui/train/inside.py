"""Views inside the GAN: pictures with scores, pixels to which the discriminator is sensitive, both sets of scores, what each
resolution adds.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gan.images import data_uri, encode_png
from gan.runs.looks import View, Written
from gan.ui.train.plots import Series, histogram_html
from gan.words import Language, number, say

FORMULAS: dict[str, tuple[str, str]] = {
    "minimax": ("−E log D(x) − E log(1 − D(G(z)))", "E log(1 − D(G(z)))"),
    "non-saturating": ("−E log D(x) − E log(1 − D(G(z)))", "−E log D(G(z))"),
    "least-squares": ("½ E (s(x) − 1)² + ½ E s(G(z))²", "½ E (s(G(z)) − 1)²"),
    "hinge": ("E max(0, 1 − s(x)) + E max(0, 1 + s(G(z)))", "−E s(G(z))"),
    "wasserstein": ("E s(G(z)) − E s(x)", "−E s(G(z))"),
    "relativistic": ("E log(1 + exp(s(G(z)) − s(x)))", "E log(1 + exp(s(x) − s(G(z))))"),
}
"""The losses of the discriminator and of the generator: s is the score, D = 1 / (1 + exp(−s))."""
PENALTY_FORMULAS = {
    "none": "",
    "r1": "½ γ E ‖∇s(x)‖²",
    "r2": "½ γ E ‖∇s(G(z))‖²",
    "r1+r2": "½ γ (E ‖∇s(x)‖² + E ‖∇s(G(z))‖²)",
    "wgan-gp": "λ E (‖∇s(x̂)‖ − 1)²",
}
CACHED_STRIPS = 64


@lru_cache(CACHED_STRIPS)
def cells(path: Path, written_at: int, width: int, height: int) -> tuple[str, ...]:
    """Return the pictures of a strip or grid as data URIs, row by row; `written_at` distinguishes a file from a later one of the
    same name.
    """
    with Image.open(path) as image:
        whole = np.asarray(image)
    whole = whole if whole.ndim == 3 else whole[:, :, None]
    rows, columns = whole.shape[0] // height, whole.shape[1] // width
    parts = [
        whole[row * height : (row + 1) * height, column * width : (column + 1) * width]
        for row in range(rows)
        for column in range(columns)
    ]
    return tuple(data_uri(encode_png(np.ascontiguousarray(part))) for part in parts)


def strip(look: Written, name: str) -> tuple[str, ...]:
    """Return the pictures of a strip of squares; empty where the view has no file of this name or was just replaced."""
    path = look.picture(name)
    try:
        with Image.open(path) as image:
            side = image.height
        return cells(path, path.stat().st_mtime_ns, side, side)
    except OSError:
        return ()


def stage_cells(look: Written, columns: int) -> list[tuple[str, ...]]:
    """Return the rows of the grid of stages: pictures so far and the addition of each block, in turn."""
    path = look.picture("stages")
    try:
        with Image.open(path) as image:
            side = image.width // columns
        found = cells(path, path.stat().st_mtime_ns, side, side)
    except OSError:
        return []
    return [found[start : start + columns] for start in range(0, len(found), columns)]


def inside_html(look: Written, view: View, config: Mapping[str, Any], language: Language) -> str:
    """Return everything in the view, each part with a sentence that explains it."""
    when = escape(say(language, "live_after", count=number(look.images_seen)))
    parts = [
        f'<p class="hint">{when}. {escape(say(language, "inside_pictures_how"))}</p>',
        _row(look, "real", view.real_scores[: view.shown], language),
        _row(look, "generated", view.generated_scores[: view.shown], language),
        f'<p class="hint">{escape(say(language, "inside_heat_how"))}</p>',
        _scores(view, language),
        _stages(look, view, language),
        formulas_html(config, language),
    ]
    return f'<div class="inside" data-images="{look.images_seen}">{"".join(parts)}</div>'


def _row(look: Written, name: str, scores: Sequence[float], language: Language) -> str:
    title = say(language, f"inside_{name}")
    pictures, heats = strip(look, name), strip(look, f"{name}-heat")
    if not pictures or len(pictures) != len(heats):
        return ""
    figures = "".join(
        f'<figure><img src="{picture}" alt="{escape(title)}"><img src="{heat}" alt="{escape(say(language, "inside_heat"))}">'
        f"<figcaption>{one_decimal(score)}</figcaption></figure>"
        for picture, heat, score in zip(pictures, heats, scores, strict=False)
    )
    return f'<h3>{escape(title)}</h3><div class="scored scored-{name}">{figures}</div>'


def one_decimal(score: float) -> str:
    """Format a number with one decimal: 1.0 or −0.7."""
    return f"{score:.1f}".replace("-", "−")


def _scores(view: View, language: Language) -> str:
    sets = [("inside_real", view.real_scores), ("inside_generated", view.generated_scores)]
    if view.held_out_scores:
        sets.append(("inside_held_out", view.held_out_scores))
    series = [Series(say(language, name), [(score, 0.0) for score in scores]) for name, scores in sets]
    how = say(language, "inside_scores_held_out_how" if view.held_out_scores else "inside_scores_how")
    return histogram_html(say(language, "inside_scores"), how, series, language)


def _stages(look: Written, view: View, language: Language) -> str:
    if not view.stage_sides:
        return ""
    rows = stage_cells(look, len(view.stage_sides))
    heads = "".join(f"<span>{side} × {side}</span>" for side in view.stage_sides)
    lines = []
    for index, row in enumerate(rows):
        label = escape(say(language, "inside_stage_added" if index % 2 else "inside_stage_so_far"))
        lines += [f'<img src="{picture}" alt="{label}">' for picture in row]
    columns = f"--columns: {len(view.stage_sides)}"
    return (
        f"<h3>{escape(say(language, 'inside_stages'))}</h3>"
        f'<div class="stages" style="{columns}">{heads}{"".join(lines)}</div>'
        f'<p class="hint">{escape(say(language, "inside_stages_how"))}</p>'
    )


def formulas_html(config: Mapping[str, Any], language: Language) -> str:
    """Return the losses of both networks, for the objective and the penalty of a run."""
    objective, penalty = str(config.get("objective", "")), str(config.get("penalty", ""))
    if objective not in FORMULAS:
        return ""
    discriminator, generator = FORMULAS[objective]
    if PENALTY_FORMULAS.get(penalty):
        discriminator += f" + {PENALTY_FORMULAS[penalty]}"
    lines = [("plot_discriminator_loss", discriminator), ("plot_generator_loss", generator)]
    listed = "".join(f"<dt>{escape(say(language, name))}</dt><dd>{escape(formula)}</dd>" for name, formula in lines)
    return (
        f"<h3>{escape(say(language, 'inside_formulas', objective=objective))}</h3>"
        f'<dl class="formulas">{listed}</dl><p class="hint">{escape(say(language, "inside_formulas_how"))}</p>'
    )
