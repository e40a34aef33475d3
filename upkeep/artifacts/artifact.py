"""One version of an artifact, to read: its files, one by one or all, compared with their hashes."""

from __future__ import annotations

import builtins
import io
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from ...schema.artifacts.acts import Op
from ...schema.artifacts.keys import ManifestKey
from ...schema.artifacts.manifest import FileRow, Manifest
from ...schema.artifacts.names import check_alias
from ...schema.errors import InvalidSetting, UnknownArtifact
from ...schema.problems import Problem
from ...schema.text.nearest import did_you_mean, nearest
from ...store.base import Store
from .acts import put_act
from .download import download, read, verify
from .ranges import FileRanges
from .summaries import Summary, summary_of
from .versions import Shelf, look, read_manifest, resolve

if TYPE_CHECKING:
    import pyarrow as pa

_BUFFER: Final = 1024**2


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Artifact:
    """A version of an artifact as it was when it was opened. Nothing of it ever changes but aliases and decisions.

    Args:
        store: the lake.
        key: which version.
        manifest: what it holds.
        shelf: the project's artifacts, as they were seen.
        now_ms: this machine's clock, for decisions.
    """

    def __init__(
        self, store: Store, key: ManifestKey, manifest: Manifest, shelf: Shelf, *, now_ms: Callable[[], int] = _now_ms
    ) -> None:
        self._store = store
        self._key = key
        self._manifest = manifest
        self._summary = summary_of(shelf, key, manifest)
        self._rows = {row.path: row for row in manifest.files}
        self._now_ms = now_ms

    def __repr__(self) -> str:
        return f"Artifact({self.project}/{self.name}:{self.version})"

    @property
    def project(self) -> str:
        """Whose it is."""
        return self._key.project

    @property
    def name(self) -> str:
        """The artifact's name."""
        return self._key.artifact

    @property
    def version(self) -> str:
        """In full: `v3-9f2c01ab`."""
        return str(self._key.version)

    @property
    def number(self) -> int:
        """Of the version; two that were made at once may have the same."""
        return self._key.version.number

    @property
    def summary(self) -> Summary:
        """Type, maker, time, sizes, digest, aliases, description."""
        return self._summary

    @property
    def type(self) -> str:
        """Such as `dataset`."""
        return self._summary.type

    @property
    def run_id(self) -> str | None:
        """Who made it; None outside of runs."""
        return self._summary.run_id

    @property
    def bytes(self) -> int:
        """Of all files."""
        return self._summary.bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the whole content: equal for two versions with the same files."""
        return self._summary.digest

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What its maker noted."""
        return self._manifest.head.metadata

    @property
    def aliases(self) -> tuple[str, ...]:
        """Those that it had when it was opened."""
        return self._summary.aliases

    def files(self) -> pa.Table:
        """One row a file: `path`, `bytes`, `sha256`, `object`, `offset`, `reference`, `media_type`. No request."""
        import pyarrow as pa

        names = ("path", "bytes", "sha256", "object", "offset", "reference", "media_type")
        types = (pa.string(), pa.int64(), pa.string(), pa.string(), pa.int64(), pa.string(), pa.string())
        columns = [[getattr(row, name) for row in self._manifest.files] for name in names]
        return pa.table([pa.array(c, t) for c, t in zip(columns, types, strict=True)], names=list(names))

    def read(self, path: str) -> builtins.bytes:
        """All bytes of one file, compared with its hash. One GET for each 8 MB.

        Raises:
            UnknownArtifact: it has no such file; names the nearest.
            DamagedObject: its bytes are not those that were stored.
            MissingObject: it is gone: the version was purged meanwhile.
        """
        return read(self._store, self._row(path))

    def open(self, path: str) -> BinaryIO:
        """One file to read from, by ranges of a megabyte; its hash is not compared.

        Raises:
            UnknownArtifact: it has no such file; names the nearest.
            InvalidSetting: it is a reference.
        """
        row = self._row(path)
        if row.object is None:
            raise InvalidSetting(f"{path} is a reference to {row.reference}: open it with the tool of its store")
        return io.BufferedReader(FileRanges(self._store, row.object, row.offset, row.bytes), _BUFFER)

    def download(self, root: str | Path | None = None) -> Path:
        """Fetch all files, each compared with its hash; what is there already with the right hash stays.

        Args:
            root: the folder; default: name and version, in the current one.

        Raises:
            DamagedObject: a file in the lake is not what was stored.
            MissingObject: one is gone: the version was purged meanwhile. Those before it are there.
            OSError: one can't be written.
        """
        return download(self._store, self._manifest, Path(root or f"{self.name}-{self.version}"))

    def verify(self) -> list[Problem]:
        """Read every file and compare it with its hash; what is wrong. One GET for each 8 MB."""
        return list(verify(self._store, self._manifest))

    def alias(self, *names: str) -> None:
        """Give this version aliases; they leave whatever versions had them. One LIST and one PUT each.

        Raises:
            InvalidName: an alias that can't be; none was given then.
        """
        for name in names:
            check_alias(name)
        for name in names:
            self._decide("alias", name)

    def delete(self) -> None:
        """Hide this version: it is no longer the newest, and nothing is lost. One LIST and one PUT."""
        self._decide("delete", None)

    def restore(self) -> None:
        """Show it again. One LIST and one PUT."""
        self._decide("restore", None)

    def _decide(self, op: Op, arg: str | None) -> None:
        newest = look(self._store, self.project).acts.newest
        put_act(
            self._store,
            self.project,
            op,
            self.name,
            self._key.version,
            arg=arg,
            now_ms=self._now_ms(),
            seen=newest,
            rand=secrets.token_hex(4),
        )

    def _row(self, path: str) -> FileRow:
        row = self._rows.get(path)
        if row is None:
            near = did_you_mean(nearest(path, self._rows))
            raise UnknownArtifact(f"{self.name}:{self.version} has no file {path!r}{near}")
        return row


def open_artifact(store: Store, name: str) -> Artifact:
    """The version that `project/name`, `project/name:alias` or `project/name:v3` means.

    One LIST, a GET for each decision and one for the manifest.

    Raises:
        InvalidName: no such name can be.
        InvalidSetting: it names no project.
        UnknownArtifact: there is none such; says which there are.
    """
    project, slash, rest = name.rpartition("/")
    if not slash or not project:
        raise InvalidSetting(f"{name!r} names no project; write it as 'project/{rest or 'name'}'")
    shelf = look(store, project)
    key = resolve(store, shelf, rest)
    return Artifact(store, key, read_manifest(store, key), shelf)
