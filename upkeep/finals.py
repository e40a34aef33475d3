"""The final row of a writer: what it promises."""

from __future__ import annotations

from collections.abc import Sequence

from ..schema.errors import MissingObject
from ..schema.keys import PackKey, RowKey, parse_key
from ..schema.problems import Problem, problem_of
from ..schema.run.row import RunRow
from ..store.base import ObjectInfo, Store
from .checks import check_rows
from .tails import Who


def promised_by(version: int) -> int:
    """How many points a final row of this version promises; the inverse of `final_version`, whoever wrote it."""
    return max(0, version - 1) // 4


def known_final(
    store: Store, runs: Sequence[ObjectInfo], who: Who, *, search_packs: bool
) -> tuple[RunRow | None, list[Problem]]:
    """The final row of a writer that counts; None without a readable one.

    Packs are asked for only where no single is found. One GET for each of the writer's singles, and for each pack,
    newest first, until one has it.

    Args:
        store: the lake.
        runs: a listing of the project's run rows.
        who: (run_id, writer).
        search_packs: also look into packs.
    """
    keys = [key for info in runs if (key := parse_key(info.key)) is not None]
    singles: list[RowKey | PackKey] = [k for k in keys if isinstance(k, RowKey) and (k.run_id, k.writer) == who]
    packs: list[RowKey | PackKey] = [k for k in keys if isinstance(k, PackKey)] if search_packs else []
    packs.sort(key=lambda k: k.path, reverse=True)
    problems: list[Problem] = []
    best: RunRow | None = None
    for key in [*singles, *packs]:
        if isinstance(key, PackKey) and best is not None:
            break
        data = store.get_many([key.path])[key.path]
        if isinstance(data, Exception):
            if not isinstance(data, MissingObject):
                problems.append(problem_of(key.path, data))
            continue
        rows, bad = check_rows(key, data)
        problems += bad
        for row in rows:
            # Running rows do not belong here; they promise nothing.
            mine = (row.run_id, row.writer) == who and row.status != "running"
            if mine and (best is None or row.version > best.version):
                best = row
    return best, problems
