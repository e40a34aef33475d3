"""Sacred's FileStorageObserver: a numbered folder for each run, with `run.json`, `config.json`, `metrics.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from ..schema.run.row import Status
from .source import Series, SourceRun, SourceUnreadable
from .texts import id_of, milliseconds

_STATUSES: Final[Mapping[str, Status]] = {
    "COMPLETED": "finished", "FAILED": "failed", "INTERRUPTED": "killed", "TIMEOUT": "killed", "DIED": "crashed",
}  # fmt: skip


class SacredFolder:
    """The runs of one storage."""

    tool = "sacred"

    def __init__(self, root: Path) -> None:
        self._root = root

    def runs(self) -> Iterator[SourceRun]:
        """All runs, in the order of their numbers."""
        folders = [path.parent for path in self._root.glob("*/run.json")] or (
            [self._root] if (self._root / "run.json").is_file() else []
        )
        if not folders:
            raise SourceUnreadable(f"{self._root} is no storage of Sacred's: no folder in it has a run.json")
        for folder in sorted(folders, key=lambda path: (not path.name.isdigit(), path.name.zfill(12))):
            yield self._run(folder)

    def _run(self, folder: Path) -> SourceRun:
        told, config = _json(folder / "run.json"), _json(folder / "config.json")
        host, experiment = told.get("host"), told.get("experiment")
        name = experiment.get("name") if isinstance(experiment, dict) else None
        trace = told.get("fail_trace")
        return SourceRun(
            run_id=id_of(self.tool, self._root.absolute().name, folder.name),
            tool=self.tool,
            source_id=str(folder.absolute()),
            project=str(name or self._root.absolute().name),
            status=_STATUSES.get(str(told.get("status")), "running"),
            error="".join(map(str, trace))[-2000:] if isinstance(trace, list) else None,
            read=partial(_read, folder / "metrics.json"),
            name=f"{name or 'run'} {folder.name}",
            host=str(host.get("hostname")) if isinstance(host, dict) and host.get("hostname") else None,
            params=config,
            results={} if told.get("result") is None else {"result": told["result"]},
            env={"command": str(told["command"])} if told.get("command") else {},
            started_at=milliseconds(told.get("start_time")),
            ended_at=milliseconds(told.get("stop_time")),
            files=(("", folder),),
        )


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise SourceUnreadable(f"{path} is no JSON: {str(error)[:200]}") from error
    return found if isinstance(found, dict) else {}


def _read(path: Path) -> Iterable[Series]:
    for name, each in _json(path).items():
        series = Series(name)
        for step, when, value in zip(each["steps"], each["timestamps"], each["values"], strict=True):
            # What NumPy gave stands there as an object with its value.
            number = value.get("value", "nan") if isinstance(value, dict) else value
            series.add(int(step), (milliseconds(when) or 0) / 1000, float(number))
        yield series
