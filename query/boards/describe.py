"""A board's definition in words: what it says, and what one version changed against another. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from ...schema.errors import FilterError
from ..filters.language import parse_filter, to_sentence
from .definition import Combine, Definition, Measure, Missing
from .versions import BoardVersion

COMBINED: Final[Mapping[Combine, str]] = {
    "mean_rank": "ranked by mean rank", "mean_normalised": "ranked by mean score, scaled from worst 0 to best 1",
    "mean": "ranked by the plain mean",
}  # fmt: skip
MISSING: Final[Mapping[Missing, str]] = {
    "worst": "a missing value counts as the worst of its column",
    "exclude": "entries with a missing value are not ranked",
    "baseline": "a missing value counts as the column's weakest baseline",
    "show": "a missing value is left out of the mean",
}
_ENTRY: Final = {"run": "a run", "user": "a user", "group": "a group", "config": "a config, seeds pooled"}
_MOST: Final = 3
_LONGEST: Final = 60


def describe(definition: Definition) -> list[str]:
    """What a reader must know to read the board, most important first."""
    said = [_columns(definition.measures), f"a row is {_entry(definition)}"]
    if len(definition.measures) > 1:
        said += [COMBINED[definition.combine], MISSING[definition.missing]]
    if definition.where:
        said.append(_filter(definition.where))
    if definition.baselines:
        said.append(f"against {_names(definition.baselines)}")
    if definition.precision is not None:
        said.append(f"equal to {definition.precision} decimals is a tie")
    if definition.opens_at is not None:
        said.append(f"open from {_time(definition.opens_at)}")
    if definition.closes_at is not None:
        said.append(f"closes {_time(definition.closes_at)}")
    if len(definition.projects) > 1:
        said.append(f"projects {_names(definition.projects)}")
    return said


def what_changed(version: BoardVersion, before: BoardVersion | None) -> list[str]:
    """What a saved version changed against the one before, a phrase for each field."""
    if version.deleted:
        return ["deleted"]
    said = differences(before.definition if before else None, version.definition)
    if before is not None and before.deleted:
        said = ["restored", *(each for each in said if each != "nothing")]
    return said


def differences(old: Definition | None, new: Definition) -> list[str]:
    """What `new` changed, a phrase for each field; against nothing, that it is the first."""
    if old is None:
        return ["first version"]
    said = []
    before, after = ({each.label: each for each in one.measures} for one in (old, new))
    added, gone = [each for each in after if each not in before], [each for each in before if each not in after]
    changed = [label for label in after if label in before and before[label] != after[label]]
    for sign, labels in (("+", added), ("\N{MINUS SIGN}", gone), ("changed", changed)):
        if labels:
            said.append(f"columns {sign} {_names(labels)}")
    if not (added or gone) and list(before) != list(after):
        said.append("columns in another order")
    for field in dataclasses.fields(Definition):
        was, now = getattr(old, field.name), getattr(new, field.name)
        if field.name != "measures" and was != now:
            said.append(f"{_LABELS[field.name]}: {_short(was)} \N{RIGHTWARDS ARROW} {_short(now)}")
    return said or ["nothing"]


_LABELS: Final = {
    "title": "title", "projects": "projects", "entry": "a row is", "pool": "pooled by", "where": "filter",
    "baselines": "baselines", "combine": "combined by", "missing": "missing values", "opens_at": "opens",
    "closes_at": "closes", "precision": "decimals", "ignore": "params passed over",
    "unknown": "fields of later versions",
}  # fmt: skip


def _columns(measures: Sequence[Measure]) -> str:
    by_metric: dict[str, list[Measure]] = {}
    for each in measures:
        by_metric.setdefault(_counted(each), []).append(each)
    parts = []
    for counted, found in by_metric.items():
        datasets = [each.dataset for each in found if each.dataset is not None]
        on = f" on {_names(datasets)}" if len(datasets) <= _MOST else f" on {len(datasets)} datasets"
        # A column beside them of values that name no dataset.
        on += ", and on none" if len(datasets) < len(found) else ""
        parts.append(counted + (on if datasets else ""))
    return _names(parts)


def _counted(measure: Measure) -> str:
    match measure.counts:
        case "last":
            return f"last {measure.metric}"
        case "best":
            return f"best {measure.metric}"
    return f"{measure.metric} at the best {measure.select_on}"


def _entry(definition: Definition) -> str:
    what = _ENTRY.get(definition.entry) or f"a value of {definition.entry_param}"
    if definition.entry == "run":
        return what
    how = "its best run counts" if definition.pooled == "best" else "the mean of its runs counts"
    return f"{what}; {how}"


def _filter(text: str) -> str:
    try:
        return to_sentence(parse_filter(text))
    except FilterError:
        return f"where {text}"


def _names(names: Sequence[str]) -> str:
    shown = list(names[:_MOST])
    if len(names) > _MOST:
        shown.append(f"{len(names) - _MOST} more")
    return "".join(shown) if len(shown) < 2 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _short(value: object) -> str:
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, tuple):
        value = ", ".join(each if isinstance(each, str) else str(each[0]) for each in value)
    text = "none" if value in (None, "") else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
