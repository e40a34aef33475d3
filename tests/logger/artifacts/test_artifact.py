"""What an artifact comes to when it is logged, and what each bad input says."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.logger.artifacts import artifact as module
from lakeboard.logger.artifacts.artifact import Parts
from lakeboard.upkeep.artifacts.draft import LocalFile, Reference


def parts(artifact: lakeboard.Artifact) -> Parts:
    return artifact.parts(run_id="r-1", writer="w001-00000001")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is not in the system's temporary one."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def test_files_folders_bytes_and_addresses_stand_under_their_paths(elsewhere: Path) -> None:
    (elsewhere / "sub").mkdir()
    (elsewhere / "a.txt").write_bytes(b"a")
    (elsewhere / "sub" / "b.txt").write_bytes(b"b")
    made = lakeboard.Artifact("digits", "dataset", {"n": 1, "password": "hunter2hunter2"})
    made.add_file(elsewhere / "a.txt")
    made.add_file(elsewhere / "a.txt", "other.txt")
    made.add_dir(elsewhere, "all")
    data = bytearray(b"now")
    made.add_bytes(data, "bytes.bin")
    data[:] = b"odd"
    made.add_bytes("gr\u00fcn", "text.txt")
    made.add_reference("s3://bucket/raw.csv?X-Amz-Signature=0123456789abcdef", etag="e", bytes=9)
    found = parts(made)
    draft = found.draft
    assert list(draft.entries) == [
        "a.txt", "other.txt", "all/a.txt", "all/sub/b.txt", "bytes.bin", "text.txt", "raw.csv",
    ]  # fmt: skip
    assert found.copies == {"bytes.bin": b"now", "text.txt": "gr\u00fcn".encode()}
    reference = draft.entries["raw.csv"]
    assert isinstance(reference, Reference)
    assert (reference.etag, reference.bytes) == ("e", 9)
    assert "0123456789abcdef" not in reference.url
    assert (draft.artifact, draft.type, draft.run_id, draft.writer) == ("digits", "dataset", "r-1", "w001-00000001")
    assert draft.metadata["n"] == 1
    assert "hunter2" not in str(draft.metadata)


def test_a_path_means_what_it_meant_when_it_was_added(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "a.txt").write_bytes(b"a")
    monkeypatch.chdir(elsewhere)
    made = lakeboard.Artifact("digits")
    made.add_file("a.txt")
    monkeypatch.chdir("/")
    assert parts(made).draft.entries == {"a.txt": LocalFile(elsewhere / "a.txt")}


def test_files_of_the_temporary_folder_are_copied_the_smallest_first(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COPIED_BYTES", 5)
    temporary = elsewhere.parent / "temporary"
    made = lakeboard.Artifact("digits")
    for name, size in (("large", 4), ("small", 1), ("middle", 3)):
        (temporary / name).write_bytes(b"x" * size)
        made.add_file(temporary / name)
    (elsewhere / "own").write_bytes(b"x")
    made.add_file(elsewhere / "own")
    assert parts(made).copies == {"small": temporary / "small", "middle": temporary / "middle"}


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def _socket(folder: Path) -> Path:
    made = socket.socket(socket.AF_UNIX)
    before = Path.cwd()
    os.chdir(folder)  # Names of sockets are short.
    made.bind("s")
    made.close()
    os.chdir(before)
    return folder / "s"


def _outward(folder: Path) -> Path:
    (folder / "dir").mkdir()
    (folder / "dir" / "out").symlink_to("/etc/hostname")
    return folder / "dir"


Adding = Callable[[lakeboard.Artifact, Path], None]
BAD: list[tuple[Adding, str]] = [
    (lambda a, d: a.add_file(d / "nowhere"), "nowhere"),
    (lambda a, d: a.add_file(d), "is no plain file; add_dir takes folders"),
    (lambda a, d: a.add_dir(d), "holds no file; there is nothing to store"),
    (lambda a, d: a.add_dir("/dev/null"), "/dev/null is no folder; add_file takes files"),
    (lambda a, d: a.add_file("/dev/null"), "/dev/null is no plain file"),
    (lambda a, d: a.add_file(_fifo(d)), "is no plain file"),
    (lambda a, d: a.add_file(_socket(d)), "is no plain file"),
    (lambda a, d: a.add_dir(_outward(d)), "out is a link to"),
    (lambda a, d: a.add_file(7), "7 (int) is no path of a file"),  # type: ignore[arg-type]
    (lambda a, d: a.add_file("a\0b"), "null byte"),
    (lambda a, d: a.add_bytes(7, "x"), "add_bytes(7 (int)) takes bytes or text"),  # type: ignore[arg-type]
    (lambda a, d: a.add_bytes(b"", "../x"), "file path '../x' must be relative"),
    (lambda a, d: a.add_bytes(b"", ""), "file path '' must be text that is not empty"),
    (lambda a, d: a.add_reference("data.csv"), "reference 'data.csv' (str) is no address such as s3://bucket/data"),
    (lambda a, d: None, "has no files; add some first"),
]  # fmt: skip


@pytest.mark.parametrize(("add", "said"), BAD)
def test_nothing_raises_when_it_is_added_and_all_is_named_when_it_is_logged(
    elsewhere: Path, add: Adding, said: str
) -> None:
    made = lakeboard.Artifact("digits")
    add(made, elsewhere)
    with pytest.raises((lakeboard.LakeboardError, OSError, ValueError)) as caught:
        parts(made)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["a/b", "a:b", "a@b", "v3", "latest", ".a", "a.", "", "x" * 129, 7])
def test_a_name_that_can_t_be_is_told_when_it_is_logged(name: str) -> None:
    made = lakeboard.Artifact(name)
    made.add_bytes(b"x", "x")
    with pytest.raises(lakeboard.InvalidName):
        parts(made)


@pytest.mark.parametrize("metadata", [{"x": "y" * 10_000_000}, [1]], ids=["long", "list"])
def test_metadata_that_is_no_json_is_told(metadata: Any) -> None:
    made = lakeboard.Artifact("digits", metadata=metadata)
    made.add_bytes(b"x", "x")
    with pytest.raises(lakeboard.InvalidSetting, match="metadata"):
        parts(made)


@pytest.mark.parametrize("name", ["line\nbreak", "\U0001f642", "dot.", "e\u0301", "\u00e9", "A", "a", "x" * 300])
def test_odd_paths_are_kept_as_they_are(name: str) -> None:
    made = lakeboard.Artifact("digits")
    made.add_bytes(b"x", name)
    assert list(parts(made).draft.entries) == [name]
