"""What a run printed, read by ranges: its end first, older parts on demand."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

from ...schema.errors import MissingObject, StoreError, UnknownRun
from ...schema.logs.keys import LogKey, logs_prefix
from ...schema.problems import Problem, problem_of
from ...store.base import Store
from .ranges import Piece, WriterConsole, consoles_of

TAIL_BYTES: Final = 64_000
_TOGETHER: Final = 16
_HELD_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a writer's console, in whole lines."""

    writer: str
    text: str
    lo: int
    """Its first byte: what is older ends here. 0 where nothing is."""
    hi: int
    problems: tuple[Problem, ...] = ()
    """Parts that could not be read; the text says where."""

    def last(self, lines: int) -> Excerpt:
        """The last lines of it alone."""
        kept = self.text.splitlines(keepends=True)[-lines:]
        text = "".join(kept)
        return replace(self, text=text, lo=self.hi - len(text.encode()))


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """A line that holds what was looked for."""

    writer: str
    number: int
    """Of the line, from 1."""
    line: str


class RunConsole:
    """What the processes of one run printed, as the lake had it when this was made.

    Each process (writer) has a console of its own; a run that was resumed, or that has ranks, has several. Parts that
    overlap, such as those of a recovery, count once. Safe to share between threads; parts of 4 MB in all stay at hand.

    Args:
        store: the lake.
        project: the run's.
        run_id: which.
    """

    def __init__(self, store: Store, project: str, run_id: str) -> None:
        self._store = store
        self.writers: tuple[WriterConsole, ...] = consoles_of(store.list(logs_prefix(project, run_id)))
        """Oldest attempt first."""
        self.run_id = run_id
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"RunConsole({self.run_id!r}, writers={len(self.writers)}, size={self.size})"

    @property
    def size(self) -> int:
        """Bytes of all writers."""
        return sum(each.bytes for each in self.writers)

    def text(self, writer: str | None = None) -> str:
        """All that one process printed, or (None) each, one after the other, with a line that names it.

        One GET for each part; 100 MB for each writer at most.

        Raises:
            UnknownRun: no such writer.
        """
        if writer is not None or len(self.writers) <= 1:
            found = self._writer(writer)
            return "" if found is None else self._read(found, 0, found.bytes).text
        return "\n".join(f"==> {each.writer} <==\n{self._read(each, 0, each.bytes).text}" for each in self.writers)

    def tail(self, writer: str | None = None, *, size: int = TAIL_BYTES, before: int | None = None) -> Excerpt:
        """The last lines of one process: about so many bytes, and whole lines. One ranged GET where one part has them.

        Args:
            writer: which; default the newest.
            size: how many bytes.
            before: end at this byte instead: `lo` of an excerpt gives what is older.

        Raises:
            UnknownRun: no such writer.
        """
        found = self._writer(writer)
        if found is None:
            return Excerpt("", "", 0, 0)
        hi = found.bytes if before is None else max(0, min(before, found.bytes))
        return self._read(found, max(0, hi - max(1, size)), hi)

    def search(self, pattern: str, writer: str | None = None, *, limit: int = 1_000) -> list[ConsoleLine]:
        """Lines that hold a text, in any case of letters; the newest `limit` of them, oldest first.

        Reads all of one process (or, None, of each): one GET for each part.
        """
        wanted = re.compile(re.escape(pattern), re.IGNORECASE)
        out: list[ConsoleLine] = []
        for each in self.writers:
            if writer in (None, each.writer):
                lines = self._read(each, 0, each.bytes).text.splitlines()
                out += [ConsoleLine(each.writer, n, line) for n, line in enumerate(lines, 1) if wanted.search(line)]
        return out[-limit:]

    def _writer(self, writer: str | None) -> WriterConsole | None:
        if writer is None:
            return max(self.writers, key=lambda each: (each.attempt, each.at), default=None)
        found = next((each for each in self.writers if each.writer == writer), None)
        if found is None:
            known = ", ".join(each.writer for each in self.writers) or "none"
            raise UnknownRun(f"no process {writer!r} of run {self.run_id} printed anything; there are {known}")
        return found

    def _read(self, of: WriterConsole, lo: int, hi: int) -> Excerpt:
        pieces = of.between(lo, hi)
        found = self._bytes(pieces)
        out: list[bytes] = []
        problems: list[Problem] = []
        for piece in pieces:
            data = found[piece.lo]
            if isinstance(data, Problem):
                problems.append(data)
                data = None
            out.append(_missing(piece.hi - piece.lo) if data is None else data)
        joined = b"".join(out)
        if lo:
            # In the middle of a line, perhaps of a letter: begin with the next line.
            cut = joined.find(b"\n", 0, len(joined) - 1) + 1
            while not cut and joined[:1] and joined[0] & 0xC0 == 0x80:
                joined, lo = joined[1:], lo + 1
            joined, lo = joined[cut:], lo + cut
        return Excerpt(of.writer, joined.decode("utf-8", "replace"), lo, hi, tuple(problems))

    def _bytes(self, pieces: Sequence[Piece]) -> Mapping[int, bytes | Problem | None]:
        """The bytes of each piece by its first one; None where no part has them."""
        out: dict[int, bytes | Problem | None] = {piece.lo: None for piece in pieces}
        whole: list[tuple[Piece, LogKey]] = []
        for piece in pieces:
            key = piece.key
            if key is None:
                continue
            held = self._held.get(key.path)
            if held is not None:
                out[piece.lo] = held[piece.lo - key.lo : piece.hi - key.lo]
            elif piece.hi == key.hi and piece.lo > key.lo:
                out[piece.lo] = self._end(key, piece)
            else:
                whole.append((piece, key))
        for at in range(0, len(whole), _TOGETHER):
            some = whole[at : at + _TOGETHER]
            answers = self._store.get_many([key.path for _, key in some])
            for piece, key in some:
                data = answers[key.path]
                if isinstance(data, Exception):
                    out[piece.lo] = problem_of(key.path, data)
                else:
                    self._hold(key.path, data)
                    out[piece.lo] = data[piece.lo - key.lo : piece.hi - key.lo]
        return out

    def _end(self, key: LogKey, piece: Piece) -> bytes | Problem:
        try:
            return self._store.get_tail(key.path, piece.hi - piece.lo)
        except (StoreError, MissingObject) as error:
            return problem_of(key.path, error)

    def _hold(self, path: str, data: bytes) -> None:
        with self._lock:
            self._held[path] = data
            while sum(map(len, self._held.values())) > _HELD_BYTES and len(self._held) > 1:
                self._held.popitem(last=False)


def _missing(count: int) -> bytes:
    return f"[lakeboard: {count:,} bytes are missing here]\n".encode()
