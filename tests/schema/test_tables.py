"""Schemas: built once, and the columns that may never change."""

from __future__ import annotations

from lakeboard.schema.edits import Edit
from lakeboard.schema.run.row import RunRow
from lakeboard.schema.run.summary import Summary
from lakeboard.schema.tables import DELTA_COLUMNS, DICTIONARY_COLUMNS, FORMAT, edits_schema, points_schema, rows_schema

POINTS = """metric: string not null
dataset: string
step: int64 not null
value: double not null
timestamp: timestamp[ms, tz=UTC] not null
seq: int64 not null
writer: string not null
attempt: int32 not null"""
EDITS = """run_id: string not null
hlc: int64 not null
rand: string not null
op: string not null
arg: string
editor: string"""
ROWS = """run_id: string not null
writer: string not null
version: int64 not null
attempt: int32 not null
status: string not null
name: string
user: string
host: string
group: string
job_type: string
parent_run_id: string
dataset: string
tags: list<item: string>
notes: string
error: string
resume_step: int64
closed_by: string
created_at: timestamp[ms, tz=UTC]
started_at: timestamp[ms, tz=UTC]
ended_at: timestamp[ms, tz=UTC]
updated_at: timestamp[ms, tz=UTC]
params: map<string, struct<kind: string, num: double, text: string>>
summary: map<string, struct<metric: string, dataset: string, goal: string, first: double, last: double, last_step: int64, last_at: timestamp[ms, tz=UTC], min: double, min_step: int64, max: double, max_step: int64, mean: double, n: int64, n_nan: int64, step_metric: string>>
env: map<string, string>
rows: int64
files: list<item: struct<name: string, bytes: int64>>
traceback: string
tag_values: map<string, string>"""  # noqa: E501


def _told(schema: object) -> str:
    return "\n".join(f"{f.name}: {f.type}{'' if f.nullable else ' not null'}" for f in schema)  # type: ignore[attr-defined]


def test_columns_of_format_1() -> None:
    # A later version may add nullable columns at the end; these stay as they are.
    assert FORMAT == 1
    assert _told(points_schema()).startswith(POINTS)
    assert _told(edits_schema()).startswith(EDITS)
    assert _told(rows_schema()).startswith(ROWS)


def test_schemas_are_built_once() -> None:
    assert points_schema() is points_schema()


def test_tables_and_values_name_the_same_things() -> None:
    assert rows_schema().names == list(RunRow.__dataclass_fields__)
    assert set(edits_schema().names) == set(Edit.__dataclass_fields__)
    struct = rows_schema().field("summary").type.item_type
    assert {struct.field(i).name for i in range(struct.num_fields)} == set(Summary.__dataclass_fields__)
    assert set(DELTA_COLUMNS) | set(DICTIONARY_COLUMNS) <= set(points_schema().names)
