"""Reads the metadata of a picture file within bounds, and removes it before the pixels are decoded.

Pictures carry texts, thumbnails, camera data and colour profiles of any size, possibly damaged. These must not make a good
picture unreadable, so they never reach a decoder. Only the orientation and the colour profile are used.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from gan.data.report import Unusable
from gan.files import png_chunks

MAX_PROFILE_BYTES = 4 << 20  # a printer's profile, with its tables, has 1 or 2 MB
# scans of a JPEG: encoders write up to about 20, and decoding each one costs as much as decoding the whole picture
MAX_SCANS = 100
MAX_EXIF_FIELDS = 500
ORIENTATION = 0x0112
PNG_NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
# Markers of JPEG (ITU T.81, table B.1).
SOF = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
SOS, EOI, APP1, APP2, APP14 = 0xDA, 0xD9, 0xE1, 0xE2, 0xEE
PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
APPS_AND_COMMENT = {*range(0xE0, 0xF0), 0xFE}
NEXT_MARKER = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")  # in coded data, where FF 00 is a byte and D0 to D7 are restart markers
EXIF_START, ICC_START = b"Exif\0\0", b"ICC_PROFILE\0"


class Opened(NamedTuple):
    """A file reduced to what its pixels need, its orientation (1 to 8, as in EXIF), and its colour profile, if it has one."""

    content: bytes
    orientation: int = 1
    profile: bytes | None = None
    has_end: bool = True  # False for a JPEG without its end marker: it was cut off, or a camera wrote it that way


def open_png(content: bytes) -> Opened:
    """Open a PNG without its ancillary chunks. An animated PNG is thereby reduced to its still picture."""
    needed: list[tuple[int, int]] = []
    orientation, profile, whole = 1, None, True
    try:
        for kind, start, end in png_chunks(content):
            if kind in PNG_NEEDED:
                if needed and needed[-1][1] == start - 8:
                    needed[-1] = needed[-1][0], end + 4
                else:
                    needed.append((start - 8, end + 4))
            else:
                whole = False
                if kind == b"eXIf":
                    orientation = orientation_in(content[start:end])
                elif kind == b"iCCP" and profile is None:
                    profile = _png_profile(content[start:end])
            if kind == b"IEND":
                break
    except ValueError as error:
        raise Unusable("skip_broken") from error
    if whole or not needed:
        return Opened(content)
    last = needed[-1][1]
    # a truncated file stays truncated, so that the decoder reports it
    rest = b"" if content[last - 8 : last - 4] == b"IEND" else content[last:]
    return Opened(content[:8] + b"".join(content[start:end] for start, end in needed) + rest, orientation, profile)


def _png_profile(data: bytes) -> bytes | None:
    """Return the profile of an iCCP chunk, which holds a name, a null byte, the method, and deflated bytes."""
    _, _, packed = data.partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return None
    return profile if unpacker.eof else None


def open_jpeg(content: bytes) -> Opened:
    """Open a JPEG without its application data. Raises Unusable for too many scans, and for a file that was cut off between
    scans.
    """
    cut: list[tuple[int, int]] = []
    orientation, has_end = 1, False
    parts: dict[int, bytes] = {}
    scans = _Scans()
    for marker, start, end in _segments(content):
        if marker == SOS:
            scans.add(content[start + 4 : end])
        elif marker in SOF and not scans.count:
            scans.begin(marker, content[start + 4 : end])
        elif marker == EOI:
            has_end = True
            cut.append((end, len(content)))  # further pictures follow, which phones append
        elif marker in APPS_AND_COMMENT:
            data = content[start + 4 : end]
            if marker == APP1 and data.startswith(EXIF_START) and orientation == 1:
                orientation = orientation_in(data[6:])
            elif marker == APP2 and data.startswith(ICC_START) and len(data) > 14:
                parts.setdefault(data[12], data[14:])
            # these two segments define how colours are coded
            if marker != APP14 and not (marker == 0xE0 and data.startswith(b"JFIF\0")):
                cut.append((start, end))
    scans.check()
    profile = b"".join(parts[number] for number in sorted(parts)) or None
    if profile is not None and (len(profile) > MAX_PROFILE_BYTES or sorted(parts) != list(range(1, len(parts) + 1))):
        profile = None
    kept = _without(content, cut)
    return Opened(kept if has_end else kept.rstrip(b"\xff") + b"\xff\xd9", orientation, profile, has_end)


def _without(content: bytes, cut: list[tuple[int, int]]) -> bytes:
    if not cut:
        return content
    kept, at = [], 0
    for start, end in cut:
        kept.append(content[at:start])
        at = end
    kept.append(content[at:])
    return b"".join(kept)


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the marker segments of a JPEG up to its end marker: (marker, start, end). Coded data is skipped."""
    at = 2
    while at + 2 <= len(content):
        if content[at] != 0xFF:  # damaged or coded data: search for the next marker, as decoders do
            found = NEXT_MARKER.search(content, at)
            if found is None:
                return
            at = found.end() - 2
        marker = content[at + 1]
        if marker == 0xFF:  # fill bytes
            at += 1
            continue
        if marker == EOI:
            yield marker, at, at + 2
            return
        if marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD8:  # markers without a length
            at += 2
            continue
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if end > len(content):
            return
        yield marker, at, end
        at = end
        if marker == SOS:
            found = NEXT_MARKER.search(content, at)
            if found is None:
                return
            at = found.end() - 2


