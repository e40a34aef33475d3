"""Asking a server's routes without a network, as a browser does."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message


class Answer:
    """What the server said."""

    def __init__(self, sent: list[Message]) -> None:
        self.status = sent[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        self.pieces = [each.get("body", b"") for each in sent[1:] if each.get("body")]
        self.body = b"".join(self.pieces)

    @property
    def text(self) -> str:
        """What it says, unpacked."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


def ask(app: ASGIApp, path: str, *, method: str = "GET", keep: bool = True, **headers: str) -> Answer:
    """What an application answers; of headers `_` stands for a dash. What it raises is raised.

    Without `keep` each piece of its body is but its length, as text.
    """
    raw, _, query = path.partition("?")
    sent: list[Message] = []

    asked = iter([{"type": "http.request", "body": b""}])

    async def receive() -> Message:
        message = next(asked, None)
        if message is None:
            # The browser stays.
            await asyncio.Event().wait()
        assert message is not None
        return message

    async def send(message: Message) -> None:
        told = {} if keep or "body" not in message else {"body": str(len(message["body"])).encode()}
        sent.append({**message, **told})

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"accept-encoding", b"gzip"), *named],
    }

    async def asked_once() -> None:
        await app(scope, receive, send)

    asyncio.run(asked_once())
    return Answer(sent)
