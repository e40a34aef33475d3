"""When a running run is shown without a heartbeat: soon after a kill, and never for a store that is only slow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lakeboard.logger.schedule import Schedule
from lakeboard.query.lake import Lake
from lakeboard.query.rows.live_writers import BEAT_GRACE, MISSED_BEATS
from lakeboard.store.memory import MemoryStore
from tests.query.lakes import Writer, note_lake

START = datetime(2026, 11, 1, tzinfo=UTC)
SLOWEST = 60.0


def silent_after(seconds: float, due: float) -> bool:
    now = [START]
    store = MemoryStore(clock=lambda: now[0])
    note_lake(store)
    Writer(store, run_id="r1", due_seconds=due).start().flush()
    now[0] += timedelta(seconds=seconds)
    return bool(Lake(store, wall=lambda: now[0]).runs("digits")["silent"].item())


def test_two_missed_beats_and_a_little_time_for_the_store() -> None:
    for due in (60.0, 135.0, 300.0):
        edge = MISSED_BEATS * due + BEAT_GRACE.total_seconds()
        assert not silent_after(edge, due)
        assert silent_after(edge + 1, due)


@given(
    flush=st.floats(1, 60),
    puts=st.lists(st.tuples(st.booleans(), st.floats(0.01, SLOWEST)), min_size=1, max_size=40),
)
def test_a_living_writer_on_a_busy_store_never_loses_its_heartbeat(
    flush: float, puts: list[tuple[bool, float]]
) -> None:
    # Each PUT lands after up to a minute; the writer looks at its schedule twice a second, as its thread does.
    schedule = Schedule(flush_seconds=flush, now=0.0)
    now, landed, promised = 0.0, 0.0, schedule.promise_seconds(news=True)
    for news, takes in puts:
        while not schedule.due(now, news=news):
            now += 0.5
        now += takes
        gap = timedelta(seconds=now - landed)
        assert gap <= MISSED_BEATS * timedelta(seconds=promised) + BEAT_GRACE
        promised = schedule.promise_seconds(news=news)
        schedule.done(now, news=news)
        landed = now
