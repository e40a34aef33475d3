"""From what a file system of fsspec raises to what it means for a lake."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping
from typing import Final

from ..schema.errors import AccessDenied, MissingObject, StoreError, StoreFull, StoreUnreachable

_AZURE: Final = (
    ": AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY or "
    "AZURE_STORAGE_SAS_TOKEN, or with AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID; or "
    "storage_options={'account_name': …, 'anon': False} for the login of az or the machine's identity"
)
_GOOGLE: Final = ": GOOGLE_APPLICATION_CREDENTIALS, or gcloud auth application-default login"
_KEYS: Final = {
    **dict.fromkeys(("az", "abfs", "abfss"), _AZURE),
    **dict.fromkeys(("gs", "gcs"), _GOOGLE),
    "oss": ": OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET",
}
"""Where each kind of store takes credentials from."""
_NO_CREDENTIALS: Final = frozenset(
    {"ClientAuthenticationError", "CredentialUnavailableError", "DefaultCredentialsError"}
)
_DENIED_STATUS: Final = frozenset({401, 403})
_BUSY_STATUS: Final = frozenset({408, 429, 500, 502, 503, 504})
_SECRET_OPTION: Final = re.compile("secret|token|password|key|credential|sas", re.IGNORECASE)
_QUERY: Final = re.compile(r"\?[^\s'\"]+")
_LONGEST: Final = 300
_CONNECTION_TROUBLE: Final = frozenset(
    {"ClientConnectionError", "ClientPayloadError", "ServiceRequestError", "TransportError", "gaierror"}
)


def redacted(text: str, options: Mapping[str, object]) -> str:
    """`text` on one line, shortened, without the secrets among `options` and without the queries of URLs."""
    for secret in _secrets(options):
        text = text.replace(secret, "***")
    text = _QUERY.sub("?***", " ".join(text.split()))
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _secrets(options: Mapping[str, object]) -> Iterator[str]:
    for name, value in options.items():
        if isinstance(value, Mapping):
            yield from _secrets(value)
        elif isinstance(value, str) and len(value) >= 4 and _SECRET_OPTION.search(name):
            yield value


def at_shutdown(error: BaseException) -> bool:
    """Whether `error` is what threads and event loops say once the interpreter is on its way out."""
    # Clients wrap the RuntimeError in errors of their own.
    text = str(error)
    return "shutdown" in text and any(
        said in text for said in ("cannot schedule new futures", "new thread", "register atexit")
    )


def translated(error: Exception, act: str, address: str, options: Mapping[str, object]) -> StoreError:
    """The `StoreError` that tells what `error` means; `act` is read, write, list or delete."""
    failed = f"can't {act} {address}"
    said = redacted(f"{type(error).__name__}: {error}", options)
    status = _status(error)
    if isinstance(error, ImportError):
        return StoreError(f"{failed}: a package is missing: {said}")
    if status == 404 or isinstance(error, FileNotFoundError | IsADirectoryError):
        if act == "write":
            return StoreError(
                f"{failed}: the bucket or container does not exist ({said}); create it or check the address"
            )
        return MissingObject(f"no object at {address}")
    scheme = address.partition("://")[0]
    if status in _DENIED_STATUS or isinstance(error, PermissionError) or _lacks_credentials(error):
        keys = _KEYS.get(scheme, "")
        return AccessDenied(f"{failed}: the store refuses ({said}); check the credentials and their rights{keys}")
    if at_shutdown(error):
        return StoreUnreachable(f"{failed}: Python is shutting down; finish the run before the program ends")
    if status in _BUSY_STATUS or isinstance(error, TimeoutError | ConnectionError) or _is_connection_trouble(error):
        return StoreUnreachable(f"{failed}: no answer in time or none at all ({said}); try again later")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"{failed}: no room left ({said}); free some space or raise the quota")
    return StoreError(f"{failed}: {said}")


def _lacks_credentials(error: Exception) -> bool:
    """Whether a client library found no credentials, or not enough of them."""
    names = {cls.__name__ for cls in type(error).__mro__}
    said = str(error).lower()
    return bool(names & _NO_CREDENTIALS) or (
        isinstance(error, ValueError) and any(word in said for word in ("account_name", "account name", "credential"))
    )


def _status(error: Exception) -> int | None:
    """The HTTP status, under one of the names that client libraries give it."""
    for name in ("status_code", "status", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int):
            return value
    return None


def _is_connection_trouble(error: Exception) -> bool:
    # By name, as the libraries that raise these need not be installed.
    names = {cls.__name__ for cls in type(error).__mro__}
    return bool(
        names & {"ClientConnectionError", "ClientPayloadError", "ServiceRequestError", "TransportError", "gaierror"}
    )
