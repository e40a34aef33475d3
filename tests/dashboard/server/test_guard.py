"""A dashboard on loopback: for names that are its own, and in nobody's frame."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from lakeboard.dashboard.server.guard import Guard, host_name, is_loopback, own_names


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
    await send({"type": "http.response.body", "body": b"page"})


def _ask(guard: Guard, *hosts: str, kind: str = "http") -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": f"{kind}.connect" if kind == "websocket" else "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", host.encode()) for host in hosts]
    scope: dict[str, Any] = {"type": kind, "method": "GET", "path": "/", "headers": headers}
    asyncio.run(guard(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    "host", ["localhost:8501", "localhost", "LOCALHOST.:1", "127.0.0.1:8501", "127.8.8.8", "[::1]:8501", "a.localhost"]
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_its_own_names_are_let_in(host: str, kind: str) -> None:
    first = _ask(Guard(_page, address="127.0.0.1"), host, kind=kind)[0]
    assert first["type"] == ("websocket.accept" if kind == "websocket" else "http.response.start")
    if kind == "http":
        assert dict(first["headers"]) == {
            b"x-own": b"1",
            b"x-frame-options": b"SAMEORIGIN",
            b"content-security-policy": b"frame-ancestors 'self'",
        }


@pytest.mark.parametrize(
    "hosts",
    [
        ("evil.test",),
        ("evil.test:8501",),
        ("localhost.evil.test",),
        ("10.0.0.7",),
        ("",),
        (),
        ("localhost", "evil.test"),
    ],
)
def test_other_names_are_refused(hosts: tuple[str, ...]) -> None:
    guard = Guard(_page, address="::1")
    answer = _ask(guard, *hosts)
    assert answer[0]["status"] == 421
    assert b"LAKEBOARD_HOSTS" in answer[1]["body"]
    assert _ask(guard, *hosts, kind="websocket") == [
        {"type": "websocket.close", "code": 1008, "reason": "not a name of this dashboard"}
    ]


def test_a_named_proxy_is_let_in() -> None:
    names = own_names({"LAKEBOARD_HOSTS": "Hub.example.org:443, other"})
    assert names >= {"hub.example.org", "other"}
    assert _ask(Guard(_page, address="localhost", names=names), "hub.example.org")[0]["status"] == 200


@pytest.mark.parametrize("address", [None, "0.0.0.0", "::", "10.0.0.7", "board.example.org"])
def test_a_dashboard_for_others_is_not_guarded_here(address: str | None) -> None:
    assert _ask(Guard(_page, address=address), "evil.test")[0]["headers"] == [(b"x-own", b"1")]


def test_names_are_read_out_of_headers() -> None:
    assert [host_name(text) for text in ("A.b:1", "[::1]:2", "[::1]", " x. ")] == ["a.b", "::1", "::1", "x"]
    assert [is_loopback(text) for text in ("localhost", "127.0.0.2", "::1", "0.0.0.0", "a")] == [True] * 3 + [False] * 2
