"""Saved views: as JSON and back, the last version wins, nothing that a newer lakeboard wrote is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.edits.saved_views import SavedView, SavedViews
from lakeboard.schema.checksum import CHECKSUM_KEY, stamped_json
from lakeboard.schema.errors import InvalidName, InvalidSetting, InvalidValue
from lakeboard.schema.keys import DocumentKey, parse_key
from lakeboard.store.counting import CountingStore
from lakeboard.store.keyrules import is_key
from lakeboard.store.memory import MemoryStore

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TEXT = st.text(max_size=20)
NAMES = st.lists(st.text(max_size=8), max_size=3).map(tuple)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
VIEWS = st.builds(
    SavedView,
    project=st.text(min_size=1, max_size=20),
    name=st.text(min_size=1, max_size=20),
    projects=NAMES,
    filter=TEXT,
    where=TEXT,
    columns=NAMES,
    pins=NAMES,
    sort=TEXT,
    group=NAMES,
    default=st.booleans(),
    others=st.dictionaries(TEXT.map("new_{}".format), JSON, max_size=3),
)


@given(VIEWS)
def test_a_view_comes_back_from_its_json(view: SavedView) -> None:
    assert SavedView.from_json(view.to_json()) == view


@given(VIEWS)
def test_a_slug_is_short_and_fits_every_store(view: SavedView) -> None:
    path = DocumentKey("views", view.slug, 1, "0a1b2c3d").path
    assert is_key(path)
    assert parse_key(path) == DocumentKey("views", view.slug, 1, "0a1b2c3d")
    assert len(view.slug) < 60
    assert view.slug == SavedView(view.project, view.name).slug
    assert view.slug != SavedView(view.project, view.name + "x").slug


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[]", "no object"),
        ("{}", "no project"),
        ('{"project": "p"}', "no name"),
        ('{"project": "p", "name": 3}', "name is 3"),
        ('{"project": "p", "name": "n", "columns": "a"}', "columns is 'a'"),
        ('{"project": "p", "name": "n", "columns": [1]}', "columns is"),
        ('{"project": "p", "name": "n", "default": "yes"}', "default is 'yes'"),
    ],
)
def test_what_is_no_view_says_why(text: str, says: str) -> None:
    with pytest.raises(InvalidSetting, match=says):
        SavedView.from_json(text)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def saved_views() -> tuple[SavedViews, CountingStore, Clock]:
    store, clock = CountingStore(MemoryStore("lake")), Clock()
    return SavedViews(store, wall=clock), store, clock


def test_the_last_version_of_a_name_counts_and_all_are_kept() -> None:
    views, store, clock = saved_views()
    first = SavedView("p", "best", filter="lr < 1", columns=("val/acc",))
    views.save(first, editor="ada")
    clock.now += timedelta(minutes=1)
    views.save(replace(first, filter="lr < 2"), editor="ben")
    views.save(SavedView("q", "best"))
    (kept,) = views.of("p")
    assert (kept.view.filter, kept.editor, kept.at) == ("lr < 2", "ben", NOW + timedelta(minutes=1))
    assert len(store.list("views/")) == 3
    assert [kept.view.project for kept in views.of("q")] == ["q"]


def test_a_slow_clock_can_not_undo_what_its_owner_saw() -> None:
    views, _, clock = saved_views()
    views.save(SavedView("p", "best", filter="first"))
    clock.now -= timedelta(days=400)
    views.save(SavedView("p", "best", filter="second"))
    assert views.of("p")[0].view.filter == "second"


def test_deleting_takes_a_view_away_and_saving_brings_it_back() -> None:
    views, store, _ = saved_views()
    views.save(SavedView("p", "best", default=True))
    views.delete("p", "best", editor="ada")
    assert views.of("p") == []
    assert views.default("p") is None
    with pytest.raises(InvalidSetting, match="'best'"):
        views.delete("p", "best")
    views.save(SavedView("p", "best"))
    assert [kept.view.name for kept in views.of("p")] == ["best"]
    assert store.counts["put"] == 3
    assert store.counts["delete"] == 0


def test_fields_of_newer_versions_survive_an_older_editor() -> None:
    views, store, _ = saved_views()
    data = json.dumps({"project": "p", "name": "best", "filter": "x", "chart": {"kind": "bar"}}).encode()
    data = stamped_json(data)
    store.put(DocumentKey("views", SavedView("p", "best").slug, 1, "0a1b2c3d").path, data)
    assert views.of("p")[0].view.others == {"chart": {"kind": "bar"}}
    key = views.save(SavedView("p", "best", filter="y"), editor="ada")
    kept = json.loads(store.get(key.key))
    assert len(kept.pop(CHECKSUM_KEY)) == 8
    assert kept == {
        "project": "p", "name": "best", "filter": "y", "editor": "ada", "chart": {"kind": "bar"},
    }  # fmt: skip


def test_of_several_defaults_the_last_one_saved_counts() -> None:
    views, _, clock = saved_views()
    views.save(SavedView("p", "b", default=True))
    clock.now += timedelta(seconds=1)
    views.save(SavedView("p", "a", default=True))
    found = views.default("p")
    assert found is not None
    assert found.view.name == "a"


def test_a_look_costs_one_listing_and_what_is_new() -> None:
    views, store, _ = saved_views()
    for name in "abc":
        views.save(SavedView("p", name))
    views.of("p")
    lists, gets = store.counts["list"], store.counts["get"]
    assert len(views.of("p")) == 3
    assert (store.counts["list"], store.counts["get"]) == (lists + 1, gets)


def test_a_version_that_does_not_read_is_named_and_the_one_before_stands_in() -> None:
    views, store, _ = saved_views()
    views.save(SavedView("p", "best", filter="good"))
    bad = DocumentKey("views", SavedView("p", "best").slug, 9 * 10**18, "0a1b2c3d").path
    for data in (b"\xff{", stamped_json(b"[]"), json.dumps({"project": "p", "name": "best"}).encode()):
        store.put(bad, data)
        views = SavedViews(store)
        assert views.of("p")[0].view.filter == "good"
    assert [problem.key for problem in views.problems] == [bad]


def test_what_can_not_be_saved_says_so() -> None:
    views, store, _ = saved_views()
    with pytest.raises(InvalidName):
        views.save(SavedView("p", " "))
    with pytest.raises(InvalidName):
        views.save(SavedView("1e5", "x"))
    with pytest.raises(InvalidValue, match="at most"):
        views.save(SavedView("p", "x", filter="y" * 200_000))
    assert store.counts["put"] == 0


def test_what_acts_cost() -> None:
    views, store, _ = saved_views()
    views.save(SavedView("p", "best"))
    assert dict(store.counts) == {"list": 1, "put": 1}
    for name in "abc":
        views.save(SavedView("p", name))
    fresh = SavedViews(store)
    store.reset()
    fresh.save(SavedView("p", "best", filter="lr < 1"))
    assert dict(store.counts) == {"list": 1, "get": 1, "put": 1}
    store.reset()
    fresh.delete("p", "best")
    assert dict(store.counts) == {"list": 2, "put": 1}


def test_saving_a_default_again_makes_it_the_one_that_counts() -> None:
    views, _, clock = saved_views()
    first = SavedView("p", "a", default=True)
    views.save(first)
    clock.now -= timedelta(days=1)
    views.save(SavedView("p", "b", default=True))
    found = views.default("p")
    assert found is not None
    assert found.view.name == "b"
    views.save(first)
    found = views.default("p")
    assert found is not None
    assert found.view.name == "a"


def test_the_first_view_makes_a_lake() -> None:
    store = MemoryStore("lake")
    SavedViews(store, exists=lambda: False).save(SavedView("p", "best"))
    assert json.loads(store.get("_lake.json"))["format"] == 1
