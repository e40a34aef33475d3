"""What text of other tools means. Pure."""

from __future__ import annotations

import hashlib
import math
import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote
from zlib import crc32

from ..schema.errors import InvalidName
from ..schema.names import MAX_PROJECT_BYTES, MAX_TEXT_CHARS, check_metric, check_project, without_label

_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_LONGEST: Final = 500
_EARLIEST_MS: Final = -62_135_596_800_000
_LATEST_MS: Final = 253_402_300_799_000


def typed(text: str) -> object:
    """The value that was written as `text`: an int, a float, a bool or None, where writing it gives that very text.

    So `001`, `0.10` and `7e10`, which may be names, stay text.
    """
    if text in ("True", "False"):
        return text == "True"
    if text == "None":
        return None
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if str(value) == text:
            return value
    return text


def id_of(tool: str, *parts: str) -> str:
    """The run id of what has none that can be kept: from its tool and what tells it apart; the same every time."""
    return f"{tool}-{hashlib.sha256(chr(0).join(parts).encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


def one_line(text: str, *, longest: int = MAX_TEXT_CHARS) -> str:
    """Text as a name or tag may be: without line breaks and controls, and not too long."""
    return _CONTROLS.sub(" ", text).strip()[:longest]


def metric_name(name: str) -> str:
    """A metric's name as the lake has it: ` [` is `[`, controls are blanks, and what is too long is cut.

    Raises:
        InvalidName: nothing is left of it.
    """
    return check_metric(without_label(_CONTROLS.sub(" ", name))[:_LONGEST])


def project_name(name: str, *, otherwise: str) -> str:
    """A project's name that the lake takes: `p-` goes before what begins with no letter, a checksum ends a long one."""
    clean = one_line(name) or otherwise
    for candidate in (clean, f"p-{clean}"):
        short = _short(candidate)
        try:
            return check_project(short)
        except InvalidName:
            continue
    return check_project(otherwise)


def _short(name: str) -> str:
    """A name of at most the bytes that a folder's name takes; two that differ only beyond stay apart."""
    if len(quote(name, safe="")) <= MAX_PROJECT_BYTES:
        return name
    cut = name
    while len(quote(cut, safe="")) > MAX_PROJECT_BYTES - 9:
        cut = cut[:-1]
    return f"{cut}-{crc32(name.encode()):08x}"


def milliseconds(text: object) -> int | None:
    """Of a time as ISO 8601 says it, where it says no zone in UTC; None for what is none."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return sensible(when.timestamp() * 1000)


def sensible(ms: float | None) -> int | None:
    """A time in milliseconds that every reader can show, else None."""
    if ms is None or not math.isfinite(ms) or not _EARLIEST_MS <= ms <= _LATEST_MS:
        return None
    return round(ms)
