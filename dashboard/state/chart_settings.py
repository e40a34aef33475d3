"""How charts are drawn: settings for all of them, and what single charts have of their own. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Final
from urllib.parse import quote, unquote

from ...query.curves.curves import AXES
from .views import KINDS, CurvesView, Kind, RunPageView

_SAFE: Final = "/ []()._-+,!*"
_MOST_SMOOTH: Final = 0.99
_SAID: Final = {"0": False, "1": True}


@dataclass(frozen=True, slots=True)
class Settings:
    """How one chart is drawn."""

    x: str = "step"
    """What the x axis shows: step, time, relative or a metric."""
    smooth: float = 0.0
    kind: Kind = "ema"
    log_x: bool = False
    log_y: bool = False
    outliers: bool = False
    """Whether the y axis passes over outliers."""
    low: float | None = None
    """Where the y axis ends, by hand."""
    high: float | None = None
    also: tuple[str, ...] = ()
    """Further metrics in the chart."""

    @property
    def axis(self) -> str:
        """What a window on x means: it is of no use on another axis."""
        return f"{self.x}|{int(self.log_x)}"


@dataclass(frozen=True, slots=True)
class Override:
    """What one chart has of its own; null for what it shares with all others."""

    chart: str
    x: str | None = None
    smooth: float | None = None
    kind: Kind | None = None
    log_y: bool | None = None
    low: float | None = None
    high: float | None = None
    also: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the chart is like all others."""
        return self == Override(self.chart)

    def over(self, settings: Settings) -> Settings:
        """The chart's settings, given those of all."""
        log_y = settings.log_y if self.log_y is None else self.log_y
        x = settings.x if self.x is None else self.x
        return replace(
            settings,
            x=x,
            smooth=settings.smooth if self.smooth is None else self.smooth,
            kind=settings.kind if self.kind is None else self.kind,
            log_x=settings.log_x and x != "time",
            log_y=log_y,
            low=self.low,
            high=self.high,
            also=self.also,
        )

    def written(self) -> str:
        """As one query parameter: `val/acc;smooth=0.5;log_y=1;y=0:1`."""
        parts = [quote(self.chart, safe=_SAFE)]
        parts += [f"x={quote(self.x, safe=_SAFE)}"] if self.x is not None else []
        parts += [f"smooth={self.smooth!r}"] if self.smooth is not None else []
        parts += [f"kind={self.kind}"] if self.kind is not None else []
        parts += [f"log_y={int(self.log_y)}"] if self.log_y is not None else []
        if self.low is not None or self.high is not None:
            parts.append(f"y={_end(self.low)}:{_end(self.high)}")
        parts += [f"also={quote(each, safe=_SAFE)}" for each in self.also]
        return ";".join(parts)


def read_override(text: str) -> Override | None:
    """The inverse of `Override.written`; parts that make no sense are left out, null where the chart is missing."""
    chart, *parts = text.split(";")
    if not chart:
        return None
    found = Override(unquote(chart))
    for part in parts:
        name, _, value = part.partition("=")
        match name:
            case "y":
                low, _, high = value.partition(":")
                found = replace(found, low=number_or_none(low), high=number_or_none(high))
            case "also":
                found = replace(found, also=(*found.also, unquote(value)))
            case "x" | "smooth" | "kind" | "log_y":
                found = set_own(found, name, unquote(value))
    return found


def set_own(override: Override, name: str, value: str) -> Override:
    """An override with one setting given as text; empty text shares it with all others again. Pure.

    Args:
        override: what the chart has of its own.
        name: `x`, `smooth`, `kind`, `log_y`, `low`, `high`, `also` (adds a metric) or `not` (takes it off again).
        value: as text; what makes no sense changes nothing.
    """
    match name:
        case "x":
            return replace(override, x=value or None)
        case "smooth":
            amount = number_or_none(value)
            if value and (amount is None or not 0 <= amount <= _MOST_SMOOTH):
                return override
            return replace(override, smooth=amount)
        case "kind":
            kind: Kind | None = next((each for each in KINDS if each == value), None)
            return replace(override, kind=kind) if kind or not value else override
        case "log_y":
            return replace(override, log_y=_SAID.get(value)) if value in _SAID or not value else override
        case "low":
            return (
                replace(override, low=number_or_none(value))
                if not value or number_or_none(value) is not None
                else override
            )
        case "high":
            return (
                replace(override, high=number_or_none(value))
                if not value or number_or_none(value) is not None
                else override
            )
        case "also":
            return replace(override, also=tuple(dict.fromkeys([*override.also, value]))) if value else override
        case "not":
            return replace(override, also=tuple(each for each in override.also if each != value))
    return override


def overrides_of(view: CurvesView | RunPageView) -> dict[str, Override]:
    """What charts have of their own, by chart; of several for one chart the last counts."""
    return {found.chart: found for text in view.own if (found := read_override(text)) is not None}


def written(overrides: Mapping[str, Override]) -> tuple[str, ...]:
    """The inverse of `overrides_of`."""
    return tuple(each.written() for each in overrides.values() if not each.empty)


def settings_of(view: CurvesView | RunPageView, labels: Sequence[str]) -> Settings:
    """What holds for all charts; an x axis that there is not is steps."""
    x = view.x if view.x in AXES or view.x in labels else "step"
    return Settings(
        x=x,
        smooth=view.smooth,
        kind=view.kind,
        log_x=view.logx and x != "time",
        log_y=view.logy,
        outliers=view.outliers,
    )


def own_settings(every: Settings, override: Override | None, labels: Sequence[str]) -> Settings:
    """One chart's settings; metrics that there are not are passed over."""
    if override is None:
        return every
    known = set(labels)
    x = override.x if override.x is None or override.x in AXES or override.x in known else None
    return replace(override, x=x, also=tuple(each for each in override.also if each in known)).over(every)


def _end(value: float | None) -> str:
    return "" if value is None else repr(value)


def number_or_none(text: str) -> float | None:
    """A finite number, or null."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
