"""The reader's steps. It asks the store for one key a page; everything may happen between two pages."""

from __future__ import annotations

from collections.abc import Iterator

from tests.protocol.checker import Step
from tests.protocol.lake import DOUBLE, END, FOLDER, LOST, NO_READ, VANISHED, Bounds, Reader, Rules, State
from tests.protocol.spans import covered, span


def reader_steps(state: State, rules: Rules, bounds: Bounds) -> Iterator[tuple[Step, State]]:
    """All that the reader may do next.

    A tail is read with the page that lists it. It never changes, so a GET at any later time gives the same or nothing,
    and nothing ends the attempt. The next attempt is a new read that is held to what was acknowledged before the
    first one, which asks less of it: so whatever holds without re-lists holds with any number of them.
    `metrics/` only grows, so the least that listing it can show is what a listing in one step shows.
    """
    r = state.reader
    if r.stage == 0:
        if bounds.read and (state.runs or any(t.k == 0 for t in state.live)):
            yield ("read",), state._replace(reader=NO_READ._replace(stage=1, told=state.told, relists=bounds.relists))
    elif r.stage == FOLDER:
        # Out of order, metrics/ was listed before and is not listed again.
        yield _end(state, rules, bounds, r, state.metrics if rules.order[2] == "metrics" else r.named, last=True)
    elif rules.order[r.stage - 1] == "live":
        yield _page_of_live(state, rules, r)
        yield from _misses(state, bounds, r, next((t.k for t in state.live if t.k >= r.cursor), None))
    elif rules.order[r.stage - 1] == "runs":
        yield _page_of_runs(state, rules, r)
        yield from _misses(state, bounds, r, next((x.version for x in state.runs if x.version >= r.cursor), None))
    elif r.stage == 3:
        yield _end(state, rules, bounds, r, r.named & state.metrics, last=False)
    else:
        # Out of order, no row may have named any file yet: take all there are, and no names later.
        yield ("lists metrics",), _next(state, rules, r._replace(named=state.metrics))


def _misses(state: State, bounds: Bounds, r: Reader, place: int | None) -> Iterator[tuple[Step, State]]:
    """An old listing does not show what stands at `place`."""
    if state.stale and bounds.stale_reader and place is not None:
        yield ("misses", place), state._replace(stale=state.stale - 1, reader=r._replace(cursor=place + 1))


def _page_of_live(state: State, rules: Rules, r: Reader) -> tuple[Step, State]:
    page = next((t for t in state.live if t.k >= r.cursor), None)
    if page is None:
        return ("has listed live",), _next(state, rules, r)
    r = r._replace(cursor=page.k + 1, found=r.found | (page.k == 0))
    if rules.highest_only:
        r = r._replace(tails=0, named=0)
    if page.lo < page.hi or not rules.ignore_empty:
        r = r._replace(tails=r.tails | span(page.lo, page.hi), named=r.named | _named(rules, page.files))
    return ("lists live", page.k, page.lo, page.hi), state._replace(reader=r)


def _page_of_runs(state: State, rules: Rules, r: Reader) -> tuple[Step, State]:
    page = next((row for row in state.runs if row.version >= r.cursor), None)
    if page is None:
        return ("has listed runs",), _next(state, rules, r)
    # The highest version counts, which is the last one listed.
    return (
        ("lists runs", page.version, page.rows),
        state._replace(reader=r._replace(cursor=page.version + 1, found=1, row=page)),
    )


def _next(state: State, rules: Rules, r: Reader) -> State:
    r = r._replace(stage=r.stage + 1, cursor=0, named=r.named | _named(rules, r.row.files))
    if rules.final_hides_live and r.row.version:
        r = r._replace(tails=0, named=r.row.files)
    return state._replace(reader=r)


def _named(rules: Rules, files: int) -> int:
    return files if rules.order[2] == "metrics" else 0


def _end(state: State, rules: Rules, bounds: Bounds, r: Reader, sealed: int, *, last: bool) -> tuple[Step, State]:
    given, complete, known, twice = covered(r.tails, sealed, rules.unsliced)
    if complete < max(known, r.row.rows):
        if not last:
            return ("falls short",), state._replace(reader=r._replace(stage=FOLDER, cursor=0))
        if r.relists:
            again = NO_READ._replace(stage=1, told=r.told, relists=r.relists - 1)
            return ("lists again",), state._replace(reader=again)
        return ("gives up",), END
    if rules.stale_may_hide and state.stale < bounds.stale and not twice:
        return ("done, perhaps short", complete), END
    wrong = DOUBLE if twice else LOST if ~given & ((1 << r.told) - 1) else 0 if r.found else VANISHED
    return ("done", complete), state._replace(wrong=wrong) if wrong else END
