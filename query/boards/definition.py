"""What a leaderboard is: a small frozen value, kept in the lake as JSON, every version of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias, get_args

from ...schema.documents import load_json
from ...schema.errors import InvalidSetting
from ...schema.limits import MAX_MEASURES
from ...schema.run.summary import metric_label
from ..names.direction import Goal

Counts: TypeAlias = Literal["last", "best", "at_best"]
Combine: TypeAlias = Literal["mean_rank", "mean_normalised", "mean"]
Missing: TypeAlias = Literal["exclude", "worst", "baseline", "show"]
Pool: TypeAlias = Literal["mean", "best"]
Unknown: TypeAlias = tuple[tuple[str, str], ...]
"""Fields that this version does not know, each with its JSON: kept, so that saving a board again loses nothing."""
ENTRIES: Final = ("run", "user", "group", "config")
_PARAM: Final = "param:"
_MAX_DIGITS: Final = 15


@dataclass(frozen=True, slots=True)
class Measure:
    """One column of a board: a metric, on a dataset or on none."""

    metric: str
    dataset: str | None = None
    goal: Goal | None = None
    """Null: as `define_metric` declared, else guessed from the name."""
    counts: Counts = "last"
    """Which value of a run counts: the last, the best, or the one at the best step of `select_on`."""
    select_on: str | None = None
    """For `at_best`: a metric; on the measure's own dataset where it exists there, else as it is written."""
    select_goal: Goal | None = None
    unknown: Unknown = ()

    def __post_init__(self) -> None:
        _one_of("counts", self.counts, get_args(Counts))
        _one_of("goal", self.goal, (*get_args(Goal), None))
        _one_of("select_goal", self.select_goal, (*get_args(Goal), None))
        if not self.metric:
            raise InvalidSetting("a board's measure has no metric; name one such as val/acc")
        if self.counts == "at_best" and not self.select_on:
            raise InvalidSetting(f"{self.label}: counts is 'at_best', so select_on must name the metric that selects")

    @property
    def label(self) -> str:
        """`val/acc`, or `val/acc [cifar10]` with a dataset."""
        return metric_label(self.metric, self.dataset)


