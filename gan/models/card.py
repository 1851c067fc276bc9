"""The model card: what a stranger should know of a model, in plain words, as the README.md of its folder and repository."""

import re

from gan.config import ModelConfig, TrainingRecord

# Identifiers that the Hub has for common licences; any other is "other" in the front matter, and in full in the text.
LICENCES = {
    "apache-2.0",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc-by-2.0",
    "cc-by-3.0",
    "cc-by-4.0",
    "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0",
    "cc-by-nd-4.0",
    "cc-by-sa-3.0",
    "cc-by-sa-4.0",
    "cc0-1.0",
    "gpl-3.0",
    "mit",
    "mpl-2.0",
    "openrail",
    "unlicense",
}
SHOWN_CLASSES = 30

MEASURES = """\
`sliced_wasserstein` is the lower the closer, and `…_real` what real pictures score among themselves. `diversity` is 1 where
samples vary as much as real ones. `memorisation` is ½ where they lie as near to training pictures as new pictures do, 1 where
always nearer, and small where a set holds its pictures in several variants, for then new ones lie nearest. `copied_share` is the
share that must be copies, since samples that are none lie nearest to a picture held out as often as such pictures are frequent:
of 1,000 samples give or take 0.14."""


def model_card(config: ModelConfig, name: str | None = None) -> str:
    """The card in Markdown. `name` is what `find` knows the model by: user/repo, a run or a starter; None is any folder."""
    title, known_as = name or "A Seedbed model", name or "path/to/this/folder"
    parts = [_front_matter(config.training), _summary(config, title), _use(config, known_as), _training(config), _limits(config)]
    return "\n".join(parts)


def _front_matter(training: TrainingRecord) -> str:
    known = _known_licence(training.licence)
    licence = f"license: {known}" + ("\nlicense_name: named-in-the-text" if known == "other" else "")
    return f"""---
{licence}
library_name: seedbed
pipeline_tag: unconditional-image-generation
tags:
- gan
- seedbed
- unconditional-image-generation
---
"""


def _known_licence(text: str | None) -> str:
    """The identifier that a licence's text begins with, as in "Apache-2.0 (Google Inc.)" or "CC BY-SA 3.0"."""
    if text is None:
        return "unknown"
    plain = "-".join(text.lower().split())
    return next((licence for licence in LICENCES if re.match(rf"{re.escape(licence)}(?![\w.])", plain)), "other")


def _summary(config: ModelConfig, name: str) -> str:
    kind = "grey" if config.channels == 1 else "colour"
    classes = ""
    if config.classes:
        shown = ", ".join(_plain(label) for label in config.classes[:SHOWN_CLASSES])
        more = f" and {len(config.classes) - SHOWN_CLASSES} more" if len(config.classes) > SHOWN_CLASSES else ""
        classes = f" It knows {len(config.classes)} classes: {shown}{more}."
    side = config.resolution
    return f"""# {_plain(name)}

A generative adversarial network (family `{config.family}`) that makes {kind} pictures of {side} × {side} pixels.{classes}
It was grown with Seedbed. The same seed gives the same picture on every machine.

![Pictures of the seeds 0 to 15](preview.png)
"""


def _use(config: ModelConfig, name: str) -> str:
    chosen = f", class_name={config.classes[0]!r}" if config.classes else ""
    shape = (3, config.resolution, config.resolution, config.channels)
    return f"""## Use

```python
import gan
model = gan.load({name!r})
pictures = model.generate(seeds=[1, 2, 3], psi=0.7{chosen})  # uint8 {shape}
```

```
python -m gan generate --model "{name}" --seeds 0-15 --out pictures
```

`psi` chooses between typical pictures (0.5) and the full variety (1.0).
"""


def _training(config: ModelConfig) -> str:
    training = config.training
    data = f"{training.images:,} pictures" if training.images else "An unstated number of pictures"
    lines = ["## Training", ""]
    lines.append(f"- Data: {data}" + (f" of the set {_plain(training.dataset)}." if training.dataset else "."))
    lines.append(f"- Licence of the data: {_plain(training.licence) if training.licence else 'not stated'}.")
    lines.append(f"- Length: {training.images_seen:,} pictures shown to the discriminator.")
    if training.objective:
        lines.append(f"- Objective: {_plain(training.objective)}.")
    if training.parent:
        lines.append(f"- Started from: {_plain(training.parent)}.")
    if training.metrics:
        lines += ["", "| measure | value |", "|---|---|"]
        lines += [f"| {_plain(label)} | {value:.4g} |" for label, value in sorted(training.metrics.items())]
        lines += ["", MEASURES]
    return "\n".join([*lines, ""])


def _limits(config: ModelConfig) -> str:
    few = " It has seen few pictures, so it may come close to single ones of them." if 0 < config.training.images < 1000 else ""
    return f"""## Limits

It knows nothing but what its training pictures show, with their gaps and their bias.{few}
Some seeds give malformed pictures; a lower `psi` makes them rarer.

## Provenance

Every picture this model makes is machine-made: say so where you show it. The PNG files that Seedbed writes carry their model,
seed and settings in a text chunk named `seedbed`.
"""


def _plain(text: str) -> str:
    """Somebody's words as one line of text that Markdown and HTML leave alone."""
    line = " ".join(text.split())
    return re.sub(r"([\\`*_\[\]<>|#~!])", r"\\\1", line).replace("&", "&amp;")
