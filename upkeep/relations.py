"""Whether the objects of a project fit together: rows and files, promises and points. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ..schema.cover import Cover, Part, cover
from ..schema.keys import PointsKey, TailKey, run_prefix
from ..schema.problems import Problem
from ..schema.run.row import RunRow, final_version
from .tails import Who

REPAIR: Final = 4
"""Rank of a repaired row: above the run's own of as many points, below everyone who knows more."""
_RANKS: Final = range(1, REPAIR + 1)


@dataclass(frozen=True, slots=True)
class WriterState:
    """All that was found of one writer."""

    who: Who
    tails: tuple[TailKey, ...] = ()
    sealed: Mapping[PointsKey, datetime] = field(default_factory=dict)
    """Its sealed files and when the store took them."""
    final: RunRow | None = None
    """The final row that counts."""
    source: str = ""
    """Where that is from."""


def relate(
    project: str, state: WriterState, *, unreadable: Collection[str], now: datetime, silent: timedelta
) -> list[Problem]:
    """What does not fit together about one writer.

    Args:
        project: whose.
        state: what was found.
        unreadable: keys of objects that are not what their names promise.
        now: the store's time.
        silent: sealed points that nothing promises count as left over after this long.
    """
    found: list[Problem] = []
    run_id, writer = state.who
    where = run_prefix(project, run_id)
    good = [k for k in state.sealed if k.path not in unreadable]
    sealed = cover(_parts(good))
    everything = cover([*_parts(good), *(Part(k.lo, k.hi, False, k.path) for k in state.tails)])
    promised = state.final.rows or 0 if state.final is not None else 0
    known = max([promised, *(k.hi for k in state.sealed), *(k.hi for k in state.tails)])
    if everything.complete_to < known:
        text = f"{where}: rows {everything.complete_to} to {known - 1} of writer {writer} are not all in readable files"
        found.append(Problem(where, "incomplete", text))
    found += _overlaps(state, good, sealed, unreadable)
    if state.final is not None:
        found += _row(project, state, state.final, sealed, good)
    old = bool(state.sealed) and all(now - at >= silent for at in state.sealed.values())
    if not state.tails and old:
        if state.final is None:
            text = f"{where}: {sealed.complete_to} points of writer {writer} have no run row, so nobody sees them"
            found.append(Problem(where, "orphan", text, repair="puts a row with what the points tell"))
        elif sealed.complete_to > promised and everything.complete_to == known:
            text = f"{where}: writer {writer} has {sealed.complete_to} points, its row promises {promised}"
            found.append(Problem(where, "unpromised", text, repair="puts a row that promises all points"))
    return found


def _parts(keys: Iterable[PointsKey]) -> list[Part]:
    return [Part(k.lo, k.hi, True, k.path) for k in keys]


def _overlaps(
    state: WriterState, good: Sequence[PointsKey], sealed: Cover, unreadable: Collection[str]
) -> list[Problem]:
    """Files with rows that other files have too: engines that read all of `metrics/` see those twice."""
    ended = not state.tails and state.final is not None
    repair = "keeps one copy of each row" if ended else None
    later = "" if ended else " (it has not ended: tidy or wait first)"
    rows = sum(k.length for k in good)
    out = []
    if rows > sealed.complete_to and sealed.complete_to == max((k.hi for k in good), default=0):
        kept = {t.part.name for t in sealed.takes if t.whole}
        for key in sorted(good, key=lambda k: k.path):
            if key.path not in kept:
                text = f"{key.path} repeats rows of other sealed files; engines that read all files see them twice"
                out.append(Problem(key.path, "overlap", text + later, repair=repair))
    for key in sorted(state.sealed, key=lambda k: k.path):
        if key.path in unreadable and key.hi <= sealed.complete_to:
            text = f"{key.path} can't be read, and other files have its rows"
            out.append(Problem(key.path, "overlap", text + later, repair="removes it" if ended else None))
    return out


def _row(project: str, state: WriterState, final: RunRow, sealed: Cover, good: Sequence[PointsKey]) -> list[Problem]:
    """Whether a final row fits its files. A living writer that was thought dead may be ahead of it."""
    promised = final.rows or 0
    prefix = run_prefix(project, final.run_id)
    named = {f"{prefix}{f.name}" for f in final.files}
    out = []
    repairable = None if state.tails else "puts a row that names the right files"
    if final.rows is None or final.version not in [final_version(promised, rank) for rank in _RANKS]:
        text = f"{state.source}: the row of {final.run_id} has version {final.version} for {final.rows} points"
        out.append(Problem(state.source, "row", text, repair=repairable))
    if sealed.complete_to >= promised:
        by_name = cover(_parts(k for k in good if k.path in named))
        if by_name.complete_to < promised or len(named) > len({k.path for k in good} & named):
            text = f"{state.source}: the row of {final.run_id} does not name the files that hold its {promised} points"
            out.append(Problem(state.source, "row", text, repair=repairable))
    return out
