"""Artifacts that killed jobs had logged: from their spools into the lake."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..schema.errors import DamagedObject, LakeboardError, LakeFormat, StoreError
from ..schema.run.lineage import Lineage
from ..store.base import Store
from .artifacts.job import carry_out, made_versions, read_job, refuse, waiting_jobs

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of a spool's artifacts."""

    made: tuple[Lineage, ...] = ()
    """All versions that its run has made, before its end and now."""
    sent: int = 0
    """How many of these were made now."""
    refused: tuple[str, ...] = ()
    """Why some can never be made: a sentence each."""


class _StopAsked(Exception):
    pass


def send_artifacts(
    store: Store, spool: Path, *, now_ms: Callable[[], int], stop: Callable[[], bool] = lambda: False
) -> Uploaded | None:
    """Make the versions that a spool's jobs are for; None where it was stopped before all were made.

    No request where there is none. A job whose files changed since is refused and forgotten, and does not keep the
    others. May be repeated.

    Raises:
        StoreError: what is left stays.
        OSError: the spool can't be read, or there is no room for archives.
    """
    sent, refused = 0, []

    def look(_: int = 0) -> None:
        if stop():
            raise _StopAsked

    for folder in waiting_jobs(spool):
        try:
            look()
            job = read_job(folder)
        except DamagedObject as error:
            refused.append(f"an artifact is not stored: {error}")
            refuse(folder)
            continue
        except _StopAsked:
            return None
        try:
            name = job.draft.artifact
            carry_out(store, job, now_ms=now_ms, on_bytes=look)
            sent += 1
        except _StopAsked:
            return None
        except Exception as error:  # one artifact that can't be stored must not keep the others
            if not is_final(error):
                raise
            why = str(error) if isinstance(error, (LakeboardError, OSError)) else f"{type(error).__name__}: {error}"
            refused.append(f"artifact {name!r} is not stored: {why}")
            refuse(folder)
    return Uploaded(made_versions(spool), sent, tuple(refused))


def is_final(error: Exception) -> bool:
    """Whether a job that ended so can never be done: its files are not what they were, or can't be read."""
    if isinstance(error, OSError):
        return not isinstance(error, StoreError) and error.errno not in _NO_ROOM
    return not isinstance(error, (DamagedObject, LakeFormat, MemoryError))
