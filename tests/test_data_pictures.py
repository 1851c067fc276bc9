"""Single picture files: good pixels with unusual metadata, profiles, formats, and disproportionate work."""

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from gan.data import TooFewPicturesError, examine, inspect
from gan.data.containers import MAX_SCANS, open_jpeg
from gan.data.pictures import decode
from gan.data.report import Unusable
from tests.zips import encoded, noise, pictures, write_zip

TURN = Image.Transpose
UPRIGHT = {  # by the table of EXIF 2.32, 4.6.4.A
    2: TURN.FLIP_LEFT_RIGHT,
    3: TURN.ROTATE_180,
    4: TURN.FLIP_TOP_BOTTOM,
    5: TURN.TRANSPOSE,
    6: TURN.ROTATE_270,
    7: TURN.TRANSVERSE,
    8: TURN.ROTATE_90,
}
RED, BLUE = (255, 0, 0), (0, 0, 255)


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(decode(content).image).astype(int)


def refusal(content: bytes) -> str:
    with pytest.raises(Unusable) as caught:
        decode(content)
    return caught.value.code


def halves() -> Image.Image:
    image = Image.new("RGB", (32, 32), RED)
    image.paste(BLUE, (16, 0, 32, 32))
    return image


def chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)


def with_chunk(content: bytes, extra: bytes) -> bytes:
    return content[:33] + extra + content[33:]


