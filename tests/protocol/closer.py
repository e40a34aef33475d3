"""Recovery and the janitor end a writer in its place: one is right by the spool's lock, the other may be wrong."""

from __future__ import annotations

from collections.abc import Iterator

from tests.protocol.checker import Step
from tests.protocol.lake import (
    ABSENT,
    DEAD,
    DELETING,
    HOLE,
    JUDGING,
    LISTING,
    NOBODY,
    PROMISING,
    SEALING,
    Bounds,
    Closer,
    Role,
    Row,
    Rules,
    State,
    Tail,
)
from tests.protocol.spans import known_in, missing, ranges, rows_in, span
from tests.protocol.writer import doubted, land, version


def closer_steps(state: State, rules: Rules, bounds: Bounds) -> Iterator[tuple[Step, State]]:
    """All that recovery, the janitors and their sweep of leftovers may do next."""
    for place, role in enumerate(bounds.closers):
        me = state.closers[place]
        if me.stage == ABSENT:
            # Recovery waits for the spool's lock. The janitor knows of writers by their tails.
            if state.writer.phase == DEAD if role == "recovery" else state.live:
                begun = me._replace(stage=LISTING, files=state.metrics if rules.metrics_first else 0)
                yield (f"{role} begins",), _with(state, place, begun)
            continue
        yield from _go_on(state, rules, bounds, place, role)
        if state.deaths:
            yield (f"{role} dies",), _with(state, place, NOBODY)._replace(deaths=state.deaths - 1)
    if "janitor" in bounds.closers:
        yield from _sweep(state, rules)


def _with(state: State, place: int, closer: Closer) -> State:
    return state._replace(closers=(*state.closers[:place], closer, *state.closers[place + 1 :]))


def _go_on(state: State, rules: Rules, bounds: Bounds, place: int, role: Role) -> Iterator[tuple[Step, State]]:
    me = state.closers[place]
    forgiving = bounds.stale > 0 and not bounds.stale_reader
    old = forgiving and state.stale > 0
    if me.stage == LISTING:
        yield _list(state, rules, place, role)
        if old and (page := _page(state, me)) is not None:
            missed = _with(state, place, me._replace(cursor=page.k + 1))
            yield (f"{role} misses tail", page.k), missed._replace(stale=state.stale - 1)
    elif me.stage == JUDGING:
        yield _judge(state, rules, place, role, state.metrics, forgiving=forgiving)
        if old:
            # Listed a moment ago, metrics/ had fewer files.
            for lo, hi in ranges(state.metrics):
                seen = state.metrics & ~span(lo, hi)
                step, after = _judge(state, rules, place, role, seen, forgiving=True)
                yield (f"{role} misses file", lo, hi, *step), after._replace(stale=state.stale - 1)
    elif me.stage == SEALING:
        lo, hi = ranges(me.todo)[0]
        sealed = span(lo, hi)
        rest = me.todo & ~sealed
        done = me._replace(stage=SEALING if rest else PROMISING, todo=rest, files=me.files | sealed)
        acked = land(state, rules, sealed)._replace(held=max(state.held, hi))
        yield (f"{role} seals", lo, hi), _with(acked, place, done)
        if state.doubt:
            yield (f"{role} seals?", lo, hi), doubted(state, sealed)
    elif me.stage == PROMISING:
        row = Row(version(rules, me.rows, max(me.seen.bit_length() - 1, 0), role), me.rows, me.files)
        done = NOBODY._replace(stage=DELETING, seen=me.seen)
        if any(r.version == row.version for r in state.runs):
            yield (f"{role} finds its row", row.version), _with(state, place, done)
            return
        told = max(state.told, me.rows)
        acked = land(state, rules, row)._replace(told=told, held=max(state.held, me.rows))
        yield (f"{role} promises", row.version, row.rows), _with(acked, place, done)
        if state.doubt:
            yield (f"{role} promises?", row.version, row.rows), doubted(state, row)
    elif me.stage == DELETING:
        for tail in state.live:
            if me.seen >> tail.k & 1 or rules.deletes_unread:
                yield (f"{role} deletes", tail.k), state._replace(live=tuple(t for t in state.live if t != tail))


def _page(state: State, me: Closer) -> Tail | None:
    return next((t for t in state.live if t.k >= me.cursor), None)


def _list(state: State, rules: Rules, place: int, role: Role) -> tuple[Step, State]:
    me = state.closers[place]
    page = _page(state, me)
    if page is None:
        idle = role == "janitor" and not me.seen
        after = NOBODY._replace(stage=DELETING) if idle else me._replace(stage=JUDGING, cursor=0)
        return (f"{role} has listed live",), _with(state, place, after)
    tails = me.tails | span(page.lo, page.hi)
    if rules.recovery_spool_only and role == "recovery":
        tails = 0
    after = me._replace(cursor=page.k + 1, seen=me.seen | 1 << page.k, tails=tails)
    return (f"{role} reads", page.k, page.lo, page.hi), _with(state, place, after)


def _judge(state: State, rules: Rules, place: int, role: Role, listed: int, *, forgiving: bool) -> tuple[Step, State]:
    me = state.closers[place]
    spool = noted = 0
    if role == "recovery":
        w = state.writer
        spool, noted = w.n, span(w.lo, w.pin) if w.pin else 0
    sealed = me.files if rules.metrics_first else listed
    rows = max(spool, known_in(me.tails), known_in(sealed))
    trusted = me.tails if rules.recovery_trusts_live and role == "recovery" else 0
    todo = missing(sealed | trusted, rows, noted)
    if rows_in(todo) & ~(rows_in(me.tails) | (1 << spool) - 1):
        if forgiving:
            # An old listing left out what it needs: it stops, and begins again another time.
            return (f"{role} gives up",), _with(state, place, NOBODY)
        return (f"{role} finds a hole",), state._replace(wrong=HOLE)
    after = me._replace(stage=SEALING if todo else PROMISING, tails=0, files=sealed, rows=rows, todo=todo)
    return (f"{role} lists metrics and judges", rows), _with(state, place, after)


def _sweep(state: State, rules: Rules) -> Iterator[tuple[Step, State]]:
    # That a final row exists and that metrics/ covers a range stay true for ever, so that whoever has seen both
    # may act at any later time: the sweep needs no state of its own.
    if not state.runs:
        return
    promised = max(row.rows for row in state.runs)
    sealed = rows_in(state.metrics)
    for tail in state.live:
        if rows_in(span(tail.lo, tail.hi)) & ~sealed or (rules.sweep == "promised" and tail.hi > promised):
            continue
        yield ("janitor sweeps", tail.k), state._replace(live=tuple(t for t in state.live if t != tail))
