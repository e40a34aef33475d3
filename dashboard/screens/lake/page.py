"""The lake itself: what it takes up and costs, who writes to it, what is wrong, and tidying it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import streamlit as st

from ....query.objects.budget import MEMORY
from ....query.overview.inventory import (
    Inventory,
    deleted_names,
    first_sight,
    known_runs,
    problems_frame,
    tasks_frame,
    writers_frame,
)
from ....schema.sizes import sized
from ....upkeep.usage import S3_STANDARD
from ...components.values import Row
from ...feed.feed import Feed
from ...feed.lake_watch import LakeState
from ...feed.maintenance import Caretaker, Plan, Work
from ...format import escape
from ...format.numbers import count
from ...layout import chrome, editing
from ...layout.export import export_menu
from ...layout.freshness import wide_beat
from ...layout.page import wide_frame
from ...layout.section import few, pair, panel, room, section
from . import tables as lake_tables

MOST_ROWS = 50
_MOST_SHOWN = 9
_LEAST_SHOWN = 6
"""Rows of a table before it scrolls; of the largest runs, which there always are more of."""
_SHARES = (7, 5)
_WORKING_SECONDS = 1.0
_QUIET_SECONDS = 60.0
_QUIET_LOCAL_SECONDS = 5.0
"""Of a folder, whose listings cost nothing: that it is gone is noticed soon."""
_PLAN_SECONDS = 900.0
"""An older plan is made anew before anything is done."""


def page() -> None:
    """The page."""
    wide_frame(body, page="leaderboard")


def body(feed: Feed, state: LakeState) -> None:
    """Everything below the navigation."""
    care = feed.caretaker
    snapshots = [snapshot for snapshot, _ in state.overview.told.values()]
    beat = wide_beat(state)
    # Nothing here is worth a look every two seconds, but for work that goes on.
    quiet = _QUIET_LOCAL_SECONDS if state.local else _QUIET_SECONDS
    every = _WORKING_SECONDS if care.busy else beat.every if state.overview.pending else max(beat.every, quiet)
    tick: Callable[[], None] = feed.watch.due
    if care.busy:
        beat, tick = replace(beat, asked=time.time()), _nothing
    inventory = care.inventory(known_runs(snapshots))
    chrome.head_line("Lake", replace(beat, every=every), tick, note=escape.plain(feed.lake.url), trouble=state.trouble)
    writers = writers_frame(snapshots)
    _numbers(state, inventory, writers, feed)
    with pair("lake-what", _SHARES) as (left, right):
        with left:
            _projects(inventory, feed, room(inventory.projects.height, most=_MOST_SHOWN))
        with right:
            _areas(inventory, feed, room(inventory.areas.height, most=_MOST_SHOWN))
    with pair("lake-who", _SHARES) as (left, right):
        with left:
            _writers(writers, feed, room(writers.height, most=_MOST_SHOWN))
        with right:
            _largest(inventory, state, feed, room(inventory.runs.height, most=_LEAST_SHOWN))
    with pair("lake-care", _SHARES) as (left, right):
        with left:
            _health(inventory, care, feed, state)
        with right:
            _tidying(care, feed)
    _memory(feed)


def _memory(feed: Feed) -> None:
    memory = feed.lake.memory
    rows = lake_tables.memory_rows(memory.use(), memory.budget)
    with section(
        "Memory of this server",
        f"{sized(memory.size)} of {sized(memory.budget)}",
        help=f"What was read and computed is kept in so much memory, what was unused longest goes first. {MEMORY} sets "
        "it, such as 2GB; without, it is a quarter of the machine's or its container's.",
    ):
        panel(
            "Memory of this server",
            lake_tables.MEMORY_COLUMNS,
            rows,
            key="lake.memory",
            height=room(len(lake_tables.MEMORY_KINDS), most=_MOST_SHOWN),
        )


def _nothing() -> None:
    """A tick that only draws anew: work goes on in this server."""


def _numbers(state: LakeState, inventory: Inventory, writers: pl.DataFrame, feed: Feed) -> None:
    storage, how_storage = lake_tables.storage_words(inventory, S3_STANDARD, local=state.local)
    writing, how_writing = lake_tables.writing_words(state.overview.runs["duration"], S3_STANDARD, local=state.local)
    silent = int((writers["state"] == "silent").sum())
    told = (
        ("Size", sized(inventory.bytes), f"{inventory.bytes:,} bytes in all objects"),
        ("Objects", f"{inventory.objects:,}", "Each is written once and never changed"),
        ("A month", storage, how_storage),
        ("Request cost", writing, how_writing),
        ("Writing", f"{writers.height - silent:,}", "Updated within what they promised"),
        ("No heartbeat", f"{silent:,}", "Two beats missed or more; after 24 h tidying ends them"),
    )
    for place, (label, value, why) in zip(st.columns(len(told), gap="small"), told, strict=True):
        # A dollar sign begins a formula where Markdown is read.
        place.metric(label, value.replace("$", "\\$"), border=True, help=escape.plain(why))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", height=34, border=False):
        taken = inventory.taken.timestamp()
        st.caption(
            f"Counted {lake_tables.ago(taken, time.time())} with {count(inventory.requests, 'listing')}. "
            f"Prices: {S3_STANDARD.name}, list prices of 2025, without traffic.",
            width="stretch",
            help=lake_tables.moment(taken),
        )
        st.button(
            "Count again",
            icon=":material/refresh:",
            type="tertiary",
            key="lake.count",
            on_click=lambda: _count_again(feed, state),
        )


def _count_again(feed: Feed, state: LakeState) -> None:
    feed.caretaker.inventory(known_runs(s for s, _ in state.overview.told.values()), fresh=True)
    feed.watch.forget()


def _projects(inventory: Inventory, feed: Feed, height: int) -> None:
    code = lake_tables.inventory_code(feed.lake.url, "projects")
    rows = lake_tables.project_rows(replace(inventory, projects=inventory.projects.head(MOST_ROWS)))
    with section(
        "Projects",
        few(inventory.projects.height, MOST_ROWS),
        export=lambda: export_menu(code, lambda: inventory.projects, key="lake.projects.take", name="lake by project"),
    ):
        panel("Projects", lake_tables.PROJECT_COLUMNS, rows, key="lake.projects", height=height)


def _areas(inventory: Inventory, feed: Feed, height: int) -> None:
    code = lake_tables.inventory_code(feed.lake.url, "areas")
    with section(
        "What is in it",
        export=lambda: export_menu(code, lambda: inventory.areas, key="lake.areas.take", name="lake by area"),
    ):
        panel("Areas", lake_tables.AREA_COLUMNS, lake_tables.area_rows(inventory), key="lake.areas", height=height)


def _writers(writers: pl.DataFrame, feed: Feed, height: int) -> None:
    code = lake_tables.writers_code(feed.lake.url)
    rows = lake_tables.writer_rows(writers.head(MOST_ROWS))
    with section(
        "Writers",
        few(writers.height, MOST_ROWS),
        export=lambda: export_menu(code, lambda: writers, key="lake.writers.take", name="writers"),
    ):
        panel(
            "Writers", lake_tables.WRITER_COLUMNS, rows, key="lake.writers", height=height, empty="No job writes now."
        )


def _largest(inventory: Inventory, state: LakeState, feed: Feed, height: int) -> None:
    shown = inventory.runs.head(MOST_ROWS)
    told = state.overview.runs.select("project", "run_id", "name")
    names = {
        (project, run_id): name
        for project, run_id, name in told.join(shown, on=["project", "run_id"], how="semi").rows()
        if name is not None
    }
    ids = shown.select("project", "run_id")
    gone = deleted_names([snapshot for snapshot, _ in state.overview.told.values()], ids)
    code = lake_tables.inventory_code(feed.lake.url, "runs")
    rows = lake_tables.run_rows(shown, names, gone)
    with section(
        "Largest runs",
        few(inventory.runs.height, MOST_ROWS),
        export=lambda: export_menu(code, lambda: inventory.runs, key="lake.runs.take", name="lake by run"),
    ):
        panel("Largest runs", lake_tables.RUN_COLUMNS, rows, key="lake.runs", height=height, empty="No run yet.")


def _health(inventory: Inventory, care: Caretaker, feed: Feed, state: LakeState) -> None:
    unreadable = [problem for name in state.overview.told for problem in feed.lake.problems(name)]
    glanced = first_sight(inventory, unreadable)
    place = feed.lake.url
    seen = f"{count(glanced.height, 'object')} to look at" if glanced.height else "Nothing wrong at first sight"
    code = lake_tables.health_code(place)
    with section(
        "Health",
        f"{seen}: from names, sizes, and what readers met",
        export=lambda: export_menu(code, lambda: glanced, key="lake.health.take", name="lake health"),
    ):
        _checks(inventory, care, state, glanced, place)


def _checks(inventory: Inventory, care: Caretaker, state: LakeState, glanced: pl.DataFrame, place: str) -> None:
    if glanced.height:
        rows = lake_tables.problem_rows(glanced.head(MOST_ROWS))
        panel(
            "What is wrong at first sight",
            lake_tables.PROBLEM_COLUMNS[:2],
            rows,
            key="lake.health",
            height=room(len(rows), most=_LEAST_SHOWN),
        )
    for kind, quick, effort in (("check", False, inventory.check), ("quick check", True, inventory.quick_check)):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                "Check everything" if not quick else "Check quickly",
                icon=":material/health_and_safety:",
                disabled=care.busy is not None,
                key=f"lake.{kind.replace(' ', '.')}",
                on_click=lambda quick=quick: care.check(quick=quick),
            )
            words = lake_tables.effort_words(effort, S3_STANDARD, local=state.local)
            st.caption(
                f"{words[:1].upper()}{words[1:]}{'; of points the footers alone' if quick else ''}.", width="stretch"
            )
    latest = max(
        (work for work in (care.work("check"), care.work("quick check")) if work is not None),
        key=lambda work: work.began,
        default=None,
    )
    if latest is None:
        return
    if latest.running:
        _progress(latest, care, "bytes")
    elif latest.error:
        st.caption(escape.plain(f"The {latest.kind} ended early: {latest.error}."))
    elif latest.report is not None:
        _report(latest, place)


def _report(work: Work, place: str) -> None:
    report, ended = work.report, work.ended
    if report is None or ended is None:
        return
    found = problems_frame(report.problems)
    verdict = "all is well" if not found.height else f"{count(found.height, 'problem')}"
    repairable = found["repair"].drop_nulls().len()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"{work.kind.capitalize()} {lake_tables.ago(ended, time.time())}, {count(work.requests, 'request')}, "
            f"{count(report.objects, 'object')}, {sized(report.bytes)}: **{verdict}**"
            + (f"; `lakeboard fsck --repair` puts {repairable:,} right" if repairable else ""),
            width="stretch",
            help=lake_tables.moment(ended),
        )
        code = lake_tables.check_code(place, quick=work.kind == "quick check")
        export_menu(code, lambda: found, key="lake.check.take", name="lake check")
    if found.height:
        rows = lake_tables.problem_rows(found.head(MOST_ROWS))
        panel(
            "What the check found",
            lake_tables.PROBLEM_COLUMNS,
            rows,
            key="lake.findings",
            height=room(len(rows), most=_LEAST_SHOWN),
        )


def _tidying(care: Caretaker, feed: Feed) -> None:
    planned, tidied = care.work("plan"), care.work("tidy")
    plan = planned.plan if planned is not None else None
    with section("Tidying", "Packs small objects, ends dead runs, sweeps, erases what was purged"):
        _plan_and_do(care, feed, planned, tidied, plan)


def _plan_and_do(care: Caretaker, feed: Feed, planned: Work | None, tidied: Work | None, plan: Plan | None) -> None:
    ready = plan is not None and bool(plan.tasks) and plan.may_write
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Plan" if plan is None else "Plan again",
            icon=":material/checklist:",
            disabled=care.busy is not None,
            key="lake.plan",
            on_click=care.make_plan,
        )
        st.button(
            f"Do {count(len(plan.tasks), 'task')}" if plan is not None and plan.tasks else "Nothing planned",
            type="primary" if ready else "secondary",
            disabled=not ready or care.busy is not None or not editing.may_edit(),
            key="lake.tidy",
            on_click=lambda: _tidy(care),
        )
        st.caption("A plan is 3 listings a project, and a read of each pack and decision", width="stretch")
    if plan is not None and not plan.may_write:
        st.caption("This dashboard may not write here: tidying is off.")
    for work in (planned, tidied):
        if work is not None and work.running:
            _progress(work, care, "projects" if work.kind == "plan" else "tasks")
        elif work is not None and work.error:
            st.caption(escape.plain(f"{work.kind.capitalize()} ended early: {work.error}."))
    rows: list[Row] = []
    frame = tasks_frame([])
    if plan is not None and planned is not None and planned.ended is not None:
        rows, frame = lake_tables.task_rows(plan.tasks), tasks_frame(plan.tasks)
        when = f"Planned {lake_tables.ago(planned.ended, time.time())}, {count(planned.requests, 'request')}"
        st.caption(f"{when}: {count(len(rows), 'task') if rows else 'the lake is tidy'}")
    elif tidied is not None and tidied.results:
        rows, frame = lake_tables.done_rows(tidied.results), tasks_frame([], tidied.results)
        failed = sum(one.error is not None for one in tidied.results)
        st.caption(f"Done: {len(rows) - failed:,} of {count(len(rows), 'task')}, {count(tidied.requests, 'request')}")
    if rows:
        panel(
            "Tasks",
            lake_tables.TASK_COLUMNS,
            rows[:MOST_ROWS],
            key="lake.tasks",
            height=room(len(rows), most=_LEAST_SHOWN),
        )
        export_menu(lake_tables.plan_code(feed.lake.url), lambda: frame, key="lake.tasks.take", name="tidying")


def _tidy(care: Caretaker) -> None:
    work = care.work("plan")
    if work is None or work.plan is None or work.ended is None:
        return
    if time.time() - work.ended > _PLAN_SECONDS:
        editing.say("That plan was old; here comes another")
        care.make_plan()
        return
    care.tidy(work.plan)


def _progress(work: Work, care: Caretaker, unit: str) -> None:
    part = work.done / work.total if work.total else 0.0
    so_far = (
        f"{sized(work.done)} of {sized(work.total)}" if unit == "bytes" else f"{work.done:,} of {work.total:,} {unit}"
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(min(1.0, part), text=f"{so_far}, {count(work.requests, 'request')}")
        st.button("Stop", key=f"lake.stop.{work.kind}", on_click=care.stop)
