"""Which storage options may be noted where a secret may not: what says where and how, never with what key. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

_KEPT: Final = frozenset(
    # Places.
    {"endpoint_url", "endpoint", "region", "region_name", "host", "port", "base_url", "account_name", "account_host"}
    # Ways.
    | {"anon", "profile", "use_ssl", "verify", "requester_pays", "signature_version", "addressing_style"}
    | {"connect_timeout", "read_timeout", "max_pool_connections", "user_agent_extra", "username", "project"}
    # What holds some of these.
    | {"client_kwargs", "config_kwargs", "s3", "retries", "total_max_attempts", "max_attempts", "mode"}
)
_LONGEST: Final = 500
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class KeptOptions:
    """Storage options without secrets."""

    options: Mapping[str, Any]
    """Those that are kept, of JSON's own types."""
    withheld: tuple[str, ...]
    """The names of the others, sorted."""


def keep_options(options: Mapping[str, Any] | None) -> KeptOptions:
    """What of some storage options says where a lake is and how it is asked.

    An option that this version does not know counts as a secret, and so does an address with a user or a query in it.
    """
    withheld: set[str] = set()
    kept = _keep(options or {}, "", withheld)
    return KeptOptions(kept, tuple(sorted(withheld)))


def _keep(options: Mapping[str, Any], where: str, withheld: set[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in options.items():
        path = f"{where}{name}"
        if name not in _KEPT:
            withheld.add(path)
        elif isinstance(value, Mapping):
            inside = _keep(value, f"{path}.", withheld)
            if inside or not value:
                out[name] = inside
        elif value is None or isinstance(value, (bool, int, float)) or (isinstance(value, str) and _is_plain(value)):
            out[name] = value
        else:
            withheld.add(path)
    return out


def _is_plain(text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    if not _SCHEME.match(text):
        return True
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return "@" not in parts.netloc and not parts.query and not parts.fragment
