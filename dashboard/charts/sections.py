"""Which charts a page has, in which sections. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...schema.names import SYSTEM
from ..state.chart_settings import Override

CHARTS: Final = 60
"""On one page: more are a click away. Of these only what is in view is read and computed."""
PINNED: Final = "*"
"""The section of pinned charts; no metric's prefix, which ends before a `/`, can be empty and this."""
MACHINE: Final = SYSTEM.rstrip("/")
"""The section of the machine's metrics: the last one, closed until somebody opens it."""
OTHER: Final = ""
"""The section of metrics without a prefix."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart."""

    id: str
    """The label of its first metric, or what several metrics have in common."""
    labels: tuple[str, ...]
    """Of the metrics that it shows."""
    section: str
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Charts under one heading."""

    id: str
    title: str
    folded: bool
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """Which charts to draw."""

    every: tuple[str, ...]
    """All metrics that there are."""
    labels: tuple[str, ...]
    """Those that were asked for."""
    page: int
    pages: int

    @property
    def shown(self) -> tuple[str, ...]:
        """Those of this page."""
        return self.labels[(self.page - 1) * CHARTS : self.page * CHARTS]


def request(labels: Sequence[str], *, find: str, chosen: Sequence[str] = (), page: int) -> Request:
    """The charts that match a search (all its words) or that were chosen, a page of them."""
    wanted = [label for label in labels if not chosen or label in chosen]
    words = find.casefold().split()
    wanted = [label for label in wanted if all(word in label.casefold() for word in words)]
    pages = max(1, -(-len(wanted) // CHARTS))
    return Request(tuple(labels), tuple(wanted), min(page, pages), pages)


def sections(
    asked: Request,
    *,
    pins: Sequence[str] = (),
    fold: Sequence[str] = (),
    pair: bool = False,
    own: Mapping[str, Override] | None = None,
) -> list[Section]:
    """The charts of a page by the prefix of their metrics, pinned ones first, on every page.

    Args:
        asked: which metrics.
        pins: ids of charts that are pinned.
        fold: ids of sections that are closed; of the machine's section: that it is open.
        pair: whether metrics that differ in their prefix alone, as `train/loss` and `val/loss`, share a chart.
        own: what charts have of their own, such as further metrics.
    """
    every = list(_charts(asked.labels, pair=pair))
    own = own or {}
    known = set(asked.every)
    found: dict[str, list[Chart]] = {}
    pinned = {chart.id: chart for chart in every if chart.id in pins}
    page = set(asked.shown)
    if pinned:
        found[PINNED] = [pinned[each] for each in dict.fromkeys(pins) if each in pinned]
    for chart in every:
        if chart.id not in pinned and chart.labels[0] in page:
            found.setdefault(chart.section, []).append(chart)
    return [
        Section(
            each,
            {PINNED: "Pinned", OTHER: "Other"}.get(each, each),
            (each in fold) != (each == MACHINE),
            tuple(_with_more(chart, own.get(chart.id), known, pinned=each == PINNED) for chart in charts),
        )
        for each, charts in sorted(
            found.items(), key=lambda item: (item[0] == MACHINE, item[0] != PINNED, item[0] == OTHER, item[0])
        )
    ]


def section_of(label: str) -> str:
    """`train` of `train/loss`."""
    prefix, slash, _ = label.partition("/")
    return prefix if slash and prefix != PINNED else OTHER


def _charts(labels: Sequence[str], *, pair: bool) -> Iterator[Chart]:
    if not pair:
        yield from (Chart(label, (label,), section_of(label)) for label in labels)
        return
    together: dict[str, list[str]] = {}
    for label in labels:
        together.setdefault(label.partition("/")[2] or label, []).append(label)
    for tail, found in together.items():
        if len(found) == 1:
            yield Chart(found[0], (found[0],), section_of(found[0]))
        else:
            yield Chart(tail, tuple(found), " + ".join(dict.fromkeys(section_of(each) or tail for each in found)))


def _with_more(chart: Chart, override: Override | None, known: set[str], *, pinned: bool) -> Chart:
    more = [each for each in override.also if each in known] if override else []
    return Chart(chart.id, tuple(dict.fromkeys([*chart.labels, *more])), chart.section, pinned)
