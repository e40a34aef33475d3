"""`trainer_state.json`, which the Trainer of transformers leaves in each checkpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from .source import Series, SourceRun, SourceUnreadable
from .texts import id_of

NAME: Final = "trainer_state.json"


class TrainerStates:
    """One file, or the newest of each output folder below a folder: a run each."""

    tool = "transformers"

    def __init__(self, root: Path) -> None:
        self._root = root

    def runs(self) -> Iterator[SourceRun]:
        """The runs by their path. Of the checkpoints of one folder the last one has all of its history."""
        if self._root.is_file():
            newest = {self._root.parent: self._root}
        else:
            newest = {}
            for path in sorted(self._root.rglob(NAME), key=_age):
                folder = path.parent
                newest[folder.parent if folder.name.startswith("checkpoint-") else folder] = path
        if not newest:
            raise SourceUnreadable(f"{self._root} holds no {NAME}")
        base = self._root if self._root.is_dir() else self._root.parent
        for folder, path in sorted(newest.items()):
            state = _state(path)
            where = folder.absolute().relative_to(base.absolute().parent)
            changed = round(path.stat().st_mtime * 1000)
            done = state.get("global_step") == state.get("max_steps")
            yield SourceRun(
                run_id=id_of(self.tool, where.as_posix()),
                tool=self.tool,
                source_id=str(path.absolute()),
                project=base.absolute().name,
                status="finished" if done else "running",
                read=partial(_series, state, changed / 1000),
                name=where.as_posix(),
                params={key: value for key, value in state.items() if _is_param(key, value)},
                results={"best_model_checkpoint": state.get("best_model_checkpoint")},
                started_at=changed,
                ended_at=changed,
            )


def _age(path: Path) -> tuple[float, int]:
    digits = path.parent.name.rpartition("-")[2]
    return path.stat().st_mtime, int(digits) if digits.isdigit() else 0


def _state(path: Path) -> Mapping[str, Any]:
    try:
        state = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise SourceUnreadable(f"{path} is no JSON: {str(error)[:200]}") from error
    if not isinstance(state, dict) or not isinstance(state.get("log_history"), list):
        raise SourceUnreadable(f"{path} has no 'log_history': it is no state of a Trainer's")
    return state


def _is_param(key: str, value: object) -> bool:
    told = ("global_step", "epoch", "best_metric", "best_global_step", "best_model_checkpoint", "total_flos")
    return key not in told and isinstance(value, (str, int, float, bool))


def _series(state: Mapping[str, Any], when: float) -> Iterable[Series]:
    out: dict[str, Series] = {}
    for entry in state["log_history"]:
        if not isinstance(entry, dict):
            continue
        step = entry.get("step", 0)
        for name, value in entry.items():
            if name == "step" or isinstance(value, bool) or not isinstance(value, (int, float)):
                continue
            series = out.setdefault(name, Series(name))
            series.add(int(step), when, float(value))
    return out.values()
