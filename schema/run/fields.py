"""The fields of a run's row: their types in the lake, and how the rows of several writers become one run's. Pure.

The one table of them: the Arrow schema, its reader and writer, and both executions of the merge are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

FieldType: TypeAlias = Literal[
    "text", "int", "small int", "time", "texts", "text by key", "params", "summary", "files",
    "lineage",
]  # fmt: skip
MergeRule: TypeAlias = Literal[
    "newest writer", "newest said", "newest attempt", "status", "least", "greatest", "end", "sum", "join", "by key",
    "summary", "union",
]  # fmt: skip
"""newest writer: what the newest writer has, said or not. newest said: of the newest writer that says something.
newest attempt: likewise, among the writers of the newest attempt. status: running if any runs, else the worst of the
newest attempt. least, greatest: of those that say something. end: the greatest, None while any runs. sum: None where
one says nothing. join: all of them, each once, older writers first. by key: the later attempt wins. summary: by the
arithmetic of `lakeboard.schema.run.summary.merge`. union: each version once, as it was first named."""


@dataclass(frozen=True, slots=True)
class RunField:
    """One field of a run's row."""

    name: str
    type: FieldType
    merge: MergeRule
    required: bool = False
    """Whether every row has it."""


RUN_FIELDS: Final = (
    RunField("run_id", "text", "newest writer", required=True),
    RunField("writer", "text", "newest writer", required=True),
    RunField("version", "int", "newest writer", required=True),
    RunField("attempt", "small int", "newest writer", required=True),
    RunField("status", "text", "status", required=True),
    RunField("name", "text", "newest said"),
    RunField("user", "text", "newest said"),
    RunField("host", "text", "newest said"),
    RunField("group", "text", "newest said"),
    RunField("job_type", "text", "newest said"),
    RunField("parent_run_id", "text", "newest said"),
    RunField("dataset", "text", "newest said"),
    RunField("tags", "texts", "join"),
    RunField("notes", "text", "newest said"),
    RunField("error", "text", "newest attempt"),
    RunField("resume_step", "int", "newest said"),
    RunField("closed_by", "text", "newest said"),
    RunField("created_at", "time", "least"),
    RunField("started_at", "time", "least"),
    RunField("ended_at", "time", "end"),
    RunField("updated_at", "time", "greatest"),
    RunField("params", "params", "by key"),
    RunField("summary", "summary", "summary"),
    RunField("env", "text by key", "by key"),
    RunField("rows", "int", "sum"),
    RunField("files", "files", "join"),
    RunField("traceback", "text", "newest attempt"),
    RunField("tag_values", "text by key", "by key"),
    RunField("results", "params", "by key"),
    RunField("media_rows", "int", "sum"),
    RunField("media_files", "files", "join"),
    RunField("inputs", "lineage", "union"),
    RunField("outputs", "lineage", "union"),
)
"""In the order of the columns of `runs/`. New ones come last and are nullable."""


def merged_by(rule: MergeRule) -> tuple[str, ...]:
    """Names of the fields that a rule merges, in order."""
    return tuple(field.name for field in RUN_FIELDS if field.merge == rule)


def typed(*types: FieldType) -> tuple[str, ...]:
    """Names of the fields of these types, in order."""
    return tuple(field.name for field in RUN_FIELDS if field.type in types)
