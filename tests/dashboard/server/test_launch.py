"""The dashboard as a process: it starts, answers, serves the chart library, and stops."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path

import pytest

from lakeboard.dashboard.components.plot import library_path
from lakeboard.dashboard.server import launch as launching
from lakeboard.dashboard.server.launch import STARTER_PATH, Server, launch
from lakeboard.schema.errors import InvalidSetting


def get(url: str, encoding: str = "identity") -> tuple[bytes, HTTPMessage]:
    request = urllib.request.Request(url, headers={"Accept-Encoding": encoding})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200
        return answer.read(), answer.headers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the whole file, behind a port that is taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with launch(tmp_path_factory.mktemp("lakes") / "lake", port=port, open_browser=False) as found:
            assert found.url != f"http://127.0.0.1:{port}"
            yield found
    assert not found.running


@pytest.mark.slow
def test_it_answers_on_the_next_free_port_of_this_machine_alone(server: Server) -> None:
    assert server.running
    assert server.url.startswith("http://127.0.0.1:")
    assert get(f"{server.url}/_stcore/health")[0] == b"ok"


@pytest.mark.slow
def test_the_chart_library_travels_small_and_is_kept(server: Server) -> None:
    address = f"{server.url}/{library_path()}"
    small, headers = get(address, "gzip")
    plain, _ = get(address)
    assert headers["Content-Encoding"] == "gzip"
    assert "immutable" in headers["Cache-Control"]
    assert gzip.decompress(small) == plain
    assert len(small) < len(plain) / 2
    assert b"Plotly" in plain


@pytest.mark.slow
def test_what_streamlit_sends_is_compressed(server: Server) -> None:
    page = get(server.url)[0].decode()
    script = next(part.split('"')[0] for part in page.split('src="./')[1:])
    assert get(f"{server.url}/{script}", "gzip")[1]["Content-Encoding"] == "gzip"


@pytest.mark.slow
def test_a_lake_is_named_from_where_the_caller_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}

    class Started:
        """A process that ended at once."""

        returncode = 3

        def __init__(self, command: list[str], env: dict[str, str], **others: object) -> None:
            seen.update(env)
            self.command = command

        def poll(self) -> int:
            return self.returncode

    monkeypatch.setattr(subprocess, "Popen", Started)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ChildProcessError, match="exit code 3"):
        launch("lake", port=18_500, open_browser=False)
    assert seen["LAKEBOARD_LAKE"] == str(tmp_path / "lake")
    with pytest.raises(ChildProcessError):
        launch("s3://bucket/lake", port=18_500, open_browser=False)
    assert seen["LAKEBOARD_LAKE"] == "s3://bucket/lake"


def test_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="70000"):
        launch("lake", port=70_000)


def test_an_address_that_this_machine_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidSetting, match=r"192\.0\.2\.1"):
        launch("lake", host="192.0.2.1", port=18_600)


@pytest.mark.slow
def test_who_loses_a_race_for_a_port_takes_the_next_and_never_another_ones_server(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken = int(server.url.rpartition(":")[2])
    usual = launching._free_port
    looks = iter([taken])
    # The first look finds the port free, as it was a moment before the other server took it.
    monkeypatch.setattr(launching, "_free_port", lambda host, first, **how: next(looks, 0) or usual(host, first, **how))
    with launch(tmp_path / "lake", port=taken, open_browser=False) as other:
        assert other.url != server.url
        assert get(f"{other.url}/{STARTER_PATH}")[0] != get(f"{server.url}/{STARTER_PATH}")[0]


@pytest.mark.slow
def test_it_starts_by_hand_as_the_manual_says(lake: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            str(launching.APP),
            f"--server.port={port}",
            "--server.headless=true",
        ],
        env={**os.environ, "LAKEBOARD_LAKE": lake},
        stdout=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    server = Server(process, f"http://127.0.0.1:{port}")
    try:
        assert launching._answers(server, "", 60)
        assert get(f"{server.url}/{library_path()}", "gzip")[0]
    finally:
        server.stop()
    server.stop()
    assert not server.running
