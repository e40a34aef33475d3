"""Keys of artifacts' objects: build and parse, an inverse pair. `schema.keys.parse_key` knows them all.

::

    files/project=<P>/<A>/<V>/<path>                  FileKey      the bytes of one file, or of a bundle of small ones
    artifacts/project=<P>/i-<A>.<V>.parquet           IntentKey    what a version that is being made will refer to
    artifacts/project=<P>/a-<A>.<V>.parquet           ManifestKey  a version: its files with sizes and hashes
    artifacts/project=<P>/e-<hlc>-<rand>.json         ActKey       what people decided about versions

`<A>` is the artifact's name, percent-encoded; `<V>` is `v<N>-<8 hex>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote, unquote

from ..names import check_project
from .names import Version, check_artifact_name, parse_version

BUNDLES: Final = "_pack"
"""Folder of a version's bundles; a file of the user's is never stored below it."""
OTHERS: Final = "_more"
"""Folder of files whose own paths can't be keys, by number."""
_P: Final = r"project=(?P<project>[^/]+)"
_A: Final = r"(?P<artifact>[^/]+)"
_V: Final = r"(?P<version>v[1-9][0-9]{0,8}-[0-9a-f]{8})"
_FILE: Final = re.compile(rf"files/{_P}/{_A}/{_V}/(?P<path>[^/]+(?:/[^/]+)*)")
_TABLE: Final = re.compile(rf"artifacts/{_P}/(?P<kind>[ia])-{_A}\.{_V}\.parquet")
_ACT: Final = re.compile(rf"artifacts/{_P}/e-(?P<hlc>[0-9]{{20,}})-(?P<rand>[0-9a-f]{{8}})\.json")


def files_prefix(project: str) -> str:
    """The folder of a project's files, with a trailing slash."""
    return f"files/project={quote(project, safe='')}/"


def artifacts_prefix(project: str) -> str:
    """The folder of a project's manifests, intents and acts, with a trailing slash."""
    return f"artifacts/project={quote(project, safe='')}/"


@dataclass(frozen=True, slots=True)
class FileKey:
    """The bytes of one file of a version, or of a bundle of small ones."""

    project: str
    artifact: str
    version: Version
    path: str
    """The object's key."""

    @property
    def folder(self) -> str:
        """Where the version's own objects lie, with a trailing slash."""
        return version_prefix(self.project, self.artifact, self.version)


@dataclass(frozen=True, slots=True)
class IntentKey:
    """A version that is being made: what it will refer to must stay."""

    project: str
    artifact: str
    version: Version

    @property
    def path(self) -> str:
        """The object's key."""
        return f"{artifacts_prefix(self.project)}i-{quote(self.artifact, safe='')}.{self.version}.parquet"


@dataclass(frozen=True, slots=True)
class ManifestKey:
    """A version that was made."""

    project: str
    artifact: str
    version: Version

    @property
    def path(self) -> str:
        """The object's key."""
        return f"{artifacts_prefix(self.project)}a-{quote(self.artifact, safe='')}.{self.version}.parquet"


@dataclass(frozen=True, slots=True)
class ActKey:
    """One decision of a person about one version."""

    project: str
    hlc: int
    rand: str

    @property
    def path(self) -> str:
        """The object's key."""
        return f"{artifacts_prefix(self.project)}e-{self.hlc:020d}-{self.rand}.json"


ArtifactKey: TypeAlias = FileKey | IntentKey | ManifestKey | ActKey


def version_prefix(project: str, artifact: str, version: Version) -> str:
    """The folder of a version's own objects, with a trailing slash."""
    return f"{files_prefix(project)}{quote(artifact, safe='')}/{version}/"


def parse_artifact_key(key: str) -> ArtifactKey | None:
    """What the object under `key` is; None for one that is no artifact's, or not spelt as lakeboard spells it."""
    match = _FILE.fullmatch(key) or _TABLE.fullmatch(key) or _ACT.fullmatch(key)
    if match is None:
        return None
    part = match.groupdict()
    try:
        project = check_project(unquote(part["project"], errors="strict"))
        if "hlc" in part:
            return ActKey(project, int(part["hlc"]), part["rand"])
        artifact = check_artifact_name(unquote(part["artifact"], errors="strict"))
    except (ValueError, UnicodeDecodeError):
        return None
    version = parse_version(part["version"])
    assert version is not None
    if "path" in part:
        file = FileKey(project, artifact, version, key)
        return file if key.startswith(file.folder) else None
    return (IntentKey if part["kind"] == "i" else ManifestKey)(project, artifact, version)
