"""Checking a lake's artifacts: manifests and decisions readable, each file that a living version names in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...schema.artifacts.acts import Act, decide, decode_act
from ...schema.artifacts.keys import ActKey, IntentKey, ManifestKey
from ...schema.artifacts.manifest import FileRow, Manifest, decode_manifest, is_of
from ...schema.errors import DamagedObject, LakeFormat
from ...schema.problems import Problem, problem_of
from ...store.base import ObjectInfo, Store
from .download import verify


@dataclass(slots=True)
class ArtifactCheck:
    """What a pass over a lake has found of artifacts so far."""

    files: dict[str, int] = field(default_factory=dict)
    """Bytes of each file, by key."""
    manifests: dict[ManifestKey, Manifest] = field(default_factory=dict)
    acts: dict[str, list[Act]] = field(default_factory=dict)
    """By project."""

    def listed(self, info: ObjectInfo) -> None:
        """Remember a file."""
        self.files[info.key] = info.size

    def read(self, key: ManifestKey | IntentKey | ActKey, data: bytes) -> list[Problem]:
        """Look at a manifest, an intent or a decision; what is wrong with it."""
        try:
            if isinstance(key, ActKey):
                act = decode_act(data, key=key)
                self.acts.setdefault(key.project, []).extend([act] if act is not None else [])
                return []
            manifest = decode_manifest(data, key=key.path)
        except (DamagedObject, LakeFormat) as error:
            return [problem_of(key.path, error)]
        if not is_of(manifest, key):
            told = f"{manifest.head.artifact}:{manifest.head.version}"
            return [Problem(key.path, "content", f"{key.path} tells of {told}, not of what it is named after")]
        if isinstance(key, ManifestKey):
            self.manifests[key] = manifest
        return []

    def living(self) -> Mapping[ManifestKey, Manifest]:
        """Versions that were not purged."""
        decided = {project: decide(acts) for project, acts in self.acts.items()}
        return {
            key: manifest
            for key, manifest in self.manifests.items()
            if key.project not in decided or not decided[key.project].is_purged(key.artifact, key.version)
        }

    def relate(self) -> list[Problem]:
        """Files of living versions that are not there, or not as long as they must be. No request."""
        problems = []
        for key, manifest in sorted(self.living().items(), key=lambda each: each[0].path):
            for row in manifest.files:
                if row.object is not None and (complaint := self._complaint(row, row.object)):
                    whose = f"{row.path} of {key.artifact}:{key.version} ({key.project})"
                    text = f"{row.object} {complaint}: {whose} is lost; put the object back from a copy of the lake"
                    problems.append(Problem(row.object, "missing", text))
        return problems

    def _complaint(self, row: FileRow, key: str) -> str | None:
        size = self.files.get(key)
        if size is None:
            return "is not there"
        needed = row.offset + row.bytes
        if size < needed or (not row.offset and size != needed):
            return f"has {size:,} bytes where {needed:,} belong"
        return None

    def reread(self, store: Store, progress: Callable[[int, int], None]) -> list[Problem]:
        """Compare every byte of every file of living versions with its SHA-256, each once.

        One GET for each 8 MB; memory: as much.
        """
        seen: set[tuple[str | None, int]] = set()
        total = sum(self.files.values())
        problems: list[Problem] = []
        done = 0
        for _, manifest in sorted(self.living().items(), key=lambda each: each[0].path):
            fresh = [r for r in manifest.files if (r.object, r.offset) not in seen and r.object in self.files]
            seen.update((row.object, row.offset) for row in fresh)
            problems += verify(store, Manifest(manifest.head, tuple(fresh)))
            done += sum(row.bytes for row in fresh)
            progress(min(done, total), total)
        return problems
