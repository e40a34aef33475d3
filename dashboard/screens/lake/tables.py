"""From a counted lake to what the tables of the page Lake show. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from ....query.objects.lru import KindUse
from ....query.overview.inventory import Effort, Inventory
from ....schema.sizes import dollars, sized
from ....upkeep.packing.pack import MIN_SINGLES
from ....upkeep.telling import told
from ....upkeep.tidy import Done, Task
from ....upkeep.usage import Prices, writes_at_most
from ...components.values import Cell, Column, Row, run_cell
from ...format.numbers import count, span
from ...format.snippets import recipe
from ...run_tables.cells import NO_HEARTBEAT, clipped, milliseconds
from ...state.links import PROJECT, link

_AREAS: Final[Mapping[str, tuple[str, str]]] = {
    "metrics": ("Points", "Sealed points of all runs: metrics/"),
    "live": ("Running writers", "What running jobs have not sealed yet: live/"),
    "runs": ("Run rows", "One row per ended run, single or packed: runs/"),
    "edits": ("Edits", "Deletions, names, tags and notes by people, single or packed: edits/"),
    "media": ("Media", "Pictures, figures, tables, sounds and texts of runs: media/"),
    "logs": ("Console", "What runs printed: logs/"),
    "files": ("Files", "Files of artifacts and models: files/"),
    "artifacts": ("Artifacts", "Versions of artifacts, and what people say of them: artifacts/"),
    "boards": ("Leaderboards", "Saved leaderboards: boards/"),
    "views": ("Views", "Saved views: views/"),
    "other": ("Other", "The lake's note, and what others put there"),
}
PROJECT_COLUMNS: Final = (
    Column("project", "Project", "link"),
    Column("runs", "Runs", "number", title="Runs with any object of their own, those in the trash too"),
    Column("objects", "Objects", "number"),
    Column("bytes", "Size", "number"),
    Column("share", "Of the lake", "bar"),
    Column("dollars", "A month", "number"),
    Column("rows", "Single rows", "bar", title=f"Packed from {MIN_SINGLES + 1} on, by a job that ends or by tidying"),
    Column("packs", "Packs", "number", wide=True, title="Objects that hold many run rows or decisions each"),
    Column("edits", "Edits", "number", wide=True, title="Objects of one edit each"),
)
AREA_COLUMNS: Final = (
    Column("area", "What", "text"),
    Column("objects", "Objects", "number"),
    Column("bytes", "Size", "number"),
    Column("share", "Of the lake", "bar"),
    Column("dollars", "A month", "number"),
)
RUN_COLUMNS: Final = (
    Column("run", "Run", "run"),
    Column("project", "Project", "link"),
    Column("bytes", "Size", "number"),
    Column("objects", "Objects", "number"),
    Column("dollars", "A month", "number"),
)
WRITER_COLUMNS: Final = (
    Column("run", "Run", "run"),
    Column("project", "Project", "link"),
    Column("state", "State", "status"),
    Column("heard", "Last update", "time", title="By the store's clock"),
    Column("due", "Beats every", "duration", title="The next sign of life was promised within this time"),
    Column("host", "Host", "flex"),
    Column("rows", "Points", "number"),
    Column("flushes", "Flushes", "number", title="PUTs of this writer so far"),
    Column("bytes", "Unsealed", "number"),
)
PROBLEM_COLUMNS: Final = (
    Column("kind", "Kind"),
    Column("message", "What is wrong", "wrap"),
    Column("repair", "fsck --repair", "wrap"),
)
MEMORY_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "points": ("Points", "Of runs that charts and boards showed"),
    "curves": ("Curves", "Smoothed and thinned for charts"),
    "small curves": ("Small curves", "Of cells"),
    "columns": ("Columns of runs", "Params and metrics of ended runs"),
    "projects": ("Projects", "Rows, decisions and listings, as of the last look at each project"),
    "pages": ("Pages", "Tables and boards, worked out once for all viewers"),
    "overview": ("Overview", "All projects, for Home and this page"),
    "media": ("Media", "Which there are, and pictures that somebody looked at"),
    "tails": ("Tails", "What running jobs have not sealed yet, as it was read"),
    "colours": ("Colours", "Of runs, by project"),
}
"""What is kept in memory, by the word that the cache has for it."""
MEMORY_COLUMNS: Final = (
    Column("kind", "What", "text"),
    Column("entries", "Entries", "number"),
    Column("bytes", "Size", "number"),
    Column("share", "Of the budget", "bar"),
)
TASK_COLUMNS: Final = (Column("what", "What", "wrap"), Column("state", "State"))


def project_rows(inventory: Inventory) -> list[Row]:
    """What each project takes up, for `PROJECT_COLUMNS`."""
    out = []
    for row in inventory.projects.iter_rows(named=True):
        name = row["project"]
        lead: Cell = {"text": "no project", "title": "The lake's note, saved boards, and what others put there"}
        if name is not None:
            lead = {"text": name, "href": link("leaderboard", {PROJECT: name})}
        single = row["single_rows"]
        cells: list[Cell] = [
            lead,
            f"{row['runs']:,}" if name is not None else None,
            f"{row['objects']:,}",
            _size(row["bytes"]),
            _share(row["bytes"], inventory.bytes),
            _dollars(row["dollars_a_month"]),
            _packing(single, row["row_packs"]) if name is not None else None,
            f"{row['row_packs'] + row['edit_packs']:,}" if name is not None else None,
            f"{row['single_edits']:,}" if name is not None else None,
        ]
        out.append(Row(name or "", cells, label=name or "no project"))
    return out


def _packing(single: int, packs: int) -> Cell:
    due = single > MIN_SINGLES
    if due and packs:
        # Names alone do not tell which of them a pack holds.
        title = "Due, or packed already: what a pack holds is deleted only after a grace. A plan tells"
        return {"text": f"{single:,}", "part": 1.0, "title": title}
    left = MIN_SINGLES + 1 - single
    title = "Due: the next tidying packs them" if due else f"Packed after {left:,} more"
    return {"text": f"{single:,}" + (" due" if due else ""), "part": min(1.0, single / MIN_SINGLES), "title": title}


def area_rows(inventory: Inventory) -> list[Row]:
    """What each folder takes up, for `AREA_COLUMNS`."""
    return [
        Row(
            row["area"],
            [
                {"text": _AREAS[row["area"]][0], "title": _AREAS[row["area"]][1]},
                f"{row['objects']:,}",
                _size(row["bytes"]),
                _share(row["bytes"], inventory.bytes),
                _dollars(row["dollars_a_month"]),
            ],
        )
        for row in inventory.areas.iter_rows(named=True)
    ]


def memory_rows(use: Sequence[KindUse], budget: int) -> list[Row]:
    """What each kind of value takes of this server's memory, for `MEMORY_COLUMNS`."""
    out = []
    for each in use:
        text, title = MEMORY_KINDS.get(each.kind, (each.kind, ""))
        lead: Cell = {"text": text, "title": title}
        cells: list[Cell] = [lead, f"{each.entries:,}", _size(each.bytes), _share(each.bytes, budget)]
        out.append(Row(each.kind, cells, label=text))
    return out


