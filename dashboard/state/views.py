"""What a page shows, as a value: typed fields, the same in the address bar, in widgets and in code. Pure.

A view's fields are its query parameters; fields at their default stay out of the address. So every view is a link,
and going back in the browser goes back in the view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, TypeAlias, TypeVar, get_args

from ...schema.names import linked_run_id

Params: TypeAlias = Mapping[str, Sequence[str]]
ENTRIES: Final = ("config", "run", "user", "group")
Combine: TypeAlias = Literal["mean_rank", "mean_normalised", "mean"]
WITHIN: Final = ("day", "week")
ENDED: Final = ("finished", "failed", "ended", "silent")
Kind: TypeAlias = Literal["ema", "gaussian", "running"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Band: TypeAlias = Literal["std", "stderr", "ci95", "minmax"]
BANDS: Final[tuple[Band, ...]] = get_args(Band)
AUTOMATIC: Final = "."
"""Stands for the board that nobody saved; no saved one can be called so."""
COMBINES: Final[tuple[Combine, ...]] = get_args(Combine)
TOOLS: Final = ("edit", "new", "history")
Part: TypeAlias = Literal["differences", "scatter", "correlation", "media"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
Tab: TypeAlias = Literal["metrics", "media", "artifacts", "console", "system", "origin", "writers", "history"]
TABS: Final[tuple[Tab, ...]] = get_args(Tab)
ArtifactPart: TypeAlias = Literal["files", "changes", "code"]
ARTIFACT_PARTS: Final[tuple[ArtifactPart, ...]] = get_args(ArtifactPart)
AxisGoal: TypeAlias = Literal["", "minimize", "maximize", "none"]
AXIS_GOALS: Final[tuple[AxisGoal, ...]] = get_args(AxisGoal)
Scale: TypeAlias = Literal["", "linear", "log"]
SCALES: Final[tuple[Scale, ...]] = get_args(Scale)


@dataclass(frozen=True, slots=True)
class HomeView:
    """All projects."""

    find: str = ""
    """Words that what is shown must mention."""
    within: str = "day"
    """What counts as lately: a day or a week."""
    ended: str = ""
    """Of what ended lately only this: finished, failed, ended by the next run, or without a heartbeat."""
    page: int = 1
    """Of the live runs."""


@dataclass(frozen=True, slots=True)
class BoardView:
    """The leaderboard."""

    metric: str = ""
    """Its label without dataset; empty for what the project's runs suggest."""
    by: str = ""
    """What one row stands for; empty for what the project's runs suggest."""
    combine: Combine = "mean_rank"
    where: str = ""
    """Which runs take part, in the filter language."""
    line: str = ""
    """Whose record is shown: a label; empty for the first column's."""
    board: str = ""
    """The name of a saved board, or `AUTOMATIC`; empty for the one that was edited last, where there is one."""
    version: str = ""
    """An old version of it; empty for the one that counts."""
    at: str = ""
    """As of when, `2026-11-01T12:00` UTC; empty for now."""
    more: tuple[str, ...] = ()
    """Metrics of which more is better, where neither a board nor a run says so."""
    less: tuple[str, ...] = ()
    """Those of which less is."""
    tool: str = ""
    """What is open above the table: the editor of this board (`edit`) or of a new one (`new`), or the `history`."""
    page: int = 1
    """Of rows."""
    part: int = 1
    """Of columns, where there are too many for one screen."""


