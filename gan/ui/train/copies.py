"""Shows whether a model copied: each sample next to its nearest training picture, and a sentence on the share of copies."""

from html import escape

from gan.runs.looks import Copies, Written
from gan.ui.train.inside import strip
from gan.words import Language, number, say


def copies_html(look: Written, found: Copies, language: Language) -> str:
    """Return each sample next to its nearest training picture, nearest pairs first, and a sentence that explains them."""
    samples, nearest = strip(look, "samples"), strip(look, "nearest")
    if not samples or len(samples) != len(nearest):
        return ""
    order = sorted(range(min(len(samples), len(found.distances))), key=found.distances.__getitem__)
    pairs = "".join(_pair(samples[at], nearest[at], found.distances[at], found.closest, language) for at in order)
    when = escape(say(language, "live_after", count=number(look.images_seen)))
    return (
        f'<div class="copies"><p>{escape(copied_sentence(found, language))}</p><div class="pairs">{pairs}</div>'
        f'<p class="hint">{when}. {escape(say(language, "copies_how"))}</p></div>'
    )


def copied_sentence(found: Copies, language: Language) -> str:
    """Return the share that counts as copied, with its uncertainty; where no picture is held out, the share that is very near to
    training pictures.
    """
    near = say(language, "copies_near", count=found.measured, near=percent(found.near_share))
    if found.copied_share is None or found.copied_share_low is None or found.copied_share_high is None:
        return near
    values = {"share": found.copied_share, "low": found.copied_share_low, "high": found.copied_share_high}
    shares = {name: percent(min(max(value, 0.0), 1.0)) for name, value in values.items()}
    return f"{say(language, 'copies_share', **shares)} {near}"


def percent(share: float) -> str:
    """Format a share as a number in percent: 0.12 as 12."""
    return str(round(100 * share))


def _pair(sample: str, original: str, distance: float, closest: float, language: Language) -> str:
    near = distance < closest
    verdict = f"<b>{escape(say(language, 'copies_copy'))}</b>" if near else escape(say(language, "copies_no_copy"))
    alts = [escape(say(language, name)) for name in ("copies_sample", "copies_original")]
    images = f'<img src="{sample}" alt="{alts[0]}"><img src="{original}" alt="{alts[1]}">'
    return f'<figure class="copy-pair{" is-near" * near}"><div>{images}</div><figcaption>{verdict}</figcaption></figure>'
