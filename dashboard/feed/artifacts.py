"""What pages and routes know of artifacts: one look at a project that all viewers share, and decisions."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from threading import Lock

from ...query.artifacts.catalog import Catalog, Catalogs, Read
from ...query.lake import Lake
from ...schema.artifacts.acts import Op
from ...schema.artifacts.keys import ManifestKey
from ...schema.artifacts.names import Version
from ...schema.errors import StoreError
from ...upkeep.artifacts.acts import put_act
from .feed import feed
from .refresh_policy import PROJECT_LOCAL, PROJECT_REMOTE


class ArtifactWatch:
    """Artifacts of a lake's projects as they were lately. Safe to share between threads."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._catalogs = Catalogs(lake.store, lake.memory.part("artifacts"))
        self._seconds = (PROJECT_LOCAL if lake.store.is_local else PROJECT_REMOTE).live_seconds
        self._lock = Lock()
        self._known: dict[str, tuple[float, Catalog]] = {}
        self._looking: dict[str, Lock] = {}

    def catalog(self, project: str) -> Catalog:
        """A project's versions. The requests of `Catalogs.take`, or none within some seconds of the last look.

        Viewers who ask at the same time share one look. When the lake does not answer, the last look.

        Raises:
            StoreError: the lake does not answer, and never did.
        """
        with self._lock:
            turn = self._looking.setdefault(project, Lock())
        with turn:
            known = self._known.get(project)
            if known is not None and time.monotonic() - known[0] <= self._seconds:
                return known[1]
            try:
                found = self._catalogs.take(project)
            except StoreError:
                if known is None:
                    raise
                found = known[1]
            self._known[project] = (time.monotonic(), found)
            return found

    def manifests(self, keys: Iterable[ManifestKey]) -> dict[ManifestKey, Read]:
        """What versions hold. See `Catalogs.manifests`."""
        return self._catalogs.manifests(keys)

    def forget(self, project: str) -> None:
        """Look anew at the next request."""
        self._known.pop(project, None)

    def decide(
        self, project: str, op: Op, artifact: str, version: Version, arg: str | None = None, *, editor: str | None
    ) -> None:
        """A person's decision about a version, seen by everyone's next look. One LIST and one PUT.

        Raises:
            StoreError: it was not written.
            InvalidName: an alias that can't be.
        """
        newest = self._catalogs.take(project).shelf.acts.newest
        put_act(
            self._lake.store,
            project,
            op,
            artifact,
            version,
            arg=arg,
            editor=editor,
            now_ms=time.time_ns() // 1_000_000,
            seen=newest,
            rand=secrets.token_hex(4),
        )
        self.forget(project)


def artifacts() -> ArtifactWatch:
    """The artifacts of the server's lake. No request but that of `feed`."""
    known = feed()
    return known.keep("artifacts", lambda: ArtifactWatch(known.lake))
