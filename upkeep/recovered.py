"""What became of a spool: recovered, left alone, or why it could not be done."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .host import Host, booted_at, standing, this_host
from .spooldir import first_header, last_write, spool_host

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one spool."""

    folder: Path
    run_id: str | None = None
    project: str | None = None
    lake: str | None = None
    status: str | None = None
    rows: int = 0
    """Points of the run, all in the lake now."""
    sent: int = 0
    """Of these, points that were not there before."""
    artifacts: int = 0
    """Versions of artifacts that the run had logged, and that were made now."""
    refused: tuple[str, ...] = ()
    """Artifacts that can never be made, since their files changed: a sentence each."""
    error: str | None = None
    """Why it could not be done, or not to the end; the spool is still there."""
    lost: str | None = None
    """What is in no readable object; with `accept_loss` that is no error."""
    aside: Path | None = None
    """Where a spool with damage was put, once its loss was accepted."""
    elsewhere: str | None = None
    """The other host whose job writes (or wrote) it; it was left alone."""
    silent_seconds: float | None = None
    """For how long it was not written to, where it was left alone as another host's."""


def left_elsewhere(folder: Path, others_after: float | None) -> Recovered | None:
    """What to say of a spool that another host writes, or wrote until lately; None for one that may be recovered."""
    written = last_write(folder)
    header = first_header(folder)
    writer = Host.from_json(header.get("host")) or spool_host(folder)
    if standing(writer, this_host(), last_write=written, booted_at=booted_at()) != "elsewhere" or writer is None:
        return None
    silent = max(0.0, time.time() - written)
    if others_after is not None and silent >= others_after:
        return None
    run = header.get("run")
    return Recovered(
        folder,
        run.get("run_id") if isinstance(run, dict) else None,
        header.get("project"),
        header.get("lake"),
        elsewhere=writer.name,
        silent_seconds=silent,
    )


def withheld(header: Mapping[str, Any]) -> str:
    """Which storage options the job was given that its spool does not keep, for a message."""
    names = header.get("withheld")
    if not isinstance(names, list) or not names:
        return ""
    return (
        f". The job was given {', '.join(map(str, names))} in storage_options, which a spool does not keep: set them "
        "in the environment, or pass them with --storage-option NAME=VALUE"
    )


def said_elsewhere(left: Sequence[Recovered]) -> str:
    """One line about spools of other hosts that were left alone, ending before the command that sends them."""
    hosts: dict[str, list[Recovered]] = {}
    for each in left:
        hosts.setdefault(each.elsewhere or "", []).append(each)
    shown = [
        f"{name} ({len(some)}, last written to {_ago(min(each.silent_seconds or 0.0 for each in some))} ago)"
        for name, some in sorted(hosts.items())
    ]
    more = f" and {len(shown) - _SHOWN} other hosts" if len(shown) > _SHOWN else ""
    return (
        f"{len(left)} spool{'s' * (len(left) > 1)} of {', '.join(shown[:_SHOWN])}{more} left alone, since only their "
        "own host knows whether the job lives; if none of them does, send what they hold with"
    )


def _ago(seconds: float) -> str:
    for unit, name in ((86_400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"
