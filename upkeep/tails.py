"""One writer's tails, read whole: its points and what they tell of the run's row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from ..schema.errors import MissingObject
from ..schema.keys import TailKey, parse_key
from ..schema.problems import Problem, problem_of
from ..schema.run.row import RunRow
from ..schema.tailrow import TailFooter, row_of_tails
from ..store.base import ObjectInfo, Store
from .checks import check_footer, check_points, check_row

if TYPE_CHECKING:
    import pyarrow as pa

Who: TypeAlias = tuple[str, str]
"""(run_id, writer)."""


@dataclass(frozen=True, slots=True)
class Tail:
    """One tail and what could be read of it."""

    key: TailKey
    modified: datetime
    table: pa.Table | None = None
    """Its points; null where they could not be read."""
    footer: Mapping[str, Any] | None = None
    """What it tells of the run's row; null where that could not be read."""

    @property
    def whole(self) -> bool:
        """Whether all of it was read."""
        return self.table is not None and self.footer is not None


def tails_by_writer(live: Iterable[ObjectInfo]) -> dict[Who, list[tuple[TailKey, ObjectInfo]]]:
    """The tails in a listing of `live/`, by writer, oldest first. Pure."""
    out: dict[Who, list[tuple[TailKey, ObjectInfo]]] = {}
    for info in live:
        key = parse_key(info.key)
        if isinstance(key, TailKey):
            out.setdefault((key.run_id, key.writer), []).append((key, info))
    for tails in out.values():
        tails.sort(key=lambda tail: (tail[0].k, tail[0].path))
    return out


def read_tails(store: Store, listed: Sequence[tuple[TailKey, ObjectInfo]]) -> tuple[list[Tail], list[Problem]]:
    """Read tails, oldest first, and what could not be read. One GET each.

    Those that are gone meanwhile were superseded and are left out.
    """
    found = store.get_many([key.path for key, _ in listed])
    tails: list[Tail] = []
    problems: list[Problem] = []
    for key, info in listed:
        data = found[key.path]
        if isinstance(data, MissingObject):
            continue
        if isinstance(data, Exception):
            problems.append(problem_of(key.path, data))
            tails.append(Tail(key, info.modified))
            continue
        table, bad = check_points(key, data)
        footer, worse = check_footer(key, data)
        # What is wrong with the bytes is wrong with both.
        problems += bad or worse
        tails.append(Tail(key, info.modified, table, footer))
    return tails, problems


def row_of_footers(tails: Sequence[Tail], who: Who, final: RunRow | None = None) -> tuple[RunRow, int]:
    """The run's row as its tails tell it, and for how many points its summary is; -1 where it has none.

    Args:
        tails: the writer's, oldest first.
        who: (run_id, writer).
        final: an earlier final row, which stands in for a start that is gone.

    Raises:
        ValueError: what they tell makes no sense.
    """
    found = row_of_tails([TailFooter(tail.key, tail.footer) for tail in tails], *who, start=final)
    if found.error is not None:
        raise ValueError(str(found.error)[:200]) from found.error
    check_row(found.row)
    newest = found.newest
    if newest is None or newest.fields is None or not newest.key.k:
        return found.row, final.rows or 0 if final is not None else -1
    return found.row, -1 if "summary_k" in newest.fields else newest.key.hi
