"""Model folders and snapshots are verified before use, and are complete whenever their writer is killed."""

import json
import struct
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gan.config import ModelConfig, TrainingRecord, new_discriminator, new_generator
from gan.errors import CheckpointError
from gan.families import FAMILIES, Discriminator, Generator
from gan.models import read_config, read_discriminator, read_generator, write_model
from tests.processes import CONTEXT, DEADLINE_SECONDS, killed_at_every_step

SMALL: dict[str, dict[str, Any]] = {
    "style": {
        "w_dim": 8,
        "mapping_layers": 1,
        "generator_width": 8,
        "generator_capacity": 64,
        "discriminator_width": 8,
        "discriminator_capacity": 64,
    },
    "dcgan": {"width": 4},
    "mlp": {"generator_widths": [16], "discriminator_widths": [16]},
}


# Model folders


def small_config(family: str = "style", classes: tuple[str, ...] = ("cat", "dog")) -> ModelConfig:
    entry = FAMILIES[family]
    return ModelConfig(
        family=family,
        resolution=entry.resolutions[0],
        channels=1,
        z_dim=4,
        classes=classes,
        network=entry.settings(**SMALL.get(family, {})),
        training=TrainingRecord(dataset="cats.zip", images_seen=5, metrics={"swd": 1.5}),
    )


def small_networks(config: ModelConfig, seed: int = 0) -> tuple[Generator, Discriminator]:
    torch.manual_seed(seed)
    return new_generator(config), new_discriminator(config)


def write_small_model(folder: Path, seed: int = 0, family: str = "style") -> ModelConfig:
    config = small_config(family)
    return write_model(folder, config, *small_networks(config, seed))


