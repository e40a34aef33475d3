"""Two lakes become one: what the first has and the second lacks is copied, nothing is ever overwritten.

The second lake is right for its readers at every moment: people's decisions come first (so that a purged run never
shows up), then points and files, then the rows that name them, then tails of running writers, oldest first. The
first is listed in readers' order, so that what moves meanwhile is found, at the latest by listing again. An object
is there whole or not at all, so whatever stopped a sync, the next one goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, get_args

from ..schema.artifacts.keys import ActKey, FileKey, IntentKey, ManifestKey, files_prefix
from ..schema.artifacts.manifest import decode_manifest
from ..schema.errors import DamagedObject, InvalidSetting, LakeFormat, MissingObject
from ..schema.keys import DocumentArea, DocumentKey, PointsKey, RowKey, encode_segment, parse_key
from ..schema.logs.keys import LogKey
from ..schema.media.keys import MediaFileKey, MediaKey
from ..schema.parquet import MAGIC
from ..schema.problems import Problem, problem_of
from ..store.base import ObjectInfo, Store
from ..store.files.parts import PART_BYTES
from ..store.format import check_lake, ensure_lake
from .artifacts.acts import read_acts
from .artifacts.listing import by_kind, list_artifacts
from .finals import promised_by
from .listing import list_project, project_names
from .packing.pack import read_marks, read_packables
from .packing.packed import PackArea, RowId, is_covered, marks, remember
from .purge import tombstones
from .tails import tails_by_writer

_ROUNDS: Final = 5
"""So often a project that moves meanwhile is listed again."""
LARGE_BYTES: Final = PART_BYTES
"""Above this an object passes in parts, or is copied by the server that both lakes are on."""
_THREADS: Final = 8
_ARTIFACT: Final = (ActKey, FileKey, IntentKey, ManifestKey)
_SAVED: Final = get_args(DocumentArea)
"""Areas of JSON objects that belong to no project's folder."""
Progress = Callable[[str, int, int], None]
"""Told (what, objects done, objects in all)."""


@dataclass(slots=True)
class Synced:
    """What a sync did."""

    copied: int = 0
    """Objects."""
    bytes: int = 0
    dropped: int = 0
    """Tails of running writers in the second lake that newer ones replaced."""
    different: int = 0
    """Objects that both have in different sizes; none was touched."""
    problems: list[Problem] = field(default_factory=list)
    """Objects of the first lake that were not copied, because they are not whole."""
    moving: list[str] = field(default_factory=list)
    """Projects that moved all the time: run it again."""


def sync(
    source: Store, target: Store, *, project: str | None = None, progress: Progress = lambda what, done, total: None
) -> Synced:
    """Copy what `target` lacks.

    A project costs the LISTs of both sides, one GET of each pack and each object of edits on both, then one GET and
    one PUT for each object that is missing. Objects above 8 MB are never held in memory: between lakes of one S3
    server the server copies them, else they pass in parts. Where nothing is missing, nothing is written.

    Args:
        source: the lake to copy from; nothing is written there.
        target: the lake to copy into; becomes one if it was none.
        project: only this one.
        progress: told as objects are done.

    Raises:
        InvalidSetting: `source` is no lake, or both are the same.
        LakeFormat: one of them is of a newer format.
        StoreError: a store failed for good; run it again to go on.
    """
    if source.url == target.url:
        raise InvalidSetting(f"both lakes are {source.url}; name two different ones")
    if check_lake(source) is None:
        raise InvalidSetting(f"there is no lake at {source.url}: nothing to copy; check the address")
    ensure_lake(target)
    done = Synced()
    if project is None:
        for area in _SAVED:
            _Copy(source, target, done, area, progress).saved(area)
    for name in project_names(source) if project is None else [project]:
        for _ in range(_ROUNDS):
            copy = _Copy(source, target, done, name, progress)
            copy.project()
            if not copy.moved:
                break
        else:
            done.moving.append(name)
    done.problems = sorted(set(done.problems))
    return done


