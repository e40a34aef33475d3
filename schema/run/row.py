"""A run's row, as one writer tells it, and how the rows of several writers become one run.

In a running writer's tails the row travels as JSON in the Parquet footer: whole in the start (`k = 0`), afterwards
only what changed since the start. An ended writer leaves it as a row of the `runs` table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from ..values import Param
from .fields import merged_by
from .lineage import Lineage, lineage_from_json, lineage_to_json, united
from .summary import Summary, merge

Status: TypeAlias = Literal["running", "finished", "ended", "failed", "killed", "crashed"]
ENDED: Final[tuple[Status, ...]] = ("finished", "ended", "killed", "failed", "crashed")
"""Statuses of ended runs, from best to worst. `ended` is an end that nobody stated: the next `init` came."""
FAILED: Final[tuple[Status, ...]] = ("killed", "failed", "crashed")
"""Statuses of runs that did not come to their end."""

JANITOR: Final = 1
RECOVERY: Final = 2
OWNER: Final = 3
"""Who wrote a final row: of two that promise the same rows, the one who knows more counts. A writer whose artifacts are
still being uploaded when its points are through speaks as `JANITOR` first, so that it, or whoever recovers it, can add
what it made."""

UNSTATED: Final[Status] = "ended"
"""The status of a run whose end nobody stated."""
NEXT: Final = "next"
"""What `closed_by` says where the next run's beginning ended this one, and nobody said how it went."""

BEHIND_ENV: Final = "lake_behind"
"""The entry of a run's `env` that says in words how far its lake was behind at most, where it ever was."""
REFUSED_ENV: Final = "refused_values"
"""The entry of a run's `env` that counts the values given to `log` that could not be kept, where there were any."""
ASIDE_ENV: Final = "aside_metrics"
"""The entry of a run's `env` that names, one a line, the metrics that were logged aside: their steps are their own, so
that a resumed run does not go on after them."""


def final_version(rows: int, rank: int) -> int:
    """The version of a final row that promises `rows` points: more points win, then the higher rank.

    By rank alone a janitor that was wrong about a living writer, and comes back, would find its row's name taken
    and leave rows that no row promises (found by the protocol's model check).
    """
    return 4 * rows + rank


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file of sealed points, or of media."""

    name: str
    """Its name below `project=<P>/run_id=<R>/` of `metrics/` (or `media/`), which tells its rows."""
    bytes: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """Everything about a run but its points. Times are milliseconds since 1970, UTC, by the writer's clock."""

    run_id: str
    writer: str
    version: int = 1
    """The highest version of a (run_id, writer) counts."""
    attempt: int = 1
    """1 for a fresh run, one more at each resume. All ranks of one job share it."""
    status: Status = "running"
    name: str | None = None
    user: str | None = None
    host: str | None = None
    group: str | None = None
    job_type: str | None = None
    parent_run_id: str | None = None
    dataset: str | None = None
    """The dataset of points that name none themselves."""
    tags: tuple[str, ...] = ()
    notes: str | None = None
    error: str | None = None
    """For failed and crashed runs: what happened."""
    resume_step: int | None = None
    """Points of older attempts at this step or later are hidden."""
    closed_by: str | None = None
    """Who ended it where it was not the run itself: `recover`, `janitor`, or `next` (see `NEXT`)."""
    created_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    updated_at: int | None = None
    params: Mapping[str, Param] = field(default_factory=dict)
    summary: Mapping[str, Summary] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    rows: int | None = None
    """Points of this writer; null while it runs."""
    files: tuple[SealedFile, ...] = ()
    traceback: str | None = None
    """For failed runs: where it happened, redacted, at most 16 kB."""
    tag_values: Mapping[str, str] = field(default_factory=dict)
    """Tags that have a value, by key; `tags` are those without one."""
    results: Mapping[str, Param] = field(default_factory=dict)
    """What the summary says beside metrics: text, booleans, nulls and JSON by name."""
    media_rows: int | None = None
    """Media of this writer, pictures and the like, all in `media/`; of a running one those of its last flush."""
    media_files: tuple[SealedFile, ...] = ()
    """The objects that hold them; where there are many, the first ones, and a listing tells the others."""
    inputs: tuple[Lineage, ...] = ()
    """Versions of artifacts that it used."""
    outputs: tuple[Lineage, ...] = ()
    """Versions that it made, and those it would have made, had they not been there already."""

    def to_json(self) -> dict[str, Any]:
        """All fields that are set, as plain values for `dump_json`."""
        out: dict[str, Any] = {}
        for name in _FIELDS:
            value = getattr(self, name)
            if value is None or (isinstance(value, (tuple, dict)) and not value):
                continue
            out[name] = _TO_JSON[name](value) if name in _TO_JSON else value
        return out

    def changes_since(self, start: RunRow) -> dict[str, Any]:
        """What to tell readers who know `start`: fields that differ; of some maps only new or changed keys."""
        new, old = self.to_json(), start.to_json()
        out = {k: v for k, v in new.items() if old.get(k) != v}
        for name in _BY_KEY:
            if name in out and name in old:
                out[name] = {k: v for k, v in new[name].items() if old[name].get(k) != v}
        # A field that was emptied must be said, or the start's value would stay.
        out |= dict.fromkeys(old.keys() - new.keys())
        return out

    def with_changes(self, changes: Mapping[str, Any]) -> RunRow:
        """The row after `changes_since` of it; unknown fields are passed over."""
        known: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in _FIELDS:
                continue
            if value is None:
                known[name] = RunRow.__dataclass_fields__[name].default
                if name in (*_BY_KEY, "summary", "tag_values"):
                    known[name] = {}
                continue
            parsed = _FROM_JSON[name](value) if name in _FROM_JSON else value
            known[name] = {**getattr(self, name), **parsed} if name in _BY_KEY else parsed
        return replace(self, **known)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> RunRow:
        """The inverse of `to_json` after a trip through strict JSON.

        Raises:
            KeyError: no run_id or no writer.
        """
        return cls(run_id=fields["run_id"], writer=fields["writer"]).with_changes(fields)


