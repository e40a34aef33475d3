"""The editor of a board: every field of its definition, what is wrong said at the field, saved as a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from ....query.boards.describe import COMBINED
from ....query.boards.describe import MISSING as MISSING_WORDS
from ....query.boards.versions import BoardVersion
from ....query.names.columns import short_name
from ....query.names.metrics import metric_labels
from ....query.names.params import is_seed
from ....schema.documents import make_slug
from ....schema.text.labels import split_label
from ...components.filter_box import box
from ...components.refresh import LIVE
from ...feed.feed import ProjectState, feed
from ...format.escape import plain
from ...layout import editing as editing
from ...run_tables.run_columns import values_of
from ...state import address
from ...state.views import BoardView
from . import draft as board_draft
from .draft import CLASH, KEY, ROWS, TRIED
from .form import COMBINES, COUNTS, ENTRY_KINDS, GOALS, MISSING, NO_DATASET, PARAM, POOLS, Draft, warnings_of
from .shown import fault_in

_ENTRIES: Final = {"run": "run", "user": "user", "group": "group", "config": "config", PARAM: "value of a param"}
_MOST_NAMES: Final = 300


def editor(state: ProjectState, view: BoardView, runs: pl.DataFrame, saved: BoardVersion | None) -> None:
    """Draw it; below stands the board that the draft comes to."""
    draft = board_draft.draft_now()
    _, wrong = board_draft.drafted(state, view, runs)
    if not wrong:
        # What was tried has been mended: what goes wrong later was not tried yet.
        st.session_state.pop(TRIED, None)
    tried = st.session_state.get(TRIED)
    # Nobody is told what is missing before they had a chance to type it; a filter is wrong at once.
    said = wrong if tried else {name: text for name, text in wrong.items() if name in ("where", "slug", "closes")}
    wise = warnings_of(draft)
    with st.container(border=True, key=f"{KEY}panel"):
        st.subheader(f"Edit {plain(saved.title)}" if view.tool == "edit" and saved else "New board", anchor=False)
        _names(state, view, draft, said)
        with st.container():
            _columns(runs, draft, said, wise)
        with st.container():
            _entry(runs, draft, said)
        with st.container():
            _rules(state, runs, draft, said)
        _save_line(state, view, runs, saved, said)


def _fault(said: Mapping[str, str], name: str) -> None:
    # The place is always there, so that nothing after it is drawn anew when a fault comes or goes.
    place = st.empty()
    if name in said:
        place.markdown(f":red[:material/error: {plain(said[name])}]")


def _names(state: ProjectState, view: BoardView, draft: Draft, said: Mapping[str, str]) -> None:
    left, middle, right = st.columns([4, 3, 3], gap="small")
    with left:
        st.text_input("Title", key=f"{KEY}title", max_chars=200, placeholder="Vision challenge")
        _fault(said, "title")
    with middle:
        hint = (
            make_slug(draft.title, [each.slug for each in feed().boards()])
            if draft.title.strip()
            else "vision-challenge"
        )
        st.text_input(
            "Name in links",
            key=f"{KEY}slug",
            max_chars=100,
            disabled=view.tool == "edit",
            placeholder=hint,
            help="Stays the same when the title changes; empty for one made from the title",
        )
        _fault(said, "slug")
    with right:
        known = state.projects["project"].to_list()
        st.multiselect(
            "Projects",
            list(dict.fromkeys([*known, state.project, *draft.projects])),
            key=f"{KEY}projects",
            placeholder="the one being looked at",
        )


def _columns(runs: pl.DataFrame, draft: Draft, said: Mapping[str, str], wise: Mapping[str, str]) -> None:
    labels = [split_label(label) for label in metric_labels(runs.schema)]
    metrics = list(dict.fromkeys(metric for metric, _ in labels))
    own = runs["dataset"].drop_nulls().unique().sort().to_list() if "dataset" in runs.columns else []
    rows: list[int] = st.session_state[ROWS]
    for i, (row, group) in enumerate(zip(rows, draft.groups, strict=True)):
        key = f"{KEY}{row}."
        top = i == 0
        cells = st.columns([3, 4, 2.4, 2.6, 0.6], gap="small", vertical_alignment="bottom" if top else "top")
        show: Any = "visible" if top else "collapsed"
        offered = list(dict.fromkeys([*metrics, *([group.metric] if group.metric else [])]))
        with cells[0]:
            _select("Metric", offered, f"{key}metric", show, placeholder="Choose a metric", empty=True)
        named = [dataset for metric, dataset in labels if metric == group.metric and dataset is not None]
        datasets = list(dict.fromkeys([NO_DATASET, *named, *own, *group.datasets]))
        with cells[1]:
            st.multiselect(
                "On datasets, a column each",
                datasets,
                key=f"{key}datasets",
                format_func=lambda each: each or "no dataset",
                label_visibility=show,
                accept_new_options=True,
                placeholder="datasets",
            )
        with cells[2]:
            _select("Better is", list(GOALS), f"{key}goal", show, words=GOALS)
        with cells[3]:
            _select("Value that counts", list(COUNTS), f"{key}counts", show, words=COUNTS)
        with cells[4]:
            st.button(
                ":material/close:",
                key=f"{key}remove",
                on_click=board_draft.remove,
                args=(row,),
                disabled=len(rows) == 1,
                help=f"Remove {group.metric or 'these columns'}",
                type="tertiary",
            )
        for name in ("metric", "datasets"):
            _fault(said, f"{i}.{name}")
        if group.counts == "at_best":
            _, left, right, _ = st.columns([3, 4, 2.4, 3.2], gap="small")
            chosen = list(dict.fromkeys([*offered, *([group.select_on] if group.select_on else [])]))
            with left:
                _select(
                    "…where this metric is best", chosen, f"{key}select_on", placeholder="such as val/acc", empty=True
                )
            with right:
                _select("…better is", list(GOALS), f"{key}select_goal", words=GOALS)
            _fault(said, f"{i}.select_on")
            if f"{i}.select_on" in wise:
                st.warning(wise[f"{i}.select_on"], icon=":material/visibility:")
    st.button("Add a metric", icon=":material/add:", on_click=board_draft.add, key=f"{KEY}add", type="tertiary")
    _fault(said, "groups")


def _select(
    label: str,
    options: Sequence[str],
    key: str,
    show: Any = "visible",
    *,
    words: Mapping[str, str] | None = None,
    placeholder: str | None = None,
    empty: bool = False,
) -> None:
    """One of some words; with `empty`, nothing is a choice that shows the placeholder."""
    if empty and st.session_state.get(key) == "":
        st.session_state[key] = None
    st.selectbox(
        label,
        options,
        key=key,
        index=None if empty else 0,
        format_func=(lambda each: words[each]) if words else str,
        label_visibility=show,
        placeholder=placeholder,
    )


def _entry(runs: pl.DataFrame, draft: Draft, said: Mapping[str, str]) -> None:
    params = [column.removeprefix("params.") for column in runs.columns if column.startswith("params.")]
    cells = st.columns([2.5, 2.5, 5], gap="small")
    with cells[0]:
        _select("A row is a", ENTRY_KINDS, f"{KEY}entry", words=_ENTRIES)
    with cells[1]:
        if draft.entry == PARAM:
            offered = list(dict.fromkeys([*params, *([draft.param] if draft.param else [])]))
            _select("The param", offered, f"{KEY}param", placeholder="Choose a param", empty=True)
            _fault(said, "param")
        elif draft.entry != "run":
            _select("Of a row's runs counts", list(POOLS), f"{KEY}pool", words={**POOLS, "": _usual(draft.entry)})
    with cells[2]:
        if draft.entry == "config":
            st.multiselect(
                "Params that make no other config (seeds never do)",
                list(dict.fromkeys([*(name for name in params if not is_seed(name)), *draft.ignore])),
                key=f"{KEY}ignore",
                placeholder="none",
            )
        elif draft.entry == PARAM:
            _select("Of a row's runs counts", list(POOLS), f"{KEY}pool", words={**POOLS, "": _usual(draft.entry)})


def _usual(entry: str) -> str:
    return f"usual: {POOLS['best' if entry == 'user' else 'mean']}"


def _rules(state: ProjectState, runs: pl.DataFrame, draft: Draft, said: Mapping[str, str]) -> None:
    several = sum(len(group.datasets) for group in draft.groups) > 1
    cells = st.columns([2.5, 3.5, 1.4, 3.6], gap="small")
    with cells[0]:
        _select(
            "Columns together",
            COMBINES,
            f"{KEY}combine",
            words={k: v.removeprefix("ranked ") for k, v in COMBINED.items()},
        )
    with cells[1]:
        _select("A missing value", MISSING, f"{KEY}missing", words={k: _after(v) for k, v in MISSING_WORDS.items()})
        if several:
            _fault(said, "missing")
    with cells[2]:
        st.number_input(
            "Decimals",
            0,
            15,
            None,
            step=1,
            key=f"{KEY}precision",
            placeholder="all",
            help="Values equal to so many tie",
        )
    with cells[3]:
        # A run's name says more than its id.
        names = runs.select(pl.coalesce("name", "run_id").alias("name"))["name"].unique(maintain_order=True)
        st.multiselect(
            "Baselines: runs, by name or id, or rows",
            list(dict.fromkeys([*names.head(_MOST_NAMES).to_list(), *draft.baselines])),
            key=f"{KEY}baselines",
            accept_new_options=True,
            placeholder="none",
        )
    # A day, a minute and the button that clears them fit in a narrow window too.
    cells = st.columns([4.4, 3.3, 3.3], gap="small")
    with cells[0]:
        box(
            draft.where,
            key=f"{KEY}box",
            error=fault_in(draft.where, runs),
            names=[short_name(name, runs.schema) for name in runs.columns],
            values=state.once("values", lambda: values_of(state.runs)),
            on_submit=_narrow,
            label="Only runs that match",
            placeholder="such as  status = finished and lr < 0.1",
        )
    with cells[1]:
        st.datetime_input("Opens (UTC)", value=None, key=f"{KEY}opens", step=60)
    with cells[2]:
        st.datetime_input("Closes (UTC)", value=None, key=f"{KEY}closes", step=60)
        _fault(said, "closes")


def _narrow(text: str) -> None:
    st.session_state[f"{KEY}where"] = text.strip()
    # The box is a fragment of its own; the draft and the board below it are not.
    st.rerun(LIVE)


def _after(words: str) -> str:
    return words.removeprefix("a missing value ").replace("entries with a missing value are", "its row is")


def _save_line(
    state: ProjectState, view: BoardView, runs: pl.DataFrame, saved: BoardVersion | None, said: Mapping[str, str]
) -> None:
    _fault(said, "")
    clash, place = st.session_state.get(CLASH), st.empty()
    if clash:
        place.warning(f"{plain(clash[1])} Save once more to put yours on top; all versions stay in the history.")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        editing.ask_name(f"{KEY}who")
        may = editing.may_edit()
        replaces = view.tool == "edit" and saved is not None
        st.button(
            "Save a new version" if replaces else "Save the board",
            icon=":material/save:",
            disabled=not may,
            on_click=lambda: _save(state, view, runs, saved if replaces else None),
            key=f"{KEY}save",
        )
        st.button("Cancel", on_click=_close, key=f"{KEY}cancel")
        st.markdown(":red[Not saved: see above.]" if said and st.session_state.get(TRIED) else " ", width="content")
        st.space("stretch")
        if replaces and saved is not None:
            editing.confirm_delete(
                f"Delete the board {saved.title}? It can be restored, with all its versions.",
                "Delete the board",
                on_click=lambda: _delete(saved),
                off=False,
                key=f"{KEY}delete",
            )


def _save(state: ProjectState, view: BoardView, runs: pl.DataFrame, saved: BoardVersion | None) -> None:
    definition, _ = board_draft.drafted(state, view, runs)
    st.session_state[TRIED] = True
    if definition is None:
        return
    draft = board_draft.draft_now()
    slug = saved.slug if saved else draft.slug or make_slug(definition.title, [each.slug for each in feed().boards()])
    if board_draft.clashes(slug):
        return
    verb = "Saved a new version of" if saved else "Saved"
    if editing.attempt(
        lambda who: feed().save_board(definition, slug, editor=who), f"{verb} {definition.title}; its address is a link"
    ):
        board_draft.forget()
        now = address.read(BoardView)
        address.write(BoardView(board=slug, line=now.line, at=now.at))


def _delete(saved: BoardVersion) -> None:
    if editing.attempt(lambda who: feed().delete_board(saved.slug, editor=who), f"Deleted {saved.title}"):
        board_draft.forget()
        address.change(BoardView, tool="", version="")


def _close() -> None:
    board_draft.forget()
    address.change(BoardView, tool="")
