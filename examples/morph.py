"""Make a film that goes from picture to picture and back: `python examples/morph.py emoji morph.mp4`."""

import sys
from pathlib import Path

import gan
from gan.sampler import walk
from gan.video import write_video


def main(model_name: str = "emoji", path: str = "morph.mp4") -> None:
    model = gan.load(model_name)
    stops = [model.recipe(seed) for seed in (0, 6, 1)]
    film = walk(model, stops, 48, space="w", closed=True, easing="smooth")
    write_video(Path(path), (frame for points in film for frame in model.paint(points)), fps=24, side=256)


if __name__ == "__main__":
    main(*sys.argv[1:])
