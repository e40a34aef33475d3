from __future__ import annotations

import errno
import pickle
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from lakeboard.schema.errors import AccessDenied, MissingObject, StoreError, StoreFull, StoreUnreachable
from lakeboard.store.object_errors import redacted, translated
from lakeboard.store.objects import FsspecStore


class HttpError(Exception):
    """As client libraries have them: a status under one of several names."""

    def __init__(self, status: int, name: str) -> None:
        super().__init__(f"HTTP {status}")
        setattr(self, name, status)


class ClientConnectionError(Exception):
    """Known by its name alone."""


@pytest.fixture
def store() -> FsspecStore:
    return FsspecStore(f"memory://{secrets.token_hex(4)}/lake")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FileNotFoundError("x"), MissingObject),
        (HttpError(404, "status_code"), MissingObject),
        (PermissionError("no"), AccessDenied),
        (HttpError(403, "code"), AccessDenied),
        (HttpError(401, "status"), AccessDenied),
        (HttpError(503, "code"), StoreUnreachable),
        (HttpError(429, "status"), StoreUnreachable),
        (TimeoutError("slow"), StoreUnreachable),
        (ConnectionResetError("gone"), StoreUnreachable),
        (ClientConnectionError("gone"), StoreUnreachable),
        (RuntimeError("cannot schedule new futures after shutdown"), StoreUnreachable),
        (OSError(errno.ENOSPC, "full"), StoreFull),
        (RuntimeError("something else"), StoreError),
        (HttpError(418, "code"), StoreError),
        (ImportError("no module named x"), StoreError),
    ],
)
@pytest.mark.parametrize("verb", ["put", "get", "list"])
def test_errors_of_libraries_are_told_in_our_words(
    store: FsspecStore, monkeypatch: pytest.MonkeyPatch, verb: str, error: Exception, kind: type[StoreError]
) -> None:
    class Failing:
        def __getattr__(self, _name: str) -> Any:
            def fail(*_args: object, **_options: object) -> None:
                raise error

            return fail

        def invalidate_cache(self) -> None:
            pass

    monkeypatch.setattr(store, "_filesystem", lambda: (Failing(), "/root"))
    if verb == "list" and isinstance(error, FileNotFoundError):
        assert store.list("a/") == []
        return
    if verb == "put" and kind is MissingObject:
        kind = StoreError
    acts: dict[str, Callable[[], object]] = {
        "put": lambda: store.put("a/b", b""),
        "get": lambda: store.get("a/b"),
        "list": lambda: store.list("a/"),
    }
    with pytest.raises(StoreError, match=r"memory://\w+/lake/a/") as caught:
        acts[verb]()
    assert type(caught.value) is kind
    assert caught.value.__cause__ is error


def test_messages_carry_no_secrets() -> None:
    options = {
        "key": "KEYKEY",
        "client_kwargs": {"aws_secret_access_key": "NESTED"},
        "sas_token": "SIGNED",
        "anon": False,
    }
    said = redacted("KEYKEY and NESTED\nand SIGNED at https://x/y?sig=abc&z=1 'end'", options)
    assert said == "*** and *** and *** at https://x/y?*** 'end'"
    assert len(redacted("x" * 5000, {})) < 400


def test_times_come_in_many_shapes(store: FsspecStore, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    for field, value in [
        ("LastModified", moment),
        ("mtime", moment.timestamp()),
        ("updated", "2026-01-02T03:04:05Z"),
        ("last_modified", moment.replace(tzinfo=None)),
        ("created", "2026-01-02T05:04:05+02:00"),
    ]:
        entry = {"/root/a/b": {"name": "/root/a/b", "type": "file", "size": 1, field: value}}

        class Listing:
            def find(self, _path: str, detail: bool, entry: dict[str, Any] = entry) -> dict[str, Any]:
                assert detail
                return entry

            def invalidate_cache(self) -> None:
                pass

        monkeypatch.setattr(store, "_filesystem", lambda: (Listing(), "/root"))
        (info,) = store.list("a/")
        assert info.modified == moment


def test_a_file_system_that_tells_no_time_is_refused(store: FsspecStore, monkeypatch: pytest.MonkeyPatch) -> None:
    class Listing:
        def find(self, path: str, detail: bool) -> dict[str, Any]:
            return {"/root/a/b": {"name": "/root/a/b", "type": "file", "size": 1}}

        def invalidate_cache(self) -> None:
            pass

    monkeypatch.setattr(store, "_filesystem", lambda: (Listing(), "/root"))
    with pytest.raises(StoreError, match="tells no time"):
        store.list("a/")


def test_two_lakes_side_by_side_do_not_mix() -> None:
    name = secrets.token_hex(4)
    one, other = FsspecStore(f"memory://{name}/a"), FsspecStore(f"memory://{name}/ab")
    one.put("x/1", b"1")
    other.put("x/2", b"2")
    assert [info.key for info in one.list("")] == ["x/1"]
    assert one.list_dirs("") == ["x"]
    one.delete(["x/1", "x/2"])
    assert other.get("x/2") == b"2"


def test_a_store_goes_to_other_processes(store: FsspecStore) -> None:
    store.put("a", b"x")
    copy = pickle.loads(pickle.dumps(store))
    assert copy.url == store.url
    assert copy.get("a") == b"x"


@pytest.mark.parametrize(
    ("address", "error", "named"),
    [
        (
            "az://c/lake",
            ValueError("Must provide either a connection_string or account_name"),
            "AZURE_STORAGE_ACCOUNT_NAME",
        ),
        ("abfs://c/lake", PermissionError("no"), "AZURE_CLIENT_ID"),
        ("gs://b/lake", PermissionError("no"), "GOOGLE_APPLICATION_CREDENTIALS"),
        ("oss://b/lake", PermissionError("no"), "OSS_ACCESS_KEY_ID"),
    ],
)
def test_lacking_credentials_name_where_they_are_taken_from(address: str, error: Exception, named: str) -> None:
    told = translated(error, "list", address, {})
    assert isinstance(told, AccessDenied)
    assert named in str(told)
