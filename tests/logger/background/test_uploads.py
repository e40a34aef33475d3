"""One thread carries everything out, and further ones come only while it is held up."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator

import pytest

from lakeboard.logger.background.uploads import LANE_THREADS, LOCAL_PATIENCE_SECONDS, REMOTE_PATIENCE_SECONDS, Uploads
from lakeboard.logger.native import Latch, Thread


class Hanging:
    """Jobs that hang until they are let go."""

    def __init__(self) -> None:
        self.go = Latch()
        self.begun: list[str] = []
        self._changed = threading.Condition()

    def job(self, name: str, *, hangs: bool = True) -> Callable[[], None]:
        """One that says that it has begun."""

        def act() -> None:
            with self._changed:
                self.begun.append(name)
                self._changed.notify_all()
            if hangs:
                self.go.wait(30)

        return act

    def wait_begun(self, count: int) -> list[str]:
        """The first so many that have begun, in order."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.begun) >= count, 30), self.begun
            return self.begun[:count]


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    jobs = Hanging()
    yield jobs
    jobs.go.open()


def _end(uploads: Uploads, hanging: Hanging) -> None:
    hanging.go.open()
    for thread in uploads.close():
        thread.join(30)
    assert uploads.threads == 0


def test_one_thread_does_it_all_in_order(hanging: Hanging) -> None:
    uploads = Uploads()
    for n in range(100):
        uploads.submit(hanging.job(str(n), hangs=False), lane="a", local=True)
    assert hanging.wait_begun(100) == [str(n) for n in range(100)]
    assert uploads.threads == 1
    _end(uploads, hanging)


@pytest.mark.parametrize(("local", "patience"), [(True, LOCAL_PATIENCE_SECONDS), (False, REMOTE_PATIENCE_SECONDS)])
def test_a_lake_that_hangs_holds_up_no_other(hanging: Hanging, local: bool, patience: float) -> None:
    clock = Clock()
    uploads = Uploads(now=clock)
    assert uploads.grow() == math.inf
    uploads.submit(hanging.job("hangs"), lane="a", local=True)
    hanging.wait_begun(1)
    assert uploads.grow() == math.inf, "nothing waits"
    uploads.submit(hanging.job("other", hangs=False), lane="b", local=local)
    assert uploads.grow() == pytest.approx(patience)
    assert uploads.threads == 1
    clock.now += patience
    uploads.grow()
    assert hanging.wait_begun(2) == ["hangs", "other"]
    assert uploads.threads == 2
    _end(uploads, hanging)


def test_a_lake_takes_only_so_many_threads_and_others_still_get_one(hanging: Hanging) -> None:
    clock = Clock()
    uploads = Uploads(now=clock)
    for n in range(LANE_THREADS + 5):
        uploads.submit(hanging.job(f"a{n}"), lane="a", local=False)
    for n in range(LANE_THREADS + 5):
        clock.now += REMOTE_PATIENCE_SECONDS
        uploads.grow()
        hanging.wait_begun(min(n + 2, LANE_THREADS))
    assert uploads.threads == LANE_THREADS
    assert uploads.grow() == math.inf
    uploads.submit(hanging.job("b"), lane="b", local=False)
    clock.now += REMOTE_PATIENCE_SECONDS
    uploads.grow()
    assert hanging.wait_begun(LANE_THREADS + 1)[-1] == "b"
    _end(uploads, hanging)
    assert len(hanging.begun) == LANE_THREADS + 6, "what waited is done before the threads end"


def test_lanes_take_turns(hanging: Hanging) -> None:
    uploads = Uploads()
    uploads.submit(hanging.job("first"), lane="a", local=True)
    hanging.wait_begun(1)
    for n in range(3):
        uploads.submit(hanging.job(f"a{n}", hangs=False), lane="a", local=True)
    for n in range(2):
        uploads.submit(hanging.job(f"b{n}", hangs=False), lane="b", local=True)
    hanging.go.open()
    assert hanging.wait_begun(6) == ["first", "a0", "b0", "a1", "b1", "a2"]
    _end(uploads, hanging)


def test_a_closed_pool_begins_anew(hanging: Hanging) -> None:
    uploads = Uploads()
    for round_ in range(3):
        uploads.submit(hanging.job(str(round_), hangs=False), lane="a", local=True)
        hanging.wait_begun(round_ + 1)
        _end(uploads, hanging)


def test_where_there_is_no_thread_the_caller_is_told_and_a_further_one_is_not_missed(hanging: Hanging) -> None:
    left = [1]

    def start(target: Callable[[], None], name: str) -> Thread:
        if not left:
            raise RuntimeError("can't start new thread")
        left.pop()
        return Thread(target, name)

    clock = Clock()
    uploads = Uploads(start=start, now=clock)
    uploads.submit(hanging.job("hangs"), lane="a", local=True)
    hanging.wait_begun(1)
    uploads.submit(hanging.job("waits", hangs=False), lane="b", local=True)
    clock.now += 10
    assert uploads.grow() == math.inf
    hanging.go.open()
    assert hanging.wait_begun(2) == ["hangs", "waits"]
    _end(uploads, hanging)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        uploads.submit(hanging.job("never"), lane="a", local=True)
