"""Writes a model as a static page: one folder in which the generator runs in the visitor's browser, without any other host."""

import base64
import hashlib
import html
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.config import ModelConfig
from gan.errors import CheckpointError
from gan.families import Generator
from gan.files import read_json, write_file
from gan.limits import NAME_LENGTH
from gan.models.card import card_licence
from gan.models.export import centres_of, latent_of, page_graphs
from gan.models.folder import PREVIEW, read_generator
from gan.recipes import ModelReference
from gan.words import STATIC, Language

WEB = Path(__file__).resolve().parents[1] / "web"
RUNTIME = WEB / "vendor" / "onnxruntime"
AT_THE_ROOT = {"index.html", "service.js", "icon.svg"}  # files at the root of the page; all others are in web/static
MODULES = (  # modules that the page shares with the Create tab
    "random.js",
    *(f"core/{name}.js" for name in ("crc", "dom", "icons", "limits", "recipes", "seeds", "words")),
    *(f"painters/{name}.js" for name in ("breeding", "onnx", "painter", "png", "points", "seeds")),
)
RUNTIMES = {  # files of ONNX Runtime by the processor that they use
    "wasm": ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm.gz"),
    "webgpu": ("ort.jspi.bundle.min.mjs", "ort-wasm-simd-threaded.jspi.wasm.gz"),
}
FILES = "files.json"
LEVELS = "weights/levels.bin"
MOST_LEVELS = 1 << 16  # stored levels of pictures
MODEL_KEY = "model"


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """Facts that the page needs and the model's config does not hold."""

    reference: ModelReference
    pictures: npt.NDArray[np.uint8]
    """Pictures of the seeds 0, 1, … at psi 1, (N, R, R, C): the page uses a graphics processor only if it paints them alike."""
    preview: bytes
    """The PNG that other sites show for a link to the page."""
    groups: Mapping[str, Sequence[int]]
    """The generator's layers by the name of their group, coarse to fine; {} where layers cannot be mixed."""
    class_names: Mapping[Language, Mapping[str, str]] = field(default_factory=dict)
    """Names of classes on the screen, by language and class, where they differ from the model's own."""
    directions: Sequence[Mapping[str, Any]] = ()
    """Named directions in the form that the Create tab uses: name, vector, layers."""
    parent_licence: str | None = None


def write_page(folder: Path, out: Path, facts: PageFacts) -> list[Path]:
    """Write the page of a model folder to `out`, and return its files. No network is used.

    `out` is new, empty, or a page written before, which is replaced. Raises CheckpointError for a damaged model, for a folder
    that holds something else, and where the disk cannot store the page; ModelError for a model that makes no pictures from seeds.
    """
    config, generator = read_generator(folder)
    contents = _modules() | {f"weights/{name}": graph for name, graph in page_graphs(config, generator).items()}
    contents |= _runtime("LICENSE", *RUNTIMES["wasm"])
    for_gpu = _runtime(*RUNTIMES["webgpu"]) | {LEVELS: facts.pictures.reshape(-1)[:: _step(facts)].tobytes()}
    told = {"description": STATIC["en"]["static_description"].format(model=facts.reference.name), "title": facts.reference.name}
    contents["index.html"] = _filled(WEB / "static" / "index.html", told)
    contents["model.json"] = _json(_about(config, generator, facts))
    contents["words.json"] = _json({language: texts | _class_words(facts, language) for language, texts in STATIC.items()})
    contents[PREVIEW] = facts.preview
    contents["icon.svg"] = (WEB / "static" / "icon.svg").read_bytes()
    version = _version(contents | for_gpu)
    contents["service.js"] = _filled(WEB / "static" / "service.js", {"version": version})
    contents[FILES] = _json({"version": version, "files": ["./", *sorted(contents)]})
    contents |= {"README.md": _space_card(config, facts).encode(), **for_gpu}
    _clear(out)
    try:
        for path in contents:
            (out / path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(out), reason=error.strerror or str(error)) from error
    for path, content in contents.items():
        write_file(out / path, content, durable=False)
    return [out / path for path in contents]


def _modules() -> dict[str, bytes]:
    """Return the page's own modules and style, and the shared modules they import, by their path in the page."""
    static = WEB / "static"
    own = [path for path in sorted(static.rglob("*")) if path.is_file() and path.name not in AT_THE_ROOT]
    shared = [WEB / name for name in MODULES]
    return {f"web/{path.relative_to(WEB).as_posix()}": path.read_bytes() for path in [*own, *shared]}


