"""Opens again what a visitor saved: pictures by their recipes, latents from files, models that a recipe names, zips of models."""

import base64
import binascii
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from gan.errors import DataError, ModelError
from gan.images import read_recipe
from gan.limits import MAX_DROPPED_BYTES, MOST_PICTURES, NAME_LENGTH
from gan.models import add_beside, pull
from gan.playing.studio import Answer, Call, Studio, Taste
from gan.recipes import Recipe, parse_recipe
from gan.sampler import best_space, latent_of, read_latents, write_latents
from gan.words import Language, say


class FileCall(BaseModel):
    """A file that a visitor dropped."""

    name: str = Field(max_length=300)
    content: str = Field(max_length=4 * MAX_DROPPED_BYTES // 3 + 4)

    def bytes(self) -> bytes:
        """Return the file's content. Raises DataError."""
        try:
            return base64.b64decode(self.content, validate=True)
        except binascii.Error as error:
            raise DataError("picture_unreadable", path=self.name) from error


class RecipeCall(BaseModel):
    """A recipe that was opened from a link."""

    recipe: Any


class LoadLatentsCall(Taste, FileCall):
    """A file of latents, and the settings to show them with."""


class SaveLatentsCall(Call):
    """Pictures whose latents are to be saved."""

    recipes: list[Recipe] = Field(min_length=1, max_length=MOST_PICTURES)
    kind: Literal["npz", "safetensors"] = "npz"


class GetModelCall(BaseModel):
    """A model on the Hub that a recipe names."""

    repo: str = Field(max_length=NAME_LENGTH)
    revision: str | None = Field(None, max_length=64)


class MayAddCall(BaseModel):
    """The question whether the caller may add a model, which comes before the upload."""


class AddModelCall(BaseModel):
    """A zip of a model that the owner dropped and the browser has uploaded."""

    path: str = Field(max_length=4096)


def recall(studio: Studio, call: FileCall, language: Language) -> Answer:
    """Return the recipe of a dropped picture, with the key of its model or a sentence about the missing model."""
    values = read_recipe(call.bytes(), call.name)
    if values is None:
        raise DataError("recipe_absent", path=call.name)
    return _found(studio, parse_recipe(values, call.name), language)


def recall_recipe(studio: Studio, call: RecipeCall, language: Language) -> Answer:
    """Return the recipe in a link, with the key of its model or a sentence about the missing model."""
    return _found(studio, parse_recipe(call.recipe, say(language, "create_link_name")), language)


def _found(studio: Studio, recipe: Recipe, language: Language) -> Answer:
    answer: Answer = {"recipe": recipe.changed(enlarged=None).as_json()}  # the picture is shown in the size that the model draws
    key = studio.shelf.key_of_weights(recipe.model.weights_sha256, recipe.model.name)
    if key is not None:
        return answer | {"model": key}
    wanted = recipe.model
    words = "create_model_on_hub" if wanted.repo else "create_model_missing"
    missing = say(language, words, name=wanted.name, weights=wanted.weights_sha256[:12])
    return answer | {"missing": missing, "repo": wanted.repo, "revision": wanted.revision}


def get_model(studio: Studio, call: GetModelCall, language: Language) -> Answer:
    """Pull the model that a recipe names, at the same commit."""
    repo = f"{call.repo}@{call.revision}" if call.revision else call.repo
    return _kept(studio, pull(repo, studio.shelf.home))


def may_add_model(studio: Studio, call: MayAddCall, language: Language) -> Answer:
    """Return nothing; the table of calls states who may add models."""
    return {}


def add_dropped_model(studio: Studio, call: AddModelCall, language: Language) -> Answer:
    """Check and keep the model of an uploaded zip. Return its key and name. Raises ModelError for a path outside the uploads."""
    try:
        uploaded = Path(call.path).resolve()
        is_here = studio.uploads is not None and uploaded.is_relative_to(studio.uploads.resolve()) and uploaded.is_file()
    except (OSError, ValueError):  # no path of any system
        is_here = False
    if not is_here:
        raise ModelError("upload_gone", name=Path(call.path).name)
    return _kept(studio, add_beside(uploaded, studio.shelf.home))


def _kept(studio: Studio, folder: Path) -> Answer:
    found = next(entry for entry in studio.shelf.entries() if entry.folder.resolve() == folder.resolve())
    return {"key": found.key, "name": found.name}


def save_latents(studio: Studio, call: SaveLatentsCall, language: Language) -> Answer:
    """Return a file of latents, as base64."""
    model = studio.open(call.model)
    content = write_latents([latent_of(model, recipe, best_space(model, recipe)) for recipe in call.recipes], call.kind)
    return {"content": base64.b64encode(content).decode()}


def load_latents(studio: Studio, call: LoadLatentsCall, language: Language) -> Answer:
    """Return the recipes of a file's latents; a w is shown at psi 1, a z with the current settings."""
    model = studio.open(call.model)
    found = read_latents(call.bytes(), call.name)
    if len(found) > MOST_PICTURES:
        raise DataError("too_many_latents", path=call.name, found=len(found), most=MOST_PICTURES)
    recipes = []
    for latent in found:
        fields = call.fields if latent.is_input else call.fields | {"psi": 1.0, "class_mix": None}
        if latent.is_input and model.config.classes and fields["class_name"] is None:
            fields["class_name"] = model.config.classes[0]
        recipes.append(model.recipe(latent=latent, **fields).as_json())
    return {"recipes": recipes}
