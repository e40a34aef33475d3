"""What artifacts, their versions, aliases and files may be called. Pure checks with errors that tell the fix."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple
from urllib.parse import quote

from ..errors import InvalidName
from ..names import check_text

MAX_NAME_BYTES: Final = 128
"""Longest name of an artifact, in bytes of its percent-encoded form."""
MAX_PATH_BYTES: Final = 4_096
"""Longest path of a file inside an artifact, in bytes of UTF-8."""
LATEST: Final = "latest"
"""Means the newest living version; nobody may give this alias."""

_VERSION: Final = re.compile(r"v(?P<number>[1-9][0-9]{0,8})-(?P<rand>[0-9a-f]{8})")
_NUMBER: Final = re.compile(r"v[0-9]+(-[0-9a-f]{8})?")
_ALIAS: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_SEPARATORS: Final = ":@/\\"


class Version(NamedTuple):
    """A version's id, `v<number>-<rand>`: two writers may claim one number, and both stay. Sorts by number."""

    number: int
    rand: str
    """8 hex digits."""

    def __str__(self) -> str:
        return f"v{self.number}-{self.rand}"


def parse_version(text: str) -> Version | None:
    """The version that `text` spells in full; None for anything else, a bare `v3` among it."""
    match = _VERSION.fullmatch(text)
    return Version(int(match["number"]), match["rand"]) if match else None


def check_artifact_name(name: object) -> str:
    """Return `name` when an artifact can be called so: text without `:`, `@`, slashes, and no dot at either end.

    Raises:
        InvalidName: with what to change.
    """
    text = check_text(name, what="artifact name")
    found = sorted(set(text) & set(_SEPARATORS))
    if found:
        raise InvalidName(
            f"artifact name {text!r} contains {' '.join(found)}, which sets versions and projects apart; "
            f"write {re.sub('[:@/]|' + re.escape(chr(92)), '-', text)!r}"
        )
    if text.startswith(".") or text.endswith("."):
        raise InvalidName(
            f"artifact name {text!r} must not begin or end with a dot; write {text.strip('.') or 'data'!r}"
        )
    if text == LATEST or _NUMBER.fullmatch(text):
        raise InvalidName(f"artifact name {text!r} means a version of one; call it {'data-' + text!r}, for example")
    size = len(quote(text, safe=""))
    if size > MAX_NAME_BYTES:
        raise InvalidName(f"artifact name {text!r} takes {size} bytes percent-encoded; at most {MAX_NAME_BYTES} fit")
    return text


def check_alias(alias: object) -> str:
    """Return `alias` when a version can be called so: a lower-case letter, then letters, digits, `_`, `-`; at most 64.

    Raises:
        InvalidName: with what to change; also for `latest` and what looks like a version.
    """
    text = check_text(alias, what="alias")
    if text == LATEST or _NUMBER.fullmatch(text):
        raise InvalidName(f"alias {text!r} means a version by itself; give another, such as 'best'")
    if not _ALIAS.fullmatch(text):
        raise InvalidName(
            f"alias {text!r} must be a lower-case letter followed by at most 63 lower-case letters, digits, '_' or '-'"
        )
    return text


def check_file_path(path: object) -> str:
    """Return `path` when a file can stand under it inside an artifact: relative, with `/`, never out of it.

    Everything else is kept exactly: spaces, line breaks, any script, leading and trailing dots.

    Raises:
        InvalidName: with what to change.
    """
    if not isinstance(path, str) or not path:
        raise InvalidName(f"file path {path!r} must be text that is not empty")
    segments = path.split("/")
    if "" in segments or "." in segments or ".." in segments:
        raise InvalidName(f"file path {path!r} must be relative, without empty parts, '.' and '..'")
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        raise InvalidName(f"file path {path!r} is not UTF-8; rename the file") from None
    if "\0" in path:
        raise InvalidName(f"file path {path!r} contains a zero byte; take it out")
    if size > MAX_PATH_BYTES:
        raise InvalidName(f"file path {path[:60]!r}… takes {size} bytes; at most {MAX_PATH_BYTES} fit")
    return path


def folded(path: str) -> str:
    """What a file system that minds neither case nor composition makes of a path: equal for two that it confuses."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
