"""What the board editor holds while somebody types, and the definition it comes to, or what is wrong at which field.

Pure: a draft is text and choices, as widgets give them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final, get_args

import polars as pl

from ....query.boards.definition import ENTRIES, Combine, Definition, Measure, Missing, Unknown
from ....query.filters.language import compile_filter
from ....schema.documents import check_slug
from ....schema.errors import FilterError, InvalidName, InvalidSetting

NO_DATASET: Final = ""
"""Among datasets: values that name none."""
COUNTS: Final[Mapping[str, str]] = {"last": "last", "best": "best", "at_best": "at the best of another metric"}
GOALS: Final[Mapping[str, str]] = {
    "": "as declared",
    "maximize": "more",
    "minimize": "less",
}
POOLS: Final[Mapping[str, str]] = {"": "usual", "mean": "their mean", "best": "the best one"}
MISSING: Final[tuple[Missing, ...]] = get_args(Missing)
COMBINES: Final[tuple[Combine, ...]] = get_args(Combine)
PARAM: Final = "param"
"""The choice of an entry that needs a param's name."""
ENTRY_KINDS: Final = (*ENTRIES, PARAM)


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring columns that differ in their dataset alone."""

    metric: str = ""
    datasets: tuple[str, ...] = (NO_DATASET,)
    goal: str = ""
    counts: str = "last"
    select_on: str = ""
    select_goal: str = ""
    unknown: Unknown = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A board being edited."""

    title: str = ""
    slug: str = ""
    projects: tuple[str, ...] = ()
    groups: tuple[Group, ...] = (Group(),)
    entry: str = "run"
    param: str = ""
    pool: str = ""
    ignore: tuple[str, ...] = ()
    where: str = ""
    baselines: tuple[str, ...] = ()
    missing: Missing = "worst"
    combine: Combine = "mean_rank"
    opens: datetime | None = None
    """UTC."""
    closes: datetime | None = None
    """UTC."""
    precision: int | None = None
    unknown: Unknown = ()


def draft_of(definition: Definition, slug: str = "") -> Draft:
    """The draft that comes to this definition again."""
    param = definition.entry_param
    return Draft(
        title=definition.title,
        slug=slug,
        projects=definition.projects,
        groups=groups_of(definition.measures),
        entry=definition.entry if param is None else PARAM,
        param=param or "",
        pool=definition.pool or "",
        ignore=definition.ignore,
        where=definition.where,
        baselines=definition.baselines,
        missing=definition.missing,
        combine=definition.combine,
        opens=definition.opens_at,
        closes=definition.closes_at,
        precision=definition.precision,
        unknown=definition.unknown,
    )


def groups_of(measures: Sequence[Measure]) -> tuple[Group, ...]:
    """Columns gathered, in order; `measures_of` is the inverse."""
    return tuple(
        replace(group, datasets=tuple(each.dataset or NO_DATASET for each in found))
        for group, found in groupby(measures, key=_group)
    )


def _group(measure: Measure) -> Group:
    return Group(
        metric=measure.metric,
        goal=measure.goal or "",
        counts=measure.counts,
        select_on=measure.select_on or "",
        select_goal=measure.select_goal or "",
        unknown=measure.unknown,
    )


def measures_of(group: Group) -> list[Measure]:
    """The columns of one group.

    Raises:
        InvalidSetting: they make no sense.
    """
    fields: dict[str, Any] = {
        "goal": group.goal or None,
        "counts": group.counts,
        "select_on": group.select_on or None,
        "select_goal": group.select_goal or None,
        "unknown": group.unknown,
    }
    return [Measure(group.metric, dataset or None, **fields) for dataset in group.datasets]


def definition_of(
    draft: Draft, schema: Mapping[str, pl.DataType], *, taken: Collection[str] = ()
) -> tuple[Definition | None, dict[str, str]]:
    """The definition that a draft comes to, or what is wrong, by field.

    Args:
        draft: what was typed.
        schema: of the runs, which the filter must fit.
        taken: names that other boards have.
    """
    wrong: dict[str, str] = {}
    if not draft.title.strip():
        wrong["title"] = "Give the board a title."
    _check_name(draft, taken, wrong)
    measures: list[Measure] = []
    for i, group in enumerate(draft.groups):
        _check_group(i, group, {each.label for each in measures}, wrong)
        if not any(name.startswith(f"{i}.") for name in wrong):
            measures += measures_of(group)
    if not draft.groups:
        wrong["groups"] = "A board needs at least one metric."
    if draft.entry == PARAM and not draft.param:
        wrong["param"] = "Choose the param whose values are the rows."
    try:
        compile_filter(draft.where, schema)
    except FilterError as error:
        wrong["where"] = str(error)
    if draft.missing == "baseline" and not draft.baselines:
        wrong["missing"] = "Name a baseline that missing values count as, or choose another policy."
    if draft.opens is not None and draft.closes is not None and draft.opens >= draft.closes:
        wrong["closes"] = "The board closes before it opens."
    if wrong:
        return None, wrong
    try:
        return _definition(draft, tuple(measures)), {}
    except InvalidSetting as error:
        return None, {"": str(error)}


def _check_name(draft: Draft, taken: Collection[str], wrong: dict[str, str]) -> None:
    try:
        if draft.slug:
            check_slug(draft.slug)
    except InvalidName as error:
        wrong["slug"] = f"{error}"
    if draft.slug in taken:
        wrong["slug"] = "There is a board of this name; choose another, or edit that one."


def _check_group(i: int, group: Group, before: Collection[str], wrong: dict[str, str]) -> None:
    if not group.metric:
        wrong[f"{i}.metric"] = "Choose a metric."
        return
    if not group.datasets:
        wrong[f"{i}.datasets"] = "Choose at least one, or “no dataset”."
    if group.counts == "at_best" and not group.select_on:
        wrong[f"{i}.select_on"] = "Choose the metric whose best step counts."
    labels = [Measure(group.metric, dataset or None).label for dataset in group.datasets]
    twice = [label for n, label in enumerate(labels) if label in before or label in labels[:n]]
    if twice:
        wrong[f"{i}.datasets"] = f"{twice[0]} is a column already; each column once."


def _definition(draft: Draft, measures: tuple[Measure, ...]) -> Definition:
    pool: Any = draft.pool or None
    return Definition(
        measures,
        title=draft.title.strip(),
        projects=draft.projects,
        entry=f"{PARAM}:{draft.param}" if draft.entry == PARAM else draft.entry,
        pool=pool,
        where=draft.where.strip(),
        baselines=draft.baselines,
        combine=draft.combine,
        missing=draft.missing,
        opens_at=_utc(draft.opens),
        closes_at=_utc(draft.closes),
        precision=draft.precision,
        ignore=draft.ignore,
        unknown=draft.unknown,
    )


def _utc(moment: datetime | None) -> datetime | None:
    """A widget's time, which has no zone, is UTC."""
    return None if moment is None else moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def warnings_of(draft: Draft) -> dict[str, str]:
    """What is allowed and yet not wise, by field."""
    said = {}
    for i, group in enumerate(draft.groups):
        if group.counts == "at_best" and group.select_on == group.metric:
            said[f"{i}.select_on"] = (
                "The same metric selects the step and ranks: whoever looks most often wins. Select on validation."
            )
    return said
