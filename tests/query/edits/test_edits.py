"""People's decisions, from the analyst's side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from lakeboard.query.edits.edits import HISTORY_SCHEMA, history_frame
from lakeboard.query.lake import Lake
from lakeboard.schema.errors import InvalidName, InvalidSetting, InvalidValue, UnknownProject, UnknownRun
from lakeboard.store.testing import CountingStore, MemoryStore
from tests.query.lakes import Writer, ended_run, put_edit, put_pack


@pytest.fixture
def store() -> CountingStore:
    store = CountingStore(MemoryStore())
    put_pack(store, [ended_run(f"r{i}", {}, {}, name=f"run {i}") for i in range(5000)])
    Writer(store, run_id="live").start()
    store.reset()
    return store


def test_bulk_act_is_one_object(store: CountingStore) -> None:
    lake = Lake(store)
    lake.snapshot("digits")
    store.reset()
    lake.delete("digits", [f"r{i}" for i in range(3000)], editor="mia")
    assert store.counts == {"list": 3, "put": 1}
    frame = lake.runs("digits", deleted=True)
    assert frame.filter("deleted").height == 3000
    assert frame.filter("deleted")["deleted_by"].unique().to_list() == ["mia"]
    lake.restore("digits", [f"r{i}" for i in range(1000)])
    assert lake.runs("digits").height == 3001


def test_every_verb(store: CountingStore) -> None:
    lake = Lake(store)
    lake.rename("digits", "live", "best so far", editor="mia")
    lake.tag("digits", ["live", "r1"], "good")
    lake.tag("digits", ["live"], "bad")
    lake.untag("digits", ["live"], "bad")
    lake.note("digits", "live", "line\nby line")
    row = lake.runs("digits").filter(pl.col("run_id") == "live").row(0, named=True)
    assert (row["name"], row["tags"], row["notes"]) == ("best so far", ["good"], "line\nby line")
    assert lake.runs("digits", where="tags contains good").height == 2
    history = lake.history("digits", "live")
    assert history.schema == HISTORY_SCHEMA
    assert history["op"].to_list() == ["rename", "tag", "tag", "untag", "note"]
    assert history["editor"].to_list() == ["mia", None, None, None, None]
    assert lake.history("digits").height == 6
    assert lake.history("digits", "r2").height == 0


def test_later_act_wins_over_a_clock_that_is_ahead(store: CountingStore) -> None:
    ahead = int((datetime.now(UTC) + timedelta(hours=20)).timestamp() * 1000) * 1_000_000
    put_edit(store, ["r1"], "rename", "from the future", hlc=ahead)
    lake = Lake(store)
    lake.rename("digits", "r1", "after all")
    assert lake.run("digits", "r1").row.name == "after all"
    assert lake.history("digits", "r1")["arg"].to_list() == ["from the future", "after all"]


@pytest.mark.parametrize("days", [2, 40_000, 80_000])
def test_an_act_more_than_a_day_after_its_object_is_passed_over_and_named(store: CountingStore, days: int) -> None:
    ahead = (int(datetime.now(UTC).timestamp() * 1000) + days * 86_400_000) * 1_000_000
    put_edit(store, ["r1"], "rename", "from the end of time", hlc=ahead)
    lake = Lake(store)
    lake.rename("digits", "r1", "now")
    assert lake.run("digits", "r1").row.name == "now"
    assert lake.history("digits", "r1")["arg"].to_list() == ["now"]
    assert [p for p in lake.problems("digits") if "passed over" in p.message]


def test_edit_shows_to_others_and_survives_the_run(store: CountingStore) -> None:
    mine, yours = Lake(store), Lake(store)
    w = Writer(store, run_id="r-new", fields={"name": "old"}).start()
    yours.snapshot("digits")
    mine.rename("digits", "r-new", "new")
    assert yours.run("digits", "r-new").row.name == "new"
    w.finish()
    assert yours.run("digits", "r-new").row.name == "new"


def test_nothing_is_written_when_something_is_wrong(store: CountingStore) -> None:
    lake = Lake(store)
    with pytest.raises(UnknownRun, match="no run nobody"):
        lake.delete("digits", ["r1", "nobody"])
    with pytest.raises(UnknownRun, match="and 5 more"):
        lake.delete("digits", [f"x{i}" for i in range(10)])
    with pytest.raises(UnknownProject, match="did you mean 'digits'"):
        lake.delete("digit", ["r1"])
    with pytest.raises(InvalidValue, match="use one of"):
        lake.edit("digits", ["r1"], "destroy")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="takes no argument"):
        lake.edit("digits", ["r1"], "delete", "now")
    with pytest.raises(InvalidValue, match="no run at all"):
        lake.delete("digits", [])
    with pytest.raises(InvalidSetting, match=r"\['r1'\]"):
        lake.delete("digits", "r1")
    with pytest.raises(InvalidName, match="must not be empty"):
        lake.rename("digits", "r1", " ")
    with pytest.raises(InvalidName, match="editor"):
        lake.delete("digits", ["r1"], editor="\n")
    assert store.counts["put"] == 0


def test_purged_runs_are_gone_for_good_but_not_their_history(store: CountingStore) -> None:
    lake = Lake(store)
    lake.edit("digits", ["r1"], "purge", editor="mia")
    with pytest.raises(UnknownRun):
        lake.restore("digits", ["r1"])
    assert "r1" not in lake.runs("digits", deleted=True)["run_id"]
    assert lake.history("digits", "r1")["op"].to_list() == ["purge"]


def test_empty_history_has_its_columns() -> None:
    assert history_frame([]).schema == HISTORY_SCHEMA
