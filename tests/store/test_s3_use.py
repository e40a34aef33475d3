"""S3 lakes with other credentials, in other processes, and read by engines."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lakeboard.schema.errors import AccessDenied, StoreError, StoreUnreachable
from lakeboard.store import open_store
from lakeboard.store.s3 import ATTEMPTS, S3Store
from tests.s3proxy import Request, S3Proxy
from tests.s3server import ACCESS_KEY, READ_ONLY_KEY, READ_ONLY_SECRET, SECRET_KEY, S3Server

pytestmark = pytest.mark.s3


@pytest.fixture
def store(s3_store: S3Store) -> S3Store:
    return s3_store


class TestCredentials:
    def test_wrong_ones_are_refused_without_a_word_of_the_secret(self, s3_lake: str) -> None:
        for options in ({"key": ACCESS_KEY, "secret": "S3CRETS3CRET"}, {"key": "UNKNOWN", "secret": "S3CRETS3CRET"}):
            store = open_store(s3_lake, options=options)
            for verb in ("put", "list"):
                with pytest.raises(AccessDenied) as caught:
                    store.put("a", b"x") if verb == "put" else store.list("")
                told = "".join(traceback.format_exception(caught.value))
                assert "S3CRETS3CRET" not in told
                assert "AWS_SECRET_ACCESS_KEY" in str(caught.value)

    def test_read_only_ones_read_but_do_not_write(self, s3_lake: str, raw_put: Callable[[str, bytes], None]) -> None:
        raw_put("a/b", b"hello")
        store = open_store(s3_lake, options={"key": READ_ONLY_KEY, "secret": READ_ONLY_SECRET})
        assert store.get("a/b") == b"hello"
        assert len(store.list("a/")) == 1
        with pytest.raises(AccessDenied, match="s3:PutObject"):
            store.put("a/c", b"x")
        with pytest.raises(AccessDenied, match="s3:DeleteObject"):
            store.delete(["a/b"])
        assert store.get("a/b") == b"hello"

    def test_none_at_all_are_told(self, s3_lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(AccessDenied, match=r"no credentials .*set AWS_ACCESS_KEY_ID .*'anon': True"):
            open_store(s3_lake).get("a")
        with pytest.raises(AccessDenied, match="refuses"):
            open_store(s3_lake, options={"anon": True}).get("a")

    def test_options_win_over_the_environment(
        self, s3_lake: str, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        options = {"key": ACCESS_KEY, "secret": SECRET_KEY, "endpoint_url": s3_server.endpoint}
        store = open_store(s3_lake, options=options)
        store.put("a", b"x")
        assert store.get("a") == b"x"

    def test_the_region_and_client_settings_pass_through(self, s3_lake: str) -> None:
        store = open_store(
            s3_lake, options={"client_kwargs": {"region_name": "eu-x-1"}, "config_kwargs": {"read_timeout": 3}}
        )
        store.put("a", b"x")
        options = store.scan_paths([])[1]
        assert options is not None
        assert options["aws_region"] == "eu-x-1"


class TestUnreachable:
    @pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
    def test_a_dead_endpoint_fails_within_seconds(self, s3_lake: str, endpoint: str) -> None:
        store = open_store(s3_lake, options={"endpoint_url": endpoint})
        begun = time.monotonic()
        with pytest.raises(StoreUnreachable, match=f"no answer from {endpoint}.*AWS_ENDPOINT_URL"):
            store.put("a", b"x")
        assert time.monotonic() - begun < 10

    def test_an_endpoint_that_is_no_url_is_told(self, s3_lake: str) -> None:
        with pytest.raises(StoreError, match="AWS_ENDPOINT_URL to a URL such as"):
            open_store(s3_lake, options={"endpoint_url": "minio.local"}).get("a")

    def test_tls_where_there_is_none_is_told(self, s3_lake: str, s3_server: S3Server) -> None:
        store = open_store(s3_lake, options={"endpoint_url": s3_server.endpoint.replace("http:", "https:")})
        with pytest.raises(StoreUnreachable, match="SSL"):
            store.get("a")

    def test_a_server_that_never_answers_is_given_up(self, s3_lake: str, s3_proxy: S3Proxy) -> None:
        released = threading.Event()

        def hang(_request: Request) -> None:
            released.wait(20)

        s3_proxy.spoil = hang
        config = {"read_timeout": 0.3, "retries": {"total_max_attempts": 2}}
        store = open_store(s3_lake, options={"config_kwargs": config})
        begun = time.monotonic()
        with pytest.raises(StoreUnreachable, match="no answer from"):
            store.get("a")
        assert time.monotonic() - begun < 10
        released.set()

    def test_the_default_patience_is_bounded(self, s3_lake: str) -> None:
        store = S3Store(s3_lake)
        store.list("")
        config = store._filesystem()[0].s3.meta.config
        assert (config.connect_timeout, config.read_timeout) == (5, 20)
        assert config.retries["total_max_attempts"] == ATTEMPTS == 3
        assert store._filesystem()[0].retries == 1


class TestProcesses:
    def test_a_forked_child_gets_its_own_client(self, store: S3Store) -> None:
        store.put("a/parent", b"x")
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                store.put("a/child", b"y")
                os.write(writer, store.get("a/parent") + store.get("a/child"))
            except BaseException as error:  # noqa: BLE001 the parent judges it
                os.write(writer, repr(error).encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            assert pipe.read() == b"xy"
        os.waitpid(pid, 0)
        assert store.get("a/child") == b"y"

    def test_threads_share_a_store(self, store: S3Store) -> None:
        def work(n: int) -> bytes:
            store.put(f"a/{n}", str(n).encode())
            return store.get(f"a/{n}")

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(work, range(40))) == [str(n).encode() for n in range(40)]

    @pytest.mark.parametrize("used_before", [True, False])
    def test_at_exit_it_works_or_says_so(self, s3_lake: str, used_before: bool) -> None:
        code = f"""