def same_tensors(a: torch.nn.Module | dict[str, torch.Tensor], b: torch.nn.Module | dict[str, torch.Tensor]) -> bool:
    left, right = (x.state_dict() if isinstance(x, torch.nn.Module) else x for x in (a, b))
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def refused(folder: Path) -> CheckpointError:
    """Return the error of reading the generator, after checking that it names the folder and is short."""
    with pytest.raises(CheckpointError) as caught:
        read_generator(folder)
    assert str(folder) in str(caught.value)
    assert len(str(caught.value)) < 600
    return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_small_model(tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("classes", [(), ("cat", "dog")], ids=["unconditional", "classes"])
def test_a_model_is_read_as_it_was_written(tmp_path: Path, family: str, classes: tuple[str, ...]) -> None:
    config = small_config(family, classes)
    generator, discriminator = small_networks(config)
    preview = np.zeros((8, 8, 1), dtype=np.uint8)
    written = write_model(tmp_path / "m", config, generator, discriminator, preview, "# A card")
    found, loaded = read_generator(tmp_path / "m")
    assert found == written == read_config(tmp_path / "m")
    assert written == config.model_copy(update={"weights_sha256": written.weights_sha256})
    assert same_tensors(loaded, generator)
    assert not loaded.training
    critic = read_discriminator(tmp_path / "m")
    assert critic is not None
    assert same_tensors(critic, discriminator)
    assert {path.name for path in (tmp_path / "m").iterdir()} == {
        "config.json",
        "model.safetensors",
        "discriminator.safetensors",
        "preview.png",
        "README.md",
    }


def test_a_model_without_a_discriminator_takes_the_older_one_away(folder: Path) -> None:
    assert read_discriminator(folder) is not None
    (folder / "notes.txt").write_text("mine")
    config = small_config()
    write_model(folder, config, small_networks(config, 1)[0])
    assert read_discriminator(folder) is None
    assert {path.name for path in folder.iterdir()} == {"config.json", "model.safetensors", "notes.txt"}


def test_new_weights_leave_the_directions_that_somebody_named(folder: Path) -> None:
    """A training replaces its model every few minutes, which must not remove named directions."""
    (folder / "directions.safetensors").write_bytes(b"somebody's")
    half_written = folder / ".directions.safetensors.0.tmp"
    half_written.write_bytes(b"by another process, in this moment")
    config = small_config()
    write_model(folder, config, small_networks(config, 1)[0])
    assert (folder / "directions.safetensors").read_bytes() == b"somebody's"
    assert half_written.exists()


def test_weights_that_share_memory_or_are_transposed_are_stored(tmp_path: Path) -> None:
    config = small_config()
    generator, _ = small_networks(config)
    names = [name for name, value in generator.state_dict().items() if value.ndim == 2 and value.shape[0] == value.shape[1]]
    for name in names:
        holder, _, last = name.rpartition(".")
        parameter = generator.get_submodule(holder)._parameters[last]
        if parameter is not None:
            parameter.data = parameter.data.t().contiguous().t()
    write_model(tmp_path / "m", config, generator)
    assert same_tensors(read_generator(tmp_path / "m")[1], generator)


def edit_config(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    values = json.loads((folder / "config.json").read_bytes())
    change(values)
    (folder / "config.json").write_text(json.dumps(values))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda values: values.update(surprise=1), "model_config_invalid"),
        (lambda values: values["network"].update(surprise=1), "model_config_invalid"),
        (lambda values: values["network"].update(generator_width=10**9), "model_config_invalid"),
        (lambda values: values["network"].update(mapping_layers=10**6), "model_config_invalid"),
        (lambda values: values.update(resolution=2**40), "model_config_invalid"),
        (lambda values: values.update(channels=2), "model_config_invalid"),
        (lambda values: values.update(z_dim=-1), "model_config_invalid"),
        (lambda values: values.update(z_dim="9" * 4000), "model_config_invalid"),
        (lambda values: values.update(family="os.system"), "model_config_invalid"),
        (lambda values: values.update(family=[["x"] * 9] * 999), "model_config_invalid"),
        (lambda values: values.update(classes=["x" * 10**5, "y"]), "model_config_invalid"),
        (lambda values: values.update(classes=[str(i) for i in range(10**4)]), "model_config_invalid"),
        (lambda values: values.update(weights_sha256="../../x"), "model_config_invalid"),
        (lambda values: values.update({"x" * 10**5: 1}), "model_config_invalid"),
        (lambda values: values.pop("resolution"), "model_config_invalid"),
        (lambda values: values.pop("format"), "format_unknown"),
        (lambda values: values.update(format=2), "format_unknown"),
        (lambda values: values.update(format=True), "format_unknown"),
        (lambda values: values.update(classes=["x"] * 10**6), "file_too_large"),
    ],
)
def test_a_config_out_of_bounds_is_refused(folder: Path, change: Callable[[dict[str, Any]], Any], code: str) -> None:
    edit_config(folder, change)
    assert refused(folder).code == code


def test_another_format_says_which_version_reads_it(folder: Path) -> None:
    edit_config(folder, lambda values: values.update(format=7))
    error = refused(folder)
    assert error.values["found"] == 7
    assert "format 7; this version of Seedbed reads format 1. Update" in str(error)


def test_a_config_for_larger_networks_than_the_weights_allocates_nothing(folder: Path) -> None:
    edit_config(folder, lambda values: values["network"].update(generator_width=1024, generator_capacity=65536, w_dim=1024))
    edit_config(folder, lambda values: values.update(resolution=512))
    assert refused(folder).code in {"tensor_missing", "tensor_wrong"}


def header_of(content: bytes) -> tuple[dict[str, Any], bytes]:
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def with_header(change: Callable[[dict[str, Any]], Any]) -> Callable[[bytes], bytes]:
    def damage(content: bytes) -> bytes:
        header, data = header_of(content)
        change(header)
        raw = json.dumps(header).encode()
        return struct.pack("<Q", len(raw)) + raw + data

    return damage


def first(header: dict[str, Any]) -> dict[str, Any]:
    return next(value for name, value in sorted(header.items()) if name != "__metadata__")


