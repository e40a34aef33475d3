"""Files to and from S3: what they cost, how they go on after a kill, what is left of those that never end."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lakeboard.schema.errors import FileChanged, InvalidName, StoreUnreachable
from lakeboard.store.base import Stored
from lakeboard.store.files.parts import MOST_PARTS, PART_BYTES, part_count, part_size
from lakeboard.store.multipart import joined_tag, read_note
from lakeboard.store.s3 import S3Store
from tests.s3proxy import Reply, Request, S3Proxy, s3_error

PARTS = 7
DATA = b"".join(n.to_bytes(8, "big") * (PART_BYTES // 8) for n in range(PARTS - 1)) + b"the end"
STORED = Stored(len(DATA), hashlib.sha256(DATA).hexdigest())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(DATA)
    return path


def parts_sent(requests: list[Request]) -> list[int]:
    return [int(r.query["partNumber"][0]) for r in requests if r.verb == "PUT" and "partNumber" in r.query]


def kinds(requests: list[Request]) -> list[str]:
    """Operations, with the parts and what begins, joins and ends an upload by name."""
    named = []
    for request in requests:
        query = request.query
        if "uploads" in query:
            named.append("begin" if request.verb == "POST" else "list uploads")
        elif "partNumber" in query:
            named.append("part")
        elif "uploadId" in query:
            named.append({"POST": "join", "DELETE": "abort", "GET": "list parts"}[request.verb])
        else:
            named.append(request.operation)
    return named


def broken_from(number: int, spoil: Any = "drop") -> Callable[[Request], Any]:
    """Every part from this one on is lost, as if the machine had been switched off."""
    return lambda r: spoil if "partNumber" in r.query and int(r.query["partNumber"][0]) >= number else None


def test_parts_double_so_that_nine_thousand_suffice() -> None:
    assert (part_size(0), part_size(PART_BYTES * MOST_PARTS)) == (PART_BYTES, PART_BYTES)
    assert part_size(PART_BYTES * MOST_PARTS + 1) == 2 * PART_BYTES
    assert part_count(5 * 1024**4) <= MOST_PARTS
    assert [part_count(n) for n in (0, 1, PART_BYTES, PART_BYTES + 1)] == [1, 1, 1, 2]


def test_the_tag_of_joined_parts_is_that_of_s3() -> None:
    tags = [hashlib.md5(each).hexdigest() for each in (b"a", b"b")]
    digest = hashlib.md5(hashlib.md5(b"a").digest() + hashlib.md5(b"b").digest()).hexdigest()
    assert joined_tag(tags) == f"{digest}-2"
    assert joined_tag(["no tag of MD5", *tags]) is None


@pytest.mark.s3
def test_a_small_file_is_one_put_and_a_large_one_its_parts_and_two(
    s3_store: S3Store, s3_proxy: S3Proxy, tmp_path: Path, file: Path
) -> None:
    small = tmp_path / "small"
    small.write_bytes(b"x" * 1000)
    s3_store.put_file("a/small", small)
    assert s3_proxy.operations() == ["PUT"]
    told: list[int] = []
    assert s3_store.put_file("a/large", file, on_bytes=told.append) == STORED
    assert sorted(kinds(s3_proxy.take())) == ["begin", "join", *["part"] * PARTS]
    assert (told == sorted(told), told[-1]) == (True, len(DATA))
    assert s3_store.get("a/large") == DATA
    assert s3_store.unfinished_uploads() == []


@pytest.mark.s3
def test_a_file_comes_by_ranges_of_a_part(s3_store: S3Store, s3_proxy: S3Proxy, file: Path, tmp_path: Path) -> None:
    s3_store.put_file("a", file)
    s3_proxy.take()
    s3_store.get_file("a", tmp_path / "back", size=STORED.bytes, sha256=STORED.sha256)
    seen = s3_proxy.take()
    assert (tmp_path / "back").read_bytes() == DATA
    wanted = [f"bytes={n * PART_BYTES}-{(n + 1) * PART_BYTES - 1}" for n in range(PARTS - 1)]
    wanted.append(f"bytes={(PARTS - 1) * PART_BYTES}-{len(DATA)}")
    assert sorted(str(r.range) for r in seen) == sorted(wanted)
    assert s3_store.get_range("a", 5, 9) == DATA[5:9]
    assert [(r.operation, r.range) for r in s3_proxy.take()] == [("GET", "bytes=5-8")]


@pytest.mark.s3
def test_a_server_without_ranges_is_cut(s3_store: S3Store, s3_proxy: S3Proxy) -> None:
    s3_store.put("a", b"0123456789" * 1000)
    s3_proxy.spoil = lambda r: Reply(200, b"0123456789" * 1000) if r.operation == "GET" else None
    assert s3_store.get_range("a", 5003, 5007) == b"3456"
    assert s3_store.get_range("a", 0, 3) == b"012"
    assert s3_store.get_range("a", 9998, 10_003) == b"89"
    assert s3_store.get_range("a", 20_000, 20_001) == b""


@pytest.mark.s3
def test_an_upload_goes_on_from_its_note(
    s3_store: S3Store, s3_proxy: S3Proxy, s3_lake: str, tmp_path: Path, file: Path
) -> None:
    note = tmp_path / "spool" / "note"
    s3_proxy.spoil = broken_from(5, s3_error(403, "AccessDenied"))
    with pytest.raises(PermissionError):
        s3_store.put_file("a/b", file, note=note)
    told = read_note(note)
    assert told is not None
    assert (told.size, told.part, told.key) == (len(DATA), PART_BYTES, f"{s3_lake.removeprefix('s3://')}/a/b")
    assert [u.key for u in s3_store.unfinished_uploads()] == ["a/b"]
    assert s3_store.list("") == []
    s3_proxy.spoil = lambda _: None
    s3_proxy.take()
    again = S3Store(s3_lake)
    assert again.put_file("a/b", file, note=note) == STORED
    seen = s3_proxy.take()
    assert sorted(parts_sent(seen)) == [5, 6, 7]
    assert sorted(kinds(seen)) == ["join", "list parts", "part", "part", "part"]
    assert not note.exists()
    assert again.get("a/b") == DATA
    assert again.unfinished_uploads() == []


@pytest.mark.s3
def test_a_part_with_other_bytes_is_sent_again(s3_store: S3Store, s3_proxy: S3Proxy, tmp_path: Path) -> None:
    file, note = tmp_path / "file", tmp_path / "note"
    file.write_bytes(DATA)
    s3_proxy.spoil = broken_from(3, s3_error(403, "AccessDenied"))
    with pytest.raises(PermissionError):
        s3_store.put_file("a", file, note=note)
    s3_proxy.spoil = lambda _: None
    stamp = file.stat()
    other = bytes([DATA[0] ^ 1]) + DATA[1:]
    file.write_bytes(other)
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    s3_proxy.take()
    assert s3_store.put_file("a", file, note=note).sha256 == hashlib.sha256(other).hexdigest()
    assert sorted(parts_sent(s3_proxy.take())) == [1, 3, 4, 5, 6, 7]
    assert s3_store.get("a") == other


@pytest.mark.s3
def test_the_upload_of_a_file_that_is_another_by_now_is_aborted(
    s3_store: S3Store, s3_proxy: S3Proxy, tmp_path: Path, file: Path
) -> None:
    note = tmp_path / "note"
    s3_proxy.spoil = broken_from(3, s3_error(403, "AccessDenied"))
    with pytest.raises(PermissionError):
        s3_store.put_file("a", file, note=note)
    s3_proxy.spoil = lambda _: None
    file.write_bytes(DATA + b"more")
    s3_proxy.take()
    assert s3_store.put_file("a", file, note=note).bytes == len(DATA) + 4
    assert kinds(s3_proxy.take())[:2] == ["abort", "begin"]
    assert s3_store.unfinished_uploads() == []


@pytest.mark.s3
@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": 3}', "null"])
def test_a_note_that_can_not_be_read_begins_anew(
    s3_store: S3Store, s3_proxy: S3Proxy, tmp_path: Path, file: Path, text: str
) -> None:
    note = tmp_path / "note"
    note.write_text(text)
    assert s3_store.put_file("a", file, note=note) == STORED
    assert not note.exists()


@pytest.mark.s3
def test_an_upload_that_the_store_forgot_begins_anew(
    s3_store: S3Store, s3_proxy: S3Proxy, tmp_path: Path, file: Path
) -> None:
    note = tmp_path / "note"
    s3_proxy.spoil = broken_from(3, s3_error(403, "AccessDenied"))
    with pytest.raises(PermissionError):
        s3_store.put_file("a", file, note=note)
    s3_proxy.spoil = lambda _: None
    for upload in s3_store.unfinished_uploads():
        s3_store.abort_upload(upload)
        s3_store.abort_upload(upload)
    s3_proxy.take()
    assert s3_store.put_file("a", file, note=note) == STORED
    assert len(parts_sent(s3_proxy.take())) == PARTS


@pytest.mark.s3
def test_killed_between_the_end_and_the_note_nothing_is_sent_again(
    s3_store: S3Store, s3_proxy: S3Proxy, tmp_path: Path, file: Path
) -> None:
    note, kept = tmp_path / "note", list[str]()
    s3_proxy.spoil = lambda r: kept.append(note.read_text()) if note.exists() else None
    s3_store.put_file("a", file, note=note)
    note.write_text(kept[-1])
    s3_proxy.take()
    told: list[int] = []
    assert s3_store.put_file("a", file, note=note, on_bytes=told.append) == STORED
    assert kinds(s3_proxy.take()) == ["list parts", "HEAD"]
    assert not note.exists()


@pytest.mark.s3
def test_an_end_whose_answer_is_lost_is_an_end(s3_store: S3Store, s3_proxy: S3Proxy, file: Path) -> None:
    lost = [1]

    def lose(request: Request) -> Any:
        if request.verb == "POST" and "uploadId" in request.query and lost[0]:
            lost[0] -= 1
            return "lose"
        return None

    s3_proxy.spoil = lose
    assert s3_store.put_file("a", file) == STORED
    assert s3_store.get("a") == DATA


@pytest.mark.s3
def test_a_file_that_changes_leaves_nothing_there(
    s3_store: S3Store, s3_proxy: S3Proxy, tmp_path: Path, file: Path
) -> None:
    def grow(request: Request) -> Any:
        if "partNumber" in request.query:
            with file.open("ab") as out:
                out.write(b"x")

    s3_proxy.spoil = grow
    for note in (None, tmp_path / "note"):
        with pytest.raises(FileChanged, match="file changed while it was being stored: it had"):
            s3_store.put_file("a", file, note=note)
    assert not (tmp_path / "note").exists()
    assert s3_store.list("") == []
    assert s3_store.unfinished_uploads() == []


@pytest.mark.s3
def test_without_a_note_a_failure_leaves_nothing_there(s3_store: S3Store, s3_proxy: S3Proxy, file: Path) -> None:
    s3_proxy.spoil = broken_from(3, s3_error(503, "SlowDown"))
    with pytest.raises(StoreUnreachable, match="overloaded"):
        s3_store.put_file("a", file)
    assert kinds(s3_proxy.take())[-1] == "abort"
    assert s3_store.unfinished_uploads() == []


@pytest.mark.s3
def test_lakes_of_one_server_are_copied_by_it(s3_store: S3Store, s3_proxy: S3Proxy, s3_lake: str, file: Path) -> None:
    s3_store.put_file("a", file)
    other = S3Store(f"{s3_lake}-other")
    other.list("")
    s3_proxy.take()
    other.copy("a", "b/c", size=len(DATA), source=s3_store)
    assert s3_proxy.operations() == ["HEAD", "PUT"]
    assert other.get("b/c") == DATA
    s3_store.copy("a", "d", size=len(DATA))
    assert s3_store.get("d") == DATA


@pytest.mark.s3
def test_unfinished_uploads_are_those_of_this_lake(s3_store: S3Store, s3_lake: str, s3_client: Any) -> None:
    bucket, _, prefix = s3_lake.removeprefix("s3://").partition("/")
    begun = [
        s3_client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        for key in (f"{prefix}/files/x", f"{prefix}-other/files/x")
    ]
    found = s3_store.unfinished_uploads()
    assert [(u.key, u.upload_id) for u in found] == [("files/x", begun[0])]
    assert abs(found[0].begun - datetime.now(UTC)) < timedelta(minutes=5)
    with pytest.raises(InvalidName):
        s3_store.put_file("../x", __file__)


_PEAK = """
import json, resource, sys
from pathlib import Path
from lakeboard.store.s3 import S3Store
store = S3Store(sys.argv[1])
store.put("warm", b"x")
Path(sys.argv[3]).write_bytes(b"x" * 9_000_000)
store.put_file("warm", sys.argv[3])
store.get_file("warm", sys.argv[3], size=9_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
stored = store.put_file("big", sys.argv[2])
put = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
store.get_file("big", sys.argv[3], size=stored.bytes, sha256=stored.sha256)
got = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([(put - before) // 1024, (got - before) // 1024]))
"""


@pytest.mark.s3
@pytest.mark.slow
def test_a_large_file_takes_the_memory_of_a_few_parts(s3_lake: str, tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as out:
        for n in range(320):
            out.write(n.to_bytes(4, "big") * 2**18)
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, s3_lake, str(big), str(tmp_path / "back")],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    put, got = json.loads(done.stdout)
    assert put < 120, f"{put} MB more for a file of 320 MB"
    assert got < 120, f"{got} MB more for a file of 320 MB"
