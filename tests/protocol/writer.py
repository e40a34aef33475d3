"""The writer's steps, and what the store does with a PUT."""

from __future__ import annotations

from collections.abc import Iterator

from tests.protocol.checker import Step
from tests.protocol.lake import (
    CLOSING,
    DEAD,
    ENDED,
    LIVE,
    METRICS,
    NEW,
    REPLACED,
    RUNNING,
    RUNS,
    UPLOADING,
    Bounds,
    Role,
    Row,
    Rules,
    State,
    Tail,
)
from tests.protocol.spans import span


def land(state: State, rules: Rules, thing: Tail | Row | int) -> State:
    """The store after a PUT has arrived; an int is a sealed range."""
    if isinstance(thing, int):
        return state._replace(metrics=state.metrics | thing)
    if isinstance(thing, Tail):
        kept = [t for t in state.live if t != thing and not (rules.by_number and t.k == thing.k)]
        return state._replace(live=tuple(sorted([*kept, thing])))
    others = [r for r in state.runs if r.version != thing.version]
    # Rows of one name may name other files, as long as they promise the same rows: either set is complete.
    changed = any(r.version == thing.version and r.rows != thing.rows for r in state.runs)
    return state._replace(runs=tuple(sorted([*others, thing])), wrong=REPLACED if changed else state.wrong)


def doubted(state: State, thing: Tail | Row | int) -> State:
    """The store after a PUT that nobody acknowledged: it may land at any later time, or never."""
    area = METRICS if isinstance(thing, int) else LIVE if isinstance(thing, Tail) else RUNS
    flight = tuple(sorted({*state.flight, (area, thing)}))
    return state._replace(flight=flight, doubt=state.doubt - 1)


def landings(state: State, rules: Rules) -> Iterator[tuple[Step, State]]:
    """Late arrivals."""
    for item in state.flight:
        rest = tuple(other for other in state.flight if other != item)
        yield ("lands late", str(item[1])), land(state._replace(flight=rest), rules, item[1])


def version(rules: Rules, rows: int, k: int, author: Role | None) -> int:
    """What a final row is numbered. `author` is None for the writer itself."""
    rank = 3 if author is None else 2 if author == "recovery" else 1
    return {"rows": 4 * rows + rank, "k": 4 * k + rank, "role": rank, "one": 1}[rules.version]


def writer_steps(state: State, rules: Rules, bounds: Bounds) -> Iterator[tuple[Step, State]]:
    """All that the writer may do next, its deletions and its death included."""
    w = state.writer
    if w.phase == NEW:
        start = Tail(0, 0, 0, 0)
        yield ("start",), land(state, rules, start)._replace(writer=w._replace(phase=RUNNING, acked=1))
        if state.doubt:
            yield ("start?",), doubted(state, start)
    elif w.phase == RUNNING:
        yield from _flush(state, rules, bounds)
        yield from _seal(state, rules, bounds)
        if not w.pin and w.lo == w.n:
            yield from _finish(state, rules)
            if bounds.uploads:
                yield from _finish_early(state, rules)
    elif w.phase in (CLOSING, UPLOADING):
        yield from _finish(state, rules)
    if bounds.crash and w.phase in (NEW, RUNNING, CLOSING, UPLOADING):
        yield from _crash(state, bounds)
    for tail in state.live:
        if _may_delete(state, rules, tail):
            yield ("deletes", tail.k), state._replace(live=tuple(t for t in state.live if t != tail))


def _may_delete(state: State, rules: Rules, tail: Tail) -> bool:
    # More than the rule allows, so that every choice of which older tails to keep is covered, and a DELETE that
    # lands late or after a crash: names never return, so it differs in nothing from one that is sent later.
    w = state.writer
    if w.phase in (ENDED, UPLOADING) or 0 < tail.k < w.acked - 1:
        return True
    if rules.delete_before_seal and w.pin and tail.k > 0:
        return True
    return rules.delete_before_row and w.phase == RUNNING and w.files > 0 and w.lo == w.n