class _Copy:
    """One round over one project."""

    def __init__(self, source: Store, target: Store, done: Synced, project: str, progress: Progress) -> None:
        self._source = source
        self._target = target
        self._done = done
        self._project = project
        self._progress = progress
        self._lock = Lock()
        self.moved = False
        """Whether something vanished between its listing and its reading."""

    def saved(self, area: str) -> None:
        """Every saved version of every leaderboard or view."""
        ours = [i for i in self._source.list(f"{area}/") if isinstance(parse_key(i.key), DocumentKey)]
        self._copy_all(ours, self._there(self._target.list(f"{area}/")), area)

    def project(self) -> None:
        """Everything of the project, in the order that keeps the target right."""
        # Readers' order: live, runs, then metrics, so that each row is in one of them.
        ours = list_project(self._source, self._project)
        areas = ("metrics", "media", "artifacts", "files", "logs")
        folders = [f"{area}/project={encode_segment(self._project)}/" for area in areas]
        files = [i for folder in folders for i in self._source.list(folder)]
        theirs = list_project(self._target, self._project)
        there = self._there(
            [*theirs.live, *theirs.runs, *theirs.edits, *(i for f in folders for i in self._target.list(f))]
        )
        gone: set[str] = set()
        for store, listing in ((self._source, ours), (self._target, theirs)):
            known, bad = read_marks(store, [i.key for i in listing.edits if parse_key(i.key) is not None], "edits")
            self._done.problems += bad if store is self._source else []
            gone |= tombstones(listing.edits, known).keys()
        self._rows("edits", ours.edits, theirs.edits, there, gone)
        wanted = [i for i in files if self._run_of(i.key) not in gone and self._is_ours(i.key)]
        self._artifacts([i for i in wanted if isinstance(parse_key(i.key), _ARTIFACT)], there)
        self._copy_all([i for i in wanted if not isinstance(parse_key(i.key), _ARTIFACT)], there, self._project)
        versions = self._rows("runs", ours.runs, theirs.runs, there, gone)
        self._tails(ours.live, theirs.live, versions, gone)

    def _artifacts(self, ours: Sequence[ObjectInfo], there: dict[str, int]) -> None:
        """Copy decisions about versions, then files of those that nobody purged here or there, then their manifests.

        Each manifest is put as an intent first: what it names must stay where somebody collects meanwhile.
        """
        listing = by_kind(self._project, ours)
        if not listing.acts and not listing.manifests:
            return
        self._copy_all([info for _, info in listing.acts], there, self._project)
        decided = read_acts(self._target, list_artifacts(self._target, self._project)).decided
        have = {info.key for info in ours}
        whole: list[ObjectInfo] = []
        named: set[str] = set()
        for key, info in listing.manifests:
            if info.key in there or decided.is_purged(key.artifact, key.version):
                continue
            objects = self._intend(key, have)
            if objects is not None:
                whole.append(info)
                named |= objects
        # After the intents: what was collected there until now is copied, what is there now stays.
        now_there = self._there(self._target.list(files_prefix(self._project))) if named else {}
        self._copy_all([i for i in ours if i.key in named], now_there, self._project)
        self._copy_all(whole, there, self._project)

    def _intend(self, key: ManifestKey, have: set[str]) -> set[str] | None:
        """Put a manifest as an intent into the target; the objects that it names, None where it can't be copied."""
        try:
            data = self._source.get(key.path)
            manifest = decode_manifest(data, key=key.path)
        except MissingObject:
            self.moved = True
            return None
        except (DamagedObject, LakeFormat) as error:
            self._done.problems.append(problem_of(key.path, error))
            return None
        objects = {row.object for row in manifest.files if row.object is not None}
        if lost := sorted(objects - have):
            text = f"{lost[0]} of {key.artifact}:{key.version} is not in {self._source.url}, so it was not copied"
            self._done.problems.append(Problem(lost[0], "missing", text))
            return None
        self._target.put(IntentKey(self._project, key.artifact, key.version).path, data, durable=True)
        return objects

    def _rows(
        self,
        area: PackArea,
        ours: Sequence[ObjectInfo],
        theirs: Sequence[ObjectInfo],
        there: dict[str, int],
        gone: set[str],
    ) -> dict[tuple[Hashable, ...], int]:
        """Copy singles and packs that say something new; what the target holds afterwards."""
        have: dict[tuple[Hashable, ...], int] = {}
        known, _ = read_marks(
            self._target,
            [i.key for i in theirs if (k := parse_key(i.key)) is not None and not isinstance(k, RowKey)],
            area,
        )
        for rows in known.values():
            remember(have, rows)
        for info in theirs:
            remember(have, _single(info.key))
        fresh = [
            i
            for i in ours
            if self._is_new(i, there)
            and parse_key(i.key) is not None
            and not (_single(i.key) and is_covered(_single(i.key), have, purged=gone))
        ]
        for number, info in enumerate(fresh):
            self._progress(f"{self._project}: {area}", number, len(fresh))
            tables, bad = read_packables(self._source, [info.key])
            if bad and bad[0].kind == "format":
                # What a newer version wrote is for newer versions to read there as well.
                self._copy(info)
            elif not tables:
                self._done.problems += bad
                self.moved = self.moved or not bad
            elif not is_covered(rows := marks(tables[info.key], area), have, purged=gone) and self._copy(info):
                remember(have, rows)
        return have

    def _tails(
        self,
        ours: Sequence[ObjectInfo],
        theirs: Sequence[ObjectInfo],
        versions: dict[tuple[Hashable, ...], int],
        gone: set[str],
    ) -> None:
        """Copy the tails of writers that run, each writer's in order, then drop those that they replace."""
        there = tails_by_writer(theirs)
        for who, tails in sorted(tails_by_writer(ours).items()):
            if who[0] in gone:
                continue
            promised = promised_by(versions[who]) if who in versions else -1
            known = there.get(who, [])
            newest = max((key.k for key, _ in known), default=-1)
            if tails[-1][0].k <= newest or max(key.hi for key, _ in tails) <= promised:
                continue
            have = {info.key for _, info in known}
            copied = [self._copy(info) for _, info in tails if info.key not in have]
            oldest = min((key.k for key, _ in tails if key.k), default=0)
            stale = [info.key for key, info in known if 0 < key.k < oldest]
            if stale and copied and copied[-1]:
                self._target.delete(stale)
                self._done.dropped += len(stale)

    def _there(self, listed: Iterable[ObjectInfo]) -> dict[str, int]:
        return {info.key: info.size for info in listed}

    def _is_new(self, info: ObjectInfo, there: dict[str, int]) -> bool:
        if info.key not in there:
            return True
        self._done.different += there[info.key] != info.size
        return False

    def _copy_all(self, listed: Sequence[ObjectInfo], there: dict[str, int], what: str) -> None:
        wanted = [info for info in listed if self._is_new(info, there)]
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="lakeboard-sync") as pool:
            try:
                for number, _ in enumerate(pool.map(self._copy, wanted)):
                    self._progress(what, number + 1, len(wanted))
            except BaseException:
                # Ctrl-C, or a store that failed: what has not begun need not begin.
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _copy(self, info: ObjectInfo) -> bool:
        """Copy one object, if it is whole; whether it was."""
        key = parse_key(info.key)
        is_table = info.key.endswith(".parquet") and key is not None
        try:
            if isinstance(key, LogKey) and info.size != key.length:
                return self._not_whole(info.key, empty=not info.size)
            if info.size > LARGE_BYTES:
                if is_table and not self._has_both_ends(info):
                    return self._not_whole(info.key)
                self._target.copy(info.key, info.key, size=info.size, source=self._source, durable=True)
            else:
                data = self._source.get(info.key)
                if is_table and not _looks_whole(data):
                    return self._not_whole(info.key, empty=not data)
                self._target.put(info.key, data, durable=True)
        except MissingObject:
            self.moved = True
            return False
        except DamagedObject:
            # It has another size than it was listed with.
            return self._not_whole(info.key)
        with self._lock:
            self._done.copied += 1
            self._done.bytes += info.size
        return True

    def _has_both_ends(self, info: ObjectInfo) -> bool:
        length = len(MAGIC)
        return self._source.get_range(info.key, 0, length) == MAGIC == self._source.get_tail(info.key, length)

    def _not_whole(self, key: str, *, empty: bool = False) -> bool:
        """Note that an object was left out; always False."""
        text = f"{key} is not whole in {self._source.url}, so it was not copied"
        with self._lock:
            self._done.problems.append(Problem(key, "empty" if empty else "damaged", text))
        return False

    def _is_ours(self, path: str) -> bool:
        key = parse_key(path)
        return isinstance(key, (PointsKey, MediaKey, MediaFileKey, LogKey, FileKey)) or path.startswith("artifacts/")

    def _run_of(self, path: str) -> str:
        folder = path.split("/")[2] if path.count("/") > 2 else ""
        return folder.removeprefix("run_id=") if folder.startswith("run_id=") else ""


def _single(path: str) -> list[RowId]:
    key = parse_key(path)
    return [RowId((key.run_id, key.writer), key.version, key.run_id)] if isinstance(key, RowKey) else []


def _looks_whole(data: bytes) -> bool:
    return len(data) > 2 * len(MAGIC) and data.startswith(MAGIC) and data.endswith(MAGIC)
