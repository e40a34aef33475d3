"""Kinds of media, the types of their bytes, and which of these a browser may show. Pure."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias, get_args

MediaKind: TypeAlias = Literal[
    "image", "figure", "table", "histogram", "text", "html", "audio", "video", "plotly", "json"
]  # fmt: skip
KINDS: Final[tuple[MediaKind, ...]] = get_args(MediaKind)

JSON: Final = "application/json"
TEXT: Final = "text/plain"
HTML: Final = "text/html"
SVG: Final = "image/svg+xml"
UNKNOWN: Final = "application/octet-stream"
EXTENSIONS: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    SVG: "svg",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "video/mp4": "mp4",
    "video/webm": "webm",
    JSON: "json",
    TEXT: "txt",
    HTML: "html",
}
"""By media type what a file of it is called; all others are `bin`."""
SHOWN: Final = frozenset(
    {"image/png", "image/jpeg", "image/webp", "image/gif", "audio/wav", "audio/mpeg", "video/mp4", "video/webm", TEXT}
)
"""Types that run nothing in a browser, so that it may show them by themselves."""
_SVG: Final = re.compile(rb"\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]", re.DOTALL)
_MP3: Final = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"ID3")


def extension_of(media_type: str) -> str:
    """What a file of this type ends in, without the dot."""
    return EXTENSIONS.get(media_type, "bin")


def sniff(data: bytes) -> str:
    """The media type of bytes by how they begin; `application/octet-stream` where that does not tell."""
    head = data[:16]
    for magic, media_type in (
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"),
        (b"\x1aE\xdf\xa3", "video/webm"),
    ):
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(_MP3):
        return "audio/mpeg"
    return SVG if _SVG.match(data[:4096]) else UNKNOWN
