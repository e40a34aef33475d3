"""The state of one project at one moment, and how the next one is read: three listings and what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import polars as pl

from ...schema.edits import Decisions, Edit
from ...schema.errors import DamagedObject, LakeFormat
from ...schema.keys import Area, PackKey, RowKey, TailKey, parse_key, project_prefix
from ...schema.names import check_project
from ...schema.problems import Problem, distinct, foreign, problem_of
from ...schema.run.row import RunRow
from ...store.base import ObjectInfo, Store
from ...store.counting import CountingStore
from ...store.wrapper import passed_over
from ..objects.decode import decode_edits, decode_rows, decode_single_rows, from_rows, to_rows
from ..objects.reader import HeldObjects, Objects
from ..objects.retry import RELISTS, Sleep, backoff
from ..rows.column_cache import ColumnCache
from ..rows.counted import CountedSummaries, no_summaries
from ..rows.live_writers import Footers, LiveWriter, Tail, Who, read_footers
from ..rows.metric_catalog import MetricInfo, metric_catalog
from ..rows.packs import RowFile, read_row_file
from ..rows.rowset import LIVE, FinalRows, RowSet, gather, resolve
from .edit_fold import FoldedEdits, fold_edits, valid_edits
from .store_clock import StoreClock

T = TypeVar("T")
_HIDES: Final = "; runs whose rows it alone held are not shown (lakeboard fsck names them, and what can be done)"


@dataclass(frozen=True, slots=True)
class Cache:
    """What a snapshot hands on to the next one: everything read so far of objects that are still listed."""

    listed: Mapping[str, ObjectInfo] = field(default_factory=dict)
    areas: Mapping[Area, Mapping[str, ObjectInfo]] = field(default_factory=dict)
    """The same by area."""
    sound: frozenset[Area] = frozenset()
    """Areas of which everything was read: where their listing is the same, there is nothing to do."""
    tails: Mapping[str, TailKey | None] = field(default_factory=dict)
    footers: Footers = field(default_factory=dict)
    frames: Mapping[str, pl.DataFrame | RowFile | Problem] = field(default_factory=dict)
    edits: Mapping[str, tuple[Edit, ...] | Problem] = field(default_factory=dict)
    folded: FoldedEdits = field(default_factory=FoldedEdits)
    clock: StoreClock = field(default_factory=StoreClock)
    vanished: frozenset[str] = frozenset()
    """Tails that the listing before showed and this one did not: whoever still reads as of then finds them at hand."""
    given_up: frozenset[str] = frozenset()
    """Keys that were waited for in vain; they are not waited for again."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Snapshot:
    """The state of one project. Unchanging, safe to share between threads; `previous` of the next one."""

    project: str
    now: datetime
    """The store's clock, as well as it is known (`StoreClock`)."""
    live: Mapping[Who, LiveWriter]
    """Writers that have tails, by (run_id, writer)."""
    edits: tuple[Edit, ...]
    """All decisions, in the order in which they count."""
    decisions: Mapping[str, Decisions]
    """What they come to, by run id."""
    problems: tuple[Problem, ...]
    requests: int
    """What it cost: LIST pages and GETs."""
    ended: FinalRows = field(repr=False)
    runs: RowSet = field(repr=False)
    cache: Cache = field(repr=False)

    @property
    def empty(self) -> bool:
        """Whether the lake holds nothing of this project."""
        return not self.cache.listed

    @property
    def running(self) -> bool:
        """Whether any writer has tails and no final row."""
        return any(not w.ended for w in self.live.values())

    @property
    def rows(self) -> pl.DataFrame:
        """One row per (run_id, writer): columns of run rows, and `source` (the object's key, or `live`)."""
        running = [w.row for w in self.live.values() if not w.ended]
        return pl.concat([self.ended.row_frame(), from_rows(running, source=LIVE)])

    @property
    def seen_hlc(self) -> int:
        """The highest clock reading among the edits; 0 without any."""
        return self.edits[-1].hlc if self.edits else 0

    def metrics(self) -> dict[str, MetricInfo]:
        """By label: which metrics there are, their declared goals and x-axes."""
        return metric_catalog(self.runs.blocks)

    def caches(self, *, deleted: bool) -> tuple[ColumnCache, ColumnCache]:
        """The runs that frames show, purged ones never: settled ones, and those with a running writer."""
        return self.runs.caches(self.project, self.decisions, deleted=deleted)

    def known_runs(self) -> frozenset[str]:
        """Ids of all runs that are not purged, deleted ones too."""
        purged = {run_id for run_id, d in self.decisions.items() if d.purged}
        return frozenset(self.runs.shown["run_id"].to_list()) - purged

    def writers(self, run_id: str) -> tuple[RunRow, ...]:
        """The newest row of each of a run's writers, oldest attempt first; running ones as their tails tell."""
        rows = to_rows(self.ended.of_runs([run_id]))
        rows += [w.row for (run, _), w in self.live.items() if run == run_id and not w.ended]
        return tuple(sorted(rows, key=lambda r: (r.attempt, r.started_at or 0, r.writer)))


