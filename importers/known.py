"""What a lake already has of imported runs: how far each metric came, and in how many attempts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..schema.errors import DamagedObject
from ..schema.keys import Key, PackKey, RowKey, TailKey, attempt_of, parse_key, project_prefix
from ..schema.run.row import RunRow, Status, latest, merge_writers
from ..schema.run.summary import Summary, merge
from ..store.base import ObjectInfo, Store
from ..upkeep.checks import check_rows
from ..upkeep.listing import batches

_BATCH_BYTES: Final = 64_000_000
_BATCH_OBJECTS: Final = 512


@dataclass(frozen=True, slots=True)
class Known:
    """A run that is there already."""

    attempts: int
    """How many ended writers it has."""
    status: Status
    rows: int
    summaries: Mapping[str, Summary] = field(default_factory=dict)
    """Of what was imported, by metric label."""
    media: int = 0
    left: tuple[TailKey, ...] = ()
    """Tails of writers that never ended: what an import that was killed left."""


def known_runs(store: Store, project: str, prefix: str) -> dict[str, Known]:
    """The project's runs whose id begins with `prefix`, by id.

    Two LISTs, and one GET for each of these runs' rows and each pack.

    Raises:
        StoreError: the lake can't be read.
        DamagedObject: a row is damaged, so that nobody knows what is there already; names it.
    """
    rows: dict[str, list[RunRow]] = {}
    wanted: list[tuple[ObjectInfo, Key]] = []
    for info in store.list(project_prefix("runs", project)):
        key = parse_key(info.key)
        if isinstance(key, PackKey) or (isinstance(key, RowKey) and key.run_id.startswith(prefix)):
            wanted.append((info, key))
    for batch in batches(wanted, most_bytes=_BATCH_BYTES, most_objects=_BATCH_OBJECTS):
        keys = {key.path: key for _, key in batch if isinstance(key, (RowKey, PackKey))}
        for path, data in store.get_many(list(keys)).items():
            for row in _rows_of(keys[path], data):
                if row.run_id.startswith(prefix) and row.status != "running":
                    rows.setdefault(row.run_id, []).append(row)
    tails: dict[str, list[TailKey]] = {}
    for info in store.list(project_prefix("live", project)):
        tail = parse_key(info.key)
        if isinstance(tail, TailKey) and tail.run_id.startswith(prefix):
            tails.setdefault(tail.run_id, []).append(tail)
    out = {}
    for run_id in rows.keys() | tails.keys():
        ended = latest(rows.get(run_id, []))
        over = {row.writer for row in ended}
        out[run_id] = _known(ended, tuple(tail for tail in tails.get(run_id, ()) if tail.writer not in over))
    return out


def _rows_of(key: RowKey | PackKey, data: bytes | Exception) -> list[RunRow]:
    if isinstance(data, Exception):
        raise data
    rows, bad = check_rows(key, data)
    if bad:
        raise DamagedObject(
            f"{bad[0].message}; an import can't tell what is there already: lakeboard fsck", key=key.path
        )
    return rows


def _known(ended: list[RunRow], left: tuple[TailKey, ...]) -> Known:
    if not ended:
        return Known(0, "running", 0, left=left)
    known: dict[str, Summary] = {}
    for row in sorted(ended, key=lambda row: attempt_of(row.writer)):
        for label, summary in row.summary.items():
            known[label] = merge(known[label], summary, b_attempt=True) if label in known else summary
    media = sum(row.media_rows or 0 for row in ended)
    attempts = max(attempt_of(row.writer) for row in ended)
    return Known(attempts, merge_writers(ended).status, sum(row.rows or 0 for row in ended), known, media, left)
