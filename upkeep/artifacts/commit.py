"""Making a version: its files are referred to where a living version has them, and uploaded where none has.

The order of the requests is what keeps a collector from deleting what a version is about to name, without a lock:
`tests/protocol/blobs.py` has it checked.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ...schema.artifacts.keys import BUNDLES, IntentKey, ManifestKey, version_prefix
from ...schema.artifacts.manifest import FileRow, Head, Manifest, decode_manifest, encode_manifest, is_of
from ...schema.artifacts.names import Version
from ...schema.artifacts.places import places
from ...schema.errors import DamagedObject, InvalidSetting, LakeFormat, MissingObject, StoreError
from ...store.base import OnBytes, Store
from ...store.files.source_file import SourceFile
from .bundles import SMALL_BYTES, bundles, write_bundle
from .draft import Draft, LocalFile, Reference
from .versions import Shelf, look, read_manifest

CANDIDATES: Final = 3
"""So many of the newest living versions are compared with what is to be stored."""
_TRIES: Final = 3
_PIECE: Final = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of a draft."""

    manifest: Manifest
    is_new: bool
    """False where the newest version has the very same files: then no other was made."""
    uploaded: int
    """Bytes sent; what other versions have was referred to."""


def commit(
    store: Store,
    project: str,
    draft: Draft,
    *,
    now_ms: int,
    new_rand: Callable[[], str],
    also: Sequence[ManifestKey] = (),
    on_bytes: OnBytes | None = None,
    begun: Version | None = None,
    on_begin: Callable[[Version], None] = lambda version: None,
    notes: Path | None = None,
) -> Committed:
    """Make a version of what a draft holds: whole or not at all, whatever others do meanwhile.

    Files whose size and SHA-256 one of the newest living versions has are referred to, not sent. Where the newest
    version has exactly these files, it is returned and nothing is written. Many small files go together in archives.

    Costs 2 LISTs, a third where there are versions to compare with, one GET for each decision and for each of up to 3
    manifests, 2 PUTs, and one PUT for each file (or 64 MB of small ones; in parts above 8 MB). Memory: five parts of
    8 MB.

    Args:
        store: the lake.
        project: which.
        draft: what to store.
        now_ms: this machine's clock.
        new_rand: gives 8 hex digits that no other version has, new ones at each call.
        also: versions to compare with besides the newest of the name, such as those that the run used.
        on_bytes: told how many bytes are sent so far.
        begun: the version that an earlier call with the same draft had begun when it was killed, or failed: this one
            goes on with it while its intent is there, so that nothing is made twice.
        on_begin: told of the version before anything is written of it.
        notes: a folder for notes of uploads in parts, which then go on, too; see `Store.put_file`.

    Raises:
        InvalidSetting: the draft holds nothing.
        FileChanged: a file changed meanwhile; no version was made.
        OSError: a file can't be read.
        StoreError: the store failed; no version is shown. Do it again: files that were sent are collected later.
    """
    if not draft.entries:
        raise InvalidSetting(f"artifact {draft.artifact!r} has no files; add some first")
    for number in range(_TRIES):
        resumed = None if number else begun
        done = _Commit(store, project, draft, now_ms, new_rand(), also, on_bytes, resumed, on_begin, notes).run()
        if done is not None:
            return done
    raise StoreError(
        f"{draft.artifact!r} of {project!r} was purged {_TRIES} times while it was being made; see who does that"
    )


