"""Write the tiny lake of format 1 that the tests read for ever: python tests/lakes/make_v1.py FOLDER

What is committed in `v1/` was written once and stays as it is, whatever later versions write; this tells how.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lakeboard.schema.batch import Group, encode_groups
from lakeboard.schema.edits import Edit, edits_to_table
from lakeboard.schema.fold import fold
from lakeboard.schema.keys import LAKE_KEY, EditKey, PackKey, PointsKey, RowKey, TailKey, attempt_of
from lakeboard.schema.parquet import encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import JANITOR, OWNER, RECOVERY, RunRow, SealedFile, final_version
from lakeboard.schema.run.summary import Summary
from lakeboard.schema.values import flatten_params

T0 = 1_764_000_000_000
"""When everything began, in milliseconds."""
HOSTILE = "a=b/ü 100%"
NAN, INF = float("nan"), float("inf")
Call = tuple[dict[str, float], int, str | None]
"""One `log()`: values by name, step, dataset."""


class Lake:
    """Objects on their way into a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, data: bytes) -> int:
        """Write one object; its size."""
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return len(data)

    def seal(self, project: str, run_id: str, writer: str, calls: Sequence[Call], lo: int = 0) -> SealedFile:
        """A file of sealed points."""
        groups, hi = _groups(calls, lo)
        key = PointsKey(project, run_id, writer, hi, hi - lo)
        return SealedFile(
            key.name, self.put(key.path, encode_groups(groups, writer=writer, attempt=attempt_of(writer)))
        )

    def tail(self, project: str, row: RunRow, k: int, calls: Sequence[Call], told: dict[str, Any], lo: int = 0) -> None:
        """A tail whose footer tells `told`."""
        groups, hi = _groups(calls, lo)
        key = TailKey(project, row.run_id, row.writer, k, hi, hi - lo)
        self.put(key.path, encode_groups(groups, writer=row.writer, attempt=row.attempt, run=told))

    def end(self, project: str, row: RunRow) -> None:
        """The row of an ended writer."""
        key = RowKey(project, row.run_id, row.writer, row.version)
        self.put(key.path, encode_table(rows_to_table([row])))


def _groups(calls: Sequence[Call], lo: int) -> tuple[list[Group], int]:
    groups: dict[tuple[str | None, ...], Group] = {}
    row = lo
    for values, step, dataset in calls:
        group = groups.setdefault((dataset, *values), Group(tuple(values), dataset))
        group.steps.append(step)
        group.times.append(T0 / 1000 + row)
        group.starts.append(row)
        group.values.extend(array("d", values.values()))
        row += len(values)
    return list(groups.values()), row


def _summary(*parts: Sequence[Call], goals: dict[str, str] | None = None) -> dict[str, Summary]:
    known: dict[str, Summary] = {}
    groups, _ = _groups([call for part in parts for call in part], 0)
    fold(known, [(g, 0) for g in groups])
    return {label: replace(s, goal=(goals or {}).get(s.metric)) for label, s in known.items()}


def _row(run_id: str, writer: str, **fields: Any) -> RunRow:
    fields = {"created_at": T0, "started_at": T0 + 1, "updated_at": T0 + 9_000, **fields}
    return RunRow(run_id, writer, attempt=attempt_of(writer), **fields)


def _final(run_id: str, writer: str, rows: int, *, rank: int = OWNER, **fields: Any) -> RunRow:
    return _row(run_id, writer, version=final_version(rows, rank), rows=rows, **fields)


def make(root: Path) -> None:
    """Write the lake into `root`."""
    lake = Lake(root)
    lake.put(LAKE_KEY, b'{"format": 1, "min_reader": 1}')
    _digits(lake)
    _hostile(lake)


