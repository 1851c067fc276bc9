"""The owner's statement before sharing: whose pictures a model was trained on, and under which licence they are."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from gan.config import ModelConfig, own_and_inherited, with_inherited
from gan.errors import CheckpointError
from gan.files import write_file
from gan.models import CARD, CONFIG, MODEL_FILES, model_card, origin_path, read_config, read_origin


@dataclass(frozen=True)
class Statement:
    """The training pictures' source and licence, as the owner writes them; empty where nothing is stated."""

    dataset: str = ""
    licence: str = ""

    @classmethod
    def of(cls, config: ModelConfig) -> "Statement":
        """Return the present statement of a model. The owner cannot change licences of the models it was fine-tuned from."""
        return cls(config.training.dataset, own_and_inherited(config.training.licence)[0] or "")


def with_statement(config: ModelConfig, statement: Statement) -> ModelConfig:
    """Return a model's config with another statement. Licences of ancestors stay."""
    if Statement.of(config) == statement:
        return config
    inherited = own_and_inherited(config.training.licence)[1]
    told = {"dataset": statement.dataset.strip(), "licence": with_inherited(statement.licence.strip() or None, inherited)}
    return ModelConfig.model_validate(config.model_dump() | {"training": config.training.model_dump() | told})


def restate(folder: Path, statement: Statement, name: str | None = None) -> ModelConfig:
    """Write a statement into a model folder: its config, and its card unless the user wrote the card.

    `name` is the model's name, if it differs from the folder's. Raises CheckpointError.
    """
    config = read_config(folder)
    stated = with_statement(config, statement)
    if stated == config:
        return config
    name = name or read_origin(folder, config.weights_sha256).name
    card = folder / CARD
    for known in (name, None):
        if card.is_file() and card.read_bytes() == model_card(config, known).encode():
            write_file(card, model_card(stated, known).encode())
    write_file(folder / CONFIG, stated.model_dump_json(indent=2).encode() + b"\n")
    return stated


def copy_stated(folder: Path, parent: Path, statement: Statement) -> Path:
    """Copy a model folder below `parent` with a statement; the copy has the model's name and origin. Raises CheckpointError."""
    weights = read_config(folder).weights_sha256
    name = read_origin(folder, weights).name
    copy = parent / name.replace("/", "--")
    try:
        copy.mkdir()
        for file in MODEL_FILES:
            if (folder / file).is_file():
                shutil.copyfile(folder / file, copy / file)
        if origin_path(folder).is_file():
            shutil.copyfile(origin_path(folder), origin_path(copy))
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(copy), reason=error.strerror or str(error)) from error
    restate(copy, statement, name)
    return copy
