"""Deleting files that no version names, beside writers and other collectors, without a lock or a conditional PUT.

Files are listed first, then purges are read, then manifests and intents are listed twice; a file goes only where
neither listing names it for a version that was not purged. `tests/protocol/blobs.py` tells why each step stands where
it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from ...schema.artifacts.acts import Decided
from ...schema.artifacts.keys import FileKey, IntentKey, ManifestKey, files_prefix, version_prefix
from ...schema.artifacts.manifest import Manifest, decode_manifest, is_of
from ...schema.errors import DamagedObject, LakeFormat, MissingObject
from ...schema.keys import parse_key
from ...schema.problems import Problem, problem_of
from ...store.base import ObjectInfo, Store
from ..clock import GRACE
from .acts import put_act, read_acts
from .listing import ArtifactListing, list_artifacts

ABANDONED: Final = timedelta(days=7)
"""A version whose making began so long ago and never ended is purged; its writer, if it lives, makes another."""
_ROUNDS: Final = 3
_READ_AT_ONCE: Final = 64
Named: TypeAlias = ManifestKey | IntentKey


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection did, or would do."""

    deleted: tuple[str, ...] = ()
    """Files, then manifests and intents that are of no use any more."""
    freed: int = 0
    """Bytes of these."""
    abandoned: tuple[IntentKey, ...] = ()
    """Versions that were purged, since nobody ended them."""
    problems: tuple[Problem, ...] = ()
    """What could not be read. While that is a manifest or an intent no file goes, since it may name any of them."""


@dataclass(slots=True)
class _Seen:
    """What both listings came to."""

    kept: set[str] = field(default_factory=set)
    """Objects that something refers to."""
    folders: set[str] = field(default_factory=set)
    """Own folders of versions that are being made."""
    manifests: dict[ManifestKey, ObjectInfo] = field(default_factory=dict)
    intents: dict[IntentKey, ObjectInfo] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def collect(
    store: Store,
    project: str,
    *,
    now: datetime,
    now_ms: int,
    rand: str,
    grace: timedelta = GRACE,
    dry_run: bool = False,
) -> Collected:
    """Delete the files of a project that no living version names, and what is left of purged versions.

    May be stopped anywhere, repeated, and done by several at once, beside writers. Costs 4 LISTs, one GET for each
    decision, manifest and intent, and one DELETE per 1,000 objects; 1 LIST where the project has no files and 1 more
    where it has no artifacts.

    Args:
        store: the lake.
        project: whose files.
        now: the store's time, or any time before it.
        now_ms: this machine's clock, for the purges of what was abandoned.
        rand: 8 hex digits that no other decision has.
        grace: so long files and purges stay, for listings that are old.
        dry_run: tell, and write nothing.

    Raises:
        StoreError: something could not be listed or fetched; nothing was deleted.
    """
    for _ in range(_ROUNDS):
        files = [(k, i) for i in store.list(files_prefix(project)) if isinstance(k := parse_key(i.key), FileKey)]
        first = list_artifacts(store, project)
        if not files and not first.manifests and not first.intents:
            return Collected()
        acts = read_acts(store, first)
        decided = acts.decided
        known: dict[str, Manifest] = {}
        seen = _Seen()
        if not all(_read(store, list_artifacts(store, project), decided, seen, known) for _ in range(2)):
            continue  # Something went while it was read: another collector, or a purge, is at work.
        if seen.problems:
            return Collected(problems=tuple(sorted({*acts.problems, *seen.problems})))
        doomed = [i for k, i in files if _is_left(k, i, seen) and now - i.modified >= grace]
        written = {(k.hlc, k.rand): i.modified for k, i in first.acts}
        due = {(a.artifact, a.version) for a in acts.acts if a.op == "purge" and now - written[a.hlc, a.rand] >= grace}
        useless = [i for k, i in seen.manifests.items() if (k.artifact, k.version) in due]
        useless += [
            i for k, i in seen.intents.items() if (k.artifact, k.version) in due or _manifest(k) in seen.manifests
        ]
        abandoned = _abandoned(seen, decided, now)
        if not dry_run:
            store.delete([i.key for i in doomed])
            store.delete([i.key for i in useless])
            newest = acts.newest
            for key in abandoned:
                why = f"nobody ended it within {ABANDONED.days} days"
                act = put_act(
                    store, project, "purge", key.artifact, key.version, editor="janitor",
                    why=why, now_ms=now_ms, seen=newest, rand=rand,
                )  # fmt: skip
                newest = act.hlc
        gone = [*doomed, *useless]
        return Collected(tuple(i.key for i in gone), sum(i.size for i in gone), abandoned, acts.problems)
    return Collected()


def _read(store: Store, listing: ArtifactListing, decided: Decided, seen: _Seen, known: dict[str, Manifest]) -> bool:
    """Add what a listing names; False where something of it vanished before it was read."""
    manifests, intents = dict(listing.manifests), dict(listing.intents)
    seen.manifests |= manifests
    seen.intents |= intents
    # Manifests of the purged are not read: nothing that they name is kept for them. An intent says nothing more once
    # its manifest is there: it may name what its writer then found purged.
    wanted: list[Named] = [k for k in manifests if not decided.is_purged(k.artifact, k.version)]
    open_intents = [
        k for k in intents if _manifest(k) not in seen.manifests and not decided.is_purged(k.artifact, k.version)
    ]
    found, gone = _manifests(store, [*wanted, *open_intents], known, seen.problems)
    for key, manifest in found.items():
        seen.kept.update(row.object for row in manifest.files if row.object is not None)
        if isinstance(key, IntentKey):
            seen.folders.add(version_prefix(key.project, key.artifact, key.version))
    return not gone


def _manifests(
    store: Store, keys: Iterable[Named], known: dict[str, Manifest], problems: list[Problem]
) -> tuple[Mapping[Named, Manifest], bool]:
    """Manifests and intents by key, each read once; and whether any was gone."""
    wanted = list(keys)
    fresh = [key.path for key in wanted if key.path not in known]
    gone = False
    for start in range(0, len(fresh), _READ_AT_ONCE):
        for path, data in store.get_many(fresh[start : start + _READ_AT_ONCE]).items():
            if isinstance(data, MissingObject):
                gone = True
            elif isinstance(data, Exception):
                raise data
            else:
                try:
                    known[path] = decode_manifest(data, key=path)
                except (DamagedObject, LakeFormat) as error:
                    problems.append(problem_of(path, error))
    out: dict[Named, Manifest] = {}
    for key in wanted:
        if (manifest := known.get(key.path)) is not None:
            if is_of(manifest, key):
                out[key] = manifest
            else:
                problems.append(Problem(key.path, "content", f"{key.path} tells of another version than its name"))
    return out, gone


def _is_left(key: FileKey, info: ObjectInfo, seen: _Seen) -> bool:
    return info.key not in seen.kept and key.folder not in seen.folders


def _manifest(key: IntentKey) -> ManifestKey:
    return ManifestKey(key.project, key.artifact, key.version)


def _abandoned(seen: _Seen, decided: Decided, now: datetime) -> tuple[IntentKey, ...]:
    return tuple(
        key
        for key, info in seen.intents.items()
        if now - info.modified > ABANDONED
        and _manifest(key) not in seen.manifests
        and not decided.is_purged(key.artifact, key.version)
    )
