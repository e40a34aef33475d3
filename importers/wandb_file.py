"""The records of a `run-….wandb` file: what a W&B client wrote while it ran, offline or not.

A file is ":W&B", a magic number and a version, then blocks of 32 kB in the format of LevelDB's log, each record a
protocol buffer. Source: LevelDB's `log_format.md`, `wandb_internal.proto` of the W&B client.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from .protobuf import Malformed, Value, fields, message, text, whole
from .source import SourceUnreadable

HISTORY, SUMMARY, OUTPUT, CONFIG, FILES, STATS, ARTIFACT, METRIC, OUTPUT_RAW, RUN, EXIT = (
    2, 3, 4, 5, 6, 7, 8, 12, 13, 17, 18,
)  # fmt: skip
_BLOCK: Final = 32_768
_HEAD: Final = struct.Struct("<IHB")
_FILE_HEAD: Final = struct.Struct("<4sHB")
_MAGIC: Final = 0xBEE1
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def read_wandb(path: Path) -> Iterator[tuple[int, bytes]]:
    """Records in order: the number that tells their kind, and their bytes. Ends quietly where the file is cut.

    Raises:
        SourceUnreadable: it is no such file.
        OSError: it can't be read.
    """
    for record in _log(path):
        for number, value in fields(record):
            if number > 1 and isinstance(value, bytes) and number not in (16, 200):
                yield number, value


def _log(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        head = file.read(_FILE_HEAD.size)
        if len(head) < _FILE_HEAD.size or _FILE_HEAD.unpack(head)[:2] != (b":W&B", _MAGIC):
            raise SourceUnreadable(f"{path} is no file of W&B's: it does not begin with ':W&B'")
        left = _BLOCK - _FILE_HEAD.size
        parts: list[bytes] = []
        while True:
            if left < _HEAD.size:
                file.seek(left, 1)
                left = _BLOCK
            start = file.read(_HEAD.size)
            if len(start) < _HEAD.size:
                return
            _, length, kind = _HEAD.unpack(start)
            if kind == 0 and length == 0:
                file.seek(left - _HEAD.size, 1)
                left = _BLOCK
                continue
            data = file.read(length)
            if len(data) < length:
                return
            left -= _HEAD.size + length
            if left < 0 or kind not in (_FULL, _FIRST, _MIDDLE, _LAST):
                raise SourceUnreadable(f"{path} is damaged at byte {file.tell() - length}")
            if kind in (_FULL, _FIRST):
                parts = []
            parts.append(data)
            if kind in (_FULL, _LAST):
                yield b"".join(parts)


def items(data: bytes, *, at: int = 1) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The named values of a history, config or summary record: the path of each name, and what its JSON says.

    Args:
        data: the record.
        at: the number of its items.
    """
    for number, value in fields(data):
        if number == at:
            yield _item(message(value))


def _item(data: bytes) -> tuple[tuple[str, ...], Any]:
    key, nested, said = "", [], "null"
    for number, value in fields(data):
        if number == 1:
            key = text(value)
        elif number == 2:
            nested.append(text(value))
        elif number == 16:
            said = text(value)
    try:
        return (tuple(nested) if nested else (key,)), json.loads(said)
    except (ValueError, RecursionError):
        return (tuple(nested) if nested else (key,)), said


def step_of(history: bytes) -> int | None:
    """The step that a history record says by itself."""
    for number, value in fields(history):
        if number == 2:
            return next((whole(each) for n, each in fields(message(value)) if n == 1), 0)
    return None


def seconds_of(value: Value) -> float:
    """A protocol buffer's Timestamp, in seconds since 1970."""
    seconds = nanos = 0
    for number, each in fields(message(value)):
        if number == 1:
            seconds = whole(each)
        elif number == 2:
            nanos = whole(each)
    return seconds + nanos / 1e9


def stats_of(data: bytes) -> tuple[float, list[tuple[str, Any]]]:
    """A record of the machine's metrics: when, and each name with its value."""
    when, out = 0.0, []
    for number, value in fields(data):
        if number == 2:
            when = seconds_of(value)
        elif number == 3:
            key, said = "", "null"
            for n, each in fields(message(value)):
                if n == 1:
                    key = text(each)
                elif n == 16:
                    said = text(each)
            try:
                out.append((key, json.loads(said)))
            except ValueError:
                continue
    return when, out


def fields_by_number(data: bytes) -> dict[int, list[Value]]:
    """All fields of a message by their number."""
    out: dict[int, list[Value]] = {}
    for number, value in fields(data):
        out.setdefault(number, []).append(value)
    return out


def first_text(found: dict[int, list[Value]], number: int) -> str | None:
    """The text of a field, where it is there and not empty."""
    values: Sequence[Value] = found.get(number, ())
    return (text(values[-1]) or None) if values else None


__all__ = [
    "ARTIFACT", "CONFIG", "EXIT", "FILES", "HISTORY", "METRIC", "OUTPUT", "OUTPUT_RAW", "RUN", "STATS", "SUMMARY",
    "Malformed", "fields_by_number", "first_text", "items", "read_wandb", "seconds_of", "stats_of", "step_of",
]  # fmt: skip
