"""Running writers, as their tails tell: the whole row out of a start and the newest tail's footer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import polars as pl

from ...schema.errors import DamagedObject, LakeboardError
from ...schema.keys import TailKey, attempt_of
from ...schema.parquet import decode_footer, footer_length
from ...schema.problems import Problem, problem_of
from ...schema.run.row import RunRow
from ...schema.tailrow import TailFooter, newest_readable, row_of_tails, summary_tail
from ..objects.decode import from_rows
from ..objects.reader import Objects

MISSED_BEATS: Final = 2
BEAT_GRACE: Final = timedelta(seconds=15)
"""A beat may be so late before it counts as missed: a store that is busy, and a look that comes between."""
_YEAR_SECONDS: Final = 31_536_000
_DEFAULT_DUE_SECONDS: Final = 300.0
"""The longest interval between heartbeats, for tails that promise nothing."""

Who: TypeAlias = tuple[str, str]
"""(run_id, writer)."""
Footers: TypeAlias = dict[str, "Mapping[str, Any] | Problem"]
"""By key: what a tail's footer says, or why it says nothing."""


@dataclass(frozen=True, slots=True)
class Tail:
    """One object in `live/` as a listing showed it."""

    key: TailKey
    path: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class LiveWriter:
    """A writer that has tails."""

    row: RunRow
    """As of its newest tail; `rows` is null."""
    shown: RunRow
    """The same with the rows known to exist so far."""
    tails: tuple[Tail, ...]
    """All that the listing showed, oldest first."""
    due_seconds: float
    """The next heartbeat was promised within this after the newest tail."""
    sealed: int
    """Rows before this are in `metrics/`, by its own word."""
    behind: tuple[int, float] | None = None
    """Points that the lake lacked, and for how many seconds, when the newest tail was put together after an outage or
    before a slow store; None where nothing was out of the ordinary."""
    ended: bool = False
    """It has a final row too; these are leftovers, or a janitor was wrong."""
    problems: tuple[Problem, ...] = ()
    absent: frozenset[str] = frozenset()
    """Keys of tails that should be there and are not."""

    @property
    def hi(self) -> int:
        """So many rows are known to exist."""
        return max(t.key.hi for t in self.tails)

    @property
    def modified(self) -> datetime:
        """LastModified of the newest tail: the last sign of life, by the store's clock."""
        return max(t.modified for t in self.tails)

    def settled(self, tails: Sequence[Tail]) -> bool:
        """Whether reading these tails again could tell nothing new."""
        return self.tails == tuple(tails) and all(p.permanent for p in self.problems)

    def silent(self, now: datetime) -> bool:
        """Whether two promised heartbeats, and 15 seconds, went by at `now` without a sign of life."""
        return now - self.modified > MISSED_BEATS * timedelta(seconds=self.due_seconds) + BEAT_GRACE


def group_tails(tails: Iterable[Tail]) -> dict[Who, list[Tail]]:
    """Tails by (run_id, writer), oldest first."""
    out: dict[Who, list[Tail]] = {}
    for tail in sorted(tails, key=lambda t: (t.key.k, t.path)):
        out.setdefault((tail.key.run_id, tail.key.writer), []).append(tail)
    return out


def read_footers(
    objects: Objects,
    tails: Iterable[Tail],
    footers: Footers,
    known: Mapping[Who, LiveWriter],
    *,
    given_up: Set[str] = frozenset(),
) -> tuple[dict[Who, LiveWriter], frozenset[str]]:
    """The writers behind `tails`; footers not yet in `footers` are read and added to it.

    One GET per unseen start, newest tail, and tail with the summary; a second one where a footer is longer than its
    first read. A newest tail that can't be read is passed over for the one before it, with a problem.

    Args:
        objects: where to read.
        tails: what a listing of `live/` showed.
        footers: what was read before.
        known: writers as they were; taken over where nothing changed.
        given_up: keys that were waited for in vain: if they are gone, that is a problem like any other.

    Returns:
        The writers, and the keys that vanished since the listing: list again. Their writers are left out.
    """
    groups = group_tails(tails)
    out = {who: known[who] for who, group in groups.items() if who in known and known[who].settled(group)}
    missing = _load_all({who: group for who, group in groups.items() if who not in out}, objects, footers, given_up)
    fresh = []
    for who, group in groups.items():
        if who not in out and not any(t.path in missing for t in group):
            fresh.append(_writer(group, footers))
    out |= {(w.row.run_id, w.row.writer): w for w in _sensible(fresh)}
    return out, frozenset(missing)


