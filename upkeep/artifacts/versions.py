"""Which versions live, and which one a name means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ...schema.artifacts.acts import Decided, Fate
from ...schema.artifacts.keys import ManifestKey
from ...schema.artifacts.manifest import Manifest, decode_manifest, is_of
from ...schema.artifacts.names import LATEST, Version, check_artifact_name, parse_version
from ...schema.errors import DamagedObject, UnknownArtifact
from ...store.base import Store
from .acts import Acts, read_acts
from .listing import ArtifactListing, list_artifacts

_NUMBER: Final = re.compile(r"v([1-9][0-9]{0,8})")
_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Shelf:
    """A project's artifacts as they stood at one moment."""

    listing: ArtifactListing
    acts: Acts

    @property
    def decided(self) -> Decided:
        """What all decisions come to."""
        return self.acts.decided

    def living(self, artifact: str) -> list[Version]:
        """Versions of an artifact that were made and not purged, deleted ones among them; the highest number last."""
        decided = self.decided
        return [v for v in self.listing.versions(artifact) if not decided.is_purged(artifact, v)]


def look(store: Store, project: str) -> Shelf:
    """Look at a project's artifacts. One LIST, one GET for each decision; no manifest is read."""
    listing = list_artifacts(store, project)
    return Shelf(listing, read_acts(store, listing))


def read_manifest(store: Store, key: ManifestKey) -> Manifest:
    """What a version is and which files it has. One GET.

    Raises:
        DamagedObject: it can't be read, or is another version's.
        MissingObject: it was purged and is gone.
    """
    found = decode_manifest(store.get(key.path), key=key.path)
    if not is_of(found, key):
        raise DamagedObject(
            f"{key.path} tells of {found.head.artifact}:{found.head.version}, not of what it is named after",
            key=key.path,
        )
    return found


def resolve(store: Store, shelf: Shelf, name: str) -> ManifestKey:
    """The version that `name`, `name:alias`, `name:v3` or `name:v3-9f2c01ab` means. No request, but where two claim it.

    Without anything behind the name, and for `latest`, it is the newest version that lives and is not deleted: the
    highest number, of equal ones the one that was made last.

    Raises:
        InvalidName: no name of an artifact.
        UnknownArtifact: there is none such, it was purged, or two versions have the number; says which there are.
    """
    artifact, _, wanted = name.partition(":")
    check_artifact_name(artifact)
    wanted = wanted or LATEST
    project, decided = shelf.listing.project, shelf.decided
    made = shelf.listing.versions(artifact)
    living = shelf.living(artifact)
    if not living:
        purged = f"; {len(made)} versions of it were purged" if made else ""
        known = sorted({key.artifact for key, _ in shelf.listing.manifests})
        there = ", ".join(known[:_NAMED]) or "none yet"
        raise UnknownArtifact(f"project {project!r} has no artifact {artifact!r}{purged}; it has {there}")
    if wanted == LATEST:
        shown = [v for v in living if not decided.fates.get((artifact, v), Fate()).deleted]
        if not shown:
            raise UnknownArtifact(f"all versions of {artifact!r} in {project!r} are deleted; restore one, or name it")
        highest = [v for v in shown if v.number == shown[-1].number]
        return _last_made(store, [ManifestKey(project, artifact, v) for v in highest])
    version = parse_version(wanted)
    number = _NUMBER.fullmatch(wanted)
    if version is None and number is None:
        version = decided.aliases.get((artifact, wanted))
        if version is None:
            others = sorted(alias for name, alias in decided.aliases if name == artifact)
            raise UnknownArtifact(
                f"no version of {artifact!r} in {project!r} has the alias {wanted!r}; "
                f"there are {', '.join([LATEST, *others])}, and {_told(living)}"
            )
    candidates = [version] if version is not None else [v for v in made if number and v.number == int(number[1])]
    alive = [v for v in candidates if v in living]
    if len(alive) == 1:
        return ManifestKey(project, artifact, alive[0])
    if alive:
        raise UnknownArtifact(f"{artifact}:{wanted} could be {' or '.join(map(str, alive))}: name one in full")
    for each in candidates:
        purge = decided.fates.get((artifact, each), Fate()).purged
        if purge is not None:
            by = f" by {purge.editor}" if purge.editor else ""
            raise UnknownArtifact(f"{artifact}:{wanted} is {each}, which was purged{by}; there are {_told(living)}")
    raise UnknownArtifact(f"{artifact!r} in {project!r} has no version {wanted!r}; there are {_told(living)}")


def _last_made(store: Store, keys: list[ManifestKey]) -> ManifestKey:
    if len(keys) == 1:
        return keys[0]
    return max(keys, key=lambda k: (read_manifest(store, k).head.created_at, k.version.rand))


def _told(versions: list[Version]) -> str:
    shown = ", ".join(map(str, reversed(versions[-_NAMED:])))
    return shown + (f" and {len(versions) - _NAMED} more" if len(versions) > _NAMED else "")
