"""The run's own columns in a frame of runs: what they hold, what they are called, what they are good for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import polars as pl

Cell: TypeAlias = Literal["text", "number", "time", "duration", "tags", "status", "mono"]


@dataclass(frozen=True, slots=True)
class RunColumn:
    """One of the run's own columns."""

    type: pl.DataType
    heading: str = ""
    """What tables call it; empty for what no table shows by itself."""
    cell: Cell = "text"
    """How a table's cell shows it."""


_TEXT: Final = pl.String()
_TIME: Final = pl.Datetime("ms", "UTC")
_WHOLE: Final = pl.Int64()
_REAL: Final = pl.Float64()
_FLAG: Final = pl.Boolean()

RUN_COLUMNS: Final[Mapping[str, RunColumn]] = {
    "project": RunColumn(_TEXT, "Project"),
    "run_id": RunColumn(_TEXT, "Id", "mono"),
    "name": RunColumn(_TEXT),
    "status": RunColumn(_TEXT, "Status", "status"),
    "user": RunColumn(_TEXT, "User"),
    "host": RunColumn(_TEXT, "Host"),
    "group": RunColumn(_TEXT, "Group"),
    "job_type": RunColumn(_TEXT, "Job type"),
    "parent_run_id": RunColumn(_TEXT, "Parent", "mono"),
    "dataset": RunColumn(_TEXT, "Dataset"),
    "tags": RunColumn(pl.List(_TEXT), "Tags", "tags"),
    "notes": RunColumn(_TEXT, "Notes"),
    "error": RunColumn(_TEXT, "Error"),
    "created_at": RunColumn(_TIME, "Created", "time"),
    "started_at": RunColumn(_TIME, "Started", "time"),
    "ended_at": RunColumn(_TIME, "Ended", "time"),
    "updated_at": RunColumn(_TIME, "Last news", "time"),
    "duration": RunColumn(_REAL, "Duration", "duration"),
    "attempts": RunColumn(_WHOLE, "Attempts", "number"),
    "last_step": RunColumn(_WHOLE, "Last step", "number"),
    "heartbeat_age": RunColumn(_REAL),
    "silent": RunColumn(_FLAG),
    "behind_points": RunColumn(_WHOLE),
    "behind_seconds": RunColumn(_REAL),
    "deleted": RunColumn(_FLAG),
    "deleted_by": RunColumn(_TEXT, "Deleted by"),
    "deleted_at": RunColumn(_TIME, "Deleted", "time"),
    "rows": RunColumn(_WHOLE, "Points", "number"),
}
"""In the order of frames. Times by the writer's clock; `duration` and `heartbeat_age` in seconds; `rows` are points, so
far for running ones. `behind_points` and `behind_seconds` tell of a running run whose store failed or was slow what the
lake lacked just before the run's last word, and for how long; null otherwise."""

RUN_SCHEMA: Final[Mapping[str, pl.DataType]] = {name: column.type for name, column in RUN_COLUMNS.items()}
"""Types of the run's own columns, in order."""
FROM_TAILS: Final = ("heartbeat_age", "silent", "behind_points", "behind_seconds")
"""What only running writers tell."""
ASKED_FOR: Final = (
    "project", "run_id", "name", "status", "user", "host", "group", "job_type", "parent_run_id", "dataset", "tags",
    "notes", "error", "created_at", "started_at", "ended_at", "updated_at", "duration", "last_step", "silent",
    "deleted", "rows",
)  # fmt: skip
"""What filters and completion offer."""
SHOWN: Final = (
    "project", "status", "created_at", "started_at", "ended_at", "updated_at", "duration", "user", "host", "group",
    "job_type", "dataset", "tags", "notes", "error", "attempts", "last_step", "rows", "run_id", "parent_run_id",
    "deleted_by", "deleted_at",
)  # fmt: skip
"""What a table of runs may show, in the order in which it is offered."""
FACETS: Final = ("status", "user", "tags", "dataset", "group", "job_type", "created_at")
"""What gets a control beside the table."""
GROUPS: Final = (
    "project", "user", "group", "dataset", "tags", "status", "job_type", "host", "name", "parent_run_id",
)  # fmt: skip
"""What runs may be grouped by."""
COLOURS: Final = ("dataset", "user", "group", "host", "job_type", "status", "name")
"""What curves may be coloured and joined by."""
AXES: Final = ("status", "user", "host", "group", "job_type", "dataset", "duration", "last_step", "rows")
"""What makes an axis to compare runs by."""
COMPARED: Final = (
    "status", "user", "host", "group", "job_type", "dataset", "tags", "created_at", "duration", "last_step", "attempts",
)  # fmt: skip
"""What is compared where runs stand side by side."""
