"""Versioned JSON objects: what each may hold, its bytes, and how it is named. Pure.

A document has a name (slug) and versions; each version is an object that is written once. The newest that reads
counts, all are kept, and fields that a version of lakeboard does not know survive its saving.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from .checksum import CHECKSUM_KEY, stamped_json, verify_json
from .errors import DamagedObject, InvalidName, InvalidSetting, InvalidValue
from .names import check_text
from .text.jsontext import loads

MAX_SLUG_BYTES: Final = 200
"""Longest name of a document, in bytes of its percent-encoded form."""
MAX_DOCUMENT_BYTES: Final = 1_000_000
"""Of one version, whatever it is of."""
MAX_DOCUMENT_DEPTH: Final = 32
"""Objects and lists within each other."""
MAX_DOCUMENT_VALUES: Final = 50_000
"""Values in one version, counted by what separates and encloses them."""
_EDITOR: Final = "editor"
_DELETED: Final = "deleted"
OWN_FIELDS: Final = frozenset({_EDITOR, _DELETED, CHECKSUM_KEY})
"""What every version may say beside its content."""
_LONGEST_DERIVED: Final = 60
_TEXTS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
"""Texts, and one that never ends: so that each byte is looked at once."""
_HALVES: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """What one version says."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    """Its content: text, numbers, booleans, None, lists and dicts of them."""
    editor: str | None = None
    """Who saved it, as far as is known."""
    deleted: bool = False
    """Whether it says that the document is gone; its content is the last one before."""


def encode_document(document: Document, *, what: str, max_bytes: int = MAX_DOCUMENT_BYTES) -> bytes:
    """The object's bytes; `decode_document` inverts it. Half characters are written as what stands for them.

    Args:
        document: what it says; `OWN_FIELDS` among its fields are left out.
        what: for the message, such as `view 'best'`.
        max_bytes: how large it may be.

    Raises:
        InvalidValue: it is too large, too deep or holds what JSON can't; names `what` and the limit.
    """
    plain = {name: value for name, value in document.fields.items() if name not in OWN_FIELDS}
    if document.editor is not None:
        plain[_EDITOR] = document.editor
    if document.deleted:
        plain[_DELETED] = True
    try:
        text = json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidValue(f"{what} can't be written as JSON: {error}") from error
    data = stamped_json(_HALVES.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text).encode())
    excess = _excess(data, max_bytes)
    if excess:
        raise InvalidValue(f"{what} {excess}")
    return data


def decode_document(data: bytes, *, key: str, max_bytes: int = MAX_DOCUMENT_BYTES) -> Document:
    """What an object says. Its checksum, size, depth and count are judged before it is parsed.

    Raises:
        DamagedObject: its bytes are not those that were written, or are no document; names `key` and says which.
    """
    verify_json(data, key=key)
    excess = _excess(data, max_bytes)
    if excess:
        raise DamagedObject(f"{key} {excess}; it was not read", key=key)
    try:
        found = load_object(data.decode(), what="the document")
        editor, deleted = found.pop(_EDITOR, None), found.pop(_DELETED, False)
        if not isinstance(editor, str | None) or not isinstance(deleted, bool):
            raise InvalidSetting(f"editor is {editor!r} and deleted is {deleted!r}; expected text and a boolean")
    except (InvalidSetting, UnicodeDecodeError) as error:
        raise DamagedObject(f"{key} is not what this lakeboard reads: {error}", key=key) from error
    return Document(found, editor, deleted)


def load_object(text: str | bytes, *, what: str) -> dict[str, Any]:
    """A JSON object that `load_json` reads, without its checksum.

    Raises:
        InvalidSetting: it is not one; the message says why.
    """
    found = load_json(text, what=what)
    if not isinstance(found, dict):
        raise InvalidSetting(f"{what} is JSON, but no object")
    found.pop(CHECKSUM_KEY, None)
    return found


def load_json(text: str | bytes, *, what: str) -> Any:
    """Strict JSON that can be written again: no NaN, no half characters.

    Args:
        text: the JSON.
        what: for the message, such as `the saved view`.

    Raises:
        InvalidSetting: it is not; the message says why.
    """
    try:
        found = loads(text, key=what)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (DamagedObject, ValueError) as error:
        raise InvalidSetting(f"{what} is not JSON: {error}") from None
    return found


def keep_unknown(fields: Mapping[str, Any], before: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """`fields`, and those of the version before that neither they nor this version of lakeboard know."""
    kept = {name: value for name, value in before.items() if name not in known and name not in OWN_FIELDS}
    return kept | dict(fields)


def check_slug(slug: object, *, what: str = "board") -> str:
    """Return `slug` when a document can be named so: what fits a link and a folder's name.

    Raises:
        InvalidName: with what to change.
    """
    text = check_text(slug, what=f"{what} name")
    if text in (".", ".."):
        raise InvalidName(f"{what} name {text!r} means a folder; give it another")
    size = len(quote(text, safe=""))
    if size > MAX_SLUG_BYTES:
        raise InvalidName(f"{what} name takes {size} bytes percent-encoded; at most {MAX_SLUG_BYTES} fit")
    return text


def make_slug(title: str, taken: Collection[str] = (), *, otherwise: str = "board") -> str:
    """A name for links made from a title: `Vision 2026!` gives `vision-2026`; numbered where `taken` has it.

    Args:
        title: what people call it.
        taken: names that others have.
        otherwise: the name of what has no letter or digit in its title.
    """
    folded = unicodedata.normalize("NFC", title).casefold()
    stem = re.sub(r"[^\w]+", "-", folded).strip("-_")[:_LONGEST_DERIVED].strip("-_")
    while stem and len(quote(stem, safe="")) > MAX_SLUG_BYTES - 8:
        stem = stem[:-1]
    stem = stem or otherwise
    name, n = stem, 2
    while name in taken:
        name, n = f"{stem}-{n}", n + 1
    return name


def _excess(data: bytes, max_bytes: int) -> str:
    """What is too much of it; empty where all is within its limits. One pass, without parsing."""
    if len(data) > max_bytes:
        return f"takes {len(data):,} bytes; at most {max_bytes:,} fit"
    depth = deepest = values = 0
    for sign in _TEXTS.sub(b"", data):
        if sign in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            values += 1
        elif sign in b"]}":
            depth -= 1
        elif sign == 0x2C:
            values += 1
    if deepest > MAX_DOCUMENT_DEPTH:
        return f"is {deepest} levels deep; at most {MAX_DOCUMENT_DEPTH} are read"
    return f"holds {values:,} values; at most {MAX_DOCUMENT_VALUES:,} are read" if values > MAX_DOCUMENT_VALUES else ""
