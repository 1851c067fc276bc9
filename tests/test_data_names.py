"""Names inside archives: their encoding, declared or guessed, and classes that preserve their letters."""

import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from gan.data import inspect
from gan.data.sources.names import decode_names, name_from_field
from tests.zips import encoded, noise

UNICODE_PATH = 0x7075


def with_names(path: Path, raw_names: list[bytes], fields: list[bytes] | None = None) -> Path:
    """Return a zip of six pictures in each folder, with these exact bytes as folder names."""
    entries, index = bytearray(), bytearray()
    for number, raw in enumerate(raw_names):
        for picture in range(6):
            name = raw + f"/{picture}.png".encode()
            content = encoded(noise(100 * number + picture))
            extra = b""
            if fields is not None:
                text = fields[number] + f"/{picture}.png".encode()
                extra = struct.pack("<HHBI", UNICODE_PATH, 5 + len(text), 1, zlib.crc32(name)) + text
            middle = struct.pack(
                "<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content), len(name), len(extra)
            )
            index += (
                b"PK\x01\x02" + struct.pack("<H", 20) + middle + struct.pack("<HHHII", 0, 0, 0, 0, len(entries)) + name + extra
            )
            entries += b"PK\x03\x04" + middle + name + extra + content
    count = 6 * len(raw_names)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(index), len(entries), 0)
    path.write_bytes(bytes(entries + index + end))
    return path


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gbk", ["牡丹", "菊花", "兰花"]),
        ("cp932", ["ソファ", "表", "犬"]),  # their second bytes are backslashes
        ("big5", ["功夫", "許多", "山水"]),  # and so are these
        ("cp949", ["고양이", "강아지", "토끼"]),
        ("cp866", ["лес", "море", "горы"]),
        ("cp437", ["Bäume", "Möwen", "Flüsse"]),
        ("utf-8", ["แมว", "χορτάρι", "ქართული"]),
    ],
)
def test_classes_of_an_archive_in_an_old_encoding_are_read_as_they_were_written(
    tmp_path: Path, encoding: str, names: list[str]
) -> None:
    path = with_names(tmp_path / "old.zip", [name.encode(encoding) for name in names])
    assert inspect(path).classes == dict.fromkeys(sorted(names), 6)


def test_the_field_with_the_exact_name_counts_before_any_guess(tmp_path: Path) -> None:
    raw, exact = [b"\x83\x5c\x83\x4a", b"\x94\x4c", b"b"], ["Łódź", "Žižka", "b"]
    path = with_names(tmp_path / "exact.zip", raw, [name.encode() for name in exact])
    assert inspect(path).classes == dict.fromkeys(sorted(exact), 6)


def test_a_field_for_another_name_is_not_believed() -> None:
    field = struct.pack("<HHBI", UNICODE_PATH, 8, 1, zlib.crc32(b"cat")) + b"dog"
    assert name_from_field(field, b"cat") == "dog"
    assert name_from_field(field, b"cow") is None
    assert name_from_field(field[:6], b"cat") is None


def test_one_encoding_holds_for_the_whole_archive() -> None:
    """On their own, the bytes of the last name would also be valid UTF-8."""
    names = ["汽车", "飞机", "模"]
    assert names[2].encode("gbk").decode("utf-8")
    assert decode_names([name.encode("gbk") for name in names]) == names


def test_names_that_fit_no_encoding_are_still_told_apart() -> None:
    assert len(set(decode_names([b"\xff\xfe\xfd", b"\xff\xfe\xfc"]))) == 2


def test_joiners_and_wide_spaces_stay_in_class_names(tmp_path: Path) -> None:
    names = ["نمی‌دانم", "👩‍🚀", "春　夏", "c\u00a0d", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]
    with zipfile.ZipFile(tmp_path / "letters.zip", "w") as target:
        for number, name in enumerate(names):
            for picture in range(4):
                target.writestr(f"{name}/{picture}.png", encoded(noise(10 * number + picture)))
    assert set(inspect(tmp_path / "letters.zip").classes) == set(names)


def test_names_that_are_cut_stay_apart(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "long.zip", "w") as target:
        for number in range(3):
            for picture in range(6):
                target.writestr(f"{'β' * 230}{number}/{picture}.png", encoded(noise(10 * number + picture)))
    classes = inspect(tmp_path / "long.zip").classes
    assert list(classes.values()) == [6, 6, 6]
    assert all(len(name) <= 200 for name in classes)


def test_one_name_that_falsely_claims_to_be_utf8_does_not_cost_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "flags.zip"
    with zipfile.ZipFile(path, "w") as target:
        for number in range(18):
            target.writestr(f"{'ä' if number % 2 else 'b'}{number:02d}.png", encoded(noise(number)))
    path.write_bytes(path.read_bytes().replace("ä0".encode(), b"\xe4_0"))
    assert inspect(path).usable == 18