def _load_all(groups: Mapping[Who, Sequence[Tail]], objects: Objects, footers: Footers, given_up: Set[str]) -> set[str]:
    """Read what the writers' rows need into `footers`; the keys that are gone."""
    missing: set[str] = set()

    def load(wanted: Sequence[Tail]) -> None:
        fresh = [t for t in wanted if t.path not in footers and t.path not in missing]
        for tail, result in zip(fresh, objects.footers([(t.path, t.size) for t in fresh]), strict=True):
            if isinstance(result, bytes):
                footers[tail.path] = _decoded(result, tail)
            elif result.kind == "missing" and tail.path not in given_up:
                missing.add(tail.path)
            else:
                footers[tail.path] = result

    load([tail for group in groups.values() for tail in {group[0], group[-1]}])
    depth, pending = 1, dict(groups)
    while pending:
        # A tail that vanished means that a newer one exists: list again rather than go back in time.
        pending = {
            who: group
            for who, group in pending.items()
            if len(group) > depth and isinstance(footers.get(group[-depth].path), Problem)
        }
        depth += 1
        load([group[-depth] for group in pending.values()])
    load([tail for group in groups.values() if (tail := _summary_tail(group, footers))])
    return missing


def _decoded(tail: bytes, where: Tail) -> Mapping[str, Any] | Problem:
    try:
        footer = decode_footer(tail[-footer_length(tail, key=where.path) :], key=where.path)
        if where.key.k == 0 and (footer.get("run_id"), footer.get("writer")) != (where.key.run_id, where.key.writer):
            raise DamagedObject(f"{where.path} carries the row of another run", key=where.path)
    except LakeboardError as error:
        return problem_of(where.path, error)
    return footer


def _told(group: Sequence[Tail], footers: Footers) -> list[TailFooter]:
    """A writer's tails with what was read of their footers."""
    read = [(tail.key, footers.get(tail.path)) for tail in group]
    return [TailFooter(key, found if isinstance(found, Mapping) else None) for key, found in read]


def _summary_tail(group: Sequence[Tail], footers: Footers) -> Tail | None:
    """The tail with the summary, where the newest readable one says that it is another one."""
    told = _told(group, footers)
    newest = newest_readable(told)
    holder = summary_tail(told, newest.fields or {}) if newest else None
    return group[told.index(holder)] if holder else None


def _writer(group: Sequence[Tail], footers: Footers) -> LiveWriter:
    """One writer out of its tails."""
    start, last = group[0], group[-1]
    told = _told(group, footers)
    found = row_of_tails(told, last.key.run_id, last.key.writer)
    fields = (found.newest.fields or {}) if found.newest else {}
    problems = [p for t in group if isinstance(p := footers.get(t.path), Problem)]
    absent: set[str] = set()
    if start.key.k:
        absent.add(replace(start.key, k=0, hi=0, length=0).path)
        problems.append(Problem(last.path, "incomplete", f"{last.path}: its writer's start is missing"))
    if found.missing_summary is not None:
        if summary_tail(told, fields) is None:
            absent.add(f"{last.path} (summary)")
        text = f"{last.path}: the tail with its summary (k = {found.missing_summary}) is not readable"
        problems.append(Problem(last.path, "incomplete", text))
    if found.error is not None:
        problems.append(_senseless((found.newest or told[0]).key.path, found.error))
    due, sealed = fields.get("due_seconds"), fields.get("sealed")
    row = replace(found.row, status="running", ended_at=None, rows=None)
    return LiveWriter(
        row,
        replace(row, rows=max(t.key.hi for t in group)),
        tuple(group),
        due_seconds=float(due) if isinstance(due, (int, float)) and 0 < due < _YEAR_SECONDS else _DEFAULT_DUE_SECONDS,
        sealed=sealed if isinstance(sealed, int) else 0,
        behind=_behind(fields),
        problems=tuple(problems),
        absent=frozenset(absent),
    )


def _behind(fields: Mapping[str, Any]) -> tuple[int, float] | None:
    points, seconds = fields.get("behind_points"), fields.get("behind_seconds")
    if isinstance(points, int) and isinstance(seconds, (int, float)) and 0 < points < 2**63 and seconds >= 0:
        return points, float(seconds)
    return None


def _sensible(writers: Sequence[LiveWriter]) -> list[LiveWriter]:
    """The writers; a row with text where a number belongs is shown without what it says."""
    try:
        from_rows([w.row for w in writers], source="")
    except (TypeError, ValueError, AttributeError, ArithmeticError, pl.exceptions.PolarsError) as error:
        if len(writers) > 1:
            return [w for each in writers for w in _sensible([each])]
        (writer,) = writers
        row = RunRow(writer.row.run_id, writer.row.writer, attempt=attempt_of(writer.row.writer))
        return [
            replace(
                writer,
                row=row,
                shown=replace(row, rows=writer.hi),
                problems=(*writer.problems, _senseless(writer.tails[-1].path, error)),
            )
        ]
    return list(writers)


def _senseless(path: str, error: Exception) -> Problem:
    text = (str(error).splitlines() or [""])[0][:200]
    return Problem(path, "damaged", f"{path} tells of a run in a way that makes no sense ({text})")