@dataclass(frozen=True, slots=True)
class RunsView:
    """The table of runs."""

    filter: str = ""
    """The box's text."""
    where: str = ""
    """What the side panel asks, in the same language."""
    sort: str = "-created_at"
    """A column, after a minus from high to low."""
    columns: tuple[str, ...] = ()
    """Columns chosen, in order; none for the usual ones."""
    pins: tuple[str, ...] = ()
    """Columns that stay at the left, after the run's name."""
    widths: tuple[str, ...] = ()
    """Of columns that were drawn wider or narrower: pixels, a space and the column."""
    group: tuple[str, ...] = ()
    """Columns whose equal values make one row; none for a row per run."""
    open: tuple[str, ...] = ()
    """Groups whose runs are shown, by their ids."""
    projects: tuple[str, ...] = ()
    """Further projects whose runs are shown as well."""
    view: str = ""
    """The saved view that this one began as."""
    page: int = 1
    panel: bool = True
    """Whether the side panel is open."""


@dataclass(frozen=True, slots=True)
class CurvesView:
    """Curves of several runs."""

    runs: tuple[str, ...] = ()
    """Ids; none for the latest ones."""
    metrics: tuple[str, ...] = ()
    """Labels; none for all, a page at a time."""
    x: str = "step"
    """What the x axis shows: step, time, relative (to the start) or a metric."""
    smooth: float = 0.0
    """0 for none, up to 0.99."""
    kind: Kind = "ema"
    """Of smoothing."""
    logx: bool = False
    logy: bool = False
    outliers: bool = False
    """Whether y axes pass over outliers."""
    pair: bool = False
    """Whether `train/loss` and `val/loss` share a chart."""
    group: tuple[str, ...] = ()
    """Columns of the runs frame, or `config`: a line for each group instead of each run."""
    band: Band = "std"
    """Around a group's line."""
    members: bool = False
    """Whether a group's runs are drawn as well, faintly."""
    color: str = ""
    """The column that colours lines; empty for a colour a run."""
    base: str = ""
    """Id of the run to compare with, in every chart."""
    legend: str = ""
    """Template of the runs' labels."""
    find: str = ""
    """Which runs are on the list."""
    charts: str = ""
    """Which charts to show: words of the metrics' names."""
    chart: str = ""
    """The one chart that is looked at alone."""
    own: tuple[str, ...] = ()
    """Settings of single charts: `settings.Override` in writing."""
    pins: tuple[str, ...] = ()
    """Charts at the top."""
    fold: tuple[str, ...] = ()
    """Sections that are closed."""
    page: int = 1


@dataclass(frozen=True, slots=True)
class RunPageView:
    """One run."""

    run: str = ""
    tab: Tab = "metrics"
    media: str = ""
    """The key whose pictures, or whatever it holds, are shown."""
    beside: bool = False
    """Whether media stand above the curves, too."""
    version: str = ""
    """The version of an artifact whose files are shown: `project/artifact:version`."""
    file: str = ""
    """The one that is looked into."""
    x: str = "step"
    smooth: float = 0.0
    kind: Kind = "ema"
    logx: bool = False
    logy: bool = False
    outliers: bool = False
    pair: bool = False
    find: str = ""
    chart: str = ""
    own: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    fold: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    """Labels of metrics of which more is better, where no name and no run says so."""
    less: tuple[str, ...] = ()
    """Those of which less is."""
    page: int = 1


@dataclass(frozen=True, slots=True)
class CompareView:
    """Runs side by side."""

    runs: tuple[str, ...] = ()
    """Ids; none for all that match the filters."""
    filter: str = ""
    """The box's text."""
    where: str = ""
    """What the side panel of the runs asked, in the same language."""
    brush: str = ""
    """What is selected on the parallel axes, in the same language: it narrows everything below them."""
    metric: str = ""
    """The column that runs are judged, coloured and ordered by; empty for what the runs suggest."""
    axes: tuple[str, ...] = ()
    """Columns on parallel axes; none for the usual ones."""
    plot: bool = True
    """Whether the parallel axes are shown."""
    part: Part = "differences"
    media: str = ""
    """The key whose pictures, or whatever it holds, stand side by side."""
    only: bool = True
    """Of the differences: leave out what is the same in all runs."""
    base: str = ""
    """The run that others are measured against; empty for the first."""
    find: str = ""
    page: int = 1
    x: str = ""
    """Columns of the scatter plot; empty for the usual ones."""
    y: str = ""
    color: str = ""
    xgoal: AxisGoal = ""
    """Which way is better, or `none`; empty for what is declared or the name suggests."""
    ygoal: AxisGoal = ""
    more: tuple[str, ...] = ()
    """Labels of metrics of which more is better, where no name and no run says so."""
    less: tuple[str, ...] = ()
    """Those of which less is."""
    xscale: Scale = ""
    """Empty for what fits the values."""
    yscale: Scale = ""


