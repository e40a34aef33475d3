"""Start the dashboard as a process of its own, from a checkout or an installed package alike."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path
from types import TracebackType
from typing import Final

from ...query.lake import ENVIRONMENT
from ...schema.errors import InvalidSetting
from . import child, theme

APP: Final = Path(__file__).parents[1] / "app.py"
STARTER: Final = "LAKEBOARD_STARTER"
"""Environment variable: a word by which whoever starts a server knows it again."""
STARTER_PATH: Final = "lb-assets/starter"
"""Where a server says that word."""
_TRIES: Final = 50
"""Ports that are tried, counting up."""
_WAIT_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0
_ANYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


class Server:
    """A running dashboard. `with` stops it at the end.

    Attributes:
        url: where a browser finds it.
        process: the server's process.
    """

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self.url = url

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def wait(self) -> int:
        """Wait until it ends, and return its exit code; Ctrl-C stops it."""
        try:
            return self.process.wait()
        except KeyboardInterrupt:
            self.stop()
            return 0

    def stop(self) -> None:
        """End it, within some seconds; harmless when it has ended."""
        if not self.running:
            return
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def launch(
    lake_url: str | os.PathLike[str],
    *,
    port: int = 8501,
    host: str = "127.0.0.1",
    open_browser: bool = True,
    wait_seconds: float = _WAIT_SECONDS,
) -> Server:
    """Start a dashboard over a lake and return when it answers.

    It ends with this process, also where that is killed. Nothing is reported to anyone, errors are shown without
    tracebacks, and only this machine reaches it unless `host` says otherwise. What the server says goes to this
    process's standard error.

    Args:
        lake_url: where the lake is; it need not exist yet.
        port: the first to try; the next free one is taken.
        host: the address to listen on.
        open_browser: show it in the system's browser, where there is one.
        wait_seconds: for the server to answer.

    Raises:
        InvalidSetting: no free port, an address this machine does not have, or Streamlit is not installed.
        TimeoutError: it started, but did not answer in time; it is stopped.
        ChildProcessError: it ended at once.
    """
    place = os.fspath(lake_url)
    if "://" not in place:
        # The server may have another working directory.
        place = str(Path(place).expanduser().absolute())
    word = secrets.token_hex(16)
    while True:
        chosen = _free_port(host, port)
        server = Server(_process(place, host, chosen, word), f"http://{_shown(host)}:{chosen}")
        try:
            if _answers(server, word, wait_seconds):
                break
            _free_port(host, chosen, tries=1)
        except InvalidSetting:
            # Somebody took the port after we had looked; what answers there is theirs.
            port = chosen + 1
        except BaseException:
            server.stop()
            raise
        else:
            raise ChildProcessError(
                f"the dashboard ended at once (exit code {server.process.returncode}); what it said stands above. "
                'Is it installed? pip install "lakeboard[dashboard]"'
            )
    if open_browser:
        webbrowser.open(server.url)
    return server


def _process(place: str, host: str, port: int, word: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", child.__name__, "run", str(APP), *theme.flags(),
        f"--server.port={port}", f"--server.address={host}",
    ]  # fmt: skip
    try:
        # S603: our own interpreter and arguments; the lake travels in the environment.
        return subprocess.Popen(  # noqa: S603
            command,
            env={**os.environ, ENVIRONMENT: place, STARTER: word, child.PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            # Ctrl-C is for the caller, who then stops us in order.
            start_new_session=True,
        )
    except OSError as error:
        raise InvalidSetting(f"the dashboard can't be started with {sys.executable}: {error}") from error


def _shown(host: str) -> str:
    name = "localhost" if host in _ANYWHERE else host
    return f"[{name}]" if ":" in name else name


def _free_port(host: str, first: int, *, tries: int = _TRIES) -> int:
    """The first port from `first` on that nobody listens on."""
    if not 1 <= first <= 65535:
        raise InvalidSetting(f"port is {first}; use 1 to 65535, such as 8501")
    last: OSError | None = None
    for port in range(first, min(first + tries, 65536)):
        try:
            with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
                return port
        except PermissionError as error:
            raise InvalidSetting(
                f"port {port} is not allowed for this user; use one above 1023, such as 8501"
            ) from error
        except OSError as error:
            last = error
            if error.errno not in _TAKEN:
                break
    raise InvalidSetting(f"no port to listen on from {first} on at {host!r}: {last}; choose another port or host")


_TAKEN: Final = frozenset({48, 98, 10048})
"""EADDRINUSE on macOS, Linux and Windows."""


def _answers(server: Server, word: str, seconds: float) -> bool:
    """Whether our own server came up: what answers knows the word. False where it ended instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not server.running:
            return False
        try:
            # S310: our own loopback address.
            with urllib.request.urlopen(f"{server.url}/{STARTER_PATH}", timeout=2) as answer:  # noqa: S310
                if answer.read(99) == word.encode():
                    return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.1)
    raise TimeoutError(f"the dashboard did not answer at {server.url} within {seconds:g} s")
