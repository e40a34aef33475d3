"""What upkeep came across and left alone, or could put right: one line each, named by the object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..schema.errors import AccessDenied, DamagedObject, LakeFormat, MissingObject

FindingKind: TypeAlias = Literal[
    "foreign", "empty", "damaged", "format", "missing", "denied", "unreachable", "content", "overlap", "incomplete",
    "row", "unpromised", "orphan", "lake", "ahead",
]  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing in a lake that is not as it should be."""

    key: str
    """The object's key, or the folder where something is missing."""
    kind: FindingKind
    """foreign: a name that lakeboard did not give. empty: no bytes. damaged: not readable. format: of a newer version.
    missing: named but not there. denied, unreachable: the store did not give it. content: readable, but not what the
    name promises. overlap: rows that another sealed file has too. incomplete: rows that no readable file has. row: a
    run's row does not match its files. unpromised: sealed rows that no run row promises. orphan: points without a run
    row. lake: the note at the lake's root. ahead: of a time that the object's own time does not allow."""
    message: str
    """What is wrong, where, and what to do."""
    repair: str | None = None
    """What `lakeboard fsck --repair` does about it; null where that is for a person to decide."""


def finding_of(key: str, error: Exception) -> Finding:
    """The finding that reading the object under `key` came to."""
    text = str(error) or type(error).__name__
    message = text if key in text else f"{key}: {text}"
    if isinstance(error, DamagedObject):
        return Finding(key, "damaged", message)
    if isinstance(error, LakeFormat):
        return Finding(key, "format", message)
    if isinstance(error, MissingObject):
        return Finding(key, "missing", message)
    return Finding(key, "denied" if isinstance(error, AccessDenied) else "unreachable", message)
