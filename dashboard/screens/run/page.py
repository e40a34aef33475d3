"""Everything of one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

import polars as pl
import streamlit as st

from ....query.run.planned_steps import endings
from ....query.run.progress import Progress, progress_of
from ....query.run.relatives import RelatedRuns, related_runs, relatives
from ....query.run.run import RunView, problems_of
from ....query.run.tables import run_metrics, run_params, run_results
from ....schema.names import SYSTEM
from ....schema.problems import distinct
from ...charts.grid import charts, controls, labels_of, request
from ...components import note as notes
from ...components import table
from ...components.values import Row, Table
from ...feed.feed import ProjectState, feed
from ...feed.run_colours import colours_of
from ...format import escape
from ...format.numbers import count
from ...format.snippets import call, literal, recipe
from ...layout import chrome, directions
from ...layout.export import export_menu
from ...layout.page import frame
from ...run_tables.run_columns import tags_of
from ...state import address, links
from ...state.views import TABS, RunPageView, RunsView
from . import artifacts as run_artifacts
from . import details as run_details
from . import media as run_media
from . import model as run_model
from .editing import edit, restore_or_delete
from .machine import machine
from .printed import printed

_PARAMS_HEIGHT: Final = 420
_RESULTS_HEIGHT: Final = 260
_METRICS_HEIGHT: Final = 330
_RELATED_HEIGHT: Final = 260
_LINE_HEIGHT: Final = 35
_TRACEBACK_HEIGHT: Final = 220
_FEW: Final = 12
"""Params that need no search, lines that need no scroll bar."""
_COMPARED: Final = 50
_TAGS: Final = 8
_TABS: Final = {
    "metrics": "Metrics",
    "media": "Media",
    "artifacts": "Artifacts",
    "console": "Console",
    "system": "System",
    "origin": "Code",
    "writers": "Storage",
    "history": "History",
}


def page() -> None:
    """The page."""
    frame(body, page="runs")


def body(state: ProjectState) -> None:
    """Everything below the navigation."""
    view = address.read(RunPageView)
    if not view.run:
        chrome.head("No run chosen", state)
        st.caption("Choose one on the page Runs.")
        return
    found = feed().lake.run(state.project, view.run, snapshot=state.snapshot)
    every = state.once("every", lambda: pl.concat([state.runs, state.deleted]))
    related = state.once(("family", view.run), lambda: related_runs(every, view.run))
    chrome.head(found.row.name or view.run, state)
    _facts(state, found, related, every)
    if found.row.error:
        with st.container(border=True, key="run-error"):
            st.markdown(":red[**What went wrong**]")
            st.code(found.row.error, language=None, wrap_lines=True)
            if found.row.traceback:
                # Beside what it printed last it stands open: the two are read together.
                with st.expander("Traceback", expanded=view.tab == "console"):
                    long = found.row.traceback.count("\n") > _FEW
                    height: int | Literal["content"] = _TRACEBACK_HEIGHT if long else "content"
                    st.code(found.row.traceback, language=None, wrap_lines=True, height=height)
    left, right = st.columns([3.1, 6.9], gap="medium")
    with left:
        if found.row.notes:
            st.subheader("Notes", anchor=False)
            text = found.row.notes
            notes.show(state.once(("note", text), lambda: notes.as_data(text)), key="run.notes")
        _params(state, found)
        _results(state, found)
        _related(state, found, related)
    with right:
        line = st.container(horizontal=True, vertical_alignment="center", gap="small")
        line.segmented_control(
            "Part",
            list(TABS),
            format_func=lambda tab: _TABS[tab],
            label_visibility="collapsed",
            required=True,
            **address.bound(view, "tab", "run.tab"),
        )
        # As high as what only some parts have at its right, so that the tabs stay where they are.
        line.container(width="stretch", height=_LINE_HEIGHT, border=False)
        if view.tab == "console":
            printed(state, found)
        elif view.tab == "system":
            machine(state, view, found)
        elif view.tab == "origin":
            run_details.origin(state, found)
        elif view.tab == "media":
            run_media.section(state, view, found, line)
        elif view.tab == "artifacts":
            run_artifacts.section(state, view, found, line)
        elif view.tab == "writers":
            run_details.storage(state, found)
        elif view.tab == "history":
            run_details.history(state, found)
        else:
            with line:
                if found.row.media_rows:
                    st.toggle(
                        "Media",
                        help="Above the curves; moving the pointer over a curve moves the slider of steps.",
                        **address.bound(view, "beside", "run.beside"),
                    )
                _metrics_away(state, view, found)
            _curves(state, view, found, every)
    # Those that reading the points met just now, too.
    met = problems_of(feed().lake.problems(state.project), view.run)
    chrome.problems(distinct([*found.problems, *met]))


def _facts(state: ProjectState, found: RunView, related: RelatedRuns, every: pl.DataFrame) -> None:
    """The line under the name, with what can be done."""
    told = run_model.facts(found)
    run_id, project = found.row.run_id, state.project
    with st.container(horizontal=True, vertical_alignment="center", gap="small", border=False):
        st.badge(told.status, color=told.colour)
        tags = run_model.tag_words(found.row)
        for tag in tags[:_TAGS]:
            # `st.badge` would escape brackets once more.
            st.markdown(f":gray-badge[{escape.plain(tag)}]", width="content")
        more = len(tags) - _TAGS
        far = run_model.progress_words(_progress(state, found, every))
        parts = [*far, *told.parts, *([f"{count(more, 'more tag')}"] if more > 0 else [])]
        st.caption(escape.plain(" · ".join(parts)), width="stretch")
        st.caption(f"`{run_id}`", width="content")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", border=False):
        _neighbours(state, run_id)
        chrome.page_link("curves", {links.PROJECT: project, "runs": [run_id]}, "Curves", icon=":material/show_chart:")
        chrome.page_link("compare", _beside(project, run_id, related), "Compare", icon=":material/difference:")
        edit(project, found, state.once("tags", lambda: tags_of(state.runs)))
        restore_or_delete(project, found)


def _progress(state: ProjectState, found: RunView, every: pl.DataFrame) -> Progress | None:
    """How far it has come while it runs; others of the project that finished tell which param counts its steps."""
    at = every["run_id"].index_of(found.row.run_id)
    if at is None or found.row.status != "running":
        return None
    ends = state.once("endings", lambda: endings(every))
    return progress_of(every[at : at + 1].hstack(ends[at : at + 1]).row(0, named=True), now=datetime.now(UTC))


def _beside(project: str, run_id: str, related: RelatedRuns) -> dict[str, str | list[str]]:
    """What a run is compared with: its family, else all runs."""
    others = [*related.parent["run_id"], *related.children["run_id"], *related.siblings["run_id"]][: _COMPARED - 1]
    go: dict[str, str | list[str]] = {links.PROJECT: project, "base": run_id}
    return go | ({"runs": [run_id, *others]} if others else {})


def _neighbours(state: ProjectState, run_id: str) -> None:
    """The runs before and after this one, as the page Runs had them last."""
    kept = st.session_state.get(chrome.RUNS_VIEW)
    asked = kept[1] if kept and kept[0] == state.project else RunsView()
    key = ("order", asked.where, asked.filter, asked.sort)
    ids = state.once(key, lambda: run_model.in_order(state.runs, (asked.where, asked.filter), asked.sort))
    before, after, place = run_model.neighbours(ids, run_id)
    for other, label, icon in ((before, "Previous", "chevron_left"), (after, "Next", "chevron_right")):
        if place:
            # Streamlit's link to the page it is on leaves the address as it was, and the next refresh goes back.
            st.button(
                label,
                icon=f":material/{icon}:",
                on_click=address.changing(RunPageView, run=other or run_id, chart="", page=1),
                disabled=other is None,
                key=f"run.{label.lower()}",
            )
    st.caption(place, width="stretch")


def _params(state: ProjectState, found: RunView) -> None:
    lines = run_model.param_lines(found.row.params)
    _values(state, found, "Params", "param", lines, len(found.row.params), run_params, height=_PARAMS_HEIGHT)


def _results(state: ProjectState, found: RunView) -> None:
    if found.row.results:
        lines = run_model.plain_lines(found.row.results)
        _values(state, found, "Summary", "value", lines, len(found.row.results), run_results, height=_RESULTS_HEIGHT)


def _values(
    state: ProjectState,
    found: RunView,
    title: str,
    noun: str,
    lines: Sequence[Row],
    n: int,
    frame: Callable[[RunView], pl.DataFrame],
    *,
    height: int,
) -> None:
    """A table of names and values, with the code that gives it."""
    key = frame.__name__.removeprefix("run_")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(title, anchor=False, width="stretch")
        if n:
            export_menu(
                run_details.code(state, found, frame.__name__),
                lambda: frame(found),
                key=f"run.{key}.take",
                name=f"{found.row.run_id}-{title.lower()}",
            )
    table.show(
        Table(
            columns=run_model.PARAM_HEADS,
            rows=lines,
            caption=title,
            corner=count(n, noun),
            empty=f"No {noun}s.",
            find=f"Find among {count(n, noun)}" if n > _FEW else "",
            height=height,
        ),
        key=f"run.{key}",
    )


def _related(state: ProjectState, found: RunView, related: RelatedRuns) -> None:
    if related.alone:
        return
    project, run_id = state.project, found.row.run_id
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Related runs", anchor=False, width="stretch")
        line = f"frame = relatives({call('lake.runs', project, deleted=True)}, {literal(run_id)})"
        export_menu(
            recipe(feed().lake.url, line, imports=["from lakeboard.query import relatives"]),
            lambda: relatives(feed().lake.runs(project, deleted=True, snapshot=state.snapshot), run_id),
            key="run.family.take",
            name=f"{run_id}-family",
        )
    said = [count(related.children.height, "child", "children")] if related.children.height else []
    said += [f"{count(related.siblings.height, 'other')} of group {related.group}"] if related.siblings.height else []
    if said:
        st.caption(escape.plain(", ".join(said)))
    columns, rows = run_model.related_table(related, project=project, colours=colours_of(state))
    table.show(
        Table(columns=columns, rows=rows, caption="Related runs", height=_RELATED_HEIGHT, dense=True, plain=True),
        key="run.family",
    )


def _metrics_away(state: ProjectState, view: RunPageView, found: RunView) -> None:
    if found.row.summary:
        every = found.row.summary
        known = {each: goal for each, goal in directions.goals_of(state, view).items() if each in every}
        # What the run declared itself its row says.
        more = {each: goal for each, goal in known.items() if every[each].goal != goal}
        export_menu(
            run_details.code(state, found, "run_metrics", **({"goals": more} if more else {})),
            lambda: run_metrics(found, goals=more),
            key="run.metrics.take",
            name=f"{found.row.run_id}-metrics",
        )


def _curves(state: ProjectState, view: RunPageView, found: RunView, every: pl.DataFrame) -> None:
    # One value needs no curve: it stands in the table.
    single = {label for label, each in found.row.summary.items() if each.n == 1}
    there = labels_of(every.filter(pl.col("run_id") == view.run))
    labels = [each for each in there if each not in single and not each.startswith(SYSTEM)]
    if labels:
        controls(view, labels, key="run")
    wanted = view.find.casefold().split()
    known = directions.goals_of(state, view)
    rows = [
        row
        for row in run_model.metric_rows(found.row, known)
        if all(word in row.id.casefold() for word in wanted) and not row.id.startswith(SYSTEM)
    ]
    table.show(
        Table(
            columns=run_model.METRIC_COLUMNS,
            rows=rows,
            caption=f"Metrics of {found.row.name or found.row.run_id}",
            empty="No metric matches." if found.row.summary else "No metric yet.",
            height=_METRICS_HEIGHT,
            dense=True,
        ),
        key="run.metrics",
    )
    if view.beside and found.row.media_rows:
        run_media.beside(state, view, found)
    ranked = {label: each for label, each in found.row.summary.items() if not label.startswith(SYSTEM)}
    directions.ask(state, view, ranked, key="run.goals")
    asked = request(labels, find=view.find, page=view.page)
    if asked.labels:
        charts(state, [view.run], view, asked, key=f"run.grid.{view.run}")
