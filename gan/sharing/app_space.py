"""Writes this app with one model as a folder that the Hub runs as a Gradio Space: on its own CPU or GPU, or on ZeroGPU."""

import json
import re
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from gan.config import ModelConfig
from gan.errors import CheckpointError
from gan.files import write_file
from gan.models import MODEL_FILES, origin_path, read_config, read_origin
from gan.models.card import card_licence
from gan.words import printable

AppKind = Literal["gradio", "zerogpu"]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "gan"
FILES = ("app.py", "requirements.txt", "LICENSE")
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
TORCH = re.compile(r"^torch[>=][^#\n]*", re.MULTILINE)  # the line in requirements.txt
ZEROGPU_TORCH = "torch>=2.8,<2.12"  # the versions that ZeroGPU runs
LONGEST_DESCRIPTION = 60  # letters; the Hub accepts no more


@dataclass(frozen=True)
class Hardware:
    """The hardware of a kind of Space, and the hardware that the Hub suggests for copies of the Space, by their names on the
    Hub.
    """

    asked: str | None
    suggested: str


HARDWARE: dict[AppKind, Hardware] = {
    "gradio": Hardware(None, "cpu-basic"),
    "zerogpu": Hardware("zero-a10g", "zero-a10g"),
}


def write_app_space(folder: Path, out: Path, kind: AppKind) -> list[Path]:
    """Write this app with a model folder as its only model to `out`, which is new or empty; return the files written.

    No network is used. Raises CheckpointError where the app's own files are not next to the package, where `out` holds something,
    and where the disk cannot store the files.
    """
    config = read_config(folder)
    if missing := [name for name in FILES if not (ROOT / name).is_file()]:
        raise CheckpointError("app_files_missing", path=str(ROOT), files=", ".join(missing))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CheckpointError("page_folder_taken", path=str(out))
    origin = read_origin(folder, config.weights_sha256)
    place = out / "checkpoints" / origin.name.rpartition("/")[2]
    try:
        place.mkdir(parents=True)
        shutil.copytree(ROOT / PACKAGE, out / PACKAGE, ignore=NOT_SHIPPED)
        for name in FILES:
            shutil.copyfile(ROOT / name, out / name)
        for name in MODEL_FILES:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, place / name)
        if origin_path(folder).is_file():
            shutil.copyfile(origin_path(folder), origin_path(place))
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(out), reason=error.strerror or str(error)) from error
    if kind == "zerogpu":
        wanted = (ROOT / "requirements.txt").read_text(encoding="utf-8")
        write_file(out / "requirements.txt", TORCH.sub(f"{ZEROGPU_TORCH}  ", wanted).encode())
    write_file(out / "README.md", app_space_card(config, origin.name, origin.repo, kind).encode())
    return [path for path in sorted(out.rglob("*")) if path.is_file()]


def app_space_card(config: ModelConfig, name: str, repo: str | None, kind: AppKind) -> str:
    """Return README.md of the Space: a description, after the front matter by which the Hub builds and starts it."""
    shown = printable(name)
    front: dict[str, object] = {
        "title": shown,
        "emoji": "🌱",
        "colorFrom": "green",
        "colorTo": "yellow",
        "sdk": "gradio",
        "sdk_version": version("gradio"),
        "python_version": "3.12",
        "app_file": "app.py",
        "short_description": f"Pictures by {shown}"[:LONGEST_DESCRIPTION],
        "pinned": False,
        "license": card_licence(config.training),
        "suggested_hardware": HARDWARE[kind].suggested,
        "hf_oauth": True,
        "hf_oauth_scopes": ["contribute-repos"],
        "models": [repo] if repo else None,
        "tags": ["gan", "seedbed"],
    }
    # JSON is valid YAML, so names with colons and quotes stay intact.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items() if value is not None]
    front_matter, side, training = "\n".join(lines), config.resolution, config.training
    data = printable(training.dataset) or "pictures that its maker did not name"
    parent = f" It was fine-tuned from {printable(training.parent)}." if training.parent else ""
    return f"""---
{front_matter}
---

# {shown}

Here a generative adversarial network makes pictures of {side} × {side} pixels. All pictures are generated. The model learnt from
{data}; licence of those pictures: {printable(training.licence or "not stated")}.{parent}

Log in as the Space's owner to train and to share; everybody can make pictures. Duplicate the Space to have one of your own.
{DISK[kind]}
Made with Seedbed.
"""


DISK: dict[AppKind, str] = {
    "gradio": """
What is trained here lies on the Space's disk, which is emptied at every restart unless storage was added to the Space. Push what
you want to keep.
""",
    "zerogpu": """
ZeroGPU lends a GPU for a minute a call, so this Space makes pictures and does not train.
""",
}
