"""Push a picture along directions found in the weights: `python examples/directions.py emoji directions.png`."""

import sys
from pathlib import Path

import gan
from gan.directions import factorise
from gan.images import grid, write_png


def main(model_name: str = "emoji", path: str = "directions.png") -> None:
    model = gan.load(model_name)
    start = model.recipe(4)
    strengths = (-3.0, -1.5, 0.0, 1.5, 3.0)
    pushed = [start.changed(directions=(found.push(model, strength),)) for found in factorise(model, 4) for strength in strengths]
    write_png(Path(path), grid(model.render(pushed), columns=len(strengths)))


if __name__ == "__main__":
    main(*sys.argv[1:])
