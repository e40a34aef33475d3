"""`like` and `matches`: patterns that always run in linear time, within limits."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from ...schema.errors import FilterError

MAX_PATTERN: Final = 200
"""Characters in a pattern."""
MAX_PATTERNS: Final = 10
"""Patterns in one filter."""
MAX_REPEATS: Final = 200
"""The product of a pattern's counted repetitions such as `{3,5}`."""
_COUNTED: Final = re.compile(r"\{(\d+)(?:,(\d*))?\}", re.ASCII)


def like_pattern(text: str, position: int) -> str:
    r"""A `like` pattern as a regular expression over the whole text, ignoring case: `%` is any text, `_` one letter.

    `\%` and `\_` stand for themselves.

    Raises:
        FilterError: longer than 200 characters.
    """
    _check_length(text, position)
    parts, escaped = [], False
    for char in text:
        if escaped:
            parts.append(pl.escape_regex(char if char in "%_\\" else "\\" + char))
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            parts.append({"%": ".*", "_": "."}.get(char) or pl.escape_regex(char))
    return f"(?is)^{''.join(parts)}{pl.escape_regex(chr(92)) if escaped else ''}$"


def regex_pattern(text: str, position: int) -> str:
    """A regular expression that Polars' engine takes; it has no look-around and no back references, hence linear time.

    Raises:
        FilterError: no regular expression, longer than 200 characters, or counts that multiply to over 200.
    """
    _check_length(text, position)
    repeats = 1
    for low, high in _COUNTED.findall(text):
        repeats *= max(1, int((high or low)[:6]))
    if repeats > MAX_REPEATS:
        raise FilterError(f"the pattern's counts multiply to more than {MAX_REPEATS}", position=position)
    try:
        # Only the engine knows its grammar, and it refuses what compiles too large.
        pl.Series([""]).str.contains(text)
    except pl.exceptions.ComputeError as error:
        raise FilterError(f"the pattern {text!r} does not work: {_reason(str(error))}", position=position) from None
    return text


def _check_length(text: str, position: int) -> None:
    if len(text) > MAX_PATTERN:
        raise FilterError(f"the pattern has {len(text)} characters, {MAX_PATTERN} are allowed", position=position)


def _reason(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    told = [line.removeprefix("error:").strip() for line in lines if line.startswith("error:")]
    return told[0] if told else "it grows too large" if "size limit" in message else "it is no regular expression"
