"""The colours of the runs of a look, worked out anew only when other runs are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from ...query.objects.sizes import bytes_of
from ...query.tables.run_colours import run_colours
from ..state.row_keys import key_of
from .feed import ProjectState, feed

_TELLING: Final = ("project", "run_id", "created_at")
"""What colours depend on."""


@dataclass(frozen=True, slots=True)
class _Coloured:
    runs: pl.DataFrame
    colours: Mapping[str, int]


def colours_of(state: ProjectState) -> Mapping[str, int]:
    """The colour of every run, deleted ones too, by its row's id (`columns.key_of`)."""

    def known() -> Mapping[str, int]:
        kept = feed().colours
        runs = pl.concat([state.runs.select(_TELLING), state.deleted.select(_TELLING)])
        last = kept.get(state.project)
        if not isinstance(last, _Coloured) or not last.runs.equals(runs):
            last = _Coloured(runs, by_key(runs, state.project))
            kept.put(state.project, last, bytes_of(last))
        return last.colours

    return state.once("colours", known, size=lambda _: 0)


def board_colours(looks: Sequence[ProjectState]) -> Mapping[str, int]:
    """The colours of the runs of several projects by run id, as boards know them."""
    every = [colours_of(each) for each in looks]
    return every[0] if len(every) == 1 else {run_id: colour for each in every for run_id, colour in each.items()}


def by_key(runs: pl.DataFrame, home: str) -> dict[str, int]:
    """`run_colours` by the ids of rows on a page of the project `home`."""
    found = run_colours(runs)
    if (found["project"] == home).all():
        return dict(found.select("run_id", "colour").iter_rows())
    return {key_of(run_id, project, home): colour for project, run_id, colour in found.iter_rows()}
