"""How a run ended, in words: its status from an exception, and the last line on the console."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from .background.worker import Ending
from .carrier import Carrier
from .inputs.redact import redact_text, redact_traceback
from .settings import Settings

if TYPE_CHECKING:
    from .run import Run

EndStatus: TypeAlias = Literal["finished", "failed", "killed"]
"""What a person may say of a run's end."""
MAX_ERROR_CHARS: Final = 2_000
MAX_TRACEBACK_BYTES: Final = 16_000
"""Of a traceback; where it happened stands at its end, so that more of the end is kept than of the start."""
_HEAD_BYTES: Final = 4_000
_CANCELLED: Final = ("CancelledError", "Cancelled")
"""What asyncio, concurrent.futures and trio call the exception of a task that is called off."""


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended. Nothing in it is secret."""

    status: Literal["finished", "ended", "failed", "killed"] = "finished"
    error: str | None = None
    """In one line, at most 2,000 characters."""
    traceback: str | None = None
    """Where it failed, at most 16 kB; None where nothing was raised."""
    closed_by: str | None = None
    """Who ended it, where that was not the run itself."""


def describe_end(error: BaseException | None) -> End:
    """The end of a run that ends with this exception (or none).

    An exit code other than 0 is a failure: that of the exception that was being handled, where one was.
    """
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return End()
    if isinstance(error, SystemExit):
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is not None:
            told = describe_end(cause)
            if told.status != "finished":
                return told
        return End("failed", shorten_error(f"SystemExit: {error.code}"))
    if isinstance(error, (KeyboardInterrupt, GeneratorExit)) or type(error).__name__ in _CANCELLED:
        return End("killed", type(error).__name__)
    return describe_failure(error)


def describe_failure(error: BaseException) -> End:
    """The end of a run that failed with this exception, whatever it is."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - an exception whose text raises is an exception all the same
        text = type(error).__name__
    return End("failed", shorten_error(text), traceback_text(error))


def stated_end(status: EndStatus, exit_code: int | None, error: str | BaseException | None) -> End:
    """The end that somebody stated; a failure without an error is that of the exception that is being handled."""
    if isinstance(error, BaseException):
        told = describe_failure(error)
        return replace(told, status=status, error=shorten_error(str(error)))
    if status == "failed" and error is None:
        handled = sys.exc_info()[1]
        if handled is not None:
            return replace(describe_failure(handled), status=status)
        error = f"exit code {exit_code}" if exit_code else None
    return End(status, None if error is None else shorten_error(str(error)))


def shorten_error(text: str) -> str:
    """An error's text as a run's row has it: without secrets, at most 2,000 characters."""
    return redact_text(text)[:MAX_ERROR_CHARS]


def traceback_text(error: BaseException) -> str | None:
    """The traceback of an exception and its causes, without secrets, at most 16 kB; None where it was never raised."""
    if error.__traceback__ is None:
        return None
    try:
        text = "".join(traceback.format_exception(error))
    except Exception:  # noqa: BLE001 - foreign exceptions may raise when they are shown; the error's text stays
        return None
    # Cut before secrets are looked for, which takes time in proportion, and again after it.
    return _cut(redact_traceback(_cut(text, 4 * MAX_TRACEBACK_BYTES)), MAX_TRACEBACK_BYTES)


def _cut(text: str, most: int) -> str:
    """Start and end of a text that takes more than `most` bytes, at ends of lines, saying how much is missing."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= most:
        return data.decode()
    note = 60
    head = data[:_HEAD_BYTES].rpartition(b"\n")[0] or data[:_HEAD_BYTES]
    rest = data[-(most - _HEAD_BYTES - note) :]
    tail = rest.partition(b"\n")[2] or rest
    left = f"\n  … {len(data) - len(head) - len(tail):,} bytes are not kept …\n"
    return head.decode("utf-8", "ignore") + left + tail.decode("utf-8", "ignore")


def farewell(run: Run, ending: Ending, carrier: Carrier, settings: Settings, *, dropped: int, refused: int) -> str:
    """The line that a run ends with: what is where, and what is left to do."""
    status = run.row.status
    more = f", {dropped:,} more were dropped" if dropped else ""
    if refused:
        more += f", {refused:,} value{'' if refused == 1 else 's'} could not be kept"
    if ending.complete:
        return f"run {run.name} {status}: {counted(ending.rows, ending.media)} in {run.lake}{more}"
    if ending.trouble is None and not carrier.spool_lost and carrier.spool_folder is not None:
        return (
            f"run {run.name} {status}: {counted(ending.rows, ending.media)} wait in {carrier.spool_folder}{more}. "
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
        f"{short}. {counted(ending.rows, ending.media)} safe in {carrier.spool_folder}{more}. "
        f"Send them with: {settings.recover_command}"
    )


def interrupted(run: Run, carrier: Carrier, settings: Settings) -> str:
    """The line for a person who did not want to wait for the end (Ctrl-C)."""
    short = f"run {run.name} {run.row.status}, interrupted while sending to {run.lake}. "
    if carrier.spool_folder is None or carrier.spool_lost:
        return f"{short}There is no whole spool: up to {counted(carrier.waiting_rows)} are lost"
    return f"{short}What is not there yet is safe in {carrier.spool_folder}. Send it with: {settings.recover_command}"


def counted(points: int, media: int = 0) -> str:
    """`1 point`, `1,200 points`, `1,200 points and 50 media`."""
    beside = f" and {media:,} media" if media else ""
    return f"{points:,} point{'' if points == 1 else 's'}{beside}"
