"""Callers that wait for the background thread: none is overlooked, none goes on too early."""

from __future__ import annotations

import threading

from lakeboard.logger.background.line import Line, let_through
from lakeboard.logger.native import Bell, Latch


def test_a_closed_line_holds_nobody() -> None:
    line, asked = Line(), list[int]()
    line.close()
    assert line.wait(lambda: asked.append(1), 30)
    assert asked == []


def test_who_waits_for_nothing_goes_on_after_the_timeout() -> None:
    line = Line()
    assert not line.wait(lambda: None, 0.0)
    assert len(line.called()) == 1


def test_closing_lets_those_through_who_wait() -> None:
    line, asked, through = Line(), Latch(), list[bool]()
    waiting = threading.Thread(target=lambda: through.append(line.wait(asked.open, 30)))
    waiting.start()
    assert asked.wait(30)
    line.close()
    waiting.join()
    assert through == [True]


def test_ten_thousand_calls_of_four_threads_are_all_served_without_a_timeout() -> None:
    line, bell, over = Line(), Bell(), threading.Event()
    logged, taken, wrong = [0] * 4, [0] * 4, list[int]()

    def serve() -> None:
        while not over.is_set():
            bell.wait(60)
            called = line.called()
            taken[:] = logged
            let_through(called)

    def call(who: int) -> None:
        for n in range(1, 2_501):
            logged[who] = n
            if not line.wait(bell.ring, 30) or taken[who] < n:
                wrong.append(who)

    serving = threading.Thread(target=serve)
    serving.start()
    callers = [threading.Thread(target=call, args=(who,)) for who in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    over.set()
    bell.ring()
    serving.join()
    assert wrong == []
