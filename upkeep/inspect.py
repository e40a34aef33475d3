"""What a lake knows of one run, for a job that resumes it."""

from __future__ import annotations

from dataclasses import dataclass

from ..schema.errors import DamagedObject, LakeFormat, MissingObject
from ..schema.keys import PackKey, RowKey, TailKey, attempt_of, parse_key, project_prefix
from ..schema.parquet import FOOTER_GUESS_BYTES, decode_footer, decode_table, footer_length
from ..schema.rows import ASIDE_ENV, RunRow
from ..schema.rowtable import table_to_rows
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
    tails = [i.key for i in store.list(project_prefix("live", project))]
    rows = [i.key for i in store.list(project_prefix("runs", project))]
    attempts: list[int] = []
    steps: list[int] = []
    for path in [*tails, *rows]:
        key = parse_key(path)
        if isinstance(key, (TailKey, RowKey)) and key.run_id == run_id:
            attempts.append(attempt_of(key.writer))
        elif not isinstance(key, PackKey):
            continue
        for row in _rows(store, path, key):
            if row.run_id == run_id:
                attempts.append(row.attempt)
                aside = frozenset(row.env.get(ASIDE_ENV, "").split("\n"))
                said = [s for s in row.summary.values() if s.metric not in aside]
                steps += [s.last_step for s in said if s.last_step is not None]
    return RunState(max(attempts), max(steps, default=None)) if attempts else None


def _rows(store: Store, path: str, key: object) -> list[RunRow]:
    try:
        if isinstance(key, TailKey):
            changes = read_footer(store, path)
            return [RunRow(key.run_id, key.writer).with_changes(changes)]
        return table_to_rows(decode_table(store.get(path), key=path))
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