def _runtime(*names: str) -> dict[str, bytes]:
    return {f"web/{RUNTIME.relative_to(WEB).as_posix()}/{name}": (RUNTIME / name).read_bytes() for name in names}


def _class_words(facts: PageFacts, language: Language) -> dict[str, str]:
    return {f"static_class_name_{name}": text for name, text in facts.class_names.get(language, {}).items()}


def _step(facts: PageFacts) -> int:
    """Return n, where every n-th level of the pictures is stored."""
    return -(-facts.pictures.size // MOST_LEVELS)


def _about(config: ModelConfig, generator: Generator, facts: PageFacts) -> dict[str, Any]:
    """Return model.json: the facts about the model that the painter and the page use."""
    latent = latent_of(config, generator)
    means = centres_of(generator, latent).float().cpu().numpy().astype("<f4")  # (classes, dim)
    training = config.training
    return {
        "key": MODEL_KEY,
        "name": facts.reference.name,
        "reference": facts.reference.model_dump(mode="json"),
        "weights": config.weights_sha256,
        "family": config.family,
        "resolution": config.resolution,
        "channels": config.channels,
        "classes": list(config.classes),
        "z_dim": config.z_dim,
        "space": latent.space,
        "layers": latent.layers,
        "dim": latent.dim,
        "means": base64.b64encode(means.tobytes()).decode(),
        "is_mapped": not latent.is_normal,
        "points_carry_class": latent.points_carry_class,
        "way": {"spherical": latent.ways[0].spherical, "across_classes": latent.ways[0].across_classes},
        "groups": dict(facts.groups),
        "capabilities": {
            "mixes_layers": latent.can_mix_layers,
            "mixes_classes": latent.can_mix_classes and bool(config.classes),
        },
        "directions": list(facts.directions),
        "stored_levels": {"seeds": len(facts.pictures), "step": _step(facts)},
        "licence": training.licence[:NAME_LENGTH] if training.licence else None,
        "dataset": training.dataset,
        "parent": training.parent,
        "parent_licence": facts.parent_licence,
    }


def _space_card(config: ModelConfig, facts: PageFacts) -> str:
    """Return README.md: a description, after the front matter by which the Hub serves the folder as a static Space."""
    front = {"title": facts.reference.name, "emoji": "🌱", "colorFrom": "green", "colorTo": "gray", "sdk": "static"}
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()]
    lines += ["app_file: index.html", "pinned: false", f"license: {card_licence(config.training)}"]
    if facts.reference.repo:
        lines += ["models:", f"- {facts.reference.repo}"]
    lines += ["tags:", "- gan", "- seedbed"]
    training = config.training
    parent = (
        f" It was fine-tuned from {training.parent} (licence: {facts.parent_licence or 'not stated'})." if training.parent else ""
    )
    front_matter, side = "\n".join(lines), config.resolution
    data = training.dataset or "pictures that its maker did not name"
    return f"""---
{front_matter}
---

# {facts.reference.name}

On this page a generative adversarial network makes pictures of {side} × {side} pixels in the visitor's browser. All pictures are
generated. The model learnt from {data}; licence of those pictures: {training.licence or "not stated"}.{parent}

Any web server can serve this folder; nothing is fetched from elsewhere: `python3 -m http.server`, then http://localhost:8000.
ONNX Runtime Web runs the network (MIT, web/vendor/onnxruntime/LICENSE). Made with Seedbed.
"""


def _clear(out: Path) -> None:
    """Remove a page written before. Raises CheckpointError where the folder holds anything else."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / FILES).is_file() or not isinstance(read_json(out / FILES).get("files"), list):
        raise CheckpointError("page_folder_taken", path=str(out))
    for name in ("web", "weights"):
        shutil.rmtree(out / name, ignore_errors=True)


def _version(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path in sorted(contents):
        digest.update(path.encode() + hashlib.sha256(contents[path]).digest())
    return digest.hexdigest()[:16]


def _filled(path: Path, values: Mapping[str, str]) -> bytes:
    """Return a text file with each {name} replaced by its value, escaped for HTML."""
    text = path.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", html.escape(value))
    return text.encode()


def _json(values: Any) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
