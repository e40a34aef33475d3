"""Who may speak to a dashboard that only this machine should reach.

A browser on this machine opens any site, and a site's name may be made to lead here (DNS rebinding): its scripts would
then read the lake as if they were ours, and so would a site that shows us in a frame and takes the clicks. So a
dashboard that listens on loopback takes only the names that are its own, and is shown in no other site's frame.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from typing import Final

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS: Final = "LAKEBOARD_HOSTS"
"""Environment variable: further names, with commas, under which a loopback dashboard is reached (a proxy's, say)."""
_FRAMES: Final = ((b"x-frame-options", b"SAMEORIGIN"), (b"content-security-policy", b"frame-ancestors 'self'"))


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches a server that listens on `address`."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def host_name(header: str) -> str:
    """The name in a Host header, in small letters, without port, brackets and a dot at its end."""
    text = header.strip().lower()
    name = text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0]
    return name.removesuffix(".")


def own_names(env: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Names beside those of loopback under which this dashboard may be reached."""
    given = [host_name(each) for each in env.get(HOSTS, "").split(",")]
    given.append(host_name(str(st.get_option("browser.serverAddress") or "")))
    return frozenset(filter(None, given))


class Guard:
    """Refuses what is not for this dashboard, where it listens on loopback; elsewhere it changes nothing.

    Args:
        app: what answers the others.
        address: where the server listens.
        names: see `own_names`.
    """

    def __init__(self, app: ASGIApp, *, address: str | None, names: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._guards = address is not None and is_loopback(address)
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or one connection."""
        if not self._guards or scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not self._is_ours(host_name(hosts[0])):
            await self._refuse(hosts, scope, receive, send)
            return

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in _FRAMES if each[0] not in named)]
            await send(message)

        await self._app(scope, receive, framed)

    def _is_ours(self, name: str) -> bool:
        return is_loopback(name) or name.endswith(".localhost") or name in self._names

    async def _refuse(self, hosts: list[str], scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "not a name of this dashboard"})
            return
        asked = ", ".join(hosts)[:200] or "no host"
        text = (
            f"This dashboard is for its own machine and does not know the name {asked!r}. Open it as localhost, or "
            f"name the proxy before it: {HOSTS}=name lakeboard ui\n"
        )
        await PlainTextResponse(text, status_code=421)(scope, receive, send)
