"""The note at a lake's root that says which format the lake is written in."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..schema.errors import DamagedObject, LakeFormat, MissingObject
from ..schema.keys import LAKE_KEY
from ..schema.tables import FORMAT
from ..schema.text.jsontext import loads
from .base import Store


@dataclass(frozen=True, slots=True)
class LakeInfo:
    """What a lake says of itself."""

    format: int
    """The newest format that anything in it is written in."""
    min_reader: int
    """Readers of older formats than this would read it wrong."""


def ensure_lake(store: Store) -> LakeInfo:
    """Make `store` a lake, for one who will write to it. One GET, and one PUT if it was none.

    Two at once are harmless: they write the same.

    Raises:
        LakeFormat: this version is too old for it.
        DamagedObject: its note is not readable.
    """
    found = check_lake(store)
    if found is not None:
        return found
    info = LakeInfo(FORMAT, 1)
    note = json.dumps({"format": info.format, "min_reader": info.min_reader})
    store.put(LAKE_KEY, note.encode(), durable=True)
    return info


def check_lake(store: Store) -> LakeInfo | None:
    """What the lake says of itself, or None where there is no lake yet. One GET.

    Raises:
        LakeFormat: this version is too old to read it.
        DamagedObject: its note is not readable.
    """
    try:
        data = store.get(LAKE_KEY)
    except MissingObject:
        return None
    info = _parsed(data, store)
    if info.min_reader > FORMAT:
        raise LakeFormat(
            f"lake {store.url} has format {info.format} and asks for a reader of format {info.min_reader} or later; "
            f"this version of lakeboard knows format {FORMAT}: pip install --upgrade lakeboard"
        )
    return info


def _parsed(data: bytes, store: Store) -> LakeInfo:
    try:
        note = loads(data, key=LAKE_KEY)
        info = LakeInfo(format=note["format"], min_reader=note["min_reader"])
    except (DamagedObject, KeyError, TypeError) as error:
        raise _damaged(data, store) from error
    if not all(type(number) is int and number >= 1 for number in (info.format, info.min_reader)):
        raise _damaged(data, store)
    return info


def _damaged(data: bytes, store: Store) -> DamagedObject:
    shown = repr(data[:60]) + ("…" if len(data) > 60 else "")
    return DamagedObject(
        f"{store.url}/{LAKE_KEY} should say which format the lake has, but holds {shown}; if this is your lake, "
        f'put {{"format": {FORMAT}, "min_reader": 1}} there',
        key=LAKE_KEY,
    )
