"""Saved views as pages see them: listed now and then, seen at once by whoever saved."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from threading import Lock

from ...query.edits.saved_views import SavedView, SavedViews, ViewVersion, default_of
from ...schema.errors import StoreError
from ...schema.problems import Problem
from ..state.views import RunsView
from .feed import Feed
from .refresh_policy import PROJECT_REMOTE


class ViewList:
    """The saved views of a server's lake. Safe to share between threads."""

    def __init__(self, views: SavedViews, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._views = views
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, tuple[float, list[ViewVersion]]] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Versions that could not be read; those before stand in."""
        return self._views.problems

    def of(self, project: str) -> list[ViewVersion]:
        """The views of a project, by name. One LIST in half a minute, and a GET for what is new.

        While the lake does not answer, those known before.
        """
        with self._lock:
            known = self._known.get(project)
        if known is not None and self._clock() - known[0] <= PROJECT_REMOTE.idle_seconds:
            return known[1]
        try:
            found = self._views.of(project)
        except StoreError:
            found = known[1] if known else []
        with self._lock:
            self._known[project] = (self._clock(), found)
        return found

    def default(self, project: str) -> ViewVersion | None:
        """What who comes without another view sees."""
        return default_of(self.of(project))

    def save(self, view: SavedView, *, editor: str | None) -> None:
        """Save it; this server's viewers see it at once. See `SavedViews.save`."""
        self._views.save(view, editor=editor)
        self.forget()

    def delete(self, project: str, name: str, *, editor: str | None) -> None:
        """Take it away. See `SavedViews.delete`."""
        self._views.delete(project, name, editor=editor)
        self.forget()

    def forget(self) -> None:
        """List anew at the next request."""
        with self._lock:
            self._known.clear()


def view_list(feed: Feed) -> ViewList:
    """The one of a server's lake."""
    return feed.keep("saved views", lambda: ViewList(SavedViews(feed.lake.store, exists=lambda: feed.lake.exists)))


def to_view(saved: SavedView) -> RunsView:
    """What the page shows under a saved view."""
    return RunsView(
        view=saved.name,
        projects=saved.projects,
        filter=saved.filter,
        where=saved.where,
        columns=saved.columns,
        pins=saved.pins,
        widths=saved.widths,
        sort=saved.sort or RunsView().sort,
        group=saved.group,
    )


def from_view(view: RunsView, project: str, name: str, *, default: bool) -> SavedView:
    """What is saved of what the page shows: what it asks for, not where one happens to be in it."""
    return SavedView(
        project,
        name,
        projects=view.projects,
        filter=view.filter,
        where=view.where,
        columns=view.columns,
        pins=view.pins,
        widths=view.widths,
        sort=view.sort,
        group=view.group,
        default=default,
    )


def changed(view: RunsView, saved: SavedView) -> bool:
    """Whether the page shows something else than the saved view that it was opened from."""
    kept = replace(to_view(saved), page=view.page, panel=view.panel, open=view.open, view=view.view)
    return kept != view
