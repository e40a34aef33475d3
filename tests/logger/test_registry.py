"""Any number of runs in one process: which of them a context means, and which the next `init` ends."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.logger.process import PROCESS
from lakeboard.logger.registry import Reinit
from lakeboard.schema.errors import InvalidSetting, RunFinished
from lakeboard.schema.run.row import RunRow
from lakeboard.store.opening import open_store

from .reading import read_lake


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("LAKEBOARD_GIT_DIFF", "0")
    yield tmp_path / "lake"
    for entry in PROCESS.registry.open:
        if entry.run is not None:
            entry.run.finish()


def begin(run_id: str, **options: Any) -> lakeboard.Run:
    return lakeboard.init(project="p", id=run_id, quiet=True, **options)


def rows(lake: Path) -> dict[str, RunRow]:
    return {r.run_id: r for r in read_lake(open_store(lake)).rows}


def ends(lake: Path) -> dict[str, tuple[str, int | None]]:
    return {name: (row.status, row.rows) for name, row in sorted(rows(lake).items())}


def in_thread(act: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join()
    return found[0]


def test_twelve_runs_in_four_threads_lose_no_point(lake: Path) -> None:
    def trial(n: int) -> None:
        with begin(f"t{n:02d}") as run:
            for step in range(20):
                run.log({"loss": step})
                lakeboard.log({"same": step}, step=step)
                time.sleep(0.001)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(trial, range(12)))
    assert ends(lake) == {f"t{n:02d}": ("finished", 40) for n in range(12)}


def test_a_pool_whose_trials_never_finish_their_runs_ends_each_by_the_next(lake: Path) -> None:
    """As a search with n_jobs=4 does whose objective begins a run and returns a number."""
    barrier = threading.Barrier(4)

    def objective(n: int) -> None:
        run = begin(f"t{n:02d}")
        for step in range(10):
            lakeboard.log({"loss": step})
        assert lakeboard.run is run
        barrier.wait()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(objective, range(12)))
    told = ends(lake)
    assert len(told) == 8
    assert set(told.values()) == {("ended", 10)}
    assert {row.closed_by for row in rows(lake).values()} == {"next"}
    assert len(PROCESS.registry.open) == 4


def test_a_parent_stays_while_its_children_come_and_go(lake: Path) -> None:
    parent = begin("parent")
    for n in range(3):
        child = begin(f"child{n}", parent_run_id="parent")
        lakeboard.log({"a": n})
        assert lakeboard.run is child
        if n != 1:
            child.finish()
            lakeboard.log({"done": n})
    assert not parent.finished
    grandchild = begin("grandchild", parent_run_id="child1")
    grandchild.finish()
    assert lakeboard.run is parent
    parent.finish()
    assert lakeboard.run is None
    assert ends(lake) == {
        "child0": ("finished", 1), "child1": ("ended", 1), "child2": ("finished", 1), "grandchild": ("finished", 0),
        "parent": ("finished", 2),
    }  # fmt: skip


def test_a_grandparent_is_no_stranger_either(lake: Path) -> None:
    begin("a")
    begin("b", parent_run_id="a")
    begin("c", parent_run_id="b")
    assert ends(lake) == {}
    begin("d")
    # What enclosed them is of the same context, began without `with`, and is no parent of the new one.
    assert ends(lake) == {"a": ("ended", 0), "b": ("ended", 0), "c": ("ended", 0)}


def test_blocks_nest_and_what_they_hold_is_never_ended_by_the_next(lake: Path) -> None:
    with begin("outer") as outer:
        lakeboard.log({"a": 1})
        with begin("inner") as inner:
            assert lakeboard.run is inner
            bare = begin("bare")
            other = begin("other")
            assert (bare.finished, inner.finished, outer.finished) == (True, False, False)
            other.finish()
            assert lakeboard.run is inner
        assert lakeboard.run is outer
        lakeboard.log({"a": 2})
    assert ends(lake) == {
        "bare": ("ended", 0), "inner": ("finished", 0), "other": ("finished", 0), "outer": ("finished", 2),
    }  # fmt: skip


def test_a_bare_run_before_a_block_ends_when_the_block_begins_its_own(lake: Path) -> None:
    begin("bare")
    with begin("held"):
        pass
    assert ends(lake) == {"bare": ("ended", 0), "held": ("finished", 0)}


def test_a_run_that_two_blocks_are_inside_of_ends_with_the_outer_one(lake: Path) -> None:
    with begin("a") as outer:
        with lakeboard.init(project="p", reinit="return_previous", quiet=True) as inner:
            assert inner is outer
            inner.log({"a": 1})
        assert not outer.finished
        outer.log({"a": 2})
    assert ends(lake) == {"a": ("finished", 2)}


@pytest.mark.parametrize(
    ("reinit", "first", "current"),
    [
        (None, "ended", "b"),
        (True, "ended", "b"),
        ("finish_previous", "ended", "b"),
        ("default", "ended", "b"),
        (False, "open", "a"),
        ("return_previous", "open", "a"),
        ("create_new", "open", "a"),
    ],
)
def test_what_reinit_does_to_the_run_that_is_open(
    lake: Path, reinit: bool | Reinit | None, first: str, current: str
) -> None:
    a = begin("a")
    b = begin("b", reinit=reinit)
    assert (a.row.status if a.finished else "open") == first
    assert lakeboard.run is not None
    assert lakeboard.run.id == current
    assert (b is a) == (reinit in (False, "return_previous"))


def test_runs_beside_each_other_end_only_when_that_is_asked_for(lake: Path) -> None:
    main = begin("main")
    beside = begin("beside", reinit="create_new")
    with begin("held", reinit="create_new") as held:
        assert lakeboard.run is held
    assert lakeboard.run is main
    following = begin("following")
    assert (main.finished, beside.finished) == (True, False)
    begin("last", reinit="finish_previous")
    assert (beside.finished, following.finished) == (True, True)


def test_without_an_open_run_all_words_begin_one(lake: Path) -> None:
    for n, reinit in enumerate(("return_previous", "create_new", "finish_previous", False, True)):
        run = begin(f"r{n}", reinit=reinit)
        assert lakeboard.run is run
        run.finish()


@pytest.mark.parametrize("reinit", ["create", 3, ["create_new"]])
def test_an_unknown_way_is_named(lake: Path, reinit: Any) -> None:
    begin("a")
    with pytest.raises(InvalidSetting, match="reinit="):
        begin("b", reinit=reinit)
    assert lakeboard.run is not None
    assert not lakeboard.run.finished


def test_a_thread_sees_the_run_of_the_main_thread_and_never_ends_it(lake: Path) -> None:
    run = begin("main")

    def work() -> tuple[bool, bool]:
        saw = lakeboard.run is run
        lakeboard.log({"thread": 1})
        own = begin("own")
        mine = lakeboard.run is own
        own.finish()
        lakeboard.log({"thread": 2})
        return saw, mine

    assert in_thread(work) == (True, True)
    assert not run.finished
    run.finish()
    assert ends(lake) == {"main": ("finished", 2), "own": ("finished", 0)}


def test_the_only_run_of_another_thread_is_seen_where_there_is_no_doubt(lake: Path) -> None:
    def work() -> lakeboard.Run:
        return begin("a")

    def seen() -> lakeboard.Run | None:
        # This thread began runs in other tests.
        return contextvars.Context().run(lambda: lakeboard.run)

    run = in_thread(work)
    assert seen() is run
    other = in_thread(lambda: begin("b"))
    assert seen() is None
    with pytest.raises(RunFinished):
        lakeboard.log({"a": 1})
    assert other is not None
    assert run is not None
    run.finish()
    other.finish()


def test_coroutines_have_runs_of_their_own(lake: Path) -> None:
    async def trial(n: int, *, held: bool) -> None:
        if held:
            with begin(f"held{n}"):
                await steps()
            return
        begin(f"bare{n}")
        await steps()
        lakeboard.finish()

    async def steps() -> None:
        for step in range(5):
            lakeboard.log({"a": step})
            await asyncio.sleep(0)

    async def main() -> None:
        parent = begin("parent")
        await asyncio.gather(*(trial(n, held=n % 2 == 0) for n in range(4)))
        assert lakeboard.run is parent
        await asyncio.to_thread(lakeboard.log, {"a": 1})

    asyncio.run(main())
    # It was begun in a task that is over: nobody may have forgotten it.
    assert lakeboard.run is not None
    lakeboard.run.finish()
    expected: dict[str, tuple[str, int]] = {f"held{n}": ("finished", 5) for n in (0, 2)}
    expected |= {f"bare{n}": ("finished", 5) for n in (1, 3)} | {"parent": ("finished", 1)}
    assert ends(lake) == expected


def test_a_coroutine_that_logs_after_its_end_reaches_no_other(lake: Path) -> None:
    async def early(done: asyncio.Event) -> None:
        begin("early").finish()
        await done.wait()
        with pytest.raises(RunFinished):
            lakeboard.log({"late": 1})

    async def late(done: asyncio.Event) -> None:
        begin("late")
        done.set()
        await asyncio.sleep(0)
        lakeboard.finish()

    async def main() -> None:
        done = asyncio.Event()
        await asyncio.gather(early(done), late(done))

    asyncio.run(main())
    assert ends(lake) == {"early": ("finished", 0), "late": ("finished", 0)}


def test_a_generator_may_hold_a_run_and_be_closed_anywhere(lake: Path) -> None:
    def holding(name: str) -> Iterator[lakeboard.Run]:
        with begin(name) as run:
            yield run

    first, second = holding("first"), holding("second")
    a, b = next(first), next(second)
    assert lakeboard.run is b
    next(first, None)
    assert (a.finished, b.finished) == (True, False)
    assert lakeboard.run is b
    # In another context than it began in.
    contextvars.copy_context().run(lambda: in_thread(lambda: next(second, None)))
    assert b.finished
    assert lakeboard.run is None
    assert ends(lake) == {"first": ("finished", 0), "second": ("finished", 0)}


def test_two_inits_at_the_same_moment_are_two_runs(lake: Path) -> None:
    begin("warm").finish()
    barrier = threading.Barrier(8)

    def work(n: int) -> None:
        barrier.wait()
        run = begin(f"t{n}")
        for step in range(10):
            run.log({"a": step})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(PROCESS.registry.open) == 8
    for entry in PROCESS.registry.open:
        assert entry.run is not None
        entry.run.finish()
    assert ends(lake) == {f"t{n}": ("finished", 10) for n in range(8)} | {"warm": ("finished", 0)}


def test_generations_have_children_before_parents_and_the_youngest_first(lake: Path) -> None:
    begin("a")
    begin("b", parent_run_id="a")
    begin("x", reinit="create_new")
    begin("c", parent_run_id="b")
    order = [[e.run.id for e in generation if e.run] for generation in PROCESS.registry.generations()]
    assert order == [["c", "x"], ["b"], ["a"]]


def test_the_modules_own_names_are_those_of_the_current_run(lake: Path) -> None:
    assert lakeboard.run is None
    with pytest.raises(RunFinished, match=r"lakeboard\.config needs a run"):
        lakeboard.config["lr"]
    with pytest.raises(RunFinished, match=r"lakeboard\.config needs a run"):
        lakeboard.config.lr = 3
    with pytest.raises(RunFinished, match=r"lakeboard\.summary needs a run"):
        lakeboard.summary["best"] = 3
    with pytest.raises(RunFinished, match="define_metric"):
        lakeboard.define_metric("a", goal="min")
    with begin("a", config={"lr": 1}) as run:
        assert lakeboard.run is run
        lakeboard.config["depth"] = 2
        lakeboard.define_metric("acc", summary="max")
        lakeboard.log({"acc": 0.5})
        lakeboard.summary["best"] = 3
        assert dict(lakeboard.config) == {"lr": 1, "depth": 2}
    row = rows(lake)["a"]
    assert {name: p.decode() for name, p in row.params.items()} == {"lr": 1, "depth": 2}
    assert (row.summary["acc"].goal, row.summary["best"].last) == ("maximize", 3.0)
    assert lakeboard.run is None


def test_disabled_runs_nest_in_the_same_way(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEBOARD_MODE", "disabled")
    with begin("outer") as outer:
        inner = begin("inner")
        assert lakeboard.run is inner
        begin("next").finish()
        assert (inner.finished, outer.finished) == (True, False)
        assert lakeboard.run is outer
    assert lakeboard.run is None
    assert not lake.exists()
