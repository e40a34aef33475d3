"""MLflow's SQLite database, read with the standard library; opened for reading alone, also while it is written to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

from .mlflow_run import mlflow_run, number
from .source import Series, SourceRun, SourceUnreadable

_NEEDED: Final = frozenset({"experiments", "runs", "metrics", "params", "tags"})
_Texts: TypeAlias = dict[str, dict[str, str]]


class MlflowDatabase:
    """The runs of one `mlflow.db`."""

    tool = "mlflow"

    def __init__(self, path: Path) -> None:
        self._path = path

    def runs(self) -> Iterator[SourceRun]:
        """All runs, the oldest first; those that were deleted are marked. One query for each table, and one a run."""
        try:
            with closing(self._open()) as database:
                yield from self._runs(database)
        except sqlite3.Error as error:
            raise SourceUnreadable(f"{self._path} can't be read as MLflow's database: {error}") from error

    def _open(self) -> sqlite3.Connection:
        # Text of any bytes: what is no UTF-8 is kept as near as can be.
        database = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
        database.text_factory = lambda data: data.decode("utf-8", "replace")
        return database

    def _runs(self, database: sqlite3.Connection) -> Iterator[SourceRun]:
        tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
        if not tables >= _NEEDED:
            missing = ", ".join(sorted(_NEEDED - tables))
            raise SourceUnreadable(f"{self._path} is no database of MLflow's: it has no table {missing}")
        params, tags = _texts(database, "params"), _texts(database, "tags")
        models = _models(database) if "logged_models" in tables else {}
        query = (
            "select r.run_uuid, r.experiment_id, e.name, r.status, r.name, r.user_id, r.start_time, r.end_time, "
            "r.lifecycle_stage, r.artifact_uri from runs r left join experiments e "
            "on e.experiment_id = r.experiment_id order by r.start_time, r.run_uuid"
        )
        for row in database.execute(query).fetchall():
            uuid, experiment_id, experiment, status, name, user, started, ended, stage, artifacts = row
            yield mlflow_run(
                run_uuid=uuid,
                experiment=experiment or "",
                experiment_id=str(experiment_id),
                status=status,
                name=name,
                user=user,
                started=started,
                ended=ended,
                deleted=stage == "deleted",
                params=params.get(uuid, {}),
                tags=tags.get(uuid, {}),
                read=partial(self._read, uuid),
                files=folders([("", artifacts), *models.get(uuid, ())]),
            )

    def _read(self, uuid: str) -> Iterable[Series]:
        with closing(self._open()) as database:
            rows = database.execute(
                "select key, timestamp, value, step, is_nan from metrics where run_uuid = ? order by rowid", (uuid,)
            )
            out: dict[str, Series] = {}
            while some := rows.fetchmany(50_000):
                for key, ms, value, step, is_nan in some:
                    found = out.get(key)
                    if found is None:
                        found = out[key] = Series(key)
                    found.steps.append(step or 0)
                    found.times.append(ms / 1000)
                    found.values.append(number(value, is_nan=bool(is_nan)))
        return out.values()


def _texts(database: sqlite3.Connection, table: str) -> _Texts:
    out: _Texts = {}
    for uuid, key, value in database.execute(f"select run_uuid, key, value from {table}"):  # noqa: S608 ours
        out.setdefault(uuid, {})[key] = "" if value is None else str(value)
    return out


def _models(database: sqlite3.Connection) -> dict[str, list[tuple[str, str]]]:
    """Models that runs logged, which newer versions keep outside of the runs' own folders: where they go, and are."""
    out: dict[str, list[tuple[str, str]]] = {}
    query = "select source_run_id, name, artifact_location from logged_models where source_run_id is not null"
    for uuid, name, uri in database.execute(query):
        out.setdefault(uuid, []).append((f"models/{name}", uri))
    return out


def folders(uris: Iterable[tuple[str, str | None]]) -> tuple[tuple[str, Path], ...]:
    """Those of this machine among some addresses of files; a name that comes twice gets a number."""
    out: dict[str, Path] = {}
    for where, uri in uris:
        found = local_folder(uri)
        if found is not None:
            count = sum(1 for name in out if name == where or name.startswith(f"{where}-"))
            out[f"{where}-{count + 1}" if where in out else where] = found
    return tuple(out.items())


def local_folder(uri: str | None) -> Path | None:
    """The folder of this machine that an artifact's address means, if it is one."""
    if not uri:
        return None
    parts = urlsplit(uri)
    if parts.scheme in ("", "file"):
        return Path(unquote(parts.path) if parts.scheme else uri)
    return None