def run_rows(
    runs: pl.DataFrame, names: Mapping[tuple[str, str], str], gone: Mapping[tuple[str, str], str]
) -> list[Row]:
    """The largest runs, for `RUN_COLUMNS`.

    Args:
        runs: `Inventory.runs`.
        names: by project and run id, as far as they are known.
        gone: the same of runs in the trash.
    """
    out = []
    for row in runs.iter_rows(named=True):
        project, run_id = row["project"], row["run_id"]
        trashed = gone.get((project, run_id))
        cells: list[Cell] = [
            _run(project, run_id, names.get((project, run_id), trashed)) | ({"sub": "in the trash"} if trashed else {}),
            {"text": project, "href": link("leaderboard", {PROJECT: project})},
            _size(row["bytes"]),
            f"{row['objects']:,}",
            _dollars(row["dollars_a_month"]),
        ]
        out.append(Row(f"{project}/{run_id}", cells, label=run_id))
    return out


def writer_rows(writers: pl.DataFrame) -> list[Row]:
    """Who writes, for `WRITER_COLUMNS`."""
    out = []
    for row in writers.iter_rows(named=True):
        silent = row["state"] == "silent"
        last_update = f"last update {span(row['heartbeat_age'])} ago"
        cells: list[Cell] = [
            _run(row["project"], row["run_id"], row["name"]) | {"title": f"writer {row['writer']}"},
            {"text": row["project"], "href": link("leaderboard", {PROJECT: row["project"]})},
            {
                "text": NO_HEARTBEAT if silent else "running",
                "state": "silent" if silent else "running",
                "title": last_update,
            },
            {"text": milliseconds(row["heard_at"])},
            {"text": span(row["due_seconds"])},
            None if row["host"] is None else clipped(row["host"]),
            f"{row['rows']:,}",
            f"{row['flushes']:,}",
            _size(row["bytes"]),
        ]
        out.append(Row(f"{row['project']}/{row['run_id']}/{row['writer']}", cells, label=row["name"] or row["run_id"]))
    return out


def problem_rows(problems: pl.DataFrame) -> list[Row]:
    """What is wrong, for `PROBLEM_COLUMNS`."""
    return [
        Row(f"{i}", [row["kind"], {"text": row["message"], "title": row["key"]}, row.get("repair")], label=row["kind"])
        for i, row in enumerate(problems.iter_rows(named=True))
    ]


def task_rows(tasks: Sequence[Task]) -> list[Row]:
    """What would be done, for `TASK_COLUMNS`."""
    return [Row(f"{i}", [told(task, None, planned=True), "planned"]) for i, task in enumerate(tasks)]


