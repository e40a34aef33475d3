"""One saved version of a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

from ...schema.keys import DocumentArea, DocumentKey

T = TypeVar("T")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """One saved version of a document, and what it says."""

    slug: str
    """The document's name in the lake and in links."""
    id: str
    """`<hlc>-<rand>`, as in the object's name; sorts in the order in which versions count."""
    content: T
    editor: str | None = None
    """Who saved it, as far as is known."""
    deleted: bool = False
    """Whether this version says that the document is gone; its content is the last one before."""

    @property
    def hlc(self) -> int:
        """Hybrid logical clock: milliseconds since 1970 x 1,000,000 plus a counter."""
        return int(self.id.partition("-")[0])

    @property
    def at(self) -> datetime:
        """When, by the editor's clock (never before what they had seen)."""
        return moment_of(self.hlc)

    def key_in(self, area: DocumentArea) -> str:
        """The object's key, in the area that the document is of."""
        hlc, _, rand = self.id.partition("-")
        return DocumentKey(area, self.slug, int(hlc), rand).path


def moment_of(hlc: int) -> datetime:
    """The time in a clock's reading; one beyond any calendar, which only a broken clock gives, is the last there is."""
    try:
        return _EPOCH + timedelta(milliseconds=hlc // _PER_MS)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
