"""Take coarse layers of three pictures and fine layers of four others (style mixing): `python examples/mix.py emoji mix.png`."""

import sys
from pathlib import Path

import gan
from gan.directions import layer_groups
from gan.images import grid, write_png
from gan.recipes import Mix


def main(model_name: str = "emoji", path: str = "mix.png") -> None:
    model = gan.load(model_name)
    class_name = model.config.classes[0] if model.config.classes else None
    rows = [model.recipe(seed, class_name=class_name) for seed in range(3)]
    columns = [model.recipe(seed, class_name=class_name) for seed in range(10, 14)]
    groups = layer_groups(model)
    layers = (*groups["middle"], *groups["fine"])
    mixed = [row.changed(mix=Mix(start=column.start, layers=layers)) for row in rows for column in columns]
    write_png(Path(path), grid(model.render(mixed), columns=len(columns)))


if __name__ == "__main__":
    main(*sys.argv[1:])
