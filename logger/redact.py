"""Secrets stay out of the lake: values under telling names, and texts of telling shapes. Pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final

from ..schema.values import encode_param

REDACTED: Final = "[redacted]"

_SECRET_WORDS: Final = frozenset(
    {"password", "passwd", "pwd", "secret", "token", "apikey", "credential", "credentials", "passphrase"}
)
_SECRET_PAIRS: Final = frozenset(
    {("api", "key"), ("access", "key"), ("secret", "key"), ("private", "key"), ("account", "key")}
)
_MAX_DEPTH: Final = 32
_MAX_TEXT: Final = 1_000
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SHAPES: Final = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}\b|\bgithub_pat_[A-Za-z0-9_]{20,}\b|\bglpat-[A-Za-z0-9_-]{16,}"
    r"|\bhf_[A-Za-z0-9]{20,}\b|\bsk-[A-Za-z0-9_-]{16,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"
)
_URL_LOGIN: Final = re.compile(r"(?<=://)[^/\s@:]*:[^/\s@]+(?=@)")
_SOURCE: Final = re.compile(r"""(\b[A-Za-z_][\w.]*["']?[ \t]*[:=]{1,2}[ \t]*)(["'])((?:(?!\2).){4,400})\2""")
_ASSIGNMENT: Final = re.compile(r"(-{0,2}[A-Za-z_+~][\w.+~-]*)=(.*)", re.DOTALL)


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is likely a secret: `hf_token`, `db.password`, `apiKey`; not `max_tokens`."""
    words = [w.lower() for w in _WORD.findall(name)]
    return bool(words) and (words[-1] in _SECRET_WORDS or tuple(words[-2:]) in _SECRET_PAIRS)


def redact_text(text: str) -> str:
    """`text` without access keys, tokens and logins in URLs."""
    return _URL_LOGIN.sub(REDACTED, _SHAPES.sub(REDACTED, text))


def redact_code(text: str) -> str:
    """Source without what looks like a secret: text assigned to a telling name, and text of telling shapes."""

    def hidden(match: re.Match[str]) -> str:
        return f"{match[1]}{match[2]}{REDACTED}{match[2]}" if is_secret_name(match[1].rstrip(" \t:='\"")) else match[0]

    return redact_text(_SOURCE.sub(hidden, text))


def redact_arguments(arguments: Sequence[str]) -> list[str]:
    """A command line without secrets: `--token X`, `--token=X`, `db.password=X`, keys of known shapes."""
    out: list[str] = []
    hide_next = False
    for argument in arguments:
        if hide_next and not argument.startswith("--"):
            out.append(REDACTED)
            hide_next = False
            continue
        match = _ASSIGNMENT.fullmatch(argument)
        if match and is_secret_name(match[1]):
            out.append(f"{match[1]}={REDACTED}")
        else:
            out.append(redact_text(argument))
        hide_next = argument.startswith("-") and match is None and is_secret_name(argument)
    return out


def redact_params(params: Mapping[Any, Any], _above: tuple[int, ...] = ()) -> dict[str, Any]:
    """Params with what lies under secret names, and text of secret shapes, replaced. A copy, with text for names.

    Looks into dicts, dataclasses, namespaces and lists at any depth, and at the text of every other object. What
    can't be looked into is named instead of raised: a config must never stop a training.
    """
    try:
        items = list(params.items())
    except Exception as error:  # noqa: BLE001 - a mapping of foreign code, such as one with unresolved references
        return {"_": f"<{type(params).__name__} could not be read: {type(error).__name__}: {error}>"}
    out: dict[str, Any] = {}
    for key, value in items:
        name = _text(key)
        out[name] = _redacted(name, value, (*_above, id(params)))
    return out


def _redacted(name: str, value: Any, above: tuple[int, ...]) -> Any:
    if value is None or type(value) in (bool, int, float):
        return value
    if isinstance(value, str):
        return REDACTED if value and is_secret_name(name) else redact_text(str(value))
    inner = _inside(value)
    if inner is None:
        param = encode_param(value)
        if param.kind in ("str", "json") and is_secret_name(name):
            return REDACTED
        plain = param.decode()
        return redact_text(plain) if isinstance(plain, str) else plain
    if id(value) in above or len(above) > _MAX_DEPTH:
        return f"<{type(value).__name__} that holds itself>" if id(value) in above else _text(value)[:_MAX_TEXT]
    if isinstance(inner, Mapping):
        return redact_params(inner, (*above, id(value)))
    if all(type(v) in (int, float, bool) for v in inner):
        return list(inner)
    return [_redacted(name, v, (*above, id(value))) for v in inner]


def _inside(value: Any) -> Mapping[Any, Any] | Sequence[Any] | None:
    """What an object holds, where it is a container whose text would show its parts."""
    if isinstance(value, Mapping):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name, None) for f in dataclasses.fields(value)}
    if isinstance(value, SimpleNamespace) or type(value).__name__ == "Namespace":
        return dict(vars(value))
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=_text)
    return None


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - foreign code
        return f"<{type(value).__name__}: {type(error).__name__} in str()>"
