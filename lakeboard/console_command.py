"""`lakeboard show RUN --console`: what a run printed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from .commands import find_run, open_for_reading
from .printing import say

if TYPE_CHECKING:
    from .query.logs.console import Excerpt, RunConsole

_BYTES_A_LINE = 100
"""What a line has, more or less; where lines are longer more is read."""


def show_console(
    lake: str | None, run: str, *, project: str | None, writer: str | None, lines: int | None, as_json: bool
) -> int:
    """Print the last lines of what a run printed (all, with None), and its traceback where it failed.

    With `as_json` one object a line: `writer`, `line`. Where several processes of the run printed, the newest one's
    lines, and the names of the others on stderr.
    """
    opened = open_for_reading(lake)
    where, run_id = find_run(opened, run, project)
    console = opened.console(where, run_id)
    found = last_lines(console, writer, lines)
    for problem in found.problems:
        say(f"lakeboard: {problem.message}", file=sys.stderr)
    if not console.writers:
        say(
            f"lakeboard: {run} has no console; it printed nothing, or did not keep it (init(console=True))",
            file=sys.stderr,
        )
    for line in found.text.splitlines():
        say(json.dumps({"writer": found.writer, "line": line}) if as_json else line)
    traceback = opened.run(where, run_id).row.traceback
    if traceback and not as_json and not found.text.endswith(traceback.rstrip("\n") + "\n"):
        say(f"\nlakeboard: it failed with\n{traceback}", file=sys.stderr)
    others = [each.writer for each in console.writers if each.writer != found.writer]
    if others and writer is None:
        say(f"lakeboard: other processes of this run printed, too; --writer {' | '.join(others)}", file=sys.stderr)
    return 0


def last_lines(console: RunConsole, writer: str | None, lines: int | None) -> Excerpt:
    """The last lines of a console, and with None all of it."""
    size = _BYTES_A_LINE * lines if lines is not None else max(1, console.size)
    found = console.tail(writer, size=size)
    while lines is not None and found.lo and found.text.count("\n") < lines:
        size *= 4
        found = console.tail(writer, size=size)
    kept = found.text.splitlines()
    return found if lines is None or len(kept) <= lines else found.last(lines)