def done_rows(results: Sequence[Done]) -> list[Row]:
    """What was done, for `TASK_COLUMNS`."""
    return [
        Row(f"{i}", [told(one.task, one.result), (one.error and f"failed: {one.error}") or "done"])
        for i, one in enumerate(results)
    ]


def effort_words(effort: Effort, prices: Prices, *, local: bool) -> str:
    """`reads 145 objects, 1.2 MB: 147 requests, $0.0001`; on a folder what it would cost is left out."""
    requests = effort.lists + effort.gets
    cost = "" if local else f", {dollars(prices.requests(writes=effort.lists, reads=effort.gets))}"
    return f"reads {count(effort.gets, 'object')}, {sized(effort.bytes)}: {count(requests, 'request')}{cost}"


def writing_words(durations: pl.Series, prices: Prices, *, local: bool) -> tuple[str, str]:
    """Dollars for all requests of jobs so far, at most, and how that is known."""
    writes = writes_at_most(durations.to_list())
    amount = dollars(prices.requests(writes=writes))
    days = float(durations.fill_null(0).sum()) / 86_400
    how = (
        f"So far, at most {writes:,.0f} PUTs and LISTs by jobs that ran {days:,.2f} days in all: one flush in 30 s, "
        f"and some at the start and the end of each run, at ${prices.thousand_writes:g} a thousand ({prices.name}). "
        "DELETEs are free. Requests of readers are not in it; each page shows its own."
    )
    if local:
        return "$0.00", f"This lake is a folder: requests cost nothing. In a bucket: {amount}. {how}"
    return f"≤ {amount}", how


def storage_words(inventory: Inventory, prices: Prices, *, local: bool) -> tuple[str, str]:
    """Dollars a month for keeping the lake, and how that is known."""
    amount = dollars(inventory.bytes / 2**30 * prices.gb_month)
    how = f"{sized(inventory.bytes)} at ${prices.gb_month:g} a month for 2^30 bytes ({prices.name})"
    return amount, f"This lake is a folder; in a bucket it would cost this. {how}" if local else how


def inventory_code(lake: str, part: str) -> str:
    """The lines that count a lake and take one of the frames."""
    return recipe(
        lake,
        f"frame = take_inventory(lake.store).{part}",
        imports=["from lakeboard.query import take_inventory"],
    )


def writers_code(lake: str) -> str:
    """The lines that give who writes."""
    return recipe(
        lake,
        "frame = writers_frame(lake.survey().snapshots)",
        imports=["from lakeboard.query import writers_frame"],
    )


def health_code(lake: str) -> str:
    """The lines that give what is wrong at first sight."""
    return recipe(
        lake,
        "survey = lake.survey()",
        "met = [problem for name in survey.projects for problem in lake.problems(name)]",
        "frame = first_sight(take_inventory(lake.store, known_runs=known_runs(survey.snapshots)), met)",
        imports=["from lakeboard.query import first_sight, known_runs, take_inventory"],
    )


def plan_code(lake: str) -> str:
    """The lines that plan what tidying would do."""
    return recipe(
        lake,
        "now = datetime.now(UTC)  # to do it, take the store's own: lakeboard.upkeep.store_now",
        "looks = [look_at(lake.store, name) for name in project_names(lake.store)]",
        "tasks = [task for look in looks for task in plan_tidy(look, now=now)]",
        "frame = tasks_frame(tasks)",
        imports=[
            "from datetime import UTC, datetime",
            "from lakeboard.query import tasks_frame",
            "from lakeboard.upkeep import look_at, plan_tidy, project_names",
        ],
    )


def check_code(lake: str, *, quick: bool) -> str:
    """The lines that check a whole lake."""
    return recipe(
        lake,
        f"report = fsck_lake(lake.store, now=datetime.now(UTC), quick={quick})",
        "frame = problems_frame(report.problems)",
        imports=[
            "from datetime import UTC, datetime",
            "from lakeboard.query import problems_frame",
            "from lakeboard.upkeep import fsck_lake",
        ],
    )


def ago(then: float, now: float) -> str:
    """How long ago, in words."""
    seconds = max(0.0, now - then)
    if seconds < 60:
        return "just now" if seconds < 2 else f"{seconds:.0f} s ago"
    return f"{span(round(seconds))} ago"


def moment(at: float) -> str:
    """A moment, written out."""
    return datetime.fromtimestamp(at).astimezone().isoformat(sep=" ", timespec="seconds")


def _run(project: str, run_id: str, name: str | None) -> dict[str, Any]:
    return run_cell(run_id, name, link("run", {PROJECT: project, "run": run_id}))


def _size(size: int) -> Cell:
    return {"text": sized(size), "title": f"{size:,} bytes"}


def _share(size: int, total: int) -> Cell:
    part = size / total if total else 0.0
    return {"text": f"{part:.0%}" if not 0 < part < 0.005 else "<1%", "part": round(part, 4)}


def _dollars(amount: float) -> Cell:
    return {"text": dollars(amount), "title": f"${amount:.8f}"}
