"""The whole lake as it was lately, for pages that are about all projects. Shared by all viewers of a server."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from ...query.boards.versions import BoardVersion
from ...query.lake import Lake
from ...query.objects.sizes import bytes_of
from ...query.overview.overview import Overview, overview_of
from ...schema.errors import StoreUnreachable
from .refresh_policy import LastLook, RefreshPolicy
from .refresher import Refresher, Seen

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
"""Until the next try, once the lake does not answer; twice as long after each further one, up to a minute."""
UNREAD: Final = 500
"""Objects read at most, in one look, of projects not seen before: the page comes first, the rest after it."""
_LAZINESS: Final = 10.0
"""A look that takes long is taken seldom: after so many times its length."""


LOCAL_POLICY: Final = RefreshPolicy(
    LIVE_SECONDS,
    IDLE_LOCAL_SECONDS,
    pending_seconds=PENDING_SECONDS,
    unreachable_seconds=TROUBLE_SECONDS,
    laziness=_LAZINESS,
)
REMOTE_POLICY: Final = replace(LOCAL_POLICY, live_seconds=LIVE_REMOTE_SECONDS, idle_seconds=IDLE_SECONDS)
"""How often all of a lake is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeState(Seen):
    """All projects at one moment."""

    overview: Overview

    @property
    def live(self) -> int:
        """Runs that are running and heard of lately."""
        return self.overview.runs.filter(pl.col("state") == "running").height

    @property
    def last_look(self) -> LastLook:
        """What the policy goes by."""
        failures = max(self.failures, 1 if self.trouble else 0)
        pending = bool(self.overview.pending)
        return LastLook(
            self.asked, self.whole, live=bool(self.live), pending=pending, failures=failures, took=self.took
        )

    @property
    def every(self) -> float:
        """Seconds after which it is worth looking again."""
        return (LOCAL_POLICY if self.local else REMOTE_POLICY).every(self.last_look)

    @property
    def nbytes(self) -> int:
        """Memory, nearly, without the snapshots."""
        told = [summary for _, summary in self.overview.told.values()]
        return bytes_of((self.overview.runs, self.overview.records, told))


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
        self._refresher = Refresher(
            look=self._whole,
            glance=self._glance,
            policy=LOCAL_POLICY if lake.store.is_local else REMOTE_POLICY,
            last_look=lambda state: state.last_look,
            clock=lambda: time.time(),
            part=lake.memory.part("overview"),
            key="lake",
            size=lambda state: state.nbytes,
        )

    def look(self) -> LakeState:
        """The lake as it was lately: what a look showed stays good until it is worth looking again.

        Three LISTs for all projects together (one page more per 1,000 objects), one of the boards where a metric has
        no known direction, and a GET for each new object; while nothing runs, one LIST most of the time. Of projects
        never read before, some at a time. Viewers who ask at
        the same time share one look. When the lake does not answer, the last look with its `trouble`.

        Raises:
            StoreError: the lake does not answer, and never did.
        """
        return self._refresher.current()

    @property
    def known(self) -> bool:
        """Whether a look is at hand, so that showing it needs no waiting."""
        return self._refresher.last is not None

    def due(self, *, slack: float = 0.5) -> None:
        """A viewer's clock says that it is time: look anew, unless another viewer's just did."""
        self._refresher.tick(slack=slack)

    def forget(self) -> None:
        """Look anew at the next request, wholly: something was changed."""
        self._refresher.forget()

    def _present(self, last: LakeState) -> None:
        """See `still_there`; a lake that nobody has written to yet need not be there."""
        if last.overview.names:
            still_there(self._lake)

    def _glance(self, last: LakeState) -> LakeState | None:
        """The last look, where one LIST shows that nothing has begun to run."""
        self._present(last)
        began = time.time()
        found = {info.key for info in self._lake.store.list("live/")}
        known = {key for each in last.overview.snapshots.values() for key in each.cache.areas["live"]}
        if found != known:
            return None
        now = time.time()
        return replace(last, taken=now, asked=now, requests=1, took=now - began, trouble="", failures=0)

    def _whole(self, last: LakeState | None) -> LakeState:
        if last is not None:
            self._present(last)
        began = time.time()
        survey = self._lake.survey(unread=UNREAD)
        cost = survey.requests

        def boards() -> tuple[BoardVersion, ...]:
            nonlocal cost
            found = self._lake.boards()
            cost += self._lake.board_cost()
            return found

        overview = overview_of(survey, previous=last.overview if last is not None else None, boards=boards)
        now = time.time()
        return LakeState(
            overview=overview,
            taken=now,
            asked=now,
            whole=now,
            requests=cost,
            local=self._lake.store.is_local,
            # Reading for the first time says nothing of how long the next look takes.
            took=now - began if last is not None and not last.overview.pending else 0.0,
        )
