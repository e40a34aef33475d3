"""The boards of a lake: saved definitions, their history, and boards made from them."""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from ...schema.ahead import is_ahead, said_ahead
from ...schema.errors import DamagedObject, InvalidSetting, StoreError, UnknownBoard
from ...schema.ids import next_hlc
from ...schema.keys import BoardKey, encode_segment, parse_key
from ...schema.names import check_text
from ...store.base import Store
from ...store.format import ensure_lake
from ..objects.problems import Problem, foreign, problem_of
from .definition import Definition
from .directions import declared_goals
from .versions import BoardVersion, check_slug, decode_version, encode_version, in_order, moment_of, slug_of, version_id

if TYPE_CHECKING:
    from ..points.reader import LakeReader
    from ..snapshots.snapshot import Snapshot
    from .board import Board

_BOARDS: Final = "boards/"
_NEAR: Final = 3


class LakeBoards:
    """What a lake can do with boards. Safe to share between threads.

    The last version of a board counts, all are kept, and none is ever changed. Order is by hybrid logical clock, so
    every reader agrees whatever the editors' clocks said.
    """

    _store: Store
    _board_versions: dict[str, BoardVersion | Problem]
    """What was read, by key: objects never change."""
    _wall: Callable[[], datetime]
    _board_problems: tuple[Problem, ...] = ()
    _board_reads: int = 0
    _board_cost: int = 0

    def boards(
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
        read = self._board_reads
        keys, problems = self._board_keys(_BOARDS)
        if as_of is not None:
            keys = [key for key in keys if moment_of(key.hlc) <= as_of]
        found = self._newest(in_order(keys), problems)
        self._board_problems = tuple(problems)
        self._board_cost = 1 + self._board_reads - read
        shown = [
            each for each in found.values() if (deleted or not each.deleted) and (project is None or each.of(project))
        ]
        return tuple(sorted(shown, key=lambda each: (each.title.casefold(), each.slug)))

    def board_problems(self) -> tuple[Problem, ...]:
        """What of the boards could not be read when they were last listed. No request."""
        return self._board_problems

    def board_cost(self) -> int:
        """Requests that listing the boards last took. No request."""
        return self._board_cost

    def saved_board(
        self, slug: str, *, as_of: datetime | None = None, version: str | None = None, deleted: bool = False
    ) -> BoardVersion:
        """One saved board. One LIST, and one GET for a version not read before.

        Args:
            slug: its name.
            as_of: the version that counted then; the first one where the board was saved only later.
            version: the id of an old version to look at.
            deleted: also where the board is deleted.

        Raises:
            UnknownBoard: no such board or version, or it is deleted.
            DamagedObject: none of its versions reads.
        """
        keys, problems = self._board_keys(_folder(slug))
        ordered = in_order(keys).get(slug, [])
        if not ordered:
            raise UnknownBoard(self._no_board(slug))
        if version is not None:
            ordered = [key for key in ordered if version_id(key) == version]
            if not ordered:
                raise UnknownBoard(f"board {slug!r} of lake {self._store.url} has no version {version}")
        elif as_of is not None:
            ordered = [key for key in ordered if moment_of(key.hlc) <= as_of] or ordered[::-1]
        found = self._newest({slug: ordered}, problems).get(slug)
        if found is None:
            raise DamagedObject(problems[0].message, key=problems[0].key)
        if found.deleted and not deleted and version is None:
            by = f" by {found.editor}" if found.editor else ""
            raise UnknownBoard(
                f"board {slug!r} was deleted{by} on {found.at:%Y-%m-%d %H:%M} UTC; lake.restore_board({slug!r})"
            )
        return found

    def board_history(self, slug: str) -> tuple[BoardVersion, ...]:
        """Every version of a board, oldest first, deletions too. One LIST, one GET for each version not read before.

        Versions that do not read are left out and named in `problems`.

        Raises:
            UnknownBoard: no such board.
        """
        keys, problems = self._board_keys(_folder(slug))
        ordered = in_order(keys).get(slug, [])[::-1]
        if not ordered:
            raise UnknownBoard(self._no_board(slug))
        versions = [each for each in self._read_versions(ordered, problems) if each is not None]
        self._board_problems = tuple(dict.fromkeys([*self._board_problems, *problems]))
        return tuple(versions)

    def save_board(self, definition: Definition, slug: str | None = None, *, editor: str | None = None) -> BoardVersion:
        """Save a board, or a new version of one: from now on this counts. Says nothing new, writes nothing.

        One LIST, at most one GET, one PUT; in a lake that nothing was ever written to, one GET and one PUT more.

        Args:
            definition: what competes on what.
            slug: the board's name, in links and in the lake; without, made from the title.
            editor: who saves; kept in the history.

        Returns:
            The version that counts now.

        Raises:
            InvalidName: a name that can't be one.
            AccessDenied: no permission to write.
        """
        if slug is None and not definition.title.strip():
            raise InvalidSetting("a board to save needs a title or a name (slug) to be found by")
        return self._save(slug_of(definition.title) if slug is None else slug, definition, editor=editor)

    def delete_board(self, slug: str, *, editor: str | None = None) -> BoardVersion:
        """Hide a board, by a version that says so; `restore_board` shows it again. `save_board` and one LIST.

        Raises:
            UnknownBoard: no such board, or it is deleted already.
            AccessDenied: no permission to write.
        """
        last = self.saved_board(slug)
        return self._save(slug, last.definition, editor=editor, deleted=True)

    def restore_board(self, slug: str, version: str | None = None, *, editor: str | None = None) -> BoardVersion:
        """Make an old version count again, or a deleted board as it last was; a new version that says the same.

        The requests of `save_board`, one LIST, and one GET for a version not read before.

        Raises:
            UnknownBoard: no such board or version.
            AccessDenied: no permission to write.
        """
        old = self.saved_board(slug, version=version, deleted=True)
        return self._save(slug, old.definition, editor=editor)

    def board(
        self,
        project: str,
        definition: Definition | str | None = None,
        *,
        as_of: datetime | None = None,
        version: str | None = None,
        snapshot: Snapshot | None = None,
    ) -> Board:
        """The leaderboard; its `frame` has a row per entry, best first.

        Costs the requests of `snapshot` for each project; one LIST more for a saved board, and one GET for a version
        not read before. Points are read only of runs whose summaries don't tell: where a measure counts at the best
        step of another, or a time is cut while they ran; then those of `metrics`.

        Args:
            project: whose runs compete, where the definition names no projects.
            definition: what competes on what, or the name of a saved board; without, what most likely matters.
            as_of: as it was then: the saved board's version that counted, the runs there were, what they had reached,
                whether they were deleted. Names and tags are those of today.
            version: the id of an old version of the saved board.
            snapshot: the state of the project to show, instead of a fresh one; of one project.

        Raises:
            UnknownProject: the lake holds nothing of a project.
            UnknownBoard: no such saved board or version, or it is deleted.
            InvalidSetting: no run has a metric yet, and no definition was given.
        """
        from .automatic import default_definition
        from .caveats import too_late
        from .make import make_board, read_points, runs_at

        lake = cast("LakeReader", self)
        notes = []
        if isinstance(definition, str):
            saved = self.saved_board(definition, as_of=as_of, version=version)
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

    def _save(self, slug: str, definition: Definition, *, editor: str | None, deleted: bool = False) -> BoardVersion:
        check_slug(slug)
        who = None if editor is None else check_text(editor, what="editor")
        keys, problems = self._board_keys(_folder(slug))
        last = self._newest(in_order(keys), problems).get(slug)
        if last is not None and (last.definition, last.deleted) == (definition, deleted) and not problems:
            return last
        hlc = next_hlc(int(self._wall().timestamp() * 1000), max((key.hlc for key in keys), default=0))
        key = BoardKey(slug, hlc, secrets.token_hex(4))
        version = BoardVersion(slug, version_id(key), definition, who, deleted)
        if not keys and not cast("LakeReader", self).exists:
            ensure_lake(self._store)
        self._store.put(version.key, encode_version(version), durable=True)
        self._board_versions[version.key] = version
        return version

    def _board_keys(self, prefix: str) -> tuple[list[BoardKey], list[Problem]]:
        keys, problems = [], []
        for info in self._store.list(prefix):
            key = parse_key(info.key)
            if isinstance(key, BoardKey) and is_ahead(key.hlc, info.modified):
                text = said_ahead(info.key, "a version of a board", key.hlc, info.modified)
                problems.append(Problem(info.key, "damaged", text))
            elif isinstance(key, BoardKey):
                keys.append(key)
            else:
                problems.append(foreign(info.key))
        return keys, problems

    def _newest(self, by_slug: Mapping[str, Sequence[BoardKey]], problems: list[Problem]) -> dict[str, BoardVersion]:
        """Of each board the first of its keys that reads; what does not is told in `problems`."""
        found: dict[str, BoardVersion] = {}
        left = {slug: list(keys) for slug, keys in by_slug.items()}
        while left:
            first = {slug: keys.pop(0) for slug, keys in left.items()}
            versions = self._read_versions(list(first.values()), problems)
            found |= {version.slug: version for version in versions if version is not None}
            left = {slug: keys for slug, keys in left.items() if keys and slug not in found}
        return found

    def _read_versions(self, keys: Sequence[BoardKey], problems: list[Problem]) -> list[BoardVersion | None]:
        """What each key holds; null, and a problem, where it does not read. One GET for each not read before."""
        known = self._board_versions
        unread = [key.path for key in keys if key.path not in known]
        self._board_reads += len(unread)
        answers = self._store.get_many(unread)
        out: list[BoardVersion | None] = []
        for key in keys:
            found = known.get(key.path) or _read(key, answers[key.path])
            if isinstance(found, BoardVersion) or found.permanent:
                known[key.path] = found
            out.append(found if isinstance(found, BoardVersion) else None)
            if isinstance(found, Problem):
                problems.append(found)
        return out

    def _no_board(self, slug: str) -> str:
        names = list(in_order(self._board_keys(_BOARDS)[0]))
        near = difflib.get_close_matches(slug, names, n=_NEAR) or names[:_NEAR]
        hint = f"; did you mean {', '.join(map(repr, near))}?" if near else ", nor any other yet"
        return f"lake {self._store.url} has no board {slug!r}{hint}"


def _read(key: BoardKey, answer: bytes | Exception) -> BoardVersion | Problem:
    try:
        if isinstance(answer, Exception):
            raise answer
        return decode_version(key, answer)
    except (DamagedObject, StoreError) as error:
        return problem_of(key.path, error)


def _folder(slug: str) -> str:
    return f"{_BOARDS}{encode_segment(check_slug(slug))}/"
