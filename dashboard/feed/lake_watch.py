"""The whole lake as it was lately, for pages that are about all projects. Shared by all viewers of a server."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Final

import polars as pl

from ...query.boards.versions import BoardVersion
from ...query.lake import Lake
from ...query.overview.live_curves import LiveCurves
from ...query.overview.overview import Overview, overview_of
from ...schema.errors import StoreError, StoreUnreachable

LIVE_SECONDS: Final = 2.0
"""Between looks at a lake on this machine while something runs."""
LIVE_REMOTE_SECONDS: Final = 15.0
"""The same for object stores: a page on all of a lake may be older than that of one project."""
IDLE_SECONDS: Final = 30.0
"""Between looks at an object store while nothing runs."""
IDLE_LOCAL_SECONDS: Final = 5.0
"""The same for a folder."""
PENDING_SECONDS: Final = 1.0
"""While projects are still to be read."""
TROUBLE_SECONDS: Final = 10.0
"""Between tries while the lake does not answer."""
UNREAD: Final = 500
"""Objects read at most, in one look, of projects not seen before: the page comes first, the rest after it."""
_WHOLE_SECONDS: Final = 120.0
_LAZINESS: Final = 10.0
"""A look that takes long is taken seldom: after so many times its length."""


@dataclass(frozen=True, slots=True)
class LakeState:
    """All projects at one moment."""

    overview: Overview
    taken: float
    """Of when it is, in seconds since 1970."""
    asked: float
    """When the lake was last asked, answer or not."""
    requests: int
    """What it cost."""
    local: bool
    took: float = 0.0
    """Seconds that it took."""
    trouble: str = ""
    """Why it is not fresher: the lake did not answer."""

    @property
    def live(self) -> int:
        """Runs that are running and heard of lately."""
        return self.overview.runs.filter(pl.col("state") == "running").height

    @property
    def every(self) -> float:
        """Seconds after which it is worth looking again."""
        if self.trouble:
            return TROUBLE_SECONDS
        if self.overview.pending:
            return PENDING_SECONDS
        lazy = self.took * _LAZINESS
        if self.live:
            return max(LIVE_SECONDS if self.local else LIVE_REMOTE_SECONDS, lazy)
        return max(IDLE_LOCAL_SECONDS if self.local else IDLE_SECONDS, lazy)


def still_there(lake: Lake) -> bool:
    """Whether a lake that was read before is there, or an error: a folder that is gone lists like an empty one.

    No request.

    Raises:
        StoreUnreachable: its folder is gone.
    """
    if lake.store.is_local and not Path(lake.url).is_dir():
        raise StoreUnreachable(f"The folder {lake.url} is not there any more")
    return True


class Watch:
    """Looks at all of a lake. Safe to share between threads.

    Args:
        lake: which.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._lock = Lock()
        self._last: LakeState | None = None
        self._due = False
        self._whole = 0.0
        self._live_keys: frozenset[str] = frozenset()
        self.curves = LiveCurves(lake)

    def look(self) -> LakeState:
        """The lake as it was lately: what a look showed stays good until it is worth looking again.

        Three LISTs for all projects together (one page more per 1,000 objects), one of the boards where a metric has
        no known direction, and a GET for each new object; while nothing runs, one LIST most of the time. Of projects
        never read before, some at a time. Viewers who ask at
        the same time share one look. When the lake does not answer, the last look with its `trouble`.

        Raises:
            StoreError: the lake does not answer, and never did.
        """
        with self._lock:
            last, due, self._due = self._last, self._due, False
            if last is not None and not due and time.time() - last.asked < last.every:
                return last
            try:
                if last is not None and last.overview.names:
                    still_there(self._lake)
                self._last = self._quiet(last) or self._wide(last)
            except StoreError as error:
                if last is None:
                    raise
                self._last = replace(last, asked=time.time(), trouble=str(error))
            return self._last

    @property
    def known(self) -> bool:
        """Whether a look is at hand, so that showing it needs no waiting."""
        return self._last is not None

    def due(self, *, slack: float = 0.5) -> None:
        """A viewer's clock says that it is time: look anew, unless another viewer's just did."""
        last = self._last
        if last is not None and time.time() - last.asked >= last.every * slack:
            self._due = True

    def forget(self) -> None:
        """Look anew at the next request, wholly: something was changed."""
        self._whole = 0.0
        self._due = True

    def _quiet(self, last: LakeState | None) -> LakeState | None:
        """The last look, where nothing ran and one LIST shows that nothing has begun to."""
        now = time.time()
        idle = last is not None and not last.live and not last.trouble and not last.overview.pending
        if last is None or not idle or now - self._whole > _WHOLE_SECONDS:
            return None
        found = frozenset(info.key for info in self._lake.store.list("live/"))
        if found != self._live_keys:
            return None
        return replace(last, taken=now, asked=now, requests=1, took=time.time() - now)

    def _wide(self, last: LakeState | None) -> LakeState:
        began = time.time()
        survey = self._lake.survey(unread=UNREAD)
        cost = survey.requests

        def boards() -> tuple[BoardVersion, ...]:
            nonlocal cost
            found = self._lake.boards()
            cost += self._lake.board_cost()
            return found

        overview = overview_of(survey, previous=last.overview if last is not None else None, boards=boards)
        self._live_keys = frozenset(key for s in survey.snapshots for key in s.cache.listed if key.startswith("live/"))
        self._whole = now = time.time()
        return LakeState(
            overview=overview,
            taken=now,
            asked=now,
            requests=cost,
            local=self._lake.store.is_local,
            # Reading for the first time says nothing of how long the next look takes.
            took=now - began if last is not None and not last.overview.pending else 0.0,
        )