def _digits(lake: Lake) -> None:
    first: list[Call] = [({"loss": 1.0, "lr": 0.1}, 0, None), ({"loss": 0.5, "lr": 0.1}, 1, None)]
    second: list[Call] = [({"loss": 0.25, "lr": 0.01}, 2, None), ({"val/acc": 0.9}, 2, "cifar10")]
    rank0 = _final(
        "finished", "w001-aaaaaaaa", status="finished", name="the best", user="ann", host="node1",
        group="sweep", job_type="train", dataset="digits", tags=("old", "kept"), notes="**first**",
        ended_at=T0 + 9_000, rows=7, env={"python": "3.11.7", "git.commit": "0123abc"},
        params=flatten_params({"lr": 0.1, "model": {"name": "resnet", "depth": 18}, "ema": True, "resume": None}),
        summary=_summary(first, second, goals={"val/acc": "maximize"}),
        files=(
            lake.seal("digits", "finished", "w001-aaaaaaaa", first),
            lake.seal("digits", "finished", "w001-aaaaaaaa", second, lo=4),
        ),
    )  # fmt: skip
    rank1_calls: list[Call] = [({"loss": 0.75}, 0, None), ({"loss": 0.125}, 2, None)]
    rank1 = _final(
        "finished", "w001-bbbbbbbb", status="finished", ended_at=T0 + 8_000, rows=2,
        params=flatten_params({"rank": 1}), summary=_summary(rank1_calls),
        files=(lake.seal("digits", "finished", "w001-bbbbbbbb", rank1_calls),),
    )  # fmt: skip
    failed_calls: list[Call] = [({"loss": INF}, -5, None), ({"loss": NAN}, 2**62, None)]
    failed = _final(
        "failed", "w001-cccccccc", status="failed", error="ValueError: no such layer: 'ü'",
        ended_at=T0 + 3_000, rows=2, summary=_summary(failed_calls), parent_run_id="finished",
        params=flatten_params({"big": 2**80, "nested": [{"a": [1, None, "x"]}], "inf": -INF, "empty": "", "n": {}}),
        files=(lake.seal("digits", "failed", "w001-cccccccc", failed_calls),),
    )  # fmt: skip
    # A janitor had ended it; of two that promise the same rows the run itself counts.
    by_janitor = final_version(2, JANITOR)
    lake.end("digits", replace(failed, version=by_janitor, status="crashed", error=None, closed_by="janitor"))
    early: list[Call] = [({"loss": float(4 - step)}, step, None) for step in range(4)]
    late: list[Call] = [({"loss": 0.5}, 2, None)]
    crashed = _final(
        "resumed", "w001-eeeeeeee", rank=RECOVERY, status="crashed", closed_by="recover", ended_at=T0 + 4_000, rows=4,
        error="the process ended without finishing the run", name="twice", summary=_summary(early),
        files=(lake.seal("digits", "resumed", "w001-eeeeeeee", early),),
    )  # fmt: skip
    resumed = _final(
        "resumed", "w002-ffffffff", status="finished", ended_at=T0 + 6_000, rows=1, resume_step=2,
        summary=_summary(late), files=(lake.seal("digits", "resumed", "w002-ffffffff", late),),
    )  # fmt: skip
    lake.end("digits", rank1)
    lake.end("digits", resumed)
    pack = PackKey("runs", "digits", 1, "00c0ffee")
    lake.put(pack.path, encode_table(rows_to_table([failed, rank0, crashed])))
    hlc = T0 * 1_000_000
    new = [
        Edit(hlc + 5, "0000000b", "finished", "rename", "renamed", "bob"),
        Edit(hlc + 5, "0000000b", "finished", "untag", "old", "bob"),
    ]
    old = [
        Edit(hlc, "0000000a", "failed", "delete", None, "ann"),
        Edit(hlc + 1, "0000000c", "finished", "tag", "new", None),
        Edit(hlc + 1, "0000000c", "resumed", "note", "see *below*", None),
    ]
    lake.put(EditKey("digits", hlc + 5, "0000000b").path, encode_table(edits_to_table(new)))
    lake.put(PackKey("edits", "digits", 1, "00c0ffee").path, encode_table(edits_to_table(old)))


def _hostile(lake: Lake) -> None:
    start = _row("live", "w001-99999999", name="nächster 🚀", params=flatten_params({"lr": 1e-3}), env={"host": "n"})
    sealed: list[Call] = [({"train loss[a]": 1.0}, 0, None), ({"train loss[a]": 0.5}, 1, None)]
    tail: list[Call] = [({"損失": -INF}, 1, "ü [x]")]
    more: list[Call] = [*tail, ({"損失": 0.25, "train loss[a]": 0.125}, 2, None)]
    file = lake.seal(HOSTILE, "live", start.writer, sealed)
    lake.tail(HOSTILE, start, 0, [], start.to_json())
    for k, calls in ((2, tail), (3, more)):
        now = replace(
            start,
            params={**start.params, **flatten_params({"late": "π"})},
            summary=_summary(sealed, calls),
            files=(file,),
            updated_at=T0 + 10_000 + k,
        )
        told = {**now.changes_since(start), "due_seconds": 5.0, "sealed": 2}
        lake.tail(HOSTILE, start, k, calls, told, lo=2)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
