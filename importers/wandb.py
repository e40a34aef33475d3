"""Folders of W&B's offline and synchronized runs: `wandb/run-…/run-<id>.wandb`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from ..schema.names import SYSTEM
from ..schema.run.row import Status
from .protobuf import Malformed, Value, fields, message, whole
from .source import Series, SourceRun, SourceUnreadable
from .texts import id_of
from .wandb_file import (
    ARTIFACT,
    CONFIG,
    EXIT,
    HISTORY,
    RUN,
    STATS,
    SUMMARY,
    fields_by_number,
    first_text,
    items,
    read_wandb,
    seconds_of,
    stats_of,
    step_of,
)

_PIECE: Final = 1_000_000
_OWN: Final = frozenset({"_step", "_timestamp", "_runtime", "_wandb"})


@dataclass(slots=True)
class _Content:
    run: dict[int, list[Value]] = field(default_factory=dict)
    config: dict[str, object] = field(default_factory=dict)
    summary: dict[str, object] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    exit_code: int | None = None
    started: float | None = None
    last: float | None = None
    last_step: int = 0
    left_out: dict[str, int] = field(default_factory=dict)


class WandbFolder:
    """All runs below a folder, or of one `.wandb` file. A run that is there twice, as `latest-run` is, comes once."""

    tool = "wandb"

    def __init__(self, root: Path) -> None:
        self._root = root

    def runs(self) -> Iterator[SourceRun]:
        """All runs, by the names of their folders. Each file is read whole when it is its turn."""
        paths = [self._root] if self._root.is_file() else sorted(self._root.rglob("*.wandb"))
        if not paths:
            raise SourceUnreadable(f"{self._root} holds no .wandb file")
        sessions: dict[str, list[Path]] = {}
        for path in sorted({path.resolve(): path for path in paths}.values(), key=lambda path: path.parent.name):
            # A run that was resumed has a file, of one name, for each session.
            sessions.setdefault(path.name, []).append(path)
        for found in sessions.values():
            yield _run(_apart(found))


def _apart(paths: list[Path]) -> list[Path]:
    """Those of some files that are no copy of another, nor the beginning of another."""
    out: list[Path] = []
    for path in sorted(paths, key=lambda path: -path.stat().st_size):
        if not any(_begins_as(other, path) for other in out):
            out.append(path)
    return [path for path in paths if path in out]


def _begins_as(whole: Path, part: Path) -> bool:
    with whole.open("rb") as a, part.open("rb") as b:
        while piece := b.read(_PIECE):
            if a.read(len(piece)) != piece:
                return False
    return True


def _run(paths: list[Path]) -> SourceRun:
    content, problem = _Content(), None
    for session in paths:
        content.exit_code = None
        try:
            for kind, record in read_wandb(session):
                _take(content, kind, record)
        except (Malformed, SourceUnreadable, OSError) as error:
            problem = str(error)
    path = paths[-1]
    for name, value in content.summary.items():
        if name not in content.series and (number := _number(value)) is not None and not isinstance(value, bool):
            # Said of the whole run, never logged.
            content.series[name] = Series(name)
            content.series[name].add(content.last_step, content.last or content.started or 0.0, number)
    told = content.run
    run_id = first_text(told, 1) or path.stem.removeprefix("run-")
    entity, project = first_text(told, 2) or "", first_text(told, 3) or "uncategorized"
    statuses: Mapping[int | None, Status] = {None: "running", 0: "finished", 255: "killed"}
    media = path.parent / "files" / "media"
    files = path.parent / "files"
    pictures = sum(1 for each in media.rglob("*") if each.is_file()) if media.is_dir() else 0
    left_out = {**content.left_out, **({"media files (kept among the run's files)": pictures} if pictures else {})}
    return SourceRun(
        run_id=id_of("wandb", entity, project, run_id),
        tool="wandb",
        source_id="/".join(part for part in (entity, project, run_id) if part),
        project=project,
        status=statuses.get(content.exit_code, "failed"),
        error=problem or (f"exit code {content.exit_code}" if content.exit_code else None),
        read=partial(tuple, content.series.values()),
        name=first_text(told, 8),
        host=first_text(told, 13),
        group=first_text(told, 6),
        job_type=first_text(told, 7),
        notes=first_text(told, 9),
        tags=tuple(message(tag).decode("utf-8", "replace") for tag in told.get(10, ())),
        params=content.config,
        results={key: value for key, value in content.summary.items() if key not in content.series},
        started_at=None if content.started is None else round(content.started * 1000),
        ended_at=None if content.last is None else round(content.last * 1000),
        files=(("", files),) if files.is_dir() else (),
        left_out=left_out,
    )


def _take(content: _Content, kind: int, record: bytes) -> None:
    if kind == HISTORY:
        _history(content, record)
    elif kind == RUN:
        content.run |= fields_by_number(record)
        for config in content.run.get(4, ()):
            _config(content, message(config))
        if 17 in content.run:
            begun = seconds_of(content.run[17][-1])
            content.started = begun if content.started is None else min(content.started, begun)
    elif kind == CONFIG:
        _config(content, record)
    elif kind == SUMMARY:
        found = dict(items(record))
        objects = _objects(found)
        for path, value in found.items():
            if path[0] not in _OWN | objects and not isinstance(value, dict):
                content.summary["/".join(path)] = value
    elif kind == STATS:
        _stats(content, record)
    elif kind == EXIT:
        content.exit_code = next((whole(value) for number, value in fields(record) if number == 1), 0)
    elif kind == ARTIFACT:
        _count(content, "artifacts")


def _config(content: _Content, record: bytes) -> None:
    for path, value in items(record):
        if path[0] in _OWN:
            continue
        place: Any = content.config
        for name in path[:-1]:
            below = place.get(name)
            if not isinstance(below, dict):
                below = place[name] = {}
            place = below
        # Files of newer clients hold each value beside its description.
        place[path[-1]] = value["value"] if isinstance(value, dict) and set(value) <= {"value", "desc"} else value


def _history(content: _Content, record: bytes) -> None:
    row = dict(items(record))
    step = step_of(record)
    if step is None:
        said = row.get(("_step",))
        step = said if isinstance(said, int) else 0
    when = row.get(("_timestamp",))
    time = float(when) if isinstance(when, (int, float)) else content.last or content.started or 0.0
    content.last = time
    content.last_step = step
    objects = _objects(row)
    for path, value in row.items():
        if path[0] in _OWN:
            continue
        if path[0] in objects:
            # Media and the like come as an object, whole or in parts.
            if path[-1] == "_type":
                _count(content, str(value))
            continue
        _add(content, "/".join(path), step, time, value)


def _objects(row: Mapping[tuple[str, ...], Any]) -> frozenset[str]:
    """Names whose values are objects that come in parts."""
    return frozenset(path[0] for path in row if len(path) > 1 and path[-1] == "_type")


def _count(content: _Content, what: str) -> None:
    content.left_out[what] = content.left_out.get(what, 0) + 1


def _add(content: _Content, name: str, step: int, time: float, value: object) -> None:
    if isinstance(value, dict):
        if "_type" in value:
            _count(content, str(value["_type"]))
            return
        for key, below in value.items():
            _add(content, f"{name}/{key}", step, time, below)
        return
    number = _number(value)
    if number is None:
        _count(content, "values that are no numbers")
        return
    series = content.series.get(name)
    if series is None:
        series = content.series[name] = Series(name)
    series.add(step, time, number)


def _number(value: object) -> float | None:
    if isinstance(value, (bool, int, float)):
        return float(value)
    words = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    return words.get(value) if isinstance(value, str) else None


def _stats(content: _Content, record: bytes) -> None:
    when, values = stats_of(record)
    begun = content.started if content.started is not None else when
    for name, value in values:
        number = _number(value)
        if number is not None:
            label = f"{SYSTEM}{name}"
            series = content.series.get(label)
            if series is None:
                series = content.series[label] = Series(label)
            # As of our own: the steps of what is measured on the machine are seconds.
            series.add(max(0, round(when - begun)), when, number)
