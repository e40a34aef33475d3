"""Every backend and every wrapper passes the one suite."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from lakeboard.store.base import Store
from lakeboard.store.local import LocalStore
from lakeboard.store.objects import FsspecStore
from lakeboard.store.s3 import S3Store
from lakeboard.store.testing import CountingStore, FaultyStore, MemoryStore, SlowStore, StoreTests, StoreWrapper


class TestLocalStore(StoreTests):
    @pytest.fixture
    def store(self, tmp_path: Path) -> LocalStore:
        return LocalStore(tmp_path / "not" / "there yet" / "lake")

    def raw_put(self, store: Store, key: str, data: bytes) -> None:
        path = Path(store.url, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def raw_get(self, store: Store, key: str) -> bytes | None:
        path = Path(store.url, key)
        return path.read_bytes() if path.is_file() else None


class TestMemoryStore(StoreTests):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()

    def raw_put(self, store: Store, key: str, data: bytes) -> None:
        store.put(key, data)

    def raw_get(self, store: Store, key: str) -> bytes | None:
        assert isinstance(store, MemoryStore)
        return store.objects.get(key)


class TestFsspecStore(StoreTests):
    @pytest.fixture
    def store(self) -> FsspecStore:
        return FsspecStore(f"memory://{secrets.token_hex(4)}/lake")

    def _files(self) -> dict[str, Any]:
        from fsspec.implementations.memory import MemoryFileSystem

        files: dict[str, Any] = MemoryFileSystem.store
        return files

    def raw_put(self, store: Store, key: str, data: bytes) -> None:
        from fsspec.implementations.memory import MemoryFile, MemoryFileSystem

        path = f"/{store.url.removeprefix('memory://')}/{key}"
        MemoryFile(MemoryFileSystem(), path, data).commit()

    def raw_get(self, store: Store, key: str) -> bytes | None:
        found = self._files().get(f"/{store.url.removeprefix('memory://')}/{key}")
        return found.getvalue() if found is not None else None


@pytest.mark.s3
class TestS3Store(StoreTests):
    @pytest.fixture(autouse=True)
    def _raw(self, s3_client: Any) -> None:
        self.client = s3_client

    @pytest.fixture
    def store(self, s3_lake: str) -> S3Store:
        return S3Store(s3_lake)

    def _address(self, store: Store, key: str) -> dict[str, str]:
        bucket, _, prefix = store.url.removeprefix("s3://").partition("/")
        return {"Bucket": bucket, "Key": f"{prefix}/{key}"}

    def raw_put(self, store: Store, key: str, data: bytes) -> None:
        self.client.put_object(**self._address(store, key), Body=data)

    def raw_get(self, store: Store, key: str) -> bytes | None:
        try:
            body: bytes = self.client.get_object(**self._address(store, key))["Body"].read()
        except self.client.exceptions.NoSuchKey:
            return None
        return body


@pytest.mark.slow
class TestFsspecStoreOnBucket(TestS3Store):
    """The generic code on a file system of fsspec that is a real object store."""

    @pytest.fixture
    def store(self, s3_lake: str) -> FsspecStore:
        return FsspecStore(s3_lake)


class TestWrappers(TestMemoryStore):
    @pytest.fixture
    def store(self) -> StoreWrapper:
        slow = SlowStore(MemoryStore(), latency_seconds=0.0)
        return CountingStore(FaultyStore(slow, lambda _verb, _key, _n: None))

    def raw_put(self, store: Store, key: str, data: bytes) -> None:
        self._innermost(store).put(key, data)

    def raw_get(self, store: Store, key: str) -> bytes | None:
        return self._innermost(store).objects.get(key)

    def _innermost(self, store: Store) -> MemoryStore:
        while isinstance(store, StoreWrapper):
            store = store.inner
        assert isinstance(store, MemoryStore)
        return store
