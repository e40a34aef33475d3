"""Run rows: what a tail tells as changes, and how writers become one run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.run.row import RunRow, SealedFile, Status, latest, merge_writers, merged_status
from lakeboard.schema.run.summary import Summary, update
from lakeboard.schema.values import Param, dump_json, encode_param
from tests.schema.strategies import LINE, NAMES, SCALARS, run_rows

_W = "w001-00000000"


def _strict(fields: dict[str, object]) -> dict[str, object]:
    again = json.loads(dump_json(fields), parse_constant=pytest.fail)
    assert isinstance(again, dict)
    return again


@given(run_rows())
def test_rows_survive_strict_json(row: RunRow) -> None:
    assert repr(RunRow.from_json(_strict(row.to_json()))) == repr(row)


@given(run_rows(), st.data())
def test_changes_bring_a_reader_of_the_start_up_to_date(start: RunRow, data: st.DataObject) -> None:
    now = data.draw(run_rows(start.run_id, start.writer))
    # Params, env and results only ever grow.
    now = replace(
        now,
        params={**start.params, **now.params},
        env={**start.env, **now.env},
        results={**start.results, **now.results},
    )
    told = _strict(now.changes_since(start))
    assert repr(start.with_changes(told).to_json()) == repr(now.to_json())


@given(run_rows(), st.dictionaries(NAMES, SCALARS, max_size=3), st.dictionaries(NAMES, LINE, max_size=2))
def test_only_what_changed_is_told(start: RunRow, params: dict[str, object], env: dict[str, str]) -> None:
    now = replace(
        start, params={**start.params, **{k: encode_param(v) for k, v in params.items()}}, env={**start.env, **env}
    )
    told = now.changes_since(start)
    assert set(told) <= {"params", "env"}
    assert set(told.get("params", {})) <= set(params)
    assert set(told.get("env", {})) <= set(env)
    assert start.changes_since(start) == {}


def test_a_field_that_was_emptied_is_told() -> None:
    start = RunRow("r1", _W, notes="x", tags=("a",), error="e")
    told = _strict(replace(start, notes=None, tags=()).changes_since(start))
    assert told == {"notes": None, "tags": None}
    assert start.with_changes(told) == RunRow("r1", _W, error="e")


def test_fields_of_a_later_version_are_passed_over() -> None:
    assert RunRow.from_json({"run_id": "r1", "writer": _W, "colour": 1, "due_seconds": 3}) == RunRow("r1", _W)


@pytest.mark.parametrize("missing", ["run_id", "writer"])
def test_a_row_without_its_name_is_refused(missing: str) -> None:
    fields = {"run_id": "r1", "writer": _W}
    del fields[missing]
    with pytest.raises(KeyError, match=missing):
        RunRow.from_json(fields)


def test_the_exact_json_of_a_row() -> None:
    row = RunRow(
        "r1",
        _W,
        name="n",
        tags=("a",),
        created_at=5,
        params={"lr": Param("float", 0.5, None), "opt": Param("str", None, "adam")},
        summary={"loss": update(Summary("loss"), [float("nan"), 0.25], [0, 1], [7, 8])},
        env={"python": "3.11"},
        files=(SealedFile("w001-00000000.000000000002-000000000002.parquet", 99),),
    )
    assert dump_json(row.to_json()) == (
        '{"run_id":"r1","writer":"w001-00000000","version":1,"attempt":1,"status":"running","name":"n","tags":["a"],'
        '"created_at":5,"params":{"lr":["float",0.5,null],"opt":["str",null,"adam"]},"summary":{"loss":{"metric":"loss",'
        '"first":"NaN","last":0.25,"last_step":1,"last_at":8,"min":0.25,"min_step":1,"max":0.25,"max_step":1,'
        '"mean":0.25,"n":2,"n_nan":1}},"env":{"python":"3.11"},'
        '"files":[["w001-00000000.000000000002-000000000002.parquet",99]]}'
    )


def test_the_highest_version_of_each_writer_counts() -> None:
    running, janitor, owner = (RunRow("r1", _W, version=v) for v in (1, 1, 3))
    janitor = replace(janitor, status="crashed")
    other = RunRow("r1", "w001-11111111")
    assert latest([owner, running, other, janitor]) == [owner, other]
    assert latest([running, janitor]) == latest([janitor, running]) == [janitor]


@given(st.lists(run_rows("r1"), min_size=1, max_size=4, unique_by=lambda r: r.writer), st.randoms())
def test_the_order_in_which_writers_are_met_does_not_matter(rows: Sequence[RunRow], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert repr(merge_writers(shuffled)) == repr(merge_writers(rows))


def _point(value: float, step: int, at: int) -> dict[str, Summary]:
    return {"acc": update(Summary("acc"), [value], [step], [at])}


def test_a_resumed_run_is_one_run() -> None:
    first = RunRow(
        "r1", "w001-aaaaaaaa", attempt=1, status="crashed", error="out of memory", name="n", tags=("a",), created_at=1,
        started_at=1, ended_at=5, params={"lr": encode_param(1), "seed": encode_param(2)}, env={"host": "x"}, rows=10,
        summary=_point(0.9, 100, 5), files=(SealedFile("a", 1),),
    )  # fmt: skip
    second = RunRow(
        "r1", "w002-bbbbbbbb", attempt=2, status="finished", tags=("b", "a"), created_at=7, started_at=7, ended_at=9,
        params={"lr": encode_param(3)}, rows=5, summary=_point(0.8, 50, 9), resume_step=50, files=(SealedFile("b", 2),),
    )  # fmt: skip
    run = merge_writers([second, first])
    assert (run.status, run.error, run.name, run.tags, run.writer) == ("finished", None, "n", ("a", "b"), second.writer)
    assert (run.created_at, run.started_at, run.ended_at) == (1, 1, 9)
    assert {k: p.decode() for k, p in run.params.items()} == {"lr": 3, "seed": 2}
    assert (run.rows, run.files, run.resume_step) == (15, (SealedFile("a", 1), SealedFile("b", 2)), 50)
    acc = run.summary["acc"]
    assert (acc.last, acc.last_step, acc.max, acc.max_step, acc.n) == (0.8, 50, 0.9, 100, 2)


def test_ranks_of_one_job_are_one_run_and_run_while_any_runs() -> None:
    ends: list[tuple[Status, int | None]] = [("finished", 4), ("running", None), ("failed", 5)]
    ranks = [
        RunRow("r1", f"w001-{n:08x}", status=status, ended_at=ended, summary=_point(float(n), 1, n))
        for n, (status, ended) in enumerate(ends)
    ]
    run = merge_writers(ranks)
    assert (run.status, run.ended_at, run.rows) == ("running", None, None)
    assert (run.summary["acc"].last, run.summary["acc"].n) == (2.0, 3)


@pytest.mark.parametrize(
    ("everyone", "current", "status"),
    [
        (["crashed", "finished"], ["finished"], "finished"),
        (["finished", "killed"], ["finished", "killed"], "killed"),
        (["failed", "crashed"], ["failed", "crashed"], "crashed"),
        (["running", "failed"], ["failed"], "running"),
    ],
)
def test_status_of_many(everyone: list[Status], current: list[Status], status: Status) -> None:
    assert merged_status(everyone, current) == status
