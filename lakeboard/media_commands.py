"""What `lakeboard media …` does: each act is one call of `query`, and its printing."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .commands import find_run, open_for_reading
from .printing import print_columns, say
from .schema.errors import InvalidSetting
from .schema.media.kinds import extension_of
from .schema.text.nearest import no_such
from .schema.values import json_safe

if TYPE_CHECKING:
    import polars as pl

_BATCH_ITEMS = 200
"""So many items are in memory at once."""


def list_media(lake: str | None, run: str, *, project: str | None, as_json: bool) -> int:
    """Print what a run logged beside numbers: one line a key, or with `as_json` an item."""
    opened = open_for_reading(lake)
    where, run_id = find_run(opened, run, project)
    frame = opened.media(where, run_id)
    if as_json:
        for row in frame.drop("row_group", "row").iter_rows(named=True):
            say(json.dumps(json_safe({name: str(v) if name == "timestamp" else v for name, v in row.items()})))
    elif not frame.height:
        say(f"run {run_id} logged no media")
    else:
        rows = [
            [key, kind, f"{items:,}", f"{first:,}", f"{last:,}", f"{size / 1e6:,.1f} MB"]
            for key, kind, items, first, last, size in _by_key(frame).iter_rows()
        ]
        print_columns(["key", "kind", "items", "first step", "last step", "size"], rows)
    for problem in opened.problems(where):
        say(f"lakeboard: {problem.message}", file=sys.stderr)
    return 0


def get_media(
    lake: str | None,
    run: str,
    key: str,
    *,
    project: str | None,
    steps: tuple[int | None, int | None],
    out: Path,
) -> int:
    """Write the items of a key into a folder, `<key>-<step>-<index>.<ext>` each; nothing that is there is written over.

    Raises:
        InvalidSetting: the run has no such key, or nothing at these steps; a file is there already.
    """
    opened = open_for_reading(lake)
    where, run_id = find_run(opened, run, project)
    found = opened.media(where, run_id)
    frame = found.filter(key=key)
    if not frame.height:
        near = no_such(key, sorted(found["key"].unique()))
        raise InvalidSetting(f"run {run_id} logged no media as {key!r}{near}")
    first, last = steps
    frame = _within(frame, first, last)
    if not frame.height:
        told = f"{'' if first is None else first}-{'' if last is None else last}"
        raise InvalidSetting(f"run {run_id} has nothing of {key!r} at steps {told}; leave --steps out to get all")
    paths = [out / name for name in file_names(frame)]
    there = next((path for path in paths if path.exists()), None)
    if there is not None:
        raise InvalidSetting(f"{there} is there already; name another folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    for start in range(0, frame.height, _BATCH_ITEMS):
        part = frame[start : start + _BATCH_ITEMS]
        for path, data in zip(paths[start : start + _BATCH_ITEMS], opened.media_bytes(part), strict=True):
            path.write_bytes(data)
    size = int(frame["bytes"].sum())
    say(f"{frame.height:,} file{'' if frame.height == 1 else 's'} of {key} in {out}, {size / 1e6:,.1f} MB")
    return 0


def file_names(frame: pl.DataFrame) -> list[str]:
    """A name for each row of media, each once, that any file system takes."""
    seen: dict[str, int] = {}
    out = []
    for key, step, index, media_type in frame.select("key", "step", "index", "media_type").iter_rows():
        stem = f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', key).strip('-.')[:100] or 'media'}-{step}-{index}"
        seen[stem] = seen.get(stem, 0) + 1
        again = f"-{seen[stem]}" if seen[stem] > 1 else ""
        out.append(f"{stem}{again}.{extension_of(media_type)}")
    return out


def _within(frame: pl.DataFrame, first: int | None, last: int | None) -> pl.DataFrame:
    if first is not None:
        frame = frame.filter(frame["step"] >= first)
    return frame if last is None else frame.filter(frame["step"] <= last)


def _by_key(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    told: list[Any] = [pl.col("kind").mode().sort().first(), pl.len(), pl.col("step").min().alias("first")]
    return frame.group_by("key").agg(*told, pl.col("step").max().alias("last"), pl.col("bytes").sum()).sort("key")
