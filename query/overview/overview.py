"""A whole lake at a glance: what runs, what ended lately, who works on what, which records fell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from ...schema.run.row import FAILED
from ..boards.automatic import default_definition
from ..boards.directions import stated_goals, with_stated
from ..boards.records import RECORD_SCHEMA, records
from ..boards.scores import DirectedMeasure, scored
from ..boards.versions import BoardVersion
from ..names.metrics import run_value
from ..names.run_columns import RUN_SCHEMA
from ..run.planned_steps import ENDING_SCHEMA, endings
from ..snapshots.runs_frame import Frames
from ..snapshots.snapshot import Snapshot
from ..snapshots.survey import Survey

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
_WHEN: Final = pl.Datetime("ms", "UTC")
_OWN: Final = (
    "project", "run_id", "name", "user", "host", "group", "tags", "dataset", "error", "created_at", "started_at",
    "duration", "last_step", "rows", "heartbeat_age",
)  # fmt: skip
RUNS_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    **{name: RUN_SCHEMA[name] for name in _OWN},
    "state": pl.String(),
    "at": _WHEN,
    "metric": pl.String(),
    "goal": pl.String(),
    "last": pl.Float64(),
    "best": pl.Float64(),
    **ENDING_SCHEMA,
}
"""Columns of `Overview.runs`. `state` is a run's status, or `silent` for one that runs but is long overdue. `at`: when
it ended, or the last sign of life of one that has not. `metric`: what the project most likely ranks by, or where the
run lacks it, what the run's own metrics suggest; `last` and `best` are its values. Where nothing says which way is
better, `goal` and `best` are null: then no value is the best one. `total`: the step at which it will
end, where its param `total_param` tells."""
BROKEN_SCHEMA: Final[Mapping[str, pl.DataType]] = {"metric": pl.String(), "goal": pl.String(), **RECORD_SCHEMA}
"""Columns of `Overview.records`: every record of every project, with the metric's label."""
_ROUNDS: Final = 4
_MOST_LABELS: Final = 8


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """One project in the overview; made once for each state of the project."""

    runs: pl.DataFrame
    """Columns `RUNS_SCHEMA`, but `heartbeat_age`, `state` and `at` of running runs as they were then."""
    records: pl.DataFrame
    """Columns `BROKEN_SCHEMA`; none of a metric of which nothing says which way is better."""
    metric: str | None = None
    """The label of what the project most likely ranks by."""
    goal: str | None = None
    """Which way is better; null where nothing says so."""
    unknown: bool = False
    """Whether a metric told of has no known direction, or only by what a board states."""
    stated: Mapping[str, str] = field(default_factory=dict)
    """The directions that saved boards state, of those that counted."""


