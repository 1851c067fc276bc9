"""Recognises picture formats by a file's first bytes: the formats that are read, and the names of those that are not."""

from gan.data.report import Unusable

# Pillow's names of the formats. Only these are opened: other decoders of Pillow start programs or are hardly tested.
FORMATS = ("PNG", "JPEG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF")

STARTS = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}
FOREIGN_STARTS = (
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"II\xbc", "JPEG XR"),
    (b"8BPS", "Photoshop"),
    (b"gimp xcf", "GIMP"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"<svg", "SVG"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"qoif", "QOI"),
    (b"v/1\x01", "OpenEXR"),
    (b"DDS ", "DDS"),
    (b"FUJIFILM", "camera raw"),
    (b"IIRO", "camera raw"),
    (b"IIU\x00", "camera raw"),
    (b"II+\x00", "BigTIFF"),
    (b"MM\x00+", "BigTIFF"),
    (b"P4\n", "PNM"),
    (b"P5\n", "PNM"),
    (b"P6\n", "PNM"),
    (b"\x1aE\xdf\xa3", "video"),
)
CAMERA_RAW = {".3fr", ".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".sr2", ".srw"}
ARCHIVE_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xfd7zXZ", b"BZh", b"\x28\xb5\x2f\xfd")
PARQUET_START = b"PAR1"
POINTER_START = b"version https://"  # of a text of 130 bytes that Git LFS leaves in place of a file that was not fetched
WEB_PAGE_STARTS = (b"<!doctype html", b"<html")


def format_of(start: bytes) -> str | None:
    """Return the format, one of FORMATS, from a file's first 12 bytes or more; None for anything else."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        return "AVIF" if brand in AVIF_BRANDS else "HEIF" if brand in HEIF_BRANDS else None
    return next((name for known, name in STARTS if start.startswith(known)), None)


def check_start(start: bytes, name: str) -> None:
    """Refuse a file by its first 16 bytes. The ending of its name does not determine the format; it only serves to refuse camera
    raw files, which are TIFF files that hold a thumbnail.

    Raises Unusable.
    """
    if format_of(start) is not None:
        if name[name.rfind(".") :].lower() in CAMERA_RAW:
            raise Unusable("skip_format", format="camera raw")
        return
    if start.startswith(ARCHIVE_STARTS):
        raise Unusable("skip_archive")
    if start[4:8] == b"ftyp":
        raise Unusable("skip_format", format="camera raw" if start[8:11] == b"crx" else "video")
    if start.startswith(PARQUET_START):
        raise Unusable("skip_parquet")
    if start.startswith(POINTER_START):
        raise Unusable("skip_pointer")
    if start.lower().startswith(WEB_PAGE_STARTS):
        raise Unusable("skip_web_page")
    for known, form in FOREIGN_STARTS:
        if start.startswith(known):
            raise Unusable("skip_format", format=form)
    raise Unusable("skip_no_picture")
