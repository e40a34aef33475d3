"""Runs of several projects in one table: a look that joins the looks at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from ...query.objects.sizes import bytes_of
from ...query.snapshots.runs_frame import Frames
from ..state import row_keys
from .feed import Feed, ProjectState


def joined(feed: Feed, state: ProjectState, projects: Sequence[str]) -> ProjectState:
    """The look at a project with the runs of others beside its own; those that the lake does not have are left out.

    Costs the requests of a look at each. The frame is made once for each state of all of them.
    """
    there = set(state.projects["project"])
    others = [feed.state(name) for name in dict.fromkeys(projects) if name in there and name != state.project]
    if not others:
        return state
    key = ("joined", *(id(each.runs) for each in others))
    # The looks are kept with the frame, so that no other frame can get the id of one of theirs.
    _, made = state.once(key, lambda: (others, _join(feed, state, others)), size=lambda found: bytes_of(found[1].runs))
    return replace(
        made,
        taken=min(state.taken, *(each.taken for each in others)),
        asked=max(state.asked, *(each.asked for each in others)),
        requests=state.requests + sum(each.requests for each in others),
        trouble=next((each.trouble for each in (state, *others) if each.trouble), ""),
    )


def _join(feed: Feed, state: ProjectState, others: Sequence[ProjectState]) -> ProjectState:
    runs = Frames([state.snapshot, *(each.snapshot for each in others)]).build(deleted=True)
    return feed.another(state, runs.filter(~pl.col("deleted")), runs.filter("deleted"))


def by_project(keys: Sequence[str], home: str) -> dict[str, list[str]]:
    """Run ids of some rows by project, in order."""
    out: dict[str, list[str]] = {}
    for key in keys:
        project, run_id = row_keys.of_key(key, home)
        out.setdefault(project, []).append(run_id)
    return out
