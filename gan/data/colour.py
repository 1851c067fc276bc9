"""Converts pictures with a colour profile of their own to sRGB, the colour space of screens."""

import functools
import hashlib
import io

import numpy as np
from PIL import Image, ImageCms

NEARLY_EQUAL = 2  # levels of 255: a profile that changes no colour by more counts as sRGB, and its pictures stay as they are
PROFILES_KEPT = 16  # transforms in the cache; the pictures of a set usually come from few cameras
MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # colour space of a profile -> mode of the pictures it applies to


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture (L, LA, RGB, RGBA or CMYK) in sRGB. It stays unchanged where the profile is sRGB, damaged or of another
    kind.
    """
    if profile is None:
        return image
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colour = image.convert("L" if image.mode == "LA" else "RGB") if alpha is not None else image
    transform = _transform(_Bytes(profile), colour.mode)
    if transform is None:
        return image
    converted = ImageCms.applyTransform(colour, transform)
    if converted is None:
        return image
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


class _Bytes(bytes):
    """A profile whose hash is computed once, for the cache."""

    def __init__(self, content: bytes) -> None:
        self._hash = hash(hashlib.sha256(content).digest())

    def __hash__(self) -> int:
        return self._hash


@functools.lru_cache(PROFILES_KEPT)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the transform of a mode's pictures to sRGB; None where none is needed or possible."""
    try:
        opened = ImageCms.getOpenProfile(io.BytesIO(profile))
        if MODES.get(opened.profile.xcolor_space) != mode:
            return None
        transform = ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB")
        levels = np.linspace(0, 255, 9).astype(np.uint8)
        grid = np.stack(np.meshgrid(*[levels] * len(mode.replace("CMYK", "RGBK")), indexing="ij"), -1)
        sample = Image.fromarray(grid.reshape(9, -1) if mode == "L" else grid.reshape(9, -1, grid.shape[-1]), mode)
        shown = ImageCms.applyTransform(sample, transform)
        before = np.asarray(sample.convert("RGB"), np.int16)
        equal = shown is not None and np.abs(np.asarray(shown, np.int16) - before).max() <= NEARLY_EQUAL
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return None
    return None if equal and mode != "CMYK" else transform
