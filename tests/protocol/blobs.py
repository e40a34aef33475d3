"""Files shared by versions of artifacts: writers that refer to each other's, purges, collectors; no lock, no clock.

All versions hold one file of the same bytes, either an object of their own or that of another version. Writers may stop
anywhere, since nothing makes them go on. Versions `standing` live from the beginning; each writer makes one more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from tests.protocol.checker import Step

Named: TypeAlias = tuple[int, ...]
"""By version, what its intent or manifest names: 0 nothing, since it is not there; else 1 + the number of an object."""
Fault: TypeAlias = Literal[
    "",
    "lists once",
    "no intent",
    "intent with the commit",
    "reuse of what exists",
    "manifests before purges",
    "manifests before files",
    "manifest alone",
    "intent forgotten",
    "intents unread",
    "own folder unkept",
]


class Writer(NamedTuple):
    """One who makes a version."""

    stage: int
    named: int
    """Version whose object it wants to refer to; -1 for none."""
    object: int
    """What its manifest will name."""


class Collector(NamedTuple):
    """One who deletes files that nobody refers to."""

    stage: int
    place: int
    """How much of the present listing is read."""
    files: int
    """Bits: objects listed, later those left to delete."""
    purged: int
    """Bits: versions that were purged when it read the purges."""
    kept: int
    """Bits: objects that something refers to."""
    met: int
    """Bits: versions whose manifest it saw."""
    quiet: int
    """Whether nothing but this collector has moved since it began."""


CHOOSING, INTENDING, LOOKING, LOOKING_ON, UPLOADING, COMMITTING, ASKING, OVER = range(8)
IDLE, FILES, PURGES, FIRST, SECOND, DELETING, DROPPING, DONE = range(8)
_FRESH = Collector(IDLE, 0, 0, 0, 0, 0, 1)


class State(NamedTuple):
    """Ints and tuples alone."""

    objects: int
    intents: Named
    manifests: Named
    purged: int
    writers: tuple[Writer, ...]
    collectors: tuple[Collector, ...]
    purges: int
    """How many may still come."""
    runs: int
    """How often a collector may still begin."""
    doubt: int
    """How many PUTs may still have an unclear answer."""
    flight: tuple[tuple[int, int], ...]
    """Manifests under way: version and what it names."""
    stale: int
    """How many names a listing may still leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobModel:
    """See the module; collectors read manifests, then intents, in the order of keys, one at a time where `fine`."""

    standing: int = 1
    writers: int = 2
    collectors: int = 1
    runs: int = 1
    purges: int = 2
    doubt: int = 0
    stale: int = 0
    fine: bool = True
    falling: bool = True
    """Newer versions are listed before older ones; else after them."""
    purge_first: bool = False
    """Writers look for the purge of a version before they look for its manifest."""
    fault: Fault = ""

    def initial(self) -> State:
        """What stands lives, with objects of its own."""
        count = self.standing + self.writers
        manifests = tuple(1 + v if v < self.standing else 0 for v in range(count))
        return State(
            (1 << self.standing) - 1,
            (0,) * count,
            manifests,
            0,
            (Writer(CHOOSING, -1, -1),) * self.writers,
            (_FRESH,) * self.collectors,
            self.purges,
            self.runs,
            self.doubt,
            (),
            self.stale,
        )

    def violation(self, state: State) -> str | None:
        """A version that lives and lacks its file; or a file of nobody that a collector left in a still world."""
        wanted = 0
        for version, named in enumerate(state.manifests):
            if named and not state.purged >> version & 1:
                wanted |= 1 << named - 1
        if wanted & ~state.objects:
            return "DANGLING"
        # What an old listing hid is kept for once, and goes with the next collector.
        if not self.stale and any(c.stage == DONE and c.quiet for c in state.collectors):
            for version, named in enumerate(state.intents):
                if named and not state.manifests[version] and not state.purged >> version & 1:
                    wanted |= 1 << version | 1 << named - 1
            if state.objects & ~wanted:
                return "LEFT"
        return None

    def successors(self, state: State) -> Iterator[tuple[Step, State]]:
        """Writers write, somebody purges, collectors collect, late PUTs land."""
        for version, named in state.flight:
            rest = tuple(each for each in state.flight if each != (version, named))
            manifests = _set(state.manifests, version, named)
            yield ("lands late", version), _stir(state._replace(flight=rest, manifests=manifests))
        if state.purges:
            yield from self._purge(state)
        for number, writer in enumerate(state.writers):
            for step, after, become in self._write(state, self.standing + number, writer):
                writers = (*state.writers[:number], become, *state.writers[number + 1 :])
                yield step, _stir(after._replace(writers=writers))
        for number, collector in enumerate(state.collectors):
            for step, after, then in self._collect(state, collector):
                others = [_stirred(c) for c in state.collectors]
                others[number] = then
                yield (step[0], number, *step[1:]), after._replace(collectors=tuple(others))

    def _purge(self, state: State) -> Iterator[tuple[Step, State]]:
        for version, (intent, manifest) in enumerate(zip(state.intents, state.manifests, strict=True)):
            if state.purged >> version & 1:
                continue
            if manifest or (intent and self.fault != "intent forgotten"):
                after = state._replace(purged=state.purged | 1 << version, purges=state.purges - 1)
                yield ("purge", version), _stir(after)
            elif intent:
                after = state._replace(intents=_set(state.intents, version, 0), purges=state.purges - 1)
                yield ("forget", version), _stir(after)

    def _write(self, state: State, mine: int, me: Writer) -> Iterator[tuple[Step, State, Writer]]:
        """What the writer of version `mine` may do next."""
        if me.stage == CHOOSING:
            yield ("picks", mine, -1), state, Writer(INTENDING, -1, mine)
            for other, named in enumerate(state.manifests):
                if named and not state.purged >> other & 1:
                    yield ("picks", mine, other), state, Writer(INTENDING, other, named - 1)
        elif me.stage == INTENDING:
            after = state
            if self.fault not in ("no intent", "intent with the commit"):
                after = state._replace(intents=_set(state.intents, mine, 1 + me.object))
            yield ("intends", mine), after, me._replace(stage=LOOKING if me.named >= 0 else UPLOADING)
        elif me.stage in (LOOKING, LOOKING_ON):
            good, last = self._look(state, me)
            if not good:
                yield ("looks, in vain", mine), state, Writer(UPLOADING, -1, mine)
            elif last:
                yield ("refers", mine, me.object), state, me._replace(stage=COMMITTING, named=-1)
            else:
                yield ("looks", mine), state, me._replace(stage=LOOKING_ON)
        elif me.stage == UPLOADING:
            after = state._replace(objects=state.objects | 1 << mine)
            yield ("uploads", mine), after, Writer(COMMITTING, -1, mine)
        elif me.stage == COMMITTING:
            after = state._replace(manifests=_set(state.manifests, mine, 1 + me.object))
            if self.fault == "intent with the commit":
                after = after._replace(intents=_set(state.intents, mine, 1 + me.object))
            yield ("commits", mine), after, Writer(ASKING, -1, -1)
            if state.doubt:
                flight = tuple(sorted({*state.flight, (mine, 1 + me.object)}))
                yield ("commits?", mine), state._replace(flight=flight, doubt=state.doubt - 1), Writer(OVER, -1, -1)
        elif me.stage == ASKING:
            verb = "begins anew" if state.purged >> mine & 1 else "is done"
            yield (verb, mine), state, Writer(OVER, -1, -1)

    def _look(self, state: State, me: Writer) -> tuple[bool, bool]:
        """Whether what the writer looks at now is as it must be, and whether that was its last look."""
        if self.fault == "reuse of what exists":
            return bool(state.objects >> me.object & 1), True
        at_manifest = (me.stage == LOOKING) != self.purge_first
        if at_manifest:
            good = state.manifests[me.named] == 1 + me.object
            return good, me.stage == LOOKING_ON or self.fault == "manifest alone"
        return not state.purged >> me.named & 1, me.stage == LOOKING_ON

    def _collect(self, state: State, me: Collector) -> Iterator[tuple[Step, State, Collector]]:
        """What a collector may do next: each stage is one request, or one name of a listing."""
        order = self._order()
        if me.stage in (IDLE, DONE):
            if state.runs:
                begun = _FRESH._replace(stage=order[0])
                yield ("begins",), state._replace(runs=state.runs - 1), begun
            return
        following = order[order.index(me.stage) + 1] if me.stage != DROPPING else DONE
        if me.stage == FILES:
            yield ("lists files",), state, me._replace(stage=following, files=state.objects)
        elif me.stage == PURGES:
            kept = me.kept
            if self.fault == "manifests before purges":
                kept = self._unpurged(state, me)
            yield ("reads purges",), state, me._replace(stage=following, purged=state.purged, kept=kept)
        elif me.stage in (FIRST, SECOND):
            yield from self._list(state, me, following)
        elif me.stage == DELETING:
            doomed = me.files & ~me.kept
            if not doomed:
                yield ("goes on",), state, me._replace(stage=following, files=0, kept=0)
            else:
                one = doomed & -doomed
                after = state._replace(objects=state.objects & ~one)
                yield ("deletes", one.bit_length() - 1), after, me._replace(files=me.files & ~one)
        else:
            yield self._drop(state, me)

    def _order(self) -> tuple[int, ...]:
        lists = (FIRST,) if self.fault == "lists once" else (FIRST, SECOND)
        if self.fault == "manifests before purges":
            return (FILES, *lists, PURGES, DELETING, DROPPING)
        if self.fault == "manifests before files":
            return (PURGES, *lists, FILES, DELETING, DROPPING)
        return (FILES, PURGES, *lists, DELETING, DROPPING)

    def _list(self, state: State, me: Collector, following: int) -> Iterator[tuple[Step, State, Collector]]:
        count = len(state.manifests)
        last = 2 * count
        places = [me.place] if self.fine else list(range(last))
        if state.stale and self.fine and (me.place < count or self.fault != "intents unread"):
            version, is_manifest = self._at(me.place, count)
            if (state.manifests if is_manifest else state.intents)[version]:
                then = self._turned(me, following, last)
                yield ("misses", version, int(is_manifest)), state._replace(stale=state.stale - 1), then
        for place in places:
            version, is_manifest = self._at(place, count)
            named = (state.manifests if is_manifest else state.intents)[version]
            if not named or (not is_manifest and self.fault == "intents unread"):
                continue
            if not is_manifest and me.met >> version & 1:
                continue  # Its manifest says all: an intent may name what its writer then found purged.
            if is_manifest:
                me = me._replace(met=me.met | 1 << version)
            if self.fault == "manifests before purges":
                me = me._replace(kept=me.kept | 1 << version * count + named - 1)
                continue
            if me.purged >> version & 1:
                continue
            own = 0 if is_manifest or self.fault == "own folder unkept" else 1 << version
            me = me._replace(kept=me.kept | 1 << named - 1 | own)
        yield ("reads a name",), state, self._turned(me, following, last)

    def _unpurged(self, state: State, me: Collector) -> int:
        """What is kept by a collector that read names first, each with its version, and now reads the purges."""
        count, kept = len(state.manifests), 0
        for version in range(count):
            if me.kept >> version * count & (1 << count) - 1 and not state.purged >> version & 1:
                kept |= 1 << version | me.kept >> version * count & (1 << count) - 1
        return kept

    def _at(self, place: int, count: int) -> tuple[int, bool]:
        """Version and kind of the name at this place of a listing: manifests come first, as their keys do."""
        version = place % count
        return count - 1 - version if self.falling else version, place < count

    def _turned(self, me: Collector, following: int, last: int) -> Collector:
        if self.fine and me.place + 1 < last:
            return me._replace(place=me.place + 1)
        return me._replace(stage=following, place=0)

    def _drop(self, state: State, me: Collector) -> tuple[Step, State, Collector]:
        """Remove one manifest or intent that is of no use any more."""
        for version in range(len(state.manifests)):
            purged = me.purged >> version & 1
            if purged and state.manifests[version]:
                return ("drops a manifest", version), state._replace(manifests=_set(state.manifests, version, 0)), me
            if (purged or me.met >> version & 1) and state.intents[version]:
                return ("drops an intent", version), state._replace(intents=_set(state.intents, version, 0)), me
        return ("ends",), state, _FRESH._replace(stage=DONE, quiet=me.quiet)


def _set(named: Named, version: int, value: int) -> Named:
    return (*named[:version], value, *named[version + 1 :])


def _stir(state: State) -> State:
    """The state in which no collector has been alone any more."""
    if not any(c.quiet and c.stage != IDLE for c in state.collectors):
        return state
    return state._replace(collectors=tuple(_stirred(c) for c in state.collectors))


def _stirred(collector: Collector) -> Collector:
    if collector.stage in (IDLE, DONE):
        return _FRESH
    return collector._replace(quiet=0)
