"""The tab of what a run printed."""

from __future__ import annotations

from lakeboard.dashboard.screens.run.printed import ranks_of
from lakeboard.schema.logs.keys import LogKey
from lakeboard.schema.run.row import RunRow
from lakeboard.store.local import LocalStore
from tests.dashboard.driver import Screen
from tests.query.lakes import Writer, loss, note_lake

W1, W2 = "w001-00000001", "w001-00000002"


def printing(lake: str, text: str, writer: str = W1, *, fields: dict[str, object] | None = None) -> None:
    store = LocalStore(lake)
    note_lake(store)
    made = Writer(store, "logs", "r1", rand=writer[-8:], fields=fields or {}).start()
    made.log(loss(3)).finish()
    data = text.encode()
    store.put(LogKey("logs", "r1", writer, len(data), len(data)).path, data)


def test_the_end_is_shown_first_and_older_lines_when_asked_for(screen: Screen, lake: str) -> None:
    text = "".join(f"line {n}\n" for n in range(20_000))
    printing(lake, text)
    screen.open("run", project="logs", run="r1", tab="console")
    first = screen.data("run.console.r1")
    assert text.endswith(first["text"])
    assert 63_000 < len(first["text"]) <= 64_000
    assert (first["older"], first["found"]) == (True, None)
    assert r"last 64\.0 kB of 208\.9 kB" in screen.text()
    screen.trigger("run.console.r1", "older", 1)
    second = screen.data("run.console.r1")
    assert second["text"].endswith(first["text"])
    assert 127_000 < len(second["text"]) <= 128_000
    screen.trigger("run.console.r1", "older", 1)
    last = screen.data("run.console.r1")
    assert (last["text"], last["older"]) == (text, False)


def test_a_search_looks_through_all_of_it(screen: Screen, lake: str) -> None:
    printing(lake, "".join(f"line {n}\n" for n in range(20_000)))
    screen.open("run", project="logs", run="r1", tab="console")
    screen.trigger("run.console.r1", "search", " LINE 7 ".strip())
    found = screen.data("run.console.r1")["found"]
    assert found["lines"][-1] == {"n": 8000, "line": "line 7999"}
    assert found["told"] == "500 lines of all that it printed hold it"
    screen.trigger("run.console.r1", "search", "line 19999")
    assert screen.data("run.console.r1")["found"]["told"] == "1 line of all that it printed holds it"
    screen.trigger("run.console.r1", "search", "")
    assert screen.data("run.console.r1")["found"] is None


def test_a_process_at_a_time(screen: Screen, lake: str) -> None:
    printing(lake, "zero\n", W1, fields={"env": {"rank": "0"}})
    printing(lake, "one\n", W2, fields={"env": {"rank": "1"}})
    screen.open("run", project="logs", run="r1", tab="console")
    choice = screen.at.selectbox(key="run.console.writer.r1")
    assert sorted(choice.options) == [f"rank 0 {W1}", f"rank 1 {W2}"]
    for writer, text in ((W1, "zero\n"), (W2, "one\n")):
        screen.at.selectbox(key="run.console.writer.r1").set_value(writer)
        screen.run()
        assert screen.data("run.console.r1")["text"] == text


def test_a_run_without_a_console_says_why(screen: Screen, lake: str) -> None:
    store = LocalStore(lake)
    note_lake(store)
    Writer(store, "logs", "r1").start().log(loss(3)).finish()
    screen.open("run", project="logs", run="r1", tab="console")
    assert not screen.has("run.console.r1")
    assert "It printed nothing, or did not keep it" in screen.text()


def test_the_traceback_of_a_failed_run_stands_beside_it(screen: Screen, lake: str) -> None:
    trace = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\nValueError: boom\n'
    fields = {"status": "failed", "error": "ValueError: boom", "traceback": trace}
    store = LocalStore(lake)
    note_lake(store)
    Writer(store, "logs", "r1", fields=fields).start().finish(status="failed")
    for tab, is_open in (("console", True), ("metrics", False)):
        screen.open("run", project="logs", run="r1", tab=tab)
        assert any(each.value.strip() == trace.strip() for each in screen.at.code), [
            each.value for each in screen.at.code
        ]
        (panel,) = [each for each in screen.at.expander if each.label == "Traceback"]
        assert panel.proto.expanded == is_open


def test_processes_are_called_by_what_tells_them_apart() -> None:
    first = RunRow("r", W1, env={"rank": "3"})
    assert ranks_of((first,)) == {W1: "rank 3"}
    second = RunRow("r", "w002-00000002", attempt=2)
    assert ranks_of((first, second)) == {W1: "rank 3, attempt 1", "w002-00000002": "attempt 2"}
