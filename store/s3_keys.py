"""Keys of an S3 lake that are renewed while a process runs: when to read their sources again, and how often.

Temporary keys last for an hour or a day, a training for weeks. Whoever renews them (`aws sso login`, saml2aws, a cron
job) writes to `~/.aws/credentials` or to a cache that a profile names; a client that has read them once never looks
again. So after an answer that says "these keys are no good" their sources are read anew, by a new session.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from .s3_errors import NO_CREDENTIALS, answer_of

Refusal: TypeAlias = Literal["expired", "denied"]
LOOK_AGAIN_SECONDS: Final[Mapping[Refusal, float]] = {"expired": 5.0, "denied": 60.0}
"""The sources are read again at most so often: a look may start a program or ask a server for a role's keys."""
EXPIRED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "ExpiredRequest", "RequestExpired", "TokenRefreshRequired"}
    | {"InvalidToken", "InvalidTokenId", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidAccessKey"}
    | {"UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure"}
)
"""What servers say of keys that are no longer, or not yet, theirs."""


def refusal(error: BaseException) -> Refusal | None:
    """What `error` says of the keys: `expired` where it is about them, `denied` where they may be others' by now."""
    code, status, _ = answer_of(error)
    if code is None:
        return "expired" if {cls.__name__ for cls in type(error).__mro__} & NO_CREDENTIALS else None
    if code in EXPIRED:
        return "expired"
    return "denied" if status in (401, 403) else None


class Looks:
    """When the sources of keys may be read again. Used by several threads; at worst two look at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: float | None = None

    def due(self, why: Refusal) -> bool:
        """Whether to look now; if so, the look counts from now."""
        now = self._clock()
        if self._last is not None and now - self._last < LOOK_AGAIN_SECONDS[why]:
            return False
        self._last = now
        return True


def are_given(fs: Any) -> bool:
    """Whether the caller passed keys (or their absence, or a session): then there is no source to read again."""
    client = fs.client_kwargs or {}
    return bool(
        getattr(fs, "anon", False)
        or fs.key
        or fs.secret
        or fs.token
        or client.get("aws_access_key_id")
        or client.get("aws_session_token")
        or not getattr(fs, "_session_is_owned", True)
    )


async def used_keys(fs: Any) -> tuple[str | None, ...]:
    """The keys with which a file system signs, as it last had them; nothing is read or renewed."""
    client = await fs.set_session()
    return _told(getattr(getattr(client, "_request_signer", None), "_credentials", None))


async def fresh_keys(fs: Any) -> tuple[str | None, ...]:
    """The keys that a new file system finds. Reads files; may start a program or ask a server, as a profile says."""
    await fs.set_session()
    found = await fs.session.get_credentials()
    if found is None:
        return _told(None)
    frozen = await found.get_frozen_credentials()
    return frozen.access_key, frozen.secret_key, frozen.token


def _told(found: Any) -> tuple[str | None, ...]:
    return tuple(
        getattr(found, f"_{name}", None) or (None if hasattr(found, f"_{name}") else getattr(found, name, None))
        for name in ("access_key", "secret_key", "token")
    )


async def scan_options(fs: Any) -> dict[str, str]:
    """What Polars needs to read the same lake by itself; with secrets. No request but for the keys themselves."""
    client = await fs.set_session()
    options = {"aws_region": client.meta.region_name or "us-east-1"}
    endpoint = urlsplit(client.meta.endpoint_url)
    if not (endpoint.hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn")):
        options["aws_endpoint_url"] = client.meta.endpoint_url
        if endpoint.scheme == "http":
            options["aws_allow_http"] = "true"
    if fs.anon:
        return options | {"aws_skip_signature": "true"}
    given = fs.client_kwargs
    key = fs.key or given.get("aws_access_key_id")
    secret = fs.secret or given.get("aws_secret_access_key")
    token = fs.token or given.get("aws_session_token")
    if not key:
        found = await fs.session.get_credentials()
        if found is not None:
            frozen = await found.get_frozen_credentials()
            key, secret, token = frozen.access_key, frozen.secret_key, frozen.token
    named = {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token}
    return options | {name: value for name, value in named.items() if value}


def advice(options: Mapping[str, Any], env: Mapping[str, str] = os.environ) -> str:
    """What a person does about keys that the store does not take, by where the keys came from."""
    client = options.get("client_kwargs") or {}
    if any(options.get(name) for name in ("key", "secret", "token", "session")) or client.get("aws_access_key_id"):
        return (
            "they were passed in storage_options and stay what they are in this process: start it again with new ones, "
            "or leave them out, so that ~/.aws/credentials (or AWS_PROFILE) is read, and read again when they expire"
        )
    if env.get("AWS_ACCESS_KEY_ID"):
        return (
            "they come from this process's environment (AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN, …), which nobody "
            "can change from outside: start it again with new ones, or unset them and keep the keys in "
            "~/.aws/credentials (or a profile, AWS_PROFILE), which is read again when they expire"
        )
    return (
        "log in again (aws sso login, saml2aws, or whatever writes ~/.aws/credentials): new keys are taken within "
        "seconds, without a restart"
    )
