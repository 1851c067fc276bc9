"""Children of pictures. The browser stores a family tree as seeds and numbers, and requests one generation of it at a time."""

from typing import Self

from pydantic import Field, model_validator

from gan.limits import CHILDREN, MAX_PARENTS, MAX_SEED, MOST_GENERATIONS, MUTATION
from gan.playing.studio import Answer, Studio, Taste
from gan.recipes import Recipe, Schema
from gan.sampler import Model, breed
from gan.words import Language


class Parent(Schema):
    """One of the following: a seed, an earlier picture, or a child of an earlier generation in the same call."""

    seed: int | None = Field(None, ge=0, le=MAX_SEED)
    recipe: Recipe | None = None
    of: int | None = Field(None, ge=0, lt=MOST_GENERATIONS)
    child: int = Field(0, ge=0, lt=CHILDREN)

    @model_validator(mode="after")
    def check(self) -> Self:
        if sum(each is not None for each in (self.seed, self.recipe, self.of)) != 1:
            raise ValueError("a parent is a seed, a recipe or a child")
        return self


class Generation(Schema):
    """The parents of eight children, the seed of the random choices, and the distance by which each child is mutated."""

    parents: tuple[Parent, ...] = Field(min_length=1, max_length=MAX_PARENTS)
    seed: int = Field(ge=0, le=MAX_SEED)
    mutation: float = Field(MUTATION, ge=0, le=1)


class BreedCall(Taste):
    """The generations up to the requested one, oldest first. Seeds among their parents use the current settings."""

    generations: tuple[Generation, ...] = Field(min_length=1, max_length=MOST_GENERATIONS)

    @model_validator(mode="after")
    def check(self) -> Self:
        for index, generation in enumerate(self.generations):
            if any(parent.of is not None and parent.of >= index for parent in generation.parents):
                raise ValueError("parents are older than their children")
        return self


def children(studio: Studio, call: BreedCall, language: Language) -> Answer:
    """Return the tiles of the children in the last generation."""
    model = studio.open(call.model)
    line: list[list[Recipe]] = []
    for generation in call.generations:
        parents = [_parent(model, call, line, parent) for parent in generation.parents]
        line.append(breed(model, parents, generation.seed, CHILDREN, generation.mutation))
    return {"tiles": studio.tiles(model, line[-1])}


def _parent(model: Model, call: BreedCall, line: list[list[Recipe]], parent: Parent) -> Recipe:
    if parent.recipe is not None:
        return parent.recipe
    return model.recipe(parent.seed, **call.fields) if parent.of is None else line[parent.of][parent.child]
