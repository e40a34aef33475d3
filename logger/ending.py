"""How a run ended, in words: its status from an exception, and the last line on the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from .carrier import Carrier
from .settings import Settings
from .worker import Ending

if TYPE_CHECKING:
    from .run import Run

EndStatus: TypeAlias = Literal["finished", "failed", "killed"]


def describe_end(error: BaseException | None) -> tuple[EndStatus, str | None]:
    """Status and message of a run that ends with this exception (or none)."""
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return "finished", None
    if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
        return "killed", type(error).__name__
    if isinstance(error, SystemExit):
        return "failed", f"SystemExit: {error.code}"
    try:
        return "failed", f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - an exception whose text raises is an exception all the same
        return "failed", type(error).__name__


def farewell(run: Run, status: EndStatus, ending: Ending, carrier: Carrier, settings: Settings, *, dropped: int) -> str:
    """The line that a run ends with: what is where, and what is left to do."""
    more = f", {dropped:,} more were dropped" if dropped else ""
    if ending.complete:
        return f"run {run.name} {status}: {counted(ending.rows)} in {run.lake}{more}"
    if ending.trouble is None and not carrier.spool_lost and carrier.spool_folder is not None:
        return (
            f"run {run.name} {status}: {counted(ending.rows)} wait in {carrier.spool_folder}{more}. "
            f"Send them to {run.lake} with: {settings.recover_command}"
        )
    short = f"run {run.name} {status}, but {run.lake} did not take everything ({ending.trouble or 'offline'})"
    if carrier.spool_folder is None:
        return f"{short}, and there was no spool: {carrier.waiting_rows:,} points are lost{more}"
    if carrier.spool_lost:
        return (
            f"{short}, and the spool in {carrier.spool_folder} could not be written to the end: up to "
            f"{counted(carrier.waiting_rows)} are lost{more}. Send the others with: {settings.recover_command}"
        )
    return (
        f"{short}. {counted(ending.rows)} safe in {carrier.spool_folder}{more}. "
        f"Send them with: {settings.recover_command}"
    )


def interrupted(run: Run, status: EndStatus, carrier: Carrier, settings: Settings) -> str:
    """The line for a person who did not want to wait for the end (Ctrl-C)."""
    short = f"run {run.name} {status}, interrupted while sending to {run.lake}. "
    if carrier.spool_folder is None or carrier.spool_lost:
        return f"{short}There is no whole spool: up to {counted(carrier.waiting_rows)} are lost"
    return f"{short}What is not there yet is safe in {carrier.spool_folder}. Send it with: {settings.recover_command}"


def counted(points: int) -> str:
    """`1 point`, `1,200 points`."""
    return f"{points:,} point{'' if points == 1 else 's'}"
