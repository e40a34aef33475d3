"""Packs of run rows: singles, two packers at once, a purge, one reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from tests.protocol.checker import Step

Versions: TypeAlias = tuple[int, ...]
"""For each run the version of its row: 0 none, then 1, 2, …; the highest of all is the tombstone of a purge."""


class Object(NamedTuple):
    """An object of `runs/`; sorts as its key does, singles (generation 0) before packs."""

    gen: int
    name: int
    rows: Versions


class Packer(NamedTuple):
    """LIST and GET, PUT, DELETE."""

    stage: int
    gen: int
    name: int
    """Of the object listed last."""
    rows: Versions
    inputs: tuple[tuple[int, int], ...]


IDLE, LISTING, PUTTING, DELETING = range(4)


class State(NamedTuple):
    """Ints and tuples alone."""

    objects: tuple[Object, ...]
    flight: tuple[Object, ...]
    doubt: int
    told: Versions
    """Versions that were acknowledged."""
    packers: tuple[Packer, ...]
    reading: int
    """0 no read, 1 lists, 2 over."""
    gen: int
    name: int
    due: Versions
    met: Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class PackModel:
    """Each run's row comes in versions; where `purge` is set, the last version of run 0 is its tombstone."""

    versions: Versions = (2, 1)
    purge: bool = True
    packers: int = 2
    doubt: int = 0
    read: bool = True
    names: Literal["after inputs", "before singles"] = "after inputs"
    """A pack's generation is one more than the highest of its inputs; or packs sort before all singles."""
    tombstones: Literal["kept", "dropped"] = "kept"

    def initial(self) -> State:
        """No rows yet."""
        none = (0,) * len(self.versions)
        return State((), (), self.doubt, none, (self._idle(),) * self.packers, 0, 0, 0, none, none)

    def _idle(self) -> Packer:
        return Packer(IDLE, 0, 0, (0,) * len(self.versions), ())

    def violation(self, state: State) -> str | None:
        """What a read, or the whole store, lacks or brings back."""
        if state.reading == 2:
            return self._compare(state.due, state.met)
        if state.reading:
            return None
        none = (0,) * len(self.versions)
        return self._compare(state.told, tuple(map(max, zip(none, *(o.rows for o in state.objects), strict=True))))

    def _compare(self, due: Versions, met: Versions) -> str | None:
        for run, (wanted, found) in enumerate(zip(due, met, strict=True)):
            purged = self.purge and run == 0 and wanted == self.versions[0]
            if found < wanted and not (purged and found == 0):
                return "RESURRECTED" if purged else "MISSING"
        return None

    def successors(self, state: State) -> Iterator[tuple[Step, State]]:
        """Rows come, packers pack, late PUTs land, the reader reads."""
        if state.reading == 2:
            return
        for late in state.flight:
            rest = tuple(o for o in state.flight if o != late)
            yield ("lands late", *late[:2]), _land(state._replace(flight=rest), late)
        for run, last in enumerate(self.versions):
            version = state.told[run] + 1
            if version <= last:
                rows = tuple(version if r == run else 0 for r in range(len(self.versions)))
                told = tuple(version if r == run else v for r, v in enumerate(state.told))
                yield ("row", run, version), _land(state, Object(0, 10 * (1 + run) + version, rows))._replace(told=told)
        for place, packer in enumerate(state.packers):
            yield from self._pack(state, place, packer)
        if self.read:
            yield self._read(state)

    def _pack(self, state: State, place: int, me: Packer) -> Iterator[tuple[Step, State]]:
        def become(after: State, packer: Packer) -> State:
            return after._replace(packers=(*after.packers[:place], packer, *after.packers[place + 1 :]))

        if me.stage == IDLE:
            if len(state.objects) > 1:
                yield (f"packer {place} begins",), become(state, me._replace(stage=LISTING))
        elif me.stage == LISTING:
            page = _after(state, me.gen, me.name)
            if page is None:
                enough = len(me.inputs) > 1
                yield (
                    (f"packer {place} has listed",),
                    become(state, me._replace(stage=PUTTING) if enough else self._idle()),
                )
                return
            rows = tuple(map(max, me.rows, page.rows))
            new = Packer(LISTING, page.gen, page.name, rows, (*me.inputs, page[:2]))
            yield (f"packer {place} reads", *page[:2]), become(state, new)
        elif me.stage == PUTTING:
            pack = self._output(place, me)
            done = self._idle()._replace(stage=DELETING, inputs=me.inputs)
            yield (f"packer {place} puts", *pack[:2]), become(_land(state, pack), done)
            if state.doubt:
                flight = tuple(sorted({*state.flight, pack}))
                yield (f"packer {place} puts?", *pack[:2]), state._replace(flight=flight, doubt=state.doubt - 1)
        else:
            for gone in state.objects:
                if gone[:2] in me.inputs:
                    objects = tuple(o for o in state.objects if o != gone)
                    yield (f"packer {place} deletes", *gone[:2]), state._replace(objects=objects)

    def _output(self, place: int, me: Packer) -> Object:
        gen = 1 + me.gen if self.names == "after inputs" else 0
        rows = me.rows
        if self.tombstones == "dropped" and self.purge and rows[0] == self.versions[0]:
            rows = (0, *rows[1:])
        return Object(gen, 1 + place, rows)

    def _read(self, state: State) -> tuple[Step, State]:
        none = (0,) * len(self.versions)
        if state.reading == 0:
            return ("read",), state._replace(reading=1, due=state.told)
        page = _after(state, state.gen, state.name)
        if page is not None:
            met = tuple(map(max, state.met, page.rows))
            return ("lists", *page[:2]), state._replace(gen=page.gen, name=page.name, met=met)
        if self._compare(state.due, state.met):
            return ("done",), state._replace(reading=2)
        return ("done",), State((), (), 0, none, (), 2, 0, 0, none, none)


def _after(state: State, gen: int, name: int) -> Object | None:
    return next((o for o in state.objects if (o.gen, o.name) > (gen, name)), None)


def _land(state: State, thing: Object) -> State:
    return state._replace(objects=tuple(sorted({*state.objects, thing})))
