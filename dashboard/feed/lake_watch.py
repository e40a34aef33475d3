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
from .refresh_policy import LAKE_LOCAL, LAKE_REMOTE, RefreshPolicy
from .refresher import Refresher, Seen

UNREAD: Final = 500
"""Objects read at most, in one look, of projects not seen before: the page comes first, the rest after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeState(Seen):
    """All projects at one moment."""

    overview: Overview

    @property
    def live(self) -> int:
        """Runs that are running and have sent news in time."""
        return self.overview.runs.filter(pl.col("state") == "running").height

    @property
    def pending(self) -> bool:
        """Whether some projects were left for the next look."""
        return bool(self.overview.pending)

    @property
    def policy(self) -> RefreshPolicy:
        """How often all of a lake is looked at."""
        return LAKE_LOCAL if self.local else LAKE_REMOTE

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
            read=self._whole,
            glance=self._glance,
            policy=LAKE_LOCAL if lake.store.is_local else LAKE_REMOTE,
            clock=lambda: time.time(),
            part=lake.memory.part("overview"),
            key="lake",
            size=lambda state: state.nbytes,
        )

    def state(self) -> LakeState:
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
