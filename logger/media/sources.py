"""Files and bytes that somebody names instead of an object: read in the call, since they may be gone a moment later."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from ...schema.errors import InvalidValue
from ...schema.media.rows import FILE_BYTES


def take_bytes(source: Any, what: str) -> bytes:
    """The bytes of a path, of bytes themselves, or of an open file.

    Raises:
        InvalidValue: it can't be read, is empty, or is larger than 64 MB.
    """
    if isinstance(source, (bytes, bytearray)):
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        path = Path(source).expanduser()
        try:
            size = path.stat().st_size
            if size > FILE_BYTES:
                raise too_large(size, f"{what} {str(path)!r}")
            data = path.read_bytes()
        except (OSError, ValueError) as error:
            raise InvalidValue(f"names {what} {str(path)[:200]!r}, which can't be read ({error})") from error
    elif isinstance(source, io.IOBase):
        data = source.read()
        if isinstance(data, str):
            data = data.encode()
    else:
        raise InvalidValue(f"is {type(source).__name__}, from which no {what} can be made; pass a path or bytes")
    if not data:
        raise InvalidValue(f"is {what} of no bytes")
    if len(data) > FILE_BYTES:
        raise too_large(len(data), what)
    return data


def too_large(size: int, what: str) -> InvalidValue:
    """What to say of an item that is larger than any is kept."""
    return InvalidValue(
        f"is {what} of {size / 1e6:,.0f} MB; media are kept up to {FILE_BYTES / 2**20:.0f} MiB an item: "
        "make it smaller, or keep it outside and log its address as text"
    )
