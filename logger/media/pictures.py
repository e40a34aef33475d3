"""Pixels to files of pictures and their thumbs: by Pillow where it is installed, PNG by ourselves where it is not."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import Any, Final

from ...schema.errors import InvalidValue
from ...schema.media.rows import THUMB_PIXELS
from .headers import size_of
from .pixels import MAX_PIXELS, Pixels

QUALITY: Final = 92
_THUMB_QUALITY: Final = 75
_PNG_COLOURS: Final = {"L": 0, "RGB": 2, "RGBA": 6}
_TYPES: Final = {"png": "image/png", "jpeg": "image/jpeg", "jpg": "image/jpeg", "webp": "image/webp"}
FORMATS: Final = ("png", "jpeg", "webp")
_THUMBED: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


@cache
def pillow() -> Any:
    """Pillow's module of pictures, or None where it is not installed."""
    try:
        from PIL import Image
    except ImportError:
        return None
    return Image


def chosen_format(format: object) -> str | None:  # noqa: A002 - as the argument of Image is called
    """The media type that somebody asked for; None where they left it to us.

    Raises:
        InvalidValue: no such format.
    """
    if format is None:
        return None
    found = _TYPES.get(str(format).lower().lstrip("."))
    if found is None:
        raise InvalidValue(f"has format={format!r}; use one of {', '.join(FORMATS)}")
    return found


def encode_pixels(pixels: Pixels, media_type: str | None) -> tuple[bytes, str, tuple[str, ...]]:
    """The bytes of a picture, their type, and what to say of it.

    By default JPEG of quality 92; PNG, which loses nothing, where there is alpha, where no side is longer than a thumb,
    and where Pillow is not installed.
    """
    small = max(pixels.width, pixels.height) <= THUMB_PIXELS
    wanted = media_type or ("image/png" if small or pixels.mode == "RGBA" else "image/jpeg")
    notes: tuple[str, ...] = ()
    module = pillow()
    if wanted == "image/png" or module is None:
        if media_type not in (None, "image/png"):
            notes = (f"is kept as PNG, since {media_type.partition('/')[2]} needs Pillow: pip install pillow",)
        return encode_png(pixels), "image/png", notes
    if wanted == "image/jpeg" and pixels.mode == "RGBA":
        notes = ("is kept as PNG, since JPEG has no alpha; pass three channels or format='webp'",)
        return encode_png(pixels), "image/png", notes
    picture = module.frombytes(pixels.mode, (pixels.width, pixels.height), pixels.data)
    return _saved(picture, wanted), wanted, notes


def encode_png(pixels: Pixels, level: int = 4) -> bytes:
    """A PNG, by zlib alone."""
    stride = pixels.width * pixels.channels
    lines = b"".join(
        b"\0" + pixels.data[at : at + stride] for at in range(0, stride * pixels.height, stride)
    )  # fmt: skip
    head = struct.pack(">IIBBBBB", pixels.width, pixels.height, 8, _PNG_COLOURS[pixels.mode], 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, level)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def encode_foreign(picture: Any, media_type: str | None) -> tuple[bytes, str]:
    """A picture of Pillow's, of whatever mode, as a file."""
    if picture.mode not in ("L", "RGB", "RGBA", "1", "P"):
        # 16 bits of grey would be cut to white.
        picture = picture.point(lambda v: v / 256).convert("L") if picture.mode == "I;16" else picture.convert("RGB")
    small = max(picture.size) <= THUMB_PIXELS
    clear = picture.mode in ("RGBA", "P", "1")
    wanted = media_type or ("image/png" if small or clear else "image/jpeg")
    if wanted == "image/jpeg":
        picture = picture.convert("L" if picture.mode in ("L", "1") else "RGB")
    return _saved(picture, wanted), wanted


def thumb_of(data: bytes, media_type: str) -> bytes | None:
    """A small picture of a file: JPEG, WebP where it is clear in parts.

    None where Pillow is missing, where the picture is no larger than a thumb, and where it can't be decoded.
    """
    size, module = size_of(data, media_type), pillow()
    if module is None or size is None or media_type not in _THUMBED:
        return None
    if max(size) <= THUMB_PIXELS or size[0] * size[1] > MAX_PIXELS:
        return None
    try:
        with module.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (2 * THUMB_PIXELS, 2 * THUMB_PIXELS))
            turned = _upright(picture)
            clear = turned.mode in ("RGBA", "LA", "P", "PA")
            small = turned.convert("RGBA" if clear else "L" if turned.mode in ("L", "1") else "RGB")
            small.thumbnail((THUMB_PIXELS, THUMB_PIXELS))
            return _saved(small, "image/webp" if clear else "image/jpeg", quality=_THUMB_QUALITY)
    except Exception:  # noqa: BLE001 - whatever a broken file makes of Pillow: it is kept, and shown as it is
        return None


def _upright(picture: Any) -> Any:
    """Turned as its camera says, as browsers show it."""
    from PIL import ImageOps

    return ImageOps.exif_transpose(picture)


def _saved(picture: Any, media_type: str, *, quality: int = QUALITY) -> bytes:
    sink = io.BytesIO()
    if media_type == "image/jpeg":
        picture.save(sink, "JPEG", quality=quality)
    elif media_type == "image/webp":
        picture.save(sink, "WEBP", quality=quality, method=0)
    else:
        picture.save(sink, "PNG", compress_level=4)
    return sink.getvalue()
