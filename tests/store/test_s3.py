"""What S3 lakes cost, request by request, and what they make of a bad network."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lakeboard.schema.errors import AccessDenied, MissingObject, StoreError, StoreFull, StoreUnreachable
from lakeboard.store import open_store
from lakeboard.store.s3 import ATTEMPTS, S3Store
from tests.s3proxy import Reply, Request, S3Proxy, s3_error
from tests.s3server import BUCKET

pytestmark = pytest.mark.s3


@pytest.fixture
def store(s3_store: S3Store) -> S3Store:
    return s3_store


def first(times: int, spoil: Any, operation: str) -> Callable[[Request], Any]:
    """A plan that spoils the first `times` requests of one operation."""
    left = [times]

    def plan(request: Request) -> Any:
        if request.operation == operation and left[0] > 0:
            left[0] -= 1
            return spoil
        return None

    return plan


class TestCost:
    def test_a_put_is_one_put(self, store: S3Store, s3_proxy: S3Proxy) -> None:
        store.put("a/b", b"x" * 3_000_000)
        assert s3_proxy.operations() == ["PUT"]

    @pytest.mark.parametrize("data", [b"", b"x", b"x" * 3_000_000], ids=["empty", "small", "big"])
    def test_a_get_is_one_get(self, store: S3Store, s3_proxy: S3Proxy, data: bytes) -> None:
        store.put("a/b", data)
        s3_proxy.take()
        assert store.get("a/b") == data
        assert s3_proxy.operations() == ["GET"]

    @pytest.mark.parametrize("length", [1, 5, 5000])
    def test_a_tail_is_one_ranged_get(self, store: S3Store, s3_proxy: S3Proxy, length: int) -> None:
        store.put("a/b", b"x" * 1000)
        s3_proxy.take()
        store.get_tail("a/b", length)
        (request,) = s3_proxy.take()
        assert request.operation == "GET"
        assert request.range == f"bytes=-{length}"

    def test_many_are_one_get_each_missing_ones_too(self, store: S3Store, s3_proxy: S3Proxy) -> None:
        for n in range(5):
            store.put(f"a/{n}", b"x")
        s3_proxy.take()
        found = store.get_many([f"a/{n}" for n in range(6)] * 2)
        assert isinstance(found["a/5"], MissingObject)
        assert s3_proxy.operations() == ["GET"] * 6

    def test_a_missing_object_is_one_get(self, store: S3Store, s3_proxy: S3Proxy) -> None:
        with pytest.raises(MissingObject):
            store.get("nowhere")
        assert s3_proxy.operations() == ["GET"]

    def test_a_listing_is_one_list_however_deep(self, store: S3Store, s3_proxy: S3Proxy) -> None:
        for n in range(6):
            store.put(f"metrics/project=p/run_id=r{n}/x", b"x")
        s3_proxy.take()
        assert len(store.list("metrics/")) == 6
        assert s3_proxy.operations() == ["LIST"]
        assert len(store.list_dirs("metrics/project=p/")) == 6
        assert s3_proxy.operations() == ["LIST"]
        assert store.list("nowhere/") == []
        assert store.list_dirs("nowhere/") == []
        assert s3_proxy.operations() == ["LIST"] * 2

    def test_deletes_go_in_bulk(self, store: S3Store, s3_proxy: S3Proxy) -> None:
        store.put("a/b", b"x")
        s3_proxy.take()
        store.delete([f"a/{n}" for n in range(1500)])
        assert s3_proxy.operations() == ["BULK-DELETE"] * 2
        store.delete(["a/b"])
        assert s3_proxy.operations() == ["BULK-DELETE"]
        store.delete([])
        assert s3_proxy.operations() == []

    def test_a_first_use_asks_for_nothing_else(self, s3_lake: str, s3_proxy: S3Proxy) -> None:
        open_store(s3_lake).put("a", b"x")
        assert s3_proxy.operations() == ["PUT"]

    @pytest.mark.slow
    def test_a_long_listing_is_one_list_per_thousand(self, store: S3Store, s3_proxy: S3Proxy) -> None:
        keys = [f"runs/project={n % 2}/{n:05d}" for n in range(2100)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: store.put(key, b"x"), keys))
        s3_proxy.take()
        assert [info.key for info in store.list("runs/")] == sorted(keys)
        assert s3_proxy.operations() == ["LIST"] * 3
        store.delete(keys)
        assert s3_proxy.operations() == ["BULK-DELETE"] * 3
        assert store.list("runs/") == []


class TestTrouble:
    @pytest.mark.parametrize(
        ("operation", "spoil"),
        [
            ("PUT", s3_error(503, "SlowDown")),
            ("PUT", s3_error(500, "InternalError")),
            ("PUT", "drop"),
            ("PUT", "lose"),
            ("GET", s3_error(503, "ServiceUnavailable")),
            ("GET", "drop"),
            ("LIST", s3_error(503, "SlowDown")),
            ("LIST", "drop"),
            ("BULK-DELETE", s3_error(503, "SlowDown")),
            ("BULK-DELETE", "lose"),
        ],
    )
    def test_one_failure_is_tried_again(self, store: S3Store, s3_proxy: S3Proxy, operation: str, spoil: Any) -> None:
        acts: dict[str, Callable[[], Any]] = {
            "PUT": lambda: store.put("a/b", b"hello"),
            "GET": lambda: store.get("a/b"),
            "LIST": lambda: [info.key for info in store.list("a/")],
            "BULK-DELETE": lambda: store.delete(["a/b"]),
        }
        store.put("a/b", b"hello")
        s3_proxy.take()
        s3_proxy.spoil = first(1, spoil, operation)
        assert acts[operation]() == {"GET": b"hello", "LIST": ["a/b"]}.get(operation)
        assert s3_proxy.operations() == [operation] * 2
        assert store.list("a/") == [] if operation == "BULK-DELETE" else store.get("a/b") == b"hello"

    def test_an_endpoint_that_stays_bad_is_given_up_soon(self, store: S3Store, s3_proxy: S3Proxy) -> None:
        s3_proxy.spoil = lambda _request: s3_error(503, "SlowDown", "reduce your request rate")
        begun = time.monotonic()
        for act in (
            lambda: store.put("a", b"x"),
            lambda: store.get("a"),
            lambda: store.list(""),
            lambda: store.delete("a"),
        ):
            s3_proxy.take()
            with pytest.raises(StoreUnreachable, match=r"overloaded or down .*SlowDown.*; try again later"):
                act()
            assert 1 <= len(s3_proxy.take()) <= ATTEMPTS
        assert time.monotonic() - begun < 30

    def test_an_answer_that_breaks_off_is_asked_for_again(self, store: S3Store, s3_proxy: S3Proxy) -> None:
        data = os.urandom(500_000)
        store.put("a/b", data)
        s3_proxy.take()
        s3_proxy.spoil = first(1, "tear", "GET")
        assert store.get("a/b") == data
        assert s3_proxy.operations() == ["GET"] * 2
        s3_proxy.spoil = lambda _request: "tear"
        with pytest.raises(StoreUnreachable, match="no answer from http://127"):
            store.get("a/b")
        found = store.get_many(["a/b"])
        assert isinstance(found["a/b"], StoreUnreachable)

    def test_a_server_without_ranges_will_do(self, store: S3Store, s3_proxy: S3Proxy) -> None:
        s3_proxy.spoil = lambda _request: Reply(200, b"0123456789", {"ETag": '"x"'})
        assert store.get_tail("a/b", 3) == b"789"
        assert store.get_tail("a/b", 30) == b"0123456789"
        assert store.get_tail("a/b", 0) == b""

    def test_a_key_that_a_bulk_delete_leaves_is_told(self, store: S3Store, s3_proxy: S3Proxy, s3_lake: str) -> None:
        prefix = s3_lake.removeprefix(f"s3://{BUCKET}/")
        body = f"""<?xml version="1.0"?><DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            <Error><Key>{prefix}/a/0</Key><Code>NoSuchKey</Code><Message>gone</Message></Error>
            <Error><Key>{prefix}/a/1</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>"""
        s3_proxy.spoil = lambda _request: Reply(200, body.encode(), {"Content-Type": "application/xml"})
        with pytest.raises(AccessDenied, match=f"can't delete {s3_lake}/a/1.*s3:DeleteObject"):
            store.delete(["a/0", "a/1", "a/2"])

    def test_pages_are_followed_and_a_way_that_ends_is_told(
        self, store: S3Store, s3_proxy: S3Proxy, s3_lake: str
    ) -> None:
        prefix = s3_lake.removeprefix(f"s3://{BUCKET}/")

        def pages(next_token: str) -> Callable[[Request], Reply]:
            def page(request: Request) -> Reply:
                token = request.query.get("continuation-token", ["one"])[0]
                more = "false" if token == "two" else "true"
                time_taken = "<LastModified>2026-01-02T03:04:05Z</LastModified>"
                entry = f"<Contents><Key>{prefix}/a/{token}</Key><Size>3</Size>{time_taken}</Contents>"
                following = f"<NextContinuationToken>{next_token}</NextContinuationToken>" if next_token else ""
                body = f"<ListBucketResult>{entry}<IsTruncated>{more}</IsTruncated>{following}</ListBucketResult>"
                return Reply(200, body.encode(), {"Content-Type": "application/xml"})

            return page

        s3_proxy.spoil = pages("two")
        assert [info.key for info in store.list("a/")] == ["a/one", "a/two"]
        assert s3_proxy.operations() == ["LIST"] * 2
        for token in ("", "one"):
            s3_proxy.spoil = pages(token)
            with pytest.raises(StoreError, match="no way to the next page"):
                store.list("a/")

    @pytest.mark.parametrize(
        ("status", "code", "kind", "said"),
        [
            (403, "AccessDenied", AccessDenied, "s3:GetObject"),
            (403, "SignatureDoesNotMatch", AccessDenied, "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
            (403, "InvalidAccessKeyId", AccessDenied, "does not know this access key"),
            (400, "ExpiredToken", AccessDenied, "AWS_SESSION_TOKEN"),
            (403, "RequestTimeTooSkewed", AccessDenied, "clock"),
            (401, "Odd", AccessDenied, "refuses"),
            (404, "NoSuchBucket", StoreError, f"has no bucket '{BUCKET}'; create it"),
            (404, "NoSuchKey", MissingObject, "no object at"),
            (400, "AuthorizationHeaderMalformed", StoreError, "AWS_DEFAULT_REGION"),
            (507, "InsufficientStorage", StoreFull, "free some space"),
            (403, "QuotaExceeded", StoreFull, "raise the quota"),
            (418, "Teapot", StoreError, "answers 418 Teapot"),
            (429, "TooManyRequests", StoreUnreachable, "try again later"),
        ],
    )
    def test_answers_are_told_in_our_words(
        self, store: S3Store, s3_proxy: S3Proxy, s3_lake: str, status: int, code: str, kind: type[StoreError], said: str
    ) -> None:
        s3_proxy.spoil = lambda _request: s3_error(status, code)
        with pytest.raises(StoreError, match=said) as caught:
            store.get("a/b")
        assert type(caught.value) is kind
        assert f"{s3_lake}/a/b" in str(caught.value)

    def test_a_proxy_that_answers_nonsense_is_unreachable_or_told(self, store: S3Store, s3_proxy: S3Proxy) -> None:
        s3_proxy.spoil = lambda _request: Reply(200, b"<html>Please log in", {"Content-Type": "text/html"})
        with pytest.raises(StoreError, match="can't list"):
            store.list("a/")
