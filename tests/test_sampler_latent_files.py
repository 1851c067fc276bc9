"""Latents in files: exact to the bit, readable by numpy and safetensors, and checked if they come from a stranger."""

import io
import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from gan.errors import ConfigError, DataError, ModelError
from gan.recipes import Latent, Mix, Push
from gan.sampler import MAX_LATENTS, Model, latent_of, read_latents, write_latents
from tests.tiny_models import write_tiny_model

KINDS: Any = ["npz", "safetensors"]
VALUES = np.random.RandomState(0).standard_normal((3, 4, 8)).astype(np.float32)


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def npz_of(content: bytes, name: str = "w.npy", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        target.writestr(name, content)
    return file.getvalue()


def npy(header: str, numbers: bytes = b"") -> bytes:
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + numbers


def tensors(header: Any, numbers: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values", [VALUES, VALUES[:, 0]], ids=["layers", "flat"])
def test_w_come_back_exact_to_the_bit(kind: Any, values: np.ndarray, tmp_path: Path) -> None:
    odd = values.copy()
    odd.flat[:4] = [-0.0, 1e-45, 3.4028235e38, np.nextafter(np.float32(1), np.float32(2))]
    path = tmp_path / f"some.{kind}"
    path.write_bytes(write_latents([Latent.of("w", row) for row in odd], kind))
    again = read_latents(path)
    assert [latent.space for latent in again] == ["w"] * 3
    assert np.stack([latent.values for latent in again]).tobytes() == odd.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_z_come_back_and_others_can_read_what_was_written(kind: Any) -> None:
    content = write_latents([Latent.of("z", row) for row in VALUES[0]], kind)
    assert [latent.values.tolist() for latent in read_latents(content)] == VALUES[0].tolist()
    theirs = load(content) if kind == "safetensors" else dict(np.load(io.BytesIO(content), allow_pickle=False))
    assert list(theirs) == ["z"]
    assert theirs["z"].dtype == np.float32
    assert np.array_equal(theirs["z"], VALUES[0])


@pytest.mark.parametrize(
    "content",
    [
        save({"w": VALUES}, {"made by": "another"}),
        npz(w=VALUES),
        npz(w=np.asfortranarray(VALUES)),
        npz(w=VALUES, labels=np.arange(3)),
        npz_of(npy("{'descr':'<f4','fortran_order':False,'shape':(3,4,8)}", VALUES.tobytes()), method=zipfile.ZIP_STORED),
    ],
    ids=["safetensors", "npz", "columns first", "with labels", "without spaces"],
)
def test_what_others_write_is_read(content: bytes) -> None:
    assert np.array_equal(np.stack([latent.values for latent in read_latents(content)]), VALUES)


def test_rows_of_one_and_of_many_layers_go_into_one_file() -> None:
    mixed = [Latent.of("w", VALUES[0]), Latent.of("w", VALUES[1, 0])]
    first, second = read_latents(write_latents(mixed, "npz"))
    assert first == mixed[0]
    assert np.array_equal(second.values, np.broadcast_to(VALUES[1, 0], (4, 8)))


def test_latents_that_do_not_belong_together_are_refused() -> None:
    z = Latent.of("z", VALUES[0, 0])
    with pytest.raises(DataError, match="One file cannot hold latents"):
        write_latents([z, Latent.of("w", VALUES[0, 0])], "npz")
    with pytest.raises(DataError, match="One file cannot hold latents"):
        write_latents([z, Latent.of("z", VALUES[0, 0, :5])], "npz")
    with pytest.raises(ConfigError, match="latents is 0"):
        write_latents([], "npz")
    with pytest.raises(ConfigError, match="latents is 4097"):
        write_latents([z] * (MAX_LATENTS + 1), "npz")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "latents_foreign"),
        (b"a JPEG of a cat", "latents_foreign"),
        (b"PK\x03\x04", "latents_foreign"),
        (npz(w=VALUES)[:-30], "latents_foreign"),
        (npz_of(npy("{}").replace(b"NUMPY", b"NUMPX")), "latents_foreign"),
        (npz(v=VALUES), "latents_key"),
        (npz(z=VALUES[0], w=VALUES), "latents_key"),
        (npz(z=VALUES), "latents_shape"),
        (npz(w=VALUES[0, 0]), "latents_shape"),
        (npz(w=VALUES.astype(np.float64)), "latents_shape"),
        (npz(w=VALUES.astype(">f4")), "latents_shape"),
        (npz(w=np.zeros((0, 8), np.float32)), "latents_shape"),
        (npz(z=np.zeros((1, 1025), np.float32)), "latents_shape"),
        (npz(z=np.zeros((MAX_LATENTS + 1, 1), np.float32)), "latents_shape"),
        (npz(z=np.full((1, 2), np.nan, np.float32)), "latents_not_finite"),
        (npz_of(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4096, 1024), }\n", b"\0" * 8)), "latents_foreign"),
        (npz_of(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }\n", b"\0" * 8)), "latents_foreign"),
        (npz_of(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1, 1), }\n", b"\0" * 8)), "latents_shape"),
        (npz_of(npy("[" * 9000)), "latents_foreign"),
        (npz_of(npy("x"), method=zipfile.ZIP_BZIP2), "latents_foreign"),
        (save({"w": VALUES})[:-1], "latents_foreign"),
        (save({"v": VALUES}), "latents_key"),
        (save({"w": VALUES.astype(np.float16)}), "latents_shape"),
        (tensors({"z": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 4]}}, b"\0" * 8), "latents_foreign"),
        (tensors({"z": {"dtype": "F32", "shape": [1, 2], "data_offsets": [-8, 0]}}, b"\0" * 8), "latents_foreign"),
        (tensors({"z": {"dtype": "F32", "shape": [1, True], "data_offsets": [0, 4]}}, b"\0" * 4), "latents_shape"),
        (tensors({"z": {"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]}}, b"\0" * 4), "latents_shape"),
        (tensors({"z": [1, 2]}), "latents_foreign"),
        (tensors(["z"]), "latents_foreign"),
        ((2**63).to_bytes(8, "little") + b"{}", "latents_foreign"),
    ],
)
def test_what_is_no_file_of_latents_is_refused_in_one_sentence(content: bytes, code: str) -> None:
    with pytest.raises(DataError) as caught:
        read_latents(content, "cat.npz")
    assert caught.value.code == code
    assert str(caught.value).startswith("cat.npz ")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = npz_of(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }\n") + b"\0" * (48 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            read_latents(bomb)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(DataError, match="more than 64 MB"):
        read_latents(bytes((64 << 20) + 1))


def test_the_latent_of_a_picture_makes_it_again(tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "tiny", classes=("cats", "dogs"))
    model = Model.open(tmp_path / "tiny", "cpu")
    seed = model.recipe(7, 0.6, "dogs")
    mixed = seed.changed(mix=Mix(start=model.recipe(8).start, layers=(0, 1)))
    z = model.recipe(psi=0.6, class_name="dogs", latent=latent_of(model, seed, "z"))
    w = model.recipe(psi=1.0, latent=latent_of(model, mixed, "w"))
    pictures = model.render([seed, z, mixed, w])
    assert np.array_equal(pictures[0], pictures[1])
    assert np.array_equal(pictures[2], pictures[3])
    with pytest.raises(ModelError, match="no latent z of its own"):
        latent_of(model, mixed, "z")
    write_tiny_model(tmp_path / "flat", "mlp")
    flat = Model.open(tmp_path / "flat", "cpu")
    with pytest.raises(ModelError, match="no intermediate latent w"):
        latent_of(flat, flat.recipe(1), "w")


@pytest.mark.parametrize("family", ["dcgan", "mlp"])
def test_without_w_the_latent_of_a_pushed_picture_holds_what_it_was_pushed_by(family: str, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "model", family, classes=("cats", "dogs"))
    model = Model.open(tmp_path / "model")
    vector = Latent.of("z", np.eye(8, dtype=np.float32)[2])
    pushed = model.recipe(5, psi=0.6).changed(directions=(Push(name="up", vector=vector, strength=2.0),))
    again = model.recipe(psi=0.6, class_name=pushed.class_name, latent=latent_of(model, pushed, "z"))
    assert np.abs(model.render([again]).astype(int) - model.render([pushed]).astype(int)).max() <= 1
    with pytest.raises(ModelError, match="no latent z of its own"):
        latent_of(model, pushed.changed(psi=0.0), "z")
