"""Hostile and broken zips: each is refused in one sentence, memory is bounded, and nothing is written outside the home."""

import os
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from gan.data import Report, TooFewPicturesError, inspect, prepare
from gan.errors import DataError
from tests.zips import change_index, encoded, noise, pictures, png_claiming, write_zip

ENTRY = struct.Struct("<4s6H3I5H2I")  # an entry of the central directory
END = struct.Struct("<4s4H2IH")


def refused(path: Path) -> DataError:
    """Return the error for a zip, which is one line that names it."""
    with pytest.raises(DataError) as caught:
        inspect(path)
    sentence = str(caught.value)
    assert path.name in sentence
    assert "\n" not in sentence
    return caught.value


def skipped(report: Report) -> dict[str, str]:
    return {each.name: each.reason_code for each in report.skipped}


@contextmanager
def within_mebibytes(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit << 20, f"{peak / 2**20:.0f} MiB"


def with_one_more(path: Path, name: str, content: bytes, method: int = zipfile.ZIP_STORED) -> Path:
    """Write a zip of sixteen good pictures and a member that is not a picture, and return its path."""
    write_zip(path, pictures(16))
    with zipfile.ZipFile(path, "a", method) as target:
        target.writestr(zipfile.ZipInfo(name), content, method)
    return path


# The zip as a whole


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.zip").code == "zip_missing"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.zip"
    make = getattr(os, "mkfifo", os.mkdir)  # Windows has no pipes in folders
    make(path)
    assert refused(path).code == "zip_missing"


@pytest.mark.parametrize(
    "content", [b"", b"hello", encoded(noise(0)), b"PK\x03\x04" + b"\0" * 100], ids=["empty", "text", "png", "start"]
)
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cats.zip"
    path.write_bytes(content)
    assert refused(path).code == "zip_foreign"


def test_a_zip_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(20))
    whole = path.read_bytes()
    for end in range(0, len(whole), 311):
        path.write_bytes(whole[:end])
        assert refused(path).code == "zip_foreign"


def test_a_damaged_table_of_contents_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(20))
    with zipfile.ZipFile(path) as source:
        start = source.start_dir
    content = bytearray(path.read_bytes())
    content[start : start + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert refused(path).code == "zip_damaged"


def test_bytes_changed_by_chance_give_a_report_or_a_sentence(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(17))
    content = path.read_bytes()
    with zipfile.ZipFile(path) as source:
        start = source.start_dir
    rng = np.random.RandomState(0)
    for _ in range(150):
        changed = bytearray(content)
        for at in rng.randint(start - 900, len(content), 3):  # damages the last file, the table of contents and the end
            changed[at] = rng.randint(256)
        path.write_bytes(changed)
        with suppress(DataError):
            assert inspect(path).usable >= 16


def many_entries(count: int, name: bytes, claimed: int) -> bytes:
    """Return a table of contents of `count` equal members, whose end record may state another number."""
    entry = ENTRY.pack(b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 10, 10, len(name), 0, 0, 0, 0, 0, 0) + name
    index = entry * count
    record = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(index), 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(index), 1)
    return index + record + locator + END.pack(b"PK\x05\x06", 0, 0, claimed, claimed, 0xFFFFFFFF, 0xFFFFFFFF, 0)


@pytest.mark.parametrize(("name", "claimed"), [(b"a/0.png", 0xFFFF), (b"a/0.png", 20), (b"a" * 60, 0xFFFF)])
def test_a_million_members_are_refused_before_they_are_listed(tmp_path: Path, name: bytes, claimed: int) -> None:
    path = tmp_path / "cats.zip"
    path.write_bytes(many_entries(1_000_000, name, claimed))
    with within_mebibytes(130):
        error = refused(path)
    assert error.code == ("zip_too_many" if len(name) < 10 else "zip_index_too_large")


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    path = with_one_more(tmp_path / "cats.zip", "bomb.png", b"\0" * (48 << 20), zipfile.ZIP_DEFLATED)
    with within_mebibytes(4):
        assert refused(path).code == "zip_bomb"


