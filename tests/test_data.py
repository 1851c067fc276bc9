"""From zips as users make them to prepared pictures, and the order in which pictures are trained on."""

import shutil
import tracemalloc
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan import data
from gan.data import Dataset, Report, inspect, open_dataset, order, prepare
from gan.data.classes import sort_into_classes
from gan.data.report import most_frequent
from gan.errors import ConfigError, DataError
from tests.zips import encoded, noise, pictures, write_zip

FIXTURE = Path(__file__).parent / "fixtures" / "emoji32.zip"
RED, BLUE = (255, 0, 0), (0, 0, 255)


def first_of(path: Path, home: Path, content: bytes, **settings: object) -> np.ndarray:
    """Return a picture after preparation, among fifteen others."""
    write_zip(path, pictures(15, "b/") | {"a/a": content})
    dataset = prepare(path, home=home, **{"size": 16, **settings})  # type: ignore[arg-type]
    return np.asarray(dataset.pictures[0])


def halves(left: object, right: object, mode: str = "RGB", width: int = 32, height: int = 32) -> Image.Image:
    image = Image.new(mode, (width, height), left)  # type: ignore[arg-type]
    image.paste(right, (width // 2, 0, width, height))  # type: ignore[arg-type]
    return image


# Content of a zip


def test_a_zip_as_people_make_them_is_understood(tmp_path: Path, home: Path) -> None:
    palette = noise(4).quantize(16)
    sixteen_bit = Image.fromarray(np.random.RandomState(5).randint(0, 65536, (20, 20), np.uint16))
    transparent = noise(6)
    transparent.putalpha(128)
    files = {
        "my pictures/__MACOSX/._a.png": b"resource fork",
        "my pictures/.DS_Store": b"litter",
        "my pictures/Thumbs.db": b"litter",
        "my pictures/cats/": b"",
        "my pictures/cats/notes.txt": b"words",
        "my pictures/cats/broken.jpg": encoded(noise(1), "JPEG")[:200],
        "my pictures/cats/jpeg.JPG": encoded(noise(2, 300, 200), "JPEG"),
        "my pictures/cats/webp.webp": encoded(noise(3, 40, 50), "WEBP"),
        "my pictures/cats/palette.png": encoded(palette),
        "my pictures/cats/sixteen bits": encoded(sixteen_bit),
        "my pictures/Füße/transparent.png": encoded(transparent),
        "my pictures/Füße/grey.png": encoded(noise(7).convert("L")),
        "my pictures/Füße/cmyk.jpeg": encoded(noise(8).convert("CMYK"), "JPEG"),
        "my pictures/Füße/line.png": encoded(noise(9).convert("1")),
        "my pictures/Füße/猫.png": encoded(noise(10)),
        "my pictures/Füße/again.png": encoded(noise(10)),
    } | pictures(10, "my pictures/cats/deep/er/", first=20)
    path = write_zip(tmp_path / "cats.zip", files, zipfile.ZIP_DEFLATED)
    report = inspect(path)
    assert {each.name.rpartition("/")[2]: each.reason_code for each in report.skipped} == {
        "notes.txt": "skip_no_picture",
        "broken.jpg": "skip_broken",
    }
    assert (report.usable, report.duplicates) == (19, 1)
    assert report.classes == {"Füße": 5, "cats": 14}
    assert prepare(path, home=home, size=16).report == report


def test_the_report_as_json_is_what_design_says(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(10, "a/") | pictures(12, "b/", first=6) | {"c.txt": b"words"})
    assert inspect(path).as_json() == {
        "usable": 18,
        "skipped": [{"name": "c.txt", "reason": "It is not a picture."}],
        "classes": {"a": 10, "b": 8},
        "duplicates": 4,
        "labels_from": "folders",
        "level": 1,
        "example": "a",
        "warnings": ["18 pictures are few: a model may copy them instead of learning from them. 100 or more are better."],
    }


def test_few_pictures_are_warned_of_and_enough_are_not(tmp_path: Path) -> None:
    assert [code for code, _ in inspect(write_zip(tmp_path / "few.zip", pictures(99, side=4))).warnings] == ["few_pictures"]
    assert inspect(write_zip(tmp_path / "enough.zip", pictures(100, side=4))).warnings == []


def test_the_same_bytes_or_the_same_pixels_count_once(tmp_path: Path) -> None:
    image = noise(50)
    opaque = image.copy()
    opaque.putalpha(255)
    files = {
        "x/one.png": encoded(image),
        "x/two.png": encoded(image),
        "x/three.png": encoded(image, compress_level=0),
        "x/four.webp": encoded(image, "WEBP", lossless=True),
        "x/five.png": encoded(opaque),
        "x/other size.png": encoded(image.crop((0, 0, 16, 15))),
    }
    report = inspect(write_zip(tmp_path / "cats.zip", pictures(15) | files))
    assert (report.usable, report.duplicates) == (17, 4)


def test_names_without_a_declared_encoding_are_read_as_utf8_where_they_are(tmp_path: Path) -> None:
    mac = unicodedata.normalize("NFD", "Füße")  # as macOS writes it, with separate combining dots
    path = write_zip(
        tmp_path / "cats.zip", pictures(8, "AAAAAAA/") | pictures(8, "BBBB/", first=8) | pictures(1, "CCCC/", first=20)
    )
    content = path.read_bytes().replace(b"AAAAAAA/", mac.encode() + b"/").replace(b"BBBB/", "Früh".encode("cp437") + b"/")
    path.write_bytes(content)
    assert list(inspect(path).classes) == ["CCCC", "Früh", "Füße"]


def test_progress_goes_from_nothing_to_all(tmp_path: Path, home: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(70, side=4))
    seen: list[tuple[int, int]] = []
    prepare(path, home=home, size=16, progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 70)
    assert seen[-1] == (70, 70)
    assert seen == sorted(seen)


# Classes


@pytest.mark.parametrize(
    ("paths", "classes", "labels"),
    [
        (["a", "b"], ["a", "b"], [0, 1]),
        (["b", "a", "b"], ["a", "b"], [1, 0, 1]),
        (["top/x/b", "top/x/a"], ["a", "b"], [1, 0]),
        (["a/1", "a/2", "b/1"], ["a", "b"], [0, 0, 1]),
        (["train/a", "train/a"], [], [0, 0]),
        (["", ""], [], [0, 0]),
        (["", "a"], [], [0, 0]),
        (["", "a", "b"], ["a", "b", "other"], [2, 0, 1]),
        (["other", "", "b"], ["b", "other"], [1, 1, 0]),
        (["10", "9", "é"], ["10", "9", "é"], [0, 1, 2]),
    ],
)
def test_the_first_level_that_differs_is_the_class(paths: list[str], classes: list[str], labels: list[int]) -> None:
    found = sort_into_classes([f"{path}/{number}.png" if path else f"{number}.png" for number, path in enumerate(paths)])
    assert found.classes == classes
    assert found.labels.tolist() == labels


def test_more_folders_than_a_model_can_have_classes_are_no_classes() -> None:
    found = sort_into_classes([f"{number}/a.png" for number in range(1001)])
    assert (found.found, found.classes, found.labels.max()) == (1001, [], 0)
    report = Report(usable=1001, skipped=[], classes={}, duplicates=0, median_side=16, grey=False, folders=found.found)
    assert [code for code, _ in report.warnings] == ["many_classes"]


# Pixels


def test_a_photograph_on_its_side_is_turned_upright(tmp_path: Path, home: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise to look at it
    content = encoded(halves(RED, BLUE), "JPEG", exif=exif, quality=95, subsampling=0)
    picture = first_of(tmp_path / "cats.zip", home, content).astype(int)
    assert np.abs(picture[:6] - RED).max() < 8
    assert np.abs(picture[-6:] - BLUE).max() < 8


@pytest.mark.parametrize(("background", "colour"), [("white", (255, 255, 255)), ("#00ff00", (0, 255, 0))])
def test_what_is_transparent_shows_the_background(tmp_path: Path, home: Path, background: str, colour: tuple[int, ...]) -> None:
    content = encoded(halves((255, 0, 0, 255), (0, 0, 255, 0), "RGBA"))
    picture = first_of(tmp_path / "cats.zip", home, content, background=background)
    assert (picture[:, :5] == RED).all()
    assert (picture[:, -5:] == colour).all()


def test_a_transparent_entry_of_a_palette_shows_the_background(tmp_path: Path, home: Path) -> None:
    image = Image.new("P", (16, 16), 1)
    image.putpalette([0, 0, 255, 255, 0, 0])
    image.paste(0, (8, 0, 16, 16))
    picture = first_of(tmp_path / "cats.zip", home, encoded(image, transparency=0))
    assert (picture[:, :8] == RED).all()
    assert (picture[:, 8:] == 255).all()


def test_sixteen_bits_are_scaled_to_eight_and_not_cut_off(tmp_path: Path, home: Path) -> None:
    levels = np.repeat(np.arange(16, dtype=np.uint16) * 4369, 16).reshape(16, 16)
    picture = first_of(tmp_path / "cats.zip", home, encoded(Image.fromarray(levels)))
    assert picture[:, 0, 0].tolist() == [level * 17 for level in range(16)]
    assert (picture == picture[:, :1, :1]).all()


def test_the_middle_is_cropped_or_the_whole_is_padded(tmp_path: Path, home: Path) -> None:
    image = Image.new("RGB", (64, 32), RED)
    image.paste(BLUE, (16, 0, 48, 32))
    cropped = first_of(tmp_path / "cats.zip", home, encoded(image))
    assert (cropped == BLUE).all()
    padded = first_of(tmp_path / "cats.zip", home, encoded(image), fit="pad", background="#010203")
    assert (padded[:4] == (1, 2, 3)).all()
    assert (padded[12:] == (1, 2, 3)).all()
    assert (padded[4:12, 7:9] == BLUE).all()
    assert (padded[4:12, 0] == RED).all()


def test_reducing_averages_instead_of_picking(tmp_path: Path, home: Path) -> None:
    board = np.indices((256, 256)).sum(axis=0) % 2 * 255
    picture = first_of(tmp_path / "cats.zip", home, encoded(Image.fromarray(board.astype(np.uint8)).convert("RGB")))
    assert np.abs(picture.astype(int) - 127).max() <= 2


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_large_picture_looks_like_its_small_self(tmp_path: Path, home: Path, form: str) -> None:
    small = noise(60, 8, 8).resize((64, 64), Image.Resampling.BICUBIC)
    large = small.resize((1600, 1600), Image.Resampling.BICUBIC)
    expected = np.asarray(small.resize((16, 16), Image.Resampling.LANCZOS)).astype(int)
    picture = first_of(tmp_path / "cats.zip", home, encoded(large, form, quality=95)).astype(int)
    assert np.abs(picture - expected).mean() < 4


def test_a_picture_of_the_right_size_is_not_changed(tmp_path: Path, home: Path) -> None:
    assert np.array_equal(first_of(tmp_path / "cats.zip", home, encoded(noise(70))), np.asarray(noise(70)))


def test_channels_are_grey_only_if_every_picture_is(tmp_path: Path, home: Path) -> None:
    greys = {f"{number:02d}.png": encoded(noise(number).convert("L").convert("RGB")) for number in range(20)}
    grey = prepare(write_zip(tmp_path / "grey.zip", greys), home=home, size=16)
    assert grey.pictures.shape == (20, 16, 16, 1)
    assert grey.report.grey
    assert np.array_equal(grey.pictures[3, :, :, 0], np.asarray(noise(3).convert("L")))
    mixed = prepare(write_zip(tmp_path / "mixed.zip", greys | pictures(1, first=20)), home=home, size=16)
    assert mixed.channels == 3
    assert not mixed.report.grey
    one, three = (prepare(tmp_path / "mixed.zip", home=home, size=16, channels=channels) for channels in (1, 3))
    assert (one.channels, three.channels) == (1, 3)
    assert np.array_equal(one.pictures[5, :, :, 0], np.asarray(Image.fromarray(mixed.pictures[5]).convert("L")))
    assert three.hash == mixed.hash
    on_red = prepare(tmp_path / "grey.zip", home=home, size=16, background="red")
    assert on_red.channels == 3


# The prepared dataset


@pytest.fixture
def emoji(home: Path) -> Dataset:
    return prepare(FIXTURE, home=home, size=16)


def test_pictures_labels_and_classes_belong_together(emoji: Dataset) -> None:
    assert emoji.name == "emoji32"
    assert emoji.pictures.dtype == np.uint8
    assert emoji.pictures.shape == (225, 16, 16, 3)
    assert isinstance(emoji.pictures, np.memmap)
    assert emoji.classes == ["animals", "food", "smileys"]
    assert np.bincount(emoji.labels).tolist() == [75, 75, 75]
    smileys = emoji.pictures[emoji.labels == 2].mean(axis=(0, 1, 2))
    assert smileys[2] + 60 < smileys[0]  # yellow


def test_five_percent_are_held_out_by_their_content(emoji: Dataset, tmp_path: Path, home: Path) -> None:
    assert len(emoji.held_out_indices) == 225 // 20
    everything = np.concatenate([emoji.train_indices, emoji.held_out_indices])
    assert np.array_equal(np.sort(everything), np.arange(225))
    with zipfile.ZipFile(FIXTURE) as source:
        renamed = {f"{number:03d}.png": source.read(info) for number, info in enumerate(reversed(source.infolist()))}
    other = prepare(write_zip(tmp_path / "other.zip", renamed), home=home, size=16)
    kept = {picture.tobytes() for picture in emoji.pictures[emoji.held_out_indices]}
    assert {picture.tobytes() for picture in other.pictures[other.held_out_indices]} == kept


@pytest.mark.parametrize(("count", "expected"), [(199, 0), (200, 10)])
def test_small_sets_hold_nothing_out(tmp_path: Path, home: Path, count: int, expected: int) -> None:
    dataset = prepare(write_zip(tmp_path / "cats.zip", pictures(count, side=4)), home=home, size=8)
    assert len(dataset.held_out_indices) == expected
    assert dataset.held_out_indices.dtype == dataset.train_indices.dtype == np.int64


def test_the_same_zip_is_not_prepared_again(emoji: Dataset, home: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(FIXTURE, tmp_path / "renamed.zip"))
    calls: list[int] = []
    again = prepare(copy, home=home, size=16, progress=lambda done, total: calls.append(done))
    assert calls == []
    assert (again.hash, again.name) == (emoji.hash, "renamed")
    assert again.report == emoji.report


def test_the_hash_is_of_contents_classes_and_settings(emoji: Dataset, home: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(FIXTURE) as source:
        files = {info.filename: source.read(info) for info in reversed(source.infolist())}
    repacked = write_zip(tmp_path / "a.zip", {f"top/{name}": content for name, content in files.items()}, zipfile.ZIP_DEFLATED)
    same = prepare(repacked, home=home, size=16)
    assert same.hash == emoji.hash
    assert np.array_equal(same.pictures, emoji.pictures)
    other_class = {name.replace("smileys", "faces"): content for name, content in files.items()}
    without_one = dict(list(files.items())[1:])
    others = [
        prepare(write_zip(tmp_path / "b.zip", other_class), home=home, size=16),
        prepare(write_zip(tmp_path / "c.zip", without_one), home=home, size=16),
        prepare(FIXTURE, home=home, size=32),
        prepare(FIXTURE, home=home, size=16, fit="pad"),
        prepare(FIXTURE, home=home, size=16, background="black"),
        prepare(FIXTURE, home=home, size=16, channels=1),
    ]
    assert len({dataset.hash for dataset in [emoji, *others]}) == 7
    assert len(list((home / "data").iterdir())) == 7


def test_a_prepared_dataset_is_opened_by_its_hash(emoji: Dataset, home: Path) -> None:
    opened = open_dataset(home, emoji.hash)
    assert (opened.name, opened.classes, opened.report) == (emoji.name, emoji.classes, emoji.report)
    for field in ("pictures", "labels", "train_indices", "held_out_indices"):
        assert np.array_equal(getattr(opened, field), getattr(emoji, field))


@pytest.mark.parametrize("name", ["0" * 32, "../data", "", "a" * 8])
def test_a_dataset_that_is_gone_is_said_so(home: Path, name: str) -> None:
    with pytest.raises(DataError) as caught:
        open_dataset(home, name)
    assert caught.value.code == "dataset_missing"


@pytest.mark.parametrize("name", ["pictures.npy", "labels.npy", "held_out.npy", "dataset.json"])
def test_a_damaged_dataset_is_refused_and_prepared_anew(emoji: Dataset, home: Path, name: str) -> None:
    path = home / "data" / emoji.hash / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError) as caught:
        open_dataset(home, emoji.hash)
    assert caught.value.code == "dataset_damaged"
    (path.parent / "labels.npy").unlink()
    prepare(FIXTURE, home=home, size=16)
    assert path.read_bytes() == whole


def test_an_interrupted_preparation_leaves_nothing_behind(home: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(FIXTURE, home=home, size=16, progress=interrupt)
    assert list((home / "data").iterdir()) == []


def test_a_home_that_cannot_be_written_to_is_said_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with pytest.raises(DataError) as caught:
        prepare(FIXTURE, home=blocked, size=16)
    assert caught.value.code == "dataset_not_written"


def test_a_disk_without_room_is_said_so_before_the_work(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(home)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(DataError) as caught:
        prepare(FIXTURE, home=home, size=16)
    assert caught.value.code == "dataset_disk"


def test_pictures_are_never_all_in_memory(tmp_path: Path, home: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(40, side=256))
    tracemalloc.start()
    try:
        dataset = prepare(path, home=home, size=256)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < dataset.pictures.nbytes / 4


@pytest.mark.parametrize(
    "settings",
    [
        {"size": 4},
        {"size": 1024},
        {"size": 16, "channels": 4},
        {"size": 16, "fit": "stretch"},
        {"size": 16, "background": "nothing"},
    ],
)
def test_settings_that_make_no_sense_are_refused(home: Path, settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as caught:
        prepare(FIXTURE, home=home, **settings)  # type: ignore[arg-type]
    assert caught.value.code == "config_field"


@pytest.mark.parametrize(
    ("median", "expected"), [(8, 16), (16, 16), (28, 32), (32, 32), (48, 32), (52, 64), (64, 64), (3000, 64)]
)
def test_the_default_size_suits_the_pictures(median: int, expected: int) -> None:
    report = Report(usable=20, skipped=[], classes={}, duplicates=0, median_side=median, grey=False)
    assert data.default_size(report) == expected


def test_the_sample_set_is_small_usable_and_licensed() -> None:
    path = data.sample_zip()
    assert path.stat().st_size < 2_000_000
    report = inspect(path)
    assert (report.usable, report.skipped, report.duplicates) == (439, [], 0)
    assert list(report.classes) == ["animals", "people", "smileys"]
    for licence in (path.with_name("LICENSE"), FIXTURE.with_name("LICENSE")):
        assert "Google Inc." in licence.read_text(encoding="utf-8")
        assert "Apache License" in licence.read_text(encoding="utf-8")


# Order


def test_an_epoch_shows_every_picture_once_and_the_next_in_another_order() -> None:
    epochs = order(50, seed=1, start=0, length=150).reshape(3, 50)
    assert epochs.dtype == np.int64
    assert (np.sort(epochs) == np.arange(50)).all()
    assert not (epochs[0] == epochs[1]).all()
    assert not (order(50, seed=2, start=0, length=50) == epochs[0]).all()


def test_the_order_can_be_entered_anywhere() -> None:
    whole = order(7, seed=3, start=0, length=100)
    for start in (0, 1, 6, 7, 13, 50):
        for length in (0, 1, 8, 33):
            assert np.array_equal(order(7, 3, start, length), whole[start : start + length])


def test_the_order_is_the_same_on_every_machine() -> None:
    assert order(10, seed=0, start=0, length=20).tolist() == [0, 8, 9, 5, 6, 2, 7, 4, 3, 1, 1, 7, 3, 6, 4, 2, 8, 0, 9, 5]
    assert order(10, seed=2**32 - 1, start=10**12, length=10).tolist() == [4, 5, 6, 1, 9, 0, 7, 8, 2, 3]


def test_what_is_returned_may_be_changed_without_changing_the_order() -> None:
    first = order(10, 0, 0, 10)
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(order(10, 0, 0, 10), kept)


def test_the_most_frequent_reason_is_found_among_very_many_at_once() -> None:
    """Reasons may differ by the dimensions in them, so 200,000 different ones must be counted in linear time."""
    reasons = [f"It is {number} pixels wide." for number in range(200_000)] + ["It is broken."] * 2
    assert most_frequent(reasons) == "It is broken."
