"""Jobs that print all the time are killed at any moment: each line is in the lake once, and no old one is lost."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

import lakeboard
from lakeboard.upkeep.recover import recover_host
from tests.logger.test_process import start

pytestmark = [pytest.mark.process, pytest.mark.slow]

SCRIPT = """
import lakeboard, os, sys, time
from lakeboard.logger.capture import console_log, pace
console_log.PART_BYTES = 2_000
run = lakeboard.init('p', id='a', quiet=True, flush_seconds=0.2)
n = 0
sys.stderr.write('begins\\n')
end = time.monotonic() + 60
while time.monotonic() < end:
    print(f'line {n} at {time.time()}', flush=True)
    n += 1
    time.sleep(0.002)
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_job_that_prints_is_killed_at_any_moment(tmp_path: Path, clean_environment: Path, seed: int) -> None:
    job = start(tmp_path / "lake", SCRIPT)
    assert job.stderr is not None
    assert job.stderr.readline() == "begins\n"
    time.sleep(1.0 + 3 * random.Random(seed).random())
    killed = time.time()
    job.send_signal(signal.SIGKILL)
    shown, _ = job.communicate(timeout=60)
    (done,) = recover_host([Path(os.environ["LAKEBOARD_SPOOL"])])
    assert done.error is None
    text = lakeboard.open(str(tmp_path / "lake")).console("p", "a").text()
    kept = [line for line in text.splitlines() if line.startswith("line ")]
    printed = shown.splitlines()
    assert kept == printed[: len(kept)], "each once, in order"
    lost = printed[len(kept) :]
    # Those that were printed while the background thread slept, and how long this busy machine kept it from its turn.
    assert all(float(line.split()[-1]) > killed - 2.0 for line in lost if line.count(" ") == 3), lost[:1]
    again = recover_host([Path(os.environ["LAKEBOARD_SPOOL"])])
    assert again == []
