"""The janitor: ends runs whose job never came back, from their tails alone, and sweeps up what ended runs left.

It may be wrong about a writer that lives (a laptop that slept for two days): it never writes a name that exists,
deletes only tails whose rows it has read back out of sealed files and which a final row promises, and its row yields
to anyone who knows more rows, or as many and better. The order of its steps is the one that the protocol's model
check allows: list `live/`, then `runs/`, then `metrics/`; seal; put the row; delete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ..schema.cover import Part, cover
from ..schema.keys import PointsKey, RowKey, attempt_of, parse_key, project_prefix
from ..schema.parquet import encode_points, encode_table
from ..schema.problems import Problem
from ..schema.rowtable import rows_to_table
from ..schema.run.row import JANITOR, RunRow, SealedFile, final_version
from ..store.base import ObjectInfo, Store
from .finals import known_final
from .media import media_files
from .points import rows_between
from .sealed import Intact, sealed_keys
from .summaries import summary_of_files
from .tails import Tail, Who, read_tails, row_of_footers, tails_by_writer

SILENT: Final = timedelta(hours=24)
"""Without any sign of life for so long by the store's clock, a writer counts as dead."""


@dataclass(frozen=True, slots=True)
class Close:
    """A task: end this writer if it is dead, and sweep up its tails if it has ended. May be repeated."""

    project: str
    run_id: str
    writer: str
    silent: timedelta
    """How long it has given no sign of life."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of a `Close`."""

    ended: bool = False
    """Whether the final row was put."""
    rows: int = 0
    """Points that a final row promises, all sealed; 0 where there is no final row."""
    sealed: int = 0
    """Of these, points that were not sealed before."""
    deleted: tuple[str, ...] = ()
    freed: int = 0
    """Bytes of these."""
    problems: tuple[Problem, ...] = ()


def plan_janitor(
    project: str, live: Iterable[ObjectInfo], runs: Iterable[ObjectInfo], *, now: datetime, silent: timedelta = SILENT
) -> list[Close]:
    """Writers that are silent for long, or have tails and a final row. Pure.

    Args:
        project: whose listing it is.
        live: listed before `runs`.
        runs: the run rows.
        now: the store's time.
        silent: without a tail for so long, a writer counts as dead.
    """
    ended = {(k.run_id, k.writer) for i in runs if isinstance(k := parse_key(i.key), RowKey)}
    out = []
    for who, tails in sorted(tails_by_writer(live).items()):
        quiet = now - max(info.modified for _, info in tails)
        if who in ended or quiet >= silent:
            out.append(Close(project, *who, quiet))
    return out


def close_writer(store: Store, task: Close, *, now: datetime, silent: timedelta = SILENT) -> Closed:
    """Do it. 3 LISTs, one DELETE; for a dead writer 5 LISTs, one GET per tail, one PUT each for points and row.

    Also one GET for each sealed file that holds rows of a tail to be deleted, and where no tail has the summary of
    all points, for all sealed files.

    Args:
        store: the lake.
        task: from `plan_janitor`; listed again here.
        now: the store's time, or any time before it.
        silent: without a tail for so long, a writer counts as dead.
    """
    who = (task.run_id, task.writer)
    listed = tails_by_writer(store.list(project_prefix("live", task.project))).get(who, [])
    if not listed:
        return Closed()
    sizes = {key.path: info.size for key, info in listed}
    runs = store.list(project_prefix("runs", task.project))
    dead = now - max(info.modified for _, info in listed) >= silent
    final, problems = known_final(store, runs, who, search_packs=dead)
    promised = _promise(final)
    if dead and (promised is None or promised < max(key.hi for key, _ in listed)):
        tails, bad = read_tails(store, listed)
        problems += bad
        if any(f.kind in ("denied", "unreachable", "format") for f in problems):
            # Not for this version, or not now: whoever can read everything knows better.
            return Closed(rows=promised or 0, problems=tuple(problems))
        result = _end(store, task, tails, final, runs)
        promised = result.rows
        # What could not be read stays, whatever else covers it: it may be readable for another.
        whole = {t.key for t in tails if t.whole}
        listed = [(key, info) for key, info in listed if key in whole]
        result = replace(result, problems=(*problems, *result.problems))
    else:
        result = Closed(rows=promised or 0, problems=tuple(problems))
    if promised is None:
        return result
    intact = Intact(store, sealed_keys(store, task.project, who))
    gone = [key.path for key, _ in listed if key.hi <= promised and intact.holds(key.lo, key.hi)]
    if gone:
        store.delete(gone)
    return replace(
        result,
        deleted=tuple(gone),
        freed=sum(sizes[path] for path in gone),
        problems=tuple(dict.fromkeys((*result.problems, *intact.problems))),
    )


