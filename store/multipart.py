"""One large file to S3 in parts: hashed on the way, a few parts in flight, able to go on after a kill.

The store shows nothing until all parts are joined. What was sent of an upload that never ends costs money and stands
in no listing: whoever began it ends it, or `lakeboard tidy` does after a week.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from ..schema.errors import FileChanged
from .base import OnBytes, Stored
from .files.parts import PARTS_AT_ONCE, part_size
from .files.source_file import SourceFile, Stamp
from .s3_errors import answer_code

_log: Final = logging.getLogger(__name__)
_GONE: Final = frozenset({"NoSuchUpload", "NoSuchKey", "NotFound", "404"})


class Asking(Protocol):
    """How requests are made: one S3 operation, of the lake's bucket."""

    def ask(self, operation: str, **request: Any) -> Any:
        """The answer; raises what the client raises."""
        ...

    def begin(self, operation: str, **request: Any) -> Future[Any]:
        """The same, without waiting for the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Note:
    """What an upload must know to go on: whose it is, and of which file in which state."""

    key: str
    """Bucket and key."""
    upload_id: str
    size: int
    mtime_ns: int
    inode: int
    part: int
    """Bytes of a part."""

    def write(self, path: Path) -> None:
        """Put the note down, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temp = path.with_name(f"{path.name}.new")
        temp.write_text(json.dumps(asdict(self)))
        temp.replace(path)

    def is_of(self, key: str, stamp: Stamp) -> bool:
        """Whether it speaks of this file, unchanged, on its way to this key."""
        return (self.key, self.size, self.mtime_ns, self.inode) == (key, *stamp)


