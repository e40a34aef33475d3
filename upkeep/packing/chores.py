"""What a job does for its lake after its own end: a little packing, now and then, within seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Final

from ...schema.keys import PackKey, parse_key, project_prefix
from ...store.base import Store
from ..clock import no_later_than_now
from .pack import MIN_SINGLES, Packed, coverage, pack, plan_pack, read_marks
from .packed import RowId

EVERY: Final = 50
"""Of a thousand jobs that end at once, one in so many packs."""
READ_BYTES: Final = 16 * 2**20
"""A job reads no more packs than this to learn what they cover; larger ones are for `lakeboard tidy`."""


def pack_when_many(
    store: Store,
    project: str,
    run_id: str,
    writer: str,
    *,
    earlier: Iterable[tuple[str, str]] = (),
    time_is_up: Callable[[], bool] = lambda: False,
) -> Packed | None:
    """Pack the project's run rows if it falls to this writer; None where it does not.

    Costs one LIST. It falls to the writers whose rows are the 201st, 251st, 301st, … since the last pack, in the
    order of the store's clock, so that neither chance nor agreement is needed. These read and pack the singles (one
    GET each, one PUT) and drop what earlier packs cover, where their grace is over. Stops when time is up, at any
    point without harm.

    Args:
        store: the lake.
        project: which.
        run_id: of the writer that has ended.
        writer: it.
        earlier: others (run id, writer) that ended in this process and did not look.
        time_is_up: when to stop.

    Raises:
        StoreError: the next job will do it.
    """
    prefix = project_prefix("runs", project)
    listed = store.list(prefix)
    # By their names alone: nearly always there is nothing to do, and looking into thousands of keys takes a while.
    packs = [i for i in listed if i.key.startswith(f"{prefix}z-") and isinstance(parse_key(i.key), PackKey)]
    packs.sort(key=lambda i: i.key, reverse=True)
    singles = sorted((i.modified, i.key) for i in listed if i.key.startswith(f"{prefix}r-"))
    fresh = [path for at, path in singles if not packs or at >= packs[0].modified]
    own = tuple(f"{prefix}r-{run}.{who}." for run, who in {(run_id, writer), *earlier})
    mine = [place for place, path in enumerate(fresh) if path.startswith(own)]
    if not any(at >= MIN_SINGLES and (at - MIN_SINGLES) % EVERY == 0 for at in mine) or time_is_up():
        return None
    readable = [i.key for i, size in zip(packs, accumulate(i.size for i in packs), strict=True) if size <= READ_BYTES]
    known: dict[str, list[RowId]] = {}
    for path in readable:
        known |= read_marks(store, [path], "runs")[0]
        if time_is_up():
            return None
    found = coverage(listed, known, now=no_later_than_now(listed))
    skip = set(found.covered)
    if packs and packs[0].key not in known:
        # What it has is not known, but what came before it is most likely in it.
        skip |= {path for _, path in singles} - set(fresh)
    task = plan_pack(listed, area="runs", project=project, min_singles=MIN_SINGLES, skip=skip)
    done = pack(store, task, time_is_up=time_is_up) if task is not None else None
    if found.due and not time_is_up():
        store.delete(found.due)
    return done
