"""Opening a lake: where it is found, what is said when it is not there, and its other answers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.lake import Lake, open_lake
from lakeboard.schema.errors import (
    InvalidName,
    InvalidSetting,
    LakeFormat,
    StoreUnreachable,
    UnknownProject,
    UnknownRun,
)
from lakeboard.schema.keys import LAKE_KEY
from lakeboard.schema.run.summary import Summary
from lakeboard.store.local import LocalStore
from lakeboard.store.testing import CountingStore, MemoryStore
from tests.query.lakes import T0, Writer, ended_run, loss, note_lake, put_pack

HOSTILE = [
    "with space",
    "a/b",
    "..",
    "_../../etc",
    "per%cent",
    "p%2Fq",
    "k=v",
    "ünï-çødé",
    "猫",
    "a*?[b]{c}",
    "quo'te\"s",
    "back\\slash",
    "_",
    "project=x",
    "a" * 200,
    "semi;colon&amp#hash",
]


def test_lake_that_does_not_exist_is_empty_and_stays_away(tmp_path: Path) -> None:
    place = tmp_path / "none"
    lake = open_lake(place)
    assert not lake.exists
    assert lake.projects().rows() == []
    assert lake.projects().schema == {"project": pl.String, "running": pl.Boolean}
    assert lake.runs().height == 0
    assert "run_id" in lake.runs().columns
    assert lake.snapshot("digits").empty
    with pytest.raises(UnknownProject, match="nor any other yet"):
        lake.runs("digits")
    assert not place.exists()
    note_lake(lake.store)
    assert lake.exists


def test_address_by_argument_then_environment_then_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_lake().url == LocalStore("lake").url
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "named"))
    assert open_lake().url == LocalStore(tmp_path / "named").url
    assert open_lake(tmp_path / "given").url == LocalStore(tmp_path / "given").url
    assert list(tmp_path.iterdir()) == []


def test_newer_lake_is_refused(tmp_path: Path) -> None:
    LocalStore(tmp_path).put(LAKE_KEY, b'{"format": 3, "min_reader": 2}')
    with pytest.raises(LakeFormat, match="upgrade"):
        open_lake(tmp_path)


def test_unreachable_store_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with pytest.raises(StoreUnreachable, match="s3://bucket"):
        open_lake("s3://bucket/lake", options={"endpoint_url": "http://127.0.0.1:9", "config_kwargs": {}})


def test_nonsense_address_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="s3://bucket"):
        open_lake("s3:bucket")


@pytest.mark.parametrize("local", [True, False], ids=["local", "memory"])
def test_hostile_project_names_are_kept_exactly(tmp_path: Path, local: bool) -> None:
    store = LocalStore(tmp_path) if local else MemoryStore()
    names = [name for name in HOSTILE if name != ".."]
    for name in names:
        Writer(store, project=name, run_id="a").start().log(loss(3)).finish()
        Writer(store, project=name, run_id="b").start().log(loss(2)).flush()
    lake = Lake(store)
    assert lake.projects()["project"].to_list() == sorted(names)
    assert lake.projects()["running"].all()
    for name in names:
        assert lake.runs(name).select("project", "run_id").sort("run_id").rows() == [(name, "a"), (name, "b")]
        points = lake.metrics(name).collect()
        assert points["project"].unique().to_list() == [name]
        assert points.height == 5
        lake.rename(name, "a", name)
        assert lake.run(name, "a").row.name == name
        assert lake.problems(name) == ()
    assert lake.runs().height == 2 * len(names)
    with pytest.raises(InvalidName):
        lake.snapshot("..")


def test_projects_cost_three_listings() -> None:
    store = CountingStore(MemoryStore())
    Writer(store, project="ended").start().finish()
    Writer(store, project="live").start()
    store.put("runs/not-a-project/x", b"")
    store.reset()
    assert Lake(store).projects().rows() == [("ended", False), ("live", True)]
    assert store.counts == {"list_dirs": 3}


def test_run_view_tells_all() -> None:
    store = MemoryStore()
    w = Writer(store, config={"lr": 0.5}, fields={"env": {"python": "3.11"}}).start().log(loss(4))
    w.flush()
    Writer(store, run_id="r10").start()
    lake = Lake(store)
    lake.note("digits", "r1", "look at this", editor="mia")
    view = lake.run("digits", "r1")
    assert view.row.notes == "look at this"
    assert view.row.rows == 4
    assert view.row.env == {"python": "3.11"}
    assert view.row.params["lr"].num == 0.5
    assert view.heartbeat_age is not None
    assert 0 <= view.heartbeat_age < 60
    assert not view.silent
    assert [e.editor for e in view.history] == ["mia"]
    store.put(w.tails[-1], b"broken")
    store.put("live/project=digits/r10.w001-00000001.00000001.000000000000-000000000000.parquet", b"broken")
    assert {p.key for p in Lake(store).run("digits", "r1").problems} == {w.tails[-1]}
    with pytest.raises(UnknownRun, match="no run r2"):
        lake.run("digits", "r2")
    with pytest.raises(UnknownProject):
        lake.run("digitz", "r1")


def test_remote_lakes_are_cached_on_disk_and_local_ones_are_not(tmp_path: Path) -> None:
    from lakeboard.store.cache import CachedStore

    assert isinstance(open_lake("memory://somewhere").store, CachedStore)
    assert not isinstance(open_lake("memory://somewhere", cache=False).store, CachedStore)
    assert not isinstance(open_lake(tmp_path).store, CachedStore)


def test_board_follows_declared_goals() -> None:
    store = MemoryStore()
    declared = {"score": Summary("score", goal="minimize", last=1.0, min=1.0, max=5.0, n=2, last_step=1)}
    put_pack(
        store,
        [
            ended_run("a", {}, {"score": [2.0]}, created_at=T0),
            ended_run("b", {}, {}, summary=declared, created_at=T0 + 1),
            ended_run("c", {}, {"score": [3.0]}, created_at=T0 + 2),
        ],
    )
    lake = Lake(store)
    info = lake.snapshot("digits").metrics()["score"]
    assert (info.goal, info.metric, info.dataset) == ("minimize", "score", None)
    board = lake.board("digits", Definition((Measure("score"),)))
    assert board.frame["run_id"].to_list() == ["b", "a", "c"]
    assert lake.board("digits").frame.height == 3
    Writer(store, project="bare").start()
    with pytest.raises(InvalidSetting, match="no metric yet"):
        lake.board("bare")
