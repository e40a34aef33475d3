"""Saved leaderboards: one version as an object of the lake, and which version of a board counts when. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ...schema.checksum import CHECKSUM_KEY, stamped_json, verify_json
from ...schema.errors import DamagedObject, InvalidName, InvalidSetting
from ...schema.keys import BoardKey, encode_segment
from ...schema.names import check_text
from ...schema.values import storable
from .definition import Definition, load_json

MAX_SLUG_BYTES: Final = 200
"""Longest name of a board, in bytes of its percent-encoded form."""
_EDITOR: Final = "editor"
_DELETED: Final = "deleted"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PER_MS: Final = 1_000_000
_LONGEST_DERIVED: Final = 60


@dataclass(frozen=True, slots=True)
class BoardVersion:
    """One saved version of a board."""

    slug: str
    """The board's name in the lake and in links."""
    id: str
    """`<hlc>-<rand>`, as in the object's name; sorts in the order in which versions count."""
    definition: Definition
    editor: str | None = None
    """Who saved it, as far as is known."""
    deleted: bool = False
    """Whether this version says that the board is gone; its definition is the last one before."""

    @property
    def hlc(self) -> int:
        """Hybrid logical clock: milliseconds since 1970 x 1,000,000 plus a counter."""
        return int(self.id.partition("-")[0])

    @property
    def at(self) -> datetime:
        """When, by the editor's clock (never before what they had seen)."""
        return moment_of(self.hlc)

    @property
    def key(self) -> str:
        """The object's key."""
        hlc, _, rand = self.id.partition("-")
        return BoardKey(self.slug, int(hlc), rand).path

    @property
    def title(self) -> str:
        """What people call the board."""
        return self.definition.title or self.slug

    def of(self, project: str) -> bool:
        """Whether runs of a project may compete on it."""
        return not self.definition.projects or project in self.definition.projects


def moment_of(hlc: int) -> datetime:
    """The time in a clock's reading; one beyond any calendar, which only a broken clock gives, is the last there is."""
    try:
        return _EPOCH + timedelta(milliseconds=hlc // _PER_MS)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def version_id(key: BoardKey) -> str:
    """The version's id, from its key."""
    return f"{key.hlc:020d}-{key.rand}"


def encode_version(version: BoardVersion) -> bytes:
    """The object's bytes: the definition's JSON, with who saved it."""
    plain: dict[str, Any] = version.definition.to_plain()
    plain.pop(_EDITOR, None)
    plain.pop(_DELETED, None)
    if version.editor is not None:
        plain[_EDITOR] = storable(version.editor)
    if version.deleted:
        plain[_DELETED] = True
    plain.pop(CHECKSUM_KEY, None)
    return stamped_json(json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=1).encode())


def decode_version(key: BoardKey, data: bytes) -> BoardVersion:
    """The inverse of `encode_version`; fields that this version does not know stay in the definition.

    Raises:
        DamagedObject: its bytes are not those that were written, or no definition; the message says which.
    """
    verify_json(data, key=key.path)
    try:
        found = load_json(data.decode())
        if not isinstance(found, dict):
            raise InvalidSetting("the board's definition is JSON, but no object")
        found.pop(CHECKSUM_KEY, None)
        editor, deleted = found.pop(_EDITOR, None), found.pop(_DELETED, False)
        if not isinstance(editor, str | None) or not isinstance(deleted, bool):
            raise InvalidSetting(f"editor is {editor!r} and deleted is {deleted!r}; expected text and a boolean")
        definition = Definition.from_plain(found)
    except (InvalidSetting, UnicodeDecodeError) as error:
        raise DamagedObject(f"{key.path} is no board that this lakeboard reads: {error}", key=key.path) from error
    return BoardVersion(key.slug, version_id(key), definition, editor, deleted)


def in_order(keys: Iterable[BoardKey]) -> dict[str, list[BoardKey]]:
    """By board, its versions, newest first."""
    by_slug: dict[str, list[BoardKey]] = {}
    for key in sorted(keys, key=version_id, reverse=True):
        by_slug.setdefault(key.slug, []).append(key)
    return by_slug


def check_slug(slug: object) -> str:
    """Return `slug` when a board can be named so: what fits a link and a folder's name.

    Raises:
        InvalidName: with what to change.
    """
    text = check_text(slug, what="board name")
    if text in (".", ".."):
        raise InvalidName(f"board name {text!r} means a folder; give it another")
    size = len(encode_segment(text))
    if size > MAX_SLUG_BYTES:
        raise InvalidName(f"board name takes {size} bytes percent-encoded; at most {MAX_SLUG_BYTES} fit")
    return text


def slug_of(title: str, taken: Sequence[str] = ()) -> str:
    """A name for links made from a title: `Vision 2026!` gives `vision-2026`; numbered where `taken` has it."""
    folded = unicodedata.normalize("NFC", title).casefold()
    stem = re.sub(r"[^\w]+", "-", folded).strip("-_")[:_LONGEST_DERIVED].strip("-_")
    while stem and len(encode_segment(stem)) > MAX_SLUG_BYTES - 8:
        stem = stem[:-1]
    stem = stem or "board"
    name, n = stem, 2
    while name in taken:
        name, n = f"{stem}-{n}", n + 1
    return name
