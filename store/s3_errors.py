"""From what an S3 client raises to what it means for a lake, with the fix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..schema.errors import AccessDenied, MissingObject, StoreError, StoreFull, StoreUnreachable
from .object_errors import at_shutdown, redacted

_KEYS: Final = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE)"
_MISSING: Final = frozenset({"NoSuchKey", "NotFound", "404"})
_FULL: Final = frozenset({"QuotaExceeded", "StorageQuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "507"})
_DENIED: Final = {
    "InvalidAccessKeyId": f"the store does not know this access key; check {_KEYS}",
    "SignatureDoesNotMatch": f"the secret does not fit the access key; check {_KEYS}",
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "ExpiredRequest", "RequestExpired", "TokenRefreshRequired"),
        "the temporary credentials have expired",
    ),
    **dict.fromkeys(
        ("InvalidToken", "InvalidTokenId", "InvalidClientTokenId", "UnrecognizedClientException"),
        "the session token is not, or no longer, valid",
    ),
    "RequestTimeTooSkewed": "this machine's clock is too far off; set it",
    "InvalidObjectState": "the object was moved to an archive class; restore it",
}
_NOT_THE_KEYS: Final = frozenset({"RequestTimeTooSkewed", "InvalidObjectState"})
_REGION: Final = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"}
)
NO_CREDENTIALS: Final = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "CredentialRetrievalError"}
    | {"TokenRetrievalError", "SSOTokenLoadError", "UnauthorizedSSOTokenError", "NoAuthTokenError"}
)
"""Errors of a client that found no keys, or could not renew them."""
_UNREACHABLE: Final = frozenset(
    {"ConnectionError", "HTTPClientError", "ResponseParserError", "ResponseStreamingError", "IncompleteReadError"}
    | {"ClientConnectionError", "ClientPayloadError", "FSTimeoutError"}
)


def s3_translated(
    error: Exception, act: str, address: str, *, endpoint: str, options: Mapping[str, object], advice: str = ""
) -> StoreError:
    """The `StoreError` that tells what `error` means.

    Args:
        error: what s3fs, botocore or aiohttp raised.
        act: read, write, list or delete.
        address: of the object, as an `s3://` URL.
        endpoint: where the requests went, for the message.
        options: those of s3fs; secrets among them are kept out of the message.
        advice: what to do where the store does not take the keys.
    """
    code, status, said = answer_of(error)
    if code is not None:
        return _answered(code, status, redacted(said, options), act, address, endpoint, advice)
    failed = f"can't {act} {address}"
    names = {cls.__name__ for cls in type(error).__mro__}
    said = redacted(f"{type(error).__name__}: {error}", options)
    if names & NO_CREDENTIALS:
        return AccessDenied(f"{failed}: no credentials ({said}); set {_KEYS}, or pass options={{'anon': True}}")
    if at_shutdown(error):
        return StoreUnreachable(f"{failed}: Python is shutting down; finish the run before the program ends")
    if isinstance(error, PermissionError):
        return AccessDenied(f"{failed}: {endpoint} refuses ({said}); check {_KEYS} and the bucket's policy")
    if isinstance(error, TimeoutError) or names & _UNREACHABLE:
        return StoreUnreachable(f"{failed}: no answer from {endpoint} ({said}); check the network and AWS_ENDPOINT_URL")
    if isinstance(error, ValueError) and "endpoint" in str(error).lower():
        return StoreError(f"{failed}: {said}; set AWS_ENDPOINT_URL to a URL such as https://minio.local:9000")
    return StoreError(f"{failed} at {endpoint}: {said}")


def answer_code(error: BaseException) -> str | None:
    """The code in the server's answer that `error` stands for, such as `NoSuchKey`; None if no answer came."""
    return answer_of(error)[0]


def _answered(code: str, status: int, said: str, act: str, address: str, endpoint: str, advice: str) -> StoreError:
    failed = f"can't {act} {address}"
    bucket = address.removeprefix("s3://").partition("/")[0]
    if code in _MISSING:
        return MissingObject(f"no object at {address}")
    if code == "NoSuchBucket":
        return StoreError(
            f"{failed}: {endpoint} has no bucket {bucket!r}; create it, or check the address and AWS_ENDPOINT_URL"
        )
    if code in _FULL or status == 507:
        return StoreFull(f"{failed}: no room left ({said}); free some space or raise the quota")
    if code in _DENIED:
        fix = f"; {advice}" if advice and code not in _NOT_THE_KEYS else ""
        return AccessDenied(f"{failed}: {_DENIED[code]} ({endpoint} said {code}){fix}")
    if code in _REGION:
        return StoreError(f"{failed}: the bucket lives in another region ({said}); set AWS_DEFAULT_REGION")
    if status in (401, 403) or code in ("AccessDenied", "AllAccessDisabled", "AccountProblem", "401", "403"):
        right = {"read": "s3:GetObject", "write": "s3:PutObject", "list": "s3:ListBucket", "delete": "s3:DeleteObject"}
        return AccessDenied(
            f"{failed}: {endpoint} refuses ({code}: {said}); the credentials need {right[act]} there, "
            f"and s3:ListBucket to tell missing from forbidden; check {_KEYS}"
        )
    if status >= 500 or status in (408, 429) or code in ("SlowDown", "RequestTimeout", "ServiceUnavailable"):
        return StoreUnreachable(f"{failed}: {endpoint} is overloaded or down ({code}: {said}); try again later")
    return StoreError(f"{failed}: {endpoint} answers {status} {code}: {said}")


def answer_of(error: BaseException) -> tuple[str | None, int, str]:
    """Code, HTTP status and words of the server's answer that `error` stands for; None for the code if none came."""
    response: Any = getattr(error, "response", None)
    if not isinstance(response, Mapping) and error.__cause__ is not None:
        # s3fs raises errors of Python's own kinds and keeps the original as their cause.
        response = getattr(error.__cause__, "response", None)
    if not isinstance(response, Mapping):
        return None, 0, ""
    told = response.get("Error", {})
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return str(told.get("Code") or status), int(status), str(told.get("Message") or "")