class _Commit:
    """One try."""

    def __init__(
        self,
        store: Store,
        project: str,
        draft: Draft,
        now_ms: int,
        rand: str,
        also: Sequence[ManifestKey],
        on_bytes: OnBytes | None,
        begun: Version | None,
        on_begin: Callable[[Version], None],
        notes: Path | None,
    ) -> None:
        self._store = store
        self._project = project
        self._draft = draft
        self._now_ms = now_ms
        self._rand = rand
        self._also = also
        self._on_bytes = on_bytes
        self._begun = begun
        self._on_begin = on_begin
        self._notes = notes
        self._sent = 0

    def run(self) -> Committed | None:
        """The version, or None where it was purged before it was there."""
        shelf = look(self._store, self._project)
        made = self._made(shelf)
        if made is not None:
            return Committed(made, True, 0)
        candidates = self._candidates(shelf)
        known = self._known(candidates)
        newest = next((m for key, m in candidates.items() if key.artifact == self._draft.artifact), None)
        if newest is not None and self._is_same(newest, known):
            return Committed(newest, False, 0)
        intent = self._intent(shelf)
        if intent is None:
            intent = self._begin(shelf, known, newest)
        head, version = intent.head, intent.head.version
        # What an earlier try did not name may have gone since: it is sent.
        named = {(row.path, row.object) for row in intent.files}
        known = {path: found for path, found in known.items() if (path, found[1].object) in named}
        alive = self._still_alive(candidates)
        rows = {path: row for path, (key, row) in known.items() if key in alive}
        rows |= self._references()
        rows |= self._upload(version, [path for path in self._draft.entries if path not in rows])
        manifest = Manifest(head, tuple(rows[path] for path in sorted(rows)))
        key = ManifestKey(self._project, head.artifact, version)
        self._store.put(key.path, encode_manifest(manifest), durable=True)
        if look(self._store, self._project).decided.is_purged(head.artifact, version):
            return None
        return Committed(manifest, True, self._sent)

    def _begin(
        self, shelf: Shelf, known: Mapping[str, tuple[ManifestKey, FileRow]], newest: Manifest | None
    ) -> Manifest:
        """Say, before anybody may rely on it, what this version is about to refer to: it must stay."""
        version = Version(shelf.listing.next_number(self._draft.artifact), self._rand)
        intent = Manifest(self._head(version, newest), tuple(known[path][1] for path in sorted(known)))
        self._on_begin(version)
        key = IntentKey(self._project, self._draft.artifact, version)
        self._store.put(key.path, encode_manifest(intent), durable=True)
        return intent

    def _made(self, shelf: Shelf) -> Manifest | None:
        """The version that an earlier try had made before it was killed; None where it had not, or it is purged."""
        begun, artifact = self._begun, self._draft.artifact
        if begun is None or begun not in shelf.living(artifact):
            return None
        try:
            return read_manifest(self._store, ManifestKey(self._project, artifact, begun))
        except (MissingObject, DamagedObject, LakeFormat):
            return None

    def _intent(self, shelf: Shelf) -> Manifest | None:
        """What an earlier try said; None where it came to nothing: then another version is begun."""
        begun, artifact = self._begun, self._draft.artifact
        if begun is None or shelf.decided.is_purged(artifact, begun) or begun in shelf.listing.versions(artifact):
            return None
        key = IntentKey(self._project, artifact, begun)
        if key not in [known for known, _ in shelf.listing.intents]:
            return None
        try:
            found = decode_manifest(self._store.get(key.path), key=key.path)
        except (MissingObject, DamagedObject, LakeFormat):
            return None
        return found if is_of(found, key) else None

    def _head(self, version: Version, newest: Manifest | None) -> Head:
        draft = self._draft
        return Head(
            artifact=draft.artifact,
            version=version,
            type=draft.type,
            created_at=self._now_ms,
            run_id=draft.run_id,
            writer=draft.writer,
            metadata=draft.metadata,
            description=draft.description,
            base=str(newest.head.version) if newest is not None else None,
        )

    def _candidates(self, shelf: Shelf) -> dict[ManifestKey, Manifest]:
        """Versions that live now and may hold the same files, the newest of the name first."""
        living = shelf.living(self._draft.artifact)
        wanted = [ManifestKey(self._project, self._draft.artifact, v) for v in reversed(living[-CANDIDATES:])]
        made, decided = {key for key, _ in shelf.listing.manifests}, shelf.decided
        wanted += [k for k in self._also if k in made and not decided.is_purged(k.artifact, k.version)]
        found: dict[ManifestKey, Manifest] = {}
        for key in dict.fromkeys(wanted):
            try:
                found[key] = read_manifest(self._store, key)
            except (MissingObject, DamagedObject, LakeFormat):
                continue  # Purged meanwhile, or not to be relied on: its files are sent again.
        return found

    def _known(self, candidates: Mapping[ManifestKey, Manifest]) -> dict[str, tuple[ManifestKey, FileRow]]:
        """Files of the draft that candidates hold: which one, and the row as this version will have it.

        Only files of a size that a candidate has are read.
        """
        held: dict[tuple[int, str | None], tuple[ManifestKey, FileRow]] = {}
        for key, manifest in candidates.items():
            for row in manifest.files:
                if row.object is not None:
                    held.setdefault((row.bytes, row.sha256), (key, row))
        sizes = {size for size, _ in held}
        out: dict[str, tuple[ManifestKey, FileRow]] = {}
        for path, entry in self._draft.entries.items():
            if not isinstance(entry, LocalFile):
                continue
            entry.check()
            if entry.path.stat().st_size in sizes:
                found = held.get(_hashed(entry.path))
                entry.check()
                if found is not None:
                    out[path] = (found[0], replace(found[1], path=path))
        return out

    def _is_same(self, newest: Manifest, known: Mapping[str, tuple[ManifestKey, FileRow]]) -> bool:
        """Whether the newest version has exactly these files under these paths."""
        if len(newest.files) != len(self._draft.entries) or newest.head.type != self._draft.type:
            return False
        rows = {path: row for path, (_, row) in known.items()} | self._references()
        mine = {path: (r.sha256, r.reference, r.etag) for path, r in rows.items()}
        return mine == {r.path: (r.sha256, r.reference, r.etag) for r in newest.files}

    def _still_alive(self, candidates: Mapping[ManifestKey, Manifest]) -> set[ManifestKey]:
        """Candidates whose manifest is there and which nobody has purged, looked at again; no request without any."""
        if not candidates:
            return set()
        shelf = look(self._store, self._project)
        made, decided = {key for key, _ in shelf.listing.manifests}, shelf.decided
        return {key for key in candidates if key in made and not decided.is_purged(key.artifact, key.version)}

    def _references(self) -> dict[str, FileRow]:
        return {
            path: FileRow(path=path, bytes=entry.bytes, reference=entry.url, etag=entry.etag)
            for path, entry in self._draft.entries.items()
            if isinstance(entry, Reference)
        }

    def _upload(self, version: Version, paths: Sequence[str]) -> dict[str, FileRow]:
        entries = {p: e for p in sorted(paths) if isinstance(e := self._draft.entries[p], LocalFile)}
        files = {path: entry.path for path, entry in entries.items()}
        prefix = version_prefix(self._project, self._draft.artifact, version)
        rows: dict[str, FileRow] = {}
        sizes = {path: file.stat().st_size for path, file in files.items()}
        small = [(path, size) for path, size in sizes.items() if size < SMALL_BYTES]
        for number, group in enumerate(bundles(small), 1):
            rows |= self._bundle(f"{prefix}{BUNDLES}/{number}.zip", [(path, files[path]) for path in group])
        for path, key in places([path for path in files if path not in rows], prefix=prefix).items():
            entries[path].check()
            note = None if self._notes is None else self._notes / hashlib.sha256(key.encode()).hexdigest()[:16]
            stored = self._store.put_file(key, files[path], note=note, on_bytes=self._telling(), durable=True)
            self._sent += stored.bytes
            rows[path] = FileRow(path=path, bytes=stored.bytes, sha256=stored.sha256, object=key)
        for entry in entries.values():
            # One that was written to between a look at it and its upload is found out now.
            entry.check()
        return rows

    def _bundle(self, key: str, files: Sequence[tuple[str, Path]]) -> dict[str, FileRow]:
        with tempfile.TemporaryDirectory(prefix="lakeboard-bundle-") as folder:
            archive = Path(folder, "files.zip")
            members = write_bundle(archive, files)
            self._sent += self._store.put_file(key, archive, on_bytes=self._telling(), durable=True).bytes
        return {
            path: FileRow(path=path, bytes=m.stored.bytes, sha256=m.stored.sha256, object=key, offset=m.offset)
            for path, m in members.items()
        }

    def _telling(self) -> OnBytes | None:
        told, before = self._on_bytes, self._sent
        return (lambda done: told(before + done)) if told is not None else None


def _hashed(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file; read piece by piece."""
    with SourceFile(path) as source:
        while source.read(_PIECE):
            continue
        stored = source.stored()
        return stored.bytes, stored.sha256
