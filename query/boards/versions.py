"""Saved leaderboards: a definition as a document of the lake."""

from __future__ import annotations

import dataclasses
from typing import Final

from ...schema.documents import OWN_FIELDS
from ...schema.errors import UnknownBoard
from ..documents.library import DocumentKind
from ..documents.version import Version
from .definition import Definition


@dataclasses.dataclass(frozen=True, slots=True)
class BoardVersion(Version[Definition]):
    """One saved version of a board."""

    @property
    def definition(self) -> Definition:
        """What competes on what."""
        return self.content

    @property
    def key(self) -> str:
        """The object's key."""
        return self.key_in("boards")

    @property
    def title(self) -> str:
        """What people call the board."""
        return self.definition.title or self.slug

    def of(self, project: str) -> bool:
        """Whether runs of a project may compete on it."""
        return not self.definition.projects or project in self.definition.projects


BOARDS: Final = DocumentKind(
    area="boards",
    noun="board",
    decode=Definition.from_plain,
    encode=Definition.to_plain,
    known=frozenset(field.name for field in dataclasses.fields(Definition)) - {"unknown"} | OWN_FIELDS,
    version=BoardVersion,
    unknown=UnknownBoard,
    restored_by="lake.restore_board({slug!r})",
)
