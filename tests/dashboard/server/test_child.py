"""The server ends with whoever started it, however that was ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lakeboard.ending import signals_end

pytestmark = pytest.mark.process

_CHILD = "import os, time\nfrom lakeboard.dashboard.server.child import end_with\nend_with({parent})\ntime.sleep(60)\n"


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _until(true: bool, port: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if _answers(port) is true:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_server_ends_with_its_command(number: signal.Signals, tmp_path: Path) -> None:
    port = _port()
    command = [sys.executable, "-m", "lakeboard", "ui", "--lake", str(tmp_path / "lake"), "--no-browser"]
    started = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        assert _until(True, port, 60)
        os.kill(started.pid, number)
        assert started.wait(20) == (-9 if number == signal.SIGKILL else 128 + number)
        assert _until(False, port, 15)
    finally:
        started.kill()
        started.wait()


def test_a_parent_that_was_gone_before_the_first_look_ends_it_too() -> None:
    done = subprocess.run([sys.executable, "-c", _CHILD.format(parent=1 << 22)], timeout=30, check=False)
    assert done.returncode == -signal.SIGTERM


def test_it_goes_on_while_its_parent_lives() -> None:
    child = subprocess.Popen([sys.executable, "-c", _CHILD.format(parent=os.getpid())])
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(1.5)
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_in_order(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)
    put_away = []
    try:
        with pytest.raises(SystemExit) as raised, signals_end():
            try:
                signal.raise_signal(number)
            finally:
                signal.raise_signal(number)
                put_away.append(True)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert raised.value.code == 128 + number
    assert put_away == [True]


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_end():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
