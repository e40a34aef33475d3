"""Packing: many small objects of run rows or edits become one, and what packs cover goes after a grace.

No lock: rows are last-version-wins, so packers at once do the same work twice and nothing worse. Two rules hold it
together. A pack's generation is above that of every pack listed, so that it sorts after all it was made from and no
paged listing misses a row. And an object is dropped only where *later-named* packs, older than the grace, were read
and have all its rows: of two packs that cover each other, one always stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ...schema.ahead import is_ahead
from ...schema.errors import DamagedObject, LakeFormat, MissingObject
from ...schema.keys import EditKey, PackKey, RowKey, parse_key
from ...schema.parquet import encode_table
from ...schema.problems import Problem, problem_of
from ...store.base import ObjectInfo, Store
from ..clock import GRACE
from .packed import PackArea, RowId, decode_packable, is_covered, join, marks, remember

if TYPE_CHECKING:
    import pyarrow as pa

MIN_SINGLES: Final = 200
"""Up to this many singles are left as they are: readers get them side by side."""
MAX_PACK_BYTES: Final = 64 * 2**20
"""Packs of this size are not packed again."""
MAX_PACKS: Final = 16
"""More packs than this are joined, whatever their sizes."""
_READ_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Pack:
    """A task: make one pack of these objects. Done twice it gives the same object under the same name."""

    area: PackArea
    project: str
    gen: int
    inputs: tuple[str, ...]
    purged: tuple[str, ...] = ()
    """Runs whose rows and edits are left out."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What became of a `Pack`."""

    output: str | None
    """The pack's key; null where fewer than two inputs could be read, or time was up."""
    rows: int = 0
    inputs: tuple[str, ...] = ()
    """The objects that are in it."""
    problems: tuple[Problem, ...] = ()
    """Inputs that were left alone."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Objects that later-named packs cover."""

    covered: frozenset[str]
    """All of them; packing them again is for nothing."""
    due: tuple[str, ...]
    """Those whose covering packs are older than the grace: they may go."""


def plan_pack(
    listed: Sequence[ObjectInfo],
    *,
    area: PackArea,
    project: str,
    min_singles: int = MIN_SINGLES,
    skip: Collection[str] = (),
    rewrite: Collection[str] = (),
    purged: Collection[str] = (),
) -> Pack | None:
    """What to pack, or None. Pure.

    All singles, and of the packs those that are no larger than what was chosen so far: each row is packed again only
    about as often as the logarithm of their number.

    Args:
        listed: the area's objects.
        area: run rows or edits.
        project: whose.
        min_singles: with no more singles than this, nothing is done.
        skip: objects that are covered, or not to be touched.
        rewrite: objects that hold something that must go; they are packed in any case.
        purged: runs whose rows and edits must go.
    """
    keys = {i.key: parse_key(i.key) for i in listed}
    sized = [i for i in listed if i.size and i.key not in skip]
    # A pack is younger than what it holds: decisions ahead of their own object's time stay where that shows.
    singles = [
        i
        for i in sized
        if isinstance(key := keys[i.key], RowKey) or (isinstance(key, EditKey) and not is_ahead(key.hlc, i.modified))
    ]
    packs = sorted((i for i in sized if isinstance(keys[i.key], PackKey)), key=lambda i: (i.size, i.key))
    gen = 1 + max((k.gen for k in keys.values() if isinstance(k, PackKey)), default=0)
    chosen = [i for i in sized if i.key in rewrite]
    crowded = len(packs) > MAX_PACKS
    if len(singles) > min_singles:
        chosen += [i for i in singles if i.key not in rewrite]
    elif not chosen and not crowded:
        return None
    total = sum(i.size for i in chosen)
    for info in packs:
        if info in chosen:
            continue
        if (info.size > total and not crowded) or total + info.size > MAX_PACK_BYTES:
            break
        chosen.append(info)
        total += info.size
    if len(chosen) < 2 and not any(i.key in rewrite for i in chosen):
        return None
    return Pack(area, project, gen, tuple(sorted(i.key for i in chosen)), tuple(sorted(purged)))


