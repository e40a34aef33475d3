"""What a project's folder of artifacts holds, by kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...schema.artifacts.keys import ActKey, IntentKey, ManifestKey, artifacts_prefix
from ...schema.artifacts.names import Version
from ...schema.keys import parse_key
from ...store.base import ObjectInfo, Store


@dataclass(frozen=True, slots=True)
class ArtifactListing:
    """One listing of manifests, intents and acts, in the order of their keys."""

    project: str
    manifests: tuple[tuple[ManifestKey, ObjectInfo], ...]
    intents: tuple[tuple[IntentKey, ObjectInfo], ...]
    acts: tuple[tuple[ActKey, ObjectInfo], ...]

    def versions(self, artifact: str) -> list[Version]:
        """Versions of an artifact that have a manifest, whatever became of them; the highest number last."""
        return sorted(key.version for key, _ in self.manifests if key.artifact == artifact)

    def next_number(self, artifact: str) -> int:
        """One more than the highest number that anybody began."""
        begun = [key.version for key, _ in self.intents if key.artifact == artifact]
        return max((v.number for v in [*self.versions(artifact), *begun]), default=0) + 1


def list_artifacts(store: Store, project: str) -> ArtifactListing:
    """List a project's artifacts. One LIST, one page more per 1,000 objects."""
    return by_kind(project, store.list(artifacts_prefix(project)))


def by_kind(project: str, listed: Iterable[ObjectInfo]) -> ArtifactListing:
    """A listing sorted by kind; what is no artifact's is left out. Pure."""
    manifests: list[tuple[ManifestKey, ObjectInfo]] = []
    intents: list[tuple[IntentKey, ObjectInfo]] = []
    acts: list[tuple[ActKey, ObjectInfo]] = []
    for info in listed:
        key = parse_key(info.key)
        if isinstance(key, ManifestKey):
            manifests.append((key, info))
        elif isinstance(key, IntentKey):
            intents.append((key, info))
        elif isinstance(key, ActKey):
            acts.append((key, info))
    return ArtifactListing(project, tuple(manifests), tuple(intents), tuple(acts))
