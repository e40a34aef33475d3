"""What killed jobs printed: from their spools into the lake."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from ..schema.cover import Part, cover
from ..schema.logs.keys import LogKey, logs_prefix, parse_log
from ..schema.problems import Problem
from ..store.base import ObjectInfo, Store

OPEN_NAME: Final = "console.open"
"""The file of a spool that holds what stood in a line which had no end yet."""
_FILE: Final = re.compile(r"console-(?P<lo>[0-9]{12,})\.log")
_PART_BYTES: Final = 4_000_000


def log_file(lo: int) -> str:
    """The name of a spool's file whose first byte is number `lo` of its writer's console."""
    return f"console-{lo:012d}.log"


def log_files(folder: Path) -> list[tuple[int, Path]]:
    """The files of a console in a spool, each with the number of its first byte, in order."""
    found = ((_FILE.fullmatch(path.name), path) for path in folder.glob("console-*.log"))
    return sorted((int(match["lo"]), path) for match, path in found if match is not None)


def log_keys(store: Store, project: str, run_id: str, writer: str | None = None) -> list[LogKey]:
    """The parts of a run's console that the lake holds, of one writer or of all. One LIST."""
    keys = (parse_log(info.key) for info in store.list(logs_prefix(project, run_id)))
    return [key for key in keys if key is not None and writer in (None, key.writer)]


def send_log(
    store: Store, folder: Path, project: str, run_id: str, writer: str, *, stop: Callable[[], bool] = lambda: False
) -> bool:
    """Bring what a spool holds of a console to the lake, and remove it there. Whether all of it was.

    No request where there is nothing; else one LIST, and one PUT for each part that the lake lacks. May be repeated.

    Raises:
        StoreError: what is left stays.
        OSError: a file can't be read.
    """
    files = log_files(folder)
    if files:
        there = [Part(k.lo, k.hi, True, k.path) for k in log_keys(store, project, run_id, writer)]
        for number, (lo, path) in enumerate(files):
            if stop():
                return False
            data = path.read_bytes()
            if number == len(files) - 1:
                data += _unfinished(folder)
            for at in range(0, len(data), _PART_BYTES):
                piece = data[at : at + _PART_BYTES]
                if not _is_there(there, lo + at, lo + at + len(piece)):
                    key = LogKey(project, run_id, writer, lo + at + len(piece), len(piece))
                    store.put(key.path, piece, durable=True)
            path.unlink(missing_ok=True)
    (folder / OPEN_NAME).unlink(missing_ok=True)
    return True


def check_logs(listed: Iterable[ObjectInfo]) -> list[Problem]:
    """Parts that are not as long as their names promise, and bytes that no part has, from a listing alone. Pure."""
    out: list[Problem] = []
    writers: dict[tuple[str, str, str], list[Part]] = {}
    for info in listed:
        key = parse_log(info.key)
        if key is None:
            continue
        if info.size == key.length:
            who = (key.project, key.run_id, key.writer)
            writers.setdefault(who, []).append(Part(key.lo, key.hi, True, key.path))
        else:
            text = f"{info.key} has {info.size:,} bytes, its name promises {key.length:,}"
            out.append(Problem(info.key, "content" if info.size else "empty", text))
    for (project, run_id, writer), parts in writers.items():
        told = cover(parts)
        if told.has_gap:
            folder = logs_prefix(project, run_id)
            after = min(part.lo for part in parts if part.hi > told.complete_to)
            text = f"{folder}: bytes {told.complete_to:,} to {after - 1:,} of what {writer} printed are in no object"
            out.append(Problem(folder, "incomplete", text))
    return out


def _unfinished(folder: Path) -> bytes:
    try:
        data = (folder / OPEN_NAME).read_bytes()
    except FileNotFoundError:
        return b""
    return data + b"\n" if data else b""


def _is_there(parts: list[Part], lo: int, hi: int) -> bool:
    """Whether the lake has every byte `lo <= b < hi`."""
    moved = cover(Part(max(p.lo - lo, 0), p.hi - lo, True, p.name) for p in parts if p.hi > lo)
    return moved.complete_to >= hi - lo
