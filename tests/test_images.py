"""Pictures between arrays, tensors and PNG files."""

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, PngImagePlugin

from gan.errors import DataError
from gan.images import MAX_RECIPE_BYTES, encode_png, grid, read_recipe, to_tensor, to_uint8, write_png

RECIPE = {
    "version": 1,
    "model": {"name": "emoji", "repo": None, "revision": None, "weights_sha256": "ab" * 32},
    "seed": 42,
    "psi": 0.7,
    "class": "Füße 猫",
}


def some(count: int = 3, height: int = 4, width: int = 5, channels: int = 3) -> np.ndarray:
    return np.random.RandomState(0).randint(0, 256, (count, height, width, channels), np.uint8)


def with_text(text: str, key: str = "seedbed", compressed: bool = False) -> bytes:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text(key, text, zip=compressed)
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, "PNG", pnginfo=chunks)
    return file.getvalue()


def test_black_and_white_are_the_ends_of_the_range() -> None:
    ends = np.array([0, 255], np.uint8).reshape(2, 1, 1, 1)
    assert to_tensor(ends).flatten().tolist() == [-1, 1]
    assert to_tensor(ends).dtype == torch.float32


@pytest.mark.parametrize("channels", [1, 3])
def test_every_level_survives_the_way_to_a_tensor_and_back(channels: int) -> None:
    levels = np.arange(256, dtype=np.uint8).repeat(channels).reshape(4, 8, 8, channels)
    assert to_tensor(levels).shape == (4, channels, 8, 8)
    assert np.array_equal(to_uint8(to_tensor(levels)), levels)


def test_what_leaves_the_range_is_clamped_and_what_lies_between_levels_is_rounded() -> None:
    tensor = torch.tensor([-7.0, 7.0, 1.4 / 127.5 - 1, 1.6 / 127.5 - 1]).reshape(4, 1, 1, 1)
    assert to_uint8(tensor).flatten().tolist() == [0, 255, 1, 2]


def test_lower_precision_and_gradients_do_not_hinder() -> None:
    tensor = torch.zeros(1, 3, 2, 2, dtype=torch.bfloat16, requires_grad=True)
    assert to_uint8(tensor).tolist() == np.full((1, 2, 2, 3), 128).tolist()


def test_a_grid_goes_row_by_row_with_white_between_and_after() -> None:
    pictures = some(3)
    picture = grid(pictures, columns=2, gap=1)
    assert picture.shape == (4 + 1 + 4, 5 + 1 + 5, 3)
    assert np.array_equal(picture[:4, :5], pictures[0])
    assert np.array_equal(picture[:4, 6:], pictures[1])
    assert np.array_equal(picture[5:, :5], pictures[2])
    assert (picture[4] == 255).all()
    assert (picture[5:, 5:] == 255).all()


@pytest.mark.parametrize(("count", "shape"), [(1, (4, 5)), (16, (16, 20)), (5, (8, 15))])
def test_a_grid_is_nearly_square_by_itself(count: int, shape: tuple[int, int]) -> None:
    assert grid(some(count, channels=1)).shape == (*shape, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_holds_the_same_pixels(channels: int) -> None:
    picture = some(1, channels=channels)[0]
    read = np.asarray(Image.open(io.BytesIO(encode_png(picture))))
    assert np.array_equal(read.reshape(picture.shape), picture)


def test_a_recipe_is_found_again_in_a_file_and_in_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_png(path, some(1)[0], RECIPE)
    assert read_recipe(path) == RECIPE
    assert read_recipe(path.read_bytes()) == RECIPE
    assert list(tmp_path.glob("*.tmp")) == []


def test_a_picture_that_is_replaced_is_never_half_written(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_png(path, some(1)[0])
    with path.open("rb") as reader:
        write_png(path, some(1)[0], RECIPE)
        assert read_recipe(reader.read()) is None
    assert read_recipe(path) == RECIPE


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_a_recipe_is_found_behind_the_pixels_as_other_programs_move_it(kind: bytes) -> None:
    text = json.dumps({**RECIPE, "class": "cat"}).encode()
    data = {b"tEXt": text, b"zTXt": b"\0" + zlib.compress(text), b"iTXt": b"\1\0en\0Rezept\0" + zlib.compress(text)}[kind]
    data = b"seedbed\0" + data
    plain = encode_png(some(1)[0])
    moved = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    large = b"tEXtworkflow\0" + b"a" * 2_000_000
    noisy = struct.pack(">I", len(large) - 4) + large + struct.pack(">I", zlib.crc32(large))
    assert read_recipe(plain[:-12] + noisy + moved + plain[-12:]) == {**RECIPE, "class": "cat"}
    assert read_recipe(plain[:33] + moved + plain[33:]) == {**RECIPE, "class": "cat"}


def test_a_recipe_with_a_latent_for_each_layer_fits() -> None:
    recipe = {"version": 1, "latent": np.random.RandomState(0).standard_normal((16, 512)).tolist()}
    assert read_recipe(encode_png(some(1)[0], recipe)) == recipe


def test_a_picture_without_a_recipe_has_none() -> None:
    assert read_recipe(encode_png(some(1)[0])) is None
    assert read_recipe(with_text("{}", key="parameters")) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not json", "recipe_unreadable"),
        ("[1, 2]", "recipe_unreadable"),
        ('{"version": 1, "psi": NaN}', "recipe_unreadable"),
        ("[" * 100_000, "recipe_unreadable"),
        (json.dumps({"version": 2}), "recipe_version"),
        (json.dumps({"seed": 1}), "recipe_version"),
        (" " * (MAX_RECIPE_BYTES + 1), "recipe_too_large"),
    ],
    ids=["no JSON", "a list", "not a number", "nested too deep", "a later version", "no version", "too large"],
)
def test_a_foreign_recipe_is_refused_in_a_sentence(text: str, code: str) -> None:
    with pytest.raises(DataError) as caught:
        read_recipe(with_text(text))
    assert caught.value.code == code


def test_a_compressed_text_that_grows_without_end_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        read_recipe(with_text(" " * (32 << 20), compressed=True))
    assert caught.value.code in {"picture_unreadable", "recipe_too_large"}


def test_what_is_no_png_is_refused(tmp_path: Path) -> None:
    jpeg = io.BytesIO()
    Image.new("RGB", (4, 4)).save(jpeg, "JPEG")
    for source in (b"", b"hello", jpeg.getvalue(), encode_png(some(1)[0])[:20], tmp_path / "none.png", tmp_path):
        with pytest.raises(DataError) as caught:
            read_recipe(source)
        assert caught.value.code == "picture_unreadable"


def test_a_recipe_that_is_no_json_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode_png(some(1)[0], {"psi": float("nan")})
