"""The open runs of this process, and which of them a piece of code means.

Every thread, every task of asyncio (or trio) and every nested `with` block has a current run of its own, kept in a
`ContextVar`. A new task inherits what its maker sees, a new thread nothing; what is inherited is seen and never ended.
At a prompt and in a notebook each cell may be a task of its own, so what cells begin is kept beside the `ContextVar`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from types import CodeType
from typing import Final, Literal, TypeAlias, TypeVar

from .ending import End, describe_end
from .native import RLock
from .place import Place, here, in_cell, on_task_end
from .run import Run

Reinit: TypeAlias = Literal["create_new", "return_previous", "finish_previous"]
K = TypeVar("K")
V = TypeVar("V")
Frame: TypeAlias = tuple[int, CodeType]
"""A frame of the stack, without what it holds: its identity, and its code."""
_REMEMBERED: Final = 10_000
"""Of so many runs it is remembered who began them and what they belong under, when they have ended too."""


@dataclass(slots=True, eq=False)
class Entry:
    """An open run, and who began it."""

    run: Run | None
    """None once it has ended."""
    place: Place | None
    """Where it was begun; None for one of another process: inherited by a fork, or opened by its reference."""
    main: bool
    """Whether the main thread began it."""
    beside: bool
    """Whether it was begun with `reinit="create_new"`: the next run does not end it."""
    above: Entry | None
    """What encloses it: the run that was current when it began."""
    number: int
    """Beginnings and ends are counted together."""
    over: int = 0
    """The number of its end."""
    open: bool = True
    held: int = 0
    """How many `with` blocks are inside it."""
    end: End | None = None
    """How the thread or task that began it ended, where that was with an error."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """What one context sees."""

    place: Place
    entries: tuple[Entry, ...]
    """From the outermost to the current one; some may have ended."""


class Registry:
    """Every open run of a process. Safe to use from any number of threads; nothing here waits or does I/O."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._open: list[Entry] = []
        self._ending: list[Entry] = []
        self._scope: ContextVar[_Scope | None] = ContextVar("lakeboard_scope", default=None)
        self._cells: _Scope | None = None
        self._frames: OrderedDict[Frame, Entry] = OrderedDict()
        self._parents: OrderedDict[str, str] = OrderedDict()
        self._count = 0

    # -- which one --------------------------------------------------------------------------------------------

    @property
    def current(self) -> Run | None:
        """The run that this context means: the innermost open one that it began or inherited.

        A context that has none sees the youngest that the main thread began; one that never began a run, where there
        is no such run either, the only open one.
        """
        if not self._open:
            return None
        entry = self._innermost(self._seen()) or self._shared()
        return None if entry is None else entry.run

    def previous(self, *, parent_run_id: str | None, reinit: Reinit | None) -> list[Run]:
        """The runs that a new run of this context ends, the youngest first.

        Those that the context itself began, that no `with` block is inside of, and that neither enclose the new run
        nor are its parents. Those begun with "create_new" only where `reinit` is "finish_previous".
        """
        scope, place = self._seen(), here()
        parents = self._family(parent_run_id)
        out: list[Run] = []
        for entry in reversed(scope.entries if scope is not None else ()):
            run = entry.run
            if run is None or not entry.open:
                continue
            if entry.held:
                break
            own = entry.place is not None and entry.place == place
            if own and run.id not in parents and (not entry.beside or reinit == "finish_previous"):
                out.append(run)
        return out

    def find(self, lake: str, project: str, run_id: str) -> Run | None:
        """The open run of that name; None where this process has none."""
        for entry in reversed(list(self._open)):
            run = entry.run
            if run is not None and (run.id, run.project, run.lake) == (run_id, project, lake):
                return run
        return None

    # -- beginning and ending ---------------------------------------------------------------------------------

    def add(self, run: Run, *, frames: Iterable[Frame] = (), beside: bool = False, foreign: bool = False) -> None:
        """`run` is open, begun by this context, whose current run it becomes.

        Args:
            run: which.
            frames: of the functions that began it.
            beside: it does not take the place of a current run.
            foreign: it is another process's, and ends with this one alone.
        """
        place, scope = here(), self._seen()
        kept = [e for e in (scope.entries if scope is not None else ()) if e.open]
        if not kept and (shared := self._shared()) is not None and not place.is_sibling(shared.place):
            kept = [shared]
        with self._lock:
            self._count += 1
            entry = Entry(
                run,
                None if foreign else place,
                main=place.is_main,
                beside=beside,
                above=kept[-1] if kept else None,
                number=self._count,
            )
            self._open.append(entry)
            for frame in frames:
                _remember(self._frames, frame, entry)
            if run.parent_run_id is not None:
                _remember(self._parents, run.id, run.parent_run_id)
        kept.insert(len(kept) - 1 if beside and kept else len(kept), entry)
        self._see(_Scope(place, tuple(kept)))
        if not foreign and (scope is None or scope.place != place):
            on_task_end(place, lambda error: self._task_ended(place, error))

    def hold(self, run: Run) -> None:
        """A `with` block begins: within it, `run` is the current one."""
        entry = self._entry(run)
        if entry is None:
            return
        entry.held += 1
        scope = self._seen()
        others = [e for e in (scope.entries if scope is not None else ()) if e.open and e is not entry]
        self._see(_Scope(here(), (*others, entry)))

    def let_go(self, run: Run) -> bool:
        """A `with` block ends; whether it was the outermost of this run."""
        entry = self._entry(run)
        if entry is None:
            return True
        entry.held = max(0, entry.held - 1)
        return not entry.held

    def release(self, run: Run) -> bool:
        """`run` begins to end: nobody's current one any more. Returns whether other runs are open."""
        with self._lock:
            entry = self._entry(run)
            if entry is not None:
                self._count += 1
                entry.open, entry.over = False, self._count
                self._open.remove(entry)
                self._ending.append(entry)
            return bool(self._open)

    def forget(self, run: Run) -> bool:
        """`run` has ended. Returns whether other runs are open, or about to end."""
        with self._lock:
            for entry in [e for e in self._ending if e.run is run]:
                self._ending.remove(entry)
                entry.run = None
            return bool(self._open or self._ending)

    def after_fork(self) -> list[Run]:
        """In a forked child: every run is the parent's, and what was about to end there is none of ours.

        Returns the runs that must be told.
        """
        self._lock = RLock()
        told = [e.run for e in (*self._open, *self._ending) if e.run is not None]
        for entry in self._ending:
            entry.open, entry.run = False, None
        self._ending = []
        for entry in self._open:
            entry.place, entry.held = None, 0
        return told

    # -- all of them ------------------------------------------------------------------------------------------

    @property
    def open(self) -> list[Entry]:
        """All open runs, the oldest first."""
        with self._lock:
            return list(self._open)

    @property
    def ending(self) -> list[Run]:
        """The runs that other threads are ending."""
        with self._lock:
            return [e.run for e in self._ending if e.run is not None]

    def generations(self) -> list[list[Entry]]:
        """All open runs, children before parents, of one generation the youngest first.

        Parents are those that `parent_run_id` names, and those that enclose.
        """
        entries = self.open
        by_id = {e.run.id: e for e in entries if e.run is not None}
        depths: dict[int, int] = {}
        for entry in entries:
            # The oldest come first, so that what encloses a run was looked at before it.
            depths[id(entry)] = max((depths.get(id(p), -1) + 1 for p in _parents(entry, by_id)), default=0)
        deepest = max(depths.values(), default=-1)
        return [[e for e in reversed(entries) if depths[id(e)] == depth] for depth in range(deepest, -1, -1)]

    def thread_failed(self, error: BaseException) -> None:
        """This thread ends with an error that nobody catches: so did the runs that it began."""
        place = here()
        self._note(lambda e: e.place is not None and e.place.thread is place.thread, error)

    def is_anothers(self, entry: Entry, frames: Iterable[Frame]) -> bool:
        """Whether an error is that of a run which had ended before `entry` began, so that it says nothing of this one.

        Args:
            entry: an open run.
            frames: of the error's traceback, the innermost first. The first one in which a run was begun, by itself or
                by what it called, tells whose error it is.
        """
        owner = next((self._frames[f] for f in frames if f in self._frames), None)
        return owner is not None and not owner.open and owner.over < entry.number

    # -- within -----------------------------------------------------------------------------------------------

    def _seen(self) -> _Scope | None:
        return self._cells if in_cell() else self._scope.get()

    def _see(self, scope: _Scope) -> None:
        if in_cell():
            self._cells = scope
        # Tasks that a cell begins inherit it in the usual way.
        self._scope.set(scope)

    @staticmethod
    def _innermost(scope: _Scope | None) -> Entry | None:
        return next((e for e in reversed(scope.entries) if e.open), None) if scope is not None else None

    def _shared(self) -> Entry | None:
        """What a context sees that has no run of its own."""
        scope, place = self._scope.get(), here()
        began = scope is not None and scope.place == place
        entries = list(self._open)
        for entry in reversed(entries):
            # A task whose run has ended must not log into that of another by mistake.
            if entry.main and not (began and place.is_sibling(entry.place)):
                return entry
        return entries[0] if len(entries) == 1 and not began else None

    def _entry(self, run: Run) -> Entry | None:
        return next((e for e in reversed(list(self._open)) if e.run is run), None)

    def _family(self, run_id: str | None) -> set[str]:
        """A run's id and those of its parents, as far as this process began them."""
        out: set[str] = set()
        while run_id is not None and run_id not in out:
            out.add(run_id)
            run_id = self._parents.get(run_id)
        return out

    def _task_ended(self, place: Place, error: BaseException | None) -> None:
        if error is not None:
            self._note(lambda e: e.place == place, error)

    def _note(self, chosen: Callable[[Entry], bool], error: BaseException) -> None:
        mine = [e for e in self.open if chosen(e)]
        if mine:
            end = describe_end(error)
            for entry in mine:
                entry.end = end


def _remember(known: OrderedDict[K, V], key: K, value: V) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > _REMEMBERED:
        known.popitem(last=False)


def _parents(entry: Entry, by_id: dict[str, Entry]) -> Iterator[Entry]:
    """The open runs right above this one."""
    above = entry.above
    while above is not None and not above.open:
        above = above.above
    if above is not None:
        yield above
    if entry.run is not None and entry.run.parent_run_id in by_id:
        yield by_id[str(entry.run.parent_run_id)]
