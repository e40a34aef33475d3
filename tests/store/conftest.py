"""Fixtures for tests of S3 lakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lakeboard.store.s3 import S3Store
from tests.s3proxy import S3Proxy
from tests.s3server import BUCKET


@pytest.fixture
def s3_store(s3_lake: str, s3_proxy: S3Proxy) -> S3Store:
    """A store before the proxy, connected, its requests so far forgotten."""
    store = S3Store(s3_lake)
    assert store.list("") == []
    s3_proxy.take()
    return store


@pytest.fixture
def raw_put(s3_client: Any, s3_lake: str) -> Callable[[str, bytes], None]:
    """Puts an object into the lake without the code under test."""
    prefix = s3_lake.removeprefix(f"s3://{BUCKET}/")
    return lambda key, data: s3_client.put_object(Bucket=BUCKET, Key=f"{prefix}/{key}", Body=data)