def take_snapshot(
    store: Store,
    project: str,
    *,
    previous: Snapshot | None = None,
    memory: HeldObjects,
    wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Sleep,
    count: bool = True,
) -> Snapshot:
    """Read what is new in a project.

    Three LISTs (`live/`, `runs/`, `edits/`), one GET for each object not seen before: of a running writer its newest
    tail, and the first time its start. Rows of ended runs and edits cost computing only where some are new. With
    `count`, points that a resume hid are left out of summaries, which `CountedSummaries` reads once.

    When an object vanishes between its listing and its reading, `live/` and
    `runs/` are listed again, at most 5 times.

    Objects that can't be read become `problems`; the rest is shown.

    Raises:
        AccessDenied, StoreUnreachable: a listing failed.
        InvalidName: no project can have this name.
    """
    counting = CountingStore(store)
    reading = _Reading(Objects(counting, memory), check_project(project), previous.cache if previous else Cache())
    for attempt in range(1, RELISTS + 3):
        started = wall()
        reading.read_live(previous.live if previous else {})
        reading.read_runs()
        if previous is not None and reading.frames is previous.cache.frames:
            ended = previous.ended
        else:
            ended = gather(
                {key: file for key, file in reading.frames.items() if isinstance(file, RowFile)},
                {key: frame for key, frame in reading.frames.items() if isinstance(frame, pl.DataFrame)},
                previous=previous.ended if previous else None,
            )
        live, absent = _mark_ended(reading.live, ended)
        missing = (absent | reading.gone) - reading.given_up
        if not missing:
            break
        if attempt > RELISTS:
            # Once more, now with problems in place of what does not come.
            reading.given_up |= missing
        else:
            sleep(backoff(attempt))
    reading.read_edits(sleep)
    old = reading.before.areas.get("live", {})
    appeared = [info.modified for key, info in reading.areas["live"].items() if key not in old]
    memory.discard(reading.before.vanished - reading.areas["live"].keys())
    # What was listed before has told the clock already what it tells.
    modified = [info.modified for area in reading.changed for info in reading.areas[area].values()]
    clock = reading.before.clock.observe(started, modified, appeared)
    folded = reading.before.folded
    if reading.edits is not reading.before.edits:
        valid, reading.ahead = valid_edits(_good(reading.edits), reading.areas["edits"])
        folded = fold_edits(valid, folded)
    listed = {**reading.areas["live"], **reading.areas["runs"], **reading.areas["edits"]}
    problems = [*reading.foreign(), *reading.ahead, *(p for w in live.values() if not w.ended for p in w.problems)]
    for read in (reading.frames, reading.edits):
        if read is not reading.before.frames and read is not reading.before.edits:
            problems += [p for p in read.values() if isinstance(p, Problem)]
    runs = previous.runs if previous else None
    if not runs or not previous or runs.waits(started) or ended is not previous.ended or live != previous.live:
        purged = [run_id for run_id, d in folded.decisions.items() if d.purged]
        known = runs.counted if runs else no_summaries()
        reader = CountedSummaries(reading.objects, project, known=known, skip=purged, now=started) if count else None
        runs = resolve(ended, live, previous=runs, count=reader)
    return Snapshot(
        project=project,
        now=clock.now(wall()),
        live=live,
        edits=folded.edits,
        decisions=folded.decisions,
        problems=distinct([*problems, *runs.problems]),
        requests=counting.requests(),
        ended=ended,
        runs=runs,
        cache=Cache(
            listed=listed,
            areas=reading.areas,
            sound=reading.sound(),
            tails=reading.tails,
            footers=dict(_lasting(reading.footers)),
            frames=reading.frames if reading.frames is reading.before.frames else _lasting(reading.frames),
            edits=reading.edits if reading.edits is reading.before.edits else _lasting(reading.edits),
            folded=folded,
            clock=clock,
            vanished=frozenset(old.keys() - reading.areas["live"].keys()),
            given_up=frozenset(key for key in reading.given_up if key in listed or key in absent),
        ),
    )


