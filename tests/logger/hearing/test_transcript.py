from __future__ import annotations

import threading

from lakeboard.logger.hearing.transcript import BACKLOG_CHARS, Transcript


def test_what_was_written_comes_out_in_order() -> None:
    transcript = Transcript()
    transcript.take_in(0, "a")
    transcript.take_in(1, "b")
    assert not transcript.is_empty
    assert transcript.take(10) == ([(0, "a"), (1, "b")], 0)
    assert transcript.is_empty
    assert transcript.take(10) == ([], 0)


def test_it_holds_no_more_than_so_much_and_counts_the_rest() -> None:
    transcript = Transcript()
    for _ in range(30):
        transcript.take_in(0, "x" * 100_000)
    transcript.take_in(0, "y" * 3_000_000)
    first, dropped = transcript.take(150_000)
    assert (len(first), dropped) == (2, 0), "what is missing comes after all that is there"
    rest, dropped = transcript.take(10 * BACKLOG_CHARS)
    assert sum(len(text) for _, text in [*first, *rest]) == BACKLOG_CHARS
    assert dropped == 1_000_000 + 3_000_000
    transcript.take_in(0, "z")
    assert transcript.take(10) == ([(0, "z")], 0)


def test_one_huge_text_is_cut() -> None:
    transcript = Transcript()
    transcript.take_in(0, "x" * (BACKLOG_CHARS + 7))
    pieces, dropped = transcript.take(1)
    assert (len(pieces[0][1]), dropped) == (BACKLOG_CHARS, 7)


def test_threads_lose_nothing() -> None:
    transcript = Transcript()

    def write(number: int) -> None:
        for n in range(2_000):
            transcript.take_in(0, f"{number}:{n} ")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    got: list[str] = []
    while any(thread.is_alive() for thread in threads) or not transcript.is_empty:
        got += [text for _, text in transcript.take(1_000)[0]]
    assert sorted(got) == sorted(f"{number}:{n} " for number in range(4) for n in range(2_000))
    for number in range(4):
        mine = [text for text in got if text.startswith(f"{number}:")]
        assert mine == [f"{number}:{n} " for n in range(2_000)]
