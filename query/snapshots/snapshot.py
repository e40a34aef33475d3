"""The state of one project at one moment, and how the next one is read: three listings and what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import polars as pl

from ...schema.ahead import latest_hlc, said_ahead
from ...schema.edits import Decisions, Edit, decide
from ...schema.errors import DamagedObject, LakeFormat
from ...schema.keys import PackKey, RowKey, TailKey, parse_key, project_prefix
from ...schema.names import check_project
from ...schema.rows import RunRow
from ...store.base import ObjectInfo, Store
from ...store.counting import CountingStore
from ...store.wrapper import passed_over
from ..objects.decode import decode_edits, decode_rows, decode_single_rows, from_rows, to_rows
from ..objects.problems import Problem, distinct, foreign, problem_of
from ..objects.reader import Memory, Objects
from ..objects.retry import RELISTS, Sleep, backoff
from ..rows.column_cache import ColumnCache
from ..rows.live_writers import Footers, LiveWriter, Tail, Who, read_footers
from ..rows.metric_catalog import MetricInfo, metric_catalog
from ..rows.packs import RowFile, read_row_file
from ..rows.rowset import LIVE, FinalRows, RowSet, gather, resolve
from .store_clock import StoreClock

T = TypeVar("T")
_HIDES: Final = "; runs whose rows it alone held are not shown (lakeboard fsck names them, and what can be done)"


@dataclass(frozen=True, slots=True)
class Cache:
    """What a snapshot hands on to the next one: everything read so far of objects that are still listed."""

    listed: Mapping[str, ObjectInfo] = field(default_factory=dict)
    tails: Mapping[str, TailKey | None] = field(default_factory=dict)
    footers: Footers = field(default_factory=dict)
    frames: Mapping[str, pl.DataFrame | RowFile | Problem] = field(default_factory=dict)
    edits: Mapping[str, tuple[Edit, ...] | Problem] = field(default_factory=dict)
    clock: StoreClock = field(default_factory=StoreClock)
    given_up: frozenset[str] = frozenset()
    """Keys that were waited for in vain; they are not waited for again."""


@dataclass(frozen=True, slots=True)
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

    def shelves(self, *, deleted: bool) -> tuple[ColumnCache, ColumnCache]:
        """The runs that frames show, purged ones never: settled ones, and those with a running writer."""
        return self.runs.shelves(self.project, self.decisions, deleted=deleted)

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
    memory: Memory,
    wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Sleep,
) -> Snapshot:
    """Read what is new in a project.

    Three LISTs (`live/`, `runs/`, `edits/`), one GET for each object not seen before: of a running writer its newest
    tail, and the first time its start. When an object vanishes between its listing and its reading, `live/` and
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
    appeared = [i.modified for key, i in reading.listed.items() if key.startswith("live/")]
    if previous:
        old = previous.cache.listed
        appeared = [i.modified for k, i in reading.listed.items() if k.startswith("live/") and k not in old]
    clock = reading.before.clock.observe(started, (i.modified for i in reading.listed.values()), appeared)
    edits, ahead = _decisions(reading.edits, reading.listed)
    problems = [*reading.problems, *ahead, *(p for w in live.values() if not w.ended for p in w.problems)]
    problems += [p for part in (reading.frames, reading.edits) for p in part.values() if isinstance(p, Problem)]
    unchanged = previous is not None and ended is previous.ended and live == previous.live
    return Snapshot(
        project=project,
        now=clock.now(wall()),
        live=live,
        edits=edits,
        decisions=previous.decisions if previous and previous.edits == edits else decide(edits),
        problems=distinct(problems),
        requests=counting.requests(),
        ended=ended,
        runs=previous.runs
        if unchanged and previous
        else resolve(ended, live, previous=previous.runs if previous else None),
        cache=Cache(
            listed=reading.listed,
            tails=reading.tails,
            footers=_lasting(reading.footers),
            frames=_lasting(reading.frames),
            edits=_lasting(reading.edits),
            clock=clock,
            given_up=frozenset(key for key in reading.given_up if key in reading.listed or key in absent),
        ),
    )


