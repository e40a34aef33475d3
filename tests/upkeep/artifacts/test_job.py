"""Jobs in a spool: noted whole, carried out once, whatever ends the process in between."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from os import PathLike
from pathlib import Path

import pytest

from lakeboard.schema.artifacts.keys import ManifestKey
from lakeboard.schema.artifacts.names import Version
from lakeboard.schema.errors import DamagedObject, FileChanged, LakeFormat, StoreUnreachable
from lakeboard.schema.run.lineage import Lineage
from lakeboard.store.base import OnBytes, Stored
from lakeboard.store.counting import CountingStore
from lakeboard.store.memory import MemoryStore
from lakeboard.store.wrapper import StoreWrapper
from lakeboard.upkeep.artifacts.collect import ABANDONED, collect
from lakeboard.upkeep.artifacts.draft import Draft, LocalFile, Reference
from lakeboard.upkeep.artifacts.job import Job, carry_out, made_versions, note_job, read_job, waiting_jobs
from lakeboard.upkeep.artifacts.versions import look
from lakeboard.upkeep.uploaded import Uploaded, send_artifacts
from tests.upkeep.artifacts.samples import NOW_MS, act, files, living, rands
from tests.upkeep.worlds import P

SPOOL = "spool"


def noted(folder: Path, number: int = 0, *, aliases: tuple[str, ...] = (), data: bytes = b"abc") -> Job:
    """A job of two files, one of them with bytes of the spool's own."""
    file = folder / f"a-{number}.bin"
    file.write_bytes(data)
    draft = Draft(artifact="digits", type="dataset", run_id="r-1", metadata={"n": 1})
    draft.add_file(file, "a.bin")
    draft.add("b.txt", LocalFile(folder))
    draft.add("c", Reference("s3://else/where", "tag", 7))
    used = [ManifestKey(P, "raw", Version(1, "0000000a"))]
    return note_job(folder / SPOOL, number, P, draft, aliases=aliases, used=used, copies={"b.txt": b"of the spool"})


class Killed(BaseException):
    """The process dies."""


class Dying(StoreWrapper):
    """A store that kills its process at the n-th write, after it (or before it) has happened."""

    def __init__(self, inner: MemoryStore, at: int, *, after: bool) -> None:
        super().__init__(inner)
        self._left, self._after = at, after

    def _count(self, *, after: bool) -> None:
        if after == self._after:
            self._left -= 1
            if self._left == 0:
                raise Killed

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        self._count(after=False)
        super().put(key, data, durable=durable)
        self._count(after=True)

    def put_file(
        self,
        key: str,
        path: str | PathLike[str],
        *,
        note: str | PathLike[str] | None = None,
        on_bytes: OnBytes | None = None,
        durable: bool = False,
    ) -> Stored:
        self._count(after=False)
        stored = super().put_file(key, path, note=note, on_bytes=on_bytes, durable=durable)
        self._count(after=True)
        return stored


def clock() -> Callable[[], int]:
    ticks = count(NOW_MS)
    return lambda: next(ticks)


def test_a_job_reads_as_it_was_noted_wherever_its_spool_has_moved(tmp_path: Path) -> None:
    job = noted(tmp_path, aliases=("best",))
    assert read_job(job.folder) == job
    assert waiting_jobs(tmp_path / SPOOL) == [job.folder]
    (tmp_path / SPOOL).rename(tmp_path / "aside")
    moved = read_job(tmp_path / "aside" / "uploads" / "000000")
    entry = moved.draft.entries["b.txt"]
    assert isinstance(entry, LocalFile)
    assert entry.path.read_bytes() == b"of the spool"
    assert job.bytes == 3 + 12


def test_what_can_t_be_noted_leaves_nothing_behind(tmp_path: Path) -> None:
    draft = Draft(artifact="digits", entries={"a": LocalFile(tmp_path / "nowhere")})
    with pytest.raises(FileNotFoundError):
        note_job(tmp_path / SPOOL, 0, P, draft)
    assert waiting_jobs(tmp_path / SPOOL) == []
    assert not list((tmp_path / SPOOL / "uploads").iterdir())


def test_a_job_makes_a_version_with_its_aliases_and_is_done(tmp_path: Path) -> None:
    store = CountingStore(MemoryStore())
    job = noted(tmp_path, aliases=("best", "raw"))
    made = carry_out(store, job, now_ms=lambda: NOW_MS, new_rand=rands())
    assert made == Lineage(P, "digits", "v1-00000001", NOW_MS)
    shelf = look(store, P)
    assert shelf.decided.aliases == {("digits", alias): Version(1, "00000001") for alias in ("best", "raw")}
    assert waiting_jobs(tmp_path / SPOOL) == []
    assert made_versions(tmp_path / SPOOL) == (made,)
    assert [path.name for path in job.folder.iterdir()] == ["done.json"]


def test_it_costs_the_requests_of_a_commit_and_two_for_the_lake(tmp_path: Path) -> None:
    store = CountingStore(MemoryStore())
    carry_out(store, noted(tmp_path), now_ms=lambda: NOW_MS, new_rand=rands())
    # The lake's own file, the intent, two files and the manifest.
    assert (store.counts["put"], store.counts["put_file"], store.counts["list"]) == (3, 2, 2)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 7))
