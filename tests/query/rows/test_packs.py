"""Packs: the quick way of reading them and the patient one give the same; what is asked for late is right too."""

from __future__ import annotations

import random
from dataclasses import replace

import polars as pl
import pyarrow as pa
import pytest

from lakeboard.query.lake import Lake
from lakeboard.query.names.columns import GIVEN
from lakeboard.query.objects.decode import decode_rows, to_rows
from lakeboard.query.rows import packs as rowfile
from lakeboard.query.rows.packs import RowFile, read_row_file
from lakeboard.schema.errors import DamagedObject
from lakeboard.schema.keys import PackKey
from lakeboard.schema.parquet import encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import RunRow
from lakeboard.schema.values import encode_param
from lakeboard.store.testing import MemoryStore
from tests.query.lakes import ended_run, note_lake

KEY = PackKey("runs", "digits", 1, "00000001").path


def some_runs(count: int, *, seed: int = 0) -> list[RunRow]:
    chance = random.Random(seed)
    values = (0.5, 3, 2**60, 2**70, float("nan"), float("-inf"), True, None, "text", "", "ü", [1, 2], {"a": {"b": 1}})
    return [
        ended_run(
            f"r{i}",
            {f"p{n}": chance.choice(values) for n in range(chance.randrange(6))},
            {f"m{n}": [chance.random(), float("nan")] for n in range(chance.randrange(4))},
            env={"python": "3.11", "host.cpu": str(i)},
            results={f"s{n}": encode_param(chance.choice(values)) for n in range(chance.randrange(3))},
            tag_values={f"t{n}": chance.choice(("", "1.0", "ü", "production")) for n in range(chance.randrange(3))},
        )
        for i in range(count)
    ]


def laid(file: RowFile) -> dict[str, list[tuple[object, ...]]]:
    """All that a file gives, as plain values (repr, since NaN equals nothing)."""
    told = file.told().select("name", *rowfile.DECLARED, "created_at").sort("name")
    frames = {"rows": file.rows.drop("source"), "told": told, **{f"m {k}": v for k, v in file.metrics.items()}}
    frames |= {prefix + name: found for prefix in GIVEN for name, found in file.given(prefix).items()}
    return {name: [tuple(map(repr, row)) for row in frame.rows()] for name, frame in frames.items()}


@pytest.mark.parametrize("rows_a_group", [7, 10_000])
def test_both_ways_of_reading_agree(monkeypatch: pytest.MonkeyPatch, rows_a_group: int) -> None:
    monkeypatch.setattr("lakeboard.schema.parquet.ROW_GROUP_ROWS", rows_a_group)
    rows = some_runs(40)
    table = rows_to_table(rows)
    quick = read_row_file(encode_table(table), key=KEY)
    # A column that this version does not know makes it another schema.
    newer = table.append_column("color", pa.array(["red"] * len(rows)))
    seen: list[str] = []

    def noted(data: bytes, *, key: str) -> pl.DataFrame:
        seen.append(key)
        return decode_rows(data, key=key)

    monkeypatch.setattr(rowfile, "decode_rows", noted)
    patient = read_row_file(encode_table(newer), key=KEY)
    assert seen == [KEY]
    assert laid(quick) == laid(patient)
    assert seen == [KEY], "the usual pack was read the quick way"


@pytest.mark.parametrize("at", [[3], [39, 0, 7], [], [5, 5]])
def test_whole_rows_are_the_rows_that_were_packed(at: list[int]) -> None:
    rows = some_runs(40)
    file = read_row_file(encode_table(rows_to_table(rows)), key=KEY)
    found = file.whole(pl.Series(at, dtype=pl.UInt32))
    assert list(map(repr, to_rows(found))) == [repr(rows[i]) for i in at]


def test_many_long_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parquet gives up dictionaries beyond a megabyte; pyarrow then has more than one of them in a row group."""
    rows = [ended_run(f"r{i}", {"notes": f"{i:06d}" * 100, "lr": 0.1 * i}, {}) for i in range(4_000)]
    lake = Lake(store := MemoryStore())
    note_lake(store)
    store.put(KEY, encode_table(rows_to_table(rows)))
    frame = lake.runs("digits").sort("params.lr")
    assert frame["params.notes"].to_list() == [f"{i:06d}" * 100 for i in range(4_000)]


def test_damage_is_told_whenever_it_is_met() -> None:
    data = encode_table(rows_to_table(some_runs(40)))
    with pytest.raises(DamagedObject, match="00000001"):
        read_row_file(data[:-9], key=KEY)
    with pytest.raises(DamagedObject, match="00000001"):
        read_row_file(data[:4] + bytes(2_000) + data[2_004:], key=KEY)
    file = read_row_file(data, key=KEY)
    broken = replace(file, _data=data[: len(data) // 3])
    with pytest.raises(DamagedObject, match="00000001"):
        broken.whole(pl.Series([1], dtype=pl.UInt32))
    with pytest.raises(DamagedObject, match="00000001"):
        broken.told()


def test_packs_from_before_the_last_columns_are_read_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [replace(row, results={}, tag_values={}) for row in some_runs(20)]
    table = rows_to_table(rows)
    older = table.drop_columns(["traceback", "tag_values", "results"])
    monkeypatch.setattr(rowfile, "decode_rows", lambda data, *, key: pytest.fail("read in the patient way"))
    assert laid(read_row_file(encode_table(older), key=KEY)) == laid(read_row_file(encode_table(table), key=KEY))
