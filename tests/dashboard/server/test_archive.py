"""Archives that are made while they are sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

from lakeboard.dashboard.server.archive import Member, zipped


def test_names_lead_nowhere_and_none_is_there_twice() -> None:
    names = ["a", "a", "/etc/passwd", "C:\\x", "é/😀", "a"]
    data = b"".join(zipped(Member(name, 1, iter([b"x"])) for name in names))
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.namelist() == ["a", "a (2)", "etc/passwd", "C:_x", "é/😀", "a (3)"]
        assert found.testzip() is None


def test_each_piece_goes_on_before_the_next_is_read() -> None:
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        for _ in range(10):
            read += 1
            yield bytes(1000)

    sent = zipped([Member("a", 10_000, pieces())])
    assert len(next(sent)) > 1000
    assert read == 1
    assert sum(map(len, sent)) > 9000


@pytest.mark.slow
def test_files_beyond_4_gb_are_told_in_64_bits() -> None:
    size = 2**32 + 5
    piece = bytes(2**24)

    def pieces() -> Iterator[bytes]:
        for at in range(0, size, len(piece)):
            yield piece[: size - at]

    length, tail = 0, b""
    for each in zipped([Member("big", size, pieces()), Member("last", 1, iter([b"x"]))]):
        length += len(each)
        tail = (tail + each)[-1000:]
    assert length > size
    # The directory's end in 64 bits, and the size in the big file's entry.
    assert b"PK\x06\x06" in tail
    assert size.to_bytes(8, "little") in tail


def test_what_fails_leaves_no_directory() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x"
        raise OSError("gone")

    out = b""
    with pytest.raises(OSError, match="gone"):
        for piece in zipped([Member("first", 1, iter([b"1"])), Member("a", 2, pieces())]):
            out += piece
    assert b"PK\x05\x06" not in out