class _Reading:
    """One snapshot being read; each step replaces what the step before it found."""

    def __init__(self, objects: Objects, project: str, before: Cache) -> None:
        self.objects = objects
        self.project = project
        self.before = before
        self.areas: dict[Area, Mapping[str, ObjectInfo]] = {}
        self.changed: set[Area] = set()
        """Areas whose listing is not that of before, or of which not all was read then."""
        self.tails: dict[str, TailKey | None] = {}
        self.footers: Footers = {}
        self.frames: Mapping[str, pl.DataFrame | RowFile | Problem] = {}
        self.edits: Mapping[str, tuple[Edit, ...] | Problem] = {}
        self.live: dict[Who, LiveWriter] = {}
        self.strange: dict[Area, list[Problem]] = {}
        """By area: objects of others."""
        self.ahead: list[Problem] = []
        """Objects that hold edits of a time that can't be."""
        self.gone: set[str] = set()
        """Listed, but missing when asked for."""
        self.given_up = set(before.given_up)
        """Waited for in vain: missing is a problem like any other."""

    def _list(self, area: Area) -> list[ObjectInfo]:
        prefix = project_prefix(area, self.project)
        found = self.objects.store.list(prefix)
        listed = {info.key: info for info in found}
        self.strange[area] = [
            Problem(key, "foreign", f"{key} is {what}: it is passed over")
            for key, what in passed_over(self.objects.store, prefix).items()
        ]
        self.gone = {k for k in self.gone if not k.startswith(prefix)}
        if area in self.before.sound and listed.keys() == self.before.areas[area].keys():
            # Objects never change under their names.
            self.areas[area] = self.before.areas[area]
            self.changed.discard(area)
        else:
            self.areas[area] = listed
            self.changed.add(area)
        return found

    def foreign(self) -> list[Problem]:
        """Objects of others, in all areas."""
        return [problem for found in self.strange.values() for problem in found]

    def sound(self) -> frozenset[Area]:
        """Areas of rows and edits of which everything was read, and nothing is strange or missing."""
        parts: tuple[tuple[Area, Mapping[str, object]], ...] = (("runs", self.frames), ("edits", self.edits))
        return frozenset(
            area
            for area, part in parts
            if area not in self.changed
            or (
                not (area == "edits" and self.ahead)
                and part.keys() == self.areas[area].keys()
                and not any(isinstance(p, Problem) for p in part.values())
            )
        )

    def _kept(self, old: Mapping[str, T], found: Iterable[ObjectInfo]) -> dict[str, T]:
        """What was read before of objects that are still the same; what is damaged may have been put right."""
        out = {}
        for info in found:
            if info.key in old and (
                not isinstance(old[info.key], Problem) or self.before.listed.get(info.key, info) == info
            ):
                out[info.key] = old[info.key]
        return out

    def _foreign(self, area: Area, key: str) -> None:
        if not key.rpartition("/")[2].startswith((".", "_")):
            self.strange[area].append(foreign(key))

    def read_live(self, known: Mapping[Who, LiveWriter]) -> None:
        found = self._list("live")
        self.footers = self._kept({**self.before.footers, **self.footers}, found)
        old = {**self.before.tails, **self.tails}
        self.tails = {}
        tails = []
        for info in found:
            key = old[info.key] if info.key in old else _tail_key(info.key)
            self.tails[info.key] = key
            if key is None:
                self._foreign("live", info.key)
            else:
                tails.append(Tail(key, info.key, info.size, info.modified))
        self.live, gone = read_footers(
            self.objects, tails, self.footers, {**known, **self.live}, given_up=self.given_up
        )
        self.gone |= gone

    def read_runs(self) -> None:
        found = self._list("runs")
        if "runs" not in self.changed:
            self.frames = self.before.frames
            return
        self.frames = frames = self._kept({**self.before.frames, **self.frames}, found)
        keys = self._unread("runs", found, frames)
        wanted = list(keys)
        found_bytes = self._read(wanted, frames)
        rows = {k: keys[k] for k in found_bytes if isinstance(keys[k], RowKey)}
        together = decode_single_rows([(k, found_bytes[k]) for k in rows])
        for key, data in found_bytes.items():
            frame = together.get(key)
            try:
                if isinstance(keys[key], PackKey):
                    frames[key] = read_row_file(data, key=key)
                    continue
                frame = decode_rows(data, key=key) if frame is None else frame
                _check_owner(frame, keys[key], key)
                frames[key] = frame
            except (DamagedObject, LakeFormat) as error:
                frames[key] = problem_of(key, error)
        for key in wanted:
            found_problem = frames.get(key)
            if isinstance(keys[key], PackKey) and isinstance(found_problem, Problem) and found_problem.permanent:
                frames[key] = replace(found_problem, message=f"{found_problem.message}{_HIDES}")

    def read_edits(self, sleep: Sleep) -> None:
        for attempt in range(1, RELISTS + 3):
            found = self._list("edits")
            if "edits" not in self.changed:
                self.edits = self.before.edits
                return
            self.edits = edits = self._kept({**self.before.edits, **self.edits}, found)
            wanted = self._unread("edits", found, edits)
            for key, data in self._read(list(wanted), edits).items():
                try:
                    edits[key] = decode_edits(data, key=key)
                except (DamagedObject, LakeFormat) as error:
                    edits[key] = problem_of(key, error)
            missing = {key for key in self.gone if key in wanted} - self.given_up
            if not missing:
                return
            if attempt > RELISTS:
                self.given_up |= missing
            else:
                sleep(backoff(attempt))

    def _unread(self, area: Area, found: Sequence[ObjectInfo], known: Mapping[str, object]) -> dict[str, object]:
        """By key what is still to be read; objects of others are told of."""
        keys = {info.key: parse_key(info.key) for info in found if info.key not in known}
        for key, parsed in keys.items():
            if parsed is None:
                self._foreign(area, key)
        return {key: parsed for key, parsed in keys.items() if parsed is not None}

    def _read(self, keys: Sequence[str], problems: MutableMapping[str, Any]) -> dict[str, bytes]:
        """The bytes of some objects; what went wrong with the others is noted."""
        out: dict[str, bytes] = {}
        for key, data in self.objects.whole(keys).items():
            if isinstance(data, bytes):
                out[key] = data
            elif data.kind == "missing" and key not in self.given_up:
                self.gone.add(key)
            else:
                problems[key] = data
        return out


