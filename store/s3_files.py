"""Files to and in an S3 bucket: uploads in parts, copies that the server makes, uploads that never ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any, Final

from .base import OnBytes, Stored
from .files.parts import PART_BYTES
from .files.source_file import SourceFile
from .multipart import Asking, Multipart

LARGEST_COPY: Final = 5 * 1024**3
"""The largest object that S3 copies with one request."""
COPY_PART: Final = 1024**3
_CHUNK: Final = 1024**2
PART_SECONDS: Final = 300
"""Without a sign of life for so long, the sending of a part counts as failed: 8 MB over a slow line take their time."""


@dataclass(frozen=True, slots=True)
class UnfinishedUpload:
    """An upload in parts that was neither joined nor aborted: it costs money and stands in no listing."""

    key: str
    """Where it would have appeared."""
    upload_id: str
    begun: datetime
    """By the store's clock, UTC."""


def put_file(
    asking: Asking,
    bucket: str,
    path: str,
    file: str | PathLike[str],
    *,
    note: str | PathLike[str] | None,
    on_bytes: OnBytes | None,
) -> Stored:
    """Send a file: one PUT where it fits, else in parts; as `Store.put_file` says."""
    with SourceFile(file) as source:
        if source.size > PART_BYTES:
            where = Path(note) if note is not None else None
            return Multipart(asking, bucket, path, source, note=where, on_bytes=on_bytes).run()
        data = source.read(source.size)
        stored = source.stored()
        asking.ask("put_object", Key=path, Body=data)
        if on_bytes is not None:
            on_bytes(len(data))
        return stored


async def read_part(fs: Any, *, ask: Callable[..., Awaitable[Any]], path: str, start: int, stop: int) -> bytes:
    """The bytes of an object from `start` up to before `stop`; of a server that sends everything no more are read."""
    for last in (False, True):
        answer = await ask(fs, "get_object", Key=path, Range=f"bytes={start}-{stop - 1}")
        skip = 0 if answer.get("ContentRange") else start
        data = bytearray()
        try:
            while skip + stop - start > len(data) and (chunk := await answer["Body"].read(_CHUNK)):
                data += chunk
                if skip:  # Everything comes: what lies before is dropped on the way.
                    dropped = min(skip, len(data))
                    del data[:dropped]
                    skip -= dropped
        except Exception:
            # The client library retries up to an answer's first byte; what breaks later is ours to ask again.
            if last:
                raise
        else:
            return bytes(data[: stop - start])
        finally:
            answer["Body"].close()
    raise AssertionError("the last attempt returns or raises")


def copy_within(asking: Asking, path: str, *, source: dict[str, str], size: int) -> None:
    """Have the server copy `source` (bucket and key) to `path`; above 5 GB in parts of one."""
    if size <= LARGEST_COPY:
        asking.ask("copy_object", Key=path, CopySource=source)
        return
    upload = asking.ask("create_multipart_upload", Key=path)["UploadId"]
    try:
        parts = []
        for number, start in enumerate(range(0, size, COPY_PART), 1):
            span = f"bytes={start}-{min(start + COPY_PART, size) - 1}"
            request = {"Key": path, "UploadId": upload, "PartNumber": number, "CopySource": source}
            answer = asking.ask("upload_part_copy", **request, CopySourceRange=span)
            parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
        asking.ask("complete_multipart_upload", Key=path, UploadId=upload, MultipartUpload={"Parts": parts})
    except BaseException:
        asking.ask("abort_multipart_upload", Key=path, UploadId=upload)
        raise


def unfinished(asking: Asking, prefix: str) -> Iterator[UnfinishedUpload]:
    """Uploads below `prefix` of the bucket that were neither joined nor aborted; one LIST per 1,000."""
    request: dict[str, Any] = {"Prefix": prefix}
    while True:
        page = asking.ask("list_multipart_uploads", **request)
        for upload in page.get("Uploads", ()):
            if upload["Key"].startswith(prefix):
                key = upload["Key"].removeprefix(prefix)
                yield UnfinishedUpload(key, upload["UploadId"], upload["Initiated"].astimezone(UTC))
        following = {"KeyMarker": page.get("NextKeyMarker"), "UploadIdMarker": page.get("NextUploadIdMarker")}
        if not page.get("IsTruncated") or not following["KeyMarker"] or following.items() <= request.items():
            return
        request |= {name: value for name, value in following.items() if value}