def coverage(
    listed: Sequence[ObjectInfo],
    known: Mapping[str, Sequence[RowId]],
    *,
    now: datetime,
    grace: timedelta = GRACE,
    purged: Collection[str] = (),
) -> Coverage:
    """Which objects later-named packs cover. Pure.

    Args:
        listed: the area's objects.
        known: what was read of packs (and of singles of edits) by key; what is not in here covers nothing.
        now: the store's time, or any time before it.
        grace: age from which a pack's inputs may go.
        purged: runs whose rows need no cover.
    """
    have: dict[tuple[Hashable, ...], int] = {}
    old: dict[tuple[Hashable, ...], int] = {}
    covered: set[str] = set()
    due: list[str] = []

    def judge(key: str, rows: Sequence[RowId]) -> None:
        if is_covered(rows, have, purged=purged):
            covered.add(key)
            if is_covered(rows, old, purged=purged):
                due.append(key)

    packs = sorted((i for i in listed if isinstance(parse_key(i.key), PackKey)), key=lambda i: i.key, reverse=True)
    for info in packs:
        rows = known.get(info.key)
        if rows is None:
            continue
        judge(info.key, rows)
        remember(have, rows)
        if now - info.modified >= grace:
            remember(old, rows)
    for info in listed:
        single = _single_marks(info.key, known)
        # Of nothing, anything is a cover: an act whose rows are unknown stays.
        if single:
            judge(info.key, single)
    return Coverage(frozenset(covered), tuple(sorted(due)))


def _single_marks(path: str, known: Mapping[str, Sequence[RowId]]) -> Sequence[RowId]:
    key = parse_key(path)
    if isinstance(key, RowKey):
        return [RowId((key.run_id, key.writer), key.version, key.run_id)]
    return known.get(path, ()) if isinstance(key, EditKey) else ()


def pack(store: Store, task: Pack, *, time_is_up: Callable[[], bool] = lambda: False) -> Packed:
    """Do it: one GET per input, several at a time, and one PUT. Deletes nothing.

    Inputs that are damaged, of a newer version, or that the store does not give are left alone and named; those that
    are gone were packed by another.
    """
    tables, problems = read_packables(store, task.inputs, time_is_up=time_is_up)
    if tables is None:
        return Packed(None, problems=tuple(problems))
    several = len(tables) > 1 or (bool(tables) and len(task.inputs) == 1)
    if not several or time_is_up():
        return Packed(None, problems=tuple(problems))
    table = join([tables[key] for key in sorted(tables)], task.area, purged=task.purged)
    data = encode_table(table)
    # Named by its content: whoever packs the same writes the same, and a name never stands for two things.
    key = PackKey(task.area, task.project, task.gen, hashlib.sha256(data).hexdigest()[:8])
    store.put(key.path, data, durable=True)
    return Packed(key.path, len(table), tuple(sorted(tables)), tuple(problems))


def read_packables(
    store: Store, keys: Sequence[str], *, time_is_up: Callable[[], bool] = lambda: False
) -> tuple[dict[str, pa.Table] | None, list[Problem]]:
    """The tables of singles and packs, by key, and what could not be read; None where time was up.

    One GET each; objects that are gone are left out.
    """
    tables: dict[str, pa.Table] = {}
    problems: list[Problem] = []
    for start in range(0, len(keys), _READ_AT_ONCE):
        if time_is_up():
            return None, problems
        for key, data in store.get_many(keys[start : start + _READ_AT_ONCE]).items():
            try:
                if isinstance(data, Exception):
                    raise data
                tables[key] = decode_packable(data, key=key)
            except MissingObject:
                continue
            except (DamagedObject, LakeFormat, OSError) as error:
                problems.append(problem_of(key, error))
    return tables, problems


def read_marks(store: Store, keys: Sequence[str], area: PackArea) -> tuple[dict[str, list[RowId]], list[Problem]]:
    """Who the rows of some objects are, by key, and what could not be read. One GET each."""
    out: dict[str, list[RowId]] = {}
    problems: list[Problem] = []
    for start in range(0, len(keys), _READ_AT_ONCE):
        tables, bad = read_packables(store, keys[start : start + _READ_AT_ONCE])
        out |= {key: marks(table, area) for key, table in (tables or {}).items()}
        problems += bad
    return out, problems
