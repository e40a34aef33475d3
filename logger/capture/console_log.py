"""The console of one run in one process: cleaned, numbered, spooled, and sent in parts that are written once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...schema.errors import AccessDenied, StoreError
from ...schema.logs.keys import LogKey
from ...store.base import Store
from ..console import Console
from ..hearing.transcript import Transcript
from ..steps import Steps
from .cleaning import Cleaner
from .lines import Lines
from .pace import Pace
from .spooled import SpooledLog

RUN_BYTES: Final = 100_000_000
"""Nothing more is kept of a run's console, of each of its writers."""
PART_BYTES: Final = 1_000_000
"""A part is closed at this size."""
MEMORY_BYTES: Final = 4_000_000
"""What waits where no spool can be written."""
_TURN_CHARS: Final = 20_000
_TURN_SECONDS: Final = 0.1
"""Cleaning takes no longer at once: it shares the interpreter with the training."""
_STREAMS: Final = 2


@dataclass(slots=True)
class _Part:
    """A range that is closed and waits to be sent."""

    lo: int
    hi: int
    path: Path | None
    data: bytes | None


class ConsoleLog:
    """Takes what was printed away and brings it to the lake. Used by one thread at a time; `take` does local work only.

    Points come first: what waits here takes at most a tenth of the room that points may take, and where the lake does
    not take a part, points are flushed all the same.

    Args:
        transcript: where it comes from.
        store: where it goes.
        project: the run's.
        run_id: the run.
        writer: which of its writers.
        folder: the spool's; None keeps what waits in memory.
        console: where to tell that something is not kept.
        room_bytes: what may wait here.
        pace: when parts are sent.
        now: seconds of a monotonic clock.
        run_bytes: what is kept in all.
    """

    def __init__(
        self,
        transcript: Transcript,
        *,
        store: Store,
        project: str,
        run_id: str,
        writer: str,
        folder: Path | None,
        console: Console,
        room_bytes: int,
        pace: Pace,
        now: Callable[[], float],
        run_bytes: int = RUN_BYTES,
    ) -> None:
        self._transcript = transcript
        self._store = store
        self._who = (project, run_id, writer)
        self._console = console
        self._room = room_bytes if folder is not None else min(room_bytes, MEMORY_BYTES)
        self._pace = pace
        self._now = now
        self._run_bytes = run_bytes
        self._spool = SpooledLog(folder, on_loss=self._spool_lost)
        self._lines = [Lines() for _ in range(_STREAMS)]
        self._cleaners = [Cleaner() for _ in range(_STREAMS)]
        self._left: deque[tuple[int, str]] = deque()
        self._dropped = 0
        self._unfinished = [""] * _STREAMS
        self._is_drawing = False
        self._open = bytearray()
        self._lo = self._hi = 0
        self._parts: list[_Part] = []
        self._missing = 0
        self._full = False
        self._over = False

    @property
    def hi(self) -> int:
        """Bytes kept so far."""
        return self._hi

    @property
    def waiting_bytes(self) -> int:
        """Bytes that the lake does not have yet."""
        return sum(part.hi - part.lo for part in self._parts) + self._hi - self._lo

    @property
    def is_due(self) -> bool:
        """Whether a part is to be sent."""
        return not self._over and self.waiting_bytes > 0 and self._pace.due(self._now(), large=self._is_large())

    def take(self, *, last: bool = False) -> None:
        """Take what was printed away: fold, redact, spool it. A tenth of a second at most, but for the last time."""
        if self._over or not (last or self._left or self._is_drawing or not self._transcript.is_empty):
            return
        if self._full:
            # Nothing more is kept: it need not be folded and redacted first.
            self._transcript.forget()
            return
        now = self._now()
        end = now + _TURN_SECONDS
        while (self._left or self._dropped or not self._transcript.is_empty) and (last or self._now() < end):
            if not self._left and self._dropped:
                self._say(f"{self._dropped:,} characters were printed faster than they could be kept")
                self._dropped = 0
            if not self._left:
                pieces, self._dropped = self._transcript.take(_TURN_CHARS)
                self._left.extend(_joined(pieces))
            if self._left:
                stream, text = self._left.popleft()
                if len(text) > _TURN_CHARS:
                    self._left.appendleft((stream, text[_TURN_CHARS:]))
                whole = self._lines[stream].feed(text[:_TURN_CHARS], now)
                for cleaned in self._cleaners[stream].clean(whole):
                    self._add(cleaned)
        for stream, lines in enumerate(self._lines):
            for cleaned in self._cleaners[stream].clean(lines.finish() if last else lines.tick(now)):
                self._add(cleaned)
        self._note_unfinished()
        # A bar that nobody touches any more is seen to once more.
        self._is_drawing = any(self._unfinished)

    def sending(self) -> Steps:
        """The requests that send what is due: one PUT for each part. Fails never: what is left is sent later."""
        if not self.is_due:
            return
        self._close_part()
        try:
            yield from self._put_all()
        except StoreError as error:
            self._refused(error)

    def finishing(self) -> Steps:
        """The requests that send what is left.

        Raises:
            StoreError: call again.
        """
        self.take(last=True)
        self._close_part()
        try:
            yield from self._put_all()
        except AccessDenied as error:
            self._refused(error)

    def close(self, *, complete: bool) -> None:
        """Let go of the spool; what is not in the lake stays there, unless the run is complete without it."""
        if not complete:
            self.take(last=True)
        for part in self._parts if complete else ():
            self._spool.remove(part.path)
        self._spool.close(remove=complete)
        self._parts = []
        self._over = True

    def give_up(self, error: Exception) -> None:
        """Keep nothing more, after a defect of ours; what was kept is sent. Told once."""
        if not self._full:
            self._full = True
            self._console.warn(f"nothing more of what is printed is kept ({type(error).__name__}: {error})")
        self._transcript.forget()
        self._left.clear()

    def _note_unfinished(self) -> None:
        texts = [lines.unfinished for lines in self._lines]
        if texts != self._unfinished and not self._full:
            self._unfinished = texts
            peeked = (cleaner.peek(text) for cleaner, text in zip(self._cleaners, texts, strict=True))
            self._spool.note_unfinished("\n".join(filter(None, peeked)), self._hi)

    def _put_all(self) -> Steps:
        while self._parts:
            part = self._parts[0]
            data = part.data if part.path is None else _read(part.path)
            if data:
                # As long as it really is: a disk may have failed beneath it.
                key = LogKey(*self._who, part.lo + len(data), len(data))
                yield lambda path=key.path, data=data: self._store.put(path, data, durable=True)  # type: ignore[misc]
            self._spool.remove(part.path)
            self._parts.pop(0)
            self._pace.done(self._now())

    def _refused(self, error: StoreError) -> None:
        if not isinstance(error, AccessDenied):
            self._pace.failed(self._now())
            return
        self._console.warn(
            f"{error}: the console of this run is not kept. Allow objects below logs/, or turn it off with "
            "init(console=False)"
        )
        self.close(complete=True)

    def _add(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        if self._full:
            return
        if self._hi + len(data) > self._run_bytes:
            self._full = True
            kept = data[: data.rfind(b"\n", 0, max(0, self._run_bytes - self._hi)) + 1]
            said = f"the console of this run has passed {self._run_bytes / 1e6:,.0f} MB; nothing more of it is kept"
            self._append(kept + f"[lakeboard: {said}]\n".encode())
            self._console.warn(said)
        elif self.waiting_bytes + len(data) > self._room:
            if not self._missing:
                self._console.warn(
                    f"{self._room / 1e6:,.0f} MB of console output wait for the lake: what is printed from here on "
                    "is not kept until it answers; points are"
                )
            self._missing += len(data)
        else:
            if self._missing:
                missing, self._missing = self._missing, 0
                self._say(f"{missing:,} bytes are missing here: the lake did not answer and the spool was full")
            self._append(data)

    def _say(self, what: str) -> None:
        self._append(f"[lakeboard: {what}]\n".encode())

    def _append(self, data: bytes) -> None:
        for at in range(0, len(data), PART_BYTES):
            piece = data[at : at + PART_BYTES]
            if self._spool.works and not self._spool.append(piece, self._lo):
                self._open += self._spool.rescue()[: self._hi - self._lo]
            if not self._spool.works:
                self._open += piece
            self._hi += len(piece)
            if self._hi - self._lo >= PART_BYTES:
                self._close_part()

    def _is_large(self) -> bool:
        return bool(self._parts) or self._hi - self._lo >= PART_BYTES

    def _close_part(self) -> None:
        if self._hi == self._lo:
            return
        path = self._spool.close_file()
        self._parts.append(_Part(self._lo, self._hi, path, None if path is not None else bytes(self._open)))
        self._open.clear()
        self._lo = self._hi

    def _spool_lost(self, error: OSError) -> None:
        self._console.warn(f"can't keep console output on this machine ({error}); it stays in memory until it is sent")
        self._room = min(self._room, MEMORY_BYTES)


def _joined(pieces: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """What came one after the other from one stream as one text."""
    out: list[tuple[int, list[str]]] = []
    for stream, text in pieces:
        if out and out[-1][0] == stream:
            out[-1][1].append(text)
        else:
            out.append((stream, [text]))
    return [(stream, "".join(texts)) for stream, texts in out]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        # Somebody cleared the spool away: what was in it is lost, and told as missing by whoever reads.
        return b""