@dataclass(frozen=True, slots=True)
class Overview:
    """All runs of a lake that are not deleted, in few columns, and what they come to."""

    runs: pl.DataFrame
    """One row per run: columns `RUNS_SCHEMA`. Newest sign of life first."""
    records: pl.DataFrame
    """Records ever broken, newest first: columns `BROKEN_SCHEMA`."""
    names: tuple[str, ...]
    """All projects."""
    pending: tuple[str, ...]
    """Those whose runs were not read yet."""
    now: datetime
    """What "lately" is counted from."""
    requests: int = 0
    """What reading it cost."""
    told: Mapping[str, tuple[Snapshot, ProjectSummary]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def snapshots(self) -> Mapping[str, Snapshot]:
        """By project: the state that was read of it."""
        return {name: snapshot for name, (snapshot, _) in self.told.items()}

    def find(self, text: str) -> Overview:
        """Only what mentions every word, in any case.

        Projects by name; runs by name, id, project, user, host, group, dataset or tag.
        """
        words = text.casefold().split()
        if not words:
            return self
        spoken = pl.concat_str(
            [
                *(pl.col(n).fill_null("") for n in ("project", "run_id", "name", "user", "host", "group", "dataset")),
                pl.col("tags").list.join(" ").fill_null(""),
            ],
            separator="\n",
        ).str.to_lowercase()
        runs = self.runs.filter(pl.all_horizontal([spoken.str.contains(word, literal=True) for word in words]))
        there = set(runs["project"])
        names = tuple(n for n in self.names if n in there or all(word in n.casefold() for word in words))
        return replace(
            self,
            runs=runs,
            records=self.records.join(runs.select("project", "run_id"), on=["project", "run_id"], how="semi"),
            names=names,
            pending=tuple(n for n in self.pending if n in names),
        )

    def live(self) -> pl.DataFrame:
        """Runs that are running and have sent news in time, the youngest first: columns `RUNS_SCHEMA`."""
        return self.runs.filter(pl.col("state") == "running").sort(
            "created_at", "project", "run_id", descending=[True, False, False], nulls_last=True
        )

    def live_counts(self) -> pl.DataFrame:
        """All projects by name: `project`, `live` (how many runs are; null where they were not read yet)."""
        every = pl.DataFrame({"project": list(self.names)}, schema={"project": pl.String})
        counted = self.live().group_by("project").agg(live=pl.len().cast(pl.Int64))
        live = pl.when(~pl.col("project").is_in(list(self.pending))).then(pl.col("live").fill_null(0))
        return every.join(counted, on="project", how="left", maintain_order="left").with_columns(live=live)

    def recently_ended(self, within: timedelta = DAY) -> pl.DataFrame:
        """Runs that ended or fell silent within a time, newest first: columns `RUNS_SCHEMA`."""
        return self.runs.filter((pl.col("state") != "running") & (pl.col("at") >= self._since(within)))

    def users(self, within: timedelta = WEEK) -> pl.DataFrame:
        """Who worked on what within a time, the busiest now first: one row per user and project.

        Columns `user` (null: unknown), `project`, `live`, `runs` (with a sign of life within the time), `finished`,
        `failed`, `silent`, `at` (the last sign of life).
        """
        state = pl.col("state")
        return (
            self.runs.filter((pl.col("at") >= self._since(within)) | (state == "running"))
            .group_by("user", "project")
            .agg(
                live=(state == "running").sum().cast(pl.Int64),
                runs=pl.len().cast(pl.Int64),
                finished=(state == "finished").sum().cast(pl.Int64),
                failed=state.is_in(FAILED).sum().cast(pl.Int64),
                silent=(state == "silent").sum().cast(pl.Int64),
                at=pl.col("at").max(),
            )
            .sort("live", "at", "user", "project", descending=[True, True, False, False], nulls_last=True)
        )

    def broken(self, within: timedelta = WEEK) -> pl.DataFrame:
        """Records broken within a time, newest first; a project's first value breaks none: columns `BROKEN_SCHEMA`."""
        return self.records.filter(pl.col("former").is_not_null() & (pl.col("at") >= self._since(within)))

    def projects(self, within: timedelta = WEEK) -> pl.DataFrame:
        """One row per project, the one with the latest news first, unread ones last.

        Columns `project`, `read` (whether its runs were), `live`, `silent`, `runs`, `finished` and `failed` (both
        within the time), `users` (how many ever), `at` (the last sign of life), what it ranks by: `metric` and `goal`
        (null where nothing says which way is better), and the holder of its record: `best`, `best_run_id`,
        `best_name`, `best_user`.
        """
        state, recently_ended = pl.col("state"), pl.col("at") >= self._since(within)
        counted = self.runs.group_by("project").agg(
            live=(state == "running").sum().cast(pl.Int64),
            silent=(state == "silent").sum().cast(pl.Int64),
            runs=pl.len().cast(pl.Int64),
            finished=((state == "finished") & recently_ended).sum().cast(pl.Int64),
            failed=(state.is_in(FAILED) & recently_ended).sum().cast(pl.Int64),
            users=pl.col("user").n_unique().cast(pl.Int64),
            at=pl.col("at").max(),
        )
        ranks = [(name, told.metric, told.goal) for name, (_, told) in self.told.items()]
        text = dict.fromkeys(("project", "metric", "goal"), pl.String)
        lasting = self.records.filter(pl.col("until").is_null()).unique("project", keep="first", maintain_order=True)
        holders = pl.DataFrame(ranks, schema=text, orient="row").join(lasting, on="project", how="left")
        # The newest record may be of another column than the first.
        holders = holders.select(
            "project",
            metric=pl.coalesce("metric_right", "metric"),
            goal=pl.coalesce("goal_right", "goal"),
            best="value",
            best_run_id="run_id",
            best_name="name",
            best_user="user",
        )
        every = pl.DataFrame({"project": list(self.names)}, schema={"project": pl.String})
        return (
            every.with_columns(read=~pl.col("project").is_in(list(self.pending)))
            .join(counted, on="project", how="left")
            .join(holders, on="project", how="left")
            .with_columns(pl.col("live", "silent", "runs", "finished", "failed", "users").fill_null(0))
            .sort("read", "at", "project", descending=[True, True, False], nulls_last=True)
        )

    def undirected(self) -> dict[str, str]:
        """By project: what it ranks by, where nothing says which way of that is better."""
        return {
            name: told.metric
            for name, (_, told) in self.told.items()
            if name in self.names and told.metric is not None and told.goal is None
        }

    def _since(self, within: timedelta) -> pl.Expr:
        return pl.lit(self.now - within, dtype=_WHEN)


def overview_of(
    survey: Survey,
    *,
    previous: Overview | None = None,
    now: datetime | None = None,
    boards: Callable[[], Sequence[BoardVersion]] = tuple,
) -> Overview:
    """The overview of a survey. No request of its own; projects that did not change are taken over from `previous`.

    Args:
        survey: `Lake.survey`.
        previous: made before of the same lake.
        now: what "lately" is counted from; default: this machine's clock.
        boards: gives the saved boards. Asked at most once, and only where a project has a metric of which neither
            `define_metric` nor its name tells which way is better: a board may state it.
    """
    known = previous.told if previous is not None else {}
    found: dict[str, ProjectSummary | None] = {}
    for snapshot in survey.snapshots:
        before = known.get(snapshot.project)
        same = before is not None and before[0].runs is snapshot.runs and before[0].decisions is snapshot.decisions
        found[snapshot.project] = before[1] if before is not None and same else None
    told = {each.project: (each, found[each.project] or tell(each)) for each in survey.snapshots}
    if any(project.unknown for _, project in told.values()):
        saved = boards()
        for name, (snapshot, project) in told.items():
            stated = stated_goals(saved, name) if project.unknown else {}
            if stated != project.stated:
                told[name] = snapshot, tell(snapshot, stated)
    runs = [_as_of_now(snapshot, project.runs) for snapshot, project in told.values()]
    broken = [project.records for _, project in told.values() if project.records.height]
    return Overview(
        runs=pl.concat([pl.DataFrame(schema=RUNS_SCHEMA), *runs]).sort(
            "at", "project", "run_id", descending=[True, False, False], nulls_last=True
        ),
        records=pl.concat([pl.DataFrame(schema=BROKEN_SCHEMA), *broken]).sort(
            "at", "project", "run_id", descending=[True, False, False], nulls_last=True
        ),
        names=survey.projects,
        pending=survey.pending,
        now=now or datetime.now(UTC),
        requests=survey.requests,
        told=told,
    )


def tell(snapshot: Snapshot, stated: Mapping[str, str] | None = None) -> ProjectSummary:
    """One project's part of an overview. No request; 10,000 runs take some tenths of a second.

    Args:
        snapshot: of the project.
        stated: directions that saved boards state, which count where neither `define_metric` nor a name tells.
    """
    runs = Frames([snapshot]).build()
    declared = {label: info.goal for label, info in snapshot.metrics().items() if info.goal}
    goals = with_stated(declared, stated or {})
    definition = default_definition(runs, goals=goals)
    measures = [scored(each, goals) for each in definition.measures] if definition else []
    broken = []
    for each in measures[:_MOST_LABELS]:
        if not each.direction.is_known:
            continue
        found = records(runs, each.label, goal=each.goal)
        broken.append(found.with_columns(metric=pl.lit(each.label), goal=pl.lit(each.goal)).select(*BROKEN_SCHEMA))
    own = runs.select(*_OWN, *("status", "silent", "ended_at", "updated_at"))
    main = _main_metric(runs, goals)
    ordered = own.hstack(main).hstack(endings(runs))
    ended = pl.coalesce("ended_at", "updated_at", "created_at")
    shown = ordered.with_columns(state=pl.col("status"), at=ended).select(
        pl.col(name).cast(dtype) for name, dtype in RUNS_SCHEMA.items()
    )
    unknown = (
        len(goals) > len(declared)
        or main.select((pl.col("metric").is_not_null() & pl.col("goal").is_null()).any()).item()
    )
    first = measures[0] if measures else None
    return ProjectSummary(
        shown,
        pl.concat([pl.DataFrame(schema=BROKEN_SCHEMA), *broken]),
        metric=first.label if first else None,
        goal=_goal(first) if first else None,
        unknown=unknown or (first is not None and not first.direction.is_known),
        stated=stated or {},
    )


def _goal(measure: DirectedMeasure) -> str | None:
    return measure.goal if measure.direction.is_known else None


def _as_of_now(snapshot: Snapshot, told: pl.DataFrame) -> pl.DataFrame:
    """With the heartbeats of this moment: they age while nothing else changes."""
    beats: dict[str, tuple[float, bool]] = {}
    for (run_id, _), writer in snapshot.live.items():
        if not writer.ended:
            age = max(0.0, (snapshot.now - writer.modified).total_seconds())
            before = beats.get(run_id, (age, True))
            beats[run_id] = (min(age, before[0]), writer.silent(snapshot.now) and before[1])
    if not beats:
        return told
    frame = pl.DataFrame(
        {
            "run_id": list(beats),
            "_age": [age for age, _ in beats.values()],
            "_silent": [silent for _, silent in beats.values()],
        },
        schema={"run_id": pl.String, "_age": pl.Float64, "_silent": pl.Boolean},
    )
    running = pl.col("state") == "running"
    last_update = pl.lit(snapshot.now, dtype=_WHEN) - pl.duration(milliseconds=(pl.col("_age") * 1000).round())
    return (
        told.join(frame, on="run_id", how="left", maintain_order="left")
        .with_columns(
            heartbeat_age=pl.col("_age"),
            state=pl.when(running & pl.col("_silent")).then(pl.lit("silent")).otherwise("state"),
            at=pl.when(running & pl.col("_age").is_not_null()).then(last_update.cast(_WHEN)).otherwise("at"),
        )
        .select(*RUNS_SCHEMA)
    )


def _main_metric(runs: pl.DataFrame, goals: Mapping[str, str]) -> pl.DataFrame:
    """Of each run: `metric`, `goal`, `last`, `best`; runs that lack the project's metric get one of their own."""
    names = ("metric", "goal", "last", "best")
    found = pl.DataFrame(schema={"_row": pl.UInt32, **{name: RUNS_SCHEMA[name] for name in names}})
    rest = runs.with_row_index("_row")
    for _ in range(_ROUNDS):
        definition = default_definition(rest.drop("_row"), goals=goals) if rest.height else None
        if definition is None:
            break
        for measure in definition.measures:
            goal = _goal(scored(measure, goals))
            label, schema = measure.label, rest.schema
            best = run_value(label, "min" if goal == "minimize" else "max", schema) if goal else pl.lit(None)
            part = rest.select(
                "_row",
                metric=pl.lit(label),
                goal=pl.lit(goal, dtype=pl.String),
                last=run_value(label, "last", schema).cast(pl.Float64),
                best=best.cast(pl.Float64),
            ).filter(pl.col("last").is_not_null())
            found = pl.concat([found, part])
            rest = rest.join(part.select("_row"), on="_row", how="anti", maintain_order="left")
    every = pl.DataFrame({"_row": pl.int_range(runs.height, dtype=pl.UInt32, eager=True)})
    return every.join(found, on="_row", how="left", maintain_order="left").drop("_row")


def shown_of(rows: pl.DataFrame, most: int, page: int = 1) -> tuple[pl.DataFrame, int]:
    """One page of at most so many rows, and the number of pages, at least 1; a page too far is the last one."""
    pages = max(1, -(-rows.height // most))
    return rows.slice((min(max(page, 1), pages) - 1) * most, most), pages


def users_of(pairs: pl.DataFrame) -> Sequence[tuple[str | None, pl.DataFrame]]:
    """`Overview.users` by user, in its order."""
    parts = pairs.partition_by("user", maintain_order=True)
    return [(part["user"][0], part) for part in parts]
