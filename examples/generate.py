"""Draw seeds 0 to 7 and save each as a PNG with its recipe: `python examples/generate.py emoji pictures`."""

import sys
from pathlib import Path

import gan
from gan.images import write_png


def main(model_name: str = "emoji", folder: str = "pictures") -> None:
    model = gan.load(model_name)
    recipes = [model.recipe(seed) for seed in range(8)]
    Path(folder).mkdir(parents=True, exist_ok=True)
    for recipe, picture in zip(recipes, model.render(recipes), strict=True):
        write_png(Path(folder) / f"{recipe.seed}.png", picture, recipe.as_json())


if __name__ == "__main__":
    main(*sys.argv[1:])
