"""Lakes on file servers: the one suite against an SFTP and a WebDAV server of the test's own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeboard.store.base import Store
from lakeboard.store.network import NetworkStore
from lakeboard.store.testing import StoreTests
from tests.fileservers import PASSWORD, USER, running_sftp, running_webdav

pytestmark = pytest.mark.slow


class _OnFiles(StoreTests):
    """What the server's folder holds is looked at without the server."""

    folder: Path

    def _path(self, store: Store, key: str) -> Path:
        raise NotImplementedError

    def raw_put(self, store: Store, key: str, data: bytes) -> None:
        path = self._path(store, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def raw_get(self, store: Store, key: str) -> bytes | None:
        path = self._path(store, key)
        return path.read_bytes() if path.is_file() else None


@pytest.fixture(scope="module")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A served folder and the port."""
    pytest.importorskip("paramiko")
    pytest.importorskip("asyncssh")
    folder = tmp_path_factory.mktemp("sftp")
    with running_sftp(folder) as port:
        yield folder, port


@pytest.fixture(scope="module")
def webdav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A served folder and its address."""
    pytest.importorskip("webdav4")
    pytest.importorskip("wsgidav")
    folder = tmp_path_factory.mktemp("dav")
    with running_webdav(folder) as address:
        yield folder, address


class TestSftp(_OnFiles):
    @pytest.fixture
    def store(self, sftp: tuple[Path, int]) -> Iterator[NetworkStore]:
        self.folder, port = sftp
        url = f"sftp://{USER}@127.0.0.1:{port}/data/{secrets.token_hex(4)}/lake"
        store = NetworkStore(url, options={"password": PASSWORD, "look_for_keys": False, "allow_agent": False})
        yield store
        if store._opened is not None:
            store._opened[1].client.close()

    def _path(self, store: Store, key: str) -> Path:
        return self.folder / store.url.partition("://")[2].partition("/")[2] / key


class TestWebdav(_OnFiles):
    @pytest.fixture
    def store(self, webdav: tuple[Path, str]) -> Iterator[NetworkStore]:
        self.folder, address = webdav
        url = f"webdav://{secrets.token_hex(4)}/lake"
        store = NetworkStore(url, options={"base_url": address, "auth": (USER, PASSWORD)})
        yield store
        if store._opened is not None:
            store._opened[1].client.http.close()

    def _path(self, store: Store, key: str) -> Path:
        return self.folder / store.url.partition("://")[2] / key