def _flush(state: State, rules: Rules, bounds: Bounds) -> Iterator[tuple[Step, State]]:
    w = state.writer
    if w.k > bounds.flushes:
        return
    for hi in range(w.n, bounds.rows + 1):
        tail = Tail(w.k, w.lo, hi, w.files)
        after = w._replace(k=w.k + 1, n=hi, acked=w.k + 1)
        told = max(state.told, hi)
        acked = land(state, rules, tail)._replace(writer=after, held=max(state.held, hi), told=told)
        yield ("flush", w.k, w.lo, hi), acked
        if state.doubt:
            again = w.k if rules.by_number else w.k + 1
            yield ("flush?", w.k, w.lo, hi), doubted(state, tail)._replace(writer=w._replace(k=again, n=hi))
            if bounds.hidden:
                yield ("flush twice", w.k, w.lo, hi), doubted(acked, tail)


def _seal(state: State, rules: Rules, bounds: Bounds) -> Iterator[tuple[Step, State]]:
    w = state.writer
    if not w.pin:
        if w.seals < bounds.seals:
            for hi in range(max(w.n, w.lo + 1), bounds.rows + 1):
                yield ("note", w.lo, hi), state._replace(writer=w._replace(pin=hi, n=hi))
        return
    hi = w.n if rules.seal_unpinned else w.pin
    sealed = span(w.lo, hi)
    done = w._replace(lo=hi, pin=0, files=w.files | sealed, seals=w.seals + 1)
    told = max(state.told, hi) if rules.sealed_is_told else state.told
    acked = land(state, rules, sealed)._replace(writer=done, held=max(state.held, hi), told=told)
    yield ("seal", w.lo, hi), acked
    if state.doubt:
        sent = w._replace(lo=hi, pin=0, seals=w.seals + 1) if rules.seal_forgets else w
        yield ("seal?", w.lo, hi), doubted(state, sealed)._replace(writer=sent)


def _finish(state: State, rules: Rules) -> Iterator[tuple[Step, State]]:
    w = state.writer
    row = Row(version(rules, w.n, w.k, None), w.n, w.files)
    # What an ended writer still knew tells no two futures apart.
    ended = land(state, rules, row)._replace(writer=w._replace(phase=ENDED, k=0, lo=0, n=0, files=0, seals=0, acked=1))
    yield ("finish", row.version, row.rows), ended._replace(told=max(state.told, w.n))
    if state.doubt:
        yield ("finish?", row.version, row.rows), doubted(state, row)._replace(writer=w._replace(phase=CLOSING))


def _finish_early(state: State, rules: Rules) -> Iterator[tuple[Step, State]]:
    """The points are through, artifacts are not: the row takes the janitor's rank, and the spool stays."""
    w = state.writer
    row = Row(version(rules, w.n, w.k, "janitor"), w.n, w.files)
    ended = land(state, rules, row)._replace(writer=w._replace(phase=UPLOADING), told=max(state.told, w.n))
    yield ("finish early", row.version, row.rows), ended


def _crash(state: State, bounds: Bounds) -> Iterator[tuple[Step, State]]:
    w = state.writer
    dead = w._replace(phase=DEAD, k=0, files=0, seals=0)
    if "recovery" not in bounds.closers:
        yield ("crash",), state._replace(writer=dead._replace(lo=0, n=0, pin=0))
        return
    # A spool may have rows that no PUT carried yet, but none after the final row. The note of a seal follows its rows
    # in the spool: where it is, they are; where they are, a torn spool may lack it.
    most = w.n if w.phase in (CLOSING, UPLOADING) else bounds.rows
    for spool in range(0 if bounds.torn else w.n, most + 1):
        noted = {w.pin, 0} if bounds.torn else {w.pin}
        for pin in sorted(noted if spool >= w.pin else {0}):
            spooled = dead._replace(n=spool, pin=pin, lo=w.lo if pin else 0)
            yield ("crash with", spool, pin), state._replace(writer=spooled)
