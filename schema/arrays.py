"""Arrow arrays out of Python values, built from buffers.

`pyarrow.array(list)` looks for pandas and imports it where it is installed: half a second of the interpreter, in the
middle of somebody's training. Nothing here does. pyarrow is imported at the first call.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate
from typing import Any


@cache
def _typecodes() -> dict[int, str]:
    """How `array` calls a column, by the number of its Arrow type."""
    import pyarrow as pa

    codes = {pa.int64(): "q", pa.int32(): "i", pa.float64(): "d", pa.timestamp("ms"): "q"}
    return {type_.id: code for type_, code in codes.items()}


def numbers(values: Sequence[float | int | None], type_: Any) -> Any:
    """An array of int32, int64, float64 or millisecond timestamps; None is null."""
    import pyarrow as pa

    valid = _validity(values)
    data = array(_typecodes()[type_.id], (0 if v is None else v for v in values))
    return pa.Array.from_buffers(type_, len(values), [valid, pa.py_buffer(data)])


def texts(values: Sequence[str | None]) -> Any:
    """An array of strings; None is null."""
    import pyarrow as pa

    data = [b"" if v is None else v.encode() for v in values]
    return pa.Array.from_buffers(
        pa.string(),
        len(data),
        [_validity(values), pa.py_buffer(offsets(map(len, data), typecode="i")), pa.py_buffer(b"".join(data))],
    )


def binaries(values: Sequence[bytes | None]) -> Any:
    """An array of byte strings; None is null."""
    import pyarrow as pa

    data = [b"" if v is None else v for v in values]
    return pa.Array.from_buffers(
        pa.binary(),
        len(data),
        [_validity(values), pa.py_buffer(offsets(map(len, data), typecode="i")), pa.py_buffer(b"".join(data))],
    )


def constant(value: int, length: int) -> Any:
    """`length` times the same int32."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int32(), length, [None, pa.py_buffer(array("i", [value]) * length)])


def lists(lengths: Iterable[int], items: Any, type_: Any) -> Any:
    """A list or map array: `lengths` of its rows, and all items in order (for maps a struct of key and value)."""
    import pyarrow as pa

    starts = offsets(lengths, typecode="i")
    return pa.Array.from_buffers(type_, len(starts) - 1, [None, pa.py_buffer(starts)], children=[items])


def structs(columns: Sequence[Any], type_: Any) -> Any:
    """A struct array without nulls, from its fields in order."""
    import pyarrow as pa

    return pa.Array.from_buffers(type_, len(columns[0]), [None], children=list(columns))


def offsets(lengths: Iterable[int], *, typecode: str) -> array[int]:
    """Where each item starts, and where the last one ends."""
    return array(typecode, accumulate(lengths, initial=0))


def _validity(values: Sequence[Any]) -> Any:
    if None not in values:
        return None
    import pyarrow as pa

    bits = bytearray((len(values) + 7) // 8)
    for i, value in enumerate(values):
        if value is not None:
            bits[i >> 3] |= 1 << (i & 7)
    return pa.py_buffer(bytes(bits))


def scalar(value: float | int, type_: Any) -> Any:
    """An Arrow scalar; compute kernels given a Python number look for pandas as well."""
    return numbers([value], type_)[0]
