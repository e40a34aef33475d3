"""Media on a real S3 server: requests as the server sees them."""

from __future__ import annotations

import time

import numpy as np
import pytest

import lakeboard
from lakeboard.query.lake import Lake
from lakeboard.store.opening import open_store
from tests.s3proxy import S3Proxy

pytestmark = pytest.mark.s3


def test_a_thousand_pictures_are_put_in_few_objects_and_a_gallery_is_read_by_few_requests(
    s3_lake: str, s3_proxy: S3Proxy
) -> None:
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 256, (98, 98, 3), np.uint8) for _ in range(50)]
    s3_proxy.take()
    with lakeboard.init(project="p", id="r-1", lake=s3_lake, quiet=True) as run:
        for step in range(20):
            run.log({"samples": [lakeboard.Image(each) for each in pictures]}, step=step)
    put = [each for each in s3_proxy.take() if each.operation == "PUT" and "/media/" in each.path]
    lake = Lake(open_store(s3_lake))
    snapshot = lake.snapshot("p")
    frame = lake.media("p", snapshot=snapshot)
    assert frame.height == 1_000
    # Objects of up to 8 MB, and one with each of the flushes at the start and the end.
    assert len(put) <= int(frame["bytes"].sum()) / 8e6 + 4
    fresh = Lake(open_store(s3_lake))
    snapshot = fresh.snapshot("p")
    s3_proxy.take()
    began = time.monotonic()
    rows = fresh.media("p", "r-1", snapshot=snapshot).filter(step=19)
    assert sum(each is not None for each in fresh.media_thumbs(rows)) == 50
    assert time.monotonic() - began < 5
    gallery = s3_proxy.take()
    groups = frame.select("object", "row_group").n_unique()
    # A footer for each object, the list of each row group, and the thumbs of those that are shown.
    assert {each.operation for each in gallery} == {"GET"}
    assert len(gallery) <= frame["object"].n_unique() + groups + 2


def test_a_gallery_of_one_object_is_read_by_at_most_eight_requests(s3_lake: str, s3_proxy: S3Proxy) -> None:
    random = np.random.default_rng(0)
    with lakeboard.init(project="p", id="r-1", lake=s3_lake, quiet=True) as run:
        run.log({"a": [lakeboard.Image(random.integers(0, 256, (98, 98, 3), np.uint8)) for _ in range(50)]})
    lake = Lake(open_store(s3_lake))
    snapshot = lake.snapshot("p")
    s3_proxy.take()
    rows = lake.media("p", snapshot=snapshot)
    assert len([each for each in lake.media_thumbs(rows) if each]) == 50
    assert len(lake.media_bytes(rows)) == 50
    asked = s3_proxy.take()
    assert len(asked) <= 8
    assert all(each.operation == "GET" for each in asked)
