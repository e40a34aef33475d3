"""trackio's databases: one SQLite file a project, read with the standard library and opened for reading alone."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

from ..schema.names import SYSTEM
from .source import Series, SourceRun, SourceUnreadable
from .texts import id_of, milliseconds

_WORDS: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class TrackioDatabase:
    """The runs of one project."""

    tool = "trackio"

    def __init__(self, path: Path) -> None:
        self._path = path

    def runs(self) -> Iterator[SourceRun]:
        """All runs by name. One query for the configs, and one a run."""
        try:
            with closing(self._open()) as database:
                columns = {name for _, name, *_ in database.execute("pragma table_info(metrics)")}
                if not {"run_name", "metrics"} <= columns:
                    raise SourceUnreadable(f"{self._path} is no database of trackio's: it has no table of metrics")
                key = "run_id" if "run_id" in columns else "run_name"
                configs = self._configs(database)
                columns_of = f"{key}, min(run_name), min(timestamp), max(timestamp)"
                query = f"select {columns_of} from metrics group by {key} order by 3"  # noqa: S608 ours
                names = database.execute(query).fetchall()
        except sqlite3.Error as error:
            raise SourceUnreadable(f"{self._path} can't be read as trackio's database: {error}") from error
        for run_id, name, first, last in names:
            config = dict(configs.get(name, {}))
            user, group = config.pop("_Username", None), config.pop("_Group", None)
            started = milliseconds(config.pop("_Created", None)) or milliseconds(first)
            yield SourceRun(
                run_id=id_of(self.tool, self._path.stem, str(run_id)),
                tool=self.tool,
                source_id=str(run_id),
                project=self._path.stem,
                status="running",
                read=partial(self._read, key, run_id, started),
                name=name,
                user=str(user) if user else None,
                group=str(group) if group else None,
                params={name: value for name, value in config.items() if not name.startswith("_")},
                started_at=started,
                ended_at=milliseconds(last),
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)

    def _configs(self, database: sqlite3.Connection) -> dict[str, dict[str, Any]]:
        try:
            rows = database.execute("select run_name, config from configs").fetchall()
        except sqlite3.OperationalError:
            return {}
        return {name: _json(config) for name, config in rows}

    def _read(self, key: str, run_id: object, started: int | None) -> Iterable[Series]:
        out: dict[str, Series] = {}
        with closing(self._open()) as database:
            rows = database.execute(
                f"select timestamp, step, metrics from metrics where {key} = ? order by rowid",  # noqa: S608 ours
                (run_id,),
            )
            for when, step, metrics in rows:
                _add(out, "", int(step or 0), (milliseconds(when) or 0) / 1000, _json(metrics))
            try:
                of_system = database.execute(
                    f"select timestamp, metrics from system_metrics where {key} = ? order by rowid",  # noqa: S608 ours
                    (run_id,),
                ).fetchall()
            except sqlite3.OperationalError:
                of_system = []
        for when, metrics in of_system:
            time = (milliseconds(when) or 0) / 1000
            _add(out, SYSTEM, max(0, round(time - (started or 0) / 1000)), time, _json(metrics))
        return out.values()


def _add(out: dict[str, Series], prefix: str, step: int, time: float, values: dict[str, Any]) -> None:
    for name, value in values.items():
        number = _WORDS.get(value) if isinstance(value, str) else value
        if isinstance(number, (int, float)):
            out.setdefault(prefix + name, Series(prefix + name)).add(step, time, float(number))


def _json(said: object) -> dict[str, Any]:
    if not isinstance(said, (str, bytes)):
        return {}
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