@dataclass(frozen=True, slots=True)
class ArtifactsView:
    """Artifacts of a project, or the versions of one of them."""

    find: str = ""
    """Words of names and aliases."""
    type: str = ""
    """Only artifacts of this type."""
    deleted: bool = False
    """Whether artifacts are listed of which every version is deleted."""
    artifact: str = ""
    """The one whose versions are shown; empty for the list of all."""
    version: str = ""
    """In full; empty for the newest."""
    show: ArtifactPart = "files"
    """Of the version that is chosen."""
    file: str = ""
    """The one that is looked into."""
    base: str = ""
    """The version that it is compared with; empty for the one before."""
    page: int = 1


@dataclass(frozen=True, slots=True)
class TrashView:
    """Deleted runs."""

    page: int = 1


View: TypeAlias = HomeView | BoardView | RunsView | CurvesView | RunPageView | CompareView | ArtifactsView | TrashView
V = TypeVar("V", bound=View)
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "within": WITHIN,
    "ended": ENDED,
    "by": ENTRIES,
    "tool": TOOLS,
    "combine": COMBINES,
    "part": PARTS,
    "show": ARTIFACT_PARTS,
    "tab": TABS,
    "xgoal": AXIS_GOALS,
    "ygoal": AXIS_GOALS,
    "xscale": SCALES,
    "yscale": SCALES,
    "kind": KINDS,
    "band": BANDS,
}
_RUN_IDS: Final = ("run", "runs", "base")
_LARGEST_PAGE: Final = 1_000_000


def directions_in(view: BoardView | RunPageView | CompareView) -> dict[str, Literal["minimize", "maximize"]]:
    """Which way is better, by metric or label, as the address states it."""
    return {**dict.fromkeys(view.more, "maximize"), **dict.fromkeys(view.less, "minimize")}


def to_params(view: View) -> dict[str, list[str]]:
    """The fields that are not at their default, as query parameters."""
    out = {}
    for field in fields(view):
        value = getattr(view, field.name)
        if value != field.default:
            out[field.name] = list(value) if isinstance(value, tuple) else [_written(value)]
    return out


def _written(value: object) -> str:
    return (
        ("1" if value else "0") if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value)
    )


def from_params(kind: type[V], params: Params) -> V:
    """The view that an address asks for. What makes no sense is left at its default: links outlive versions."""
    known: dict[str, Any] = {}
    for field in fields(kind):
        given = params.get(field.name)
        if given:
            value = _read(field.name, list(given), field.default)
            if value is not None:
                known[field.name] = value
    return kind(**known)


def _read(name: str, given: list[str], default: object) -> object:
    text = given[-1]
    if name in _RUN_IDS:
        given = [linked_run_id(each) for each in given]
        text = given[-1]
    if isinstance(default, tuple):
        return tuple(dict.fromkeys(given))
    if isinstance(default, bool):
        return {"1": True, "0": False}.get(text)
    if isinstance(default, int):
        # Python refuses to read thousands of digits.
        brief = text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST_PAGE))
        return int(text) if brief and 1 <= int(text) <= _LARGEST_PAGE else None
    if isinstance(default, float):
        try:
            number = float(text)
        except ValueError:
            return None
        return number if 0 <= number <= 0.99 else None
    return text if name not in _CHOICES or text in _CHOICES[name] else None
