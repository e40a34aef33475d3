"""The committed lake of format 1 is read for ever: by the schema, by `lakeboard.open`, by engines that know nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import lakeboard
from lakeboard.schema.cover import Part, cover
from lakeboard.schema.edits import table_to_edits
from lakeboard.schema.errors import LakeFormat
from lakeboard.schema.keys import EditKey, PackKey, PointsKey, RowKey, TailKey, parse_key, project_prefix, run_prefix
from lakeboard.schema.parquet import decode_footer, decode_table
from lakeboard.schema.rowtable import table_to_rows
from lakeboard.schema.run.row import RunRow, latest, merge_writers
from lakeboard.schema.values import dump_json
from lakeboard.store import open_store
from tests.lakes.held import DIGITS, EDITS, HOSTILE, ROWS, SEALED, STORED, T0, UNSEALED, Point
from tests.lakes.make_v1 import make

LAKE = Path(__file__).parent / "v1"
_W = "w001-99999999"


def _key(path: Path) -> str:
    return path.relative_to(LAKE).as_posix()


def _told(points: Iterable[Point]) -> list[str]:
    """Points to compare, NaN equal to NaN."""
    return sorted(map(repr, points))


def _points(table: pa.Table, run_id: str) -> list[Point]:
    times = table["timestamp"].cast(pa.timestamp("ms", "UTC")).cast(pa.int64()).to_pylist()
    columns = [table[name].to_pylist() for name in ("writer", "metric", "dataset", "step", "value")]
    return [(run_id, *row) for row in zip(*columns, times, table["seq"].to_pylist(), strict=True)]


def _sealed(project: str) -> list[Point]:
    out: list[Point] = []
    for path in (LAKE / project_prefix("metrics", project)).rglob("*.parquet"):
        key = parse_key(_key(path))
        assert isinstance(key, PointsKey)
        table = decode_table(path.read_bytes(), key=key.path)
        assert sorted(table["seq"].to_pylist()) == list(range(key.lo, key.hi))
        out += _points(table, key.run_id)
    return out


def _rows() -> list[RunRow]:
    rows = []
    for path in (LAKE / "runs").rglob("*.parquet"):
        assert isinstance(parse_key(_key(path)), (RowKey, PackKey))
        rows += table_to_rows(decode_table(path.read_bytes(), key=_key(path)))
    return rows


def test_every_object_has_a_key() -> None:
    keys = [_key(p) for p in LAKE.rglob("*") if p.is_file()]
    assert len(keys) == 17
    assert [k for k in keys if parse_key(k) is None] == ["_lake.json"]
    assert json.loads((LAKE / "_lake.json").read_text()) == {"format": 1, "min_reader": 1}


def test_sealed_points() -> None:
    assert _told(_sealed("digits")) == _told(DIGITS)
    assert _told(_sealed(HOSTILE)) == _told(SEALED)


def test_run_rows() -> None:
    found = {(r.run_id, r.writer): json.loads(dump_json(r.to_json())) for r in latest(_rows())}
    for (run_id, writer), row in ROWS.items():
        row = json.loads(dump_json({"run_id": run_id, "writer": writer, **STORED, **row}))
        told = found.pop((run_id, writer))
        for label, summary in row.get("summary", {}).items():
            assert told["summary"][label].pop("mean") == pytest.approx(summary.pop("mean")), label
        assert told == row
    assert found == {}
    assert [r.version for r in _rows() if r.run_id == "failed"].count(9) == 1


def test_files_are_where_rows_say_and_as_long() -> None:
    for row in latest(_rows()):
        parts = []
        for file in row.files:
            path = LAKE / run_prefix("digits", row.run_id) / file.name
            key = parse_key(_key(path))
            assert isinstance(key, PointsKey)
            assert path.stat().st_size == file.bytes
            parts.append(Part(key.lo, key.hi, True, key.path))
        assert cover(parts).complete_to == row.rows


def test_runs_of_many_writers() -> None:
    rows = [r for r in latest(_rows()) if r.run_id == "resumed"]
    run = merge_writers(rows)
    assert (run.status, run.attempt, run.name, run.rows, run.resume_step) == ("finished", 2, "twice", 5, 2)
    assert (run.summary["loss"].last, run.summary["loss"].last_step, run.summary["loss"].max) == (0.5, 2, 4.0)


def test_edits() -> None:
    found = set()
    for path in (LAKE / "edits").rglob("*.parquet"):
        assert isinstance(parse_key(_key(path)), (EditKey, PackKey))
        found |= set(table_to_edits(decode_table(path.read_bytes(), key=_key(path))))
    assert [(e.hlc, e.rand, e.run_id, e.op, e.arg, e.editor) for e in sorted(found)] == EDITS


def test_the_tails_of_a_running_writer() -> None:
    tails = {}
    for path in (LAKE / project_prefix("live", HOSTILE)).glob("*.parquet"):
        key = parse_key(_key(path))
        assert isinstance(key, TailKey)
        assert (key.project, key.run_id, key.writer) == (HOSTILE, "live", _W)
        tails[key.k] = key
    assert {k: (key.lo, key.hi) for k, key in tails.items()} == {0: (0, 0), 2: (2, 3), 3: (2, 5)}
    data = {k: (LAKE / key.path).read_bytes() for k, key in tails.items()}
    start = RunRow.from_json(decode_footer(data[0], key="0"))
    assert (start.name, start.params["lr"].decode(), start.env) == ("nächster 🚀", 0.001, {"host": "n"})
    told = decode_footer(data[3], key="3")
    assert (told["due_seconds"], told["sealed"]) == (5.0, 2)
    now = start.with_changes(told)
    assert {k: p.decode() for k, p in now.params.items()} == {"lr": 0.001, "late": "π"}
    assert [f.name for f in now.files] == ["w001-99999999.000000000002-000000000002.parquet"]
    assert (now.updated_at, now.status) == (T0 + 10_003, "running")
    assert (now.summary["train loss[a]"].last, now.summary["損失 [ü [x]]"].last) == (0.125, -math.inf)
    assert _told(_points(decode_table(data[3], key="3"), "live")) == _told(UNSEALED)
    assert _told(_points(decode_table(data[2], key="2"), "live")) == _told(UNSEALED[:1])
    assert decode_table(data[0], key="0").num_rows == 0


def test_lakeboard_reads_the_points_exactly_once() -> None:
    lake = lakeboard.open(LAKE)
    assert lake.projects()["project"].to_list() == [HOSTILE, "digits"]
    told = ["run_id", "writer", "metric", "dataset", "step", "value", "timestamp", "seq"]
    for project, points in (("digits", DIGITS), (HOSTILE, SEALED + UNSEALED)):
        # Deleted runs are only read when asked for; what a resume hides, too.
        runs = sorted({p[0] for p in points})
        frame = lake.metrics(project, runs=runs, hidden=True).select(told).collect()
        found = frame.with_columns(pl.col("timestamp").dt.epoch("ms")).rows()
        # Points without a dataset take the run's.
        mine: dict[tuple[str, str | None], str] = {("finished", None): "digits"}
        assert _told(found) == _told((*p[:3], mine.get((p[0], p[3]), p[3]), *p[4:]) for p in points)
    shown = lake.metrics("digits", runs="resumed").sort("step").collect()["value"].to_list()
    assert shown == [4.0, 3.0, 0.5]
    assert lake.problems("digits") == ()
    assert lake.problems(HOSTILE) == ()


def test_lakeboard_reads_the_runs_as_people_decided() -> None:
    lake = lakeboard.open(LAKE)
    frame = lake.runs("digits", deleted=True)
    rows = {row["run_id"]: row for row in frame.rows(named=True)}
    assert set(rows) == {"failed", "finished", "resumed"}
    assert {run_id: row["deleted"] for run_id, row in rows.items()} == {
        "failed": True,
        "finished": False,
        "resumed": False,
    }
    assert (rows["finished"]["name"], sorted(rows["finished"]["tags"])) == ("renamed", ["kept", "new"])
    assert (rows["resumed"]["notes"], rows["resumed"]["status"]) == ("see *below*", "finished")
    assert (rows["failed"]["status"], rows["failed"]["error"]) == ("failed", "ValueError: no such layer: 'ü'")
    assert rows["finished"]["params.model.depth"] == 18
    # Ranks of one attempt: the last value is the one at the later time.
    assert (rows["finished"]["loss"], rows["finished"]["loss.min"]) == (0.25, 0.125)
    (live,) = lake.runs(HOSTILE).rows(named=True)
    assert (live["name"], live["status"], live["train loss[a]"]) == ("nächster 🚀", "running", 0.125)
    assert live["params.late"] == "π"


def test_plain_engines_read_exactly_the_sealed_points() -> None:
    glob = f"{LAKE}/metrics/**/*.parquet"
    wanted = sorted(repr((project, *p)) for project, held in (("digits", DIGITS), (HOSTILE, SEALED)) for p in held)
    columns = ["project", "run_id", "writer", "metric", "dataset", "step", "value", "timestamp", "seq"]
    frame = pl.scan_parquet(glob, hive_partitioning=True).select(columns).collect()
    assert sorted(map(repr, frame.with_columns(pl.col("timestamp").dt.epoch("ms")).rows())) == wanted
    files = f"read_parquet('{glob}', hive_partitioning = true)"
    query = f"select {', '.join(columns)} from (select * replace (epoch_ms(timestamp) as timestamp) from {files})"
    assert sorted(map(repr, duckdb.execute(query).fetchall())) == wanted


@pytest.mark.parametrize("note", ['{"format": 2, "min_reader": 2}', '{"format": 7, "min_reader": 3}'])
def test_a_lake_of_a_newer_format_is_refused_politely(tmp_path: Path, note: str) -> None:
    (tmp_path / "_lake.json").write_text(note)
    with pytest.raises(LakeFormat, match=r"asks for a reader of format \d or later; .* knows format 1: pip install"):
        lakeboard.open(tmp_path)
    with pytest.raises(LakeFormat, match=str(tmp_path)):
        lakeboard.open(tmp_path)


def test_a_newer_lake_that_older_readers_may_read_is_read(tmp_path: Path) -> None:
    (tmp_path / "_lake.json").write_text('{"format": 2, "min_reader": 1}')
    assert lakeboard.open(tmp_path).projects().height == 0


def test_what_this_version_writes_is_of_the_same_kind(tmp_path: Path) -> None:
    make(tmp_path)
    written, kept = open_store(tmp_path), open_store(LAKE)
    assert [i.key for i in written.list("")] == [i.key for i in kept.list("")]
    for info in written.list("metrics/"):
        tables = [decode_table(store.get(info.key), key=info.key) for store in (written, kept)]
        assert repr(tables[0].to_pydict()) == repr(tables[1].to_pydict())
