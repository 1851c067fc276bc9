"""Find the latent closest to a photograph: `python examples/project.py emoji photograph.jpg nearest.png`."""

import sys
from pathlib import Path

import gan
from gan.images import write_png
from gan.projection import project, read_picture


def main(model_name: str, photograph: str, path: str = "nearest.png") -> None:
    model = gan.load(model_name)
    found = project(model, read_picture(Path(photograph), model), steps=100)
    write_png(Path(path), found.picture, found.recipe.as_json())
    print(f"error {found.error:.3f} (0 is the same picture)")


if __name__ == "__main__":
    main(*sys.argv[1:])