def app(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


# Unusual metadata


def test_what_stands_beside_the_pixels_of_a_png_never_breaks_it() -> None:
    image = noise(1)
    plain = encoded(image)
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", "0" * 3_000_000, zip=True)
    odd = [
        encoded(image, pnginfo=text),
        with_chunk(plain, chunk(b"zTXt", b"Comment\0\0" + b"no zlib")),
        with_chunk(plain, chunk(b"iCCP", b"p\0\0" + zlib.compress(b"\0" * 9_000_000))),
        with_chunk(plain, chunk(b"tEXt", b"a\0b", crc=7)),
        with_chunk(plain, chunk(b"eXIf", b"II*\0\xff\xff\xff\xff")),
        with_chunk(plain, chunk(b"pHYs", b"short")),
        with_chunk(plain, chunk(b"acTL", b"\0\0\0\1")),
    ]
    for content in odd:
        assert (pixels(content) == np.asarray(image)).all()


def test_what_stands_beside_the_pixels_of_a_jpeg_never_breaks_it() -> None:
    plain = encoded(noise(2), "JPEG", quality=95)
    odd = [
        app(0xE1, b"Exif\0\0MM\0*" + b"\xff" * 20),
        app(0xE1, b"Exif\0\0"),
        app(0xE2, b"MPF\0" + b"\7" * 30),
        app(0xE2, b"ICC_PROFILE\0\5"),
    ]
    for segment in odd:
        assert (pixels(plain[:2] + segment + plain[2:]) == pixels(plain)).all()


def test_the_orientation_is_read_though_the_rest_of_the_exif_is_wrong() -> None:
    fields = struct.pack("<HHII", 0x010F, 2, 2**31, 2**31) + struct.pack("<HHIHH", 0x0112, 3, 1, 3, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + fields
    plain = encoded(halves(), "JPEG", quality=95, subsampling=0)
    turned = pixels(plain[:2] + app(0xE1, exif) + plain[2:])
    assert np.abs(turned[:, :14] - BLUE).max() < 8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_is_undone_in_every_format(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = noise(3, 6, 4).resize((48, 32), Image.Resampling.NEAREST)
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 100, "subsampling": 0},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    }
    content = encoded(image, form, exif=exif, **options.get(form, {}))
    turn = UPRIGHT.get(orientation)
    expected = image if turn is None else image.transpose(turn)
    assert np.abs(pixels(content) - np.asarray(expected).astype(int)).mean() < 6


# Profiles


def display_p3() -> bytes:
    """Return a profile with other primaries than sRGB's: the sRGB profile with its red and green colorants moved."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    for at in range(132, 132 + 12 * count, 12):
        tag, offset, _ = struct.unpack_from(">4sII", profile, at)
        primaries = {b"rXYZ": (0.5151, 0.2412, -0.0011), b"gXYZ": (0.2919, 0.6922, 0.0419), b"bXYZ": (0.1572, 0.0666, 0.7841)}
        if tag in primaries:
            struct.pack_into(">3i", profile, offset + 8, *(round(value * 65536) for value in primaries[tag]))
    return bytes(profile)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_wide_colour_is_converted_to_srgb(form: str) -> None:
    """(234, 51, 35) in Display P3 is pure red of sRGB."""
    image = Image.new("RGB", (32, 32), (234, 51, 35))
    options: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}
    shown = pixels(encoded(image, form, icc_profile=display_p3(), **options.get(form, {})))
    assert np.abs(shown - RED).max() <= 6
    seen_through = image.copy()
    seen_through.putalpha(100)
    if form == "PNG":
        assert np.abs(pixels(encoded(seen_through, icc_profile=display_p3()))[:, :, :3] - RED).max() <= 6


def test_a_profile_of_srgb_or_of_another_kind_changes_nothing() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(), b"no profile" * 30):
        assert (pixels(encoded(noise(4), icc_profile=profile)) == np.asarray(noise(4))).all()


# Formats


@pytest.mark.parametrize("form", ["AVIF", "BMP", "GIF", "HEIF", "TIFF"])
def test_what_telephones_and_scanners_write_is_read(form: str, tmp_path: Path) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    image = noise(5, 4, 4).resize((64, 64), Image.Resampling.BICUBIC)
    content = encoded(image.quantize(256) if form == "GIF" else image, form)
    assert np.abs(pixels(content) - np.asarray(image).astype(int)).mean() < 12
    report = inspect(write_zip(tmp_path / "a.zip", pictures(16) | {"IMG_0001": content}))
    assert (report.usable, report.skipped) == (17, [])


def test_an_animation_is_named_and_not_taken_for_a_picture() -> None:
    frames = [noise(number).quantize(16) for number in range(3)]
    assert refusal(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])) == "skip_animated"


def test_other_formats_are_named_with_a_way_to_convert_them(tmp_path: Path) -> None:
    files = {"a.jxl": b"\xff\x0a" + b"\0" * 30, "b.psd": b"8BPS" + b"\0" * 30, "c.NEF": encoded(noise(6), "TIFF")}
    report = inspect(write_zip(tmp_path / "a.zip", pictures(16) | files))
    reasons = {each.name: each.reason for each in report.skipped}
    assert [words in reasons[name] for name, words in zip(files, ("JPEG XL", "Photoshop", "camera raw"), strict=True)] == [
        True
    ] * 3
    assert all("magick" in reason for reason in reasons.values())


def test_decimal_levels_are_refused_and_32_bit_ones_are_bounded() -> None:
    assert refusal(encoded(Image.new("F", (16, 16), 0.5), "TIFF")) == "skip_depth"
    assert (pixels(encoded(Image.new("I", (16, 16), 2**20), "TIFF")) == 255).all()


# Work, and data that ends early


def progressive(image: Image.Image) -> bytes:
    return encoded(image, "JPEG", progressive=True, quality=90)


def test_a_jpeg_of_very_many_scans_is_refused_before_it_is_decoded() -> None:
    plain = progressive(noise(7, 64, 64))
    scan = plain[plain.rindex(b"\xff\xda") : -2]
    assert decode(plain[:-2] + scan + b"\xff\xd9").shorter_side == 64
    assert refusal(plain[:-2] + scan * MAX_SCANS + b"\xff\xd9") == "skip_scans"


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_jpeg_whose_data_ends_early_is_not_filled_up_with_grey(kept: float) -> None:
    plain = encoded(noise(8, 128, 128), "JPEG", quality=90)
    for end in (b"", b"\xff\xd9"):
        assert refusal(plain[: int(kept * len(plain))].rstrip(b"\xff") + end) in {"skip_broken", "skip_cut_off"}
    step = progressive(noise(8, 128, 128))
    cut = step.index(b"\xff\xda", int(kept * len(step)) - 3000)
    assert refusal(step[:cut] + b"\xff\xd9") == "skip_cut_off"


def test_a_jpeg_without_its_end_marker_is_whole_and_one_that_lost_a_little_more_is_not() -> None:
    plain = encoded(noise(13, 64, 64), "JPEG", quality=90)
    for end in (-1, -2):
        assert (pixels(plain[:end]) == pixels(plain)).all()
    assert refusal(plain[:-40]) == "skip_broken"


def test_a_grey_picture_is_not_taken_for_one_that_was_cut_off() -> None:
    half = noise(9, 64, 64)
    half.paste((128, 128, 128), (0, 32, 64, 64))
    for image in (Image.new("RGB", (64, 64), (128, 128, 128)), half, half.convert("L")):
        for content in (encoded(image, "JPEG", quality=95), progressive(image)):
            assert decode(content).shorter_side == 64


def test_pictures_behind_the_first_one_in_a_file_are_passed_over() -> None:
    first, second = (encoded(noise(number), "JPEG") for number in (10, 11))
    assert open_jpeg(first + second).content == first
    assert (pixels(first + second) == pixels(first)).all()


def test_a_source_has_a_budget_of_processor_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine, "BASE_SECONDS", -1.0)
    monkeypatch.setattr(examine, "SECONDS_PER_MEGABYTE", 0.0)
    with pytest.raises(TooFewPicturesError) as caught:
        inspect(write_zip(tmp_path / "a.zip", pictures(20)))
    assert {each.reason_code for each in caught.value.report.skipped} == {"skip_out_of_time"}
    assert [code for code, _ in caught.value.report.warnings] == ["out_of_time"]
