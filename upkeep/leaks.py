"""Secrets that a lake holds already: looked for in rows, tails and consoles by the tables that writers redact with.

What is found is named by its object, run, field and kind; the secret itself is told to nobody.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from ..schema.errors import DamagedObject, LakeFormat
from ..schema.keys import Key, PackKey, RowKey, TailKey, parse_key
from ..schema.logs.keys import LOGS, LogKey
from ..schema.run.row import RunRow
from ..schema.secrets.diff import redact_diff
from ..schema.secrets.redact import redact_arguments, redact_name, redact_text, redact_value
from ..schema.values import Param
from ..store.base import ObjectInfo, Store
from .checks import check_footer, check_rows
from .listing import batches

_READ_BYTES: Final = 32 * 2**20
_READ_OBJECTS: Final = 256
_TEXTS: Final = ("name", "group", "job_type", "dataset", "notes", "error", "traceback")
_MAPS: Final = ("params", "results")


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """One field that holds what looks like a secret."""

    key: str
    """The object's key."""
    project: str
    run_id: str
    field: str
    """`params.db.password`, `env.git.diff`, `error` …; a name that is a secret itself is redacted."""
    kinds: tuple[str, ...]
    """`secret name`, or what shapes it has: `GitHub token`, `login in an address` …"""


@dataclass(frozen=True, slots=True)
class Leaks:
    """What a search found."""

    objects: int
    """How many objects were read."""
    bytes: int
    found: tuple[Leak, ...]
    """In order of keys."""
    unread: tuple[str, ...]
    """Objects that could not be read; `lakeboard fsck` says why."""


def find_leaks(store: Store, *, progress: Callable[[int, int], None] = lambda done, total: None) -> Leaks:
    """Look for secrets in the rows of ended runs, in what tails tell of running ones, and in what runs printed.

    One LIST per 1,000 objects below `runs/`, `live/` and `logs/`, one GET for each object there. Nothing is written.

    Args:
        store: the lake.
        progress: told (bytes read, bytes in all) now and then.

    Raises:
        StoreError: the lake can't be listed.
    """
    wanted: list[tuple[ObjectInfo, Key]] = []
    for area in ("live/", "runs/", f"{LOGS}/"):
        for info in store.list(area):
            key = parse_key(info.key)
            if isinstance(key, (RowKey, TailKey, LogKey)) or (isinstance(key, PackKey) and key.area == "runs"):
                wanted.append((info, key))
    total, done = sum(info.size for info, _ in wanted), 0
    found: set[Leak] = set()
    unread: list[str] = []
    for batch in batches(wanted, most_bytes=_READ_BYTES, most_objects=_READ_OBJECTS):
        data = store.get_many([info.key for info, _ in batch])
        for info, key in batch:
            if isinstance(key, LogKey) and isinstance(printed := data[info.key], bytes):
                told = _told("console", partial(redact_text, printed.decode("utf-8", "replace")))
                found.update(Leak(info.key, key.project, key.run_id, f, tuple(dict.fromkeys(k))) for f, k in told)
                continue
            rows = _rows(key, data[info.key])
            if rows is None:
                unread.append(info.key)
            for row in rows or ():
                found.update(
                    Leak(info.key, getattr(key, "project", ""), row.run_id, field, tuple(dict.fromkeys(kinds)))
                    for field, kinds in secrets_of(row)
                )
        done += sum(info.size for info, _ in batch)
        progress(done, total)
    return Leaks(len(wanted), total, tuple(sorted(found)), tuple(unread))


def secrets_of(row: RunRow) -> Iterator[tuple[str, list[str]]]:
    """The fields of a row that hold what looks like a secret, each with the kinds of it. Pure."""
    for name in _TEXTS:
        text = getattr(row, name, None)
        if isinstance(text, str):
            yield from _told(name, partial(redact_text, text))
    for tag in row.tags:
        yield from _told("tags", partial(redact_text, tag))
    for name in _MAPS:
        params: dict[str, Param] = dict(getattr(row, name, {}) or {})
        for key, param in params.items():
            yield from _told(f"{name}.{redact_name(key)}", partial(_param, key, param))
    for key, value in row.env.items():
        yield from _told(f"env.{redact_name(key)}", partial(_env, key, value))


def _told(field: str, look: Callable[[list[str]], object]) -> Iterator[tuple[str, list[str]]]:
    found: list[str] = []
    look(found)
    if found:
        yield field, found


def _param(name: str, param: Param, found: list[str]) -> None:
    redact_value(name, param.decode(), found)  # type: ignore[arg-type]
    redact_text(name, found)


def _env(name: str, value: str, found: list[str]) -> None:
    if name == "git.diff":
        redact_diff(value, found)
    elif name == "command":
        try:
            redact_arguments(shlex.split(value), found)
        except ValueError:
            # Cut in the middle of a quote.
            redact_text(value, found)
    else:
        redact_value(name, value, found)


def _rows(key: Key, data: bytes | Exception) -> Sequence[RunRow] | None:
    """What an object tells of runs; None where it can't be read, nothing where it is gone."""
    if isinstance(data, FileNotFoundError):
        return ()
    if isinstance(data, Exception):
        return None
    try:
        if isinstance(key, TailKey):
            footer, bad = check_footer(key, data)
            row = RunRow(key.run_id, key.writer).with_changes(
                {k: v for k, v in (footer or {}).items() if k not in ("run_id", "writer")}
            )
            return None if bad else [row]
        if isinstance(key, (RowKey, PackKey)):
            rows, bad = check_rows(key, data)
            return None if bad else rows
    except (DamagedObject, LakeFormat, ValueError, KeyError, TypeError):
        return None
    return ()
