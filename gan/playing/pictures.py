"""Pictures of seeds, and the data about a model that the page needs first."""

from pydantic import BaseModel, Field

from gan.directions import layer_groups
from gan.errors import GanError, ModelError
from gan.limits import MOST_PICTURES, SEEDS_LENGTH
from gan.playing.likeness import training_set
from gan.playing.studio import Answer, Call, Studio, Taste
from gan.recipes import Recipe
from gan.sampler import parse_seeds, vary
from gan.words import Language, number, say


class LookCall(BaseModel):
    """The key of a model; None stands for the first model."""

    model: str | None = Field(None, max_length=300)


class PicturesCall(Taste):
    """A list of seeds, as the visitor typed it."""

    seeds: str = Field(max_length=SEEDS_LENGTH)


class RecipesCall(Call):
    """Earlier pictures to draw again from their recipes."""

    recipes: list[Recipe] = Field(max_length=MOST_PICTURES)


class VariationsCall(Call):
    """A picture, and settings of the variations near it."""

    recipe: Recipe
    distance: float = Field(ge=0, le=1)
    count: int = Field(8, ge=1, le=MOST_PICTURES)
    seed: int = Field(0, ge=0, le=2**31)


def look(studio: Studio, call: LookCall, language: Language) -> Answer:
    """Return all models, and the data about one model that the tools need. If the requested model is missing or damaged, the data
    are those of the first model.

    `trouble` says why the requested model, or else the first one, cannot be opened.
    """
    choices = studio.shelf.choices(language)
    keys = [key for _, key in choices]
    wanted = [call.model] if call.model in keys else []
    first = studio.shelf.first_key()
    answer: Answer = {"models": [{"key": key, "label": label} for label, key in choices], "model": None}
    for key in dict.fromkeys([*wanted, *([first] if first else []), *keys]):
        try:
            return answer | {"model": about(studio, str(key))}
        except GanError as error:  # the visitor must still be able to choose another model
            name = str(key).partition(":")[2]
            reason = error.translated(language)
            answer = {"trouble": say(language, "create_model_damaged", name=name, reason=reason)} | answer
    return answer


def about(studio: Studio, key: str) -> Answer:
    """Return the data about a model that the tools need."""
    model = studio.open(key)
    config = model.config
    capabilities = {
        "mixes_layers": model.latent.can_mix_layers,
        "mixes_classes": model.latent.can_mix_classes,
        "knows_training_set": training_set(studio, key, model) is not None,
    }
    return {
        "key": key,
        "name": model.name,
        "weights": config.weights_sha256,
        "family": config.family,
        "capabilities": capabilities,
        "layers": model.latent.layers,
        "resolution": config.resolution,
        "classes": list(config.classes),
        "z_dim": config.z_dim,
        "groups": layer_groups(model),
    }


def pictures(studio: Studio, call: PicturesCall, language: Language) -> Answer:
    """Return a tile for each seed."""
    seeds = parse_seeds(call.seeds)
    if len(seeds) > MOST_PICTURES:
        raise ModelError("too_many_for_page", found=number(len(seeds)), most=MOST_PICTURES)
    model = studio.open(call.model)
    return {"tiles": studio.tiles(model, [model.recipe(seed, **call.fields) for seed in seeds]), "seeds": seeds}


def recipes(studio: Studio, call: RecipesCall, language: Language) -> Answer:
    """Return a tile for each recipe."""
    return {"tiles": studio.tiles(studio.open(call.model), call.recipes)}


def variations(studio: Studio, call: VariationsCall, language: Language) -> Answer:
    """Return the tile of the picture itself, then those of pictures near it."""
    model = studio.open(call.model)
    near = [vary(model, call.recipe, call.distance, call.seed + index) for index in range(call.count - 1)]
    return {"tiles": studio.tiles(model, [call.recipe, *near])}
