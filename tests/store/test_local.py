from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakeboard.schema.errors import AccessDenied, MissingObject, StoreError, StoreFull, StoreUnreachable
from lakeboard.store.local import ABANDONED_SECONDS, LocalStore
from lakeboard.upkeep.listing import list_readable


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def store(root: Path) -> LocalStore:
    return LocalStore(root)


def leftovers(root: Path) -> list[Path]:
    return list((root / "_tmp").iterdir())


def in_child(act: Callable[[], str]) -> str:
    """What `act` returns in a forked child, or the error that it raises."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            try:
                said = act()
            except BaseException as error:  # noqa: BLE001 the parent judges it
                said = f"{type(error).__name__}: {error}"
            os.write(writer, said.encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return said


def test_the_address_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert LocalStore("lake/../lake2/").url == str(tmp_path / "lake2")
    assert LocalStore("~/lake").url == str(tmp_path / "me" / "lake")
    store = LocalStore("lake")
    monkeypatch.chdir("/")
    store.put("a", b"x")
    assert (tmp_path / "lake" / "a").read_bytes() == b"x"
    assert store.is_local
    assert store.scan_paths(["a"]) == ([str(tmp_path / "lake" / "a")], {})


def test_reading_never_writes(store: LocalStore, root: Path) -> None:
    assert store.list("") == []
    assert store.list_dirs("runs/") == []
    store.delete(["runs/x"])
    with pytest.raises(MissingObject):
        store.get("_lake.json")
    assert not root.exists()


def test_a_put_needs_no_more_system_calls_for_folders_once_they_are_there(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("a/b/1", b"x")
    made: list[Path] = []
    monkeypatch.setattr(Path, "mkdir", lambda self, *_args, **_options: made.append(self))
    store.put("a/b/2", b"x")
    assert made == []


def test_only_durable_puts_sync_and_then_the_folders_too(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def spy(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name if sys.platform == "linux" else "?")
        real(handle)

    monkeypatch.setattr(os, "fsync", spy)
    store.put("a/b/1", b"x")
    assert synced == []
    store.put("a/b/2", b"x", durable=True)
    assert len(synced) == 4
    if sys.platform == "linux":
        assert synced[1:] == ["b", "a", "lake"]


def test_a_file_system_without_fsync_for_folders_will_do(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def picky(handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):  # noqa: PTH112 a number, not a path
            raise OSError(errno.EINVAL, "Invalid argument")
        real(handle)

    monkeypatch.setattr(os, "fsync", picky)
    store.put("a/b", b"x", durable=True)
    assert store.get("a/b") == b"x"


def test_unfinished_writes_are_not_listed(store: LocalStore, root: Path) -> None:
    store.put("a/b", b"x")
    assert leftovers(root) == []
    (root / "_tmp" / "123-half").write_bytes(b"half")
    assert [info.key for info in store.list("")] == ["a/b"]
    assert store.list_dirs("") == ["a"]


def test_a_folder_named_tmp_deeper_down_is_listed(store: LocalStore) -> None:
    store.put("a/_tmp/b", b"x")
    assert [info.key for info in store.list("")] == ["a/_tmp/b"]


def test_what_a_crash_left_long_ago_is_swept_by_the_first_put(store: LocalStore, root: Path) -> None:
    (root / "_tmp").mkdir(parents=True)
    old, recent = root / "_tmp" / "1-old", root / "_tmp" / "2-recent"
    for path, age in ((old, ABANDONED_SECONDS + 60), (recent, ABANDONED_SECONDS - 60)):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age, time.time() - age))
    (root / "_tmp" / "folder").mkdir()
    store.put("a", b"x")
    assert {path.name for path in leftovers(root)} == {"2-recent", "folder"}


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (errno.ENOSPC, StoreFull, "free some space"),
        (errno.EDQUOT, StoreFull, "free some space"),
        (errno.EACCES, AccessDenied, "give this user access to"),
        (errno.EROFS, AccessDenied, "read-only"),
        (errno.EXDEV, StoreError, "another file system"),
        (errno.EMFILE, StoreError, "ulimit -n"),
        (errno.ETIMEDOUT, StoreUnreachable, "mounted"),
        (errno.EIO, StoreError, "Input/output error"),
    ],
)
def test_a_failed_put_says_what_to_do_and_cleans_up(
    store: LocalStore, root: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[StoreError], said: str
) -> None:
    def fail(self: Path, _target: Path) -> Path:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(StoreError, match=said) as caught:
        store.put("a/b", b"x")
    assert type(caught.value) is kind
    assert str(root / "a" / "b") in str(caught.value)
    assert leftovers(root) == []
    assert store.list("") == []


def test_a_disk_that_is_really_full_is_told_as_such(store: LocalStore, root: Path) -> None:
    import resource

    store.put("a", b"x")

    def write() -> str:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        store.put("b", b"x" * 5_000_000)
        return "written"

    said = in_child(write)
    assert said.startswith("StoreFull: can't write")
    assert "free some space" in said
    assert leftovers(root) == []
    assert [info.key for info in store.list("")] == ["a"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_another_user_is_refused_for_real(store: LocalStore, root: Path, tmp_path: Path) -> None:
    store.put("a/b", b"x")
    tmp_path.chmod(0o700)

    def as_nobody(act: Callable[[], object]) -> str:
        def work() -> str:
            os.setgid(65534)
            os.setuid(65534)
            return repr(act())

        return in_child(work)

    for act in (lambda: store.put("a/c", b"y"), lambda: store.get("a/b"), lambda: store.list("")):
        assert as_nobody(act).startswith("AccessDenied: can't")
    assert as_nobody(lambda: store.delete(["a/b"])).startswith("AccessDenied: can't")


@pytest.mark.parametrize("deeper", ["", "sub/lake"])
def test_a_root_that_is_a_file_is_told_by_every_verb(tmp_path: Path, deeper: str) -> None:
    (tmp_path / "file").write_text("mine")
    store = LocalStore(tmp_path / "file" / deeper)
    for act in (
        lambda: store.put("a/b", b"x"),
        lambda: store.get("a/b"),
        lambda: store.get_tail("a/b", 3),
        lambda: store.list(""),
        lambda: store.list_dirs("a/"),
    ):
        with pytest.raises(StoreError, match="is a file; a lake is a folder: choose another path") as caught:
            act()
        assert not isinstance(caught.value, MissingObject)
    assert (tmp_path / "file").read_text() == "mine"


def test_an_object_and_a_folder_cannot_share_a_name(store: LocalStore, root: Path) -> None:
    store.put("a", b"x")
    with pytest.raises(StoreError, match="can't share a name"):
        store.put("a/b", b"y")
    store.put("c/d", b"z")
    with pytest.raises(StoreError, match="can't share a name"):
        store.put("c", b"y")
    assert leftovers(root) == []
    assert [info.key for info in store.list("")] == ["a", "c/d"]


def test_a_folder_pruned_just_before_the_rename_is_made_again(
    store: LocalStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.rename
    pruned: list[Path] = []

    def rename(self: Path, target: Path) -> Path:
        if len(pruned) < 3 and target.parent.exists():
            target.parent.rmdir()
            target.parent.parent.rmdir()
            pruned.append(target.parent)
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    store.put("live/project=p/x", b"x")
    assert len(pruned) == 3
    assert store.get("live/project=p/x") == b"x"


def test_a_rename_that_was_sent_twice_counts_as_done(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        real(self, target)
        return real(self, target)

    store.put("a/first", b"x")
    monkeypatch.setattr(Path, "rename", rename)
    store.put("a/b", b"hello")
    assert store.get("a/b") == b"hello"


def test_deleting_prunes_empty_folders_but_not_the_root(store: LocalStore, root: Path) -> None:
    store.put("live/project=p/a", b"x")
    store.put("live/project=q/b", b"x")
    store.delete(["live/project=p/a"])
    assert not (root / "live" / "project=p").exists()
    store.delete(["live/project=q/b", "live/project=gone/c"])
    assert {path.name for path in root.iterdir()} == {"_tmp"}


def test_empty_folders_of_others_hold_no_object(store: LocalStore, root: Path) -> None:
    store.put("runs/project=p/r", b"x")
    (root / "runs" / "project=empty" / "deep").mkdir(parents=True)
    assert store.list_dirs("runs/") == ["project=p"]


def test_one_failed_delete_does_not_save_the_rest(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("a/1", "a/2", "a/3"):
        store.put(key, b"x")
    real = Path.unlink

    def unlink(self: Path, missing_ok: bool = False) -> None:
        if self.name == "2":
            raise OSError(errno.EACCES, "Permission denied")
        real(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(AccessDenied, match="a/2"):
        store.delete(["a/1", "a/2", "a/3"])
    assert [info.key for info in store.list("")] == ["a/2"]


def test_what_is_no_object_is_not_listed(store: LocalStore, root: Path) -> None:
    store.put("a/b", b"x")
    os.mkfifo(root / "a" / "fifo")
    (root / "a" / "broken").symlink_to(root / "nowhere")
    (root / "a" / "self").symlink_to(root / "a" / "self")
    (root / "a" / "with?mark").write_bytes(b"x")
    (root / "a" / "ümlaut").write_bytes(b"x")
    (Path(os.fsdecode(bytes(root / "a") + b"/\xff\xfe"))).write_bytes(b"x")
    with socket.socket(socket.AF_UNIX) as sock:
        here = Path.cwd()
        os.chdir(root / "a")
        try:
            sock.bind("socket")
        finally:
            os.chdir(here)
        assert [info.key for info in store.list("")] == ["a/b"]
        assert store.list_dirs("") == ["a"]
        assert store.list_dirs("a/") == []


def test_links_to_folders_are_followed_but_never_in_circles(store: LocalStore, root: Path, tmp_path: Path) -> None:
    store.put("a/b/1", b"x")
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / "2").write_bytes(b"y")
    (root / "a" / "link").symlink_to(root / "elsewhere")
    (root / "a" / "b" / "up").symlink_to(root / "a")
    (root / "a" / "b" / "here").symlink_to(root / "a" / "b")
    assert [info.key for info in store.list("a/")] == ["a/b/1", "a/link/2"]
    assert store.get("a/link/2") == b"y"
    store.put("a/link/3", b"z")
    assert (root / "elsewhere" / "3").read_bytes() == b"z"
    assert store.list_dirs("a/") == ["b", "link"]


def test_links_out_of_the_lake_are_passed_over_and_named(store: LocalStore, root: Path, tmp_path: Path) -> None:
    store.put("a/b/1", b"x")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "2").write_bytes(b"y")
    (root / "a" / "folder").symlink_to(elsewhere)
    (root / "a" / "file").symlink_to(elsewhere / "2")
    assert [info.key for info in store.list("a/")] == ["a/b/1"]
    assert store.list_dirs("a/") == ["b"]
    told = f"a link to {elsewhere}, outside of the lake"
    assert store.passed_over("a/") == {"a/folder": told, "a/file": told.replace(",", "/2,", 1)}
    for key in ("a/folder/2", "a/file"):
        with pytest.raises(StoreError, match="out of the lake"):
            store.get(key)
        with pytest.raises(StoreError, match="out of the lake"):
            store.get_tail(key, 1)
    with pytest.raises(StoreError, match="out of the lake"):
        store.put("a/folder/3", b"z")
    with pytest.raises(StoreError, match="out of the lake"):
        store.delete(["a/folder/2"])
    assert [path.name for path in elsewhere.iterdir()] == ["2"]
    assert (elsewhere / "2").read_bytes() == b"y"


@pytest.mark.timeout(20)
def test_what_is_no_file_is_named_and_never_opened(store: LocalStore, root: Path) -> None:
    store.put("a/b", b"x")
    os.mkfifo(root / "a" / "fifo")
    assert [info.key for info in store.list("")] == ["a/b"]
    assert store.passed_over("") == {"a/fifo": "a FIFO, no file"}
    assert store.passed_over("b/") == {}
    with pytest.raises(StoreError, match=r"a/fifo is a FIFO, no file.*take it away"):
        store.get("a/fifo")
    with pytest.raises(StoreError, match=r"a/fifo is a FIFO, no file.*take it away"):
        store.get_tail("a/fifo", 8)
    (root / "a" / "fifo").unlink()
    store.list("a/")
    assert store.passed_over("") == {}


def test_a_folder_that_may_not_be_read_hides_no_other(
    store: LocalStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("runs/project=p/1", "runs/project=secret/1"):
        store.put(key, b"x")
    scan = os.scandir

    def scandir(path: Path) -> Any:
        if str(path).rstrip("/").endswith("secret"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert store.list_dirs("runs/") == ["project=p", "project=secret"]
    found, closed = list_readable(store, "runs/")
    assert [info.key for info in found] == ["runs/project=p/1"]
    assert list(closed) == ["runs/project=secret/"]
    assert "project=secret: Permission denied" in str(closed["runs/project=secret/"])
    assert [info.key for info in list_readable(store, "")[0]] == ["runs/project=p/1"]


def test_files_and_folders_that_vanish_while_listing_are_left_out(
    store: LocalStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("a/1", "b/1", "c/1"):
        store.put(key, b"x")
    real = os.scandir

    def scandir(path: Path) -> object:
        entries = real(path)
        if Path(path).name == "a":
            (root / "a" / "1").unlink(missing_ok=True)
        if Path(path) == root:
            (root / "b" / "1").unlink(missing_ok=True)
            (root / "b").rmdir()
        return entries

    monkeypatch.setattr(os, "scandir", scandir)
    assert [info.key for info in store.list("")] == ["c/1"]


def test_a_lake_on_a_link_shows_the_given_path(root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (tmp_path / "link").symlink_to(root)
    store = LocalStore(tmp_path / "link")
    store.put("a", b"x")
    assert store.url == str(tmp_path / "link")
    assert (root / "a").read_bytes() == b"x"


def test_the_umask_decides_who_may_read(store: LocalStore, root: Path) -> None:
    before = os.umask(0o027)
    try:
        store.put("a/b", b"x")
    finally:
        os.umask(before)
    assert (root / "a" / "b").stat().st_mode & 0o777 == 0o640


def test_a_forked_child_writes_too(store: LocalStore) -> None:
    store.put("a/parent", b"x")

    def write() -> str:
        store.put("a/child", b"y")
        return "written"

    assert in_child(write) == "written"
    assert [info.key for info in store.list("a/")] == ["a/child", "a/parent"]


_KILLED_WRITER = """
import sys
from lakeboard.store.local import LocalStore
store = LocalStore(sys.argv[1])
print("ready", flush=True)
n = 0
while True:
    store.put(f"a/{n % 50:02d}", b"z" * 2_000_000)
    n += 1
"""


def test_kill_nine_leaves_whole_objects_only(store: LocalStore, root: Path) -> None:
    for pause in (0.01, 0.05, 0.09):
        child = subprocess.Popen([sys.executable, "-c", _KILLED_WRITER, str(root)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(pause)
        child.kill()
        child.wait()
        child.stdout.close()
        assert {info.size for info in store.list("")} <= {2_000_000}
    assert store.list("")