_FIELDS = tuple(RunRow.__dataclass_fields__)
_BY_KEY: Final = ("params", "env", "results")
"""Maps that only ever grow: of these what changed is told."""


def params_to_json(params: Mapping[str, Param]) -> dict[str, list[Any]]:
    """`{name: [kind, num, text]}`."""
    return {k: [p.kind, p.num, p.text] for k, p in params.items()}


def params_from_json(params: Mapping[str, Sequence[Any]]) -> dict[str, Param]:
    """The inverse of `params_to_json` after a trip through strict JSON, where non-finite floats are text."""
    return {k: Param(p[0], None if p[1] is None else float(p[1]), p[2]) for k, p in params.items()}


_TO_JSON: dict[str, Callable[[Any], Any]] = {
    "params": params_to_json,
    "results": params_to_json,
    "summary": lambda summary: {k: s.to_json() for k, s in summary.items()},
    "env": dict,
    "tags": list,
    "files": lambda files: [[f.name, f.bytes] for f in files],
    "media_files": lambda files: [[f.name, f.bytes] for f in files],
    "inputs": lineage_to_json,
    "outputs": lineage_to_json,
    "tag_values": dict,
}
_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "params": params_from_json,
    "results": params_from_json,
    "summary": lambda summary: {k: Summary.from_json(s) for k, s in summary.items()},
    "env": dict,
    "tags": tuple,
    "files": lambda files: tuple(SealedFile(name, size) for name, size in files),
    "media_files": lambda files: tuple(SealedFile(name, size) for name, size in files),
    "inputs": lineage_from_json,
    "outputs": lineage_from_json,
    "tag_values": dict,
}


def latest(rows: Iterable[RunRow]) -> list[RunRow]:
    """One row per (run_id, writer): the highest version; a final row before a running one of the same version."""
    best: dict[tuple[str, str], RunRow] = {}
    for row in rows:
        key = (row.run_id, row.writer)
        known = best.get(key)
        if known is None or (row.version, row.status != "running") > (known.version, known.status != "running"):
            best[key] = row
    return list(best.values())


def merge_writers(rows: Sequence[RunRow]) -> RunRow:
    """One run out of the rows of its writers (resumes and ranks), field by field as `RUN_FIELDS` says.

    Newer is the later attempt, then what started later; `writer` is that of the newest.
    """
    ordered = sorted(rows, key=lambda r: (r.attempt, r.started_at or 0, r.writer))
    newest = ordered[-1]
    if len(ordered) == 1:
        return newest
    current = [r for r in ordered if r.attempt == newest.attempt]
    status = merged_status([r.status for r in ordered], [r.status for r in current])
    said = {name: _last_said(ordered, name) for name in merged_by("newest said")}
    said |= {name: _last_said(current, name) for name in merged_by("newest attempt")}
    said |= {name: _extreme(min, ordered, name) for name in merged_by("least")}
    said |= {name: _extreme(max, ordered, name) for name in merged_by("greatest")}
    said |= {name: None if status == "running" else _extreme(max, ordered, name) for name in merged_by("end")}
    said |= {name: _sum(ordered, name) for name in merged_by("sum")}
    said |= {name: tuple(dict.fromkeys(v for r in ordered for v in getattr(r, name))) for name in merged_by("join")}
    said |= {name: {k: v for r in ordered for k, v in getattr(r, name).items()} for name in merged_by("by key")}
    said |= {name: united(getattr(r, name) for r in ordered) for name in merged_by("union")}
    return replace(newest, **said, status=status, summary=_merge_summaries(ordered))


def _merge_summaries(ordered: Sequence[RunRow]) -> dict[str, Summary]:
    out: dict[str, Summary] = {}
    # By label, since not every writer logs every metric: the attempt that said the last value so far.
    attempts: dict[str, int] = {}
    for row in ordered:
        for label, part in row.summary.items():
            known = out.get(label)
            later = row.attempt > attempts.get(label, row.attempt)
            out[label] = merge(known, part, b_attempt=later) if known else part
            if part.n:
                attempts[label] = row.attempt
    return out


def merged_status(everyone: Sequence[Status], current: Sequence[Status]) -> Status:
    """Running if any writer runs, else the worst among the writers of the newest attempt."""
    if "running" in everyone:
        return "running"
    return max(current, key=ENDED.index)


def _last_said(rows: Sequence[RunRow], name: str) -> Any:
    return next((value for r in reversed(rows) if (value := getattr(r, name)) is not None), None)


def _extreme(choose: Any, rows: Sequence[RunRow], name: str) -> int | None:
    known = [value for r in rows if (value := getattr(r, name)) is not None]
    return choose(known) if known else None


def _sum(rows: Sequence[RunRow], name: str) -> int | None:
    values = [getattr(r, name) for r in rows]
    return None if None in values else sum(values)
