"""What a run logs and uses beside numbers: versions of artifacts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ..schema.artifacts.keys import ManifestKey
from ..schema.artifacts.names import check_alias, check_artifact_name, parse_version
from ..schema.errors import InvalidSetting, RunFinished
from ..schema.run.lineage import Lineage, united
from ..schema.values import brief
from ..store.base import Store
from ..store.opening import open_store
from ..upkeep.artifacts.artifact import Artifact as StoredArtifact
from ..upkeep.artifacts.artifact import open_artifact
from .artifacts.artifact import Artifact
from .artifacts.handle import ArtifactHandle, reason
from .buffer import Buffer
from .carrier import Carrier, now_ms
from .record import Record
from .settings import Settings

_UNSPECIFIED: Final = "unspecified"


class ArtifactLog(Record):
    """The part of a run that stores and fetches files."""

    _settings: Settings
    _buffer: Buffer
    _carrier: Carrier | None

    def log_artifact(
        self,
        artifact: str | os.PathLike[str] | Artifact,
        name: str | None = None,
        type: str = _UNSPECIFIED,  # noqa: A002 the field's own word
        *,
        aliases: Iterable[str] = (),
        metadata: Mapping[str, Any] | None = None,
        description: str | None = None,
        wait: bool = False,
    ) -> ArtifactHandle:
        """Store a file, a folder or an `Artifact` as the next version of an artifact, in the background.

        Returns once it is noted in the run's spool, from where it is uploaded even if the process is killed
        (`lakeboard recover`, or the next start on this host). A version is whole or not there at all. Where the newest
        one has these very files, it is that one, and nothing is sent. Never raises for what can't be stored: that is
        told on the console, and in the handle's `error`.

        Leave the files alone until they are uploaded: one that changed makes no version. Files in the system's
        temporary folder are copied first, 64 MB of them at most.

        The call looks at each file once and reads none but those it copies. The upload reads each once, and costs what
        `lakeboard artifact put` does: 2 or 3 LISTs, a few GETs, 2 PUTs, and one PUT for each file, 8 MB of a large one
        or 64 MB of small ones.

        Args:
            artifact: what to store.
            name: the artifact's name in the run's project; default: the file's or folder's own.
            type: such as `dataset` or `model`.
            aliases: names that this version gets, and other versions lose, such as `best`.
            metadata: a dict, kept as JSON of at most a megabyte; likely secrets are redacted.
            description: free text.
            wait: return only when it is in the lake, or refused, or `finish_seconds` are over.
        """
        shown = brief(artifact if name is None else name)
        try:
            made = _artifact_of(artifact, name, type, metadata, description)
            shown = brief(made.name)
            handle = self._log_artifact(made, aliases)
        except Exception as error:  # noqa: BLE001 - whatever was passed, it costs itself and never a training
            self._console.warn(f"artifact {shown} is not stored: {reason(error)}")
            return ArtifactHandle.refused(shown, error)
        if wait and not handle.done:
            handle.wait_quietly(self._settings.finish_seconds)
        return handle

    def log_dir(
        self,
        path: str | os.PathLike[str],
        name: str | None = None,
        type: str = _UNSPECIFIED,  # noqa: A002 the field's own word
        **options: Any,
    ) -> ArtifactHandle:
        """`log_artifact` of a folder with all files below it; a file is refused. Takes the same options."""
        try:
            if not Path(path).is_dir():
                raise InvalidSetting(f"{path} is no folder; log_artifact takes files")
        except Exception as error:  # noqa: BLE001 - as in log_artifact
            shown = brief(path if name is None else name)
            self._console.warn(f"artifact {shown} is not stored: {reason(error)}")
            return ArtifactHandle.refused(shown, error)
        return self.log_artifact(path, name, type, **options)

    def log_reference(
        self,
        url: str,
        name: str,
        type: str = _UNSPECIFIED,  # noqa: A002 the field's own word
        *,
        etag: str | None = None,
        **options: Any,
    ) -> ArtifactHandle:
        """`log_artifact` of something outside of the lake: its address is kept, it is neither fetched nor kept alive.

        Args:
            url: where it is; likely secrets in it are redacted.
            name: the artifact's name.
            type: such as `dataset`.
            etag: what its store says of its content; another one makes another version.
            **options: those of `log_artifact`.
        """
        made = Artifact(name, type)
        made.add_reference(url, etag=etag)
        return self.log_artifact(made, **options)

    def use_artifact(self, name: str, type: str | None = None) -> StoredArtifact:  # noqa: A002 the field's own word
        """The version that a name means, to read and `download()`; noted among the run's `inputs`.

        Asks the lake before it returns: one LIST, a GET for each decision and one for the manifest. What this run
        logged is there once its handle's `wait` has returned.

        Args:
            name: `name`, `name:latest`, `name:v3`, `name:alias`; with `project/` before it, of another project.
            type: which it must have; default: any.

        Raises:
            InvalidName: no such name can be.
            InvalidSetting: it is of another type.
            UnknownArtifact: there is none such; says which there are.
            StoreError: the lake can't be read.
        """
        if not isinstance(name, str):
            raise InvalidSetting(f"use_artifact({brief(name)}) takes a name such as 'digits:latest'")
        project, slash, rest = name.rpartition("/")
        check_artifact_name(rest.partition(":")[0])
        found = open_artifact(self._artifact_store(), f"{project if slash else self.project}/{rest}")
        if type is not None and found.type != type:
            raise InvalidSetting(f"{name!r} is of type {found.type!r}, not {type!r}; leave type= out, or use another")
        used = Lineage(found.project, found.name, found.version, now_ms())
        with self._lock:
            if used.identity not in {each.identity for each in self._row.inputs}:
                self._change(inputs=(*self._row.inputs, used))
        return found

    # -- within -----------------------------------------------------------------------------------------------

    def _log_artifact(self, artifact: Artifact, aliases: Iterable[str]) -> ArtifactHandle:
        if self._finished:
            raise RunFinished(f"run {self.name} has finished; log it before that, or begin another run")
        given = (aliases,) if isinstance(aliases, str) else tuple(aliases)
        for alias in given:
            check_alias(alias)
        parts = artifact.parts(run_id=self.id, writer=self._row.writer)
        self._buffer.wake()
        if self._carrier is None:
            raise RunFinished(f"this process can't write to run {self.id}")
        # In a forked child the writer is another one now.
        parts.draft.writer = self._row.writer
        return self._carrier.artifacts.submit(parts, aliases=given, used=[*self._used_keys()])

    def _artifact_store(self) -> Store:
        if self._carrier is not None:
            return self._carrier.store
        return open_store(self._settings.lake, options=self._settings.storage_options or None)

    def _used_keys(self) -> Iterable[ManifestKey]:
        for used in self._row.inputs:
            version = parse_version(used.version)
            if version is not None and used.project == self.project:
                yield ManifestKey(used.project, used.artifact, version)

    def _note_output(self, made: Lineage) -> None:
        """A version is in the lake; told in the background, while the run ends, too."""
        with self._lock:
            self._row = replace(self._row, outputs=united((self._row.outputs, (made,))))


def _artifact_of(
    given: str | os.PathLike[str] | Artifact,
    name: str | None,
    type_: str,
    metadata: Mapping[str, Any] | None,
    description: str | None,
) -> Artifact:
    if isinstance(given, Artifact):
        made = given
        if name is not None and name != made.name:
            raise InvalidSetting(f"the Artifact is called {made.name!r}; leave name={name!r} out")
        if type_ not in (_UNSPECIFIED, made.type):
            raise InvalidSetting(f"the Artifact is of type {made.type!r}; leave type={type_!r} out")
        if metadata is not None:
            made.metadata = {**made.metadata, **metadata}
    else:
        path = Path(os.fsdecode(given))
        made = Artifact(path.absolute().name if name is None else name, type_, metadata)
        add: Callable[[Path], None] = made.add_dir if path.is_dir() else made.add_file
        add(path)
    if description is not None:
        made.description = description
    return made
