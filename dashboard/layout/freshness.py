"""How fresh a page is, of one project and of all."""

from __future__ import annotations

from ..components.refresh import Beat
from ..feed.feed import ProjectState
from ..feed.lake_watch import LakeState


def beat_of(state: ProjectState) -> Beat:
    """The beat of a project."""
    remote = "" if state.local else " Each look at an object store is three listings and what is new."
    return Beat(
        lead="Not reachable" if state.trouble else f"{state.live:,} running" if state.live else "Nothing running",
        live=bool(state.live),
        taken=state.taken,
        asked=state.asked,
        every=state.every,
        requests=state.requests,
        title=state.trouble or f"Looks again every {state.every:g} s while this page is visible.{remote}",
        trouble=bool(state.trouble),
    )


def wide_beat(state: LakeState) -> Beat:
    """The beat of a page about all projects."""
    overview = state.overview
    lead = "Nothing running" if not state.live else f"{state.live:,} running"
    if overview.pending:
        lead = f"Reading, {len(overview.names) - len(overview.pending):,} of {len(overview.names):,} projects"
    cost = (
        f"Looks again every {state.every:.0f} s while this page is visible: three listings for all projects together "
        "and one read for each run with news; one listing while nothing runs."
    )
    return Beat(
        lead="Not reachable" if state.trouble else lead,
        live=bool(state.live),
        taken=state.taken,
        asked=state.asked,
        every=state.every,
        requests=state.requests,
        title=state.trouble or cost,
        trouble=bool(state.trouble),
    )
