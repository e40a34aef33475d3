"""Saved views between the lake and the page."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lakeboard.dashboard.feed.saved_views import ViewList, changed, from_view, to_view
from lakeboard.dashboard.state.views import RunsView
from lakeboard.query.edits.saved_views import SavedView, SavedViews
from lakeboard.schema.errors import StoreUnreachable
from lakeboard.store.base import ObjectInfo
from lakeboard.store.counting import CountingStore
from lakeboard.store.memory import MemoryStore

TEXT = st.text(min_size=1, max_size=10)
NAMES = st.lists(TEXT, max_size=3, unique=True).map(tuple)
VIEWS = st.builds(
    RunsView, filter=TEXT, where=TEXT, sort=TEXT, columns=NAMES, pins=NAMES, group=NAMES, projects=NAMES, view=TEXT
)


@given(VIEWS)
def test_a_view_of_the_page_comes_back_from_the_lake(view: RunsView) -> None:
    saved = SavedView.from_json(from_view(view, "p", view.view, default=False).to_json())
    assert to_view(saved) == view
    assert not changed(view, saved)
    assert not changed(replace(view, page=7, panel=False, open=("x",)), saved), "where one is in it is no change"
    assert changed(replace(view, sort=f"-{view.sort}"), saved)


class Away(MemoryStore):
    """A store that can be cut off."""

    away = False

    def list(self, prefix: str) -> list[ObjectInfo]:
        if self.away:
            raise StoreUnreachable("no answer")
        return super().list(prefix)


def test_a_page_lists_views_now_and_then_and_sees_its_own_at_once() -> None:
    inner, now = Away("lake"), [0.0]
    store = CountingStore(inner)
    view_list = ViewList(SavedViews(store), clock=lambda: now[0])
    assert view_list.of("p") == []
    assert view_list.of("p") == []
    assert store.counts["list"] == 1
    view_list.save(SavedView("p", "a", default=True), editor="ada")
    assert [kept.view.name for kept in view_list.of("p")] == ["a"]
    SavedViews(inner).save(SavedView("p", "b", default=True))
    assert len(view_list.of("p")) == 1, "somebody else's comes with the next listing"
    now[0] += 60
    assert [kept.view.name for kept in view_list.of("p")] == ["a", "b"]
    found = view_list.default("p")
    assert found is not None
    assert found.view.name == "b"
    inner.away = True
    now[0] += 60
    assert len(view_list.of("p")) == 2, "what was known before stays"
