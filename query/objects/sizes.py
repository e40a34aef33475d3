"""How many bytes of memory values take, nearly, and quickly whatever is in them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Set
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import islice
from typing import Any, Final

import numpy as np
import polars as pl

_SAMPLE: Final = 64
"""Entries of a large container that stand for all of them."""
_DEEP: Final = 12


def bytes_of(value: object, *, without: tuple[type, ...] = (), held: Iterable[object] = ()) -> int:
    """The memory of a value and of what it holds: frames and arrays by their buffers, large containers by a sample.

    No more than some microseconds for each frame, and for each of some dozens of entries.

    Args:
        value: made of frames, series, arrays, texts, numbers, containers and dataclasses; of others the shell counts.
        without: types that count nothing, since somebody else counts them.
        held: values that count nothing, since somebody else counts them.
    """
    return _bytes(value, without, {id(each): each for each in held}, _DEEP)


def _bytes(value: Any, without: tuple[type, ...], seen: dict[int, object], depth: int) -> int:
    if value is None or isinstance(value, (bool, int, float)):
        return 32
    if id(value) in seen or (without and isinstance(value, without)):
        return 0
    # Held, so that no other object takes its place in memory meanwhile.
    seen[id(value)] = value
    match value:
        case pl.DataFrame() | pl.Series():
            return 1_000 + int(value.estimated_size())
        case np.ndarray():
            return 100 + int(value.nbytes if value.base is None else 0)
        case str() | bytes():
            return sys.getsizeof(value)
    if depth == 0:
        return sys.getsizeof(value)
    if isinstance(value, Mapping):
        pairs = list(islice(value.items(), _SAMPLE))
        told = sum(_bytes(k, without, seen, depth - 1) + _bytes(v, without, seen, depth - 1) for k, v in pairs)
        return 64 + _scaled(told + 100 * len(pairs), len(pairs), len(value))
    if isinstance(value, (list, tuple, Set)):
        items = list(islice(value, _SAMPLE))
        told = sum(_bytes(each, without, seen, depth - 1) for each in items)
        return 64 + _scaled(told + 16 * len(items), len(items), len(value))
    if is_dataclass(value) and not isinstance(value, type):
        names = _names(type(value))
        return 64 + sum(8 + _bytes(getattr(value, name), without, seen, depth - 1) for name in names)
    return sys.getsizeof(value)


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _scaled(told: int, sampled: int, count: int) -> int:
    return told if sampled == count or not sampled else told * count // sampled
