"""How fresh a page is, of one project and of all."""

from __future__ import annotations

from ..components.refresh import Beat
from ..feed.feed import ProjectState
from ..feed.lake_watch import LakeState


def beat_of(look: ProjectState) -> Beat:
    """The beat of a project."""
    remote = "" if look.local else " Each look at an object store is three listings and what is new."
    return Beat(
        lead="Not reachable" if look.trouble else f"{look.live:,} running" if look.live else "Nothing running",
        live=bool(look.live),
        taken=look.taken,
        asked=look.asked,
        every=look.every,
        requests=look.requests,
        title=look.trouble or f"Looks again every {look.every:g} s while this page is visible.{remote}",
        trouble=bool(look.trouble),
    )


def wide_beat(look: LakeState) -> Beat:
    """The beat of a page about all projects."""
    overview = look.overview
    lead = "Nothing running" if not look.live else f"{look.live:,} running"
    if overview.pending:
        lead = f"Reading, {len(overview.names) - len(overview.pending):,} of {len(overview.names):,} projects"
    cost = (
        f"Looks again every {look.every:.0f} s while this page is visible: three listings for all projects together "
        "and one read for each run with news; one listing while nothing runs."
    )
    return Beat(
        lead="Not reachable" if look.trouble else lead,
        live=bool(look.live),
        taken=look.taken,
        asked=look.asked,
        every=look.every,
        requests=look.requests,
        title=look.trouble or cost,
        trouble=bool(look.trouble),
    )
