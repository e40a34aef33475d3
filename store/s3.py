"""A lake in an S3 bucket: every verb is the one request that its contract promises."""

from __future__ import annotations

import builtins
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..schema.errors import DamagedObject, InvalidSetting, MissingObject, StoreError
from . import s3_files
from .base import ObjectInfo, OnBytes, Store, Stored
from .files.download import check_range
from .keyrules import check_key, check_prefix, is_key
from .objects import FsspecStore
from .s3_errors import answer_code, s3_translated
from .s3_files import UnfinishedUpload, read_part
from .s3_keys import Looks, advice, are_given, fresh_keys, refusal, scan_options, used_keys
from .transfer import copy_through_file, innermost

if TYPE_CHECKING:
    from concurrent.futures import Future

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 20
ATTEMPTS: Final = 3
"""How often a request is tried in all, with short pauses; a dead endpoint fails within seconds."""
PARALLEL: Final = 32
"""Reads of one `get_many` under way at a time."""
_PAGE: Final = 1000
_VALIDATION: Final = "response_checksum_validation"
_DENIALS: Final = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken")
_T = TypeVar("_T")


class S3Store(FsspecStore):
    """Objects below a prefix of an S3 bucket, or of a store that speaks S3.

    Goes through s3fs for credentials, sessions and the event loop, but asks for S3's own operations: s3fs's
    whole-file read is a HEAD and a GET, its bulk delete tells no failures, and its listing slows down with
    the square of the number of folders.

    Where the store refuses the keys, their sources (`~/.aws/credentials`, a profile's login or program, the
    environment) are read again, at most every 5 s; with other keys the request is made once more.

    Args:
        url: `s3://bucket/prefix`; the prefix may be empty.
        options: arguments of `s3fs.S3FileSystem` (`key`, `secret`, `token`, `anon`, `endpoint_url`,
            `client_kwargs`, `config_kwargs`, …); they win over the environment.

    Raises:
        InvalidSetting: no bucket in the address, or s3fs is not installed.
    """

    def __init__(self, url: str, *, options: Mapping[str, object] | None = None) -> None:
        super().__init__(url, options=options)
        if find_spec("s3fs") is None:
            raise InvalidSetting(f'lake {self.url} needs a package that is missing: pip install "lakeboard[s3]"')
        self._bucket, _, prefix = self.url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix}/" if prefix else ""
        config: dict[str, Any] = {
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"total_max_attempts": ATTEMPTS, "mode": "standard"},
            "max_pool_connections": PARALLEL,
        }
        config.update(self._options.get("config_kwargs") or {})
        # An instance of our own: one that other code shares might come with other retries and caches.
        self._options.update(config_kwargs=config, skip_instance_cache=True)
        self._looks = Looks()
        self._patient: S3Store | None = None

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_patient": None}

    def _make(self) -> tuple[Any, str]:
        import fsspec

        kind = fsspec.get_filesystem_class("s3")
        if _checks_answers():
            # Some servers send the whole object's checksum with a part of it, or an earlier object's. What lakeboard
            # reads has checksums of its own.
            config = {_VALIDATION: "when_required", **self._options["config_kwargs"]}
            self._options["config_kwargs"] = config
        fs = kind(**self._options)
        fs.retries = 1  # botocore does the retrying; s3fs's own loop around it would multiply the waiting.
        return fs, self._bucket

    def _translated(self, error: Exception, act: str, key: str) -> StoreError:
        where = self._endpoint()
        return s3_translated(
            error, act, f"{self.url}/{key}", endpoint=where, options=self._options, advice=advice(self._options)
        )

    def _endpoint(self) -> str:
        """Where requests go, for messages; never with credentials in it."""
        client = self._options.get("client_kwargs") or {}
        given = (
            self._options.get("endpoint_url")
            or client.get("endpoint_url")
            or os.environ.get("AWS_ENDPOINT_URL_S3")
            or os.environ.get("AWS_ENDPOINT_URL")
            or getattr(self._opened[1] if self._opened else None, "endpoint_url", None)
        )
        return str(given).rpartition("@")[2] if given else "AWS"

    def _run(self, work: Callable[[Any], Awaitable[_T]]) -> _T:
        """What `work` returns, done on the event loop's thread; once more where it was refused and keys are new."""
        from fsspec.asyn import sync

        fs, _ = self._filesystem()
        try:
            result: _T = sync(fs.loop, work, fs)
        except Exception as error:
            if not self._has_new_keys(fs, error):
                raise
            fs, _ = self._filesystem()
            result = sync(fs.loop, work, fs)
        return result

    def _has_new_keys(self, fs: Any, error: Exception) -> bool:
        """Whether there are other keys than those of `fs`, which were refused with `error`; if so, they are taken."""
        from fsspec.asyn import sync

        why = refusal(error)
        if why is None or are_given(fs):
            return False
        if self._filesystem()[0] is not fs:
            return True  # Another thread was first.
        if not self._looks.due(why):
            return False
        pid, fresh = os.getpid(), self._make()
        try:
            if sync(fs.loop, fresh_keys, fresh[0]) == sync(fs.loop, used_keys, fs):
                return False
        except Exception:  # noqa: BLE001 the sources give nothing: the refusal is what the caller is told
            return False
        self._opened = (pid, *fresh)
        return True

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        """Store `data` under `key`; one PUT."""
        path = self._prefix + check_key(key)
        with self._telling("write", key):
            self._run(partial(self._ask, operation="put_object", Key=path, Body=bytes(data)))

    def get(self, key: str) -> bytes:
        """All bytes of one object; one GET."""
        check_key(key)
        with self._telling("read", key):
            return self._run(partial(self._read, key=key))

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one object; one GET, two where the server minds that there are fewer."""
        check_key(key)
        with self._telling("read", key):
            try:
                data = self._run(partial(self._read, key=key, Range=f"bytes=-{max(1, length)}"))
            except OSError as error:
                if answer_code(error) not in ("InvalidRange", "416"):
                    raise
                # An empty object has no last byte; and to some servers more than all of it is out of range.
                data = self._run(partial(self._read, key=key))
        # Some servers do not know ranges and answer with everything.
        return data[max(0, len(data) - length) :]

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many objects, several at a time; one that fails maps to its error."""
        import asyncio

        wanted = [check_key(key) for key in dict.fromkeys(keys)]
        gate = asyncio.Semaphore(PARALLEL)

        async def attempt(fs: Any, key: str) -> bytes | Exception:
            async with gate:
                try:
                    return await self._read(fs, key)
                except Exception as error:  # noqa: BLE001 it is handed on, not swallowed
                    return error

        async def all_of(some: Sequence[str], fs: Any) -> tuple[Any, builtins.list[bytes | Exception]]:
            return fs, await asyncio.gather(*(attempt(fs, key) for key in some))

        if not wanted:
            return {}
        with self._telling("read", wanted[0]):
            fs, answers = self._run(partial(all_of, wanted))
            found = dict(zip(wanted, answers, strict=True))
            refused = {key: a for key, a in found.items() if isinstance(a, Exception) and refusal(a) is not None}
            if any(self._has_new_keys(fs, error) for error in refused.values()):
                found.update(zip(refused, self._run(partial(all_of, builtins.list(refused)))[1], strict=True))
        return {
            key: self._translated(answer, "read", key) if isinstance(answer, Exception) else answer
            for key, answer in found.items()
        }

    async def _ask(self, fs: Any, operation: str, **request: Any) -> Any:
        return await fs._call_s3(operation, Bucket=self._bucket, **request)  # noqa: SLF001 the public one is not async

    async def _read(self, fs: Any, key: str, **request: str) -> bytes:
        for last in (False, True):
            answer = await self._ask(fs, "get_object", Key=self._prefix + key, **request)
            try:
                data: bytes = await answer["Body"].read()
            except Exception:
                # The client library retries up to an answer's first byte; what breaks later is ours to ask again.
                if last:
                    raise
            else:
                return data
            finally:
                answer["Body"].close()
        raise AssertionError("the last attempt returns or raises")

    def ask(self, operation: str, **request: Any) -> Any:
        """What S3 answers to one operation on the lake's bucket.

        Raises:
            Exception: what the client raises, untranslated.
        """
        return self._run(partial(self._ask, operation=operation, **request))

    def begin(self, operation: str, **request: Any) -> Future[Any]:
        """As `ask`, without waiting and without a second try with new keys."""
        import asyncio

        fs, _ = self._filesystem()
        return asyncio.run_coroutine_threadsafe(self._ask(fs, operation, **request), fs.loop)

    def _for_parts(self) -> S3Store:
        """The same lake with the patience that large bodies need; made at the first use."""
        if self._patient is None:
            config = {**self._options["config_kwargs"], "read_timeout": s3_files.PART_SECONDS}
            # At worst two threads make one each.
            self._patient = S3Store(self.url, options={**self._options, "config_kwargs": config})
        return self._patient

    def put_file(
        self,
        key: str,
        path: str | os.PathLike[str],
        *,
        note: str | os.PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        """Store a file: one PUT up to 8 MB, else one a part, 4 at a time, and two requests more."""
        check_key(key)
        with self._telling("write", key, file=path):
            asking = self._for_parts()
            return s3_files.put_file(asking, self._bucket, self._prefix + key, path, note=note, on_bytes=on_bytes)

    def get_range(self, key: str, start: int, stop: int) -> bytes:
        """A part of one object; one GET."""
        check_key(key)
        if not check_range(start, stop):
            return b""
        with self._telling("read", key):
            try:
                return self._run(partial(read_part, ask=self._ask, path=self._prefix + key, start=start, stop=stop))
            except OSError as error:
                if answer_code(error) not in ("InvalidRange", "416"):
                    raise
                return b""  # The object ends before.

    def copy(self, key: str, to: str, *, size: int, source: Store | None = None, durable: bool = False) -> None:
        """Store a copy of an object: a HEAD and the server's own copy, where the source is on the same server."""
        check_key(key)
        path = self._prefix + check_key(to)
        behind = innermost(source or self)
        if not (isinstance(behind, S3Store) and self._is_beside(behind)):
            copy_through_file(source or self, key, self, to, size=size, durable=durable)
            return
        if (found := behind.size_of(key)) != size:
            raise DamagedObject(f"{key} has {found:,} bytes where {size:,} belong: it was not copied", key=key)
        with self._telling("write", to):
            s3_files.copy_within(self._for_parts(), path, source=behind.place(key), size=size)

    def size_of(self, key: str) -> int:
        """Bytes of one object; one HEAD."""
        with self._telling("read", key):
            return int(self.ask("head_object", Key=self._prefix + check_key(key))["ContentLength"])

    def place(self, key: str) -> dict[str, str]:
        """Bucket and key, as S3 names an object."""
        return {"Bucket": self._bucket, "Key": self._prefix + check_key(key)}

    def _is_beside(self, other: S3Store) -> bool:
        """Whether one request can name objects of both: one server, the same keys."""
        return self._endpoint() == other._endpoint() and self._options == other._options

    def unfinished_uploads(self) -> builtins.list[UnfinishedUpload]:
        """Uploads in parts below the lake's root that were neither joined nor aborted; one LIST per 1,000."""
        with self._telling("list", ""):
            return [u for u in s3_files.unfinished(self, self._prefix) if is_key(u.key)]

    def abort_upload(self, upload: UnfinishedUpload) -> None:
        """Drop what was sent of an upload; one that is gone is fine. One DELETE."""
        with self._telling("delete", upload.key):
            try:
                path = self._prefix + check_key(upload.key)
                self.ask("abort_multipart_upload", Key=path, UploadId=upload.upload_id)
            except OSError as error:
                if answer_code(error) not in ("NoSuchUpload", "404"):
                    raise

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object below the folder `prefix`, sorted by key; one LIST per 1,000."""
        found = [
            ObjectInfo(key, int(entry["Size"]), entry["LastModified"].astimezone(UTC))
            for page in self._pages(check_prefix(prefix))
            for entry in page.get("Contents", ())
            if is_key(key := entry["Key"].removeprefix(self._prefix))
        ]
        found.sort(key=lambda info: info.key)
        return found

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        """Names of the folders directly below the folder `prefix`, sorted; one LIST per 1,000 names."""
        start = len(self._prefix) + len(check_prefix(prefix))
        names = {
            entry["Prefix"][start:].rstrip("/")
            for page in self._pages(prefix, Delimiter="/")
            for entry in page.get("CommonPrefixes", ())
        }
        return sorted(name for name in names if is_key(prefix + name))

    def _pages(self, prefix: str, **request: str) -> Iterator[Mapping[str, Any]]:
        request["Prefix"] = self._prefix + prefix
        while True:
            with self._telling("list", prefix):
                page: Mapping[str, Any] = self._run(partial(self._ask, operation="list_objects_v2", **request))
            yield page
            if not page.get("IsTruncated"):
                return
            token = page.get("NextContinuationToken")
            if not token or token == request.get("ContinuationToken"):
                raise StoreError(f"can't list {self.url}/{prefix}: {self._endpoint()} tells no way to the next page")
            request["ContinuationToken"] = token

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; missing ones are fine. One bulk DELETE per 1,000 keys."""
        doomed = [check_key(key) for key in keys]
        for start in range(0, len(doomed), _PAGE):
            objects = [{"Key": self._prefix + key} for key in doomed[start : start + _PAGE]]
            with self._telling("delete", doomed[start]):
                request = {"Delete": {"Objects": objects, "Quiet": True}}
                answer = self._run(partial(self._ask, operation="delete_objects", **request))
            for failure in answer.get("Errors", ()):
                if failure.get("Code") not in ("NoSuchKey", "NotFound"):
                    self._not_deleted(failure)

    def _not_deleted(self, failure: Mapping[str, Any]) -> None:
        """Raise what kept a key from being deleted, unless it is not there: some servers call that an error."""
        key = failure.get("Key", "").removeprefix(self._prefix)
        if failure.get("Code") not in _DENIALS:
            try:
                self._run(partial(self._ask, operation="head_object", Key=self._prefix + key))
            except Exception as error:  # noqa: BLE001 the failure that it asks about is raised below
                if isinstance(self._translated(error, "read", key), MissingObject):
                    return
        raise self._translated(_Refused(failure), "delete", key)

    def scan_paths(self, keys: Sequence[str]) -> tuple[builtins.list[str], dict[str, str] | None]:
        """`s3://` URLs and what Polars needs to read them: endpoint, region and credentials as s3fs found them.

        No request to the store; temporary credentials may be renewed. The options hold secrets: don't show them.
        """
        paths = [f"{self.url}/{check_key(key)}" for key in keys]
        with self._telling("read", keys[0] if keys else ""):
            return paths, self._run(scan_options)


class _Refused(Exception):
    """One key that a bulk delete did not remove, in the shape that answers have."""

    def __init__(self, failure: Mapping[str, Any]) -> None:
        super().__init__(failure.get("Code"))
        self.response = {"Error": failure, "ResponseMetadata": {"HTTPStatusCode": 200}}


def _checks_answers() -> bool:
    """Whether the client library compares answers with checksums by itself, as it does since 2025."""
    from botocore.config import Config  # type: ignore[import-untyped]

    return _VALIDATION in Config.OPTION_DEFAULTS
