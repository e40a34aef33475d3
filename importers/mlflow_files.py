"""MLflow's folder `mlruns/`, of any version: `<experiment>/<run>/{meta.yaml,metrics,params,tags,artifacts}`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from .mlflow_database import folders
from .mlflow_run import mlflow_run, series
from .source import Series, SourceRun, SourceUnreadable

_TRASH: Final = ".trash"
_META: Final = "meta.yaml"


class MlflowFiles:
    """The runs of one `mlruns/`."""

    tool = "mlflow"

    def __init__(self, path: Path) -> None:
        self._path = path

    def runs(self) -> Iterator[SourceRun]:
        """All runs, experiment by experiment; those in the bin, and of experiments in the bin, are marked."""
        found = False
        for root, deleted in ((self._path, False), (self._path / _TRASH, True)):
            for experiment in _folders(root):
                meta = read_meta(experiment / _META)
                if experiment.name == _TRASH or meta is None:
                    continue
                found = True
                gone = deleted or meta.get("lifecycle_stage") == "deleted"
                models = _models(experiment / "models")
                for folder in _folders(experiment):
                    yield from self._run(folder, experiment.name, meta.get("name", ""), models, deleted=gone)
        if not found:
            raise SourceUnreadable(f"{self._path} is no mlruns/ folder of MLflow's: no experiment in it has a {_META}")

    def _run(
        self,
        folder: Path,
        experiment_id: str,
        experiment: str,
        models: Mapping[str, list[tuple[str, str]]],
        *,
        deleted: bool,
    ) -> Iterator[SourceRun]:
        meta = read_meta(folder / _META)
        uuid = (meta or {}).get("run_id") or (meta or {}).get("run_uuid")
        if meta is None or not uuid:
            return  # models/, datasets/ and tags/ stand here, too.
        tags = _texts(folder / "tags")
        status = meta.get("status", "")
        own = folder / "artifacts"
        yield mlflow_run(
            run_uuid=uuid,
            experiment=experiment,
            experiment_id=experiment_id,
            status=int(status) if status.isdigit() else status,
            name=meta.get("run_name") or meta.get("name"),
            user=meta.get("user_id"),
            started=_number(meta.get("start_time")),
            ended=_number(meta.get("end_time")),
            deleted=deleted or meta.get("lifecycle_stage") == "deleted" or meta.get("deleted_time") is not None,
            params=_texts(folder / "params"),
            tags=tags,
            read=partial(_series, folder / "metrics"),
            files=folders([("", str(own) if _holds_files(own) else meta.get("artifact_uri")), *models.get(uuid, ())]),
        )


def _models(root: Path) -> dict[str, list[tuple[str, str]]]:
    """Models that runs logged, which newer versions keep beside the runs: by run, where they go, and are."""
    out: dict[str, list[tuple[str, str]]] = {}
    for folder in _folders(root):
        meta = read_meta(folder / _META) or {}
        if "source_run_id" in meta:
            name = meta.get("name", folder.name)
            out.setdefault(meta["source_run_id"], []).append((f"models/{name}", str(folder / "artifacts")))
    return out


def read_meta(path: Path) -> dict[str, str] | None:
    """The plain fields of a `meta.yaml` as MLflow writes them, one a line; null ones are left out. None without one."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    out: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if line[:1] == " " and last:
            # A long text goes on in lines that are set in.
            out[last] = f"{out[last]} {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        value = value.strip()
        last = ""
        if not colon or value in ("null", "~"):
            continue
        out[name.strip()] = value
        last = name.strip()
    return {name: _unquoted(value) for name, value in out.items()}


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return value[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
        except UnicodeDecodeError:
            return value[1:-1]
    return value


def _holds_files(folder: Path) -> bool:
    """MLflow leaves a folder of its own empty where the experiment's artifacts go elsewhere."""
    return any(path.is_file() for path in folder.rglob("*"))


def _folders(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.iterdir() if path.is_dir())
    except OSError:
        return []


def _texts(root: Path) -> dict[str, str]:
    return {name: path.read_text(encoding="utf-8", errors="replace") for name, path in _files(root)}


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    """Files below a folder by the name they stand for: one with `/` in it is a folder."""
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder, name)
            yield path.relative_to(root).as_posix(), path


def _series(root: Path) -> Iterable[Series]:
    for metric, path in _files(root):
        yield series(metric, _points(path))


def _points(path: Path) -> Iterator[tuple[float, float, int]]:
    """`ms value step` a line; old ones say no step. A last line that is cut is passed over."""
    with path.open("r", encoding="utf-8", errors="replace") as file:
        for place, line in enumerate(file):
            fields = line.split()
            try:
                step = int(fields[2]) if len(fields) > 2 else place
                point = float(fields[0]), float(fields[1]), step
            except (ValueError, IndexError) as error:
                if not line.endswith("\n"):
                    return
                raise SourceUnreadable(f"{path}, line {place + 1}: {line.strip()[:80]!r} is no point") from error
            yield point


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
