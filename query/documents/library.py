"""The documents of one kind in a lake: list, read, save, delete, restore. The newest version that reads counts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from ...schema.ahead import is_ahead, said_ahead
from ...schema.documents import (
    MAX_DOCUMENT_BYTES,
    Document,
    check_slug,
    decode_document,
    encode_document,
    keep_unknown,
)
from ...schema.errors import DamagedObject, InvalidSetting, LakeboardError, StoreError
from ...schema.ids import next_hlc
from ...schema.keys import DocumentArea, DocumentKey, encode_segment, parse_key
from ...schema.names import check_text
from ...schema.problems import Problem, foreign, problem_of
from ...schema.text.nearest import no_such
from ...store.base import Store
from ...store.format import ensure_lake
from .version import Version, moment_of

_MOST_NAMED: Final = 100
"""Objects of others that are named one by one; of more their number is told, too."""
T = TypeVar("T")
V = TypeVar("V", bound=Version[Any])


@dataclass(frozen=True, slots=True)
class DocumentKind(Generic[T, V]):
    """What a library must know of the documents that it holds."""

    area: DocumentArea
    """The folder of the lake."""
    noun: str
    """What messages call one, such as `board`."""
    decode: Callable[[Mapping[str, Any]], T]
    """The content in a version's fields; raises `InvalidSetting` where they are none."""
    encode: Callable[[T], dict[str, Any]]
    """The inverse of `decode`."""
    known: Collection[str]
    """Names of the fields that `decode` understands; others are kept when a document is saved again."""
    version: Callable[[str, str, T, str | None, bool], V]
    """Makes a version of slug, id, content, editor, and whether it says that the document is gone."""
    unknown: type[LakeboardError]
    """The error about one that is not there."""
    restored_by: str = ""
    """The call that brings a deleted one back; `{slug!r}` stands for its name."""
    max_bytes: int = MAX_DOCUMENT_BYTES
    """Of one version."""
    one_clock: bool = False
    """Whether times of different documents are compared. A new version is then later than those of all, and saying the
    same again is news: that it is the latest."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[V]):
    """What counted when the documents were listed."""

    versions: Mapping[str, V]
    """By slug, deleted ones too."""
    problems: tuple[Problem, ...] = ()
    """What did not read; of each document the version before stands in."""
    requests: int = 0
    """What the listing took."""


class DocumentLibrary(Generic[T, V]):
    """Documents of one kind. Safe to share between threads; what was read once is not read again.

    The last version of a document counts, all are kept, and none is ever changed. Order is by hybrid logical clock,
    so every reader agrees whatever the editors' clocks said.
    """

    def __init__(
        self,
        store: Store,
        kind: DocumentKind[T, V],
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        exists: Callable[[], bool] = lambda: True,
    ) -> None:
        """Hold the documents of `kind` in `store`.

        Args:
            store: the lake's objects.
            kind: which.
            wall: the editor's clock.
            exists: whether anything was ever written to the lake; the first document of one makes it.
        """
        self._store = store
        self._kind = kind
        self._wall = wall
        self._exists = exists
        self._known: dict[str, V | Problem] = {}
        """What was read, by key: objects never change. Single reads and writes of a dict need no lock."""
        self._strange: frozenset[str] = frozenset()
        """Keys of others in the last listing: there may be very many."""

    def list(self, *, as_of: datetime | None = None) -> Listing[V]:
        """Each document in the version that counts. One LIST, and one GET for each version not read before.

        Args:
            as_of: what counted then; documents that were saved only later are left out.

        Raises:
            AccessDenied, StoreUnreachable: the listing failed.
        """
        reading = self._read_listing()
        versions = reading.newest(
            {
                slug: [key for key in keys if as_of is None or moment_of(key.hlc) <= as_of]
                for slug, keys in reading.keys.items()
            }
        )
        return Listing(versions, tuple(reading.problems), reading.requests)

    def get(self, slug: str, *, as_of: datetime | None = None, version: str | None = None, deleted: bool = False) -> V:
        """One document. One LIST, and one GET for a version not read before.

        Args:
            slug: its name.
            as_of: the version that counted then; the first one where it was saved only later.
            version: the id of an old version to look at.
            deleted: also where it is deleted.

        Raises:
            LakeboardError: the kind's `unknown`: no such document or version, or it is deleted.
            DamagedObject: none of its versions reads.
        """
        kind, reading = self._kind, self._read_listing_of(slug)
        keys = reading.keys[slug]
        if version is not None:
            keys = [key for key in keys if key.version == version]
            if not keys:
                raise kind.unknown(f"{kind.noun} {slug!r} of lake {self._store.url} has no version {version}")
        elif as_of is not None:
            keys = [key for key in keys if moment_of(key.hlc) <= as_of] or keys[::-1]
        found = reading.newest({slug: keys}).get(slug)
        if found is None:
            raise DamagedObject(reading.problems[0].message, key=reading.problems[0].key)
        if found.deleted and not deleted and version is None:
            by = f" by {found.editor}" if found.editor else ""
            how = f"; {kind.restored_by.format(slug=slug)}" if kind.restored_by else ""
            raise kind.unknown(f"{kind.noun} {slug!r} was deleted{by} on {found.at:%Y-%m-%d %H:%M} UTC{how}")
        return found

    def history(self, slug: str) -> tuple[tuple[V, ...], tuple[Problem, ...]]:
        """Every version of a document that reads, oldest first, deletions too; and what does not read.

        One LIST, and one GET for each version not read before.

        Raises:
            LakeboardError: the kind's `unknown`: no such document.
        """
        reading = self._read_listing_of(slug)
        versions = reading.read(reading.keys[slug][::-1])
        return tuple(each for each in versions if each is not None), tuple(reading.problems)

    def save(
        self, slug: str, content: T, *, editor: str | None = None, deleted: bool = False, exact: bool = False
    ) -> V:
        """Save a document, or a new version of one: from now on this counts. What says nothing new writes nothing.

        One LIST, at most one GET, one PUT; in a lake that nothing was ever written to, one GET and one PUT more.

        Args:
            slug: its name.
            content: what it says. Fields of the version before that this lakeboard does not know stay.
            editor: who saves; kept in the history.
            deleted: say that it is gone.
            exact: leave such fields out.

        Returns:
            The version that counts now.

        Raises:
            InvalidName: a name that can't be one.
            InvalidValue: it is too large.
            AccessDenied: no permission to write.
        """
        kind = self._kind
        check_slug(slug, what=kind.noun)
        who = None if editor is None else check_text(editor, what="editor")
        reading = self._read_listing(None if kind.one_clock else slug)
        last = reading.newest({slug: reading.keys.get(slug, [])}).get(slug)
        fields = kind.encode(content)
        if last is not None:
            if not exact:
                fields = keep_unknown(fields, kind.encode(last.content), kind.known)
                content = kind.decode(fields)
            if not kind.one_clock and not reading.problems and (last.content, last.deleted) == (content, deleted):
                return last
        data = encode_document(Document(fields, who, deleted), what=f"{kind.noun} {slug!r}", max_bytes=kind.max_bytes)
        seen = max((keys[0].hlc for keys in reading.keys.values()), default=0)
        hlc = next_hlc(int(self._wall().timestamp() * 1000), seen)
        key = DocumentKey(kind.area, slug, hlc, secrets.token_hex(4))
        if not reading.keys and not self._exists():
            ensure_lake(self._store)
        self._store.put(key.path, data, durable=True)
        version = kind.version(slug, key.version, content, who, deleted)
        self._known[key.path] = version
        return version

    def delete(self, slug: str, *, editor: str | None = None) -> V:
        """Hide a document, by a version that says so; `restore` shows it again. The cost of `save`, and one LIST.

        Raises:
            LakeboardError: the kind's `unknown`: no such document, or it is deleted.
            AccessDenied: no permission to write.
        """
        return self.save(slug, self.get(slug).content, editor=editor, deleted=True)

    def restore(self, slug: str, version: str | None = None, *, editor: str | None = None) -> V:
        """Make an old version count again, or a deleted document as it last was; a new version that says the same.

        The cost of `save`, one LIST, and one GET for a version not read before.

        Raises:
            LakeboardError: the kind's `unknown`: no such document or version.
            AccessDenied: no permission to write.
        """
        old = self.get(slug, version=version, deleted=True)
        return self.save(slug, old.content, editor=editor, exact=True)

    def _read_listing(self, slug: str | None = None) -> _Reading[V]:
        """A listing of all documents, or of one."""
        folder = f"{self._kind.area}/" + (f"{encode_segment(slug)}/" if slug is not None else "")
        reading = _Reading(
            self._store, folder, self._known, self._decode, max_bytes=self._kind.max_bytes, strange=self._strange
        )
        if slug is None:
            self._strange = frozenset(reading.strange)
        return reading

    def _read_listing_of(self, slug: str) -> _Reading[V]:
        """A listing of one document that is there."""
        reading = self._read_listing(check_slug(slug, what=self._kind.noun))
        if slug not in reading.keys:
            near = no_such(slug, self._read_listing().keys)
            raise self._kind.unknown(f"lake {self._store.url} has no {self._kind.noun} {slug!r}{near}")
        return reading

    def _decode(self, key: DocumentKey, data: bytes) -> V:
        kind = self._kind
        found = decode_document(data, key=key.path, max_bytes=kind.max_bytes)
        try:
            content = kind.decode(found.fields)
        except InvalidSetting as error:
            raise DamagedObject(
                f"{key.path} is no {kind.noun} that this lakeboard reads: {error}", key=key.path
            ) from error
        return kind.version(key.slug, key.version, content, found.editor, found.deleted)


class _Reading(Generic[V]):
    """One listing, and what is read of it."""

    def __init__(
        self,
        store: Store,
        folder: str,
        known: dict[str, V | Problem],
        decode: Callable[[DocumentKey, bytes], V],
        *,
        max_bytes: int,
        strange: Collection[str] = frozenset(),
    ) -> None:
        self._store = store
        self._known = known
        self._decode = decode
        self.problems: list[Problem] = []
        self.requests = 1
        found: list[DocumentKey] = []
        self.strange: list[str] = []
        """Keys of others."""
        for info in store.list(folder):
            key = None if info.key in strange else parse_key(info.key)
            if not isinstance(key, DocumentKey):
                self.strange.append(info.key)
                continue
            if is_ahead(key.hlc, info.modified):
                text = said_ahead(info.key, f"a version of {key.slug}", key.hlc, info.modified)
                self.problems.append(Problem(info.key, "damaged", text))
                continue
            found.append(key)
            if info.size > max_bytes:
                text = f"{info.key} takes {info.size:,} bytes; at most {max_bytes:,} are read"
                known[info.key] = problem_of(info.key, DamagedObject(text, key=info.key))
        self.problems += [foreign(each) for each in self.strange[:_MOST_NAMED]]
        if len(self.strange) > _MOST_NAMED:
            text = f"{folder} holds {len(self.strange):,} objects that are none of lakeboard's; they were passed over"
            self.problems.append(Problem(folder, "foreign", text))
        self.keys: dict[str, list[DocumentKey]] = {}
        """By document, its versions, newest first."""
        for key in sorted(found, key=lambda key: (key.hlc, key.rand), reverse=True):
            self.keys.setdefault(key.slug, []).append(key)

    def newest(self, by_slug: Mapping[str, Sequence[DocumentKey]]) -> dict[str, V]:
        """Of each document the first of its keys that reads; what does not is told in `problems`."""
        found: dict[str, V] = {}
        left = {slug: list(keys) for slug, keys in by_slug.items() if keys}
        while left:
            versions = self.read([keys.pop(0) for keys in left.values()])
            found |= {version.slug: version for version in versions if version is not None}
            left = {slug: keys for slug, keys in left.items() if keys and slug not in found}
        return found

    def read(self, keys: Sequence[DocumentKey]) -> list[V | None]:
        """What each key holds; None, and a problem, where it does not read. One GET for each not read before."""
        unread = [key.path for key in keys if key.path not in self._known]
        self.requests += len(unread)
        answers = self._store.get_many(unread)
        out: list[V | None] = []
        for key in keys:
            found = self._known.get(key.path) or self._take(key, answers[key.path])
            if isinstance(found, Problem):
                self.problems.append(found)
                out.append(None)
            else:
                out.append(found)
        return out

    def _take(self, key: DocumentKey, answer: bytes | Exception) -> V | Problem:
        found: V | Problem
        try:
            if isinstance(answer, Exception):
                raise answer
            found = self._decode(key, answer)
        except (DamagedObject, StoreError) as error:
            found = problem_of(key.path, error)
            if not found.permanent:
                # Perhaps the next call can read it.
                return found
        self._known[key.path] = found
        return found
