"""A project's artifacts as readers keep them: nothing is read twice, and no more than is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final, TypeAlias

from ...schema.artifacts.acts import Decided, Fate
from ...schema.artifacts.keys import ManifestKey
from ...schema.artifacts.manifest import Manifest, decode_manifest, is_of
from ...schema.artifacts.names import Version
from ...schema.errors import DamagedObject, LakeFormat, MissingObject
from ...schema.problems import Problem, problem_of
from ...store.base import Store
from ...upkeep.artifacts.acts import Acts, read_acts
from ...upkeep.artifacts.listing import list_artifacts
from ...upkeep.artifacts.versions import Shelf
from ..objects.lru import CachePart

Read: TypeAlias = Manifest | Problem
"""A manifest, or why it can't be read."""
_ROW_BYTES: Final = 700
"""Memory that one file of a manifest takes, nearly."""
_LIST_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Catalog:
    """Which versions a project has, and what people decided about them."""

    project: str
    shelf: Shelf
    requests: int
    """What this look at it cost."""
    versions: Mapping[str, tuple[Version, ...]]
    """By artifact, sorted by name: the versions that were not purged, deleted ones among them, the highest number
    last."""
    decided: Decided
    """What all decisions come to."""
    aliases: Mapping[tuple[str, Version], tuple[str, ...]]
    """Of each version that has some: its aliases, sorted."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Decisions that can't be read."""
        return self.shelf.acts.problems

    def fate(self, artifact: str, version: Version) -> Fate:
        """What people decided about one version."""
        return self.decided.fates.get((artifact, version), Fate())

    def shown(self, artifact: str) -> tuple[Version, ...]:
        """Its versions that are not deleted, the highest number last."""
        return tuple(v for v in self.versions.get(artifact, ()) if not self.fate(artifact, v).deleted)

    def holds(self, artifact: str, version: Version) -> bool:
        """Whether a version is there to be seen: made, not purged, not deleted."""
        return version in self.shown(artifact)

    def key(self, artifact: str, version: Version) -> ManifestKey:
        """Where a version's manifest is."""
        return ManifestKey(self.project, artifact, version)


class Catalogs:
    """Reads catalogs and manifests of one lake. Safe to share between threads.

    Args:
        store: the lake.
        memory: keeps manifests, which never change.
    """

    def __init__(self, store: Store, memory: CachePart) -> None:
        self._store = store
        self._memory = memory
        self._lock = Lock()
        self._acts: dict[str, Acts] = {}

    def take(self, project: str) -> Catalog:
        """Look at a project. One LIST, one page more per 1,000 objects, and one GET for each decision not read before.

        Raises:
            StoreError: the lake does not answer.
        """
        listing = list_artifacts(self._store, project)
        with self._lock:
            before = self._acts.get(project, Acts())
        known = {(act.hlc, act.rand): act for act in before.acts}
        read = [key for key, _ in listing.acts if (key.hlc, key.rand) in known]
        new = read_acts(self._store, listing, without=read)
        kept = [known[key.hlc, key.rand] for key in read]
        acts = Acts((*kept, *new.acts), new.problems, new.newest)
        with self._lock:
            self._acts[project] = acts
        shelf = Shelf(listing, acts)
        decided = shelf.decided
        objects = len(listing.manifests) + len(listing.intents) + len(listing.acts)
        pages = max(1, -(-objects // _LIST_PAGE))
        cost = pages + len(listing.acts) - len(read)
        return Catalog(project, shelf, cost, _versions(shelf, decided), decided, _aliases(decided))

    def manifests(self, keys: Iterable[ManifestKey]) -> dict[ManifestKey, Read]:
        """What versions hold. One GET for each that was not read before, several at a time.

        A version that was purged meanwhile is left out.

        Raises:
            StoreError: one could not be fetched.
        """
        out: dict[ManifestKey, Read] = {}
        wanted: list[ManifestKey] = []
        for key in dict.fromkeys(keys):
            known = self._memory.get(key)
            if isinstance(known, Manifest | Problem):
                out[key] = known
            else:
                wanted.append(key)
        found = self._store.get_many([key.path for key in wanted])
        for key in wanted:
            data = found[key.path]
            if isinstance(data, MissingObject):
                continue
            if isinstance(data, Exception):
                raise data
            read = out[key] = _decoded(data, key)
            size = len(read.files) if isinstance(read, Manifest) else 1
            self._memory.put(key, read, _ROW_BYTES * (1 + size))
        return out

    def known(self, keys: Collection[ManifestKey]) -> int:
        """How many manifests are at hand, so that reading them costs nothing."""
        return sum(self._memory.get(key) is not None for key in keys)


def _decoded(data: bytes, key: ManifestKey) -> Read:
    try:
        manifest = decode_manifest(data, key=key.path)
    except (DamagedObject, LakeFormat) as error:
        return problem_of(key.path, error)
    if is_of(manifest, key):
        return manifest
    return Problem(key.path, "content", f"{key.path} tells of another version than its name")


def _versions(shelf: Shelf, decided: Decided) -> dict[str, tuple[Version, ...]]:
    out: dict[str, list[Version]] = {}
    for key, _ in shelf.listing.manifests:
        if not decided.is_purged(key.artifact, key.version):
            out.setdefault(key.artifact, []).append(key.version)
    return {name: tuple(sorted(out[name])) for name in sorted(out)}


def _aliases(decided: Decided) -> dict[tuple[str, Version], tuple[str, ...]]:
    out: dict[tuple[str, Version], list[str]] = {}
    for (artifact, alias), version in decided.aliases.items():
        out.setdefault((artifact, version), []).append(alias)
    return {about: tuple(sorted(names)) for about, names in out.items()}
