"""What was worked out from a lake's objects, kept as files on this machine for the processes after this one."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from ...schema.checksum import verify
from ...schema.errors import DamagedObject, LakeFormat
from ...schema.parquet import encode_table
from ...schema.tables import rows_schema
from .decode import decode_rows

if TYPE_CHECKING:
    import pyarrow as pa

_FOLDER: Final = "derived-1"
"""Its number changes with what the files hold."""
_log: Final = logging.getLogger(__name__)


class DerivedFiles:
    """Tables of run rows by name. Nothing rests on them: what is missing or damaged is worked out anew.

    Several processes may share a folder; the last one that saves a table counts. Trouble with the disk costs time,
    never an answer.

    Args:
        folder: that of the lake on this machine, made when the first table is saved, for this user alone; None keeps
            nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / _FOLDER if folder is not None else None
        self._writable = True

    def load(self, name: str) -> pl.DataFrame | None:
        """The table that was saved last; None where there is none, or none that reads."""
        if self._folder is None:
            return None
        try:
            data = self._path(self._folder, name).read_bytes()
            verify(data, key=name)
            return decode_rows(data, key=name)
        except OSError:
            return None  # The usual case is that it is not there; any other is treated alike.
        except (DamagedObject, LakeFormat) as error:
            _log.info("a table that was worked out before is made anew: %s", error)
            return None

    def save(self, name: str, rows: pl.DataFrame) -> None:
        """Put a table of some columns of run rows in place of the one before it."""
        if self._folder is None or not self._writable:
            return
        path = self._path(self._folder, name)
        temp = path.with_name(f"tmp-{os.urandom(8).hex()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                temp.write_bytes(encode_table(rows.to_arrow().cast(_schema(rows.columns))))
                temp.chmod(0o600)
                temp.rename(path)
            except BaseException:
                temp.unlink(missing_ok=True)
                raise
        except OSError as error:
            self._writable = False
            _log.info("what is worked out in %s is not kept from here on: %s", self._folder, error)

    def _path(self, folder: Path, name: str) -> Path:
        return folder / hashlib.sha256(name.encode()).hexdigest()[:40]


def _schema(names: Sequence[str]) -> pa.Schema:
    import pyarrow as pa

    whole = rows_schema()
    return pa.schema([whole.field(name) for name in names], metadata=whole.metadata)