def test_a_zip_that_claims_to_unpack_to_more_than_a_disk_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(40))
    for name in pictures(40):
        change_index(path, name, file_bytes=0xFFFFFFFE)
    assert refused(path).code == "zip_too_large"


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(20))
    with zipfile.ZipFile(path) as source:
        offset = source.getinfo("00003.png").header_offset
    change_index(path, "00007.png", header_offset=offset)
    assert refused(path).code == "zip_overlapping"


def test_a_member_that_reaches_into_the_next_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(20))
    change_index(path, "00007.png", packed_bytes=5000, file_bytes=5000)
    assert refused(path).code == "zip_overlapping"


# Single members


@pytest.mark.parametrize(
    "name", ["../out.png", "a/../../out.png", "/etc/out.png", "C:/out.png", "..\\out.png", "c:out.png", "\\\\host\\out.png"]
)
def test_a_name_that_leads_outside_is_skipped_and_nothing_is_written_there(tmp_path: Path, home: Path, name: str) -> None:
    path = with_one_more(tmp_path / "cats.zip", name, encoded(noise(99)))
    dataset = prepare(path, home=home, size=16)
    assert list(skipped(dataset.report).values()) == ["skip_name"]
    assert dataset.report.usable == 16
    written = {file.relative_to(tmp_path).parts[:2] for file in tmp_path.rglob("*") if file.is_file()}
    assert written == {("cats.zip",), ("home", "data")}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_links_and_special_files_are_skipped(tmp_path: Path, kind: int) -> None:
    path = with_one_more(tmp_path / "cats.zip", "link.png", b"/etc/passwd")
    report = inspect(change_index(path, "link.png", mode=kind | 0o777))
    assert skipped(report) == {"link.png": "skip_link"}


@pytest.mark.parametrize("flags", [0x1, 0x41, 0x2000])
def test_what_is_protected_by_a_password_is_skipped(tmp_path: Path, flags: int) -> None:
    path = with_one_more(tmp_path / "cats.zip", "secret.png", encoded(noise(99)))
    report = inspect(change_index(path, "secret.png", flags=flags))
    assert skipped(report) == {"secret.png": "skip_encrypted"}


def test_a_zip_that_is_wholly_protected_says_why_it_is_of_no_use(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(20))
    for name in pictures(20):
        change_index(path, name, flags=1)
    error = refused(path)
    assert error.code == "too_few_of_many"
    assert "holds 0 readable pictures" in str(error)
    assert "password" in str(error)


def test_the_last_part_of_a_split_zip_is_called_one(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(16))
    content = bytearray(path.read_bytes())
    end = content.rfind(b"PK\x05\x06")
    content[end + 4 : end + 8] = struct.pack("<HH", 2, 2)
    path.write_bytes(content)
    assert refused(path).code == "zip_split"