class _Scans:
    """The scans of a JPEG: their number, and for a progressive JPEG whether they carry every coefficient to its last bit."""

    def __init__(self) -> None:
        self.count = 0
        self._progressive = False
        self._components: list[int] = []
        self._bits: dict[tuple[int, int], int] = {}  # (component, coefficient) -> number of low bits still missing

    def begin(self, marker: int, frame: bytes) -> None:
        self._progressive = marker in PROGRESSIVE
        self._components = list(frame[6::3])[: frame[5] if len(frame) > 5 else 0]

    def add(self, header: bytes) -> None:
        self.count += 1
        if self.count > MAX_SCANS:
            raise Unusable("skip_scans", limit=MAX_SCANS)
        number = header[0] if header else 0
        if self._progressive and len(header) >= 4 + 2 * number:
            first, last, bits = header[1 + 2 * number : 4 + 2 * number]
            for component in header[1 : 1 + 2 * number : 2]:
                for coefficient in range(first, min(last, 63) + 1):
                    self._bits[component, coefficient] = bits & 15

    def check(self) -> None:
        """Raise Unusable if a progressive picture ends before all coefficients are complete."""
        if not self._progressive or not self.count:
            return
        begun = {component for component, coefficient in self._bits if coefficient == 0}
        luma = {coefficient for component, coefficient in self._bits if component in self._components[:1]}
        if set(self._components) - begun or len(luma) < 64 or any(self._bits.values()):
            raise Unusable("skip_cut_off")


def with_more_data(content: bytes) -> bytes:
    """Return a JPEG with some more coded data before its end. This changes the picture only if data was missing."""
    end = len(content) - 2 if content.endswith(b"\xff\xd9") else len(content)
    return content[:end] + b"\x5a\xa5\x3c\xc3" * 64 + content[end:]


def orientation_in(exif: bytes) -> int:
    """Return the orientation in EXIF data (TIFF header and first directory), 1 to 8; 1 where the tag is missing or invalid."""
    exif = exif.removeprefix(EXIF_START)
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 10:
        return 1
    (at,) = struct.unpack_from(order + "I", exif, 4)
    if at + 2 > len(exif):
        return 1
    (count,) = struct.unpack_from(order + "H", exif, at)
    for place in range(at + 2, min(at + 2 + 12 * min(count, MAX_EXIF_FIELDS), len(exif) - 11), 12):
        tag, kind, number = struct.unpack_from(order + "HHI", exif, place)
        if tag == ORIENTATION and kind in (3, 4) and number == 1:
            (value,) = struct.unpack_from(order + ("H" if kind == 3 else "I"), exif, place + 8)
            return value if 1 <= value <= 8 else 1
    return 1