def test_killed_at_any_write_and_begun_again_it_makes_one_version(tmp_path: Path, at: int, after: bool) -> None:
    memory = MemoryStore()
    job = noted(tmp_path, aliases=("best",))
    with pytest.raises(Killed):
        carry_out(Dying(memory, at, after=after), job, now_ms=clock(), new_rand=rands(1))
    # And once more, a write later.
    try:
        carry_out(Dying(memory, 2, after=after), read_job(job.folder), now_ms=clock(), new_rand=rands(100))
    except Killed:
        carry_out(memory, read_job(job.folder), now_ms=clock(), new_rand=rands(200))
    objects = {info.key: memory.get(info.key) for info in memory.list("")}
    versions = living(objects)
    assert len(versions) == 1
    ((key, manifest),) = versions.items()
    assert {row.path: row.bytes for row in manifest.files} == {"a.bin": 3, "b.txt": 12, "c": 7}
    assert {row.object for row in manifest.files if row.object} <= files(objects)
    assert look(memory, P).decided.aliases == {("digits", "best"): key.version}
    assert [str(key.version)] == [made.version for made in made_versions(tmp_path / SPOOL)]


def test_a_version_that_was_begun_and_purged_meanwhile_is_made_under_another_name(tmp_path: Path) -> None:
    memory = MemoryStore()
    job = noted(tmp_path)
    with pytest.raises(Killed):
        carry_out(Dying(memory, 3, after=True), job, now_ms=clock(), new_rand=rands(1))
    act(memory, "purge", Version(1, "00000001"))
    assert carry_out(memory, job, now_ms=lambda: NOW_MS, new_rand=rands(2)).version == "v2-00000002"


@pytest.mark.parametrize("how", ["grown", "replaced", "gone"])
def test_a_file_that_changed_since_it_was_logged_makes_no_version(tmp_path: Path, how: str) -> None:
    store, job = MemoryStore(), noted(tmp_path)
    file = tmp_path / "a-0.bin"
    if how == "grown":
        file.write_bytes(b"abcd")
    elif how == "replaced":
        (tmp_path / "other").write_bytes(b"xyz")
        (tmp_path / "other").replace(file)
    else:
        file.unlink()
    with pytest.raises(FileChanged, match=r"a-0\.bin .* since it was logged; log it again"):
        carry_out(store, job, now_ms=lambda: NOW_MS, new_rand=rands())
    assert living({info.key: store.get(info.key) for info in store.list("")}) == {}


def test_a_spool_s_jobs_are_sent_in_their_order_and_one_refused_keeps_no_other(tmp_path: Path) -> None:
    store, spool = MemoryStore(), tmp_path / SPOOL
    noted(tmp_path, 0)
    noted(tmp_path, 1, data=b"changes")
    noted(tmp_path, 2, data=b"other")
    (tmp_path / "a-1.bin").write_bytes(b"changed")
    done = send_artifacts(store, spool, now_ms=lambda: NOW_MS)
    assert isinstance(done, Uploaded)
    assert (done.sent, [v.version[:2] for v in done.made]) == (2, ["v1", "v2"])
    (why,) = done.refused
    assert why.startswith("artifact 'digits' is not stored: ")
    assert "a-1.bin" in why
    # Once more it has nothing to send, and remembers what was made.
    again = send_artifacts(store, spool, now_ms=lambda: NOW_MS)
    assert again == Uploaded(done.made, 0, ())


def test_jobs_wait_where_sending_is_stopped_or_the_lake_is_away(tmp_path: Path) -> None:
    class Away(StoreWrapper):
        def get(self, key: str) -> bytes:
            raise StoreUnreachable("away")

    spool = tmp_path / SPOOL
    noted(tmp_path)
    assert send_artifacts(MemoryStore(), spool, now_ms=lambda: NOW_MS, stop=lambda: True) is None
    with pytest.raises(StoreUnreachable):
        send_artifacts(Away(MemoryStore()), spool, now_ms=lambda: NOW_MS)
    assert len(waiting_jobs(spool)) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "files": 7}', "[" * 100_000])
def test_a_job_that_makes_no_sense_is_named_and_costs_itself(tmp_path: Path, text: str) -> None:
    job = noted(tmp_path)
    (job.folder / "job.json").write_text(text)
    with pytest.raises(DamagedObject, match=r"job\.json is no job"):
        read_job(job.folder)
    done = send_artifacts(MemoryStore(), tmp_path / SPOOL, now_ms=lambda: NOW_MS)
    assert done is not None
    assert len(done.refused) == 1
    assert waiting_jobs(tmp_path / SPOOL) == []


def test_a_newer_lakeboard_s_job_is_left_for_it(tmp_path: Path) -> None:
    job = noted(tmp_path)
    path = job.folder / "job.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))
    with pytest.raises(LakeFormat):
        send_artifacts(MemoryStore(), tmp_path / SPOOL, now_ms=lambda: NOW_MS)
    assert path.exists()


def test_what_a_kill_left_is_collected_once_its_version_is_purged(tmp_path: Path) -> None:
    memory = MemoryStore()
    with pytest.raises(Killed):
        carry_out(Dying(memory, 4, after=True), noted(tmp_path), now_ms=clock(), new_rand=rands(1))
    later = datetime.now(UTC) + ABANDONED + timedelta(days=1)
    for _ in range(2):
        collect(memory, P, now=later, now_ms=NOW_MS, rand="0000ffff", grace=timedelta(0))
    assert files({info.key: b"" for info in memory.list("")}) == set()