@pytest.mark.parametrize("name", ["more.zip", "more.tar.gz", "more.png", "more"])
def test_an_archive_inside_is_skipped_whatever_its_name(tmp_path: Path, name: str) -> None:
    inner = write_zip(tmp_path / "inner.zip", pictures(2))
    report = inspect(with_one_more(tmp_path / "cats.zip", name, inner.read_bytes()))
    assert skipped(report) == {name: "skip_archive"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_that_unpack_without_a_bound_are_not_read(tmp_path: Path, method: int) -> None:
    report = inspect(with_one_more(tmp_path / "cats.zip", "a.png", encoded(noise(99)), method))
    assert skipped(report) == {"a.png": "skip_compression"}


def test_a_file_that_is_too_large_is_skipped(tmp_path: Path) -> None:
    files = pictures(16) | {"large.png": encoded(noise(99, 600, 600))}
    path = change_index(write_zip(tmp_path / "cats.zip", files), "large.png", file_bytes=80 << 20)
    assert skipped(inspect(path)) == {"large.png": "skip_too_large"}


def test_a_bomb_that_lies_about_its_size_gives_no_more_than_it_claims(tmp_path: Path) -> None:
    content = encoded(noise(99)) + b"\0" * (48 << 20)
    path = with_one_more(tmp_path / "cats.zip", "bomb.png", content, zipfile.ZIP_DEFLATED)
    change_index(path, "bomb.png", file_bytes=1000)
    with within_mebibytes(4):
        assert skipped(inspect(path)) == {"bomb.png": "skip_damaged"}


def test_a_member_whose_bytes_have_changed_is_skipped(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(17))
    with zipfile.ZipFile(path) as source:
        at = source.getinfo("00004.png").header_offset + 30 + len("00004.png") + 100
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)
    assert skipped(inspect(path)) == {"00004.png": "skip_damaged"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (png_claiming(0, 16), "skip_broken"),
        (png_claiming(16, 0), "skip_broken"),
        (png_claiming(40_000, 1), "skip_dimensions"),
        (png_claiming(2**31 - 1, 2**31 - 1), "skip_too_many_pixels"),
        (png_claiming(12_000, 9_000), "skip_too_many_pixels"),
        (png_claiming(30_000, 30_000), "skip_too_many_pixels"),
        (png_claiming(16, 16), "skip_broken"),
        (encoded(noise(99, 64, 64))[:-3000], "skip_broken"),
        (encoded(noise(99, 64, 64), "JPEG")[:-900], "skip_broken"),
        (encoded(noise(99, 64, 64), "WEBP")[:-900], "skip_broken"),
        (b"\x89PNG\r\n\x1a\n", "skip_broken"),
        (b"\xff\xd8\xff\xe0 not a JPEG", "skip_broken"),
        (b"", "skip_empty"),
        (b"just words", "skip_no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "skip_format"),
        (encoded(noise(99), "GIF")[:100], "skip_broken"),
        (encoded(noise(99), "BMP")[:-100], "skip_broken"),
        (encoded(noise(99), "TIFF")[:200], "skip_broken"),
        (encoded(noise(99, 64, 64), "AVIF")[:-200], "skip_broken"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "skip_broken"),
        (b"\xff\x0a and so on", "skip_format"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "skip_format"),
        (b"8BPS\0\1", "skip_format"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isom", "skip_format"),
        (b"PAR1 and so on", "skip_parquet"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "skip_pointer"),
        (b"<!DOCTYPE html>\n<title>404</title>", "skip_web_page"),
        (b"<html><body>Please log in.</body></html>", "skip_web_page"),
    ],
    ids=lambda value: value[:12].hex() if isinstance(value, bytes) else value,
)
def test_what_cannot_be_decoded_is_skipped_with_its_reason(tmp_path: Path, content: bytes, code: str) -> None:
    path = with_one_more(tmp_path / "cats.zip", "odd.png", content)
    with within_mebibytes(4):
        report = inspect(path)
    assert skipped(report) == {"odd.png": code}
    assert report.skipped[0].reason.endswith(".")


def test_a_name_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    path = with_one_more(tmp_path / "cats.zip", "\x1b[2J\n\u202eodd.png", b"words")
    (name,) = skipped(inspect(path))
    assert name.isprintable()
    assert name.endswith("odd.png")


def test_a_zip_of_junk_is_refused_with_its_report(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cats.zip", pictures(3) | {f"{number}.docx": b"words" for number in range(20)})
    error = refused(path)
    assert isinstance(error, TooFewPicturesError)
    assert error.report.usable == 3
    assert len(error.report.skipped) == 20
    assert error.values["reason"] == "It is not a picture."


@pytest.mark.parametrize("call", [inspect, lambda path: prepare(path, home=path.parent / "home", size=16)])
def test_a_refused_zip_leaves_nothing_behind(tmp_path: Path, home: Path, call: Callable[[Path], object]) -> None:
    with pytest.raises(TooFewPicturesError):
        call(write_zip(tmp_path / "cats.zip", pictures(15)))
    assert [path for path in home.rglob("*") if path.name != "data"] == []
