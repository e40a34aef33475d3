"""An HTTP proxy before the test S3 server: sees every request, whoever makes it, and can spoil any."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it came in."""

    verb: str
    path: str
    """Without the query, as sent (percent-encoded)."""
    query: dict[str, list[str]]
    range: str | None
    access_key: str | None = None
    """Whose key it is signed with."""

    @property
    def key(self) -> str:
        """Bucket and key."""
        return unquote(self.path).lstrip("/")

    @property
    def operation(self) -> str:
        """`GET`, `PUT`, `HEAD`, `DELETE`, or what stands behind a bucket-wide verb: `LIST`, `BULK-DELETE`."""
        if "list-type" in self.query:
            return "LIST"
        return "BULK-DELETE" if "delete" in self.query else self.verb


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that the proxy makes up; nothing reaches the server."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Spoil: TypeAlias = Reply | Literal["drop", "lose", "late", "tear"] | None
"""`drop`: hang up before the server sees it. `lose`: the server acts, the answer is lost. `late`: hang up, and the
server sees it when the test calls `land`. `tear`: half of the answer's body. None: pass on."""


def s3_error(status: int, code: str, message: str = "on purpose") -> Reply:
    """An answer as S3 words its errors."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Reply(status, body.encode(), {"Content-Type": "application/xml"})


class S3Proxy:
    """What the proxy has seen, and what it is to spoil."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.endpoint = ""
        self.spoil: Callable[[Request], Spoil] = lambda _: None
        """Asked for each request; may be replaced at any time."""
        self._requests: list[Request] = []
        self._late: list[Callable[[], object]] = []
        self._lock = Lock()

    def hold(self, effect: Callable[[], object]) -> None:
        """Keep a request that is to arrive late."""
        with self._lock:
            self._late.append(effect)

    def land(self) -> int:
        """Let all late requests arrive, the last one first; how many these were."""
        with self._lock:
            effects, self._late = self._late, []
        for effect in reversed(effects):
            effect()
        return len(effects)

    def saw(self, request: Request) -> None:
        """Remember a request."""
        with self._lock:
            self._requests.append(request)

    def take(self) -> list[Request]:
        """The requests since the last take, in order of arrival."""
        with self._lock:
            taken, self._requests = self._requests, []
        return taken

    def operations(self) -> list[str]:
        """Their operations, taken."""
        return [request.operation for request in self.take()]


@contextmanager
def running_s3_proxy(upstream: str) -> Iterator[S3Proxy]:
    """Start a proxy on loopback before the server at `upstream`."""
    proxy = S3Proxy(upstream)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy))
    server.daemon_threads = True
    proxy.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(proxy: S3Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base class names it so
            pass

        def answer(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query, keep_blank_values=True)
            signed = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization") or "")
            request = Request(
                self.command, parts.path, query, self.headers.get("Range"), signed[1] if signed is not None else None
            )
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            proxy.saw(request)
            spoil = proxy.spoil(request)
            if isinstance(spoil, Reply):
                self.reply(spoil.status, spoil.headers, spoil.body)
                return
            if spoil in ("drop", "late"):
                if spoil == "late":
                    proxy.hold(self.deferred(body))
                self.close_connection = True
                return
            status, headers, content = self.forward(body)
            if spoil == "lose":
                self.close_connection = True
                return
            self.reply(status, headers, content, torn=spoil == "tear")

        def deferred(self, body: bytes) -> Callable[[], object]:
            command, path, headers = self.command, self.path, dict(self.headers.items())
            return lambda: self.send(command, path, headers, body)

        def forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            return self.send(self.command, self.path, dict(self.headers.items()), body)

        def send(self, command: str, path: str, sent: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
            connection = http.client.HTTPConnection(proxy.upstream, timeout=30)
            try:
                headers = {name: value for name, value in sent.items() if name.lower() != "expect"}
                connection.request(command, path, body=body, headers=headers)
                answer = connection.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            finally:
                connection.close()

        def reply(self, status: int, headers: dict[str, str], content: bytes, *, torn: bool = False) -> None:
            self.send_response_only(status)
            length = str(len(content))
            for name, value in headers.items():
                if name.lower() == "content-length" and self.command == "HEAD":
                    length = value
                elif name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content[: len(content) // 2] if torn else content)
            if torn:
                self.close_connection = True

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815 the base class looks these names up

    return Handler
