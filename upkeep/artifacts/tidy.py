"""Tidying a project's files: versions of purged runs go, then all files that no version names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...schema.artifacts.keys import ManifestKey
from ...schema.errors import DamagedObject, LakeFormat, MissingObject
from ...store.base import Store
from ..clock import GRACE
from .acts import put_act
from .collect import Collected, collect
from .lineage import used_versions
from .versions import look, read_manifest


@dataclass(frozen=True, slots=True)
class FilesTidied:
    """What became of a project's files."""

    purged: tuple[ManifestKey, ...]
    """Versions of purged runs, which are purged now as well."""
    kept: tuple[ManifestKey, ...]
    """Versions of purged runs that stay, since an alias or another run's `inputs` name them: purge them by their own
    name."""
    collected: Collected

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.purged or self.collected.deleted or self.collected.abandoned or self.collected.problems)


def tidy_files(
    store: Store,
    project: str,
    *,
    purged_runs: Collection[str],
    now: datetime,
    now_ms: int,
    rand: str,
    grace: timedelta = GRACE,
    dry_run: bool = False,
) -> FilesTidied:
    """Purge what purged runs made, but what an alias or another run names, and collect what nobody names.

    Costs a collection, see there; after a purge of runs one GET for each living version more, and where versions of
    theirs are to go also what `used_versions` costs. What versions of a purge
    of just now leave goes with the next tidy, where there is a grace.

    Args:
        store: the lake.
        project: whose files.
        purged_runs: runs that somebody purged.
        now: the store's time, or any time before it.
        now_ms: this machine's clock.
        rand: 8 hex digits that no other decision has.
        grace: so long files and purges stay.
        dry_run: tell, and write nothing.

    Raises:
        StoreError: something could not be listed, fetched or written; do it again.
        DamagedObject: a run's row can't be read, so that it is not known what that run used; `lakeboard fsck` helps.
        LakeFormat: likewise, of a newer lakeboard.
    """
    going, staying = _versions_of(store, project, purged_runs) if purged_runs else ((), ())
    if not dry_run and going:
        newest = look(store, project).acts.newest
        for key, run_id in going:
            why = f"run {run_id} was purged"
            newest = put_act(
                store, project, "purge", key.artifact, key.version, why=why, now_ms=now_ms, seen=newest, rand=rand
            ).hlc
    done = collect(store, project, now=now, now_ms=now_ms, rand=rand, grace=grace, dry_run=dry_run)
    return FilesTidied(tuple(key for key, _ in going), staying, done)


def _versions_of(
    store: Store, project: str, run_ids: Collection[str]
) -> tuple[tuple[tuple[ManifestKey, str], ...], tuple[ManifestKey, ...]]:
    """Living versions that some runs made: those that may go, each with its run, and those that are still named."""
    shelf = look(store, project)
    decided, wanted = shelf.decided, frozenset(run_ids)
    going: list[tuple[ManifestKey, str]] = []
    staying: list[ManifestKey] = []
    for key, _ in shelf.listing.manifests:
        if decided.is_purged(key.artifact, key.version):
            continue
        try:
            run_id = read_manifest(store, key).head.run_id
        except (MissingObject, DamagedObject, LakeFormat):
            continue  # Whose it is can't be told: the collection names it.
        if run_id is None or run_id not in wanted:
            continue
        if decided.aliases_of(key.artifact, key.version):
            staying.append(key)
        else:
            going.append((key, run_id))
    if going:
        used = used_versions(store, project, without_runs=wanted)
        staying += [key for key, _ in going if (key.artifact, str(key.version)) in used]
        going = [each for each in going if each[0] not in staying]
    return tuple(going), tuple(staying)
