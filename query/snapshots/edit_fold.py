"""What people's decisions come to, kept from look to look: only what is new is folded in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ...schema.ahead import latest_hlc, said_ahead
from ...schema.edits import Decisions, Edit, decide
from ...schema.problems import Problem
from ...store.base import ObjectInfo

_FEW: Final = 0.05
"""Of all edits: so many new ones are put among the others one by one; more are sorted with them."""


@dataclass(frozen=True, slots=True)
class FoldedEdits:
    """The edits of some objects in the order in which they count, and what they come to."""

    objects: frozenset[str] = frozenset()
    """Keys of the objects that they were read from."""
    edits: tuple[Edit, ...] = ()
    """Each once."""
    decisions: Mapping[str, Decisions] = field(default_factory=dict)
    """By run id."""
    last: Mapping[str, Mapping[str, Edit]] = field(default_factory=dict, repr=False)
    """By run id and by what an edit decides: the one that counts."""


def valid_edits(
    objects: Mapping[str, tuple[Edit, ...]], listed: Mapping[str, ObjectInfo]
) -> tuple[dict[str, tuple[Edit, ...]], list[Problem]]:
    """By object the edits that count, and the objects that hold some of a time that can't be."""
    valid = dict(objects)
    problems = []
    for key, edits in objects.items():
        modified = listed[key].modified
        latest = latest_hlc(modified)
        ahead = [edit for edit in edits if edit.hlc > latest]
        if ahead:
            who = f"{len(ahead):,} decision{'s' * (len(ahead) > 1)} by {ahead[0].editor or 'somebody'}"
            problems.append(Problem(key, "damaged", said_ahead(key, who, ahead[0].hlc, modified)))
            valid[key] = tuple(edit for edit in edits if edit.hlc <= latest)
    return valid, problems


def fold_edits(objects: Mapping[str, tuple[Edit, ...]], previous: FoldedEdits) -> FoldedEdits:
    """The edits in some objects, folded; the same as folding all of them, in whatever order they came. Pure.

    Costs nothing but a comparison of the keys where no object came or went; where some came, time in proportion to
    what is in them, and a copy of the order; where one went, all is folded anew.

    Args:
        objects: by key, the edits in it; an object never changes.
        previous: the fold before.
    """
    if objects.keys() == previous.objects:
        return previous
    fresh = [edit for key in objects.keys() - previous.objects for edit in objects[key]]
    if not previous.objects <= objects.keys() or len(fresh) > _FEW * len(previous.edits):
        edits = tuple(sorted({edit for part in objects.values() for edit in part}, key=_rank))
        last = _last(edits, {})
        return FoldedEdits(frozenset(objects), edits, _decided(last, last), last)
    new = sorted({edit for edit in fresh if not _among(edit, previous.edits)}, key=_rank)
    if not new:
        return FoldedEdits(frozenset(objects), previous.edits, previous.decisions, previous.last)
    last = _last(new, previous.last)
    decisions = {**previous.decisions, **_decided(last, {edit.run_id for edit in new})}
    return FoldedEdits(frozenset(objects), _merged(previous.edits, new), decisions, last)


def _decided(last: Mapping[str, Mapping[str, Edit]], run_ids: Iterable[str]) -> dict[str, Decisions]:
    return decide(edit for run_id in run_ids for edit in last[run_id].values())


def _among(edit: Edit, ordered: tuple[Edit, ...]) -> bool:
    at = _place(ordered, edit)
    return at < len(ordered) and ordered[at] == edit


def _merged(ordered: tuple[Edit, ...], new: list[Edit]) -> tuple[Edit, ...]:
    out: list[Edit] = []
    start = 0
    for edit in new:
        at = _place(ordered, edit)
        out += ordered[start:at]
        out.append(edit)
        start = at
    return (*out, *ordered[start:])


def _last(edits: Iterable[Edit], before: Mapping[str, Mapping[str, Edit]]) -> dict[str, Mapping[str, Edit]]:
    """By run id and field the highest edit, of some edits and of those before."""
    found: dict[str, dict[str, Edit]] = {}
    for edit in edits:
        of_run = found.get(edit.run_id)
        if of_run is None:
            of_run = found[edit.run_id] = dict(before.get(edit.run_id, {}))
        known = of_run.get(edit.field)
        if known is None or _rank(edit) > _rank(known):
            of_run[edit.field] = edit
    return {**before, **found}


def _place(ordered: tuple[Edit, ...], edit: Edit) -> int:
    return bisect_left(ordered, _rank(edit), key=_rank)


def _rank(edit: Edit) -> tuple[int, str, str, str, bool, str, bool, str]:
    """Where an edit stands; missing texts, which have no order, come first."""
    return (
        edit.hlc, edit.rand, edit.run_id, edit.op,
        edit.arg is not None, edit.arg or "", edit.editor is not None, edit.editor or "",
    )  # fmt: skip