def overlap(header: dict[str, Any]) -> None:
    """Place two tensors of the same size on the same bytes."""
    sizes: dict[int, dict[str, Any]] = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            twin = sizes.setdefault(end - begin, entry)
            if twin is not entry:
                entry["data_offsets"] = twin["data_offsets"]
                return


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda content: b"", "weights_damaged"),
        (lambda content: content[:7], "weights_damaged"),
        (lambda content: content[:200], "weights_damaged"),
        (lambda content: content[:-1], "weights_damaged"),
        (lambda content: content + b"x", "weights_damaged"),
        (lambda content: struct.pack("<Q", 2**63) + content[8:], "weights_damaged"),
        (lambda content: struct.pack("<Q", 10**12) + content[8:], "weights_damaged"),
        (lambda content: struct.pack("<Q", 0) + content[8:], "weights_damaged"),
        (lambda content: struct.pack("<Q", 300_000) + b"[" * 300_000, "json_damaged"),
        (lambda content: struct.pack("<Q", 8 << 20) + b" " * (8 << 20), "weights_damaged"),
        (lambda content: b"\x80\x04\x95" + content, "weights_damaged"),  # the start of a pickle
        (with_header(lambda header: first(header).update(shape=[10**6, 10**6])), "tensor_wrong"),
        (with_header(lambda header: first(header).update(shape=[-1])), "tensor_wrong"),
        (with_header(lambda header: first(header).update(shape=[[[1]]])), "tensor_wrong"),
        (with_header(lambda header: first(header).update(dtype="F64")), "tensor_wrong"),
        (with_header(lambda header: first(header).update(dtype="object")), "tensor_wrong"),
        (with_header(lambda header: first(header).update(data_offsets=[0, 10**13])), "weights_damaged"),
        (with_header(lambda header: first(header).update(data_offsets=["0", "4"])), "weights_damaged"),
        (with_header(lambda header: first(header).update(more=1)), "weights_damaged"),
        (
            with_header(lambda header: header.update(huge={"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]})),
            "tensor_unknown",
        ),
        (with_header(lambda header: header.pop(next(name for name in header if name != "__metadata__"))), "tensor_missing"),
        (with_header(overlap), "weights_damaged"),
    ],
)
def test_weights_that_are_not_as_the_config_says_are_refused(folder: Path, damage: Callable[[bytes], bytes], code: str) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(damage(weights.read_bytes()))
    assert refused(folder).code == code


def test_other_weights_of_the_same_shapes_are_refused(folder: Path) -> None:
    weights = folder / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert refused(folder).code == "weights_changed"


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_links_in_a_model_folder_are_refused(folder: Path, name: str) -> None:
    (folder / name).rename(folder.parent / name)
    (folder / name).symlink_to(folder.parent / name)
    assert refused(folder).code == "file_not_plain"


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "file_missing"


def test_a_damaged_discriminator_is_refused_and_the_generator_is_not(folder: Path) -> None:
    path = folder / "discriminator.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(CheckpointError):
        read_discriminator(folder)
    read_generator(folder)


def test_a_model_is_the_old_the_new_or_refused_wherever_its_writer_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    old, new = (write_small_model(tmp_path / str(seed), seed) for seed in (0, 1))
    seen = set()
    for _ in killed_at_every_step(lambda: write_small_model(folder, 0), write_small_model, folder, 1):
        try:
            config, generator = read_generator(folder)
        except CheckpointError as error:
            assert read_config(folder) == old, "the config comes last"
            seen.add(error.code)
            continue
        seen.add(config.weights_sha256)
        assert same_tensors(generator, small_networks(config, (old, new).index(config))[0])
    assert {old.weights_sha256, new.weights_sha256} <= seen <= {old.weights_sha256, new.weights_sha256, "weights_changed"}
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")], "a later writer tidies up"


def replace_for_ever(folder: Path, reports: Connection) -> None:
    seed = 0
    while True:
        write_small_model(folder, seed % 2)
        if seed == 0:
            reports.send("begun")
        seed += 1


def test_a_reader_of_a_model_that_is_replaced_all_the_time_always_gets_one_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    configs = [write_small_model(tmp_path / str(seed), seed) for seed in (0, 1)]
    reader, writer = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=replace_for_ever, args=(folder, writer))
    process.start()
    try:
        assert reader.poll(DEADLINE_SECONDS)
        for _ in range(20):
            config, generator = read_generator(folder)
            assert same_tensors(generator, small_networks(config, configs.index(config))[0])
    finally:
        process.kill()
        process.join(DEADLINE_SECONDS)


# Snapshots
