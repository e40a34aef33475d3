"""Secrets stay out of the lake: values under telling names, and texts of telling shapes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

REDACTED: Final = "[redacted]"

_SECRET_WORDS: Final = frozenset(
    {"password", "passwd", "pwd", "secret", "token", "apikey", "credential", "credentials", "passphrase"}
)
_SECRET_PAIRS: Final = frozenset(
    {("api", "key"), ("access", "key"), ("secret", "key"), ("private", "key"), ("account", "key")}
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SHAPES: Final = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}\b|\bgithub_pat_[A-Za-z0-9_]{20,}\b|\bglpat-[A-Za-z0-9_-]{16,}"
    r"|\bhf_[A-Za-z0-9]{20,}\b|\bsk-[A-Za-z0-9_-]{16,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"
)
_URL_LOGIN: Final = re.compile(r"(?<=://)[^/\s@:]*:[^/\s@]+(?=@)")
_ASSIGNMENT: Final = re.compile(r"(-{0,2}[A-Za-z_+~][\w.+~-]*)=(.*)", re.DOTALL)


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is likely a secret: `hf_token`, `db.password`, `apiKey`; not `max_tokens`."""
    words = [w.lower() for w in _WORD.findall(name)]
    return bool(words) and (words[-1] in _SECRET_WORDS or tuple(words[-2:]) in _SECRET_PAIRS)


def redact_text(text: str) -> str:
    """`text` without access keys, tokens and logins in URLs."""
    return _URL_LOGIN.sub(REDACTED, _SHAPES.sub(REDACTED, text))


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


def redact_params(params: Mapping[Any, Any], _depth: int = 0) -> dict[Any, Any]:
    """Params with text under secret names, and text of secret shapes, replaced; nested dicts too. A copy."""
    out: dict[Any, Any] = {}
    for name, value in params.items():
        if isinstance(value, Mapping) and _depth < 32:
            out[name] = redact_params(value, _depth + 1)
        elif isinstance(value, str):
            out[name] = REDACTED if value and is_secret_name(str(name)) else redact_text(value)
        else:
            out[name] = value
    return out
