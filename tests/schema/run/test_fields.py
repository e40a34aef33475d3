"""One table of a run's fields: what is made from it has them all."""

from __future__ import annotations

import dataclasses

from lakeboard.query.names import run_columns
from lakeboard.schema.run.fields import RUN_FIELDS, merged_by
from lakeboard.schema.run.row import RunRow
from lakeboard.schema.tables import rows_schema

NAMES = [field.name for field in RUN_FIELDS]


def test_the_row_and_the_lakes_table_have_exactly_these_fields() -> None:
    assert sorted(NAMES) == sorted(field.name for field in dataclasses.fields(RunRow))
    assert rows_schema().names == NAMES
    assert [field.name for field in RUN_FIELDS if field.required] == [f.name for f in rows_schema() if not f.nullable]


def test_each_field_is_merged_by_one_rule_that_is_carried_out() -> None:
    rules = {field.merge for field in RUN_FIELDS}
    assert sorted(name for rule in rules for name in merged_by(rule)) == sorted(NAMES)
    assert merged_by("status") == ("status",)
    assert merged_by("summary") == ("summary",)


def test_lists_of_run_columns_name_columns_there_are() -> None:
    lists = ("ASKED_FOR", "SHOWN", "FACETS", "GROUPS", "COLOURS", "AXES", "COMPARED", "FROM_TAILS")
    for name in lists:
        columns = getattr(run_columns, name)
        assert set(columns) <= run_columns.RUN_COLUMNS.keys(), name
        assert len(set(columns)) == len(columns), name
    assert all(run_columns.RUN_COLUMNS[name].heading for name in run_columns.SHOWN)


def test_fields_that_frames_show_have_the_types_of_the_lake() -> None:
    kinds = {"text": "String", "int": "Int64", "time": "Datetime", "texts": "List"}
    for field in RUN_FIELDS:
        column = run_columns.RUN_COLUMNS.get(field.name)
        if column is not None:
            assert str(column.type).startswith(kinds[field.type]), field.name
