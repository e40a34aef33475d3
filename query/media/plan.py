"""Which objects hold the media of some runs: every row of every writer exactly once, as `query/points/plan.py` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...schema.cover import Part, cover
from ...schema.keys import attempt_of, parse_key
from ...schema.media.keys import MediaKey, media_prefix
from ...schema.problems import Problem
from ...store.base import Store
from ..points.coverage import Piece, pieces_of
from ..rows.live_writers import Who
from ..snapshots.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class WriterMedia:
    """One writer's media and where they are."""

    run_id: str
    writer: str
    rows: int
    """So many are known to exist: by the final row, or by the newest tail."""
    parts: frozenset[Part]
    before_step: int | None
    """Media at this step or later were logged again after a resume."""
    doubtful: bool
    """It runs, but is long overdue: it may have died after it put an object, before the tail that would name it."""

    @property
    def short(self) -> bool:
        """Whether rows are known to exist that no part holds."""
        return cover(self.parts).complete_to < self.rows

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What to read."""
        return pieces_of(self.parts, 0, self.rows).pieces

    @property
    def holes(self) -> tuple[tuple[int, int], ...]:
        """The row ranges that no part holds."""
        return pieces_of(self.parts, 0, self.rows).holes


def plan_media(store: Store, snapshot: Snapshot, run_ids: Iterable[str], *, hidden: bool = False) -> list[WriterMedia]:
    """The writers of some runs that logged media.

    No request where the rows' own lists of objects account for all media; one LIST for each run where they do not.

    Args:
        store: the lake.
        snapshot: the state of the project.
        run_ids: which runs.
        hidden: also what resumes hide.
    """
    writers = writers_of_media(snapshot, sorted(set(run_ids)))
    listed: dict[str, dict[Who, set[Part]]] = {}
    out = []
    for each in writers:
        if each.short or each.doubtful:
            if each.run_id not in listed:
                listed[each.run_id] = _listed(store, snapshot.project, each.run_id)
            more = each.parts | listed[each.run_id].get((each.run_id, each.writer), set())
            each = replace(each, parts=more, rows=max(each.rows, *(p.hi for p in more), 0))
        if each.rows:
            out.append(replace(each, before_step=None) if hidden else each)
    return out


def problems_of_plan(project: str, writers: Iterable[WriterMedia]) -> list[Problem]:
    """Rows that are known to exist and are in no object."""
    return [
        Problem(
            where,
            "incomplete",
            f"{where}: media {lo} to {hi - 1} of writer {each.writer} are in no object; shown without them",
        )
        for each in writers
        for lo, hi in each.holes
        for where in [media_prefix(project, each.run_id)]
    ]


def writers_of_media(snapshot: Snapshot, run_ids: Sequence[str]) -> list[WriterMedia]:
    """The writers of some runs, and the objects that their rows and tails name. No request."""
    rows = snapshot.ended.plain(run_ids).select("run_id", "writer", "media_rows", "resume_step", "media_files")
    wanted = set(run_ids)
    promised: dict[Who, int] = {}
    resumed: dict[str, list[tuple[int, int]]] = {}
    parts: dict[Who, set[Part]] = {}
    doubtful: set[Who] = set()
    for run_id, writer, count, resume_step, files in rows.iter_rows():
        promised[run_id, writer] = count or 0
        parts.setdefault((run_id, writer), set()).update(
            _parts(snapshot.project, run_id, writer, [f["name"] for f in files or ()])
        )
        if resume_step is not None:
            resumed.setdefault(run_id, []).append((attempt_of(writer), resume_step))
    for who, live in snapshot.live.items():
        if who[0] not in wanted or live.ended:
            continue
        row = live.row
        promised[who] = max(promised.get(who, 0), row.media_rows or 0)
        parts.setdefault(who, set()).update(_parts(snapshot.project, *who, [f.name for f in row.media_files]))
        if live.silent(snapshot.now):
            doubtful.add(who)
        if row.resume_step is not None:
            resumed.setdefault(who[0], []).append((row.attempt, row.resume_step))
    out = []
    for who in sorted(parts):
        later = [step for attempt, step in resumed.get(who[0], ()) if attempt > attempt_of(who[1])]
        found = frozenset(parts[who])
        most = max(promised.get(who, 0), *(p.hi for p in found), 0)
        out.append(WriterMedia(*who, most, found, min(later, default=None), who in doubtful))
    return out


def _parts(project: str, run_id: str, writer: str, names: Iterable[str]) -> set[Part]:
    found = (parse_key(media_prefix(project, run_id) + name) for name in names)
    return {_part(key) for key in found if isinstance(key, MediaKey) and key.writer == writer}


def _part(key: MediaKey) -> Part:
    return Part(key.lo, key.hi, True, key.path)


def _listed(store: Store, project: str, run_id: str) -> dict[Who, set[Part]]:
    out: dict[Who, set[Part]] = {}
    for info in store.list(media_prefix(project, run_id)):
        key = parse_key(info.key)
        if isinstance(key, MediaKey):
            out.setdefault((run_id, key.writer), set()).add(_part(key))
    return out


def keys_by_path(writers: Iterable[WriterMedia]) -> Mapping[str, MediaKey]:
    """The keys of all objects that are to be read."""
    found = {piece.part.name: parse_key(piece.part.name) for each in writers for piece in each.pieces}
    return {path: key for path, key in found.items() if isinstance(key, MediaKey)}
