"""What the versions of a project's artifacts are, in a line each; and how two of them differ."""

from __future__ import annotations

from dataclasses import dataclass

from ...schema.artifacts.acts import Fate
from ...schema.artifacts.keys import ManifestKey, version_prefix
from ...schema.artifacts.manifest import Manifest, decode_manifest, is_of
from ...schema.artifacts.names import Version
from ...schema.errors import DamagedObject, LakeFormat, MissingObject
from ...schema.problems import Problem, problem_of
from ...store.base import Store
from .versions import Shelf, look


@dataclass(frozen=True, slots=True)
class Summary:
    """One living version."""

    project: str
    artifact: str
    version: Version
    type: str
    created_at: int
    """Milliseconds since 1970, UTC."""
    run_id: str | None
    files: int
    bytes: int
    shared: int
    """Bytes of these that lie in other versions' folders."""
    digest: str
    aliases: tuple[str, ...]
    deleted: bool
    description: str | None


@dataclass(frozen=True, slots=True)
class Summaries:
    """All living versions of a project, by artifact and number."""

    versions: tuple[Summary, ...]
    problems: tuple[Problem, ...]
    """Manifests and decisions that could not be read."""


def summaries(store: Store, project: str) -> Summaries:
    """Every living version, deleted ones among them. One LIST, one GET for each decision and each manifest.

    Raises:
        StoreError: something could not be listed or fetched.
    """
    shelf = look(store, project)
    decided = shelf.decided
    keys = [k for k, _ in shelf.listing.manifests if not decided.is_purged(k.artifact, k.version)]
    found = store.get_many([key.path for key in keys])
    out: list[Summary] = []
    problems = list(shelf.acts.problems)
    for key in keys:
        data = found[key.path]
        if isinstance(data, MissingObject):
            continue  # Purged meanwhile.
        if isinstance(data, Exception):
            raise data
        try:
            manifest = decode_manifest(data, key=key.path)
        except (DamagedObject, LakeFormat) as error:
            problems.append(problem_of(key.path, error))
            continue
        if is_of(manifest, key):
            out.append(summary_of(shelf, key, manifest))
        else:
            problems.append(Problem(key.path, "content", f"{key.path} tells of another version than its name"))
    return Summaries(tuple(sorted(out, key=lambda s: (s.artifact, s.version))), tuple(problems))


def summary_of(shelf: Shelf, key: ManifestKey, manifest: Manifest) -> Summary:
    """One version in a line. Pure."""
    decided, head = shelf.decided, manifest.head
    fate = decided.fates.get((key.artifact, key.version), Fate())
    own = version_prefix(key.project, key.artifact, key.version)
    return Summary(
        key.project,
        key.artifact,
        key.version,
        head.type,
        head.created_at,
        head.run_id,
        len(manifest.files),
        manifest.bytes,
        sum(r.bytes for r in manifest.files if r.object is not None and not r.object.startswith(own)),
        manifest.digest,
        decided.aliases_of(key.artifact, key.version),
        fate.deleted,
        fate.description if fate.description is not None else head.description,
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """What one version has that another has not, by path."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    """In both, with other bytes (or another address)."""


def difference(before: Manifest, after: Manifest) -> Difference:
    """How the files of two versions differ. Pure."""
    old, new = (
        {row.path: (row.sha256, row.reference, row.etag) for row in manifest.files} for manifest in (before, after)
    )
    return Difference(
        tuple(sorted(new.keys() - old.keys())),
        tuple(sorted(old.keys() - new.keys())),
        tuple(sorted(path for path in old.keys() & new.keys() if old[path] != new[path])),
    )