def _end(store: Store, task: Close, tails: Sequence[Tail], final: RunRow | None, runs: Sequence[ObjectInfo]) -> Closed:
    """Seal what only tails hold, and put the final row."""
    who = (task.run_id, task.writer)
    sealed = sealed_keys(store, task.project, who)
    tables = [t.table for t in tails if t.table is not None and t.key.length]
    fresh = 0
    for lo, hi in _to_seal(tails, sealed):
        key = PointsKey(task.project, *who, hi, hi - lo)
        data = encode_points(rows_between(tables, lo, hi))
        store.put(key.path, data, durable=True)
        sealed[key] = len(data)
        fresh += hi - lo
    rows = cover(Part(k.lo, k.hi, True, k.path) for k in sealed).complete_to
    promised = _promise(final)
    if promised is not None and promised >= rows:
        return Closed(rows=promised, sealed=fresh)
    row, problems = row_without_a_word(store, task, tails, final, sealed, rows)
    media = media_files(store, task.project, who)
    row = replace(row, media_rows=media.rows, media_files=media.files)
    key_of_row = RowKey(task.project, *who, row.version)
    if all(info.key != key_of_row.path for info in runs):
        store.put(key_of_row.path, encode_table(rows_to_table([row])), durable=True)
    return Closed(ended=True, rows=rows, sealed=fresh, problems=tuple(problems))


def _to_seal(tails: Sequence[Tail], sealed: Iterable[PointsKey]) -> list[tuple[int, int]]:
    """Ranges that readable tails hold and `metrics/` does not, in order. Pure."""
    have = [Part(k.lo, k.hi, True, k.path) for k in sealed]
    out: list[tuple[int, int]] = []
    while True:
        lo = cover(have).complete_to
        reach = max((t.key.hi for t in tails if t.table is not None and t.key.lo <= lo < t.key.hi), default=lo)
        # Sealed rows beyond the gap need not be written again.
        hi = min([reach, *(p.lo for p in have if p.lo > lo)])
        if hi <= lo:
            return out
        out.append((lo, hi))
        have.append(Part(lo, hi, True, f"sealed {lo}-{hi}"))


def _promise(final: RunRow | None) -> int | None:
    return None if final is None else final.rows or 0


def row_without_a_word(
    store: Store,
    task: Close,
    tails: Sequence[Tail],
    final: RunRow | None,
    sealed: Mapping[PointsKey, int],
    rows: int,
) -> tuple[RunRow, list[Problem]]:
    """The row of a writer that ended without a word, as its tails, an earlier final row and its points tell it."""
    who: Who = (task.run_id, task.writer)
    problems: list[Problem] = []
    try:
        row, summarised = row_of_footers(tails, who, final)
    except ValueError as error:
        where = project_prefix("live", task.project)
        problems.append(Problem(where, "content", f"{where}: tails of {task.run_id} make no sense together ({error})"))
        row, summarised = final or RunRow(*who, attempt=attempt_of(task.writer)), -1
    summary = dict(row.summary)
    if summarised != rows:
        summary, bad = summary_of_files(store, sealed, summary)
        problems += bad
    hours = task.silent.total_seconds() / 3600
    return replace(
        row,
        version=final_version(rows, JANITOR),
        status="crashed",
        error=row.error or f"no sign of life for {hours:.0f} hours; its job never came back to end it",
        closed_by="janitor",
        ended_at=row.updated_at,
        summary=summary,
        rows=rows,
        files=tuple(SealedFile(k.name, size) for k, size in sorted(sealed.items(), key=lambda item: item[0].path)),
    ), problems
