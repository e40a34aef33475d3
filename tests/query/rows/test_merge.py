"""Merging in Polars is merging as the format says it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeboard.query.lake import Lake
from lakeboard.query.objects.decode import from_rows
from lakeboard.query.rows.merge import merge_ended
from lakeboard.query.snapshots.runs_frame import Frames
from lakeboard.schema.run.fields import typed
from lakeboard.schema.run.row import RunRow, Status, merge_writers
from lakeboard.schema.run.summary import Summary
from lakeboard.schema.values import Param, encode_param
from lakeboard.store.testing import MemoryStore
from tests.effort import examples
from tests.query.lakes import put_pack

values = st.sampled_from([-math.inf, -1.0, 0.0, 0.5, 1.0, math.inf, math.nan])
said = st.sampled_from([True, False, None, "text", [1, "a"]])
maybe_text = st.sampled_from([None, "a", "b"])
small = st.integers(0, 3)


@st.composite
def summaries(draw: st.DrawFn, metric: str) -> Summary:
    goals: dict[str, Any] = {
        "goal": draw(st.sampled_from([None, "minimize", "maximize"])),
        "step_metric": draw(maybe_text),
    }
    points = draw(st.lists(st.tuples(small, values), max_size=4))
    if not points:
        return Summary(metric, **goals)
    real = [(v, s) for s, v in points if not math.isnan(v)]
    top = max(s for s, _ in points)
    low, high = (min(real), max(real, key=lambda r: (r[0], -r[1]))) if real else ((None, None), (None, None))
    return Summary(
        metric,
        first=points[0][1],
        last=[v for s, v in points if s == top][-1],
        last_step=top,
        last_at=draw(small),
        min=low[0],
        min_step=low[1],
        max=high[0],
        max_step=high[1],
        mean=sum(v for v, _ in real) / len(real) if real else None,
        n=len(points),
        n_nan=len(points) - len(real),
        **goals,
    )


@st.composite
def writers(draw: st.DrawFn) -> list[RunRow]:
    out = []
    for i in range(draw(st.integers(2, 5))):
        attempt = draw(st.integers(1, 3))
        status: Status = draw(st.sampled_from(["finished", "ended", "failed", "killed", "crashed"]))
        out.append(
            RunRow(
                draw(st.sampled_from(["r1", "r2"])),
                f"w{attempt:03d}-{i:08x}",
                attempt=attempt,
                status=status,
                name=draw(maybe_text),
                notes=draw(maybe_text),
                error=draw(maybe_text),
                dataset=draw(maybe_text),
                resume_step=draw(st.one_of(st.none(), small)),
                tags=tuple(draw(st.lists(st.sampled_from("xyz"), max_size=3, unique=True))),
                created_at=draw(st.one_of(st.none(), small)),
                started_at=draw(st.one_of(st.none(), small)),
                ended_at=draw(st.one_of(st.none(), small)),
                updated_at=draw(small),
                rows=draw(st.one_of(st.none(), small)),
                params={k: encode_param(draw(values)) for k in draw(st.sets(st.sampled_from("pq")))},
                results={k: encode_param(draw(said)) for k in draw(st.sets(st.sampled_from("rs")))},
                tag_values={k: draw(st.sampled_from("ab")) for k in draw(st.sets(st.sampled_from("tu")))},
                summary={m: draw(summaries(m)) for m in draw(st.sets(st.sampled_from(["loss", "acc"])))},
            )
        )
    return out


def merged_by_the_format(rows: Sequence[RunRow]) -> list[RunRow]:
    return [merge_writers([r for r in rows if r.run_id == run_id]) for run_id in sorted({r.run_id for r in rows})]


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(writers())
def test_frames_agree_with_values(rows: list[RunRow]) -> None:
    block = merge_ended(from_rows(rows, source="x"), source="merged")
    expected = merged_by_the_format(rows)
    apart = typed("params", "summary", "text by key", "files", "lineage")
    plain = from_rows(expected, source="merged").drop(*apart, "traceback")
    assert block.rows.equals(plain)
    for i, row in enumerate(expected):
        params = {n: e.filter(pl.col("row") == i).rows(named=True) for n, e in block.given["params."].items()}
        assert {n: repr(found[0]["num"]) for n, found in params.items() if found} == {
            n: repr(p.num) for n, p in row.params.items()
        }
        for prefix, wanted in (("summary.", row.results), ("tags.", tag_params(row))):
            told = {n: e.filter(pl.col("row") == i).rows(named=True) for n, e in block.given[prefix].items()}
            assert {n: (e[0]["kind"], e[0]["num"], e[0]["text"]) for n, e in told.items() if e} == {
                n: (p.kind, p.num, p.text) for n, p in wanted.items()
            }
        metrics = {entry["name"]: entry for entry in block.summary.filter(pl.col("row") == i).iter_rows(named=True)}
        assert metrics.keys() == row.summary.keys()
        for label, summary in row.summary.items():
            found = metrics[label]
            for field in fields(Summary):
                value, wanted = found[field.name], getattr(summary, field.name)
                if field.name == "last_at" and value is not None:
                    value = round(value.timestamp() * 1000)
                if field.name == "mean" and wanted is not None and math.isfinite(wanted):
                    assert math.isclose(value, wanted, abs_tol=1e-12)
                else:
                    assert repr(value) == repr(wanted), field.name


def tag_params(row: RunRow) -> dict[str, Param]:
    return {key: encode_param(value) for key, value in row.tag_values.items()}


def test_last_value_of_the_newest_attempt_that_has_one() -> None:
    def row(attempt: int, rand: str, last: float | None, step: int) -> RunRow:
        summary = {} if last is None else {"loss": Summary("loss", last=last, last_step=step, last_at=1, n=1)}
        return RunRow("r1", f"w{attempt:03d}-{rand * 8}", attempt=attempt, status="finished", summary=summary)

    # The second attempt's first rank logs nothing; its second rank restarts at a lower step.
    rows = [row(1, "a", 0.9, 100), row(2, "b", None, 0), row(2, "c", 0.1, 50)]
    store = MemoryStore()
    put_pack(store, rows)
    lake = Lake(store)
    assert lake.runs("digits")["loss"].to_list() == [0.1]
    last = lake.run("digits", "r1").row.summary["loss"].last
    assert last == 0.1


def test_no_runs_at_all() -> None:
    block = merge_ended(from_rows([], source="x"), source="merged")
    assert block.rows.height == 0
    assert block.given == {"params.": {}, "summary.": {}, "tags.": {}}
    assert block.metrics == {}
    assert Frames([]).build().height == 0
