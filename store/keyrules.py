"""Which keys a store accepts. Pure checks, so that every backend refuses the same names.

A key is one or more segments joined by single slashes. Segments consist of ASCII letters, digits and
``-_.~%=+@,:;!$&'()`` and space: what percent-encoding leaves, plus what no backend, glob or URL parser
gives a meaning of its own. Climbing out of the root is impossible: ``.`` and ``..`` are no segments.
"""

from __future__ import annotations

import re
from typing import Final

from ..schema.errors import InvalidName

MAX_KEY_BYTES: Final = 900
"""Longest key. S3 takes 1,024 bytes including the prefix that the lake lives under."""
MAX_SEGMENT_BYTES: Final = 255
"""Longest name of a file or folder on common file systems."""
TMP: Final = "_tmp"
"""The folder at the root where file systems write before they rename; no key may start with it."""

_KEY: Final = re.compile(r"[A-Za-z0-9._~%=+@,:;!$&'() -]+(?:/[A-Za-z0-9._~%=+@,:;!$&'() -]+)*")


def _complaint(key: object) -> str | None:
    if not isinstance(key, str):
        return f"must be a string, not {type(key).__name__}"
    if not _KEY.fullmatch(key):
        return (
            "must be segments of ASCII letters, digits and -_.~%=+@,:;!$&'() joined by single slashes, "
            "without a slash at either end; percent-encode everything else"
        )
    if len(key) > MAX_KEY_BYTES:
        return f"is {len(key)} bytes long; at most {MAX_KEY_BYTES} fit"
    segments = key.split("/")
    if "." in segments or ".." in segments:
        return "must not contain '.' or '..' as a segment"
    if segments[0] == TMP:
        return f"must not start with {TMP}/, which is reserved for unfinished writes"
    longest = max(map(len, segments))
    if longest > MAX_SEGMENT_BYTES:
        return f"has a segment of {longest} bytes; file systems take at most {MAX_SEGMENT_BYTES}"
    return None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:100]}… ({len(text)} characters)"


def is_key(key: str) -> bool:
    """Whether a store accepts `key`."""
    return _complaint(key) is None


def check_key(key: str) -> str:
    """Return `key` when a store accepts it.

    Raises:
        InvalidName: with what is wrong.
    """
    if complaint := _complaint(key):
        raise InvalidName(f"key {_shown(key)} {complaint}")
    return key


def check_prefix(prefix: str) -> str:
    """Return `prefix` when it is empty (the whole lake) or a key with one slash behind it.

    Raises:
        InvalidName: with what is wrong.
    """
    if prefix == "":
        return prefix
    if not isinstance(prefix, str) or not prefix.endswith("/"):
        raise InvalidName(f"prefix {_shown(prefix)} must be a folder: end it with a slash")
    if complaint := _complaint(prefix[:-1]):
        raise InvalidName(f"prefix {_shown(prefix)} {complaint}")
    return prefix