def read_note(path: Path) -> Note | None:
    """The note at `path`; None where there is none, or none that can be read: then the upload begins anew."""
    try:
        told = json.loads(path.read_text())
        numbers = [int(told[name]) for name in ("size", "mtime_ns", "inode", "part")]
        return Note(str(told["key"]), str(told["upload_id"]), *numbers)
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Multipart:
    """The upload of one file.

    Args:
        asking: makes the requests.
        bucket: of the lake.
        path: the key in it.
        source: the file, just opened.
        note: where to put the note; None for none.
        on_bytes: told of progress.
    """

    def __init__(
        self,
        asking: Asking,
        bucket: str,
        path: str,
        source: SourceFile,
        *,
        note: Path | None,
        on_bytes: OnBytes | None,
    ) -> None:
        self._asking = asking
        self._path = path
        self._key = f"{bucket}/{path}"
        self._source = source
        self._note = note
        self._on_bytes = on_bytes
        self._tags: dict[int, str] = {}

    def run(self) -> Stored:
        """Send what the store does not have yet, and join the parts.

        Raises:
            FileChanged: as `Store.put_file` says; the upload is aborted and the note is gone.
        """
        note, known = self._resumed()
        if note is None:
            if self._had_ended():
                return self._source.stored()
            note, known = self._begun(), {}
        try:
            self._send(note, known)
            stored = self._source.stored()
            self._join(note)
        except FileChanged:
            self._abort(note)
            raise
        except BaseException:
            if self._note is None:
                self._abort(note)
            raise
        self._forget()
        return stored

    def _begun(self) -> Note:
        answer = self._asking.ask("create_multipart_upload", Key=self._path)
        note = Note(self._key, answer["UploadId"], *self._source.stamp, part_size(self._source.size))
        if self._note is not None:
            note.write(self._note)
        return note

    def _resumed(self) -> tuple[Note | None, Mapping[int, tuple[int, str]]]:
        """The upload that a note tells of, with the parts that the store has: number to size and MD5."""
        note = read_note(self._note) if self._note is not None else None
        if note is None:
            return None, {}
        if note.is_of(self._key, self._source.stamp):
            try:
                return note, dict(self._listed(note))
            except Exception as error:
                if answer_code(error) not in _GONE:
                    raise
            return None, {}
        # The file is another one by now: what was sent of it is of no use to anybody.
        if note.key == self._key:
            self._abort(note)
        return None, {}

    def _had_ended(self) -> bool:
        """Whether the upload of the note was joined, and a kill came before the note went; if so, it goes now.

        Reads the file where the store has an object of its size that was joined from as many parts.
        """
        if self._note is None or not self._note.exists():
            return False
        head = self._head()
        part = part_size(self._source.size)
        if head is None or head[0] != self._source.size:
            return False
        tags = []
        while data := self._source.read(part):
            tags.append(_md5(data))
        if head[1] != joined_tag(tags):
            self._source.rewind()
            return False
        self._source.check()
        self._forget()
        return True

    def _listed(self, note: Note) -> Iterator[tuple[int, tuple[int, str]]]:
        request: dict[str, Any] = {"Key": self._path, "UploadId": note.upload_id}
        while True:
            page = self._asking.ask("list_parts", **request)
            for part in page.get("Parts", ()):
                yield int(part["PartNumber"]), (int(part["Size"]), part["ETag"].strip('"'))
            marker = page.get("NextPartNumberMarker")
            if not page.get("IsTruncated") or not marker or marker == request.get("PartNumberMarker"):
                return
            request["PartNumberMarker"] = marker

    def _send(self, note: Note, known: Mapping[int, tuple[int, str]]) -> None:
        flying: deque[tuple[int, bytes, Future[Any]]] = deque()
        try:
            number = 0
            while self._source.at < self._source.size:
                number += 1
                data = self._source.read(note.part)
                if number in known and known[number] == (len(data), _md5(data)):
                    self._tags[number] = known[number][1]
                    self._tell(flying)
                    continue
                if len(flying) == PARTS_AT_ONCE:
                    self._settle(note, *flying.popleft())
                    self._tell(flying, beside=len(data))
                flying.append((number, data, self._begin_part(note, number, data)))
            while flying:
                self._settle(note, *flying.popleft())
                self._tell(flying)
        finally:
            for _, _, future in flying:
                future.cancel()

    def _begin_part(self, note: Note, number: int, data: bytes) -> Future[Any]:
        return self._asking.begin("upload_part", **self._part(note, number, data))

    def _part(self, note: Note, number: int, data: bytes) -> dict[str, Any]:
        return {"Key": self._path, "UploadId": note.upload_id, "PartNumber": number, "Body": data}

    def _settle(self, note: Note, number: int, data: bytes, future: Future[Any]) -> None:
        """Wait for a part; one that failed is sent once more, with new keys where the old ones were refused."""
        try:
            answer = future.result()
        except Exception as error:
            if answer_code(error) in _GONE:
                raise
            answer = self._asking.ask("upload_part", **self._part(note, number, data))
        self._tags[number] = answer["ETag"].strip('"')

    def _tell(self, flying: deque[tuple[int, bytes, Future[Any]]], *, beside: int = 0) -> None:
        if self._on_bytes is not None:
            self._on_bytes(self._source.at - beside - sum(len(data) for _, data, _ in flying))

    def _join(self, note: Note) -> None:
        parts = [{"PartNumber": number, "ETag": f'"{tag}"'} for number, tag in sorted(self._tags.items())]
        request = {"Key": self._path, "UploadId": note.upload_id, "MultipartUpload": {"Parts": parts}}
        try:
            self._asking.ask("complete_multipart_upload", **request)
        except Exception as error:
            # The answer to an earlier try may have been lost: then the object is there and the upload is not.
            made = (self._source.size, joined_tag([tag for _, tag in sorted(self._tags.items())]))
            if answer_code(error) not in _GONE or self._head() != made:
                raise

    def _head(self) -> tuple[int, str] | None:
        """Size and tag of what the key holds; None for nothing."""
        try:
            head = self._asking.ask("head_object", Key=self._path)
        except Exception as error:
            if answer_code(error) in _GONE:
                return None
            raise
        return int(head["ContentLength"]), head["ETag"].strip('"')

    def _abort(self, note: Note) -> None:
        try:
            self._asking.ask("abort_multipart_upload", Key=self._path, UploadId=note.upload_id)
        except Exception as error:  # noqa: BLE001 what ended the upload is raised; the rest of it goes with a tidy
            _log.info("the upload of %s could not be aborted: %s", self._key, error)
        self._forget()

    def _forget(self) -> None:
        if self._note is not None:
            self._note.unlink(missing_ok=True)


def joined_tag(tags: list[str]) -> str | None:
    """The tag that S3 gives an object made of parts with these tags; None where they are no MD5 sums. Pure."""
    try:
        digests = b"".join(bytes.fromhex(tag) for tag in tags)
    except ValueError:
        return None
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(tags)}"


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
