"""The held-out pictures: chosen by content, near-duplicates together."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.data import prepare
from gan.data.held_out import _sparse_nonzero, choose_held_out
from tests.zips import encoded, noise, write_zip


def soft(number: int, side: int = 64) -> Image.Image:
    """Return a picture of soft colours that differs from that of any other number."""
    return noise(number, 6, 6).resize((side, side), Image.Resampling.BICUBIC)


def contents(count: int) -> list[bytes]:
    rng = np.random.RandomState(1)
    return [rng.bytes(32) for _ in range(count)]


def test_a_picture_and_its_copies_are_on_the_same_side(tmp_path: Path, home: Path) -> None:
    """Half of the set consists of copies of the other half: smaller, compressed, mirrored or a little brighter."""
    files: dict[str, bytes] = {}
    for number in range(160):
        image = soft(number)
        copies = (
            encoded(image.resize((40, 40)), "JPEG", quality=60),
            encoded(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "WEBP", quality=50),
            encoded(image.point([min(255, level + 8) for level in range(256)] * 3)),
        )
        files |= {f"{number:03d}.png": encoded(image), f"{number:03d}.copy": copies[number % 3]}
    dataset = prepare(write_zip(tmp_path / "a.zip", files), home=home, size=32)
    names = sorted(files)
    held_out = [names[index][:3] for index in dataset.held_out_indices]
    assert len(held_out) == 320 // 20
    assert all(held_out.count(number) == 2 for number in held_out)


def test_a_film_whose_frames_are_all_alike_holds_nothing_out() -> None:
    frame = np.asarray(soft(1, 32)).astype(int)
    frames = np.stack([np.clip(frame + number % 5, 0, 255) for number in range(300)]).astype(np.uint8)
    assert len(choose_held_out(contents(300), np.zeros(300, np.int64), frames)) == 0


def test_different_pictures_are_chosen_by_their_contents_alone() -> None:
    pictures = np.stack([np.asarray(soft(number, 16)) for number in range(240)])
    names = contents(240)
    chosen = choose_held_out(names, np.zeros(240, np.int64), pictures)
    assert sorted(names[index] for index in chosen) == sorted(names)[:12]
    order = np.random.RandomState(0).permutation(240)
    again = choose_held_out([names[index] for index in order], np.zeros(240, np.int64), pictures[order])
    assert {names[order[index]] for index in again} == {names[index] for index in chosen}


def test_pictures_of_one_colour_are_not_all_taken_for_copies() -> None:
    pictures = np.repeat(np.random.RandomState(0).randint(0, 256, (200, 1, 1, 3)), 16, 1).repeat(16, 2).astype(np.uint8)
    assert len(choose_held_out(contents(200), np.zeros(200, np.int64), pictures)) == 10


@pytest.mark.parametrize("shape", [(1, 1), (3, 8), (5, 13), (7, 1000), (256, 33)])
def test_the_few_true_ones_are_found_as_numpy_finds_them(shape: tuple[int, int]) -> None:
    for share in (0, 0.01, 0.5, 1):
        wanted = np.random.default_rng(0).random(shape) < share
        for ours, theirs in zip(_sparse_nonzero(wanted), np.nonzero(wanted), strict=True):
            assert np.array_equal(ours, theirs)
