"""What ended runs of this process still do for their lake: once for all that ended together, not once for each."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from ..store.base import Store
from ..upkeep.packing.chores import pack_when_many
from ..upkeep.recover import recover_host
from .native import lock

_LOOK_EVERY: Final = 10
"""The first run of a process that ends in a project, and then one in so many, sees whether rows should be packed."""
_REST_SECONDS: Final = 1.0
"""While other runs are open, this long from one look to the next: each lists what the others have written."""


class Aftermath:
    """The chores of ended runs. There is one instance for a process, `AFTERMATH`.

    A run whose lake has no other open run does them at once. Where others are open, at most one in a second does, for
    all that have ended by then; the last one always does. 1,000 runs that end together list their project some times,
    not 1,000 times.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hooked = False
        self._seen: set[tuple[str, str]] = set()
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Also in a forked child, where nobody would release the lock; what the parent's runs leave is not its own."""
        self._lock = lock()
        self._children: dict[str, set[str]] = {}
        """By lake: ended runs whose forked children have not been looked for."""
        self._rows: dict[tuple[str, str], list[tuple[str, str]]] = {}
        """By lake and project: what ended since the last look (run id, writer)."""
        self._looked: dict[str, float] = {}

    def note(
        self,
        store: Store,
        project: str,
        run_id: str,
        writer: str,
        *,
        others: bool,
        spool_roots: Iterable[Path],
        options: Mapping[str, Any] | None,
        time_is_up: Callable[[], bool],
    ) -> None:
        """A run has ended, and all of it is in the lake: recover its children, pack rows where it falls to this job.

        Costs nothing, or a look at the spools of this host; one LIST in ten runs; see `pack_when_many`.

        Args:
            store: the lake.
            project: the run's.
            run_id: which.
            writer: its.
            others: other runs of this lake are open in this process.
            spool_roots: where children that left through `os._exit`, or were killed, have left their spools.
            options: for fsspec.
            time_is_up: when to stop.

        Raises:
            StoreError: the next job will do it.
        """
        lake = store.url
        with self._lock:
            if not self._hooked:
                self._hooked = True
                os.register_at_fork(after_in_child=self._begin_anew)
            self._children.setdefault(lake, set()).add(run_id)
            self._rows.setdefault((lake, project), []).append((run_id, writer))
            now = self._clock()
            if others and now < self._looked.get(lake, -_REST_SECONDS) + _REST_SECONDS:
                return
            self._looked[lake] = now
            children = self._children.pop(lake)
            due = {}
            for where in [w for w in self._rows if w[0] == lake]:
                if where not in self._seen or len(self._rows[where]) >= _LOOK_EVERY:
                    self._seen.add(where)
                    due[where[1]] = self._rows.pop(where)
        recover_host(spool_roots, only_lake=lake, only_runs=children, options=options, stop=time_is_up)
        for of, ended in due.items():
            pack_when_many(store, of, *ended.pop(), earlier=ended, time_is_up=time_is_up)
        with self._lock:
            self._looked[lake] = self._clock()


AFTERMATH: Final = Aftermath()
"""This process's."""