@dataclass(frozen=True, slots=True)
class Definition:
    """A leaderboard: what competes, on what, and how cells become one order."""

    measures: tuple[Measure, ...]
    """At least one, each label once."""
    title: str = ""
    projects: tuple[str, ...] = ()
    """Empty: every project in the frame."""
    entry: str = "run"
    """What competes: `run`, `user`, `group`, `config` (params without seeds) or `param:<name>`."""
    pool: Pool | None = None
    """How runs of one entry make a cell: their mean or the best one. Null: best for users, else the mean."""
    where: str = ""
    """A filter; runs that do not match do not compete."""
    baselines: tuple[str, ...] = ()
    """Ids or names of runs, which then stand alone and need not match `where`, or entries by name. Never ranked."""
    combine: Combine = "mean_rank"
    missing: Missing = "worst"
    """An entry without a value in some column: not ranked, given the worst, given the column's weakest baseline, or
    judged by what it has."""
    opens_at: datetime | None = None
    """Runs created before do not compete. Needs a time zone."""
    closes_at: datetime | None = None
    """Values after it do not count. Needs a time zone."""
    precision: int | None = None
    """Decimals that decide; values equal up to them tie. Null: all."""
    ignore: tuple[str, ...] = ()
    """For entry `config`: params (dotted names) that do not make another config, besides seeds."""
    unknown: Unknown = ()

    def __post_init__(self) -> None:
        if not self.measures:
            raise InvalidSetting("a board needs at least one measure, such as Measure('val/acc')")
        if len(self.measures) > MAX_MEASURES:
            raise InvalidSetting(f"the board has {len(self.measures):,} measures; at most {MAX_MEASURES:,} are shown")
        labels = [measure.label for measure in self.measures]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise InvalidSetting(f"the board measures {twice[0]!r} twice; each column once")
        if self.entry not in ENTRIES and not (self.entry.startswith(_PARAM) and self.entry != _PARAM):
            raise InvalidSetting(f"entry is {self.entry!r}; use one of {', '.join(ENTRIES)} or param:<name>")
        _one_of("pool", self.pool, (*get_args(Pool), None))
        _one_of("combine", self.combine, get_args(Combine))
        _one_of("missing", self.missing, get_args(Missing))
        if self.precision is not None and not 0 <= self.precision <= _MAX_DIGITS:
            raise InvalidSetting(f"precision is {self.precision} decimals; use 0 to {_MAX_DIGITS}, or null for all")
        for name in ("opens_at", "closes_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise InvalidSetting(f"{name} is {moment.isoformat()} without a time zone; add one, such as UTC")

    @property
    def pooled(self) -> Pool:
        """How runs of one entry make a cell, decided."""
        return self.pool or ("best" if self.entry == "user" else "mean")

    @property
    def entry_param(self) -> str | None:
        """The param that names entries, for `param:<name>`."""
        return self.entry.removeprefix(_PARAM) if self.entry.startswith(_PARAM) else None

    def to_json(self) -> str:
        """Strict JSON with sorted keys, times in UTC, fields at their default left out; `from_json` inverts it."""
        return json.dumps(self.to_plain(), ensure_ascii=False, sort_keys=True)

    def to_plain(self) -> dict[str, Any]:
        """What `to_json` writes, as dicts, lists, text and numbers."""
        return _plain(self)

    @classmethod
    def from_json(cls, text: str) -> Definition:
        """Read what `to_json` wrote; fields of newer versions are kept as `unknown`, and written again.

        Raises:
            InvalidSetting: not a definition; the message names the field.
        """
        return cls.from_plain(load_json(text, what="the board's definition"))

    @classmethod
    def from_plain(cls, found: object) -> Definition:
        """The inverse of `to_plain`.

        Raises:
            InvalidSetting: not a definition; the message names the field.
        """
        if not isinstance(found, Mapping) or not isinstance(found.get("measures"), list):
            raise InvalidSetting("the board's definition has no list of measures")
        fields = _known(cls, found)
        try:
            fields["measures"] = tuple(_measure(each) for each in found["measures"])
            for name in ("opens_at", "closes_at"):
                if fields.get(name) is not None:
                    fields[name] = _moment(name, fields[name])
            return cls(**fields)
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            if isinstance(error, InvalidSetting):
                raise
            raise InvalidSetting(f"the board's definition does not read: {error}") from None


def _measure(found: object) -> Measure:
    if not isinstance(found, Mapping):
        raise InvalidSetting(f"a measure of the board's definition is {found!r}; expected an object with a metric")
    if "metric" not in found:
        raise InvalidSetting("a measure of the board's definition has no metric")
    return Measure(**_known(Measure, found))


def _moment(name: str, text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise InvalidSetting(f"{name} is {text} without a time zone; add one, such as UTC")
    return moment.astimezone(UTC)


def _plain(value: Any) -> dict[str, Any]:
    out: dict[str, Any] = {name: json.loads(text) for name, text in value.unknown}
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        if field.name == "unknown" or content == field.default:
            continue
        if isinstance(content, datetime):
            content = content.astimezone(UTC).isoformat()
        elif isinstance(content, tuple):
            content = [_plain(each) if isinstance(each, Measure) else each for each in content]
        out[field.name] = content
    return out


def _known(kind: type[Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of `kind` with the JSON type that they should have, and those that it does not know."""
    out: dict[str, Any] = {}
    names = {field.name for field in dataclasses.fields(kind)} - {"unknown"}
    strange = sorted(set(found) - names)
    if strange:
        out["unknown"] = tuple((name, json.dumps(found[name], ensure_ascii=False, sort_keys=True)) for name in strange)
    for field in dataclasses.fields(kind):
        if field.name not in found or field.name in ("measures", "unknown"):
            continue
        value = found[field.name]
        wanted: type[Any] = list if isinstance(field.default, tuple) else int if field.name == "precision" else str
        fits = isinstance(value, wanted) and not isinstance(value, bool)
        if not fits and not (value is None and field.default is None):
            raise InvalidSetting(f"{field.name} is {value!r} in the board's definition; expected {wanted.__name__}")
        if isinstance(value, list):
            if not all(isinstance(each, str) for each in value):
                raise InvalidSetting(f"{field.name} is {value!r} in the board's definition; expected a list of text")
            value = tuple(value)
        out[field.name] = value
    return out


def _one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        raise InvalidSetting(f"{name} is {value!r}; use one of {', '.join(str(each) for each in allowed if each)}")
