"""What a stream shows, as lines: progress bars folded, escapes of terminals removed. Pure; the clock is passed in.

A terminal is imitated as far as programs that draw progress bars use one: a carriage return begins the line anew,
backspaces take letters back, and the cursor goes up to bars that stand above. Of each line the last state is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

KEPT_CHARS: Final = 10_500
"""Of a line in the making; more than a line may have, so that a secret that is cut there can still be known as one."""
_HELD_ROWS: Final = 16
"""Lines that bars may go back to."""
_HELD_SECONDS: Final = 5.0
"""A stream whose cursor went up no later than this is still drawing."""
SHOWN_AGAIN_SECONDS: Final = 60.0
"""So often a bar that goes on is kept as it stands."""
_ESCAPE: Final = re.compile(
    # Cursor up and down and erasing mean something here; colours, titles of windows and the rest do not.
    r"\x1b\[(?P<n>[0-9]{0,6})(?P<move>[ABFEK])|\x1b\[[0-?]{0,200}[ -/]{0,9}[@-~]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_=>78c]"
)
_UNFINISHED: Final = re.compile(r"\x1b(?:\[[0-?]{0,200}[ -/]{0,9}|\][^\x07\x1b]{0,200}\x1b?)?\Z")
_SPECIAL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Row:
    """One line of the imitated screen."""

    __slots__ = ("changed", "drawn", "missing", "restarted", "text")

    def __init__(self) -> None:
        self.text = ""
        self.missing = 0
        """Characters beyond what is kept."""
        self.restarted = False
        """Whether a carriage return came: what is written next takes the place of what is there."""
        self.changed = False
        self.drawn = False
        """Whether it was begun anew at least once."""

    def write(self, text: str) -> None:
        if not text:
            return
        if self.restarted:
            self.text, self.missing, self.restarted, self.drawn = "", 0, False, True
        room = KEPT_CHARS - len(self.text)
        self.text += text[:room] if room > 0 else ""
        self.missing += max(0, len(text) - max(0, room))
        self.changed = True

    def clear(self) -> None:
        self.text, self.missing, self.changed = "", 0, True


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end."""

    text: str
    missing: int = 0
    """Characters at its end that were not kept."""


class Lines:
    """The lines of one stream. Used by one thread at a time."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._rows = [_Row()]
        self._at = 0
        self._waiting = ""
        self._up_until = float("-inf")
        self._drawing = False
        self._shown_at: float | None = None

    def feed(self, text: str, now: float) -> list[Line]:
        """Take what was written; the lines that are whole thereby.

        Args:
            text: in any pieces: a line, an escape or a bar may come in several.
            now: seconds of a monotonic clock.
        """
        text = self._waiting + text
        self._waiting = ""
        if "\x1b" in text:
            cut = _UNFINISHED.search(text)
            if cut is not None:
                text, self._waiting = text[: cut.start()], cut[0]
        out: list[Line] = []
        if len(self._rows) == 1 and _SPECIAL.search(text) is None:
            # Plain lines, as nearly always.
            *whole, rest = text.split("\n")
            for piece in whole:
                self._rows[0].write(piece)
                self._down(out, now)
            self._rows[0].write(rest)
            return out
        position = 0
        for match in _ESCAPE.finditer(text):
            self._plain(text[position : match.start()], out, now)
            if match["move"]:
                self._move(match["move"], min(int(match["n"] or 0), _HELD_ROWS), out, now)
            position = match.end()
        self._plain(text[position:], out, now)
        return out

    def tick(self, now: float) -> list[Line]:
        """Lines that nobody draws any more, and now and then the state of a bar that goes on."""
        out: list[Line] = []
        if len(self._rows) > 1 and now > self._up_until:
            while len(self._rows) > 1:
                self._commit(out)
        row = self._rows[-1]
        if self._drawing and row.changed and row.text.strip():
            if self._shown_at is None:
                self._shown_at = now
            elif now - self._shown_at >= SHOWN_AGAIN_SECONDS:
                self._shown_at = now
                row.changed = False
                out.append(_finished(row))
        return out

    @property
    def unfinished(self) -> str:
        """What stands in lines that are not whole yet, as it would be kept."""
        return "\n".join(row.text for row in self._rows if row.text)

    def finish(self) -> list[Line]:
        """What is left, as lines: the stream ends here."""
        *above, last = self._rows
        out = [_finished(row) for row in above]
        if last.changed and not (last.drawn and not last.text.strip()):
            out.append(_finished(last))
        self._begin()
        return out

    def _plain(self, text: str, out: list[Line], now: float) -> None:
        *whole, rest = text.split("\n")
        for piece in whole:
            self._write(piece)
            self._down(out, now)
        self._write(rest)

    def _write(self, text: str) -> None:
        row = self._rows[self._at]
        parts = text.split("\r")
        for number, part in enumerate(parts):
            if number:
                row.restarted = self._drawing = True
            if "\b" in part:
                self._with_backspaces(row, part)
            else:
                row.write(_CONTROL.sub("", part))

    def _with_backspaces(self, row: _Row, text: str) -> None:
        for part in re.split(r"(\x08+)", text):
            if part.startswith("\b"):
                row.text = row.text[: max(0, len(row.text) - len(part))]
                row.changed = self._drawing = True
            else:
                row.write(_CONTROL.sub("", part))

    def _down(self, out: list[Line], now: float) -> None:
        self._rows[self._at].restarted = False
        self._at += 1
        if self._at == len(self._rows):
            self._rows.append(_Row())
            self._drawing = False
            self._shown_at = None
        else:
            self._rows[self._at].restarted = True
        while len(self._rows) > 1 and (now > self._up_until or len(self._rows) > _HELD_ROWS):
            self._commit(out)

    def _move(self, move: str, count: int, out: list[Line], now: float) -> None:
        if move == "K":
            row = self._rows[self._at]
            # To the end of the line, where a carriage return went before; the whole line; else nothing stands there.
            if count == 2 or row.restarted:
                row.clear()
        elif move in "AF":
            self._up_until = now + _HELD_SECONDS
            wanted = self._at - max(1, count)
            self._at = max(0, wanted)
            self._rows[self._at].restarted = True
        else:
            for _ in range(max(1, count)):
                self._down(out, now)

    def _commit(self, out: list[Line]) -> None:
        row = self._rows.pop(0)
        self._at = max(0, self._at - 1)
        out.append(_finished(row))


def _finished(row: _Row) -> Line:
    # Bars are wiped with spaces.
    return Line(row.text.rstrip() if row.drawn else row.text, row.missing)