class _Reading:
    """One snapshot being read; each step replaces what the step before it found."""

    def __init__(self, objects: Objects, project: str, before: Cache) -> None:
        self.objects = objects
        self.project = project
        self.before = before
        self.listed: dict[str, ObjectInfo] = {}
        self.tails: dict[str, TailKey | None] = {}
        self.footers: Footers = {}
        self.frames: dict[str, pl.DataFrame | RowFile | Problem] = {}
        self.edits: dict[str, tuple[Edit, ...] | Problem] = {}
        self.live: dict[Who, LiveWriter] = {}
        self.problems: set[Problem] = set()
        self.gone: set[str] = set()
        """Listed, but missing when asked for."""
        self.given_up = set(before.given_up)
        """Waited for in vain: missing is a problem like any other."""

    def _list(self, area: str) -> list[ObjectInfo]:
        prefix = project_prefix(area, self.project)  # type: ignore[arg-type]
        found = self.objects.store.list(prefix)
        self.listed = {k: i for k, i in self.listed.items() if not k.startswith(prefix)} | {i.key: i for i in found}
        self.problems = {p for p in self.problems if not p.key.startswith(prefix)}
        self.problems |= {
            Problem(key, "foreign", f"{key} is {what}: it is passed over")
            for key, what in passed_over(self.objects.store, prefix).items()
        }
        self.gone = {k for k in self.gone if not k.startswith(prefix)}
        return found

    def _kept(self, old: Mapping[str, T], found: Iterable[ObjectInfo]) -> dict[str, T]:
        """What was read before of objects that are still the same; what is damaged may have been put right."""
        out = {}
        for info in found:
            if info.key in old and (
                not isinstance(old[info.key], Problem) or self.before.listed.get(info.key, info) == info
            ):
                out[info.key] = old[info.key]
        return out

    def _foreign(self, key: str) -> None:
        if not key.rpartition("/")[2].startswith((".", "_")):
            self.problems.add(foreign(key))

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
                self._foreign(info.key)
            else:
                tails.append(Tail(key, info.key, info.size, info.modified))
        self.live, gone = read_footers(
            self.objects, tails, self.footers, {**known, **self.live}, given_up=self.given_up
        )
        self.gone |= gone

    def read_runs(self) -> None:
        found = self._list("runs")
        self.frames = self._kept({**self.before.frames, **self.frames}, found)
        keys = {info.key: parse_key(info.key) for info in found}
        for key, parsed in keys.items():
            if parsed is None:
                self._foreign(key)

        wanted = [k for k, parsed in keys.items() if parsed is not None and k not in self.frames]
        found_bytes = self._read(wanted, self.frames)
        rows = {k: keys[k] for k in found_bytes if isinstance(keys[k], RowKey)}
        together = decode_single_rows([(k, found_bytes[k]) for k in rows])
        for key, data in found_bytes.items():
            frame = together.get(key)
            try:
                if isinstance(keys[key], PackKey):
                    self.frames[key] = read_row_file(data, key=key)
                    continue
                frame = decode_rows(data, key=key) if frame is None else frame
                _check_owner(frame, keys[key], key)
                self.frames[key] = frame
            except (DamagedObject, LakeFormat) as error:
                self.frames[key] = problem_of(key, error)
        for key in wanted:
            found_problem = self.frames.get(key)
            if isinstance(keys[key], PackKey) and isinstance(found_problem, Problem) and found_problem.permanent:
                self.frames[key] = replace(found_problem, message=f"{found_problem.message}{_HIDES}")

    def read_edits(self, sleep: Sleep) -> None:
        for attempt in range(1, RELISTS + 3):
            found = self._list("edits")
            self.edits = self._kept({**self.before.edits, **self.edits}, found)
            keys = {info.key: parse_key(info.key) for info in found}
            for key, parsed in keys.items():
                if parsed is None:
                    self._foreign(key)
            wanted = [k for k, parsed in keys.items() if parsed is not None and k not in self.edits]
            for key, data in self._read(wanted, self.edits).items():
                try:
                    self.edits[key] = decode_edits(data, key=key)
                except (DamagedObject, LakeFormat) as error:
                    self.edits[key] = problem_of(key, error)
            missing = {key for key in self.gone if key in keys} - self.given_up
            if not missing:
                return
            if attempt > RELISTS:
                self.given_up |= missing
            else:
                sleep(backoff(attempt))

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


def _decisions(
    found: Mapping[str, tuple[Edit, ...] | Problem], listed: Mapping[str, ObjectInfo]
) -> tuple[tuple[Edit, ...], list[Problem]]:
    """The edits that count, in order, and the objects that hold some of a time that can't be."""
    counting: set[Edit] = set()
    problems = []
    for key, edits in _good(found).items():
        modified = listed[key].modified
        latest = latest_hlc(modified)
        ahead = [edit for edit in edits if edit.hlc > latest]
        if ahead:
            who = f"{len(ahead):,} decision{'s' * (len(ahead) > 1)} by {ahead[0].editor or 'somebody'}"
            problems.append(Problem(key, "damaged", said_ahead(key, who, ahead[0].hlc, modified)))
            counting.update(edit for edit in edits if edit.hlc <= latest)
        else:
            counting.update(edits)
    return tuple(sorted(counting)), problems


def _lasting(found: Mapping[str, T | Problem]) -> dict[str, T | Problem]:
    return {key: value for key, value in found.items() if not isinstance(value, Problem) or value.permanent}


def _mark_ended(live: Mapping[Who, LiveWriter], ended: FinalRows) -> tuple[dict[Who, LiveWriter], set[str]]:
    """The writers, those with a final row marked; and what is missing of those without."""
    ids = sorted({run_id for run_id, _ in live})
    finals = set(ended.index.filter(pl.col("run_id").is_in(ids)).select("run_id", "writer").iter_rows())
    out = {who: w if w.ended == (who in finals) else replace(w, ended=who in finals) for who, w in live.items()}
    return out, {key for w in out.values() if not w.ended for key in w.absent}
