"""The one way in which JSON out of a lake or a spool is read: what makes no sense is damage, never a crash.

Decided here, for all of it: brackets are nested 64 deep at most; numbers have at most the 4,300 digits that Python
reads; `NaN` and `Infinity`, which JSON does not have, are refused (the lake holds them as text); of a name that
stands twice in one object the last one counts, as most readers of JSON have it. Pure; the standard library alone.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from ..errors import DamagedObject
from ..limits import MAX_JSON_BYTES, MAX_JSON_DEPTH

_TEXTS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_PLAIN_TEXTS: Final = re.compile(rb'"[^"]*+"')
_OPENERS: Final = re.compile(rb"[\[{]{%d}" % (MAX_JSON_DEPTH + 1))
_PAIRS: Final = re.compile(rb"\[\]|\{\}")
_BUT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_BUT_BRACKETS_AND_QUOTES: Final = bytes(set(range(256)) - set(b'[]{}"'))


def loads(data: str | bytes, *, key: str, what: str = "JSON", most: int = MAX_JSON_BYTES) -> Any:
    """The value that `data` spells, of JSON's own types. Some nanoseconds a byte; memory some ten times its size.

    Args:
        data: the text, in UTF-8 where it is bytes.
        key: of the object it is from, for the message.
        what: is read, for the message.
        most: bytes (or characters) that are read at all.

    Raises:
        DamagedObject: not JSON, too long, nested too deep, or with numbers that nobody can read; names `key`.
    """
    if len(data) > most:
        raise DamagedObject(f"{key}: its {what} has {len(data):,} bytes; at most {most:,} are read", key=key)
    try:
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        if is_deep(raw):
            raise DamagedObject(f"{key}: its {what} is nested deeper than {MAX_JSON_DEPTH} levels", key=key)
        return json.loads(data, parse_constant=_refuse)
    except DamagedObject:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        said = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise DamagedObject(f"{key}: its {what} can't be read ({said})", key=key) from error


def is_deep(text: bytes) -> bool:
    """Whether brackets outside of texts are nested too deep; nothing is parsed, so no text can crash it."""
    if text.count(b"[") + text.count(b"{") <= MAX_JSON_DEPTH:
        return False
    if b"\\" in text:
        brackets = _TEXTS.sub(b"", text).translate(None, _BUT_BRACKETS)
    else:
        brackets = _PLAIN_TEXTS.sub(b"", text.translate(None, _BUT_BRACKETS_AND_QUOTES)).translate(None, b'"')
    if _OPENERS.search(brackets):
        return True
    # Each round takes the innermost pairs away.
    for _ in range(MAX_JSON_DEPTH):
        outer = _PAIRS.sub(b"", brackets)
        if len(outer) == len(brackets):
            break
        brackets = outer
    # What does not pair is no JSON: where little of it is left, the parser says what is wrong.
    return len(brackets) > MAX_JSON_DEPTH or _PAIRS.search(brackets) is not None


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
