"""What is left of one writer in `live/`: its tails, for whoever ends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..schema.errors import DamagedObject, MissingObject
from ..schema.keys import TailKey, parse_key, project_prefix
from ..schema.parquet import decode_table
from ..schema.run.row import RunRow
from ..store.base import Store
from .inspect import read_footer
from .points import plain

if TYPE_CHECKING:
    import pyarrow as pa


def tail_keys(store: Store, project: str, first: RunRow) -> list[TailKey]:
    """The writer's tails, oldest first. One LIST."""
    keys = [parse_key(info.key) for info in store.list(project_prefix("live", project))]
    mine = [k for k in keys if isinstance(k, TailKey) and (k.run_id, k.writer) == (first.run_id, first.writer)]
    return sorted(mine, key=lambda k: (k.k, k.path))


def tail_tables(store: Store, tails: Sequence[TailKey]) -> list[pa.Table]:
    """Points of the tails that can be read; one that vanishes meanwhile was superseded. One GET each."""
    out = []
    for key in tails:
        try:
            out.append(plain(decode_table(store.get(key.path), key=key.path)))
        except (MissingObject, DamagedObject):
            continue
    return out


def newest_changes(store: Store, tails: Sequence[TailKey]) -> Mapping[str, Any]:
    """What the newest readable tail says of the run's row. One GET in the usual case."""
    for key in reversed([k for k in tails if k.k]):
        try:
            return read_footer(store, key.path)
        except (MissingObject, DamagedObject):
            continue
    return {}