import atexit
from lakeboard.schema.errors import StoreUnreachable
from lakeboard.store import open_store
store = open_store({s3_lake!r})
def late():
    try:
        store.put("late", b"x")
        print("written")
    except StoreUnreachable as error:
        print("unreachable:", error)
atexit.register(late)
if {used_before}:
    store.put("early", b"x")
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
        told = f"unreachable: can't write {s3_lake}/late: Python is shutting down; finish the run before"
        assert done.stdout.startswith(("written", told)), done.stdout + done.stderr
        assert done.returncode == 0

    def test_a_store_that_goes_away_closes_its_client(self, s3_lake: str, recwarn: pytest.WarningsRecorder) -> None:
        open_store(s3_lake).list("")
        gc.collect()
        time.sleep(0.2)
        assert [str(warning.message) for warning in recwarn] == []

    def test_what_is_said_of_a_shutdown(self, store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def late(_work: object) -> None:
            raise RuntimeError("cannot schedule new futures after interpreter shutdown")

        monkeypatch.setattr(store, "_run", late)
        with pytest.raises(StoreUnreachable, match="Python is shutting down; finish the run before the program ends"):
            store.put("a", b"x")


class TestScan:
    def test_polars_reads_with_what_scan_paths_gives(self, store: S3Store) -> None:
        import polars as pl

        frame = pl.DataFrame({"x": [1, 2, 3]})
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        keys = ["metrics/project=a%2Fb%25/run_id=r/2.parquet", "metrics/project=%C3%A9/run_id=r/1.parquet"]
        for key in keys:
            store.put(key, buffer.getvalue())
        paths, options = store.scan_paths(keys)
        assert paths == [f"{store.url}/{key}" for key in keys]
        read = pl.scan_parquet(paths, storage_options=options, glob=False).collect()
        assert read["x"].to_list() == [1, 2, 3] * 2

    def test_options_tell_endpoint_region_and_credentials(
        self, s3_lake: str, s3_proxy: S3Proxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
        assert open_store(s3_lake).scan_paths([])[1] == {
            "aws_endpoint_url": s3_proxy.endpoint,
            "aws_allow_http": "true",
            "aws_region": "us-east-1",
            "aws_access_key_id": ACCESS_KEY,
            "aws_secret_access_key": SECRET_KEY,
            "aws_session_token": "token",
        }
        assert s3_proxy.take() == []

    def test_options_given_win_and_anon_sends_none(self, s3_lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
        given = open_store(s3_lake, options={"key": "k", "secret": "s"}).scan_paths([])[1]
        assert given is not None
        assert (given["aws_access_key_id"], given["aws_secret_access_key"]) == ("k", "s")
        monkeypatch.delenv("AWS_ENDPOINT_URL")
        anon = open_store(s3_lake, options={"anon": True}).scan_paths([])[1]
        assert anon == {"aws_region": "us-east-1", "aws_skip_signature": "true"}

    def test_a_profile_will_do(self, s3_lake: str, clean_environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        (clean_environment / ".aws").mkdir()
        text = f"[team]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
        (clean_environment / ".aws" / "credentials").write_text(text)
        monkeypatch.setenv("AWS_PROFILE", "team")
        store = open_store(s3_lake)
        store.put("a", b"x")
        options = store.scan_paths(["a"])[1]
        assert options is not None
        assert options["aws_secret_access_key"] == SECRET_KEY


def test_folder_markers_and_foreign_names_are_not_listed(store: S3Store, raw_put: Callable[[str, bytes], None]) -> None:
    for key in ("runs/", "runs/project=p/", "runs/ü", "runs/project=p/r"):
        raw_put(key, b"")
    assert [info.key for info in store.list("")] == ["runs/project=p/r"]
    assert store.list_dirs("runs/") == ["project=p"]


def test_a_lake_may_be_a_whole_bucket(s3_lake: str, s3_client: Any) -> None:
    bucket = s3_lake.split("/")[3]
    s3_client.create_bucket(Bucket=bucket)
    store = open_store(f"s3://{bucket}")
    store.put("a/b", b"x")
    assert [info.key for info in store.list("")] == ["a/b"]
    assert store.list_dirs("") == ["a"]
    assert s3_client.get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"x"
    assert store.scan_paths(["a/b"])[0] == [f"s3://{bucket}/a/b"]
