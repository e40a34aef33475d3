"""A console read by ranges: each byte once, whatever parts there are."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.logs.console import RunConsole
from lakeboard.query.logs.ranges import MOST_PART_BYTES, consoles_of
from lakeboard.schema.errors import UnknownRun
from lakeboard.schema.logs.keys import LogKey
from lakeboard.store.base import ObjectInfo
from lakeboard.store.counting import CountingStore
from lakeboard.store.memory import MemoryStore

W1, W2 = "w001-00000001", "w002-00000002"
TEXT = "".join(f"line {n} is here\n" for n in range(60))
DATA = TEXT.encode()


def console(*ranges: tuple[int, int], data: bytes = DATA, writer: str = W1) -> tuple[CountingStore, MemoryStore]:
    inner = MemoryStore()
    put(inner, *ranges, data=data, writer=writer)
    return CountingStore(inner), inner


def put(store: MemoryStore, *ranges: tuple[int, int], data: bytes = DATA, writer: str = W1) -> None:
    for lo, hi in ranges:
        store.put(LogKey("p", "r", writer, hi, hi - lo).path, data[lo:hi])


@given(
    st.lists(st.integers(1, len(DATA) - 1), max_size=8),
    st.lists(st.tuples(st.integers(0, len(DATA)), st.integers(0, len(DATA))), max_size=5),
)
def test_parts_that_overlap_count_once(cuts: list[int], more: list[tuple[int, int]]) -> None:
    edges = sorted({0, len(DATA), *cuts})
    parts = [*pairwise(edges), *((min(pair), max(pair)) for pair in more)]
    store, _ = console(*parts)
    found = RunConsole(store, "p", "r")
    assert found.text() == TEXT
    assert found.size == len(DATA)


@given(st.integers(20, 500), st.integers(20, 900))
def test_excerpts_that_follow_one_another_are_all_of_it(size: int, part: int) -> None:
    store, _ = console(*((at, min(at + part, len(DATA))) for at in range(0, len(DATA), part)))
    found = RunConsole(store, "p", "r")
    texts, before = [], None
    for _ in range(len(DATA)):
        one = found.tail(size=size, before=before)
        texts.append(one.text)
        if one.lo == 0:
            break
        assert one.lo < one.hi
        before = one.lo
    assert "".join(reversed(texts)) == TEXT


def test_the_tail_is_one_listing_and_one_get_of_so_much() -> None:
    store, _ = console((0, 700), (700, len(DATA)))
    found = RunConsole(store, "p", "r")
    assert dict(store.counts) == {"list": 1}
    end = found.tail(size=100)
    assert TEXT.endswith(end.text)
    assert 80 < len(end.text) <= 100
    assert end.text.startswith("line ")
    assert (end.hi, end.lo) == (len(DATA), len(DATA) - len(end.text))
    assert dict(store.counts) == {"list": 1, "get_tail": 1}
    assert (
        found.tail(size=100, before=end.lo).text + end.text
        == TEXT[-len(end.text) - len(found.tail(size=100, before=end.lo).text) :]
    )


def test_what_no_part_has_is_named_where_it_is_missing() -> None:
    store, _ = console((0, 15), (30, 45))
    assert (
        RunConsole(store, "p", "r").text()
        == f"{DATA[:15].decode()}[lakeboard: 15 bytes are missing here]\n{DATA[30:45].decode()}"
    )
    alone, _ = console((30, 45))
    assert RunConsole(alone, "p", "r").text() == f"[lakeboard: 30 bytes are missing here]\n{DATA[30:45].decode()}"


def test_a_part_that_vanished_or_is_cut_is_a_problem_and_hides_nothing_else() -> None:
    store, inner = console((0, 15), (15, 30), (30, 45))
    found = RunConsole(store, "p", "r")
    key = LogKey("p", "r", W1, 30, 15).path
    inner.delete([key])
    one = found.tail()
    assert one.text == f"{DATA[:15].decode()}[lakeboard: 15 bytes are missing here]\n{DATA[30:45].decode()}"
    assert [(problem.key, problem.kind) for problem in one.problems] == [(key, "missing")]
    inner.put(key, DATA[15:20])
    assert "15 bytes are missing" in RunConsole(store, "p", "r").text()


def test_processes_are_kept_apart_and_the_newest_is_the_one() -> None:
    store, inner = console((0, 15))
    put(inner, (0, 4), data=b"two\n", writer=W2)
    found = RunConsole(store, "p", "r")
    assert [each.writer for each in found.writers] == [W1, W2]
    assert found.tail().text == found.text(W2) == "two\n"
    assert found.text() == f"==> {W1} <==\n{DATA[:15].decode()}\n==> {W2} <==\ntwo\n"
    with pytest.raises(UnknownRun, match=f"there are {W1}, {W2}"):
        found.text("w009-00000009")


def test_lines_are_found_by_what_they_hold() -> None:
    store, inner = console((0, len(DATA)))
    put(inner, (0, 9), data=b"Line 19!\n", writer=W2)
    found = RunConsole(store, "p", "r")
    assert [(each.writer, each.number, each.line) for each in found.search("LINE 19")][:2] == [
        (W1, 20, "line 19 is here"),
        (W2, 1, "Line 19!"),
    ]
    assert [each.line for each in found.search("line 19", limit=1)] == ["Line 19!"]
    assert found.search("line 19", W2)[0].number == 1
    assert found.search("nothing") == []


def test_a_letter_that_is_cut_between_parts_is_whole() -> None:
    data = "äöü\nñ€\n".encode()
    store, _ = console(*((at, at + 1) for at in range(len(data))), data=data)
    found = RunConsole(store, "p", "r")
    assert found.text() == "äöü\nñ€\n"
    assert [found.tail(size=size).text for size in range(1, 8)] == ["\n", "\n", "\n", "€\n", "€\n", "ñ€\n", "ñ€\n"]


def test_other_objects_there_are_passed_over() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    names = ["x.log", f"{W1}.000000000000-000000000000.log"]
    assert consoles_of(ObjectInfo(f"logs/project=p/run_id=r/{name}", 0, at) for name in names) == ()


def test_a_part_that_no_writer_makes_is_not_read() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    sizes = [MOST_PART_BYTES, MOST_PART_BYTES + 1]
    keys = [LogKey("p", "r", writer, size, size) for writer, size in zip((W1, W2), sizes, strict=True)]
    found = consoles_of(ObjectInfo(key.path, key.length, at) for key in keys)
    assert [each.writer for each in found] == [W1]


def test_the_last_lines_of_an_excerpt() -> None:
    store, _ = console((0, len(DATA)))
    one = RunConsole(store, "p", "r").tail().last(2)
    assert (one.text, one.lo) == ("line 58 is here\nline 59 is here\n", len(DATA) - 32)
