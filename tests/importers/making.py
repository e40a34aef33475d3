"""Sources as their tools write them, by hand: so that every byte is known, and no tool needs to be installed."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

T0 = 1_700_000_000
"""When all that is made here began, in seconds since 1970."""


# -- protocol buffers ---------------------------------------------------------------------------------------------


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def part(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


def double(field: int, value: float) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<d", value)


def single(field: int, value: float) -> bytes:
    return varint(field << 3 | 5) + struct.pack("<f", value)


# -- TensorBoard --------------------------------------------------------------------------------------------------


def _crc_table() -> tuple[int, ...]:
    out = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        out.append(value)
    return tuple(out)


_CRC = _crc_table()


def masked_crc(data: bytes) -> bytes:
    """The CRC-32C of some bytes as TensorFlow's records hold it."""
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ _CRC[(value ^ byte) & 0xFF]
    value ^= 0xFFFFFFFF
    return struct.pack("<I", ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + masked_crc(length) + data + masked_crc(data)


def event(step: int, *values: bytes, time: float = T0, more: bytes = b"") -> bytes:
    summary = part(5, b"".join(part(1, value) for value in values)) if values else b""
    return record(double(1, time) + number(2, step) + summary + more)


def scalar(tag: str, value: float) -> bytes:
    return part(1, tag) + single(2, value)


def tensor_scalar(tag: str, value: float, *, first: bool) -> bytes:
    plugin = part(9, part(1, part(1, "scalars"))) if first else b""
    return part(1, tag) + plugin + part(8, number(1, 1) + part(4, struct.pack("<f", value)))


def hparams(values: Mapping[str, bytes]) -> bytes:
    started = b"".join(part(1, part(1, name) + part(2, value)) for name, value in values.items())
    plugin = part(1, "hparams") + part(2, number(1, 0) + part(3, started))
    return part(1, "_hparams_/session_start_info") + part(9, part(1, plugin))


def event_file(folder: Path, *events: bytes, name: str = "events.out.tfevents.1700000000.host") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(record(double(1, T0) + part(3, "brain.Event:2")) + b"".join(events))
    return path


# -- W&B ----------------------------------------------------------------------------------------------------------


def items(values: Mapping[str, Any]) -> bytes:
    return b"".join(part(1, part(1, key) + part(16, json.dumps(value))) for key, value in values.items())


def wandb_records(*records: bytes) -> bytes:
    """A file in LevelDB's format, with records that go over the ends of blocks."""
    out = bytearray(struct.pack("<4sHB", b":W&B", 0xBEE1, 0))
    for data in records:
        begun = False
        while True:
            left = 32_768 - len(out) % 32_768
            if left < 7:
                out += b"\0" * left
                left = 32_768
            piece, data = data[: left - 7], data[left - 7 :]
            kind = (1 if not begun else 4) if not data else (2 if not begun else 3)
            out += struct.pack("<IHB", 0, len(piece), kind) + piece
            begun = True
            if not data:
                break
    return bytes(out)


# -- MLflow -------------------------------------------------------------------------------------------------------

_SCHEMA = """
create table experiments (experiment_id integer primary key, name text, lifecycle_stage text);
create table runs (run_uuid text primary key, name text, user_id text, status text, start_time bigint,
    end_time bigint, lifecycle_stage text, artifact_uri text, experiment_id integer);
create table metrics (key text, value double, timestamp bigint, run_uuid text, step bigint, is_nan boolean);
create table params (key text, value text, run_uuid text);
create table tags (key text, value text, run_uuid text);
create table logged_models (model_id text, name text, artifact_location text, source_run_id text);
"""


class Mlflow:
    """A database as MLflow 3 has it, of the columns that are read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run("create", _SCHEMA)
        self.run("insert into experiments values (0, 'Default', 'active')")

    def run(self, query: str, *rows: Any) -> None:
        with closing(sqlite3.connect(self.path)) as database, database:
            if query == "create":
                database.executescript(rows[0])
            elif rows:
                database.executemany(query, rows)
            else:
                database.execute(query)

    def add(self, uuid: str, *, status: str = "FINISHED", stage: str = "active", artifacts: str = "") -> None:
        row = (uuid, f"name of {uuid}", "ann", status, T0 * 1000, (T0 + 9) * 1000, stage, artifacts, 0)
        self.run("insert into runs values (?,?,?,?,?,?,?,?,?)", row)

    def log(self, uuid: str, key: str, points: Iterable[tuple[int, float, bool]]) -> None:
        rows = [(key, value, (T0 + step) * 1000, uuid, step, is_nan) for step, value, is_nan in points]
        self.run("insert into metrics values (?,?,?,?,?,?)", *rows)


def mlruns(root: Path, runs: Mapping[str, Mapping[str, str]], *, experiment: str = "Digits") -> Path:
    """A folder of files: of each run `metrics/…`, `params/…`, `tags/…` by path, and lines of its `meta.yaml`."""
    folder = root / "mlruns" / "417"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "meta.yaml").write_text(f"experiment_id: '417'\nlifecycle_stage: active\nname: {experiment}\n")
    for uuid, files in runs.items():
        for name, text in files.items():
            path = folder / uuid / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return root / "mlruns"