def _check_owner(frame: pl.DataFrame, key: object, path: str) -> None:
    if isinstance(key, RowKey) and (frame.height != 1 or frame.row(0)[:2] != (key.run_id, key.writer)):
        raise DamagedObject(f"{path} holds the row of another run", key=path)


def _tail_key(path: str) -> TailKey | None:
    key = parse_key(path)
    return key if isinstance(key, TailKey) else None


def _good(found: Mapping[str, T | Problem]) -> dict[str, T]:
    return {key: value for key, value in found.items() if not isinstance(value, Problem)}


def _lasting(found: Mapping[str, T | Problem]) -> Mapping[str, T | Problem]:
    """Without what may be read another time."""
    return {key: value for key, value in found.items() if not isinstance(value, Problem) or value.permanent}


def _mark_ended(live: Mapping[Who, LiveWriter], ended: FinalRows) -> tuple[dict[Who, LiveWriter], set[str]]:
    """The writers, those with a final row marked; and what is missing of those without."""
    ids = sorted({run_id for run_id, _ in live})
    finals = set(ended.index.filter(pl.col("run_id").is_in(ids)).select("run_id", "writer").iter_rows())
    out = {who: w if w.ended == (who in finals) else replace(w, ended=who in finals) for who, w in live.items()}
    return out, {key for w in out.values() if not w.ended for key in w.absent}
