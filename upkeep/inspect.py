"""What a lake knows of one run, for a job that resumes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..schema.errors import DamagedObject, LakeFormat, MissingObject
from ..schema.keys import PackKey, RowKey, TailKey, attempt_of, parse_key, project_prefix
from ..schema.parquet import FOOTER_GUESS_BYTES, decode_footer, decode_table, footer_length
from ..schema.rowtable import table_to_rows
from ..schema.run.row import ASIDE_ENV, RunRow
from ..schema.run.summary import Summary
from ..schema.tailrow import TailFooter, row_of_tails
from ..store.base import Store


@dataclass(frozen=True, slots=True)
class RunState:
    """How far a run has come."""

    attempt: int = 1
    """The newest attempt."""
    last_step: int | None = None
    """The largest step of any metric but those that were logged aside."""


def run_state(store: Store, project: str, run_id: str) -> RunState | None:
    """How far a run has come by all its writers, or None for a run that the lake does not know.

    Costs 2 LISTs, one GET for each of the run's tails and rows, and one for each pack of rows. Objects that can't
    be read count by their name alone.

    Raises:
        StoreError: the lake can't be listed.
    """
    tails = [k for i in store.list(project_prefix("live", project)) if isinstance(k := parse_key(i.key), TailKey)]
    keys = [parse_key(i.key) for i in store.list(project_prefix("runs", project))]
    live = [k for k in tails if k.run_id == run_id]
    singles = [k for k in keys if isinstance(k, RowKey) and k.run_id == run_id]
    packs = [k for k in keys if isinstance(k, PackKey)]
    holders: list[RowKey | PackKey] = [*singles, *packs]
    ended = [row for key in holders for row in _rows(store, key)]
    rows = [*_live_rows(store, live), *(row for row in ended if row.run_id == run_id)]
    writers = [k.writer for k in live] + [k.writer for k in singles]
    attempts = [attempt_of(writer) for writer in writers] + [row.attempt for row in rows]
    steps = [s.last_step for row in rows for s in _in_step(row) if s.last_step is not None]
    return RunState(max(attempts), max(steps, default=None)) if attempts else None


def _live_rows(store: Store, keys: Sequence[TailKey]) -> list[RunRow]:
    """The row of each writer that has tails."""
    tails: dict[str, list[TailFooter]] = {}
    for key in sorted(keys, key=lambda k: (k.k, k.path)):
        tails.setdefault(key.writer, []).append(TailFooter(key, _footer(store, key.path)))
    return [row_of_tails(each, each[0].key.run_id, writer).row for writer, each in tails.items()]


def _footer(store: Store, path: str) -> Mapping[str, Any] | None:
    try:
        return read_footer(store, path)
    except (MissingObject, DamagedObject, LakeFormat):
        return None


def _in_step(row: RunRow) -> list[Summary]:
    """The summaries of metrics that were not logged aside."""
    aside = frozenset(row.env.get(ASIDE_ENV, "").split("\n"))
    return [s for s in row.summary.values() if s.metric not in aside]


def _rows(store: Store, key: RowKey | PackKey) -> list[RunRow]:
    try:
        return table_to_rows(decode_table(store.get(key.path), key=key.path))
    except (MissingObject, DamagedObject, LakeFormat):
        return []


def read_footer(store: Store, path: str) -> dict[str, object]:
    """A tail's footer. One GET, two where the footer is longer than 64 kB.

    Raises:
        MissingObject: superseded and deleted meanwhile.
        DamagedObject: not readable.
    """
    tail = store.get_tail(path, FOOTER_GUESS_BYTES)
    need = footer_length(tail, key=path)
    if need > len(tail):
        tail = store.get_tail(path, need)
    return decode_footer(tail, key=path)
