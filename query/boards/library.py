"""The boards of a lake: saved definitions, their history, and boards made from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from ...schema.documents import make_slug
from ...schema.errors import InvalidSetting
from ...schema.problems import Problem
from ...store.base import Store
from ..documents.library import DocumentLibrary
from ..points.reader import LakeReader
from ..snapshots.snapshot import Snapshot
from .automatic import default_definition
from .board import Board
from .caveats import too_late
from .definition import Definition
from .directions import declared_goals
from .make import make_board, read_points, runs_at
from .versions import BOARDS, BoardVersion


class BoardLibrary:
    """What `Lake` does about boards: it calls these methods, and they say what each costs and raises.

    Safe to share between threads.
    """

    def __init__(
        self, lake: LakeReader, store: Store, *, wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Hold the boards of a lake.

        Args:
            lake: reads runs and points.
            store: the lake's objects.
            wall: the editor's clock.
        """
        self._lake = lake
        self._documents = DocumentLibrary(store, BOARDS, wall=wall, exists=lambda: lake.exists)
        self.problems: tuple[Problem, ...] = ()
        """What of the boards could not be read when they were last listed."""
        self.cost = 0
        """Requests that listing the boards last took."""

    def list(
        self, project: str | None = None, *, deleted: bool = False, as_of: datetime | None = None
    ) -> tuple[BoardVersion, ...]:
        """The saved boards, each in the version that counts, sorted by title.

        One LIST, and one GET for each version not read before. A version that does not read is named in `problems`,
        and the one before it counts.

        Args:
            project: only boards that its runs may compete on; those that name no project are for all.
            deleted: also the deleted ones; `BoardVersion.deleted` tells them apart.
            as_of: what counted then; boards that were saved only later are left out.

        Raises:
            AccessDenied, StoreUnreachable: the listing failed.
        """
        found = self._documents.list(as_of=as_of)
        self.problems, self.cost = found.problems, found.requests
        shown = [
            each
            for each in found.versions.values()
            if (deleted or not each.deleted) and (project is None or each.of(project))
        ]
        return tuple(sorted(shown, key=lambda each: (each.title.casefold(), each.slug)))

    def get(
        self, slug: str, *, as_of: datetime | None = None, version: str | None = None, deleted: bool = False
    ) -> BoardVersion:
        """One saved board: see `DocumentLibrary.get`.

        Raises:
            UnknownBoard: no such board or version, or it is deleted.
            DamagedObject: none of its versions reads.
        """
        return self._documents.get(slug, as_of=as_of, version=version, deleted=deleted)

    def history(self, slug: str) -> tuple[BoardVersion, ...]:
        """Every version of a board, oldest first, deletions too. One LIST, one GET for each version not read before.

        Versions that do not read are left out and named in `problems`.

        Raises:
            UnknownBoard: no such board.
        """
        versions, problems = self._documents.history(slug)
        self.problems = tuple(dict.fromkeys([*self.problems, *problems]))
        return versions

    def save(self, definition: Definition, slug: str | None = None, *, editor: str | None = None) -> BoardVersion:
        """Save a board, or a new version of one: from now on this counts. See `DocumentLibrary.save`.

        Args:
            definition: what competes on what.
            slug: the board's name, in links and in the lake; without, made from the title.
            editor: who saves; kept in the history.

        Raises:
            InvalidName: a name that can't be one.
            InvalidSetting: neither a title nor a name.
            InvalidValue: it is too large.
            AccessDenied: no permission to write.
        """
        if slug is None and not definition.title.strip():
            raise InvalidSetting("a board to save needs a title or a name (slug) to be found by")
        return self._documents.save(make_slug(definition.title) if slug is None else slug, definition, editor=editor)

    def delete(self, slug: str, *, editor: str | None = None) -> BoardVersion:
        """Hide a board, by a version that says so; `restore` shows it again. See `DocumentLibrary.delete`."""
        return self._documents.delete(slug, editor=editor)

    def restore(self, slug: str, version: str | None = None, *, editor: str | None = None) -> BoardVersion:
        """Make an old version count again, or a deleted board as it last was. See `DocumentLibrary.restore`."""
        return self._documents.restore(slug, version, editor=editor)

    def make(
        self,
        project: str,
        definition: Definition | str | None = None,
        *,
        as_of: datetime | None = None,
        version: str | None = None,
        snapshot: Snapshot | None = None,
    ) -> Board:
        """The leaderboard: what `Lake.board` says."""
        lake, notes = self._lake, []
        if isinstance(definition, str):
            saved = self.get(definition, as_of=as_of, version=version)
            notes = too_late(saved.at, as_of)
            definition = saved.definition
        projects = (definition.projects if definition is not None else ()) or (project,)
        snapshots = [snapshot] if snapshot is not None else lake.snapshots(projects)
        runs, goals = runs_at(snapshots, as_of), declared_goals(snapshots)
        definition = definition or default_definition(runs, goals=goals)
        if definition is None:
            raise InvalidSetting(f"project {project!r} of lake {lake.url} has no metric yet; give a definition")
        reader = read_points(lake, snapshots)
        return make_board(runs, definition, points=reader, goals=goals, as_of=as_of, notes=notes)
